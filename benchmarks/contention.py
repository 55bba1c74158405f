"""Many who work on one case, or on a hundred, at the same time: what a second brings, and what goes wrong.

Threads of one process, and processes, post payment files, look at histories and sign in, one after the other,
without a pause. On PostgreSQL one process has 16 connections. Afterwards the books and the audit log are
verified, and every payment that was acknowledged is counted: none may be lost, none doubled, and no verb may
be given up. At last PostgreSQL works with one connection and with eight, and waits 2 ms before each commit,
as for a disk or a network. The slow hash is replaced by one that costs nothing.

    python benchmarks/contention.py [--seconds S] [--only sqlite | postgresql | commits]
"""

import argparse
import multiprocessing
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

import attrs

from dcss_core import Actor, Agency, CaseNumber, KeyRing, MasterKey, Money, Secret, open_agency
from dcss_core.errors import BackendError
from dcss_core.payments import Place
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.testing import (
    Appointing,
    FakeHasher,
    SentPayment,
    SyntheticParent,
    case_application,
    registration_form,
    remittance_file,
    synthetic_parent,
)
from dcss_core.users import SignedIn, StaffRole
from dcss_core_sql.opening import open_storage

CONNECTIONS: Final = 16
THREADS, PROCESSES = 32, 8
CASES: Final = (1, 100)
SENT: Final = "5.00"
COMMIT_SECONDS: Final = "0.002"
GOAL_OF_CONNECTIONS: Final = 4.0
INTAKE, REMITTANCE, AUDIT = Actor.system("intake"), Actor.system("remittance"), Actor.system("audit")
_SPAWN: Final = multiprocessing.get_context("spawn")  # a storage can't be shared by a fork
_PATIENCE_SECONDS: Final = 120
_WARMING: Final = 90_000
_ANEW: Final = "transactions run anew"


# --- an agency ----------------------------------------------------------------------------------------------


class _SlowStorage:
    """A storage of PostgreSQL whose commits take longer."""

    def __init__(self, url: str) -> None:
        self._storage = open_storage(url.partition(":")[2])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._storage, name)

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> Any:
        block = self._storage.transaction(writes=writes, wait_seconds=wait_seconds)
        return _SlowBlock(block) if writes else block


class _SlowBlock:
    def __init__(self, block: Any) -> None:
        self._block = block

    def __enter__(self) -> Any:
        self._transaction = self._block.__enter__()
        return self._transaction

    def __exit__(self, *raised: Any) -> Any:
        if raised[0] is None:
            try:
                self._transaction.use(lambda cursor: cursor.execute(f"SELECT pg_sleep({COMMIT_SECONDS})"))
            except BaseException as error:
                self._block.__exit__(type(error), error, error.__traceback__)
                raise
        return self._block.__exit__(*raised)


class _Slow:
    """An in-process plugin: `slow:postgresql://…`."""

    @hookimpl
    def dcss_storage_backends(self) -> list[StorageBackend]:
        return [StorageBackend("slow", "PostgreSQL with slow commits", factory=_SlowStorage)]


class Retries:
    """Counts the transactions that were run anew."""

    def __init__(self) -> None:
        self.number = 0

    def begins(self, *_: object) -> "Retries":
        """Nothing is told of a verb but its retries."""
        return self

    def ends(self, *_: object, retries: int = 0, **__: object) -> None:
        """Nothing is counted twice."""

    def retries(self, *_: object) -> None:
        """One more; of threads that count at the same time some may be missed."""
        self.number += 1


def opened(url: str, retries: Retries | None = None) -> Agency:
    """The agency as it is stored."""
    keys = KeyRing((MasterKey("k1", Secret("1" * 64)),))
    return open_agency(
        url,
        jurisdiction="US-GA",
        keys=keys,
        hasher=FakeHasher(),
        plugins=[_Slow()],
        channels=None,
        observers=[retries or Retries()],
    )


@attrs.frozen
class Family:
    """A case, and who pays and who is paid in it."""

    case: CaseNumber
    payer: SyntheticParent
    payee: SyntheticParent


def families(number: int) -> list[Family]:
    """So many, the same each time."""
    return [
        Family(CaseNumber(f"{each:010}"), synthetic_parent(2 * each), synthetic_parent(2 * each + 1))
        for each in range(1, number + 1)
    ]


def set_up(url: str, cases: int) -> str:
    """An agency with so many cases, whose payees have accounts; the id of a clerk."""
    with opened(url) as agency:
        for each in families(cases):
            application = case_application(each.case, payer=each.payer, payee=each.payee)
            agency.cases.open(application, by=INTAKE)
            agency.accounts.register(registration_form(agency, each.payee))
        clerk = Appointing(agency)(StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK)
        agency.audit.sequence(by=AUDIT)
    return clerk.actor_id


# --- at work ------------------------------------------------------------------------------------------------


@attrs.define
class Worker:
    """Posts, looks and signs in, case after case, and counts what it was answered."""

    agency: Agency
    number: int
    cases: int
    clerk: Actor
    told: Counter[str] = attrs.field(factory=Counter)
    longest: float = 0.0

    def work(self, seconds: float, verbs: tuple[str, ...]) -> None:
        """Do one verb after the other for so long."""
        end, turns, there = time.perf_counter() + seconds, count(), cycle(families(self.cases))
        for _ in range(self.number % self.cases):
            next(there)
        while time.perf_counter() < end:
            family, turn = next(there), next(turns)
            self._timed(verbs[turn % len(verbs)], family, turn)

    def warm_up(self, verb: str, turn: int) -> None:
        """Do a verb once, which counts for the books and not for the time."""
        getattr(self, verb)(families(1)[0], _WARMING + turn)
        self.told[f"warm-up {verb}"] += 1

    def _timed(self, verb: str, family: Family, turn: int) -> None:
        begun = time.perf_counter()
        try:
            getattr(self, verb)(family, turn)
            self.told[verb] += 1
        except BackendError as error:
            self.told[f"{verb} given up: {str(error)[:60]}"] += 1
        self.longest = max(self.longest, time.perf_counter() - begun)

    def post(self, family: Family, turn: int) -> None:
        """Receive a file of one payment."""
        trace = f"12104288{self.number * 100_000 + turn:07}"
        sent = SentPayment(SENT, case=family.case, ssn=family.payer.ssn, trace=trace)
        self.agency.payments.receive(remittance_file(sent), by=REMITTANCE)

    def look(self, family: Family, _: int) -> None:
        """Look at the history of a case."""
        self.agency.payments.history(family.case, by=self.clerk, limit=20)

    def sign_in(self, family: Family, _: int) -> None:
        """Sign a parent in."""
        banner = self.agency.accounts.banner().version
        user_id, password = family.payee.user_id, family.payee.password
        outcome = self.agency.accounts.sign_in(user_id, password, banner=banner)
        assert isinstance(outcome, SignedIn), outcome


MIXED: Final = ("post", "look", "sign_in")


@attrs.frozen
class Course:
    """How many work for how long, and on how many cases."""

    threads: int
    processes: int
    cases: int
    seconds: float
    verbs: tuple[str, ...] = MIXED

    def __str__(self) -> str:
        who = f"{self.threads} threads" if self.processes == 1 else f"{self.processes} processes"
        return f"{who}, {self.cases} case{'s' * (self.cases > 1)}"


def work_in_threads(
    url: str, clerk: str, course: Course, process: int, start: Any
) -> tuple[Counter[str], float]:
    """What the threads of one process were told, and how long a verb took at most."""
    retries = Retries()
    with opened(url, retries) as agency:
        first = process * course.threads + 1
        workers = [
            Worker(agency, first + each, course.cases, Actor.staff(clerk)) for each in range(course.threads)
        ]
        for turn, verb in enumerate(MIXED):  # what is imported at its first use is imported by then
            workers[0].warm_up(verb, turn)
        start.wait(_PATIENCE_SECONDS)
        with ThreadPoolExecutor(course.threads) as pool:
            list(pool.map(lambda each: each.work(course.seconds, course.verbs), workers))
    told = sum((each.told for each in workers), Counter({_ANEW: retries.number}))
    return told, max(each.longest for each in workers)


def _in_a_process(told: Any, *given: Any) -> None:
    told.put(work_in_threads(*given))


def work(url: str, clerk: str, course: Course) -> tuple[Counter[str], float]:
    """What all were told, and how long a verb took at most."""
    if course.processes == 1:
        return work_in_threads(url, clerk, course, 0, threading.Barrier(1))
    told, start = _SPAWN.Queue(), _SPAWN.Barrier(course.processes)
    at_work = [
        _SPAWN.Process(target=_in_a_process, args=(told, url, clerk, course, number, start))
        for number in range(course.processes)
    ]
    for each in at_work:
        each.start()
    answers = [told.get(timeout=_PATIENCE_SECONDS + course.seconds) for _ in at_work]
    for each in at_work:
        each.join(_PATIENCE_SECONDS)
    return sum((counted for counted, _ in answers), Counter()), max(longest for _, longest in answers)


# --- judged -------------------------------------------------------------------------------------------------


@attrs.frozen
class Outcome:
    """What came of a course: what was told, how long a verb took at most, and everything that is wrong."""

    course: Course
    told: Counter[str]
    longest: float
    wrong: list[str]

    @property
    def a_second(self) -> float:
        """Verbs that were done in a second."""
        return sum(self.told[verb] for verb in self.course.verbs) / self.course.seconds

    @property
    def given_up(self) -> int:
        """Verbs that were not done."""
        return sum(number for said, number in self.told.items() if "given up" in said)

    def __str__(self) -> str:
        done = ", ".join(f"{verb} {self.told[verb]:,}" for verb in self.course.verbs)
        wrong = f"; WRONG: {self.wrong}" if self.wrong else ""
        refused = {said: number for said, number in self.told.items() if "given up" in said}
        why = f" {refused}" if refused else ""
        return (
            f"{self.course!s:<24}{self.a_second:7,.0f} verbs a second   longest {self.longest * 1e3:6,.0f} ms"
            f"   given up {self.given_up:3}{why}   run anew {self.told[_ANEW]:,}   ({done}){wrong}"
        )


def run(url: str, course: Course) -> Outcome:
    """Set an agency up, let them work, and judge what is there."""
    clerk = set_up(url, course.cases)
    told, longest = work(url, clerk, course)
    return Outcome(course, told, longest, what_is_wrong(url, told))


def what_is_wrong(url: str, told: Counter[str]) -> list[str]:
    """Lost or doubled payments, books that don't balance, and a log that does not verify."""
    with opened(url) as agency:
        agency.audit.sequence(by=AUDIT)
        books, log = agency.payments.verify(by=AUDIT), agency.audit.verify(by=AUDIT)
        collected = -agency.payments.balances(by=Actor.system("reconciliation"))[Place.COLLECTED]
    brought = Money(f"{int(SENT.partition('.')[0]) * (told['post'] + told['warm-up post'])}.00")
    wrong = [str(each) for each in (books, log) if not each.is_sound]
    if collected != brought and not any(name.startswith("post given up") for name in told):
        wrong.append(f"{collected} was collected, and {brought} was sent")
    return wrong


# --- places -------------------------------------------------------------------------------------------------


@contextmanager
def sqlite_places() -> Iterator[Callable[[], str]]:
    """URLs of new files."""
    with tempfile.TemporaryDirectory() as folder:
        numbers = count()
        yield lambda: f"sqlite:///{Path(folder) / f'{next(numbers)}.db'}"


@contextmanager
def postgresql_places(*, safe: bool) -> Iterator[Callable[[int], str]]:
    """URLs of new schemas, with so many connections, on a server of one's own."""
    from dcss_core_sql.testing import fresh_schema, running_server

    with running_server(safe=safe) as server:
        yield lambda connections: f"{fresh_schema(server.url)}&connections={connections}"


def courses(seconds: float) -> list[Course]:
    """Threads and processes, on one case and on a hundred."""
    return [
        Course(threads, processes, cases, seconds)
        for cases in CASES
        for threads, processes in ((THREADS, 1), (1, PROCESSES))
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Many at once, on one case and on a hundred.")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--only", choices=["sqlite", "postgresql", "commits"])
    arguments = parser.parse_args()
    if arguments.only in (None, "sqlite"):
        with sqlite_places() as place:
            for course in courses(arguments.seconds):
                print("SQLite      ", run(place(), course), flush=True)
    if arguments.only in (None, "postgresql"):
        with postgresql_places(safe=True) as place_of:
            for course in courses(arguments.seconds):
                print("PostgreSQL  ", run(place_of(CONNECTIONS), course), flush=True)
    if arguments.only in (None, "commits"):
        slow_commits(arguments.seconds)


def slow_commits(seconds: float) -> None:
    """One connection and eight, with 2 ms before each commit."""
    with postgresql_places(safe=False) as place_of:
        for verbs in (MIXED, ("sign_in",), ("post",)):
            one, eight = (
                run(f"slow:{place_of(1)}", Course(1, processes, 100, seconds, verbs)) for processes in (1, 8)
            )
            print(f"{'+'.join(verbs):<22}1 connection   {one.a_second:8,.0f} a second   {one}")
            print(f"{'+'.join(verbs):<22}8 connections  {eight.a_second:8,.0f} a second   {eight}")
            ratio = eight.a_second / one.a_second
            print(f"{'':<22}{ratio:6.2f} x (goal {GOAL_OF_CONNECTIONS} x)", flush=True)


if __name__ == "__main__":
    main()
