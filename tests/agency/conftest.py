"""An open agency on real parts, with synthetic people, for every test of the verbs."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import attrs
import pytest

from dcss_core import Actor, Agency, CaseNumber, Irn, KeyRing, Money, Month, Secret, Ssn, open_agency
from dcss_core.agency.filing.accounts import ACCOUNTS, STAFF_MEMBERS
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.dates import DateRange
from dcss_core.cases import CaseApplication, NewObligation, NewParticipant, OpeningArrears, PersonName, Role
from dcss_core.errors import BackendError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import (
    Collection,
    Delivered,
    Delivery,
    EventSubscriber,
    JurisdictionRules,
    Message,
    NotificationChannel,
    RecordedEvent,
    RuleBook,
    StorageBackend,
    hookimpl,
)
from dcss_core.ports.keys import MasterKey
from dcss_core.rules.book import Confidence, WrittenValue
from dcss_core.testing import FakeHasher, FrozenClock
from dcss_core.users import Answer, Registered, RegistrationForm, SessionToken, SignedIn
from dcss_core.users.account import AccountKind
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.security_questions import Question
from dcss_core.users.staff.appointment import appoint
from dcss_core.users.staff.member import StaffRole
from dcss_core.users.user_id import UserId

T = TypeVar("T")


# --- people: all synthetic; the SSNs are of areas and groups that nobody issues -----------------------


@attrs.frozen
class Parent:
    """A synthetic parent, and what they type."""

    name: PersonName
    birth_date: date
    ssn: Ssn
    irn: Irn
    email: Secret
    user_id: str
    password: Secret

    def answers(self, questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        return tuple(
            Answer(
                each.question_id, Secret(f"{self.name.last}'s {each.question_id.replace('_', ' ')} of 1995")
            )
            for each in questions
        )

    def participant(self, role: Role) -> NewParticipant:
        return NewParticipant(role, self.name, self.birth_date, ssn=self.ssn, irn=self.irn, email=self.email)


def never_issued(text: str) -> Ssn:
    return Ssn(text, accept_never_issued=True)


@pytest.fixture
def jane() -> Parent:
    """The custodial parent."""
    return Parent(
        name=PersonName("Jane", "Roe"),
        birth_date=date(1988, 7, 1),
        ssn=never_issued("900-01-4321"),
        irn=Irn("CP100200"),
        email=Secret("jane.roe@example.com"),
        user_id="JRoe88",
        password=Secret("seven green kites over savannah"),
    )


@pytest.fixture
def john() -> Parent:
    """The noncustodial parent."""
    return Parent(
        name=PersonName("John", "Doe"),
        birth_date=date(1986, 2, 3),
        ssn=never_issued("901-02-8765"),
        irn=Irn("NCP100200"),
        email=Secret("john.doe@example.com"),
        user_id="john-doe",
        password=Secret("nine brass lanterns by the river"),
    )


# --- the outside ---------------------------------------------------------------------------------------


class ScriptedChannel:
    """A channel that answers as it is told, in turn, and delivers when it was told nothing."""

    def __init__(self) -> None:
        self.script: list[Delivery | BaseException] = []
        self.always: Delivery | None = None
        self.delivered: list[Message] = []
        self.attempts: list[str] = []
        self.closed = 0
        self._lock = threading.Lock()

    def deliver(self, message: Message) -> Delivery:
        with self._lock:
            self.attempts.append(message.message_id)
            answer = self.script.pop(0) if self.script else self.always or Delivered("taken")
            if isinstance(answer, BaseException):
                raise answer
            if isinstance(answer, Delivered):
                self.delivered.append(message)
            return answer

    def close(self) -> None:
        self.closed += 1

    def bodies(self, subject: str) -> list[str]:
        """The texts that arrived under a subject, newest last."""
        return [each.body.reveal() for each in self.delivered if each.subject == subject]

    def assigned_password(self) -> Secret:
        """The assigned password that arrived last: the indented line of the letter."""
        return _indented(self.bodies("Your password was reset")[-1])

    def appointed_password(self, user_id: str) -> Secret:
        """The assigned password with which an account of staff, or a shared one, was set up."""
        bodies = self.bodies("An account was set up for you")
        return _indented(next(body for body in bodies if f"Your user ID is {user_id}." in body))


def _indented(body: str) -> Secret:
    return Secret(next(line.strip() for line in body.splitlines() if line.startswith("    ")))


class ScriptedSubscriber:
    """A subscriber that fails as it is told, in turn, and takes the rest."""

    def __init__(self) -> None:
        self.script: list[Exception | None] = []
        self.taken: list[RecordedEvent] = []
        self.closed = 0

    def receive(self, event: RecordedEvent) -> None:
        failure = self.script.pop(0) if self.script else None
        if failure is not None:
            raise failure
        self.taken.append(event)

    def close(self) -> None:
        self.closed += 1


class Outside:
    """An in-process plugin: channels `letters:NAME` and subscribers `script:NAME`, kept by name."""

    def __init__(self) -> None:
        self.channels: dict[str, ScriptedChannel] = {}
        self.subscribers: dict[str, ScriptedSubscriber] = {}
        self.subscriber_schemes = ("script",)

    def channel(self, name: str = "mail") -> ScriptedChannel:
        return self.channels.setdefault(f"letters:{name}", ScriptedChannel())

    def subscriber(self, name: str = "one") -> ScriptedSubscriber:
        return self.subscribers.setdefault(f"script:{name}", ScriptedSubscriber())

    @hookimpl
    def dcss_notification_channels(self) -> list[NotificationChannel]:
        def opened(url: str) -> ScriptedChannel:
            return self.channel(url.partition(":")[2])

        return [NotificationChannel(key="letters", summary="Letters kept in a list", factory=opened)]

    @hookimpl
    def dcss_event_subscribers(self) -> list[EventSubscriber]:
        def opened(url: str) -> ScriptedSubscriber:
            return self.subscriber(url.partition(":")[2])

        return [
            EventSubscriber(key=scheme, summary="Events kept in a list", factory=opened)
            for scheme in self.subscriber_schemes
        ]


class FragileStorage(MemoryStorage):
    """A storage in memory that fails when it is told to: at the so-many-th call, or at a kind of call."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0
        self.fail_at: int | None = None
        self.fail_on: tuple[str, str] | None = None
        self.error: Exception = BackendError("the disk is full", retryable=False)

    def transaction(self, *, writes: bool) -> Any:
        return FragileTransaction(super().transaction(writes=writes), self)

    def called(self, method: str, collection: str) -> None:
        self.calls += 1
        if self.fail_at == self.calls or self.fail_on == (method, collection):
            raise self.error.with_traceback(None)  # else each raise would show the frames of all before


class FragileTransaction:
    """A transaction of a FragileStorage."""

    def __init__(self, transaction: Any, storage: FragileStorage) -> None:
        self._transaction = transaction
        self._storage = storage

    def __enter__(self) -> "FragileTransaction":
        self._transaction.__enter__()
        return self

    def __exit__(self, *raised: Any) -> None:
        self._transaction.__exit__(*raised)

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
def fragile(opener: Callable[..., Agency], outside: "Outside") -> tuple[Agency, FragileStorage]:
    """An agency and its storage, which can be told to fail."""
    plugin = FragilePlugin()
    return opener("fragile:", plugins=[outside, plugin]), plugin.storage


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
def reform(outside: "Outside") -> Callable[[dict[str, object]], list[object]]:
    """The plugins to open an agency of `US-GA-REFORM` with."""
    return lambda changes: [outside, Reform(changes)]


@pytest.fixture
def outside() -> Outside:
    return Outside()


@pytest.fixture
def mail(outside: Outside) -> ScriptedChannel:
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


@pytest.fixture(params=["memory", "sqlite"])
def storage_url(request: pytest.FixtureRequest) -> str:
    return "memory:" if request.param == "memory" else request.getfixturevalue("sqlite_url")


@pytest.fixture
def opener(
    clock: FrozenClock, keys: KeyRing, hasher: FakeHasher, outside: Outside
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
def case_application(jane: Parent, john: Parent) -> CaseApplication:
    """John pays Jane $200.00 a month for Casey; $50.00 are owed from November."""
    return CaseApplication(
        case_number=CaseNumber("0004567890"),
        opened_on=date(2026, 1, 2),
        participants=(
            john.participant(Role.NONCUSTODIAL_PARENT),
            jane.participant(Role.CUSTODIAL_PARENT),
            NewParticipant(Role.CHILD, PersonName("Casey", "Doe"), date(2018, 5, 4)),
        ),
        order_issued_on=date(2024, 3, 1),
        issuing_state="13",
        obligations=(NewObligation(Money("200.00"), begins=date(2024, 4, 1)),),
        arrears=(OpeningArrears(Month(2025, 11), Money("50.00")),),
    )


@pytest.fixture
def opened_case(agency: Agency, case_application: CaseApplication, intake: Actor) -> CaseNumber:
    return agency.cases.open(case_application, by=intake).case_number


@pytest.fixture
def form_of() -> Callable[..., RegistrationForm]:
    """A parent's registration form, filled in rightly unless changed."""

    def filled_in(agency: Agency, parent: Parent, **changes: Any) -> RegistrationForm:
        questions = agency.accounts.policies().questions
        assert questions is not None
        form = RegistrationForm(
            user_id=parent.user_id,
            password=parent.password,
            full_name=parent.name.full,
            birth_date=parent.birth_date.isoformat(),
            ssn=parent.ssn,
            irn=str(parent.irn),
            answers=parent.answers(questions.catalogue[: questions.count]),
        )
        return attrs.evolve(form, **changes)

    return filled_in


@pytest.fixture
def register(form_of: Callable[..., RegistrationForm]) -> Callable[[Agency, Parent], str]:
    """Registers a parent; gives the id of the account."""

    def registered(agency: Agency, parent: Parent) -> str:
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

    def signed_in(agency: Agency, parent: Parent, password: Secret | None = None) -> SessionToken:
        outcome = agency.accounts.sign_in(
            parent.user_id, password or parent.password, banner=agency.accounts.banner().version
        )
        assert isinstance(outcome, SignedIn), outcome
        return outcome.token

    return signed_in


@pytest.fixture
def staff(agency: Agency, hasher: FakeHasher) -> Callable[..., Actor]:
    """Appoints a member of staff with the roles given; the first one administers accounts besides."""
    appointed: list[Actor] = []

    def appoint(*roles: StaffRole, user_id: str = "") -> Actor:
        by = appointed[0] if appointed else Actor.system("set-up")
        held = roles if appointed else (*roles, StaffRole.ACCOUNT_ADMINISTRATOR)
        chosen = user_id or f"worker-{len(appointed) + 1}"
        email = Secret(f"{chosen}@dcss.example.gov")
        made = agency.staff.appoint(chosen, email=email, roles=held, by=by)
        appointed.append(Actor.staff(made.account_id))
        hasher.runs = 0
        return appointed[-1]

    return appoint


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
def administrator(staff: Callable[..., Actor]) -> Actor:
    """The first member of staff, who administers accounts and nothing else."""
    return staff()


@pytest.fixture
def desk(administrator: Actor, staff: Callable[..., Actor]) -> Actor:
    """Somebody of the help desk."""
    return staff(StaffRole.HELP_DESK)


@pytest.fixture
def janes_account(
    agency: Agency, opened_case: CaseNumber, jane: Parent, register: Callable[[Agency, Parent], str]
) -> str:
    """Jane is a participant of the opened case and has an account."""
    return register(agency, jane)


@pytest.fixture
def reset(mail: ScriptedChannel) -> Callable[..., Any]:
    """Resets a parent's password by their own questions; gives the outcome."""

    def done(agency: Agency, parent: Parent, **changes: Any) -> Any:
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
