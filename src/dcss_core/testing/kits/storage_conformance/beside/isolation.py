"""Isolation: the anomalies by name, each with two transactions that meet between looking and writing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any, Final

import pytest

from dcss_core.ports.storage import VERSION, Row, Transaction
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    at_once,
    event,
    keep_trying,
    own_fields,
    person,
)

_MEETING_SECONDS: Final = 0.05  # where writers queue, the second can't come, and is not waited for
_READING_SECONDS: Final = 2.0  # a writer never waits for a reader
_ALONE: Final = "the port promises that a writing transaction behaves as if it ran alone"
_SNAPSHOT: Final = "the port promises a reading transaction one stable snapshot"
_DIRTY: Final = "the port promises that nobody sees what is not committed"

Meet = Callable[[], None]


class _Meeting:
    """Where two transactions wait for each other, once and not for long."""

    def __init__(self) -> None:
        self._barrier = Barrier(2)

    def wait(self) -> None:
        with suppress(BrokenBarrierError):
            self._barrier.wait(_MEETING_SECONDS)
        self._barrier.abort()  # whoever tries anew is alone


def _two_write(shelf: Shelf, work: Callable[[Transaction, int, Meet], None]) -> None:
    """Two transactions, 0 and 1, that meet where the work says so; each is tried until it is done."""
    meeting = _Meeting()

    def attempt(number: int) -> None:
        keep_trying(lambda: shelf.write(lambda transaction: work(transaction, number, meeting.wait)))

    at_once(attempt, threads=2)


def _changed(transaction: Transaction, shelf: Shelf, row: Row | None, *, add: int) -> None:
    assert row is not None, "the port promises that a committed record can be read"
    old: dict[str, Any] = dict(row)
    changed = {**own_fields(row), "balance_cents": old["balance_cents"] + add}
    transaction.replace(shelf.people, changed, expected_version=old[VERSION])


def _balances(shelf: Shelf) -> list[Any]:
    with shelf.storage.transaction(writes=False) as transaction:
        return [row["balance_cents"] for row in transaction.find(shelf.people, ("person_id",))]


class Isolation(OnAShelf):
    """What a writing transaction never meets, by the names that the textbooks have for it."""

    def test_no_lost_update(self, shelf: Shelf) -> None:
        """Both read a record, and then both write it."""

        def add_a_cent(transaction: Transaction, _: int, meet: Meet) -> None:
            row = transaction.get(shelf.people, "a")
            meet()
            _changed(transaction, shelf, row, add=1)

        shelf.insert(person("a"))
        _two_write(shelf, add_a_cent)
        assert _balances(shelf) == [2], f"{_ALONE}: no lost update"

    def test_no_write_skew(self, shelf: Shelf) -> None:
        """Each may go as long as the other stays; both read both, and write different records."""

        def go_if_another_stays(transaction: Transaction, number: int, meet: Meet) -> None:
            there = transaction.find(shelf.people, ("county",), ["Fulton"])
            staying = sum(row["balance_cents"] == 1 for row in there)
            meet()
            if staying == 2:
                _changed(transaction, shelf, there[number], add=-1)

        shelf.insert(*(person(name, county="Fulton", balance_cents=1) for name in "ab"))
        _two_write(shelf, go_if_another_stays)
        assert sum(_balances(shelf)) == 1, f"{_ALONE}: no write skew"

    def test_no_phantom(self, shelf: Shelf) -> None:
        """Both look for what lies in a range, find nothing, and insert what lies in it."""

        def insert_if_none(transaction: Transaction, number: int, meet: Meet) -> None:
            found = transaction.find(shelf.people, ("county", "number"), ["Fulton"], at_most=10)
            meet()
            if not found:
                transaction.insert(shelf.people, [person(f"p{number}", county="Fulton", number=number)])

        shelf.insert(person("other", county="Cobb", number=1))
        _two_write(shelf, insert_if_none)
        assert len(_balances(shelf)) == 2, f"{_ALONE}: no phantom"

    @pytest.mark.parametrize("writes", [False, True])
    def test_no_read_skew(self, shelf: Shelf, writes: bool) -> None:
        """Two records that are changed together are read one after the other, by key."""

        def move_a_cent(transaction: Transaction) -> None:
            for name, add in (("a", -1), ("b", 1)):
                _changed(transaction, shelf, transaction.get(shelf.people, name), add=add)

        shelf.insert(person("a", balance_cents=5), person("b", balance_cents=5))
        with self._beside(shelf, move_a_cent, writes=writes) as (transaction, meanwhile):
            first: Any = transaction.get(shelf.people, "a")
            meanwhile()
            second: Any = transaction.get(shelf.people, "b")
        together = first["balance_cents"] + second["balance_cents"]
        assert together == 10, f"{_ALONE if writes else _SNAPSHOT}: no read skew"
        assert _balances(shelf) == [4, 6], _ALONE

    @pytest.mark.parametrize("writes", [False, True])
    def test_no_non_repeatable_read(self, shelf: Shelf, writes: bool) -> None:
        """The same question is asked twice, and somebody changes what it finds."""

        def add_a_cent(transaction: Transaction) -> None:
            _changed(transaction, shelf, transaction.get(shelf.people, "a"), add=1)

        shelf.insert(person("a", county="Fulton"))
        with self._beside(shelf, add_a_cent, writes=writes) as (transaction, meanwhile):
            before = transaction.find(shelf.people, ("county",), ["Fulton"])
            meanwhile()
            after = transaction.find(shelf.people, ("county",), ["Fulton"])
        assert after == before, f"{_ALONE if writes else _SNAPSHOT}: no non-repeatable read"
        assert _balances(shelf) == [1], _ALONE

    def test_no_dirty_read(self, shelf: Shelf) -> None:
        """Somebody reads what is then rolled back."""

        class _PlannedError(Exception):
            pass

        shelf.insert(person("a", county="Fulton", balance_cents=1))
        with suppress(_PlannedError), shelf.storage.transaction(writes=True) as writing:
            _changed(writing, shelf, writing.get(shelf.people, "a"), add=99)
            writing.insert(shelf.people, [person("b", county="Fulton", balance_cents=7)])
            with shelf.storage.transaction(writes=False) as reading:
                found = [row["balance_cents"] for row in reading.find(shelf.people, ("county",), ["Fulton"])]
                total = reading.sum(shelf.people, "balance_cents", ("county",), ["Fulton"])
            raise _PlannedError
        assert found == [1], f"{_DIRTY}: no dirty read by find"
        assert total == {(): 1}, f"{_DIRTY}: no dirty read by sum"

    def test_a_read_only_snapshot_is_of_one_moment(self, shelf: Shelf) -> None:
        """However it is asked: by key, by index, in numbers, in a log; whatever is committed meanwhile."""
        people = shelf.people

        def answers(transaction: Transaction) -> list[Any]:
            return [
                transaction.sum(people, "balance_cents", ("county",), ["Fulton"]),
                transaction.count(people, ("county",), ["Fulton"]),
                transaction.get_each(people, ["a", "b", "c"]),
                transaction.find(people, ("person_id",)),
                transaction.find_each(people, ("county",), ["Fulton", "Cobb"]),
                transaction.find(shelf.events, ("seq",)),
            ]

        def change_everything(transaction: Transaction) -> None:
            _changed(transaction, shelf, transaction.get(people, "a"), add=1)
            transaction.delete(people, ("person_id",), ["b"], limit=1)
            added = [person(name, county="Fulton", balance_cents=7) for name in "cd"]
            transaction.insert(people, added)
            transaction.append(shelf.events, [event("c")])

        shelf.insert(*(person(name, county="Fulton", balance_cents=1) for name in "ab"))
        with self._beside(shelf, change_everything, writes=False) as (transaction, meanwhile):
            before = answers(transaction)
            meanwhile()
            after = answers(transaction)
        assert after == before, f"{_SNAPSHOT}, however it is asked"
        with shelf.storage.transaction(writes=False) as transaction:
            now = answers(transaction)
        assert now[:2] == [{(): 16}, 3], "the port promises that a new snapshot has what was committed before"

    @contextmanager
    def _beside(
        self, shelf: Shelf, other: Callable[[Transaction], None], *, writes: bool
    ) -> Iterator[tuple[Transaction, Callable[[], None]]]:
        """A transaction, and what lets the other one commit meanwhile, where it need not wait."""
        thread = Thread(target=lambda: keep_trying(lambda: shelf.write(other)), daemon=True)

        def meanwhile() -> None:
            thread.start()
            thread.join(_MEETING_SECONDS if writes else _READING_SECONDS)

        with shelf.storage.transaction(writes=writes) as transaction:
            yield transaction, meanwhile
        thread.join()
