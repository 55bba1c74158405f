"""What signing in costs besides the slow hash, beside the same rows written raw.

The hash is replaced by one that costs nothing, so that what is left is the library's own work: banner,
throttles, lock, policy, session and audit. Never read a share of the real hash from a clock: 20 ms of
Argon2id drown everything here in noise; the tests count its runs instead.

Ours and the floor work on files of their own, in turns; the median of the rounds is shown. The floor
writes with Python's `sqlite3` alone, its parameters ready made, with the same durability. Django's
`authenticate`, on SQLite in memory and with its cheapest hasher, is shown where Django is installed.

    python benchmarks/sign_in.py [DIRECTORY [ROUNDS]]
"""

import itertools
import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from dcss_core import Actor, Agency, CaseNumber, Irn, KeyRing, Money, Secret, Ssn, open_agency
from dcss_core.cases import CaseApplication, NewObligation, NewParticipant, PersonName, Role
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher
from dcss_core.users import Answer, RegistrationForm, SignedIn

USER_ID: Final = "jane.roe"
PASSWORD: Final = Secret("seven green kites over savannah")
WRONG: Final = Secret("seven red kites over savannah")
SSN: Final = Ssn("900-01-0001", accept_never_issued=True)
BATCH: Final = 40

_UPDATE_ACCOUNT: Final = (
    "UPDATE accounts SET failures=?, locked_until=?, version=? WHERE account_id=? AND version=?"
)
_INSERT_SESSION: Final = "INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_INSERT_ENTRY: Final = "INSERT INTO audit_log VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)"


def opened(storage: str) -> Agency:
    """An agency with one participant, who has an account."""
    agency = open_agency(
        storage,
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret(secrets.token_hex(32))),)),
        hasher=FakeHasher(),
    )
    agency.cases.open(
        CaseApplication(
            case_number=CaseNumber("0004567890"),
            opened_on=date(2026, 1, 2),
            participants=(
                NewParticipant(
                    Role.CUSTODIAL_PARENT,
                    PersonName("Jane", "Roe"),
                    date(1988, 7, 1),
                    ssn=SSN,
                    irn=Irn("CP000001"),
                ),
                NewParticipant(Role.NONCUSTODIAL_PARENT, PersonName("John", "Doe"), date(1986, 3, 5)),
                NewParticipant(Role.CHILD, PersonName("Casey", "Doe"), date(2018, 5, 4)),
            ),
            order_issued_on=date(2024, 3, 1),
            issuing_state="13",
            obligations=(NewObligation(Money("200.00"), begins=date(2026, 1, 1)),),
        ),
        by=Actor.system("intake"),
    )
    questions = agency.accounts.policies().questions
    assert questions is not None
    outcome = agency.accounts.register(
        RegistrationForm(
            user_id=USER_ID,
            password=PASSWORD,
            full_name="Jane Roe",
            birth_date="1988-07-01",
            ssn=SSN,
            irn="CP000001",
            answers=tuple(
                Answer(question.question_id, Secret(f"answer {number}"))
                for number, question in enumerate(questions.catalogue[: questions.count])
            ),
        )
    )
    assert hasattr(outcome, "account_id"), outcome
    return agency


def sign_in(agency: Agency) -> Callable[[], None]:
    """A sign-in that succeeds."""
    agreed = agency.accounts.banner().version

    def call() -> None:
        agency.accounts.sign_in(USER_ID, PASSWORD, banner=agreed, source="203.0.113.7")

    return call


def failed_sign_in(agency: Agency) -> Callable[[], None]:
    """A sign-in that fails for an id nobody has, so that no lock changes what is measured."""
    agreed = agency.accounts.banner().version

    def call() -> None:
        agency.accounts.sign_in("nobody", WRONG, banner=agreed)

    return call


def check(agency: Agency) -> Callable[[], object]:
    """A look at a session, as a front end takes it at every request."""
    outcome = agency.accounts.sign_in(USER_ID, PASSWORD, banner=agency.accounts.banner().version)
    assert isinstance(outcome, SignedIn)
    return lambda: agency.sessions.check(outcome.token)


class Floor:
    """The same rows written raw, each call one durable transaction."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.executescript(
            """
            PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
            CREATE TABLE accounts (account_id TEXT PRIMARY KEY, failures, locked_until, version INT);
            CREATE TABLE sessions (session_id TEXT PRIMARY KEY, a, b, c, d, e, f, g, h, i, j, k, l, m, n);
            CREATE INDEX by_account ON sessions (a, f);
            CREATE TABLE audit_log (seq INTEGER PRIMARY KEY, a, kind, b, subject, c, d, e, f);
            CREATE INDEX by_subject ON audit_log (subject); CREATE INDEX by_kind ON audit_log (kind);
            INSERT INTO accounts VALUES ('a', '[]', NULL, 1);
            """
        )
        self.version = 1
        self.ids = itertools.count()
        now = datetime.now(UTC).isoformat()
        details = '{"account_id":"0123456789abcdef0123456789abcdef","reason":"wrong_password"}'
        account = "account:0123456789abcdef0123456789abcdef"
        self.entry = (
            now,
            "authn_login_fail",
            "public:anonymous",
            account,
            None,
            details,
            bytes(32),
            bytes(320),
        )
        self.session = (now,) * 14

    def insert(self) -> None:
        """One durable insert: the entry of a failed sign-in."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute(_INSERT_ENTRY, self.entry)
        self.connection.execute("COMMIT")

    def sign_in(self) -> None:
        """The rows of a sign-in that succeeds: the account, the session, two entries."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("SELECT * FROM accounts WHERE account_id='a'").fetchall()
        connection.execute(_UPDATE_ACCOUNT, ("[]", None, self.version + 1, "a", self.version))
        connection.execute(_INSERT_SESSION, (f"{next(self.ids):064x}", *self.session))
        connection.executemany(_INSERT_ENTRY, [self.entry, self.entry])
        connection.execute("COMMIT")
        self.version += 1


def django_authenticate() -> Callable[[], object] | None:
    """Django's `authenticate` for a user in SQLite in memory; None where Django is not installed."""
    if find_spec("django") is None:
        return None
    import_module("django.conf").settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes"],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        USE_TZ=True,
    )
    import_module("django").setup()
    import_module("django.core.management").call_command("migrate", verbosity=0)
    users = import_module("django.contrib.auth.models").User.objects
    users.create_user(USER_ID, password=PASSWORD.reveal())
    authenticate = import_module("django.contrib.auth").authenticate
    return lambda: authenticate(username=USER_ID, password=PASSWORD.reveal())


def microseconds(call: Callable[[], object], times: int = BATCH) -> float:
    """What one call costs, over a batch of them."""
    begun = time.perf_counter()
    for _ in range(times):
        call()
    return (time.perf_counter() - begun) / times * 1e6


def compared(
    rounds: int, ours: Callable[[], object], floor: Callable[[], object]
) -> tuple[float, float, float]:
    """Medians of both, measured in turns, and the median of the rounds' ratios."""
    pairs = [(microseconds(ours), microseconds(floor)) for _ in range(rounds)]
    return (
        statistics.median(mine for mine, _ in pairs),
        statistics.median(raw for _, raw in pairs),
        statistics.median(mine / raw for mine, raw in pairs),
    )


def main(directory: Path, rounds: int) -> None:
    """Measure and print."""
    agency, floor = opened(f"sqlite:///{directory}/agency.db"), Floor(directory / "floor.db")
    in_memory = opened("memory:")
    print(f"{'':46}{'ours µs':>10}{'floor µs':>10}{'ratio':>8}")
    for name, ours, raw in (
        ("failed sign-in, durable / one insert", failed_sign_in(agency), floor.insert),
        ("sign-in with session, durable / same rows", sign_in(agency), floor.sign_in),
    ):
        mine, beside, ratio = compared(rounds, ours, raw)
        print(f"{name:46}{mine:10.0f}{beside:10.0f}{ratio:8.2f}")
    authenticate = django_authenticate()
    ours = sign_in(in_memory)
    if authenticate is None:
        mine = statistics.median(microseconds(ours) for _ in range(rounds))
        print(f"{'sign-in in memory / Django authenticate':46}{mine:10.0f}{'-':>10}{'-':>8}")
    else:
        mine, beside, ratio = compared(rounds, ours, authenticate)
        print(f"{'sign-in in memory / Django authenticate':46}{mine:10.0f}{beside:10.0f}{ratio:8.2f}")
    for name, storage in (("memory", in_memory), ("SQLite", agency)):
        each = statistics.median(microseconds(check(storage)) for _ in range(rounds))
        print(f"{f'session check, {name}':46}{each:10.0f}{'-':>10}{'-':>8}")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    so_many = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory(dir=chosen) as folder:
        main(Path(folder), so_many)
