"""Waiting: who waits for whom, for how long, and who waits for nobody."""

import math
import time
from collections.abc import Callable
from threading import Event, Thread, Timer
from typing import Any, Final

import pytest

from dcss_core.errors import BackendError, ConfigurationError, InvalidInputError
from dcss_core.ports.storage import Collection, Field, FieldKind, Storage, Transaction
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    allowed,
    at_once,
    event,
    events_declared,
    fresh,
    people_declared,
    person,
    promptly,
    refused,
)

_SHORT_SECONDS: Final = 0.2
_LONG_SECONDS: Final = 30.0
_QUEUE: Final = "the port promises that writing transactions queue, since the storage says that they do"
_AT_ONCE: Final = "the port promises that with wait_seconds=0 nobody waits"
_BUSY: Final = "the port promises BackendError, retryable, when the wait to begin is over"
_NO_WAIT: Final = "the port promises that a reading transaction never waits for a writing one"
_PREPARED: Final = "the port promises that where nothing is missing, prepare waits for no writer"
_PREPARING: Final = "the port promises that prepare creates what is missing, whoever prepares beside it"


def _begin(storage: Storage, wait_seconds: float | None) -> None:
    with storage.transaction(writes=True, wait_seconds=wait_seconds):
        pass


class Waiting(OnAShelf):
    """How long a transaction waits to begin."""

    @pytest.fixture
    def queueing(self, shelf: Shelf) -> Shelf:
        """The shelf of a storage whose writing transactions queue behind each other."""
        if not shelf.storage.writes_one_at_a_time:
            pytest.skip("this backend does not say that writing transactions queue behind each other")
        return shelf

    def test_a_storage_says_whether_writers_queue(self, shelf: Shelf) -> None:
        """In so many words, since the core numbers its audit log by it."""
        says = shelf.storage.writes_one_at_a_time
        assert type(says) is bool, "the port promises to say whether writing transactions queue"

    def test_writers_that_queue_meet_no_conflict(self, queueing: Shelf) -> None:
        """Each gets its turn, and finds what it read as it read it."""

        def add_a_cent(_: int) -> None:
            for _ in range(5):
                with queueing.storage.transaction(writes=True, wait_seconds=_LONG_SECONDS) as transaction:
                    row: Any = transaction.get(queueing.people, "a")
                    changed = person("a", balance_cents=row["balance_cents"] + 1)
                    transaction.replace(queueing.people, changed, expected_version=row["version"])

        queueing.insert(person("a"))
        with allowed(f"{_QUEUE}: none ever meets a conflict"):
            at_once(add_a_cent, threads=8)
        assert queueing.get("a") == {**person("a", balance_cents=40), "version": 41}, _QUEUE

    def test_without_a_wait_a_second_writer_is_refused_at_once(self, queueing: Shelf) -> None:
        """Whoever may try again later is told so."""
        with queueing.storage.transaction(writes=True):
            refusal = promptly(lambda: _refused_to_begin(queueing.storage, 0), _AT_ONCE)
        assert refusal.retryable is True, f"{_BUSY}, so that it is tried again"

    def test_a_second_writer_waits_for_as_long_as_it_may(self, queueing: Shelf) -> None:
        """And not much longer."""
        with queueing.storage.transaction(writes=True):
            began = time.monotonic()
            refusal = promptly(lambda: _refused_to_begin(queueing.storage, _SHORT_SECONDS), _BUSY)
            waited = time.monotonic() - began
        assert refusal.retryable is True, f"{_BUSY}, so that it is tried again"
        assert waited > _SHORT_SECONDS * 0.9, "the port promises to wait as long as it may"

    def test_a_writer_begins_when_the_one_before_it_ends(self, queueing: Shelf) -> None:
        """It waits no longer than it has to."""
        begun, may_end = Event(), Event()

        def write() -> None:
            with queueing.storage.transaction(writes=True):
                begun.set()
                may_end.wait(_LONG_SECONDS)

        first = Thread(target=write)
        first.start()
        begun.wait(_LONG_SECONDS)
        ending = Timer(_SHORT_SECONDS, may_end.set)  # while the wait goes on
        ending.start()
        promise = "the port promises that a waiting writer begins when the one before it has ended"
        promptly(lambda: _begin(queueing.storage, _LONG_SECONDS), promise)
        first.join()

    def test_a_wait_that_is_over_leaves_nothing_held(self, queueing: Shelf) -> None:
        """Neither a place in the queue nor a lock."""
        with queueing.storage.transaction(writes=True):
            for wait_seconds in (0, _SHORT_SECONDS / 4):
                _refused_to_begin(queueing.storage, wait_seconds)
        promise = "the port promises that a wait that is over keeps nobody waiting"
        promptly(lambda: _begin(queueing.storage, 0), promise)
        with allowed(promise):
            _begin(queueing.storage, 0)

    def test_another_storage_on_the_same_place_waits_too(
        self, queueing: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """As another process does."""
        other = open_again()
        with queueing.storage.transaction(writes=True):
            refusal = promptly(lambda: _refused_to_begin(other.storage, 0), _AT_ONCE)
            later = promptly(lambda: _refused_to_begin(other.storage, _SHORT_SECONDS), _BUSY)
        assert (refusal.retryable, later.retryable) == (True, True), f"{_BUSY}, so that it is tried again"
        promise = "the port promises that a wait that is over keeps nobody waiting"
        promptly(lambda: _begin(other.storage, 0), promise)
        promptly(lambda: _begin(queueing.storage, 0), promise)

    @pytest.mark.parametrize("writes", [False, True])
    @pytest.mark.parametrize("wait_seconds", [0, 1, 0.25, 10**9, None])
    def test_any_number_of_seconds_is_a_wait(
        self, shelf: Shelf, writes: bool, wait_seconds: float | None
    ) -> None:
        """Nothing is waited where nobody is at work."""
        shelf.insert(person("a"))

        def read() -> object:
            with shelf.storage.transaction(writes=writes, wait_seconds=wait_seconds) as transaction:
                return transaction.get(shelf.people, "a")

        assert promptly(read, "the port promises to begin at once where nobody is at work") is not None

    @pytest.mark.parametrize("writes", [False, True])
    @pytest.mark.parametrize("wait_seconds", [-1, -0.001, math.nan, math.inf, 10**400, True, "1"], ids=repr)
    def test_what_is_no_wait_is_refused(self, shelf: Shelf, writes: bool, wait_seconds: Any) -> None:
        """Less than nothing, what is no number, and what has no end."""
        promise = "the port promises InvalidInputError for less than 0 seconds, or no number that ends"
        with (
            refused(InvalidInputError, promise),
            shelf.storage.transaction(writes=writes, wait_seconds=wait_seconds),
        ):
            pass

    @pytest.mark.parametrize("wait_seconds", [0, None])
    def test_a_reader_never_waits_for_a_writer(self, shelf: Shelf, wait_seconds: float | None) -> None:
        """It reads what was there before, by key, by index, and in numbers."""
        shelf.insert(person("a", balance_cents=1))

        def read() -> list[object]:
            with shelf.storage.transaction(writes=False, wait_seconds=wait_seconds) as transaction:
                return [
                    len(transaction.find(shelf.people, ("person_id",))),
                    transaction.count(shelf.people, ("county",)),
                    transaction.sum(shelf.people, "balance_cents", ("county",)),
                ]

        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person("b", balance_cents=2)])
            transaction.delete(shelf.people, ("person_id",), ["a"], limit=1)
            transaction.append(shelf.events, [{"subject": "b", "details": None}])
            assert promptly(read, _NO_WAIT) == [1, 1, {(): 1}], _NO_WAIT

    def test_a_writer_never_waits_for_a_reader(self, shelf: Shelf) -> None:
        """However long somebody reads."""
        shelf.insert(person("a"))

        def write(transaction: Transaction) -> None:
            transaction.replace(shelf.people, person("a", balance_cents=1), expected_version=1)

        with shelf.storage.transaction(writes=False) as reading:
            before = reading.get(shelf.people, "a")
            promptly(
                lambda: shelf.write(write), "the port promises that a writing transaction waits for no reader"
            )
            assert reading.get(shelf.people, "a") == before, "the port promises one stable snapshot"


class Preparing(OnAShelf):
    """What prepare does beside others."""

    def test_nobody_waits_to_prepare_what_is_there(self, shelf: Shelf) -> None:
        """A start beside a long writer is an ordinary start."""
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person("a")])
            promptly(lambda: shelf.storage.prepare([shelf.people, shelf.events]), _PREPARED)
        assert shelf.get("a") is not None, "the port promises that prepare changes no record"

    def test_nobody_waits_to_be_told_of_another_shape(self, shelf: Shelf) -> None:
        """What is refused is refused at once."""
        people = shelf.people
        narrower = Collection(people.name, people.fields[:3], key=people.key)

        def prepare() -> None:
            with refused(ConfigurationError, "the port promises ConfigurationError for another shape"):
                shelf.storage.prepare([narrower])

        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(people, [person("a")])
            promptly(prepare, _PREPARED)

    def test_nobody_waits_to_open_what_is_there(self, shelf: Shelf, open_again: Callable[[], Shelf]) -> None:
        """Another process opens and prepares while one writes."""
        open_again()
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person("a")])
            other = promptly(open_again, _PREPARED)
            assert other.get("a") is None, "the port promises that nobody sees what is not committed"
        assert other.get("a") is not None, "the port promises that a new snapshot has what was committed"

    def test_what_is_missing_is_created_once_whoever_prepares(self, shelf: Shelf) -> None:
        """Threads that prepare the same, and something of their own, at the same time."""
        same = people_declared(fresh("people"))
        own = [events_declared(fresh("events")) for _ in range(4)]

        with allowed(_PREPARING):
            at_once(lambda thread: shelf.storage.prepare([same, own[thread]]), threads=4)
            with shelf.storage.transaction(writes=True) as transaction:
                transaction.insert(same, [person("a")])
                for log in own:
                    transaction.append(log, [event("a")])

    def test_what_is_missing_is_created_once_in_whatever_storage(
        self, shelf: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """Processes that start at the same time; each knows what it prepared."""
        shelves = [shelf, open_again(), open_again()]
        same = people_declared(fresh("people"))
        own = [events_declared(fresh("events")) for _ in shelves]

        with allowed(_PREPARING):
            at_once(lambda thread: shelves[thread].storage.prepare([same, own[thread]]), threads=3)
            for each, log in zip(shelves, own, strict=True):
                with each.storage.transaction(writes=True) as transaction:
                    transaction.append(log, [event("a")])
                    transaction.append(log, [event("b")])
                    transaction.insert(same, [person(log.name)])
        with shelf.storage.transaction(writes=False) as transaction:
            assert transaction.count(same, ("person_id",)) == 3, _PREPARING

    def test_of_two_shapes_prepared_at_once_one_is_refused(self, shelf: Shelf) -> None:
        """Whichever came second; the first one stays."""
        name = fresh("people")
        key = Field("person_id", FieldKind.TEXT)
        shapes = [
            Collection(name, (key, Field(f"field_{number}", FieldKind.TEXT)), key="person_id")
            for number in range(4)
        ]

        def prepare(thread: int) -> bool:
            try:
                shelf.storage.prepare([shapes[thread]])
            except ConfigurationError:
                return False
            return True

        won = at_once(prepare, threads=4)
        promise = "the port promises ConfigurationError for another shape, whoever prepares beside it"
        assert sum(won) == 1, promise
        with allowed(promise):
            shelf.storage.prepare([shapes[won.index(True)]])


def _refused_to_begin(storage: Storage, wait_seconds: float) -> Any:
    with refused(BackendError, _BUSY) as refusal:
        _begin(storage, wait_seconds)
    return refusal.error
