"""Interrupts: a key is pressed, memory runs out, or a reply is lost, at any point of a unit of work.

Decides which points there are: every value that a call takes from its arguments, and every call that the
backend makes in Python or out of it, since Python looks for signals there.
"""

import gc
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from types import FrameType
from typing import Any, Final, TypeAlias, overload

import pytest

from dcss_core.errors import OutcomeUnknownError
from dcss_core.ports.storage import Collection, Row, Scalar, Transaction
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    allowed,
    event,
    fresh,
    people_declared,
    person,
    promptly,
    refused,
)

_MOST_POINTS: Final = 400  # of one act, so that the kit is fast on a backend that makes many calls
_WHOLE: Final = "the port promises that a transaction is saved whole or not at all, whatever interrupts it"
_NOTHING: Final = "the port promises that nothing is saved of what was interrupted before its end"
_NOBODY: Final = "the port promises that nobody is kept waiting by what was interrupted"
_NEW_SNAPSHOT: Final = "the port promises that a new snapshot has what was committed before"
_UNKNOWN: Final = "the port promises OutcomeUnknownError when a commit was sent and no answer came"

Interrupt: TypeAlias = type[BaseException]
_INTERRUPTS: Final[tuple[Interrupt, ...]] = (KeyboardInterrupt, MemoryError)
Reading: TypeAlias = Callable[[Transaction, Shelf, "_Countdown"], object]


class _Countdown:
    """Interrupts whoever takes the last of so many values."""

    def __init__(self, values: int, interrupt: Interrupt) -> None:
        self._left, self._interrupt = values, interrupt

    def take(self) -> None:
        self._left -= 1
        if self._left == 0:
            raise self._interrupt


class _Row(Mapping[str, Scalar]):
    """A row whose values are counted as they are taken."""

    def __init__(self, row: Row, countdown: _Countdown) -> None:
        self._row, self._countdown = row, countdown

    def __getitem__(self, name: str) -> Scalar:
        self._countdown.take()
        return self._row[name]

    def __iter__(self) -> Iterator[str]:
        self._countdown.take()
        return iter(self._row)

    def __len__(self) -> int:
        self._countdown.take()
        return len(self._row)


class _Several(Sequence[Any]):
    """A sequence whose items are counted as they are taken."""

    def __init__(self, items: Sequence[Any], countdown: _Countdown) -> None:
        self._items, self._countdown = items, countdown

    @overload
    def __getitem__(self, place: int) -> Any: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Any]: ...
    def __getitem__(self, place: int | slice) -> Any:
        self._countdown.take()
        return self._items[place]

    def __len__(self) -> int:
        self._countdown.take()
        return len(self._items)


def _rows(rows: Sequence[Row], countdown: _Countdown) -> Sequence[Row]:
    return _Several([_Row(row, countdown) for row in rows], countdown)


_READING: Final[dict[str, Reading]] = {
    "insert": lambda work, shelf, countdown: work.insert(
        shelf.people, _rows([person("x", email="x@example.org"), person("y"), person("z")], countdown)
    ),
    "replace": lambda work, shelf, countdown: work.replace(
        shelf.people, _Row(person("a", email="b@example.org"), countdown), expected_version=1
    ),
    "append": lambda work, shelf, countdown: work.append(
        shelf.events, _rows([event("x"), event("y"), event("z")], countdown)
    ),
    "redact": lambda work, shelf, countdown: work.redact(
        shelf.events, _Several(["details"], countdown), up_to=1
    ),
    "delete": lambda work, shelf, countdown: work.delete(
        shelf.people, ("county", "number"), _Several(["Fulton"], countdown), limit=1
    ),
    "get_each": lambda work, shelf, countdown: work.get_each(shelf.people, _Several(["a", "x"], countdown)),
    "find": lambda work, shelf, countdown: work.find(
        shelf.people, ("county",), _Several(["Fulton"], countdown)
    ),
    "find_each": lambda work, shelf, countdown: work.find_each(
        shelf.people, ("county",), _Several(["Fulton", "Cobb"], countdown)
    ),
    "sum": lambda work, shelf, countdown: work.sum(
        shelf.people, "number", ("county",), by=_Several(["county"], countdown)
    ),
}


class _Point:
    """Counts the calls that a thread makes outside this file, and interrupts one of them."""

    def __init__(self, at: int | None = None) -> None:
        self.calls, self._at = 0, at

    def __call__(self, frame: FrameType, happens: str, _: object) -> None:
        # a Python function begins, or one in C has returned: that is where Python looks for signals
        if happens in ("call", "c_return") and frame.f_code.co_filename != __file__:
            self.calls += 1
            if self.calls == self._at:
                sys.setprofile(None)
                raise KeyboardInterrupt

    def reach(self, work: Callable[[], object]) -> None:
        before, collects = sys.getprofile(), gc.isenabled()
        gc.disable()  # else the interrupt may hit whoever watches the garbage, and not the backend
        sys.setprofile(self)
        try:
            work()
        finally:
            sys.setprofile(before)
            if collects:
                gc.enable()


def _state(shelf: Shelf) -> list[list[Row]]:
    with shelf.storage.transaction(writes=False) as transaction:
        return [transaction.find(shelf.people, ("person_id",)), transaction.find(shelf.events, ("seq",))]


def _begin(shelf: Shelf) -> None:
    with shelf.storage.transaction(writes=True, wait_seconds=0) as transaction:
        transaction.count(shelf.people, ("person_id",))


class Interrupts(OnAShelf):
    """What an interrupt leaves behind: all or nothing, and nobody who waits for it."""

    @pytest.fixture
    def losing_replies(self) -> Callable[[], AbstractContextManager[object]]:
        """What is entered for a time in which no reply to a commit of `storage` arrives."""
        pytest.skip("this backend does not say how the reply to a commit is lost")

    def _fill(self, shelf: Shelf) -> None:
        shelf.insert(
            person("a", email="a@example.org", county="Fulton", number=1),
            person("b", county="Fulton", number=2),
        )
        shelf.write(lambda work: work.append(shelf.events, [{"subject": "a", "details": "d"}]))

    def _expect_nobody_waits(self, shelf: Shelf) -> None:
        promptly(lambda: _begin(shelf), _NOBODY)
        with allowed(_NOBODY):
            _begin(shelf)

    @pytest.mark.parametrize("interrupt", [*_INTERRUPTS, SystemExit, GeneratorExit])
    def test_an_interrupt_in_the_block_saves_nothing(self, shelf: Shelf, interrupt: Interrupt) -> None:
        """It leaves the block as it came, and the next writer begins at once."""
        self._fill(shelf)
        before = _state(shelf)
        with (
            refused(interrupt, "the port promises that whatever was raised leaves the block"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.insert(shelf.people, [person("x", email="x@example.org")])
            transaction.replace(shelf.people, person("a"), expected_version=1)
            transaction.append(shelf.events, [event("x")])
            transaction.delete(shelf.people, ("person_id",), ["b"], limit=1)
            raise interrupt
        self._expect_nobody_waits(shelf)
        assert _state(shelf) == before, _NOTHING
        with allowed("the port promises that a rollback leaves nothing behind"):
            shelf.insert(person("y", email="x@example.org"))

    def test_a_reader_that_is_interrupted_keeps_nobody_waiting(self, shelf: Shelf) -> None:
        """Nor does the next reader see what it saw."""
        self._fill(shelf)
        with (
            refused(KeyboardInterrupt, "the port promises that whatever was raised leaves the block"),
            shelf.storage.transaction(writes=False) as transaction,
        ):
            transaction.get(shelf.people, "a")
            raise KeyboardInterrupt
        self._expect_nobody_waits(shelf)
        shelf.insert(person("x"))
        assert shelf.get("x") is not None, _NEW_SNAPSHOT

    @pytest.mark.parametrize("interrupt", _INTERRUPTS)
    @pytest.mark.parametrize("call", _READING)
    def test_a_call_that_is_interrupted_saves_nothing(
        self, shelf: Shelf, call: str, interrupt: Interrupt
    ) -> None:
        """At each value that it takes from its arguments."""
        self._fill(shelf)
        before = _state(shelf)
        for values in range(1, 1_000):
            if not self._interrupted(shelf, call, _Countdown(values, interrupt)):
                break
            promptly(lambda: _begin(shelf), _NOBODY)
            assert _state(shelf) == before, f"{_NOTHING}; ({call} at value {values})"

    def _interrupted(self, shelf: Shelf, call: str, countdown: _Countdown) -> bool:
        class _InTimeError(Exception):
            pass

        try:
            with shelf.storage.transaction(writes=True) as transaction:
                transaction.insert(shelf.people, [person("own")])
                _READING[call](transaction, shelf, countdown)
                raise _InTimeError
        except _InTimeError:
            return False
        except _INTERRUPTS:
            return True

    @pytest.mark.parametrize("interrupt", _INTERRUPTS)
    @pytest.mark.parametrize("call", ["insert", "append"])
    def test_an_interrupt_that_is_caught_spoils_the_transaction(
        self, shelf: Shelf, call: str, interrupt: Interrupt
    ) -> None:
        """A call that raised is a call that raised, whatever it was; else half of it would be saved."""
        self._fill(shelf)
        before = _state(shelf)
        promise = "the port promises that whatever a call raised leaves the transaction unusable"
        with (
            refused(interrupt, f"{promise}; leaving the block raises it again"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            with suppress(interrupt):
                _READING[call](transaction, shelf, _Countdown(5, interrupt))
            with refused(interrupt, f"{promise}; the next call raises it again"):
                transaction.get(shelf.people, "a")
        self._expect_nobody_waits(shelf)
        assert _state(shelf) == before, _NOTHING

    def test_an_interrupt_at_any_point_leaves_all_or_nothing(self, shelf: Shelf) -> None:
        """While it begins, reads, writes, commits or rolls back."""
        self._fill(shelf)
        turn = 0
        kept: list[Transaction] = []  # as in a variable that outlives the block

        def work() -> None:
            with shelf.storage.transaction(writes=True) as transaction:
                kept[:] = [transaction]
                row: Any = transaction.get(shelf.people, "a")
                changed = person("a", balance_cents=row["balance_cents"] + 1)
                transaction.insert(shelf.people, [person(f"p{turn}", email=f"{turn}@example.org")])
                transaction.replace(shelf.people, changed, expected_version=row["version"])
                transaction.append(shelf.events, [event(f"{turn}"), event(f"{turn}")])
                transaction.delete(shelf.people, ("email",), [f"{turn - 1}@example.org"], limit=1)

        for point in self._points(work):
            before = _state(shelf)
            turn += 1
            self._interrupt(work, point)
            promptly(lambda: _begin(shelf), f"{_NOBODY}; (call {point})")
            after = _state(shelf)
            if after != before:
                _expect_the_whole(before, after, turn, point)
            assert [row["seq"] for row in after[1]] == list(range(1, len(after[1]) + 1)), _WHOLE

    def test_a_reader_interrupted_at_any_point_keeps_nobody_waiting(self, shelf: Shelf) -> None:
        """And leaves nobody in its snapshot."""
        self._fill(shelf)

        def work() -> None:
            with shelf.storage.transaction(writes=False) as transaction:
                transaction.get(shelf.people, "a")
                transaction.find(shelf.people, ("county",), ["Fulton"])

        for point in self._points(work):
            self._interrupt(work, point)
            promptly(lambda: _begin(shelf), f"{_NOBODY}; (call {point})")
        shelf.insert(person("x"))
        assert shelf.get("x") is not None, _NEW_SNAPSHOT

    def test_a_prepare_interrupted_at_any_point_can_be_done_again(self, shelf: Shelf) -> None:
        """What is half done is done by the next one."""
        collection = people_declared(fresh("people"))

        def work() -> None:
            shelf.storage.prepare([shelf.people, collection])

        for point in self._points(work):
            collection = people_declared(fresh("people"))
            self._interrupt(work, point)
            promptly(work, f"{_NOBODY}; (call {point} of prepare)")
            with allowed("the port promises that what was prepared can be used"):
                self._use(shelf, collection)

    def _use(self, shelf: Shelf, people: Collection) -> None:
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(people, [person("a", email="a@example.org")])
            assert transaction.count(people, ("email",), ["a@example.org"]) == 1, _NOBODY

    def _points(self, work: Callable[[], object]) -> Sequence[int]:
        """The calls that the backend makes for this, or some hundred of them in even steps."""
        counted = _Point()
        counted.reach(work)
        assert counted.calls, "the kit expects a backend that makes calls"
        return range(1, counted.calls + 1, counted.calls // _MOST_POINTS + 1)

    def _interrupt(self, work: Callable[[], object], point: int) -> None:
        with suppress(KeyboardInterrupt):
            _Point(point).reach(work)

    def test_an_unknown_outcome_is_said_to_be_unknown(
        self, shelf: Shelf, losing_replies: Callable[[], AbstractContextManager[object]]
    ) -> None:
        """Nobody is told to try again what may be saved already; it is whole or not there at all."""
        self._fill(shelf)
        before = _state(shelf)
        rows = [person("x"), person("y")]
        with losing_replies(), refused(OutcomeUnknownError, _UNKNOWN) as refusal:
            shelf.insert(*rows)
        assert refusal.error.retryable is False, f"{_UNKNOWN}, not retryable"
        self._expect_nobody_waits(shelf)
        saved = [*before[0], *({**row, "version": 1} for row in rows)]
        assert _state(shelf) in (before, [saved, before[1]]), _WHOLE


def _expect_the_whole(before: list[list[Row]], after: list[list[Row]], turn: int, point: int) -> None:
    """Everything that this turn did, and nothing else, as numbers tell it."""
    (people_before, events_before), (people, events) = before, after
    cents: list[Any] = [rows[0]["balance_cents"] for rows in (people_before, people)]
    told = f"{_WHOLE}; (call {point})"
    assert cents[1] == cents[0] + 1, told
    assert [row["subject"] for row in events[len(events_before) :]] == [f"{turn}"] * 2, told
    assert f"p{turn}" in {row["person_id"] for row in people}, told
    assert f"p{turn - 1}" not in {row["person_id"] for row in people}, told
