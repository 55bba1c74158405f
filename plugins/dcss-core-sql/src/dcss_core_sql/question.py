"""Question: what `find` or `count` was asked, without the values, and the statement that answers it.

Decides order, bounds and pages. Invariants: None comes first going up and last going down; a page
begins strictly after the row before it, in the order of the index and then the key, whatever holds
None; a count has the conditions of `find` and neither order nor page; values are parameters, named
after their place in the question.
"""

from collections.abc import Sequence
from typing import Any

import attrs
import sqlalchemy as sa

from dcss_core.plugins import Collection, Row, Scalar

_Condition = sa.ColumnElement[bool]


@attrs.frozen
class Question:
    """A kind of `find` or `count`: its statement is the same whatever the values are, except for None."""

    index: tuple[str, ...]
    equal_is_none: tuple[bool, ...]
    has_at_most: bool
    descending: bool
    after_is_none: tuple[bool, ...] | None
    has_limit: bool


def asked(
    collection: Collection,
    index: tuple[str, ...],
    equal_to: Sequence[Scalar],
    at_most: Scalar,
    descending: bool = False,
    after: Row | None = None,
    limit: int | None = None,
) -> tuple[Question, dict[str, tuple[str, Scalar]]]:
    """Take a find or a count apart into the kind of question and its values, each with its field."""
    rest = collection.order_of(index)[len(equal_to) :]
    last = () if after is None else tuple(after[name] for name in rest)
    question = Question(
        index=index,
        equal_is_none=tuple(value is None for value in equal_to),
        has_at_most=at_most is not None,
        descending=descending,
        after_is_none=None if after is None else tuple(value is None for value in last),
        has_limit=limit is not None,
    )
    values = {f"EQUAL_{place}": (index[place], value) for place, value in enumerate(equal_to)}
    values |= {f"AFTER_{place}": (rest[place], value) for place, value in enumerate(last)}
    if at_most is not None:
        values["AT_MOST"] = (rest[0], at_most)
    if limit is not None:
        values["LIMIT"] = ("", limit)
    return question, values


def answer_to(question: Question, table: sa.Table, collection: Collection) -> sa.Select[Any]:
    """The statement that selects the rows in question, in order."""
    columns = _columns(question, table, collection)
    rest = columns[len(question.equal_is_none) :]
    selected = sa.select(table).where(*_conditions(question, columns))
    if question.after_is_none is not None:
        selected = selected.where(_later(rest, question.after_is_none, question.descending))
    selected = selected.order_by(*(column.desc() if question.descending else column for column in rest))
    return selected.limit(sa.bindparam("LIMIT")) if question.has_limit else selected


def number_of(question: Question, table: sa.Table, collection: Collection) -> sa.Select[Any]:
    """The statement that counts the rows in question."""
    columns = _columns(question, table, collection)
    return sa.select(sa.func.count()).select_from(table).where(*_conditions(question, columns))


def _columns(question: Question, table: sa.Table, collection: Collection) -> "list[sa.Column[Any]]":
    return [table.c[name] for name in collection.order_of(question.index)]


def _conditions(question: Question, columns: "Sequence[sa.Column[Any]]") -> list[_Condition]:
    conditions = [
        _same(columns[place], f"EQUAL_{place}", is_none)
        for place, is_none in enumerate(question.equal_is_none)
    ]
    if question.has_at_most:
        conditions.append(columns[len(conditions)] <= sa.bindparam("AT_MOST"))
    return conditions


def _later(
    columns: "Sequence[sa.Column[Any]]", is_none: Sequence[bool], descending: bool, place: int = 0
) -> _Condition:
    """Whether a row comes strictly after the last one, by these columns in order."""
    if place == len(columns):
        return sa.false()
    column, parameter = columns[place], f"AFTER_{place}"
    tie = _same(column, parameter, is_none[place])
    later = sa.or_(
        _beyond(column, parameter, is_none[place], descending),
        sa.and_(tie, _later(columns, is_none, descending, place + 1)),
    )
    if place == 0 and not is_none[0] and not (descending and column.nullable):
        # says nothing new, but lets the database start reading the index at the right place
        last: sa.BindParameter[Any] = sa.bindparam(parameter)
        return sa.and_(column <= last if descending else column >= last, later)
    return later


def _same(column: "sa.Column[Any]", parameter: str, is_none: bool) -> _Condition:
    return column.is_(None) if is_none else column == sa.bindparam(parameter)


def _beyond(column: "sa.Column[Any]", parameter: str, is_none: bool, descending: bool) -> _Condition:
    if is_none:
        return sa.false() if descending else column.is_not(None)
    if not descending:
        return column > sa.bindparam(parameter)
    below = column < sa.bindparam(parameter)
    return sa.or_(below, column.is_(None)) if column.nullable else below
