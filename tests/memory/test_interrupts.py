"""Whatever interrupts a transaction, and wherever: it is whole or not there, and nobody waits for it."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

import dcss_core.memory
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core.ports.storage import Row

_FOLDER: Final = str(Path(dcss_core.memory.__file__).parent)
_SIGNALS: Final = 300

ACCOUNTS = Collection(
    "accounts",
    (Field("account_id", FieldKind.TEXT), Field("user_id", FieldKind.TEXT)),
    key="account_id",
    unique=(("user_id",),),
)
ENTRIES = Collection(
    "entries",
    (Field("account_id", FieldKind.TEXT), Field("source", FieldKind.TEXT, optional=True)),
    log=True,
    stream="account_id",
)
State = list[Row]


def account(account_id: str, user_id: str) -> dict[str, Any]:
    return {"account_id": account_id, "user_id": user_id}


def entry(account_id: str, source: str | None = "portal") -> dict[str, Any]:
    return {"account_id": account_id, "source": source}


def filled() -> MemoryStorage:
    storage = MemoryStorage()
    storage.prepare([ACCOUNTS, ENTRIES])
    with storage.transaction(writes=True) as transaction:
        transaction.insert(ACCOUNTS, [account("a", "ann"), account("z", "zoe")])
        transaction.append(ENTRIES, [entry("a")])
    return storage


BEFORE: Final[State] = [
    *({**account("a", "ann"), "version": 1}, {**account("z", "zoe"), "version": 1}),
    *({**account("a", "ann"), "version": 1}, {**account("z", "zoe"), "version": 1}),
    {**entry("a"), "seq": 1},
]
AFTER: Final[State] = [
    *({**account("a", "eve"), "version": 2}, {**account("b", "bob"), "version": 1}),
    *({**account("b", "bob"), "version": 1}, {**account("a", "eve"), "version": 2}),
    *({**entry("a", None), "seq": 1}, {**entry("a"), "seq": 2}),
]


def work_on(storage: MemoryStorage, handed_out: list[Any]) -> None:
    """Every kind of write; the transaction is kept, as the variable of a `with` statement keeps it."""
    with storage.transaction(writes=True, wait_seconds=0) as transaction:
        handed_out.append(transaction)
        transaction.insert(ACCOUNTS, [account("b", "bob")])
        transaction.replace(ACCOUNTS, account("a", "eve"), expected_version=1)
        transaction.append(ENTRIES, [entry("a")])
        transaction.redact(ENTRIES, ["source"], up_to=1, stream="a")
        transaction.delete(ACCOUNTS, ("account_id",), ["z"], limit=1)


def state(storage: MemoryStorage) -> State:
    """All there is: by key, by user id, and the log."""
    with storage.transaction(writes=False) as transaction:
        return state_in(transaction)


def state_in(transaction: Any) -> State:
    questions = [(ACCOUNTS, ("account_id",)), (ACCOUNTS, ("user_id",)), (ENTRIES, ("account_id", "seq"))]
    return [row for collection, index in questions for row in transaction.find(collection, index)]


def steps_of(work: Callable[[], None], interrupt: type[BaseException] | None = None, *, at: int = 0) -> int:
    """How many steps work takes inside the storage in memory; it may be interrupted at one of them.

    Each instruction is a step, and so are a function's call and its return.
    """
    taken = 0

    def follow(frame: FrameType, happens: str, argument: object) -> Any:
        if not frame.f_code.co_filename.startswith(_FOLDER):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        return step(frame, happens, argument)

    def step(frame: FrameType, happens: str, argument: object) -> Any:
        nonlocal taken
        taken += 1
        if taken == at and interrupt is not None:
            raise interrupt
        return step

    before = sys.gettrace()
    sys.settrace(follow)
    try:
        work()
    finally:
        sys.settrace(before)
    return taken


def is_saved_when_interrupted(interrupt: type[BaseException], step: int) -> bool:
    """Interrupt a transaction at one step, in a storage of its own, and look at all that was promised."""
    storage, handed_out = filled(), list[Any]()
    with storage.transaction(writes=False) as reading:
        with suppress(interrupt):
            steps_of(lambda: work_on(storage, handed_out), interrupt, at=step)
        found = state(storage)
        assert found in (BEFORE, AFTER)
        if found == BEFORE:
            work_on(storage, handed_out)  # which waits for nobody
        with storage.transaction(writes=True, wait_seconds=0) as transaction:
            assert state_in(transaction) == AFTER
        assert state_in(reading) == BEFORE
    return found == AFTER


@pytest.mark.parametrize(
    ("interrupt", "every"), [(KeyboardInterrupt, 1), (MemoryError, 11)], ids=["a key", "no memory"]
)
def test_a_transaction_is_whole_or_not_there_at_whatever_step_it_is_interrupted(
    interrupt: type[BaseException], every: int
) -> None:
    storage = filled()
    steps = steps_of(lambda: work_on(storage, []))
    saved = [is_saved_when_interrupted(interrupt, step) for step in range(1, steps + 1, every)]
    assert len(saved) > 1_000 / every
    assert saved == sorted(saved)  # not before one step, and always after it
    assert {*saved} == {False, True}


# --- signals ------------------------------------------------------------------------------------------------
def turns_until_interrupted(storage: MemoryStorage, after_seconds: float) -> int:
    """Write again and again until a real signal comes; tells which turn was under way."""
    turn = 1
    try:
        signal.setitimer(signal.ITIMER_REAL, after_seconds)
        while True:
            with storage.transaction(writes=True, wait_seconds=0) as transaction:
                transaction.insert(ACCOUNTS, [account(f"{turn}", f"user {turn}")])
                transaction.delete(ACCOUNTS, ("account_id",), [f"{turn - 1}"], limit=1)
                transaction.append(ENTRIES, [entry("a", f"{turn}"), entry("a", f"{turn}")])
                transaction.redact(ENTRIES, ["source"], up_to=2 * turn - 2, stream="a")
            turn += 1
    except KeyboardInterrupt:
        return turn


@pytest.fixture
def _alarm_is_a_key() -> Iterator[None]:
    def press(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, press)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("_alarm_is_a_key")
@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
def test_a_transaction_is_whole_or_not_there_whenever_a_signal_comes() -> None:
    saved = 0
    for number in range(_SIGNALS):
        storage = MemoryStorage()
        storage.prepare([ACCOUNTS, ENTRIES])
        turn = turns_until_interrupted(storage, after_seconds=50e-6 + number * 5e-6)
        with storage.transaction(writes=True, wait_seconds=0) as transaction:
            accounts = transaction.find(ACCOUNTS, ("account_id",))
            entries = transaction.find(ENTRIES, ("account_id", "seq"))
        last = len(entries) // 2
        assert last in (turn - 1, turn)
        assert [row["account_id"] for row in accounts] == [f"{last}"][:last]
        numbers = [str(turn) for turn in range(1, last + 1) for _ in range(2)]
        assert [row["source"] for row in entries] == [None] * (len(numbers) - 2) + numbers[-2:]
        saved += last == turn
    assert saved < _SIGNALS  # some came before the end of a turn
