"""Who writes in memory, in which order, how a turn ends, and what a reader holds back."""

import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Thread
from typing import Any

import pytest

from dcss_core.errors import BackendError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import Collection, Field, FieldKind

_LONG_SECONDS = 30.0
COUNTERS = Collection(
    "counters",
    (Field("name", FieldKind.TEXT), Field("count", FieldKind.INTEGER), Field("digest", FieldKind.BYTES)),
    key="name",
)


def counter(count: int, digest: bytes = b"") -> dict[str, Any]:
    return {"name": "a", "count": count, "digest": digest}


def count_one_more(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True, wait_seconds=_LONG_SECONDS) as transaction:
        row: Any = transaction.get(COUNTERS, "a")
        transaction.replace(COUNTERS, counter(row["count"] + 1), expected_version=row["version"])


def begin(storage: MemoryStorage, wait_seconds: float = 0) -> None:
    with storage.transaction(writes=True, wait_seconds=wait_seconds):
        pass


def until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONG_SECONDS
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.001)


def started(work: Callable[[], None], storage: MemoryStorage) -> Thread:
    """A thread that stands in the line of those who write."""

    def in_line() -> int:
        return [each.token() is None for each in list(storage._line)].count(False)

    others = in_line()
    thread = Thread(target=work, daemon=True)
    thread.start()
    until(lambda: in_line() > others)
    return thread


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    storage.prepare([COUNTERS])
    with storage.transaction(writes=True) as transaction:
        transaction.insert(COUNTERS, [counter(0)])
    return storage


# --- the order ------------------------------------------------------------------------------------------
def test_writers_come_in_the_order_in_which_they_asked(storage: MemoryStorage) -> None:
    written: list[int] = []

    def write(number: int) -> None:
        with storage.transaction(writes=True, wait_seconds=_LONG_SECONDS):
            written.append(number)

    with storage.transaction(writes=True):
        threads = [started(lambda number=number: write(number), storage) for number in range(8)]
        assert written == []
    for thread in threads:
        thread.join(_LONG_SECONDS)
    assert written == list(range(8))


def test_no_thread_loses_what_another_one_wrote(storage: MemoryStorage) -> None:
    def count() -> None:
        for _ in range(500):
            count_one_more(storage)

    threads = [Thread(target=count) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(_LONG_SECONDS)
    with storage.transaction(writes=False) as transaction:
        assert transaction.get(COUNTERS, "a") == {**counter(1_000), "version": 1_001}


# --- the wait -------------------------------------------------------------------------------------------
def test_a_writer_waits_as_long_as_it_may(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True):
        began = time.monotonic()
        with pytest.raises(BackendError) as refusal:
            begin(storage, wait_seconds=0.1)
    assert refusal.value.retryable
    assert 0.1 <= time.monotonic() - began < 5


def test_without_a_wait_of_its_own_a_writer_waits_as_the_storage_says() -> None:
    storage = MemoryStorage(busy_timeout_seconds=0.1)
    with storage.transaction(writes=True):
        began = time.monotonic()
        with pytest.raises(BackendError), storage.transaction(writes=True):
            pass
    assert 0.1 <= time.monotonic() - began < 5


def test_a_writer_that_gives_up_does_not_hold_up_the_one_behind_it(storage: MemoryStorage) -> None:
    refused, begun = Event(), Event()

    def give_up() -> None:
        with pytest.raises(BackendError):
            begin(storage, wait_seconds=0.1)
        refused.set()

    def wait() -> None:
        begin(storage, _LONG_SECONDS)
        begun.set()

    with storage.transaction(writes=True):
        started(give_up, storage)
        started(wait, storage)
        assert refused.wait(_LONG_SECONDS)
        assert not begun.is_set()
    assert begun.wait(_LONG_SECONDS)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
def test_a_writer_that_is_interrupted_while_it_waits_holds_nobody_up(storage: MemoryStorage) -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    may_end = Event()

    def write() -> None:
        with storage.transaction(writes=True):
            may_end.wait(_LONG_SECONDS)

    writer = started(write, storage)
    before = signal.signal(signal.SIGALRM, press)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        with pytest.raises(KeyboardInterrupt) as kept:  # with all its frames
            begin(storage, _LONG_SECONDS)
    finally:
        signal.signal(signal.SIGALRM, before)
    may_end.set()
    writer.join(_LONG_SECONDS)
    begin(storage)
    assert kept.value.__traceback__ is not None


# --- the end of a turn ----------------------------------------------------------------------------------
def test_a_block_that_nobody_left_holds_nobody_up_once_it_is_gone(storage: MemoryStorage) -> None:
    block = storage.transaction(writes=True)
    transaction = block.__enter__()
    transaction.replace(COUNTERS, counter(1), expected_version=1)
    del block
    with storage.transaction(writes=True, wait_seconds=0) as next_one:
        assert next_one.get(COUNTERS, "a") == {**counter(0), "version": 1}


def test_a_transaction_is_not_saved_again_after_its_end(storage: MemoryStorage) -> None:
    block = storage.transaction(writes=True)
    with block as transaction:
        transaction.replace(COUNTERS, counter(1), expected_version=1)
    count_one_more(storage)
    block.__exit__(None, None, None)
    with storage.transaction(writes=False) as reading:
        assert reading.get(COUNTERS, "a") == {**counter(2), "version": 3}


class Pressed(Mapping[str, Any]):
    """A row during whose reading a key is pressed."""

    def __getitem__(self, name: str) -> Any:
        raise KeyboardInterrupt

    def __iter__(self) -> Iterator[str]:
        raise KeyboardInterrupt

    def __len__(self) -> int:
        raise KeyboardInterrupt


def test_after_a_key_was_pressed_in_a_call_nothing_is_saved(storage: MemoryStorage) -> None:
    def carry_on() -> None:
        with storage.transaction(writes=True) as transaction:
            transaction.replace(COUNTERS, counter(1), expected_version=1)
            with pytest.raises(KeyboardInterrupt):
                transaction.replace(COUNTERS, Pressed(), expected_version=2)

    with pytest.raises(KeyboardInterrupt):
        carry_on()
    with storage.transaction(writes=True, wait_seconds=0) as transaction:
        assert transaction.get(COUNTERS, "a") == {**counter(0), "version": 1}


# --- what is kept for whom ------------------------------------------------------------------------------
def references_to(digest: bytes) -> int:
    return sys.getrefcount(digest)


def test_versions_that_nobody_reads_are_gone(storage: MemoryStorage) -> None:
    digest = bytes(range(200))
    unused = references_to(digest)
    with storage.transaction(writes=True) as transaction:
        transaction.replace(COUNTERS, counter(0, digest), expected_version=1)
    assert references_to(digest) > unused
    count_one_more(storage)
    del transaction
    assert references_to(digest) == unused


@pytest.mark.parametrize("leave", [True, False], ids=["left", "dropped"])
def test_a_version_is_kept_as_long_as_its_reader(storage: MemoryStorage, leave: bool) -> None:
    digest = bytes(range(200))
    unused = references_to(digest)
    with storage.transaction(writes=True) as transaction:
        transaction.replace(COUNTERS, counter(0, digest), expected_version=1)
    block = storage.transaction(writes=False)
    reading = block.__enter__()
    count_one_more(storage)
    assert reading.get(COUNTERS, "a") == {**counter(0, digest), "version": 2}
    if leave:
        block.__exit__(None, None, None)  # though `reading` is still there
    else:
        del block, reading
    assert references_to(digest) == unused
