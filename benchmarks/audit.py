"""What the tamper-evident audit log costs, beside a plain insert of the same row through `sqlite3`.

Both write into files of their own with the same table, indexes and settings, in turns; the median of the
rounds is shown. The floor gets ready-made parameters, hashes nothing and asks for no number. Commits are
durable on both sides: the directory decides what they cost.

    python benchmarks/audit.py [DIRECTORY [ROUNDS]]
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import ClassVar, Final

import attrs

from dcss_core import Actor, CaseNumber, KeyRing, Money, Secret, open_agency
from dcss_core.agency.work.unit_of_work import AUDIT_LOG
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.record import SALT_BYTES, grown_by
from dcss_core.base.events import Event
from dcss_core.opening.machine import SystemRandomness
from dcss_core.ports.keys import MasterKey
from dcss_core.ports.storage import Row
from dcss_core_sql.storage import SqlStorage

GROUP: Final = 1_000
LENGTH: Final = 100_000
NOW: Final = datetime(2026, 1, 7, 15, tzinfo=UTC)
CLERK: Final = Actor.staff("worker-17")
COLUMNS: Final = (*(field.name for field in AUDIT_LOG.collection.fields), "seq")
_INSERT: Final = f"INSERT INTO audit_log ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


@attrs.frozen
class ReceiptPosted(Event):
    """An event as the library has many."""

    kind: ClassVar[str] = "receipt_posted"
    about: ClassVar[tuple[str, str]] = ("case", "case_number")
    case_number: CaseNumber
    receipt_id: str
    amount: Money


def events(first: int, number: int) -> list[Event]:
    """Made-up events."""
    return [
        ReceiptPosted(CaseNumber(f"{each % 5_000 + 1:09d}"), f"R{each:012d}", Money.from_cents(each * 7))
        for each in range(first, first + number)
    ]


class Ours:
    """The library's audit log, of an agency in a file."""

    def __init__(self, directory: Path) -> None:
        keys = KeyRing((MasterKey("k1", Secret("1" * 64)),))
        self.agency = open_agency(f"sqlite:///{directory}/ours.db", jurisdiction="US-GA", keys=keys)
        self.resources = self.agency.audit._resources

    def audit(self, new: list[Event]) -> Callable[[], None]:
        """Write events down in one transaction."""
        return lambda: self.resources.write(lambda work: work.audit(new, CLERK, "203.0.113.7"))

    def rows(self, last: int) -> list[Row]:
        """The last rows of the log, as they are stored."""
        with self.resources.storage.transaction(writes=False) as transaction:
            return transaction.find(AUDIT_LOG.collection, ("seq",), descending=True, limit=last)[::-1]


class Floor:
    """The same rows through the driver."""

    def __init__(self, directory: Path) -> None:
        made = SqlStorage(f"sqlite:///{directory}/floor.db")
        made.prepare([AUDIT_LOG.collection])
        made.close()
        self.connection = sqlite3.connect(directory / "floor.db", isolation_level=None)
        self.connection.execute("PRAGMA synchronous=FULL")
        self.numbers = count(1)

    def insert(self, rows: list[Row]) -> Callable[[], None]:
        """Insert rows like these in one transaction."""
        parameters = [self._parameters(row) for row in rows]

        def run() -> None:
            self.connection.execute("BEGIN IMMEDIATE")
            self.connection.executemany(_INSERT, parameters)
            self.connection.execute("COMMIT")

        return run

    def _parameters(self, row: Row) -> list[object]:
        stored = {**row, "at": NOW.replace(tzinfo=None).isoformat(" ", "microseconds")}
        return [*(stored[name] for name in COLUMNS[:-1]), next(self.numbers)]


def microseconds(run: Callable[[], object]) -> float:
    """How long one run takes."""
    start = time.perf_counter_ns()
    run()
    return (time.perf_counter_ns() - start) / 1_000


def appending(ours: Ours, floor: Floor, group: int, rounds: int) -> tuple[float, float]:
    """The medians of both for a group of events, per event; what a round needs is made before its clock."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        ours_run = ours.audit(events(turn * group, group))
        floor_run = floor.insert(ours.rows(group))
        for side, run in ((0, ours_run), (1, floor_run))[:: 1 if turn % 2 else -1]:
            taken[side].append(microseconds(run) / group)
    return statistics.median(taken[0]), statistics.median(taken[1])


def hashing(rounds: int) -> float:
    """Entries, canonical JSON, salts and tree of a group, without any storage, per event."""
    salt = SystemRandomness().token_bytes

    def run(new: list[Event]) -> None:
        entries = [AuditEntry.of(each, at=NOW, actor=CLERK, source="203.0.113.7") for each in new]
        grown_by(None, entries, [salt(SALT_BYTES) for _ in entries])

    groups = (events(turn * GROUP, GROUP) for turn in range(rounds))
    return statistics.median(microseconds(lambda new=new: run(new)) / GROUP for new in groups)  # type: ignore[misc]


def proving(ours: Ours, size: int, rounds: int) -> float:
    """An inclusion proof of an entry somewhere in the log, read from the file."""
    places: Iterator[int] = (each * 7_919 % size for each in range(rounds))
    audit, by = ours.agency.audit, Actor.system("audit")
    return statistics.median(
        microseconds(partial(audit.inclusion_proof, place + 1, size, by=by)) for place in places
    )


def main(directory: Path, rounds: int) -> None:
    """Measure and print."""
    ours, floor = Ours(directory), Floor(directory)
    few = max(rounds // 20, 5)
    ours.audit(events(0, GROUP))()
    floor.insert(ours.rows(GROUP))()
    print(f"{'microseconds (median)':<52}{'ours':>9}{'sqlite3':>9}{'ratio':>7}")
    show("durable audit append of one event", *appending(ours, floor, 1, rounds))
    show(f"audit append in groups of {GROUP}, per event", *appending(ours, floor, GROUP, few))
    print(f"{'  of it entries, canonical JSON, hashes and tree':<52}{hashing(few):>9.2f}")
    size = GROUP + rounds + few * GROUP
    for first in range(size, LENGTH, GROUP):
        ours.audit(events(first, min(GROUP, LENGTH - first)))()
    size = max(size, LENGTH)
    print(f"{f'inclusion proof among {size} entries':<52}{proving(ours, size, rounds):>9.1f}")
    start = time.perf_counter()
    found = ours.agency.audit.verify(by=Actor.system("audit"))
    seconds = time.perf_counter() - start
    assert found.is_sound, found
    assert found.size == size
    print(f"verification of {size} entries: {seconds:.2f} s, {seconds / size * 1e6:.1f} microseconds each")
    ours.agency.close()
    floor.connection.close()


def show(work: str, ours: float, floor: float) -> None:
    """Print one line."""
    print(f"{work:<52}{ours:>9.1f}{floor:>9.1f}{ours / floor:>7.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        main(Path(made), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
