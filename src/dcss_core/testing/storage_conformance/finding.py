"""Finding: `find` against a model of a dozen lines that reads as the port's text does."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import attrs
import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st

from dcss_core.errors import InvalidInputError
from dcss_core.ports.storage import VERSION, Collection, Field, FieldKind, Row, Scalar, Storage, Transaction
from dcss_core.testing.storage_conformance.shelf import OnAShelf, Shelf, fresh, own_fields, person, refused

_DOMAINS: Final[dict[str, tuple[Scalar, ...]]] = {
    # the last two order otherwise by UTF-16 units than by code points
    "word": (None, "", "B", "a", "a\x00", "\x00", "é", "\uffff", "😀"),
    "number": (None, -(2**63), -1, 0, 1, 10, 2**63 - 1),
    "flag": (None, False, True),
    "day": (None, date(1, 1, 1), date(2026, 1, 31), date(2026, 2, 1)),
    "moment": (
        None,
        datetime(999, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, microsecond=1, tzinfo=UTC),
        datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
    ),
    "raw": (None, b"", b"\x00", b"a", b"\xff"),
}
_KEYS: Final = ("A", "a", "b", "k1", "k10", "k2", "é", "😀", "")
_FIELDS: Final = (
    Field("row_id", FieldKind.TEXT),
    Field("serial", FieldKind.INTEGER),
    Field("word", FieldKind.TEXT, optional=True),
    Field("number", FieldKind.INTEGER, optional=True),
    Field("flag", FieldKind.BOOLEAN, optional=True),
    Field("day", FieldKind.DATE, optional=True),
    Field("moment", FieldKind.INSTANT, optional=True),
    Field("raw", FieldKind.BYTES, optional=True),
)
_UNIQUE: Final = (("serial",), ("number", "serial"))
_INDEXES: Final = (
    ("word",),
    ("number", "day"),
    ("flag", "moment"),
    ("raw",),
    ("day", "row_id"),
    ("flag", "word", "number"),
)


def _declared() -> Collection:
    return Collection(fresh("found"), _FIELDS, key="row_id", unique=_UNIQUE, indexes=_INDEXES)


_SHAPE: Final = _declared()


@attrs.frozen
class Asked:
    """One call of `find`."""

    index: tuple[str, ...]
    equal_to: tuple[Scalar, ...]
    at_most: Scalar
    descending: bool
    after: Row | None
    limit: int | None

    def answer(self, transaction: Transaction, collection: Collection) -> list[Row]:
        """What the storage under test says."""
        return transaction.find(
            collection,
            self.index,
            self.equal_to,
            at_most=self.at_most,
            descending=self.descending,
            after=self.after,
            limit=self.limit,
        )

    def model_answer(self, rows: Sequence[Row]) -> list[Row]:
        """What the port says: its text, line by line."""
        order = _SHAPE.order_of(self.index)[len(self.equal_to) :]

        def place(row: Row) -> list[tuple[bool, Any]]:
            return [(row[name] is not None, row[name]) for name in order]

        fixed = dict(zip(self.index, self.equal_to, strict=False))
        found = [row for row in rows if all(row[name] == value for name, value in fixed.items())]
        if self.at_most is not None:
            found = [row for row in found if _is_at_most(row[order[0]], self.at_most)]
        found.sort(key=place, reverse=self.descending)
        if self.after is not None:
            last = place(self.after)
            found = [row for row in found if (place(row) < last if self.descending else place(row) > last)]
        return found[: self.limit]


def _is_at_most(value: Any, bound: Any) -> bool:
    return value is not None and bool(value <= bound)


def _values_of(name: str) -> tuple[Scalar, ...]:
    return {"row_id": _KEYS, "serial": tuple(range(9)), **_DOMAINS}[name]


@st.composite
def _rows(draw: st.DrawFn) -> list[dict[str, Scalar]]:
    keys = draw(st.lists(st.sampled_from(_KEYS), unique=True, min_size=1))
    serials = draw(st.permutations(range(len(keys))))
    others = [draw(_other_values()) for _ in keys]
    return [
        {"row_id": key, "serial": serial, **other}
        for key, serial, other in zip(keys, serials, others, strict=True)
    ]


def _other_values() -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _DOMAINS.items()})


@st.composite
def _questions(draw: st.DrawFn) -> Asked:
    index = draw(st.sampled_from(_SHAPE.findable))
    fixed = draw(st.integers(0, len(index)))
    bounded = fixed < len(index) and draw(st.booleans())
    anywhere = st.fixed_dictionaries(
        {field.name: st.sampled_from(_values_of(field.name)) for field in _FIELDS}
    )
    return Asked(
        index=index,
        equal_to=tuple(draw(st.sampled_from(_values_of(name))) for name in index[:fixed]),
        at_most=draw(st.sampled_from(_values_of(index[fixed]))) if bounded else None,
        descending=draw(st.booleans()),
        after=draw(st.none() | anywhere),
        limit=draw(st.none() | st.integers(0, 4)),
    )


_ON_ONE_STORAGE: Final = settings(
    max_examples=60,
    derandomize=True,  # a kit that passes today passes tomorrow, and one that bites bites every time
    deadline=None,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


class Finding(OnAShelf):
    """Order, bounds, pages, and indexes that are not declared."""

    @_ON_ONE_STORAGE
    @given(
        rows=_rows(),
        changes=st.lists(_other_values(), max_size=3),
        questions=st.lists(_questions(), min_size=4, max_size=8),
    )
    def test_find_answers_as_the_port_says(
        self,
        storage: Storage,
        rows: list[dict[str, Scalar]],
        changes: list[dict[str, Scalar]],
        questions: list[Asked],
    ) -> None:
        """Any rows, some of them replaced, and any question; before and after the commit."""
        collection = _declared()
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

    @_ON_ONE_STORAGE
    @given(
        rows=_rows(),
        index=st.sampled_from(_SHAPE.findable),
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
        collection = _declared()
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
