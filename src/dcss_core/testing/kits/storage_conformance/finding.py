"""Finding: `find` against a model, page by page, and by what is not declared."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import InvalidInputError
from dcss_core.ports.storage import VERSION, Collection, Row, Scalar, Storage, Transaction
from dcss_core.testing.kits.storage_conformance.questions import (
    ON_ONE_STORAGE,
    SHAPE,
    Asked,
    any_questions,
    any_rows,
    any_values,
    declared,
)
from dcss_core.testing.kits.storage_conformance.shelf import OnAShelf, Shelf, own_fields, person, refused

_MANY: Final = 20_000


class Finding(OnAShelf):
    """Order, bounds, pages, and indexes that are not declared."""

    @ON_ONE_STORAGE
    @given(
        rows=any_rows(),
        changes=st.lists(any_values(), max_size=3),
        questions=st.lists(any_questions(), min_size=4, max_size=8),
    )
    def test_find_answers_as_the_port_says(
        self,
        storage: Storage,
        rows: list[dict[str, Scalar]],
        changes: list[dict[str, Scalar]],
        questions: list[Asked],
    ) -> None:
        """Any rows, some of them replaced, and any question; before and after the commit."""
        collection = declared()
        storage.prepare([collection])
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, rows)
        with storage.transaction(writes=True) as transaction:
            current = [{**row, **change} for row, change in zip(rows, changes, strict=False)]
            for row in current:
                transaction.replace(collection, row, expected_version=1)
            current += rows[len(current) :]
            self._expect_answers(transaction, collection, questions, current)
        with storage.transaction(writes=False) as transaction:
            self._expect_answers(transaction, collection, questions, current)

    def _expect_answers(
        self, transaction: Transaction, collection: Collection, questions: list[Asked], rows: Sequence[Row]
    ) -> None:
        for asked in questions:
            found = asked.answer(transaction, collection)
            expected = asked.model_answer(rows)
            broken = _broken_promise(asked)
            assert [row["row_id"] for row in found] == [row["row_id"] for row in expected], broken
            assert [own_fields(row) for row in found] == expected, broken
            assert all(VERSION in row for row in found), "the port promises a version with every record"

    @ON_ONE_STORAGE
    @given(
        rows=any_rows(),
        index=st.sampled_from(SHAPE.findable),
        descending=st.booleans(),
        size=st.integers(1, 3),
    )
    def test_pages_put_together_are_the_whole(
        self,
        storage: Storage,
        rows: list[dict[str, Scalar]],
        index: tuple[str, ...],
        descending: bool,
        size: int,
    ) -> None:
        """Page after page, every row once and in order."""
        collection = declared()
        storage.prepare([collection])
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, rows)
        paged: list[Row] = []
        with storage.transaction(writes=False) as transaction:
            whole = transaction.find(collection, index, descending=descending)
            while page := transaction.find(
                collection, index, descending=descending, after=paged[-1] if paged else None, limit=size
            ):
                paged += page
                assert len(paged) <= len(whole), (
                    "the port promises that a page begins after the last row of the page before"
                )
        assert paged == whole, "the port promises that pages put together are the whole, in order"

    def test_none_is_a_value_to_find_by(self, shelf: Shelf) -> None:
        """None finds the records without a value, and nothing but them."""
        shelf.insert(person("a", county="Fulton"), person("b"), person("c"))
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find(shelf.people, ("county",), [None])
        assert [row["person_id"] for row in found] == ["b", "c"], (
            "the port promises that equal_to takes None as a value"
        )

    @pytest.mark.parametrize("index", [("balance_cents",), ("number", "county"), ("county", "email"), ()])
    def test_an_index_that_is_not_declared_is_refused(self, shelf: Shelf, index: tuple[str, ...]) -> None:
        """No search ever reads a whole collection by surprise."""
        promise = "the port promises InvalidInputError for an index that is not declared"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.find(shelf.people, index)

    @pytest.mark.parametrize(
        "question",
        [
            pytest.param({"equal_to": ["Fulton", 7, "more"]}, id="too many values"),
            pytest.param({"equal_to": [7]}, id="an integer for text"),
            pytest.param({"equal_to": ["Fulton", True]}, id="a bool for an integer"),
            pytest.param({"equal_to": ["Fulton"], "at_most": "7"}, id="text for an integer"),
            pytest.param({"equal_to": ["Fulton", 7], "at_most": 7}, id="nothing left to bound"),
            pytest.param({"after": {"county": "Fulton"}}, id="a last row without its place"),
            pytest.param({"limit": -1}, id="a negative limit"),
        ],
    )
    def test_a_question_that_can_not_be_answered_is_refused(
        self, shelf: Shelf, question: dict[str, Any]
    ) -> None:
        """A wrong question gets an error, never an empty answer."""
        promise = "the port promises InvalidInputError for too many values or a value of another type"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.find(shelf.people, ("county", "number"), **question)


def _broken_promise(asked: Asked) -> str:
    promises = ["rows ordered by the rest of the index and then the key, None first", f"({asked})"]
    if asked.descending:
        promises.insert(1, "all of it reversed by descending")
    if asked.at_most is not None:
        promises.insert(1, "at_most inclusive and never matching None")
    if asked.after is not None:
        promises.insert(1, "only rows strictly after `after`")
    if asked.limit is not None:
        promises.insert(1, "no more rows than `limit`")
    return "the port promises " + "; ".join(promises)


class LargeResults(OnAShelf):
    """What is long comes whole, in pages and at once."""

    def test_twenty_thousand_records_are_all_found(self, shelf: Shelf) -> None:
        """None is missing, none comes twice, and the order is the same."""
        order = [f"p{number:05}" for number in range(_MANY)]
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person(name, county="Fulton") for name in order])
        with shelf.storage.transaction(writes=False) as transaction:
            at_once = transaction.find(shelf.people, ("county",), ["Fulton"])
            pages = [*_pages(transaction, shelf.people)]
        assert [row["person_id"] for row in at_once] == order, (
            "the port promises every record that find finds, however many they are, in its order"
        )
        assert [row["person_id"] for page in pages for row in page] == order, (
            "the port promises that a page goes on after the last row of the page before"
        )
        assert [len(page) for page in pages] == [6_001, 6_001, 6_001, 1_997], (
            "the port promises pages as long as the limit, and a last one"
        )


def _pages(transaction: Transaction, people: Collection) -> Iterator[list[Row]]:
    after: Row | None = None
    while page := transaction.find(people, ("county",), ["Fulton"], after=after, limit=6_001):
        yield page
        after = page[-1]
