"""Asking: a call by an index becomes a statement and its parameters.

Decides when a text that was written before is used again, and that a call of a kind that was asked before is
not judged a second time but for its values. Invariants: what can't be asked is refused by the collection, in
its own words; whatever is not seen at once to be right goes there.
"""

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import attrs

from dcss_core.plugins import Collection, Field, Row, Scalar
from dcss_core_sql.dialect import Codec
from dcss_core_sql.question import Question, Text
from dcss_core_sql.rows import Rows

Asked: TypeAlias = tuple[str, Sequence[object]]
"""A statement and its parameters."""

Writer: TypeAlias = Callable[[Question], Text]


@attrs.frozen
class _Plan:
    """A statement without the page before, and what its values have to be."""

    sql: str
    values: tuple[tuple[Field, Codec | None], ...]

    def parameters(self, values: Sequence[Scalar]) -> list[object] | None:
        """The values as the driver takes them; None when one does not fit."""
        parameters: list[object] = []
        for (field, encode), value in zip(self.values, values, strict=True):
            if not field.admits(value):
                return None
            parameters.append(value if encode is None else encode(value))
        return parameters


class Asking:
    """The calls by an index that were made on one collection."""

    def __init__(self, collection: Collection, rows: Rows) -> None:
        self._collection = collection
        self._rows = rows
        self._fields = {field.name: field for field in collection.stored_fields}
        self._plans: dict[object, _Plan] = {}
        self._texts: dict[object, Text] = {}

    def asked(
        self,
        call: object,
        write: Writer,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        at_most: Scalar,
        *,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> Asked:
        """The statement for a call, which `write` writes once; raises InvalidInputError as `check_find`."""
        nones = tuple([value is None for value in equal_to])
        kind = (call, index, nones, at_most is None, descending, limit is None)
        given = [value for value in (*equal_to, at_most) if value is not None]
        if after is None and (limit is None or (type(limit) is int and 0 <= limit < 2**63)):
            plan = self._plan(kind)
            parameters = None if plan is None else plan.parameters(given)
            if plan is not None and parameters is not None:
                if limit is not None:
                    parameters.append(limit)
                return plan.sql, parameters
        self._collection.check_find(index, equal_to, at_most, after, limit)
        names = [name for name, is_none in zip(index, (*nones, at_most is None), strict=False) if not is_none]
        question = Question(
            index=index,
            equal_is_none=nones,
            has_at_most=at_most is not None,
            descending=descending,
            has_limit=limit is not None,
        )
        if after is None:
            self._plans[kind] = _Plan(write(question).sql, tuple(map(self._field_and_codec, names)))
        return self._written(kind, write, question, [*zip(names, given, strict=True)], after, limit)

    def _plan(self, kind: object) -> _Plan | None:
        try:
            return self._plans.get(kind)
        except TypeError:  # an index that is no tuple of names, say
            return None

    def _written(
        self,
        kind: object,
        write: Writer,
        question: Question,
        bounds: Sequence[tuple[str, Scalar]],
        after: Row | None,
        limit: int | None,
    ) -> Asked:
        rest = self._collection.order_of(question.index)[len(question.equal_is_none) :]
        last = None if after is None else [after[name] for name in rest]
        last_nones = None if last is None else tuple([value is None for value in last])
        text = self._texts.get((kind, last_nones))
        if text is None:
            text = write(attrs.evolve(question, after_is_none=last_nones))
            self._texts[(kind, last_nones)] = text
        encoded = self._rows.encoded
        parameters = [encoded(name, value) for name, value in bounds]
        if last is not None:
            parameters += [encoded(rest[place], last[place]) for place in text.after]
        if limit is not None:
            parameters.append(limit)
        return text.sql, parameters

    def _field_and_codec(self, name: str) -> tuple[Field, Any]:
        return self._fields[name], self._rows.encoder(name)
