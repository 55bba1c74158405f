"""Finding each: `find_each` against `find`, value by value."""

from collections.abc import Sequence
from typing import Any, Final

import pytest
from hypothesis import given

from dcss_core.errors import InvalidInputError
from dcss_core.ports.storage import SEQUENCE, VERSION, Row, Scalar, Storage
from dcss_core.testing.kits.storage_conformance.questions import (
    ON_ONE_STORAGE,
    Asked,
    any_rows,
    any_values_asked,
    declared,
)
from dcss_core.testing.kits.storage_conformance.shelf import OnAShelf, Shelf, own_fields, person, refused

_MANY: Final = 2_000  # more than a database takes parameters in one statement, in its oldest versions
_EACH: Final = "the port promises that find_each gives what find would give for each value, in their order"


def _ids(found: Sequence[Sequence[Row]]) -> list[list[Scalar]]:
    return [[row["person_id"] for row in rows] for rows in found]


class FindingEach(OnAShelf):
    """What `find_each` gives: what `find` would, value by value."""

    @ON_ONE_STORAGE
    @given(rows=any_rows(), asked=any_values_asked())
    def test_each_value_is_answered_as_find_answers_it(
        self,
        storage: Storage,
        rows: list[dict[str, Scalar]],
        asked: tuple[tuple[str, ...], list[Scalar]],
    ) -> None:
        """Any rows, any index and any values, None and those that nobody has among them."""
        collection = declared()
        storage.prepare([collection])
        index, values = asked
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, rows)
            written = transaction.find_each(collection, index, values)
        with storage.transaction(writes=False) as transaction:
            found = transaction.find_each(collection, index, values)
        model = [Asked(index, (value,), None, False, None, None).model_answer(rows) for value in values]
        assert [[own_fields(row) for row in each] for each in found] == model, _EACH
        assert written == found, "the port promises that a transaction sees its own writes, in find_each too"
        assert all(VERSION in row for each in found for row in each), (
            "the port promises a version with every record"
        )

    def test_answers_come_in_the_order_of_the_values(self, shelf: Shelf) -> None:
        """And each in that of its index; a value that nobody has is answered by no rows."""
        shelf.insert(
            person("a", county="Fulton", number=2),
            person("b", county="Cobb", number=2),
            person("c", county="Fulton", number=1),
            person("d", county="Clay", number=1),
        )
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find_each(shelf.people, ("county", "number"), ["Fulton", "Bibb", "Cobb"])
        assert _ids(found) == [["c", "a"], [], ["b"]], _EACH

    def test_a_value_asked_twice_is_answered_by_rows_twice(self, shelf: Shelf) -> None:
        """The answer is as long as the question."""
        shelf.insert(person("a", county="Fulton"), person("b", county="Cobb"))
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find_each(shelf.people, ("county",), ["Cobb", "Fulton", "Cobb", "x", "x"])
        assert _ids(found) == [["b"], ["a"], ["b"], [], []], _EACH

    def test_values_that_can_be_read_once_are_read_once(self, shelf: Shelf) -> None:
        """A generator of values is as good as a list of them."""
        shelf.insert(person("a", county="Fulton"), person("b", county="Cobb"))
        once: Any = (county for county in ("Cobb", "Fulton"))
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find_each(shelf.people, ("county",), once)
        assert _ids(found) == [["b"], ["a"]], _EACH

    def test_no_values_find_nothing(self, shelf: Shelf) -> None:
        """An empty question is no mistake."""
        shelf.insert(person("a", county="Fulton"), person("b"))
        with shelf.storage.transaction(writes=False) as transaction:
            assert transaction.find_each(shelf.people, ("county",), []) == [], _EACH

    def test_none_is_one_of_the_values(self, shelf: Shelf) -> None:
        """It finds the records without a value, beside the others."""
        shelf.insert(person("a", county="Fulton"), person("b"), person("c"))
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find_each(shelf.people, ("county",), ["Fulton", None])
        assert _ids(found) == [["a"], ["b", "c"]], _EACH

    def test_values_are_as_many_as_one_likes(self, shelf: Shelf) -> None:
        """No limit of a database shows, and no value is taken for a similar one."""
        shelf.insert(*(person(f"p{number}", county=f"c{number // 2}") for number in range(_MANY)))
        counties = [f"c{number}" for number in reversed(range(_MANY))] + ["C1", "c1 ", "c01"]
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find_each(shelf.people, ("county",), counties)
        pairs = [sorted([f"p{2 * each}", f"p{2 * each + 1}"]) for each in reversed(range(_MANY // 2))]
        expected = [*[[]] * (_MANY // 2), *pairs, [], [], []]
        wrong = [
            county
            for county, one, other in zip(counties, _ids(found), expected, strict=False)
            if one != other
        ]
        assert len(found) == len(expected), _EACH
        assert wrong[:3] == [], _EACH  # a few are shown: the differences of thousands take minutes to show

    def test_what_each_value_finds_is_that_of_the_snapshot(self, shelf: Shelf) -> None:
        """What others commit meanwhile is not among it."""
        shelf.insert(person("a", county="Cobb"))
        with shelf.storage.transaction(writes=False) as reading:
            before = reading.find_each(shelf.people, ("county",), ["Cobb", "Fulton"])
            shelf.insert(person("b", county="Fulton"))
            assert reading.find_each(shelf.people, ("county",), ["Cobb", "Fulton"]) == before, (
                "the port promises a reading transaction one stable snapshot, in find_each too"
            )

    def test_entries_are_found_for_each_of_their_numbers(self, shelf: Shelf) -> None:
        """A log is searched as records are."""
        shelf.append("a", "b", "c")
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find_each(shelf.events, (SEQUENCE,), [3, 1, 9])
        assert [[row["subject"] for row in rows] for rows in found] == [["c"], ["a"], []], _EACH

    @pytest.mark.parametrize(
        ("index", "values"),
        [
            (("balance_cents",), [1]),
            ((), ["a"]),
            (("county",), ["Cobb", 7]),
            (("county",), [b"Cobb"]),
            (("county", "number"), [("Cobb", 1)]),
            (("person_id",), ["a", None]),
        ],
        ids=repr,
    )
    def test_what_find_refuses_is_refused_among_others(
        self, shelf: Shelf, index: tuple[str, ...], values: Sequence[Any]
    ) -> None:
        """An index that is not declared, and a value that its first field can't hold."""
        shelf.insert(person("a", county="Cobb"))
        promise = "the port promises InvalidInputError for what find refuses, in find_each too"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.find_each(shelf.people, index, values)
