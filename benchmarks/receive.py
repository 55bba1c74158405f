"""What posting a payment file costs, beside the least that any program would have to do.

A file of 2,000 entries for 1,000 cases is received on SQLite: read, identified, charged, distributed,
explained, sealed, audited, with a letter for each family. The floor is reading the same file and
writing the same rows through Python's own `sqlite3`, prepared beforehand, in one durable transaction.
Both take turns on fresh copies of one database, and the median of the rounds is shown. With `--large` a file
of so many entries is received by a process of its own: how much memory that takes at most, and how long
another process that signs in all the while has to wait at most.

    python benchmarks/receive.py [ROUNDS] [--profile] [--large ENTRIES]
"""

import argparse
import cProfile
import pstats
import re
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from dcss_core import Actor, Agency, CaseNumber, KeyRing, MasterKey, Secret, Ssn, open_agency
from dcss_core.cases import Role
from dcss_core.payments.nacha import read_file
from dcss_core.testing import (
    FakeHasher,
    FrozenClock,
    SentPayment,
    case_application,
    never_issued_ssn,
    participant,
    remittance_file,
)

CASES: Final = 1000
ENTRIES: Final = 2000
ENTRIES_A_CASE: Final = 10
INTAKE: Final = Actor.system("intake")
Rows = Mapping[str, list[tuple[object, ...]]]


def main() -> None:
    """Measure both and print what a second posts."""
    arguments = _arguments()
    if arguments.received is not None:
        receive_alone(*map(Path, arguments.received))
        return
    if arguments.large:
        receive_large(arguments.large)
        return
    content = payment_file()
    with tempfile.TemporaryDirectory() as temporary:
        before, after, work = (Path(temporary) / name for name in ("before.db", "after.db", "work.db"))
        with opened(before) as agency:
            open_cases(agency)
        _copy(before, after)
        receive(after, content)
        rows = written_rows(before, after)
        ours, floor = [], []
        for _ in range(arguments.rounds):
            _copy(before, work)
            ours.append(receive(work, content, profile=arguments.profile))
            _copy(before, work)
            floor.append(read_and_write(work, content, rows))
    if not arguments.profile:
        _print(statistics.median(ours), statistics.median(floor), rows)


def receive(database: Path, content: bytes, *, profile: bool = False) -> float:
    """Receive the file through the library; the agency is open already, as a portal's is."""
    with opened(database) as agency:
        profiler = cProfile.Profile()
        if profile:
            profiler.enable()
        seconds = _timed(lambda: agency.payments.receive(content, by=Actor.system("remittance")))
        if profile:
            profiler.disable()
            pstats.Stats(profiler).sort_stats("tottime").print_stats(30)
    return seconds


def receive_large(entries: int) -> None:
    """Have another process receive a large file, and sign in beside it until it is done."""
    cases = max(entries // ENTRIES_A_CASE, 1)
    with tempfile.TemporaryDirectory() as temporary:
        database, path = Path(temporary) / "agency.db", Path(temporary) / "large.ach"
        path.write_bytes(payment_file(entries, cases))
        with opened(database) as agency:
            open_cases(agency, cases)
            alone = longest_wait(agency, lambda turn: turn < 200)
            command = [sys.executable, __file__, "--received", str(database), str(path)]
            begun = time.perf_counter()
            with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiving:
                waits = longest_wait(agency, lambda _: receiving.poll() is None)
                told = receiving.communicate()[0]
        seconds = time.perf_counter() - begun
    print(f"{entries:,} entries for {cases:,} cases, {seconds:,.1f} s; {told.strip()}")
    print(
        f"sign-ins alone:     {alone[0]:6,} tried, {alone[1]:6.0f} a second, longest {alone[2] * 1e3:6.0f} ms"
    )
    print(
        f"sign-ins beside it: {waits[0]:6,} tried, {waits[1]:6.0f} a second, longest {waits[2] * 1e3:6.0f} ms"
    )


def longest_wait(agency: Agency, goes_on: Callable[[int], bool]) -> tuple[int, float, float]:
    """Sign in with an id that nobody has, again and again: how often, how many a second, and the longest."""
    agreed, longest, turn = agency.accounts.banner().version, 0.0, 0
    begun = time.perf_counter()
    while goes_on(turn):
        turn += 1
        longest = max(
            longest,
            _timed(lambda: agency.accounts.sign_in("nobody.here", Secret("a wrong password"), banner=agreed)),
        )
        time.sleep(0.002)
    return turn, turn / (time.perf_counter() - begun), longest


def receive_alone(database: Path, path: Path) -> None:
    """Receive a file in this process and print how much memory it took at most."""
    with opened(database) as agency:
        before = most_memory()
        batch = agency.payments.receive(path.read_bytes(), by=Actor.system("remittance"))
    told = f"peak memory {most_memory():.0f} MB, {before:.0f} MB before it"
    print(f"{batch.file.receipts:,} receipts, {told}")


def most_memory() -> float:
    """The most memory this process has had, in MB; what the process had that began it does not count."""
    status = Path("/proc/self/status")
    if status.exists():  # `ru_maxrss` of a process that was begun here starts with ours
        return int(re.search(r"VmHWM:\s+(\d+) kB", status.read_text())[1]) / 1024  # type: ignore[index]
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_and_write(database: Path, content: bytes, rows: Rows) -> float:
    """Read the file and write the rows, with nothing in between."""
    connection = sqlite3.connect(database, isolation_level=None)
    connection.execute("PRAGMA synchronous=FULL")

    def work() -> None:
        read_file(content)
        connection.execute("BEGIN IMMEDIATE")
        for table, values in rows.items():
            places = ", ".join("?" * len(values[0]))
            connection.executemany(f'INSERT OR REPLACE INTO "{table}" VALUES ({places})', values)
        connection.execute("COMMIT")

    try:
        return _timed(work)
    finally:
        connection.close()


def written_rows(before: Path, after: Path) -> Rows:
    """The rows of each table that receiving added or replaced."""
    old, new = _tables(before), _tables(after)
    written = {table: [row for row in rows if row not in old[table]] for table, rows in new.items()}
    return {table: rows for table, rows in written.items() if rows}


def opened(database: Path) -> Agency:
    """Open the agency with a clock that stands still; no password is hashed here."""
    return open_agency(
        f"sqlite:///{database}",
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        clock=FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)),
        hasher=FakeHasher(),
    )


def open_cases(agency: Agency, cases: int = CASES) -> None:
    """Open cases, each with people of its own."""
    for number in range(cases):
        payer = participant(Role.NONCUSTODIAL_PARENT, "Al Hill", ssn=_ssn(number))
        email = Secret(f"mary.{number}@example.com")
        payee = participant(Role.CUSTODIAL_PARENT, "Mary Hill", email=email)
        agency.cases.open(
            case_application(_case(number), payer=payer, payee=payee, child="Sky Hill"),
            by=INTAKE,
        )


def payment_file(entries: int = ENTRIES, cases: int = CASES) -> bytes:
    """Payments of 125.00 for each case, two unless it is large: 200.00 are due, the rest is left over."""
    numbers = [number % cases for number in range(entries)]
    return remittance_file(
        *(SentPayment("125.00", case=_case(number), ssn=_ssn(number)) for number in numbers)
    )


def _case(number: int) -> CaseNumber:
    return CaseNumber(f"{4567890 + number:010d}")


def _ssn(number: int) -> Ssn:
    return never_issued_ssn(number + 1)


def _copy(source: Path, target: Path) -> None:
    for path in target.parent.glob(f"{target.name}*"):
        path.unlink()
    shutil.copy(source, target)


def _tables(database: Path) -> Mapping[str, dict[tuple[object, ...], None]]:
    connection = sqlite3.connect(database)
    try:
        names = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: dict.fromkeys(connection.execute(f'SELECT * FROM "{name}"')) for name in names}
    finally:
        connection.close()


def _timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def _print(ours: float, floor: float, rows: Rows) -> None:
    count = sum(map(len, rows.values()))
    print(f"{ENTRIES} entries for {CASES} cases, {count} rows written")
    for name, seconds in (("received and posted", ours), ("the floor", floor)):
        print(f"{name:<20}{ENTRIES / seconds:8,.0f} entries a second{seconds / ENTRIES * 1e6:8,.0f} µs each")
    print(f"{'ratio':<20}{ours / floor:8.1f}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="What posting a payment file costs.")
    parser.add_argument("rounds", nargs="?", type=int, default=5, help="how often each is measured")
    parser.add_argument("--large", type=int, help="receive a file of so many entries beside sign-ins")
    parser.add_argument("--received", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    return parser.parse_args()


if __name__ == "__main__":
    main()
