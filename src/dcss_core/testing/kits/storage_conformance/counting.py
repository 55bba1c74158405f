"""Counting: `count` is the length of what `find` gives, and sees and refuses what `find` does."""

from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import InvalidInputError
from dcss_core.ports.storage import SEQUENCE, Collection, Scalar, Storage, Transaction
from dcss_core.testing.kits.storage_conformance.questions import (
    ON_ONE_STORAGE,
    Asked,
    any_questions,
    any_rows,
    any_values,
    declared,
)
from dcss_core.testing.kits.storage_conformance.shelf import OnAShelf, Shelf, event, person, refused

_MANY: Final = 1_500  # more than any page a backend may count by
_AS_FIND: Final = "the port promises that count is how many records find would give"
_NONE: Final = "the port promises that equal_to takes None as a value, in count too"
_BOUND: Final = "the port promises that at_most bounds a count from above, inclusive, and never matches None"
_OWN: Final = "the port promises that a count sees the transaction's own writes"
_ROLLED_BACK: Final = "the port promises that what was rolled back is not counted"
_SNAPSHOT: Final = "the port promises a reading transaction one stable snapshot, in count too"
_ONCE: Final = "the port promises that a record is counted once, as it is now"
_LOG: Final = "the port promises that the entries of a log are counted as find finds them"


class _PlannedError(Exception):
    pass


def _counties(transaction: Transaction, shelf: Shelf) -> dict[str, int]:
    """How many live in either county, and how many people there are."""
    numbers = {
        county: transaction.count(shelf.people, ("county",), [county]) for county in ("Fulton", "Cobb")
    }
    return {**numbers, "all": transaction.count(shelf.people, ("person_id",))}


def _read(shelf: Shelf) -> dict[str, int]:
    with shelf.storage.transaction(writes=False) as transaction:
        return _counties(transaction, shelf)


def _move_and_add(transaction: Transaction, shelf: Shelf) -> None:
    """With person `a` in Fulton before: one in either county after."""
    transaction.replace(shelf.people, person("a", county="Cobb"), expected_version=1)
    transaction.insert(shelf.people, [person("b", county="Fulton")])


class Counting(OnAShelf):
    """What is counted, in which snapshot, and what is no question."""

    @ON_ONE_STORAGE
    @given(
        rows=any_rows(),
        changes=st.lists(any_values(), max_size=3),
        questions=st.lists(any_questions(), min_size=4, max_size=8),
    )
    def test_a_count_is_how_many_find_would_give(
        self,
        storage: Storage,
        rows: list[dict[str, Scalar]],
        changes: list[dict[str, Scalar]],
        questions: list[Asked],
    ) -> None:
        """Any rows and any question: before the commit, after it, and after a rollback."""
        collection = declared()
        storage.prepare([collection])
        changed = [{**row, **change} for row, change in zip(rows, changes, strict=False)]
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, rows)
            self._expect_numbers(transaction, collection, questions)
        with storage.transaction(writes=True) as transaction:
            self._replace(transaction, collection, changed, version=1)
            self._expect_numbers(transaction, collection, questions)
        with (
            refused(_PlannedError, "the port promises that the exception leaves the block"),
            storage.transaction(writes=True) as transaction,
        ):
            self._replace(transaction, collection, rows[: len(changed)], version=2)
            transaction.insert(collection, [{**rows[0], "row_id": "lost", "serial": len(rows)}])
            self._expect_numbers(transaction, collection, questions)
            raise _PlannedError
        with storage.transaction(writes=False) as transaction:
            self._expect_numbers(transaction, collection, questions)

    def _replace(
        self, transaction: Transaction, collection: Collection, rows: list[dict[str, Scalar]], *, version: int
    ) -> None:
        for row in rows:
            transaction.replace(collection, row, expected_version=version)

    def _expect_numbers(
        self, transaction: Transaction, collection: Collection, questions: list[Asked]
    ) -> None:
        for asked in questions:
            found = asked.without_page().answer(transaction, collection)
            assert asked.number(transaction, collection) == len(found), f"{_AS_FIND}; ({asked})"

    def test_an_empty_collection_counts_none(self, shelf: Shelf) -> None:
        """Zero is an answer."""
        assert _read(shelf) == {"Fulton": 0, "Cobb": 0, "all": 0}, _AS_FIND

    def test_equal_to_narrows_a_count(self, shelf: Shelf) -> None:
        """By one field, by two, and by none."""
        shelf.insert(
            person("a", county="Fulton", number=1),
            person("b", county="Fulton", number=2),
            person("c", county="Cobb", number=1),
        )
        index = ("county", "number")
        questions: list[list[Scalar]] = [[], ["Fulton"], ["Fulton", 1], ["Fulton", 3], ["DeKalb"]]
        with shelf.storage.transaction(writes=False) as transaction:
            numbers = [transaction.count(shelf.people, index, equal_to) for equal_to in questions]
        assert numbers == [3, 2, 1, 0, 0], _AS_FIND

    def test_none_is_counted_like_any_value(self, shelf: Shelf) -> None:
        """The records without a value, and nothing but them."""
        shelf.insert(person("a", county="Fulton"), person("b"), person("c"), person("d", number=4))
        with shelf.storage.transaction(writes=False) as transaction:
            without_county = transaction.count(shelf.people, ("county",), [None])
            without_both = transaction.count(shelf.people, ("county", "number"), [None, None])
        assert (without_county, without_both) == (3, 2), _NONE

    def test_at_most_bounds_a_count(self, shelf: Shelf) -> None:
        """The bound itself is counted, None never."""
        rows = [person(f"p{number}", county="Fulton", number=number) for number in (1, 2, 3)]
        shelf.insert(*rows, person("none", county="Fulton"), person("other", county="Cobb", number=1))
        with shelf.storage.transaction(writes=False) as transaction:
            numbers = [
                transaction.count(shelf.people, ("county", "number"), ["Fulton"], at_most=at_most)
                for at_most in (0, 1, 2, 9, None)
            ]
            counties = [
                transaction.count(shelf.people, ("county",), at_most=at_most) for at_most in ("Cobb", "Z")
            ]
        assert numbers == [0, 1, 2, 3, 4], _BOUND
        assert counties == [1, 5], _BOUND

    def test_a_count_does_not_end_with_a_page(self, shelf: Shelf) -> None:
        """However many there are."""
        shelf.insert(*(person(f"{number}", county="Fulton") for number in range(_MANY)))
        assert _read(shelf) == {"Fulton": _MANY, "Cobb": 0, "all": _MANY}, _AS_FIND

    def test_a_count_sees_own_writes(self, shelf: Shelf) -> None:
        """Inserted, replaced, and not yet committed."""
        shelf.insert(person("a", county="Fulton"))
        with shelf.storage.transaction(writes=True) as transaction:
            _move_and_add(transaction, shelf)
            own = _counties(transaction, shelf)
        assert own == {"Fulton": 1, "Cobb": 1, "all": 2}, _OWN
        assert _read(shelf) == own, "the port promises that leaving the block commits"

    def test_what_was_rolled_back_is_not_counted(self, shelf: Shelf) -> None:
        """Neither the new record nor the new version; the old one is counted again."""
        shelf.insert(person("a", county="Fulton"))
        with (
            refused(_PlannedError, "the port promises that the exception leaves the block"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            _move_and_add(transaction, shelf)
            raise _PlannedError
        assert _read(shelf) == {"Fulton": 1, "Cobb": 0, "all": 1}, _ROLLED_BACK

    def test_nobody_counts_what_is_not_committed(self, shelf: Shelf) -> None:
        """And nobody waits for it."""
        shelf.insert(person("a", county="Fulton"))
        with shelf.storage.transaction(writes=True) as transaction:
            _move_and_add(transaction, shelf)
            seen = _read(shelf)
        assert seen == {"Fulton": 1, "Cobb": 0, "all": 1}, (
            "the port promises that nobody sees what is not committed, in count either"
        )

    def test_a_reader_counts_in_its_snapshot(self, shelf: Shelf) -> None:
        """What others commit meanwhile is not counted."""
        shelf.insert(person("a", county="Fulton"))
        with shelf.storage.transaction(writes=False) as reading:
            before = _counties(reading, shelf)
            shelf.write(lambda transaction: _move_and_add(transaction, shelf))
            assert _counties(reading, shelf) == before, _SNAPSHOT
        assert before == {"Fulton": 1, "Cobb": 0, "all": 1}, _AS_FIND
        assert _read(shelf) == {"Fulton": 1, "Cobb": 1, "all": 2}, (
            "the port promises that a new snapshot has what was committed before"
        )

    def test_a_replaced_record_is_counted_once(self, shelf: Shelf) -> None:
        """Though somebody still reads its older versions."""
        shelf.insert(person("a", county="Fulton"))
        with shelf.storage.transaction(writes=False) as reading:
            _counties(reading, shelf)
            for version, county in enumerate(("Cobb", "Fulton", "Fulton"), start=1):
                row = person("a", county=county, balance_cents=version)
                with shelf.storage.transaction(writes=True) as transaction:
                    transaction.replace(shelf.people, row, expected_version=version)
            assert _read(shelf) == {"Fulton": 1, "Cobb": 0, "all": 1}, _ONCE

    def test_entries_of_a_log_are_counted(self, shelf: Shelf) -> None:
        """By an index, up to a number, and those just appended."""
        shelf.append("a", "b", "a")
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.append(shelf.events, [event("a")])
            by_subject = [transaction.count(shelf.events, ("subject",), [each]) for each in ("a", "b", "c")]
            by_number = [
                transaction.count(shelf.events, (SEQUENCE,), at_most=up_to) for up_to in (None, 0, 3, 99)
            ]
        assert by_subject == [3, 1, 0], _LOG
        assert by_number == [4, 0, 3, 4], _LOG

    @pytest.mark.parametrize("index", [("balance_cents",), ("number", "county"), ("county", "email"), ()])
    def test_a_count_by_an_index_that_is_not_declared_is_refused(
        self, shelf: Shelf, index: tuple[str, ...]
    ) -> None:
        """No count ever reads a whole collection by surprise."""
        promise = "the port promises InvalidInputError for a count by an index that is not declared"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.count(shelf.people, index)

    @pytest.mark.parametrize(
        ("question", "faults"),
        [
            pytest.param({"equal_to": ["Fulton", 7, "walrus"]}, 1, id="too many values"),
            pytest.param({"equal_to": [7]}, 1, id="an integer for text"),
            pytest.param({"equal_to": ["Fulton", True]}, 1, id="a bool for an integer"),
            pytest.param({"equal_to": ["Fulton"], "at_most": "walrus"}, 1, id="text for an integer"),
            pytest.param({"equal_to": ["Fulton", 7], "at_most": 7}, 1, id="nothing left to bound"),
            pytest.param({"equal_to": [7], "at_most": "walrus"}, 2, id="two faults at once"),
        ],
    )
    def test_a_count_that_can_not_be_answered_is_refused(
        self, shelf: Shelf, question: dict[str, Any], faults: int
    ) -> None:
        """A wrong question gets an error that tells every fault and no value, never a zero."""
        promise = "the port promises InvalidInputError for a count by too many values or one of another type"
        with (
            refused(InvalidInputError, promise) as refusal,
            shelf.storage.transaction(writes=False) as transaction,
        ):
            transaction.count(shelf.people, ("county", "number"), **question)
        assert len(refusal.error.faults) == faults, f"{promise}, with every fault"
        assert "walrus" not in str(refusal.error), "the port promises never to show a refused value"
