"""How sign-ins fare beside a viewer in a loop, and beside a payment file that is received.

Each is a process of its own on one SQLite file with durable commits, as a portal has them. The viewer looks
at one history of 125 receipts without a pause; phases with and without it take turns, so that a busy moment
of the machine falls on both. Beside the payment file the longest wait of a sign-in counts, and the peak
memory of the process that receives it. The slow hash is replaced by one that costs nothing, so nothing but
the storage slows the sign-ins down.

    python benchmarks/beside.py [--entries N] [--seconds S] [--rounds N] [--directory D]
"""

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any, Final

import attrs

import portal
from dcss_core import Actor, CaseNumber
from dcss_core.cases import Role
from dcss_core.testing import (
    JANE_ROE,
    SentPayment,
    case_application,
    never_issued_ssn,
    participant,
    remittance_file,
)
from dcss_core.users import SignedIn
from portal import Call

RECEIPTS: Final = 125
CASES: Final = 1_000
REMITTANCE: Final = Actor.system("remittance")
GOAL_OF_WAIT: Final = 250
GOAL_OF_THROUGHPUT: Final = 0.7
GOAL_OF_MEMORY: Final = 200
_PROCESSES: Final = multiprocessing.get_context("spawn")  # a storage can't be shared by a fork


@attrs.frozen
class Waits:
    """How long each of some calls took, in milliseconds, and how long they took together, in seconds."""

    each: list[float]
    seconds: float

    @property
    def a_second(self) -> float:
        """How many there were in a second."""
        return len(self.each) / self.seconds

    def __str__(self) -> str:
        ordered = sorted(self.each)
        high = ordered[int(0.99 * (len(ordered) - 1))]
        return f"{self.a_second:10,.0f}{statistics.median(ordered):9.2f}{high:9.2f}{ordered[-1]:10.1f}"


def timed(call: Call, *, until: Callable[[], bool]) -> Waits:
    """Call it again and again until something is so."""
    each: list[float] = []
    begun = time.perf_counter()
    while not until():
        start = time.perf_counter()
        call()
        each.append(1_000 * (time.perf_counter() - start))
    return Waits(each, time.perf_counter() - begun)


def for_seconds(call: Call, seconds: float) -> Waits:
    """Call it again and again for so long."""
    end = time.perf_counter() + seconds
    return timed(call, until=lambda: time.perf_counter() >= end)


def together(phases: list[Waits]) -> Waits:
    """The calls of several phases."""
    return Waits([each for waits in phases for each in waits.each], sum(each.seconds for each in phases))


@contextmanager
def process(work: Callable[..., None], *arguments: Any) -> Iterator[None]:
    """Another process at work meanwhile; it is waited for."""
    made = _PROCESSES.Process(target=work, args=arguments)
    made.start()
    try:
        yield
    finally:
        made.join(60)
        if made.is_alive():
            made.kill()


# --- a viewer -----------------------------------------------------------------------------------------------


def view(url: str, look: Event, stop: Event, looks: Any) -> None:
    """As the parent of the case, look at its history for as long as `look` is set."""
    agency = portal.reopened(url)
    outcome = agency.accounts.sign_in(
        JANE_ROE.user_id, JANE_ROE.password, banner=agency.accounts.banner().version
    )
    assert isinstance(outcome, SignedIn)
    number = CaseNumber(portal.CASE)
    while not stop.is_set():
        if look.wait(0.05):
            assert len(agency.payments.history(number, by=outcome.token)) == RECEIPTS
            looks.value += 1


def beside_a_viewer(directory: Path, seconds: float, rounds: int) -> None:
    """Print how many sign-ins there are in a second, alone and beside one viewer."""
    url = f"sqlite:///{directory}/viewer.db"
    agency = portal.opened(url)
    sent = [SentPayment("125.00", case=portal.CASE) for _ in range(RECEIPTS)]
    agency.payments.receive(remittance_file(*sent), by=REMITTANCE)
    call = portal.sign_in(agency)
    look, stop, looks = _PROCESSES.Event(), _PROCESSES.Event(), _PROCESSES.Value("q", 0)
    alone: list[Waits] = []
    beside: list[Waits] = []
    with process(view, url, look, stop, looks):
        try:
            look.set()
            timed(call, until=lambda: looks.value > 0)
            before = looks.value
            for _ in range(rounds):
                look.clear()
                time.sleep(0.2)
                alone.append(for_seconds(call, seconds))
                look.set()
                time.sleep(0.2)
                beside.append(for_seconds(call, seconds))
            viewed = (looks.value - before) / (rounds * (seconds + 0.2))
        finally:
            stop.set()
    print(f"sign-ins alone                          {together(alone)}")
    print(f"beside a viewer ({viewed:,.0f} looks a second)".ljust(40) + str(together(beside)))
    kept = statistics.median(one.a_second / other.a_second for one, other in zip(beside, alone, strict=True))
    print(f"throughput beside / alone: {kept:.0%}, goal {GOAL_OF_THROUGHPUT:.0%}")
    _say_longest(together(beside))


# --- a payment file -----------------------------------------------------------------------------------------


def make(url: str, file: Path, entries: int) -> None:
    """Open the cases, and write the file that pays for them."""
    agency = portal.opened(url)
    for number in range(CASES):
        payer = participant(Role.NONCUSTODIAL_PARENT, "Al Hill", ssn=never_issued_ssn(number + 1))
        payee = participant(Role.CUSTODIAL_PARENT, "Mary Hill")
        opened = case_application(_case(number), payer=payer, payee=payee, child="Sky Hill")
        agency.cases.open(opened, by=Actor.system("intake"))
    numbers = [number % CASES for number in range(entries)]
    file.write_bytes(
        remittance_file(
            *(SentPayment("125.00", case=_case(each), ssn=never_issued_ssn(each + 1)) for each in numbers)
        )
    )


def receive(url: str, file: Path, begin: Event, answer: Connection) -> None:
    """Receive a file; tell how many receipts it brought, in how many seconds, and the peak memory in MB."""
    agency = portal.reopened(url)
    answer.send("ready")
    begin.wait()
    begun = time.perf_counter()
    batch = agency.payments.receive(file.read_bytes(), by=REMITTANCE)
    seconds = time.perf_counter() - begun
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_024  # of Linux, where it is in kB
    answer.send((batch.file.receipts, seconds, peak))


def beside_a_file(directory: Path, entries: int, seconds: float) -> None:
    """Print how long sign-ins wait while a file is received, and what that takes."""
    url, file = f"sqlite:///{directory}/file.db", directory / "remittance.ach"
    with process(make, url, file, entries):  # in a process of its own, so that this one stays small
        pass
    call = portal.sign_in(portal.reopened(url))
    begin, (told, answer) = _PROCESSES.Event(), _PROCESSES.Pipe(duplex=False)
    with process(receive, url, file, begin, answer):
        told.recv()
        alone = for_seconds(call, seconds)
        begin.set()
        beside = timed(call, until=told.poll)
        receipts, taken, peak = told.recv()
    print(f"\n{entries:,} entries, {file.stat().st_size / 1e6:,.1f} MB, {CASES:,} cases")
    print(f"sign-ins alone                          {alone}")
    print(f"beside the file                         {beside}")
    print(f"{receipts:,} receipts in {taken:,.1f} s, {taken / entries * 1e6:,.0f} µs each")
    print(f"peak memory of who receives: {peak:,.0f} MB, goal {GOAL_OF_MEMORY} MB")
    _say_longest(beside)


def _case(number: int) -> CaseNumber:
    return CaseNumber(f"{5_000_000 + number:010d}")


def _say_longest(waits: Waits) -> None:
    print(f"longest wait {max(waits.each):,.0f} ms, goal {GOAL_OF_WAIT} ms")


def main() -> None:
    """Measure both and print."""
    arguments = argparse.ArgumentParser(description="How sign-ins fare beside others.")
    arguments.add_argument("--entries", type=int, default=10_000, help="of the payment file; 0 for none")
    arguments.add_argument("--seconds", type=float, default=3.0, help="of one phase")
    arguments.add_argument("--rounds", type=int, default=5, help="of the viewer's phases")
    arguments.add_argument("--directory", help="where the files are made; it decides what a commit costs")
    asked = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.directory) as folder:
        print(f"{'ms':40}{'a second':>10}{'median':>9}{'99 %':>9}{'longest':>10}")
        if asked.rounds:
            beside_a_viewer(Path(folder), asked.seconds, asked.rounds)
        if asked.entries:
            beside_a_file(Path(folder), asked.entries, asked.seconds)


if __name__ == "__main__":
    main()
