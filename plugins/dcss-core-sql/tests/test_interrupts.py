"""An interrupt at any point of a transaction: saved whole or not at all, and nobody waits afterwards."""

import random
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import dcss_core_sql
from dcss_core.plugins import SEQUENCE, Collection, Field, FieldKind, Transaction
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

PACKAGE = str(Path(dcss_core_sql.__file__).parent)
PEOPLE = Collection(
    "people", (Field("person_id", FieldKind.TEXT), Field("born_on", FieldKind.DATE, True)), key="person_id"
)
EVENTS = Collection("events", (Field("subject", FieldKind.TEXT, True),), log=True)

kept: list[object] = []
"""Transactions that somebody still knows, as a long function would in its variables."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{file}?synchronous=off&busy_seconds=0")
    storage.prepare([PEOPLE, EVENTS])
    yield storage
    storage.close()
    kept.clear()


def write(storage: SqlStorage, name: str) -> None:
    with storage.transaction(writes=True) as transaction:
        kept.append(transaction)
        assert transaction.get(PEOPLE, name) is None
        transaction.append(EVENTS, [{"subject": name}])
        transaction.insert(PEOPLE, [{"person_id": name, "born_on": None}])
        transaction.redact(EVENTS, ["subject"], up_to=0)


def read(storage: SqlStorage, name: str) -> None:
    with storage.transaction(writes=False) as transaction:
        kept.append(transaction)
        transaction.get_each(PEOPLE, [name, "nobody"])


def refuse(storage: SqlStorage, name: str) -> None:
    try:
        with storage.transaction(writes=True) as transaction:
            kept.append(transaction)
            transaction.insert(PEOPLE, [{"person_id": name, "born_on": None}])
            raise ZeroDivisionError
    except ZeroDivisionError:
        return


class Interruption:
    """Raises at one of the points between two instructions of this package, counted from the start."""

    def __init__(self, point: int, kind: type[BaseException]) -> None:
        self.point, self.kind, self.passed = point, kind, 0

    @contextmanager
    def comes(self) -> Iterator[None]:
        before = sys.gettrace()
        sys.settrace(self._entered)
        try:
            yield
        finally:
            sys.settrace(before)

    def _entered(self, frame: FrameType, event: str, argument: Any) -> Any:
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace = self._passed  # Python 3.13 counts instructions only of a frame that has it already
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return self._passed(frame, event, argument)

    def _passed(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event in ("call", "opcode"):
            self.passed += 1
            if self.passed == self.point:
                raise self.kind
        return self._passed


def interrupted(verb: Callable[[], None], point: int, kind: type[BaseException]) -> bool:
    """Run a verb and interrupt it; whether the interrupt came before the end."""
    interruption = Interruption(point, kind)
    try:
        with interruption.comes():
            verb()
    except kind:
        return True
    assert interruption.passed < point
    return False


def expect_order(storage: SqlStorage, file: Path, name: str) -> bool:
    """Nobody is kept waiting and nothing is half done; whether it was saved."""
    with closing(sqlite3.connect(file, isolation_level=None, timeout=0)) as other:
        other.execute("BEGIN IMMEDIATE")  # no lock is held in the file
        people = other.execute("SELECT count(*) FROM people WHERE person_id = ?", [name]).fetchall()
        events = other.execute("SELECT count(*) FROM events WHERE subject = ?", [name]).fetchall()
        [gap] = other.execute("SELECT count(*) - coalesce(max(seq), 0) FROM events").fetchall()
        other.execute("ROLLBACK")
        [(is_still_read, *_)] = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert people == events
    assert not is_still_read
    assert gap == (0,)
    with storage.transaction(writes=True):  # nor in this process, though it waits for nobody
        assert list(storage._database._connections.claims.values()) == [storage._database._line._claims[0]]
    database = storage._database
    assert (database._connections.claims, list(database._line._claims)) == ({}, [])
    assert not [each for each in database._connections.kept if each.in_transaction]
    return people == [(1,)]


@pytest.mark.parametrize(
    ("verb", "kind"),
    [(write, KeyboardInterrupt), (write, MemoryError), (read, MemoryError), (refuse, KeyboardInterrupt)],
)
def test_an_interrupt_between_any_two_instructions_leaves_order(
    storage: SqlStorage, file: Path, verb: Callable[[SqlStorage, str], None], kind: type[BaseException]
) -> None:
    verb(storage, "before")  # so that every text is written and every connection open
    point, saved = 0, []
    is_over = False
    while not is_over:
        point += 1
        name = f"{point}"
        is_over = not interrupted(lambda name=name: verb(storage, name), point, kind)
        saved.append(expect_order(storage, file, name))
    assert point > 300
    assert len(storage._database._connections.kept) <= 2
    if verb is write:
        assert not saved[0]
        assert saved[-1]
        assert saved == sorted(saved)  # once it is committed, no later interrupt takes it back
    else:
        assert not any(saved)


class AtTheCall(Interruption):
    """Raises where a function of this package is called."""

    def __init__(self, function: str) -> None:
        super().__init__(0, KeyboardInterrupt)
        self.function = function

    def _passed(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "call" and frame.f_code.co_name == self.function:
            raise self.kind
        return self._passed


@pytest.mark.parametrize(
    "function", ["enter", "_check_file", "_wait_for", "__init__", "get", "end", "commit"]
)
def test_order_is_there_before_anybody_has_looked_at_the_interrupt(
    storage: SqlStorage, file: Path, function: str
) -> None:
    write(storage, "before")
    block = storage.transaction(writes=True)  # made before, for the constructor is one of its functions
    came = False
    try:
        with AtTheCall(function).comes():
            enter(block)
    except KeyboardInterrupt:
        came = True
        assert not expect_order(storage, file, "a")
    assert came


def enter(block: AbstractContextManager[Transaction]) -> None:
    with block as transaction:
        assert transaction.get(PEOPLE, "a") is None
        transaction.insert(PEOPLE, [{"person_id": "a", "born_on": None}])


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there is no timer that sends a signal")
def test_a_real_signal_at_any_moment_leaves_order(storage: SqlStorage, file: Path) -> None:
    random.seed(8)
    came = 0
    for number in range(400):
        try:
            interrupt_after(random.uniform(0.00001, 0.0006))
            while True:
                write_next(storage)
        except KeyboardInterrupt:
            came += 1
        expect_order(storage, file, f"{number}")
    with storage.transaction(writes=False) as transaction:
        numbers = [row[SEQUENCE] for row in transaction.find(EVENTS, (SEQUENCE,))]
        assert transaction.count(PEOPLE, ("person_id",)) == len(numbers)
    assert came == 400
    assert numbers == list(range(1, len(numbers) + 1))


def interrupt_after(seconds: float) -> None:
    signal.setitimer(signal.ITIMER_REAL, seconds)


def write_next(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        [number] = transaction.append(EVENTS, [{"subject": "walrus"}])
        transaction.insert(PEOPLE, [{"person_id": f"{number:09}", "born_on": None}])


@pytest.fixture(autouse=True)
def alarm() -> Iterator[None]:
    """The timer's signal is an interrupt, as Ctrl-C is."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


def test_a_thread_that_waits_for_its_turn_can_be_interrupted_and_holds_up_nobody(file: Path) -> None:
    storage = open_storage(f"sqlite:///{file}")
    storage.prepare([PEOPLE, EVENTS])
    release = threading.Event()
    holding = threading.Event()

    def hold() -> None:
        with storage.transaction(writes=True):
            holding.set()
            release.wait()

    holder = threading.Thread(target=hold)
    holder.start()
    holding.wait()
    interrupt_after(0.05)
    with pytest.raises(KeyboardInterrupt):
        storage.transaction(writes=True).__enter__()
    release.set()
    holder.join()
    begun = time.monotonic()
    write(storage, "after")
    assert time.monotonic() - begun < 1
    assert expect_order(storage, file, "after")
    storage.close()
