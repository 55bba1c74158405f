"""An agency with everybody and everything in it that a verb can be about, kept so that it can be begun anew.

Its clock stands still and its randomness follows from a seed, so that the same verb on the same state saves
the same rows, byte for byte. Everything here is synthetic.
"""

import base64
import hashlib
import hmac
import struct
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

import attrs

from dcss_core import Actor, Agency, KeyRing, Money, Secret, open_agency
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.shapes import written_collections
from dcss_core.memory import MemoryStorage
from dcss_core.opening.capped_hasher import CappedHasher
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.ports.keys import MasterKey
from dcss_core.ports.storage import Row, Storage
from dcss_core.testing import (
    JANE_ROE,
    FakeHasher,
    FrozenClock,
    ScriptedPlugin,
    SentPayment,
    SyntheticParent,
    case_application,
    registration_form,
    remittance_file,
    synthetic_parent,
)
from dcss_core.users import StaffRole
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

BEGIN: Final = datetime(2026, 1, 7, 15, 0, tzinfo=UTC)
RING: Final = KeyRing((MasterKey("k1", Secret("1" * 64)),))
CASE, OTHER_CASE = "0004567890", "0004567891"
JANE: Final = JANE_ROE
MARY: Final = synthetic_parent(2, "Mary Hill")
PAYER_OF_MARY: Final = synthetic_parent(1, "Al Hill")
NEW_PASSWORD: Final = Secret("eleven copper kettles on a raft")
WRONG: Final = Secret("not what anybody chose")
SOURCE: Final = "203.0.113.7"
AUDIT, INTAKE, REMITTANCE = Actor.system("audit"), Actor.system("intake"), Actor.system("remittance")
DISPATCH, RETENTION = Actor.system("dispatch"), Actor.system("retention")
REMINDERS, IDLENESS = Actor.system("reminders"), Actor.system("idleness")

State = Mapping[str, list[Row]]
"""Every row of every collection."""


class Randomness:
    """Bytes that follow from a seed and from how many were drawn before."""

    def __init__(self, seed: str) -> None:
        self.seed, self.drawn = seed, 0

    def token_bytes(self, count: int) -> bytes:
        self.drawn += 1
        return hashlib.shake_256(f"{self.seed}:{self.drawn}".encode()).digest(count)


class App:
    """An authenticator app. Written from RFC 4226, with hmac alone."""

    def __init__(self, begun: Any) -> None:
        self._secret = base64.b32decode(parse_qs(urlsplit(begun.shown.reveal()).query)["secret"][0])

    def code(self, now: datetime) -> Secret:
        digest = hmac.new(self._secret, struct.pack(">Q", int(now.timestamp()) // 30), hashlib.sha1).digest()
        offset = digest[-1] & 15
        number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
        return Secret(f"{number % 1_000_000:06}")


class Kept(Protocol):
    """What a kind of storage keeps, so that any number of storages can begin with it."""

    def __call__(self) -> Storage: ...


def memory_keeping(storage: MemoryStorage) -> Kept:
    """Storages in memory that begin with what one holds now."""
    tables = storage._committed.tables

    def begun() -> MemoryStorage:
        made = MemoryStorage()
        made._committed.tables = tables
        return made

    return begun


def sqlite_keeping(storage: SqlStorage) -> Kept:
    """SQLite files that begin with what one holds now; it is closed by this."""
    storage.close()
    path = Path(storage._database.location.path)
    content = path.read_bytes()
    path.unlink()

    def begun() -> SqlStorage:
        return sqlite_in(path.parent, content)

    return begun


_FILES = iter(range(10**9))


def sqlite_in(folder: Path, content: bytes | None = None) -> SqlStorage:
    """A storage in a new file; nothing has to be on disk, for no power is lost here."""
    path = folder / f"{next(_FILES)}.db"
    if content is not None:
        path.touch(0o600)
        path.write_bytes(content)
    storage = open_storage(f"sqlite:///{path}?synchronous=off")
    storage.prepare(tuple(written_collections().values()))
    return storage


class Given:
    """An in-process plugin: the storage `given:`, which is the one it was made with."""

    def __init__(self, storage: Storage) -> None:
        self.storage = storage

    @hookimpl
    def dcss_storage_backends(self) -> list[StorageBackend]:
        return [StorageBackend("given", "The storage of this campaign", lambda url: self.storage)]


@attrs.define(slots=False)
class World:
    """One agency on one storage, what stands outside of it, and what scenarios need to know."""

    agency: Agency
    storage: Storage
    clock: FrozenClock
    randomness: Randomness
    outside: ScriptedPlugin
    things: dict[str, Any] = attrs.field(factory=dict)

    def __getattr__(self, name: str) -> Any:
        try:
            return vars(self)["things"][name]
        except KeyError:
            raise AttributeError(name) from None

    @property
    def mail(self) -> Any:
        return self.outside.channel()

    def state(self) -> State:
        """All that is committed, read through the port."""
        return state_of(self.storage)

    def sign_in(self, parent: SyntheticParent, password: Secret | None = None, **changes: Any) -> Any:
        banner = self.agency.accounts.banner().version
        return self.agency.accounts.sign_in(
            parent.user_id, password or parent.password, **{"banner": banner} | changes
        )

    def letters(self) -> None:
        self.agency.outbox.dispatch(by=DISPATCH)

    def use_keys(self, ring: KeyRing) -> None:
        """Go on with other keys, as if the agency was opened anew."""
        resources = self.agency._resources
        with_ring = attrs.evolve(resources, sealer=Sealer(ring, self.randomness))
        with_ring._policies = resources._policies
        self.agency = attrs.evolve(self.agency, resources=with_ring)

    def close(self) -> None:
        """Close the storage, which leaves nothing; what is outside stays."""
        self.storage.close()
        location = getattr(
            self.storage, "_location", None
        )  # of a file; it may be asked for through a wrapper
        if location is not None:
            Path(location.path).unlink()


def state_of(storage: Storage) -> State:
    with storage.transaction(writes=False) as transaction:
        return {
            each.name: [dict(row) for row in transaction.find(each, each.key_fields)]
            for each in written_collections().values()
        }


@attrs.frozen
class Moment:
    """A world as it is at one moment, from which any number of equal ones begin."""

    world: World
    kept: Kept
    instant: datetime
    delivered: tuple[Any, ...]
    published: tuple[str, ...]
    taken: tuple[Any, ...]

    @classmethod
    def of(cls, world: World) -> "Moment":
        is_memory = isinstance(world.storage, MemoryStorage)
        keeping = memory_keeping if is_memory else sqlite_keeping
        return cls(
            world,
            keeping(world.storage),
            world.clock.instant,
            tuple(world.mail.delivered),
            tuple(world.outside.sink().kept),
            tuple(world.outside.subscriber().taken),
        )

    def begin(self, seed: str, wrapped: Callable[[Storage], Storage] = lambda storage: storage) -> World:
        """An equal world of its own; only what is outside of the agency is shared, and put back."""
        storage = wrapped(self.kept())
        clock, randomness = FrozenClock(self.instant), Randomness(seed)
        outside = self.world.outside
        outside.channel().delivered[:] = self.delivered
        outside.sink().kept[:] = self.published
        outside.subscriber().taken[:] = self.taken
        resources = attrs.evolve(
            self.world.agency._resources,
            storage=storage,
            clock=clock,
            randomness=randomness,
            sealer=Sealer(self.world.agency._resources.sealer.ring, randomness),
            hasher=CappedHasher(FakeHasher(), 1),
        )
        resources._policies = self.world.agency._resources._policies  # read once for all
        resources._waits_since = BEGIN  # so that the first verb that writes numbers what waits
        agency = attrs.evolve(self.world.agency, resources=resources)
        return World(agency, storage, clock, randomness, outside, dict(self.world.things))


def opened_world(storage: Storage) -> World:
    """An agency opened on a storage without anything in it."""
    outside, clock, randomness = ScriptedPlugin(), FrozenClock(BEGIN), Randomness("base")
    agency = open_agency(
        "given:",
        jurisdiction="US-GA",
        keys=RING,
        channels=["letters:mail"],
        subscribers=["script:one"],
        checkpoint_sinks=["script:one"],
        plugins=[outside, Given(storage)],
        clock=clock,
        randomness=randomness,
        hasher=FakeHasher(),
    )
    return World(agency, storage, clock, randomness, outside)


def populated(storage: Storage) -> World:
    """An agency with staff, two families, money that came, and letters that wait."""
    world = opened_world(storage)
    _appoint(world)
    _open_cases(world)
    _register(world)
    _enrol(world)
    _receive(world)
    world.letters()
    world.agency.audit.publish(by=AUDIT)
    email, roles = Secret("w9@dcss.example.com"), (StaffRole.HELP_DESK,)
    for by in (world.colleague, world.admin):
        world.agency.staff.appoint("worker-9", email=email, roles=roles, by=by)  # a letter waits
    world.clock.move(minutes=3)
    return world


def _appoint(world: World) -> None:
    def appointed(user_id: str, people: Sequence[Actor], *roles: StaffRole) -> Actor:
        said = {"email": Secret(f"{user_id}@dcss.example.com"), "roles": roles}
        *_, made = [world.agency.staff.appoint(user_id, **said, by=by) for by in people]
        return Actor.staff(made.account_id)

    set_up = [Actor.system("set-up")]
    admin = appointed("admin", set_up, StaffRole.ACCOUNT_ADMINISTRATOR)
    colleague = appointed("colleague", set_up, StaffRole.ACCOUNT_ADMINISTRATOR)
    both = (admin, colleague)
    world.things |= {
        "admin": admin,
        "colleague": colleague,
        "desk": appointed("desk", both, StaffRole.HELP_DESK),
        "approver": appointed("approver", both, StaffRole.RESET_APPROVER),
        "officer": appointed("officer", both, StaffRole.RECORDS_OFFICER),
        "clerk": appointed("clerk", both, StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK),
        "other_clerk": appointed("other-clerk", both, StaffRole.PAYMENT_CLERK),
    }


def _open_cases(world: World) -> None:
    for number, changes in ((CASE, {}), (OTHER_CASE, {"payer": PAYER_OF_MARY, "payee": MARY})):
        world.agency.cases.open(case_application(number, **changes), by=INTAKE)
        world.agency.payments.charge(by=world.clerk)


def _register(world: World) -> None:
    for name, parent in (("jane", JANE), ("mary", MARY)):
        made = world.agency.accounts.register(registration_form(world.agency, parent))
        world.things[f"{name}s_account"] = made.account_id
    world.things["token"] = world.sign_in(JANE).token
    world.things["other_token"] = world.sign_in(JANE).token


def _enrol(world: World) -> None:
    """Mary has a second factor, and saved codes."""
    token = world.sign_in(MARY).token
    app = App(world.agency.second_factors.begin(token, MARY.password))
    made = world.agency.second_factors.confirm(token, app.code(world.clock.now()))
    world.clock.move(seconds=30)  # the code that confirmed is used up
    world.things |= {"app": app, "marys_token": made.token, "saved_codes": made.saved_codes}


def _receive(world: World) -> None:
    content = remittance_file(
        SentPayment("150.00"),
        SentPayment("7.00", case="0009999999"),
        SentPayment("1700.00", case="0009999998"),
        SentPayment("0.00", ended=True),
    )
    world.things["received"] = content
    batch = world.agency.payments.receive(content, by=REMITTANCE)
    world.things["file_id"] = batch.file.file_id
    world.things["receipt_id"] = next(each.receipt_id for each in batch.receipts if each.case_number)
    world.things["held_id"], world.things["much_held_id"] = (
        each.receipt_id for each in sorted(batch.receipts, key=_amount) if not each.case_number
    )


def _amount(receipt: Any) -> Money:
    return receipt.amount


def base(kind: str) -> Moment:
    """The populated agency in memory or on SQLite, made once a run."""
    if kind not in _BASES:
        storage = MemoryStorage() if kind == "memory" else sqlite_in(Path(_FOLDER.name))
        _BASES[kind] = Moment.of(populated(storage))
    return _BASES[kind]


_BASES: dict[str, Moment] = {}
_FOLDER: Final = TemporaryDirectory(ignore_cleanup_errors=True)
LATER: Final = timedelta(days=8 * 366)
A_MONTH: Final = timedelta(days=32)
"""So much later nearly everything that can expire has."""
