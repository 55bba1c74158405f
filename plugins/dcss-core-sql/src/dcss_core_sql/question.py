"""Question: what was asked by an index, without the values, and the text that answers it.

Decides order, bounds and pages. Invariants: None comes first going up and last going down; a page begins
strictly after the row before it, in the order of the index and then the key, whatever holds None; a count
and a sum have the conditions of `find` and neither order nor page, a deletion has its order; values are
parameters.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

import attrs

from dcss_core.plugins import Collection
from dcss_core_sql.dialect import Dialect

Nones: TypeAlias = tuple[bool, ...]
"""Which of some values are None."""


@attrs.frozen
class Question:
    """A kind of question: its text is the same whatever the values are, except for None."""

    index: tuple[str, ...]
    equal_is_none: Nones
    has_at_most: bool = False
    descending: bool = False
    after_is_none: Nones | None = None
    has_limit: bool = False


class Text(NamedTuple):
    """A statement, and which values of the last row of the page before it takes, in order."""

    sql: str
    after: tuple[int, ...] = ()


class Answers:
    """Writes the texts that answer questions about one collection."""

    def __init__(self, collection: Collection, dialect: Dialect) -> None:
        self._collection = collection
        self._dialect = dialect
        self._table = dialect.name(collection.name)
        self._optional = {field.name for field in collection.fields if field.optional}
        self._all = ", ".join(map(self._column, [field.name for field in collection.stored_fields]))

    def rows(self, question: Question) -> Text:
        """Select the rows in question, in order."""
        conditions = self._conditions(question)
        places: list[int] = []
        if question.after_is_none is not None:
            rest = self._collection.order_of(question.index)[len(question.equal_is_none) :]
            conditions.append(self._later(rest, question.after_is_none, question.descending, places))
        found = f"SELECT {self._all} FROM {self._table}{_where(conditions)}"
        return Text(found + self._order(question) + self._limit(question), tuple(places))

    def rows_of_each(self, index: tuple[str, ...], size: int) -> str:
        """Select the rows with so many values of the first field of an index, in its order."""
        values = ", ".join([self._dialect.parameter] * size)
        found = f"SELECT {self._all} FROM {self._table} WHERE {self._column(index[0])} IN ({values})"
        return found + self._order(Question(index, ()))

    def number(self, question: Question) -> Text:
        """Count the rows in question."""
        return Text(f"SELECT COUNT(*) FROM {self._table}{_where(self._conditions(question))}")

    def sums(self, question: Question, field: str, by: Sequence[str]) -> Text:
        """Add up a field of the rows in question: what groups them, two sums, and how many there are.

        A sum of many integers of 64 bits needs more than 64, so their upper and lower halves are added up.
        """
        column = self._column(field)
        groups = [self._column(name) for name in by]
        halves = [f"CAST(SUM({half}) AS bigint)" for half in (f"{column} >> 32", f"{column} & 4294967295")]
        wanted = [*groups, *halves, "COUNT(*)"]
        grouped = f" GROUP BY {', '.join(groups)}" if groups else ""
        return Text(
            f"SELECT {', '.join(wanted)} FROM {self._table}{_where(self._conditions(question))}{grouped}"
        )

    def deletion(self, question: Question) -> Text:
        """Delete the first of the rows in question."""
        key = self._column(self._collection.key)
        found = f"SELECT {key} FROM {self._table}{_where(self._conditions(question))}"
        chosen = found + self._order(question) + self._limit(question)
        return Text(f"DELETE FROM {self._table} WHERE {key} IN ({chosen})")

    def _conditions(self, question: Question) -> list[str]:
        conditions = [
            self._same(name, is_none)
            for name, is_none in zip(question.index, question.equal_is_none, strict=False)
        ]
        if question.has_at_most:
            bounded = question.index[len(conditions)]
            conditions.append(f"{self._column(bounded)} <= {self._dialect.parameter}")
        return conditions

    def _order(self, question: Question) -> str:
        rest = self._collection.order_of(question.index)[len(question.equal_is_none) :]
        return " ORDER BY " + ", ".join(self._ordered(name, question) for name in rest) if rest else ""

    def _ordered(self, name: str, question: Question) -> str:
        direction = " DESC" if question.descending else ""
        nones = self._dialect.nones_last if question.descending else self._dialect.nones_first
        return self._column(name) + direction + (nones if name in self._optional else "")

    def _limit(self, question: Question) -> str:
        return f" LIMIT {self._dialect.parameter}" if question.has_limit else ""

    def _later(self, names: Sequence[str], is_none: Nones, descending: bool, places: list[int]) -> str:
        """Whether a row comes strictly after the last one, by these columns in order."""
        start = ""
        if names and not is_none[0] and not (descending and names[0] in self._optional):
            # says nothing new, but lets the database start reading the index at the right place
            places.append(0)
            start = f"{self._column(names[0])} {'<' if descending else '>'}= {self._dialect.parameter} AND "
        ways: list[str] = []
        for place, name in enumerate(names):
            beyond = self._beyond(name, is_none[place], descending)
            if beyond is None:
                continue
            ties = [self._same(before, is_none[at]) for at, before in enumerate(names[:place])]
            places += [at for at in range(place) if not is_none[at]]
            places += [] if is_none[place] else [place]
            ways.append(" AND ".join([*ties, beyond]))
        return f"{start}({' OR '.join(ways)})" if ways else "1 = 0"

    def _same(self, name: str, is_none: bool) -> str:
        return f"{self._column(name)} " + ("IS NULL" if is_none else f"= {self._dialect.parameter}")

    def _beyond(self, name: str, is_none: bool, descending: bool) -> str | None:
        column, parameter = self._column(name), self._dialect.parameter
        if is_none:
            return None if descending else f"{column} IS NOT NULL"
        if not descending:
            return f"{column} > {parameter}"
        below = f"{column} < {parameter}"
        return f"({below} OR {column} IS NULL)" if name in self._optional else below

    def _column(self, name: str) -> str:
        return self._dialect.column(self._collection.name, name)


def _where(conditions: Sequence[str]) -> str:
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""
