"""Statements: the SQL of one collection, compiled once.

Decides how a row becomes parameters, how a record of the database becomes a row, and which statement
answers a `find` or a `count`. Invariants: values are always parameters, never text of a statement; a
statement is compiled once for each kind of question (index, which values are None, direction, which
bounds).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self, TypeVar

import attrs
import sqlalchemy as sa

from dcss_core import errors
from dcss_core.plugins import VERSION, Collection, Row, Scalar
from dcss_core_sql.question import Question, answer_to, number_of
from dcss_core_sql.sqlite import SqliteDatabase
from dcss_core_sql.tables import table_of

T = TypeVar("T")
Codec = Callable[[Any], Any]


@attrs.frozen
class Compiled:
    """A statement as text, and its parameters' names in order with what they are if not given."""

    sql: str
    parameters: tuple[tuple[str, object], ...]

    @classmethod
    def of(cls, statement: sa.ClauseElement, dialect: sa.engine.Dialect) -> Self:
        """Compile a statement for a database with positional parameters."""
        compiled = statement.compile(dialect=dialect)
        names: list[str] = getattr(compiled, "positiontup", None) or []
        return cls(str(compiled), tuple((name, compiled.params[name]) for name in names))

    def values(self, given: Mapping[str, object]) -> list[object]:
        """The parameters in the order of the statement."""
        return [given.get(name, default) for name, default in self.parameters]


class Statements:
    """Everything that is asked of the table of one collection."""

    def __init__(self, collection: Collection, database: SqliteDatabase) -> None:
        self.collection = collection
        self.table = table_of(collection, database)
        self._dialect = database.dialect
        self._fields = tuple(field.name for field in collection.fields)
        self._columns = tuple(field.name for field in collection.stored_fields)
        kinds = [(field.name, field.kind) for field in collection.stored_fields]
        self._encoders = dict(_needed((name, database.encoders.get(kind)) for name, kind in kinds))
        self._decoders = _needed(
            (position, database.decoders.get(kind)) for position, (_, kind) in enumerate(kinds)
        )
        self._row_encoders = _needed(
            (position, self._encoders.get(name)) for position, name in enumerate(self._fields)
        )
        self._answers: dict[Question, Compiled] = {}
        self._numbers: dict[Question, Compiled] = {}
        self._redactions: dict[tuple[str, ...], str] = {}

    @cached_property
    def insert(self) -> str:
        """Insert a row: its fields, then its version, or its number in a log."""
        return self._compiled(self.table.insert()).sql

    @cached_property
    def get(self) -> str:
        """Select the row with a key."""
        return self._compiled(self.table.select().where(self._key == sa.bindparam("KEY"))).sql

    @cached_property
    def last_number(self) -> str:
        """Select the number of the last entry of a log, NULL when it is empty."""
        return self._compiled(sa.select(sa.func.max(self._key))).sql

    @cached_property
    def update(self) -> Compiled:
        """Replace the record with a key and a version; the old ones are `KEY` and `EXPECTED`."""
        new: dict[str, Any] = {name: sa.bindparam(_new(name)) for name in self._columns}
        version = self.table.c[VERSION]
        replaced = self.table.update().where(self._key == sa.bindparam("KEY"))
        return self._compiled(replaced.where(version == sa.bindparam("EXPECTED")).values(new))

    def redaction(self, fields: tuple[str, ...]) -> str:
        """Set fields of the entries up to a number to NULL where one of them is not."""
        redaction = self._redactions.get(fields)
        if redaction is None:
            up_to = self._key <= sa.bindparam("UP_TO")
            is_there = sa.or_(*(self.table.c[name].is_not(None) for name in fields))
            nothing = dict.fromkeys(fields, sa.null())
            redacted = self.table.update().where(up_to, is_there).values(nothing)
            redaction = self._redactions[fields] = self._compiled(redacted).sql
        return redaction

    def inserted(self, row: Row, number: int) -> list[object]:
        """The parameters of `insert`."""
        values = self._encoded(row)
        values.append(number)
        return values

    def updated(self, row: Row, expected_version: int) -> list[object]:
        """The parameters of `update`."""
        values = self._encoded(row)
        key = values[self._key_position]
        values += (expected_version + 1, key, expected_version)
        return [values[position] for position in self._update_positions]

    @cached_property
    def _key_position(self) -> int:
        return self._fields.index(self.collection.key)

    @cached_property
    def _update_positions(self) -> tuple[int, ...]:
        """Where each parameter of `update` stands among the fields, the new version, `KEY` and `EXPECTED`."""
        known = [*map(_new, self._columns), "KEY", "EXPECTED"]
        return tuple(known.index(name) for name, _ in self.update.parameters)

    def found(self, question: Question, values: Mapping[str, tuple[str, Scalar]]) -> tuple[str, list[object]]:
        """The statement that answers a question, and its parameters from values of named fields."""
        answer = self._answers.get(question)
        if answer is None:
            selected = answer_to(question, self.table, self.collection)
            answer = self._answers[question] = self._compiled(selected)
        return answer.sql, self._given(answer, values)

    def counted(
        self, question: Question, values: Mapping[str, tuple[str, Scalar]]
    ) -> tuple[str, list[object]]:
        """The statement that counts what a question finds, and its parameters."""
        number = self._numbers.get(question)
        if number is None:
            selected = number_of(question, self.table, self.collection)
            number = self._numbers[question] = self._compiled(selected)
        return number.sql, self._given(number, values)

    def _given(self, answer: Compiled, values: Mapping[str, tuple[str, Scalar]]) -> list[object]:
        return answer.values({place: self.encoded(name, value) for place, (name, value) in values.items()})

    def encoded(self, name: str, value: Scalar) -> object:
        """The value of a field as the driver takes it."""
        encode = self._encoders.get(name)
        return value if encode is None or value is None else encode(value)

    def rows(self, records: Sequence[Sequence[Any]]) -> list[Row]:
        """What the driver gave, as rows; raises InvariantError for a value that was never written here."""
        rows: list[Row] = []
        for record in records:
            values = list(record)
            for position, decode in self._decoders:
                value = values[position]
                if value is not None:
                    try:
                        values[position] = decode(value)
                    except (TypeError, ValueError):
                        raise self._unreadable(position) from None  # the cause would show the value
            rows.append(MappingProxyType(dict(zip(self._columns, values, strict=False))))
        return rows

    def _unreadable(self, position: int) -> errors.InvariantError:
        where = f"{self.collection.name}.{self._columns[position]}"
        return errors.InvariantError(f"what is stored in {where} can't be read; was it changed by hand?")

    @property
    def _key(self) -> "sa.Column[Any]":
        return self.table.c[self.collection.key]

    def _encoded(self, row: Row) -> list[object]:
        values: list[object] = [row[name] for name in self._fields]
        for position, encode in self._row_encoders:
            value = values[position]
            if value is not None:
                values[position] = encode(value)
        return values

    def _compiled(self, statement: sa.ClauseElement) -> Compiled:
        return Compiled.of(statement, self._dialect)


def _needed(codecs: Iterable[tuple[T, Codec | None]]) -> tuple[tuple[T, Codec], ...]:
    return tuple((place, codec) for place, codec in codecs if codec is not None)


def _new(name: str) -> str:
    return f"NEW_{name}"  # capitals, which no field's name has: SQLAlchemy keeps the plain names for itself
