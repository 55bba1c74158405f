"""What the SQLite storage costs, beside the same SQL through Python's `sqlite3` alone.

Both work on files of their own with the same tables, indexes and settings, in turns, so that a busy
moment of the machine falls on both; the median of the rounds is shown. The floor gets its parameters
ready made and checks nothing. Commits are durable on both sides: the directory decides what they cost.
Counting is also set beside finding the same rows and taking the length of the list. Opening is what a new
process takes longer than one that imports the same of the library and opens nothing.

    python benchmarks/storage.py [DIRECTORY [ROUNDS]]
"""

import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from dcss_core.plugins import Collection, Field, FieldKind, Row
from dcss_core_sql.opening import open_storage

CASES: Final = Collection(
    name="cases",
    fields=(
        Field("case_number", FieldKind.TEXT),
        Field("county", FieldKind.TEXT),
        Field("balance_cents", FieldKind.INTEGER),
        Field("is_open", FieldKind.BOOLEAN),
        Field("opened_on", FieldKind.DATE),
        Field("changed_at", FieldKind.INSTANT),
        Field("closed_on", FieldKind.DATE, optional=True),
        Field("sealed", FieldKind.BYTES),
    ),
    key="case_number",
    indexes=(("county", "opened_on"),),
)
EVENTS: Final = Collection(
    name="events",
    fields=(
        Field("subject", FieldKind.TEXT),
        Field("kind", FieldKind.TEXT),
        Field("at", FieldKind.INSTANT),
        Field("details", FieldKind.TEXT),
    ),
    indexes=(("subject",),),
    log=True,
)
BULK: Final = 2_000
PAGE: Final = 50
EACH: Final = 17
COLLECTIONS: Final = 26  # as an agency has
COUNTED: Final = 10_000  # of ten times as many
_INSERT: Final = "INSERT INTO cases VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
_UPDATE: Final = (
    "UPDATE cases SET county=?, balance_cents=?, is_open=?, opened_on=?, changed_at=?, closed_on=?, "
    "sealed=?, version=? WHERE case_number=? AND version=?"
)
_FIND: Final = (
    "SELECT case_number, county, balance_cents, is_open, opened_on, changed_at, closed_on, sealed, version "
    "FROM cases WHERE county=? ORDER BY opened_on, case_number LIMIT ?"
)


_COUNT: Final = "SELECT COUNT(*) FROM cases WHERE county=?"
_GET: Final = (
    "SELECT case_number, county, balance_cents, is_open, opened_on, changed_at, closed_on, sealed, version "
    "FROM cases WHERE case_number=?"
)
_GET_EACH: Final = _GET.replace("=?", f" IN ({', '.join('?' * EACH)})")
# What is imported of the library whatever the storage is; what opening adds; the same by the driver alone.
_IMPORTED: Final = f"""
import sys
from dcss_core.plugins import Collection, Field, FieldKind, StorageBackend, UrlOptions
fields = (Field("case_number", FieldKind.TEXT), Field("county", FieldKind.TEXT), Field("on", FieldKind.DATE))
declared = [
    Collection(f"cases_{{number}}", fields, "case_number", indexes=(("county", "on"),))
    for number in range({COLLECTIONS})
]
"""
_OPENED: Final = """
from dcss_core_sql.opening import open_storage
storage = open_storage(f"sqlite:///{sys.argv[1]}")
storage.prepare(declared)
with storage.transaction(writes=False) as transaction:
    transaction.get(declared[0], "none")
"""
_BARE: Final = """
import sqlite3
connection = sqlite3.connect(sys.argv[1])
connection.execute("SELECT * FROM cases_0 WHERE case_number = ?", ["none"]).fetchall()
"""


def case_row(
    number: int, county: str = "Fulton"
) -> dict[str, str | int | bool | date | datetime | bytes | None]:
    """One case of a made-up caseload."""
    return {
        "case_number": f"{number:09d}",
        "county": county,
        "balance_cents": number * 101,
        "is_open": True,
        "opened_on": date(2020, 1, 1) + timedelta(days=number % 2_000),
        "changed_at": datetime(2026, 1, 7, 15, tzinfo=UTC) + timedelta(microseconds=number),
        "closed_on": None,
        "sealed": b"\x00" * 60,
    }


def event_row(number: int) -> dict[str, str | datetime]:
    """One entry of a log."""
    at = datetime(2026, 1, 7, 15, tzinfo=UTC)
    return {"subject": f"{number:09d}", "kind": "ReceiptPosted", "at": at, "details": '{"cents": 24369}'}


def as_stored(row: Row) -> list[object]:
    """The values of a row as the driver takes them."""
    stored: list[object] = []
    for value in row.values():
        if isinstance(value, datetime):
            stored.append(value.replace(tzinfo=None).isoformat(" ", "microseconds"))
        else:
            stored.append(value.isoformat() if isinstance(value, date) else value)
    return stored


class Ours:
    """The storage of the library."""

    def __init__(self, directory: Path) -> None:
        self.storage = open_storage(f"sqlite:///{directory}/ours.db")
        self.storage.prepare([CASES, EVENTS])

    def insert(self, first: int, count: int, county: str) -> Callable[[], None]:
        """Insert cases in one transaction."""
        rows = [case_row(number, county) for number in range(first, first + count)]

        def run() -> None:
            with self.storage.transaction(writes=True) as transaction:
                transaction.insert(CASES, rows)

        return run

    def verb(self, number: int) -> Callable[[], None]:
        """One case inserted, one replaced, one event appended: what a verb does."""
        new, changed, event = case_row(number), case_row(number - 1), event_row(number)

        def run() -> None:
            with self.storage.transaction(writes=True) as transaction:
                transaction.insert(CASES, [new])
                transaction.replace(CASES, changed, expected_version=1)
                transaction.append(EVENTS, [event])

        return run

    def find(self, county: str) -> Callable[[], None]:
        """A page of cases as rows."""

        def run() -> None:
            with self.storage.transaction(writes=False) as transaction:
                assert len(transaction.find(CASES, ("county", "opened_on"), [county], limit=PAGE)) == PAGE

        return run

    def get(self, *numbers: int) -> Callable[[], None]:
        """Each of these cases by its key, one after the other, in one snapshot: a session check gets two."""
        keys = [f"{number:09d}" for number in numbers]

        def run() -> None:
            with self.storage.transaction(writes=False) as transaction:
                for key in keys:
                    assert transaction.get(CASES, key)

        return run

    def get_each(self, first: int) -> Callable[[], None]:
        """Some cases by their keys, at once."""
        keys = [f"{first + number:09d}" for number in range(EACH)]

        def run() -> None:
            with self.storage.transaction(writes=False) as transaction:
                assert all(transaction.get_each(CASES, keys))

        return run

    def count(self, county: str) -> Callable[[], None]:
        """How many cases a county has."""

        def run() -> None:
            with self.storage.transaction(writes=False) as transaction:
                assert transaction.count(CASES, ("county", "opened_on"), [county]) == COUNTED

        return run

    def find_all(self, county: str) -> Callable[[], None]:
        """The same number by loading every case."""

        def run() -> None:
            with self.storage.transaction(writes=False) as transaction:
                assert len(transaction.find(CASES, ("county", "opened_on"), [county])) == COUNTED

        return run


class Floor:
    """The same SQL through the driver; what it reads stays as the driver gave it."""

    def __init__(self, directory: Path) -> None:
        made = open_storage(f"sqlite:///{directory}/floor.db")
        made.prepare([CASES, EVENTS])
        made.close()
        self.connection = sqlite3.connect(directory / "floor.db", isolation_level=None)
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("PRAGMA secure_delete=ON")

    def insert(self, first: int, count: int, county: str) -> Callable[[], None]:
        """Insert cases in one transaction."""
        rows = [[*as_stored(case_row(number, county)), 1] for number in range(first, first + count)]

        def run() -> None:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(_INSERT, rows)
            self.connection.execute("COMMIT")

        return run

    def verb(self, number: int) -> Callable[[], None]:
        """One case inserted, one replaced, one event appended: what a verb does."""
        new = [*as_stored(case_row(number)), 1]
        key, *changed = as_stored(case_row(number - 1))
        event = as_stored(event_row(number))

        def run() -> None:
            execute = self.connection.execute
            execute("BEGIN IMMEDIATE")
            execute(_INSERT, new)
            execute(_UPDATE, [*changed, 2, key, 1])
            [(last,)] = execute("SELECT max(seq) FROM events").fetchall()
            execute("INSERT INTO events VALUES (?, ?, ?, ?, ?)", [*event, (last or 0) + 1])
            execute("COMMIT")

        return run

    def find(self, county: str) -> Callable[[], None]:
        """A page of cases as tuples."""

        def run() -> None:
            self.connection.execute("BEGIN")
            assert len(self.connection.execute(_FIND, (county, PAGE)).fetchall()) == PAGE
            self.connection.execute("COMMIT")

        return run

    def get(self, *numbers: int) -> Callable[[], None]:
        """Each of these cases by its key."""
        keys = [f"{number:09d}" for number in numbers]

        def run() -> None:
            self.connection.execute("BEGIN")
            for key in keys:
                assert self.connection.execute(_GET, (key,)).fetchone()
            self.connection.execute("COMMIT")

        return run

    def get_each(self, first: int) -> Callable[[], None]:
        """Some cases by their keys, at once."""
        keys = [f"{first + number:09d}" for number in range(EACH)]

        def run() -> None:
            self.connection.execute("BEGIN")
            assert len(self.connection.execute(_GET_EACH, keys).fetchall()) == EACH
            self.connection.execute("COMMIT")

        return run

    def count(self, county: str) -> Callable[[], None]:
        """How many cases a county has."""

        def run() -> None:
            self.connection.execute("BEGIN")
            [(number,)] = self.connection.execute(_COUNT, (county,)).fetchall()
            assert number == COUNTED
            self.connection.execute("COMMIT")

        return run


def microseconds(run: Callable[[], None]) -> float:
    """How long one run takes."""
    start = time.perf_counter_ns()
    run()
    return (time.perf_counter_ns() - start) / 1_000


def in_turns(
    ours: Callable[[int], Callable[[], None]], other: Callable[[int], Callable[[], None]], rounds: int
) -> tuple[float, float]:
    """The medians of both; what a round needs is made before its clock starts."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        runs = (ours(turn), other(turn))
        for side in (0, 1) if turn % 2 else (1, 0):
            taken[side].append(microseconds(runs[side]))
    return statistics.median(taken[0]), statistics.median(taken[1])


def compare(directory: Path, rounds: int) -> None:
    """Print what each kind of work takes on both sides."""
    ours, floor = Ours(directory), Floor(directory)
    for side in (ours, floor):
        side.insert(0, 1, "Fulton")()
        side.insert(500_000_000, PAGE * 4, "DeKalb")()
    few = max(rounds // 50, 5)
    print(f"{'microseconds (median)':<44}{'ours':>9}{'sqlite3':>9}{'ratio':>7}")
    show(
        "durable transaction of 3 rows",
        *in_turns(lambda turn: ours.verb(turn + 1), lambda turn: floor.verb(turn + 1), rounds),
    )
    first = 600_000_000
    bulk = in_turns(
        lambda turn: ours.insert(first + turn * BULK, BULK, "Cobb"),
        lambda turn: floor.insert(first + turn * BULK, BULK, "Cobb"),
        few,
    )
    show(f"bulk insert of {BULK} rows, per row", bulk[0] / BULK, bulk[1] / BULK)
    page = in_turns(lambda _: ours.find("DeKalb"), lambda _: floor.find("DeKalb"), rounds)
    show(f"find {PAGE} rows", *page)
    known = 500_000_000
    got = in_turns(
        lambda turn: ours.get(known + turn % 100), lambda turn: floor.get(known + turn % 100), rounds
    )
    show("get a record, in a snapshot of its own", *got)
    checked = in_turns(lambda _: ours.get(known, known + 9), lambda _: floor.get(known, known + 9), rounds)
    show("get two in one snapshot, as a session check", *checked)
    each = in_turns(
        lambda turn: ours.get_each(known + turn % 100),
        lambda turn: floor.get_each(known + turn % 100),
        rounds,
    )
    show(f"get {EACH} at once", *each)
    compare_counting(ours, floor, few)
    compare_opening(directory, few)
    ours.storage.close()
    floor.connection.close()


def compare_counting(ours: Ours, floor: Floor, rounds: int) -> None:
    """Print what counting a tenth of the cases takes, beside the driver and beside loading them."""
    for side in (ours, floor):
        for tenth in range(10):
            side.insert(700_000_000 + tenth * COUNTED, COUNTED, f"County {tenth}")()
    county = "County 4"
    counted = in_turns(lambda _: ours.count(county), lambda _: floor.count(county), rounds)
    show(f"count {COUNTED:,} of {COUNTED * 10:,} rows", *counted)
    loaded = in_turns(lambda _: ours.count(county), lambda _: ours.find_all(county), rounds)
    show("  beside the length of find, ours too", *loaded, digits=4)


def compare_opening(directory: Path, rounds: int) -> None:
    """Print what opening takes a new process, beside opening the file alone."""
    file = f"{directory}/many.db"
    run_apart(_OPENED, file)  # the tables are made once
    taken = [[run_apart(program, file) for program in ("", _OPENED, _BARE)] for _ in range(rounds)]
    imported, ours, bare = map(statistics.median, zip(*taken, strict=True))
    show(f"open {COLLECTIONS} collections in a new process", ours - imported, bare - imported)


def run_apart(program: str, *arguments: str) -> float:
    """How long a process computes, in microseconds; how long it waits depends on what else runs."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", _IMPORTED + program, *arguments], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime) * 1_000_000


def show(work: str, ours: float, other: float, *, digits: int = 2) -> None:
    """Print one line."""
    print(f"{work:<44}{ours:>9.1f}{other:>9.1f}{ours / other:>7.{digits}f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        compare(Path(made), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000)
