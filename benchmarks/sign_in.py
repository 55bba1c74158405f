"""What signing in costs besides the slow hash: beside the same rows written raw, and its own work alone.

First by the clock, with durable commits: ours and the floor work on files of their own, in turns; a call is
the mean of a batch that numbers its entries of the audit log once, and the median of the rounds is shown. The
floor writes with Python's `sqlite3` alone into the same tables, its parameters ready made: one row of the
audit log, or the rows of the same sign-in, those that are numbered later included.

Then by the processor's time, which others on the machine change less: sign-in and a look at a session, in
memory and on SQLite that does not wait for the disk, medians of many small rounds. A fixed loop of Python
runs before each round: in units of it two runs can be compared, however busy the machine was. Django's
`authenticate`, on SQLite in memory and with its cheapest hasher, runs beside it where Django is installed.

    python benchmarks/sign_in.py [DIRECTORY [ROUNDS]]
"""

import secrets
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import Final

import attrs

import portal
from dcss_core import Agency
from dcss_core.agency.work.shapes import written_collections
from dcss_core_sql.opening import open_storage
from portal import Call

BATCH: Final = 64
SMALL: Final = 10
GOALS: Final = {
    "sign-in, memory": 110,
    "sign-in, SQLite": 180,
    "session check, memory": 20,
    "session check, SQLite": 30,
}
GOAL_OF_INSERT: Final = 1.5
_ACCOUNT: Final = (
    "UPDATE accounts SET failed_sign_ins=?, consecutive_failures=?, version=version+1 WHERE account_id=?"
)


class Floor:
    """The same tables and rows through the driver, each call one durable transaction."""

    def __init__(self, path: Path, sample: Path) -> None:
        made = open_storage(f"sqlite:///{path}")
        made.prepare([*written_collections().values()])
        made.close()
        self.connection = sqlite3.connect(path, isolation_level=None)
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("PRAGMA secure_delete=ON")
        self.rows = {}
        with closing(sqlite3.connect(sample)) as ours:
            for table in ("accounts", "sessions", "throttles", "audit_entries", "audit_log"):
                self.rows[table] = ours.execute(f"SELECT * FROM {table} LIMIT 1").fetchone()
        self._insert("accounts", self.rows["accounts"])
        self.account_id = self.rows["accounts"][0]
        self.waiting: list[bytes] = []
        self.numbers = count(1)

    def one_row(self) -> None:
        """One row of the audit log."""
        self.connection.execute("BEGIN IMMEDIATE")
        self._insert("audit_entries", (secrets.token_bytes(24), *self.rows["audit_entries"][1:]))
        self.connection.execute("COMMIT")

    def unknown_id(self) -> None:
        """The rows of a sign-in that fails for nobody's id."""
        self._written({}, entries=1)

    def wrong_password(self) -> None:
        """The rows of one that fails for somebody's, from an address that was never seen."""
        self._written({"throttles": 2}, entries=1, changes_account=True)

    def sign_in(self) -> None:
        """The rows of one that succeeds."""
        self._written({"sessions": 1}, entries=2)

    def _written(self, rows: dict[str, int], *, entries: int, changes_account: bool = False) -> None:
        act = secrets.token_bytes(24)
        self.connection.execute("BEGIN IMMEDIATE")
        if changes_account:
            self.connection.execute(_ACCOUNT, ("[]", 1, self.account_id))
        for table, number in rows.items():
            for _ in range(number):
                self._insert(table, (secrets.token_hex(32), *self.rows[table][1:]))
        for line in range(1, entries + 1):
            self._insert("audit_entries", (act, *self.rows["audit_entries"][1:-1], line))
        self._insert("audit_queue", (act, bytes(32 * entries), 1))
        self.connection.execute("COMMIT")
        self.waiting += [act] * entries
        if len(self.waiting) >= BATCH:
            self._number()

    def _number(self) -> None:
        self.connection.execute("BEGIN IMMEDIATE")
        for line, act in enumerate(self.waiting, 1):
            self._insert("audit_log", (act, line, *self.rows["audit_log"][2:-1], next(self.numbers)))
        self.connection.executemany("DELETE FROM audit_queue WHERE act=?", {(act,) for act in self.waiting})
        self.connection.execute("COMMIT")
        self.waiting.clear()

    def _insert(self, table: str, row: Sequence[object]) -> None:
        self.connection.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


# --- by the clock, durable --------------------------------------------------------------------------------


def microseconds(call: Call, *, between: Call | None = None) -> float:
    """What one call takes, over a batch of them; what has to be done between two of them does not count."""
    taken = 0
    for _ in range(BATCH):
        if between is not None:
            between()
        begun = time.perf_counter_ns()
        call()
        taken += time.perf_counter_ns() - begun
    return taken / BATCH / 1_000


@attrs.frozen
class Durable:
    """A call of ours, the same rows written raw, and what has to happen between two calls."""

    name: str
    ours: Call
    floor: Call
    between: Call | None = None


def durable(directory: Path, rounds: int) -> None:
    """Print what each takes, beside one durable insert and beside its own rows."""
    agency = portal.opened(f"sqlite:///{directory}/agency.db")
    sign_in, wrong = portal.sign_in(agency), portal.wrong_password(agency)
    for _ in range(2 * BATCH):
        sign_in()
        wrong()
    floor = Floor(directory / "floor.db", directory / "agency.db")
    print(f"{'µs, durable (median)':40}{'ours':>9}{'insert':>9}{'ratio':>7}{'rows':>9}{'ratio':>7}")
    for each in (
        Durable("failed sign-in, unknown id", portal.unknown_id(agency), floor.unknown_id),
        Durable("failed sign-in, known id, new address", wrong, floor.wrong_password, between=sign_in),
        Durable("sign-in with session", sign_in, floor.sign_in),
    ):
        taken = [
            (
                microseconds(each.ours, between=each.between),
                microseconds(floor.one_row),
                microseconds(each.floor),
            )
            for _ in range(rounds)
        ]
        ours, insert, rows = (statistics.median(side) for side in zip(*taken, strict=True))
        to_insert = statistics.median(mine / raw for mine, raw, _ in taken)
        to_rows = statistics.median(mine / raw for mine, _, raw in taken)
        goal = f"  goal {GOAL_OF_INSERT} x insert" if each.between else ""
        print(f"{each.name:40}{ours:9.0f}{insert:9.0f}{to_insert:7.2f}{rows:9.0f}{to_rows:7.2f}{goal}")


# --- own work, by the processor ---------------------------------------------------------------------------


def processor(call: Call, times: int) -> float:
    """Microseconds of the processor for one call."""
    begun = time.process_time_ns()
    for _ in range(times):
        call()
    return (time.process_time_ns() - begun) / times / 1_000


def fixed_loop() -> int:
    """Some plain Python, always the same."""
    found: dict[int, tuple[int, int]] = {}
    last = 0
    for number in range(400):
        found[number & 15] = (last, number)
        last = len(found) + number
    return last


def own_work(calls: dict[str, Call], rounds: int) -> None:
    """Print the processor's time for each call, in turns."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for call in calls.values():
        processor(call, BATCH)
    for _ in range(rounds):
        for name, call in calls.items():
            loop = processor(fixed_loop, SMALL)
            taken[name].append((processor(call, SMALL), loop))
    print(f"\n{'µs of the processor':40}{'median':>9}{'least':>9}{'fixed loops':>13}{'goal':>7}")
    for name, found in taken.items():
        median, least = statistics.median(mine for mine, _ in found), min(mine for mine, _ in found)
        loops = statistics.median(mine / loop for mine, loop in found)
        print(f"{name:40}{median:9.1f}{least:9.1f}{loops:13.2f}{GOALS.get(name, '-'):>7}")


def calls_of(directory: Path) -> dict[str, Call]:
    """What is measured by the processor."""
    calls: dict[str, Call] = {}
    not_waiting = f"sqlite:///{directory}/own.db?synchronous=off"
    agencies: dict[str, Agency] = {"memory": portal.opened("memory:"), "SQLite": portal.opened(not_waiting)}
    kinds: dict[str, Callable[[Agency], Call]] = {
        "sign-in": portal.sign_in,
        "failed sign-in, unknown id": portal.unknown_id,
        "session check": portal.session_check,
    }
    for kind, made in kinds.items():
        for where, agency in agencies.items():
            calls[f"{kind}, {where}"] = made(agency)
    authenticate = django_authenticate()
    if authenticate is None:
        print("\nDjango is not installed: its authenticate() is left out")
    else:
        calls["Django authenticate, SQLite in memory"] = authenticate
    return calls


def django_authenticate() -> Call | None:
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
    users.create_user("jane", password="seven green kites over savannah")
    authenticate = import_module("django.contrib.auth").authenticate
    return lambda: authenticate(username="jane", password="seven green kites over savannah")


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    so_many = int(sys.argv[2]) if len(sys.argv) > 2 else 15
    with tempfile.TemporaryDirectory(dir=chosen) as folder:
        durable(Path(folder), so_many)
        own_work(calls_of(Path(folder)), so_many * 10)
