"""What the audit log costs, beside the same rows through the driver alone.

The floor writes into a file of its own with the same tables, indexes and settings, in turns with ours; the
medians of the rounds are shown. It is bare `sqlite3`: for one durable entry it gets ready-made parameters;
for groups it also makes the JSON, the salts and the hashes, by the shortest Python that gives the same bytes.
It asks for no number, checks nothing and knows no records. Ours writes as where a job numbers the log, and
what the job takes for an entry is a line of its own, beside the same statements and hashes; each entry is an
act of its own there. Commits are durable on both sides: the directory decides what they cost.

    python benchmarks/audit.py [DIRECTORY [ROUNDS]]
"""

import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any, ClassVar, Final

import attrs

from dcss_core import Actor, CaseNumber, KeyRing, Money, Secret, open_agency
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG, AUDIT_QUEUE, write_act
from dcss_core.audit.entry import AuditEntry
from dcss_core.base.events import Event
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.ports.keys import MasterKey
from dcss_core_sql.opening import open_storage
from dcss_core_sql.sqlite.database import SqliteDatabase
from dcss_core_sql.sqlite.location import Location
from dcss_core_sql.storage import SqlStorage

GROUP: Final = 1_000
LENGTH: Final = 100_000
WAITING: Final = 20_000
BATCH: Final = 5_000
NOW: Final = datetime(2026, 1, 7, 15, tzinfo=UTC)
CLERK: Final = Actor.staff("worker-17")
AUDITOR: Final = Actor.system("audit")
SOURCE: Final = "203.0.113.7"
LEAF: Final = "INSERT INTO audit_log VALUES (?, ?, ?, ?, ?)"
NUMBERED: Final = (
    "DELETE FROM audit_queue WHERE act IN (SELECT act FROM audit_queue WHERE act <= ? ORDER BY act LIMIT ?)"
)
ENTRY: Final = "INSERT INTO audit_entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
QUEUED: Final = "INSERT INTO audit_queue VALUES (?, ?, 1)"


@attrs.frozen
class ReceiptPosted(Event):
    """An event as the library has many."""

    kind: ClassVar[str] = "receipt_posted"
    about: ClassVar[tuple[str, str]] = ("case", "case_number")
    case_number: CaseNumber
    receipt_id: str
    amount: Money


def events(first: int, number: int) -> list[ReceiptPosted]:
    """Made-up events."""
    return [
        ReceiptPosted(CaseNumber(f"{each % 5_000 + 1:09d}"), f"R{each:012d}", Money.from_cents(each * 7))
        for each in range(first, first + number)
    ]


class ByJobPlugin:
    """An in-process plugin: SQLite, as if its writers did not queue, so that a job numbers the log."""

    @hookimpl
    def dcss_storage_backends(self) -> list[StorageBackend]:
        """As `byjob:///path`."""

        def opened(url: str) -> SqlStorage:
            location = Location.from_url(url.replace("byjob", "sqlite", 1))
            database = SqliteDatabase(location)
            return SqlStorage(database, busy_seconds=location.busy_seconds, writes_one_at_a_time=False)

        return [StorageBackend("byjob", "SQLite whose log a job numbers", opened)]


class Ours:
    """The library's audit log, of an agency in a file."""

    def __init__(self, directory: Path, scheme: str = "byjob") -> None:
        keys = KeyRing((MasterKey("k1", Secret("1" * 64)),))
        self.agency = open_agency(
            f"{scheme}:///{directory}/ours.db", jurisdiction="US-GA", keys=keys, plugins=[ByJobPlugin()]
        )
        self.resources = self.agency.audit._resources

    def write(self, new: Iterable[Event]) -> Callable[[], None]:
        """Write events down in one transaction."""
        return lambda: self.resources.write(lambda work: work.audit(new, CLERK, SOURCE))

    def sequence(self) -> int:
        """Number what waits; how many entries that were."""
        return self.agency.audit.sequence(by=AUDITOR).numbered

    def fill(self, length: int) -> None:
        """Write and number until the log is so long."""
        size = self.agency.audit.sequence(by=AUDITOR).size
        for first in range(size, length, GROUP):
            self.write(events(first, min(GROUP, length - first)))()
        self.sequence()


class Floor:
    """The same rows through the driver."""

    def __init__(self, directory: Path) -> None:
        made = open_storage(f"sqlite:///{directory}/floor.db")
        made.prepare([each.collection for each in (AUDIT_ENTRIES, AUDIT_QUEUE, AUDIT_LOG)])
        made.close()
        self.connection = sqlite3.connect(directory / "floor.db", isolation_level=None)
        self.connection.execute("PRAGMA synchronous=FULL")
        self.connection.execute("PRAGMA secure_delete=ON")
        self.turns = count()
        self.peaks: list[bytes] = []
        self.size = 0

    def insert_ready(self, new: Iterable[ReceiptPosted]) -> Callable[[], None]:
        """Insert rows that are there already."""
        rows, queued = self.rows(new)
        return lambda: self.insert(rows, queued)

    def insert_made(self, new: Iterable[ReceiptPosted]) -> Callable[[], None]:
        """Make the rows, with their JSON, salts and hashes, and insert them."""
        return lambda: self.insert(*self.rows(new))

    def insert(self, rows: list[tuple[Any, ...]], queued: tuple[bytes, bytes]) -> None:
        """Insert the rows of one act in one transaction."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.executemany(ENTRY, rows)
        self.connection.execute(QUEUED, queued)
        self.connection.execute("COMMIT")

    def rows(self, new: Iterable[ReceiptPosted]) -> tuple[list[tuple[Any, ...]], tuple[bytes, bytes]]:
        """The rows of one act, as the shortest Python makes them."""
        act, actor, rows, leaves = next(self.turns).to_bytes(8, "big") + os.urandom(16), str(CLERK), [], []
        name, at, instant = act.hex(), NOW.replace(tzinfo=None).isoformat(" "), NOW.isoformat()
        for line, event in enumerate(new, 1):
            salt, case = os.urandom(16), event.case_number.value
            details = json.dumps(
                {"amount": str(event.amount), "case_number": case, "receipt_id": event.receipt_id},
                separators=(",", ":"),
                ensure_ascii=False,
            )
            contents = (
                f'{{"actor":"{actor}","details":{details},"salt":"{salt.hex()}","source":"{SOURCE}",'
                f'"subject":"case:{case}"}}'
            )
            commitment = sha256(contents.encode()).digest()
            leaf = (
                f'{{"at":"{instant}","commitment":"{commitment.hex()}","id":"{name}-{line}",'
                '"kind":"receipt_posted","v":2}'
            )
            leaves.append(sha256(b"\x00" + leaf.encode()).digest())
            kept = (act, at, event.kind, actor, f"case:{case}", SOURCE, details, salt, commitment, 2, line)
            rows.append(kept)
        return rows, (act, b"".join(leaves))

    def have_wait(self) -> None:
        """Have acts wait for their numbers."""
        queued = [self.rows([event])[1] for event in events(0, WAITING)]
        self.connection.executemany(QUEUED, queued)

    def number(self) -> int:
        """Number what waits, batch by batch; how many entries that were."""
        run, begun = self.connection.execute, self.size
        while True:
            run("BEGIN IMMEDIATE")
            waiting = run("SELECT * FROM audit_queue ORDER BY act LIMIT ?", (BATCH,)).fetchall()
            if not waiting:
                run("COMMIT")
                return self.size - begun
            self.connection.executemany(LEAF, [self.leaf(act, node) for act, node, _ in waiting])
            run(NUMBERED, (waiting[-1][0], len(waiting)))
            run("COMMIT")

    def leaf(self, act: bytes, node: bytes) -> tuple[Any, ...]:
        """The row of the next leaf: RFC 9162, as short as it can be."""
        nodes, odd = node, self.size
        while odd & 1:
            node = sha256(b"\x01" + self.peaks.pop() + node).digest()
            nodes += node
            odd >>= 1
        self.peaks.append(node)
        self.size += 1
        return (act, 1, nodes, None, self.size)


def microseconds(run: Callable[[], object]) -> float:
    """How long one run takes."""
    start = time.perf_counter_ns()
    run()
    return (time.perf_counter_ns() - start) / 1_000


def in_turns(
    ours: Callable[[list[ReceiptPosted]], Callable[[], None]],
    floor: Callable[[list[ReceiptPosted]], Callable[[], None]],
    group: int,
    rounds: int,
) -> tuple[float, float]:
    """The medians of both for a group of events, per event; what a round needs is made before its clock."""
    taken: tuple[list[float], list[float]] = ([], [])
    for turn in range(rounds):
        new = events(turn * group, group)
        runs = (0, ours(new)), (1, floor(new))
        for side, run in runs[:: 1 if turn % 2 else -1]:
            taken[side].append(microseconds(run) / group)
    return statistics.median(taken[0]), statistics.median(taken[1])


def numbering(ours: Ours, floor: Floor, rounds: int) -> tuple[float, float]:
    """What it takes on both sides to number entries that wait, per entry."""
    taken: tuple[list[float], list[float]] = ([], [])
    ours.sequence()
    floor.number()
    for turn in range(rounds):
        have_wait(ours)
        floor.have_wait()
        for side, run in ((0, ours.sequence), (1, floor.number))[:: 1 if turn % 2 else -1]:
            taken[side].append(microseconds(run) / WAITING)
    return statistics.median(taken[0]), statistics.median(taken[1])


def have_wait(ours: Ours) -> None:
    """Have acts wait, many of them written in one transaction, so that it does not take minutes."""
    entries = [AuditEntry.of(each, at=NOW, actor=CLERK, source=SOURCE) for each in events(0, WAITING)]

    def write(work: Any) -> None:
        for place, entry in enumerate(entries):
            write_act(work.transaction, work.sealer, [entry], work.turn + place)

    ours.resources.write(write)


def proving(ours: Ours, size: int, rounds: int) -> float:
    """An inclusion proof of an entry somewhere in the log, read from the file."""
    places = (each * 7_919 % size for each in range(rounds))
    return statistics.median(
        microseconds(partial(ours.agency.audit.inclusion_proof, place + 1, size, by=AUDITOR))
        for place in places
    )


def main(directory: Path, rounds: int) -> None:
    """Measure and print."""
    ours, floor = Ours(directory), Floor(directory)
    few = max(rounds // 20, 5)
    ours.write(events(0, GROUP))()
    floor.insert_made(events(0, GROUP))()
    print(f"{'microseconds (median)':<58}{'ours':>9}{'sqlite3':>9}{'ratio':>7}")
    show("one durable entry", *in_turns(ours.write, floor.insert_ready, 1, rounds))
    group = f"groups of {GROUP}, per entry"
    show(
        f"{group}, beside rows that are there already", *in_turns(ours.write, floor.insert_ready, GROUP, few)
    )
    show(
        f"{group}, beside JSON, salts and hashes as well",
        *in_turns(ours.write, floor.insert_made, GROUP, few),
    )
    show("numbering, per entry", *numbering(ours, floor, 5))
    ours.agency.close()
    read(directory, rounds)
    floor.connection.close()


def read(directory: Path, rounds: int) -> None:
    """Measure what is read of a long log, where it is numbered along with the writing."""
    ours = Ours(directory, "sqlite")
    ours.fill(LENGTH)
    size = ours.agency.audit.sequence(by=AUDITOR).size
    print(f"{f'inclusion proof among {size} entries':<58}{proving(ours, size, rounds):>9.1f}")
    start = time.perf_counter()
    found = ours.agency.audit.verify(by=AUDITOR)
    seconds = time.perf_counter() - start
    assert found.is_sound, found
    assert found.size == size
    print(f"verification of {size} entries: {seconds:.2f} s, {seconds / size * 1e6:.1f} microseconds each")
    ours.agency.close()


def show(work: str, ours: float, floor: float) -> None:
    """Print one line."""
    print(f"{work:<58}{ours:>9.1f}{floor:>9.1f}{ours / floor:>7.2f}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as made:
        main(Path(made), int(sys.argv[2]) if len(sys.argv) > 2 else 500)
