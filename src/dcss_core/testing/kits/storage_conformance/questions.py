"""Questions: random rows, random questions about them, and the answers a model gives.

Decides what `find`, `find_each`, `count`, `delete` and `sum` are tried with. The model is a dozen lines that
read as the port's text does.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, Final

import attrs
from hypothesis import HealthCheck, settings, strategies as st

from dcss_core.ports.storage import Collection, Field, FieldKind, Row, Scalar, Transaction
from dcss_core.testing.kits.storage_conformance.shelf import fresh

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


def declared() -> Collection:
    """A collection of every kind of field, indexed in every way; its name is new each time."""
    return Collection(fresh("found"), _FIELDS, key="row_id", unique=_UNIQUE, indexes=_INDEXES)


SHAPE: Final = declared()


@attrs.frozen
class Asked:
    """One call of `find`, or what `count`, `delete` and `sum` have in common with it."""

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

    def number(self, transaction: Transaction, collection: Collection) -> int:
        """How many the storage under test says there are, whatever the order and the page."""
        return transaction.count(collection, self.index, self.equal_to, at_most=self.at_most)

    def delete(self, transaction: Transaction, collection: Collection) -> int:
        """Have the storage under test delete as many as the limit says, or three."""
        return transaction.delete(
            collection, self.index, self.equal_to, at_most=self.at_most, limit=self._deleted_at_most
        )

    def model_deletion(self, rows: Sequence[Row]) -> list[Row]:
        """What has to be gone then: what `find` would give first."""
        return self.without_page().model_answer(rows)[: self._deleted_at_most]

    @property
    def _deleted_at_most(self) -> int:
        return 3 if self.limit is None else self.limit

    def sums(
        self, transaction: Transaction, collection: Collection, field: str, by: Sequence[str]
    ) -> Mapping[tuple[Scalar, ...], int]:
        """What the storage under test adds up."""
        return transaction.sum(collection, field, self.index, self.equal_to, at_most=self.at_most, by=by)

    def model_sums(self, rows: Sequence[Row], field: str, by: Sequence[str]) -> dict[tuple[Scalar, ...], int]:
        """The same with Python's own integers."""
        groups: dict[tuple[Scalar, ...], list[Any]] = {}
        for row in self.without_page().model_answer(rows):
            groups.setdefault(tuple(row[name] for name in by), []).append(row[field])
        return {
            group: sum(value for value in values if value is not None) for group, values in groups.items()
        }

    def without_page(self) -> "Asked":
        """The same question for all that it finds."""
        return attrs.evolve(self, descending=False, after=None, limit=None)

    def model_answer(self, rows: Sequence[Row]) -> list[Row]:
        """What the port says: its text, line by line."""
        order = SHAPE.order_of(self.index)[len(self.equal_to) :]

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
def any_rows(draw: st.DrawFn) -> list[dict[str, Scalar]]:
    """Some rows, each with a key and a serial of its own."""
    keys = draw(st.lists(st.sampled_from(_KEYS), unique=True, min_size=1))
    serials = draw(st.permutations(range(len(keys))))
    others = [draw(any_values()) for _ in keys]
    return [
        {"row_id": key, "serial": serial, **other}
        for key, serial, other in zip(keys, serials, others, strict=True)
    ]


def any_values() -> st.SearchStrategy[dict[str, Any]]:
    """What a row holds besides its key and its serial, any of it None."""
    return st.fixed_dictionaries({name: st.sampled_from(values) for name, values in _DOMAINS.items()})


@st.composite
def any_questions(draw: st.DrawFn) -> Asked:
    """A question that can be answered, by any index."""
    index = draw(st.sampled_from(SHAPE.findable))
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


@st.composite
def any_values_asked(draw: st.DrawFn) -> tuple[tuple[str, ...], list[Scalar]]:
    """An index, and some values of its first field."""
    index = draw(st.sampled_from(SHAPE.findable))
    return index, draw(st.lists(st.sampled_from(_values_of(index[0])), max_size=5))


def any_groups() -> st.SearchStrategy[list[str]]:
    """The fields to add up by: none, one or two, in either order."""
    return st.lists(st.sampled_from([field.name for field in _FIELDS]), unique=True, max_size=2)


ON_ONE_STORAGE: Final = settings(
    max_examples=40,
    derandomize=True,  # a kit that passes today passes tomorrow, and one that bites bites every time
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
