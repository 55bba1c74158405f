"""An open agency on real parts, with synthetic people, for every test of the verbs."""

import csv
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest

import dcss_core.rules.federal as federal
from dcss_core import Actor, Agency, CaseNumber, KeyRing, Money, Month, Secret, open_agency
from dcss_core.agency.filing.accounts import ACCOUNTS, STAFF_MEMBERS
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.dates import DateRange
from dcss_core.cases import CaseApplication, OpeningArrears
from dcss_core.errors import BackendError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import (
    Collection,
    JurisdictionRules,
    RuleBook,
    StorageBackend,
    hookimpl,
)
from dcss_core.ports.keys import MasterKey
from dcss_core.rules.book import Confidence, WrittenValue
from dcss_core.testing import (
    JANE_ROE,
    JOHN_DOE,
    FakeHasher,
    FrozenClock,
    Mailbox,
    ScriptedPlugin,
    SyntheticParent,
    case_application as built_application,
    registration_form,
)
from dcss_core.users import Registered, RegistrationForm, SessionToken, SignedIn
from dcss_core.users.account import AccountKind
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.staff.appointment import appoint
from dcss_core.users.staff.member import StaffRole
from dcss_core.users.user_id import UserId

from .leaks.fixtures import officer_of, scene_of, told, watch  # noqa: F401  # of two folders
from .office import Office

T = TypeVar("T")


# --- people: all synthetic; the SSNs are of areas and groups that nobody issues -----------------------


@pytest.fixture
def jane() -> SyntheticParent:
    """The custodial parent."""
    return JANE_ROE


@pytest.fixture
def john() -> SyntheticParent:
    """The noncustodial parent."""
    return JOHN_DOE


# --- the outside ---------------------------------------------------------------------------------------


class FragileStorage(MemoryStorage):
    """A storage in memory that fails when it is told to: at the so-many-th call, or at a kind of call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.fail_at: int | None = None
        self.fail_on: tuple[str, str] | None = None
        self.error: Exception = BackendError("the disk is full", retryable=False)

    @property
    def busy_seconds(self) -> float:
        return 0.2  # who meets a failure that may pass tries anew for so long

    def transaction(self, **options: Any) -> Any:
        return FragileTransaction(super().transaction(**options), self)

    def called(self, method: str, collection: str) -> None:
        self.calls += 1
        if self.fail_at == self.calls or self.fail_on == (method, collection):
            raise self.error.with_traceback(None)  # else each raise would show the frames of all before


class FragileTransaction:
    """A transaction of a FragileStorage."""

    def __init__(self, block: Any, storage: FragileStorage) -> None:
        self._block = block
        self._storage = storage

    def __enter__(self) -> "FragileTransaction":
        self._transaction = self._block.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._block.__exit__(*raised)

    def __getattr__(self, method: str) -> Callable[..., Any]:
        def call(collection: Collection, *arguments: Any, **options: Any) -> Any:
            self._storage.called(method, collection.name)
            return getattr(self._transaction, method)(collection, *arguments, **options)

        return call


class FragilePlugin:
    """An in-process plugin: the one storage `fragile:`."""

    def __init__(self) -> None:
        self.storage = FragileStorage()

    @hookimpl
    def dcss_storage_backends(self) -> list[StorageBackend]:
        return [StorageBackend("fragile", "In memory, breakable", factory=lambda url: self.storage)]


@pytest.fixture
def fragile_plugin() -> FragilePlugin:
    """A storage that can be told to fail, to open one agency with."""
    return FragilePlugin()


@pytest.fixture
def fragile_opener(opener: Callable[..., Agency]) -> Callable[..., tuple[Agency, FragileStorage]]:
    """Opens an agency with these plugins and a storage that can be told to fail; gives both."""

    def opened(*plugins: object, **changes: Any) -> tuple[Agency, FragileStorage]:
        fragile = FragilePlugin()
        return opener("fragile:", plugins=[*plugins, fragile], **changes), fragile.storage

    return opened


@pytest.fixture
def fragile(
    fragile_opener: Callable[..., tuple[Agency, FragileStorage]], outside: ScriptedPlugin
) -> tuple[Agency, FragileStorage]:
    """An agency and its storage, which can be told to fail."""
    return fragile_opener(outside)


class Reform:
    """An in-process plugin: `US-GA-REFORM`, Georgia's rules with some of them amended."""

    def __init__(self, changes: dict[str, object]) -> None:
        self.changes = changes

    @hookimpl
    def dcss_jurisdictions(self) -> list[JurisdictionRules]:
        # from the day on which the accounts' rules begin
        days, citation = DateRange(date(2025, 8, 1)), "made up for a test"
        values = tuple(
            WrittenValue(key, value, days, citation, Confidence.CERTAIN)
            for key, value in self.changes.items()
        )
        book = RuleBook("a test's reform", values=values)
        return [JurisdictionRules("US-GA-REFORM", "Georgia, amended", lambda: book, extends="US-GA")]


@pytest.fixture
def reform(outside: ScriptedPlugin) -> Callable[[dict[str, object]], list[object]]:
    """The plugins to open an agency of `US-GA-REFORM` with."""
    return lambda changes: [outside, Reform(changes)]


@pytest.fixture
def federal_rows() -> list[dict[str, Any]]:
    """The federal table of permissions, as rows that a reform can change."""
    table = Path(federal.__file__).with_name("permissions_verbs.csv")
    return [
        {name: cell or None for name, cell in row.items()} | {"people": int(row["people"] or 1)}
        for row in csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    ]


@pytest.fixture
def outside() -> ScriptedPlugin:
    return ScriptedPlugin()


@pytest.fixture
def mail(outside: ScriptedPlugin) -> Mailbox:
    """The channel the agency is opened with."""
    return outside.channel()


@pytest.fixture
def clock() -> FrozenClock:
    # Wednesday, 10:00 in Atlanta
    return FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC))


@pytest.fixture
def keys() -> KeyRing:
    return KeyRing((MasterKey("k1", Secret("1" * 64)),))


@pytest.fixture
def hasher() -> FakeHasher:
    return FakeHasher()


# --- the agency ----------------------------------------------------------------------------------------


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/agency.db"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on every storage what depends on it: races, and what is marked `on_every_storage`.

    What any storage has to keep is in its kit; a verb that asks it for nothing new is tried in memory alone.
    """
    marks = metafunc.definition.iter_markers("parametrize")
    chosen = any(mark.args[0] == "storage_url" for mark in marks)
    matters = metafunc.definition.get_closest_marker("on_every_storage") or "at_once" in metafunc.fixturenames
    if "storage_url" in metafunc.fixturenames and matters and not chosen:
        metafunc.parametrize("storage_url", ["memory", "sqlite", "postgresql"], indirect=True)


@pytest.fixture
def storage_url(request: pytest.FixtureRequest) -> str:
    chosen = getattr(request, "param", "memory")
    return "memory:" if chosen == "memory" else str(request.getfixturevalue(f"{chosen}_url"))


@pytest.fixture
def numbering_job(storage_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plays the job that numbers the audit log where writers do not queue: it ran just before each look."""
    if storage_url.startswith("postgresql:"):
        number = Resources.number_what_waits
        monkeypatch.setattr(
            Resources,
            "number_what_waits",
            lambda resources, *, by_job=True, waits=True: number(resources, by_job=False, waits=waits),
        )


@pytest.fixture
def opener(
    clock: FrozenClock, keys: KeyRing, hasher: FakeHasher, outside: ScriptedPlugin, numbering_job: None
) -> Iterator[Callable[..., Agency]]:
    """Opens agencies under Georgia's rules and closes them in the end; the arguments are `open_agency`'s."""
    opened: list[Agency] = []

    def open_one(url: str, **changes: Any) -> Agency:
        arguments = {
            "jurisdiction": "US-GA",
            "keys": keys,
            "channels": ["letters:mail"],
            "plugins": [outside],
            "clock": clock,
            "hasher": hasher,
        } | changes
        opened.append(open_agency(url, **arguments))
        return opened[-1]

    yield open_one
    for agency in opened:
        agency.close()


@pytest.fixture
def agency(opener: Callable[..., Agency], storage_url: str) -> Agency:
    return opener(storage_url)


@pytest.fixture
def intake() -> Actor:
    """The job that opens cases."""
    return Actor.system("intake")


@pytest.fixture
def case_application() -> CaseApplication:
    """John pays Jane $200.00 a month for Casey; $50.00 are owed from November."""
    return built_application(arrears=(OpeningArrears(Month(2025, 11), Money("50.00")),))


@pytest.fixture
def opened_case(agency: Agency, case_application: CaseApplication, intake: Actor) -> CaseNumber:
    return agency.cases.open(case_application, by=intake).case_number


@pytest.fixture
def form_of() -> Callable[..., RegistrationForm]:
    """A parent's registration form, filled in rightly unless changed."""
    return registration_form


@pytest.fixture
def believed_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lets a clock jump through the years, as if the agency had written something in every month of them."""
    from dcss_core.agency.work.trail import borne_out

    monkeypatch.setattr(borne_out, "_A_MONTH", timedelta(days=36_500))


@pytest.fixture
def register(form_of: Callable[..., RegistrationForm]) -> Callable[[Agency, SyntheticParent], str]:
    """Registers a parent; gives the id of the account."""

    def registered(agency: Agency, parent: SyntheticParent) -> str:
        outcome = agency.accounts.register(form_of(agency, parent))
        assert isinstance(outcome, Registered), outcome
        return outcome.account_id

    return registered


@pytest.fixture
def attempt() -> Callable[..., Any]:
    """Tries to sign in, the notice of monitoring accepted unless changed; gives the outcome."""

    def tried(agency: Agency, user_id: str, password: Secret, **changes: Any) -> Any:
        accepted = {"banner": agency.accounts.banner().version}
        return agency.accounts.sign_in(user_id, password, **(accepted | changes))

    return tried


@pytest.fixture
def reasons() -> Callable[..., list[str]]:
    """The reasons that the audit entries of a kind give, in order."""

    def given(agency: Agency, kind: str = "authn_login_fail") -> list[str]:
        entries = [entry for _, entry in agency.audit.entries(by=Actor.system("audit")) if entry.kind == kind]
        return [json.loads(entry.details)["reason"] for entry in entries]

    return given


@pytest.fixture
def sign_in() -> Callable[..., SessionToken]:
    """Signs a parent in; gives the token."""

    def signed_in(agency: Agency, parent: SyntheticParent, password: Secret | None = None) -> SessionToken:
        outcome = agency.accounts.sign_in(
            parent.user_id, password or parent.password, banner=agency.accounts.banner().version
        )
        assert isinstance(outcome, SignedIn), outcome
        return outcome.token

    return signed_in


@pytest.fixture
def staff(agency: Agency, hasher: FakeHasher) -> Office:
    """Appoints a member of staff with the roles given; the first one administers accounts besides."""
    return Office(agency, hasher)


@pytest.fixture
def by_two(staff: Office) -> Callable[[Callable[[Actor], T]], T]:
    """Has an act done by two account administrators, of whom the first member of staff is the second."""
    return staff.by_two


@pytest.fixture
def long_appointed() -> Callable[..., Actor]:
    """Stores a member of staff whom the agency has had for long: no entry of the log speaks of them."""

    def stored(agency: Agency, account_id: str, *roles: StaffRole) -> Actor:
        made = appoint(
            account_id,
            UserId(account_id),
            AccountKind.STAFF,
            roles=roles,
            email=Secret(f"{account_id}@dcss.example.gov"),
            assigned_hash=PasswordHash("$none"),
            good_until=datetime(2026, 1, 8, tzinfo=UTC),
            now=datetime(2026, 1, 7, tzinfo=UTC),
        )
        assert made.member is not None

        def save(work: UnitOfWork) -> None:
            work.insert(ACCOUNTS, [made.account])
            work.insert(STAFF_MEMBERS, [made.member])

        agency.cases._door._resources.write(save)
        return Actor.staff(account_id)

    return stored


@pytest.fixture
def clerk_of(long_appointed: Callable[..., Actor]) -> Callable[[Agency], Actor]:
    """Somebody who works on cases and payments in an agency."""
    return lambda agency: long_appointed(agency, "worker-17", StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK)


@pytest.fixture
def clerk(agency: Agency, clerk_of: Callable[[Agency], Actor]) -> Actor:
    """Somebody who works on cases and payments."""
    return clerk_of(agency)


@pytest.fixture
def administrator(staff: Office) -> Actor:
    """The first member of staff, who administers accounts and nothing else."""
    return staff.first


@pytest.fixture
def desk(administrator: Actor, staff: Office) -> Actor:
    """Somebody of the help desk."""
    return staff(StaffRole.HELP_DESK)


@pytest.fixture
def janes_account(
    agency: Agency,
    opened_case: CaseNumber,
    jane: SyntheticParent,
    register: Callable[[Agency, SyntheticParent], str],
) -> str:
    """Jane is a participant of the opened case and has an account."""
    return register(agency, jane)


@pytest.fixture
def reset(mail: Mailbox) -> Callable[..., Any]:
    """Resets a parent's password by their own questions; gives the outcome."""

    def done(agency: Agency, parent: SyntheticParent, **changes: Any) -> Any:
        asked = agency.recovery.questions(changes.get("ssn", parent.ssn))
        given = {"full_name": parent.name.full, "ssn": parent.ssn, "answers": parent.answers(asked)}
        return agency.recovery.reset_password(**(given | changes))

    return done


# --- what tests look at -------------------------------------------------------------------------------------


@pytest.fixture
def kinds() -> Callable[..., list[str]]:
    """The kinds of the audit entries after a number, in order."""

    def kinds_after(agency: Agency, after: int = 0) -> list[str]:
        return [entry.kind for _, entry in agency.audit.entries(after=after, by=Actor.system("audit"))]

    return kinds_after


@pytest.fixture
def last_number() -> Callable[[Agency], int]:
    """The number of the newest audit entry."""
    return lambda agency: max(
        (number for number, _ in agency.audit.entries(by=Actor.system("audit"))), default=0
    )


@pytest.fixture
def at_once() -> Callable[[int, Callable[[], T]], list[T]]:
    """Runs a call in so many threads that all start together; gives every result."""

    def run(threads: int, call: Callable[[], T]) -> list[T]:
        start = threading.Barrier(threads)

        def one(_: int) -> T:
            start.wait()
            return call()

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(one, range(threads)))

    return run
