"""Statements: the SQL of one collection, written once.

Decides which text answers a call of the port. Invariants: values are always parameters, never text of a
statement; a text is written once for each kind of question (index, which values are None, direction, which
bounds) and size, so that the driver keeps what it prepared from it; what the collection would refuse is
refused by the collection, in its own words.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from operator import itemgetter
from typing import Any, Final

from dcss_core.plugins import VERSION, Collection, FieldKind, Key, Row, Scalar
from dcss_core_sql.asking import Asked, Asking
from dcss_core_sql.dialect import Dialect
from dcss_core_sql.question import Answers
from dcss_core_sql.rows import Rows

MOST_AT_ONCE: Final = 256
"""How many keys one statement asks for; a power of two, as every size that is asked for."""
MOST_STREAMS_AT_ONCE: Final = 64
"""How many streams one statement asks for; of more SQLite takes longer to answer than of several."""


class Statements:
    """Everything that is asked of the table of one collection."""

    def __init__(self, collection: Collection, dialect: Dialect) -> None:
        self.collection = collection
        self.rows = Rows(collection, dialect)
        self.dialect = dialect
        self._table = dialect.name(collection.name)
        self._answers = Answers(collection, dialect)
        self._asking = Asking(collection, self.rows)
        self._texts: dict[Any, str] = {}

    # --- by key ------------------------------------------------------------------------------------
    @cached_property
    def get(self) -> str:
        """Select the row with a key."""
        return f"{self._select} WHERE {self._is_key}"

    def key(self, key: Key) -> tuple[object, ...]:
        """The parameters of `get`; raises InvalidInputError for what can't be a key."""
        return self.keys((key,))[0]

    def keys(self, keys: Sequence[Key]) -> list[tuple[object, ...]]:
        """What `key` gives for each."""
        self.collection.check_keys(keys)
        several: list[Any] = list(keys) if self.collection.stream is not None else [(key,) for key in keys]
        encoders = self._key_encoders
        if not any(encoders):
            return several
        return [
            tuple(
                [
                    value if encode is None else encode(value)
                    for encode, value in zip(encoders, key, strict=True)
                ]
            )
            for key in several
        ]

    @cached_property
    def _key_encoders(self) -> Sequence[Callable[[Any], Any] | None]:
        return [self.rows.encoder(name) for name in self.collection.key_fields]

    def each(self, keys: Sequence[tuple[object, ...]]) -> Asked:
        """Select the rows with these keys, `MOST_AT_ONCE` at most, in any order."""
        size = _power_of_two(len(keys))
        sql = self._texts.get(("each", size)) or self._keep(("each", size), self._each_of(size))
        return sql, [*chain.from_iterable(keys), *(keys[-1] * (size - len(keys)))]

    def _each_of(self, size: int) -> str:
        if self.collection.stream is None:
            return f"{self._select} WHERE {self._columns[0]} IN ({self._parameters(size)})"
        # SQLite walks through the whole table for pairs IN a list; asked for first, each is looked up
        alone = [self.dialect.alone(self._kinds[name]) for name in self.collection.key_fields]
        pairs = ", ".join([f"({', '.join(alone)})"] * size)
        stream, number = self._columns
        is_asked = f"{stream} = asked.stream AND {number} = asked.number"
        return (
            f"WITH asked (stream, number) AS (VALUES {pairs}) "
            f"SELECT {self._all} FROM asked CROSS JOIN {self._table} WHERE {is_asked}"
        )

    @cached_property
    def key_of(self) -> Callable[[Row], Any]:
        """Takes the key, as the port has it, out of a row."""
        return itemgetter(*self.collection.key_fields)

    # --- writing -----------------------------------------------------------------------------------
    @cached_property
    def columns(self) -> str:
        """The columns of a row: its fields, then its version, or its number in a log."""
        return ", ".join(self.dialect.name(field.name) for field in self.collection.stored_fields)

    @cached_property
    def insert(self) -> str:
        """Insert a row of values for `columns`."""
        return self.insert_of(1)

    def insert_of(self, amount: int) -> str:
        """Insert so many rows of values for `columns` at once."""
        return self._texts.get(("insert", amount)) or self._keep(("insert", amount), self._insert_of(amount))

    def _insert_of(self, amount: int) -> str:
        values = f"({self._parameters(len(self.collection.stored_fields))})"
        return f"INSERT INTO {self._table} ({self.columns}) VALUES {', '.join([values] * amount)}"

    @property
    def table(self) -> str:
        """The table, as it is named in a statement."""
        return self._table

    @cached_property
    def update(self) -> str:
        """Replace the record with a key and a version."""
        name, parameter = self.dialect.name, self.dialect.parameter
        changed = [field.name for field in self.collection.fields if field.name != self.collection.key]
        new = ", ".join(f"{name(each)} = {parameter}" for each in [*changed, VERSION])
        version = self.dialect.column(self.collection.name, VERSION)
        return f"UPDATE {self._table} SET {new} WHERE {self._is_key} AND {version} = {parameter}"

    def updated(self, row: Row, expected_version: int) -> Sequence[object]:
        """The parameters of `update`."""
        [values] = self.rows.numbered([row], [expected_version + 1])
        place = self._key_place
        return (*values[:place], *values[place + 1 :], values[place], expected_version)

    @cached_property
    def _key_place(self) -> int:
        return [field.name for field in self.collection.fields].index(self.collection.key)

    def redaction(self, fields: tuple[str, ...]) -> str:
        """Set fields of the entries up to a number to NULL where one of them is not."""
        kind = ("redaction", fields)
        return self._texts.get(kind) or self._keep(kind, self._redaction_of(fields))

    def _redaction_of(self, fields: Sequence[str]) -> str:
        parameter = self.dialect.parameter
        of_stream = [f"{column} = {parameter}" for column in self._columns[:-1]]
        up_to = " AND ".join([*of_stream, f"{self._columns[-1]} <= {parameter}"])
        nothing = ", ".join(f"{self.dialect.name(name)} = NULL" for name in fields)
        is_there = " OR ".join(f"{self._column(name)} IS NOT NULL" for name in fields)
        return f"UPDATE {self._table} SET {nothing} WHERE {up_to} AND ({is_there})"

    # --- numbers of a log --------------------------------------------------------------------------
    def streams(self, rows: Sequence[Row]) -> list[Scalar]:
        """The stream of each row; None in a log without streams."""
        stream = self.collection.stream
        return [None] * len(rows) if stream is None else [row[stream] for row in rows]

    def last_numbers(self, streams: Sequence[Scalar]) -> Asked:
        """Select each of these streams, `MOST_STREAMS_AT_ONCE` at most, with the number of its last entry.

        A log without streams has one, which is None. Where nothing was appended yet there is no row.
        """
        stream = self.collection.stream
        if stream is None:
            return self._last, ()
        size = _power_of_two(len(streams))
        sql = self._texts.get(("last", size)) or self._keep(("last", size), self._last_of(size))
        encoded = [self.rows.encoded(stream, each) for each in streams]
        return sql, [*encoded, *([encoded[-1]] * (size - len(encoded)))]

    def numbers_by_stream(self, records: Sequence[Sequence[Any]]) -> Mapping[Scalar, int]:
        """What the driver gave for `last_numbers`."""
        stream = self.collection.stream
        if stream is None:
            return dict.fromkeys([None], *records[0]) if records else {}
        return {self.rows.decoded(stream, each): number for each, number in records}

    @cached_property
    def _last(self) -> str:
        return f"SELECT {self._columns[0]} FROM {self._table} ORDER BY {self._columns[0]} DESC LIMIT 1"

    def _last_of(self, size: int) -> str:
        # a grouped MAX would walk through the whole of each stream; one of each looks at its last entry only
        stream, number = self._columns
        last = (
            f"SELECT {stream}, {number} FROM {self._table} WHERE {stream} = {self.dialect.parameter} "
            f"ORDER BY {number} DESC LIMIT 1"
        )
        return last if size == 1 else " UNION ALL ".join([f"SELECT * FROM ({last}) AS last"] * size)

    # --- by index ----------------------------------------------------------------------------------
    def found(
        self,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        at_most: Scalar,
        descending: bool,
        after: Row | None,
        limit: int | None,
    ) -> Asked:
        """Select what `find` gives; raises InvalidInputError for what it can't."""
        return self._asking.asked(
            "find",
            self._answers.rows,
            index,
            equal_to,
            at_most,
            descending=descending,
            after=after,
            limit=limit,
        )

    def found_each(self, index: tuple[str, ...], values: Sequence[Scalar]) -> Iterator[Asked]:
        """Select what `find` gives for each of several checked values, `MOST_AT_ONCE` at a time."""
        if None in values:
            yield self.found(index, (None,), None, False, None, None)
        there = [value for value in values if value is not None]
        for start in range(0, len(there), MOST_AT_ONCE):
            chunk = [self.rows.encoded(index[0], value) for value in there[start : start + MOST_AT_ONCE]]
            size = _power_of_two(len(chunk))
            kind = ("found each", index, size)
            sql = self._texts.get(kind) or self._keep(kind, self._answers.rows_of_each(index, size))
            yield sql, [*chunk, *([chunk[-1]] * (size - len(chunk)))]

    def counted(self, index: tuple[str, ...], equal_to: Sequence[Scalar], at_most: Scalar) -> Asked:
        """Count what `find` gives; raises InvalidInputError for what it can't."""
        return self._asking.asked("count", self._answers.number, index, equal_to, at_most)

    def deleted(
        self, index: tuple[str, ...], equal_to: Sequence[Scalar], at_most: Scalar, limit: int
    ) -> Asked:
        """Delete the first rows that `find` gives."""
        return self._asking.asked("delete", self._answers.deletion, index, equal_to, at_most, limit=limit)

    def summed(
        self,
        field: str,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        at_most: Scalar,
        by: Sequence[str],
    ) -> Asked:
        """Add up a field of what `find` gives."""
        write = partial(self._answers.sums, field=field, by=by)
        return self._asking.asked(("sum", field, *by), write, index, equal_to, at_most)

    def sums(self, records: Sequence[Sequence[Any]], by: Sequence[str]) -> Mapping[tuple[Scalar, ...], int]:
        """What the driver gave for `summed`, as exact sums."""
        sums = {}
        for *group, upper, lower, number in records:
            if number:
                values = tuple(map(self.rows.decoded, by, group))
                sums[values] = ((upper or 0) << 32) + (lower or 0)
        return sums

    # --- parts of texts ----------------------------------------------------------------------------
    @cached_property
    def _kinds(self) -> Mapping[str, FieldKind]:
        return {field.name: field.kind for field in self.collection.stored_fields}

    @cached_property
    def _all(self) -> str:
        return ", ".join(self._column(field.name) for field in self.collection.stored_fields)

    @property
    def _select(self) -> str:
        return f"SELECT {self._all} FROM {self._table}"

    @cached_property
    def _columns(self) -> tuple[str, ...]:
        """The columns of the key."""
        return tuple(map(self._column, self.collection.key_fields))

    @property
    def _is_key(self) -> str:
        return " AND ".join(f"{column} = {self.dialect.parameter}" for column in self._columns)

    def _column(self, name: str) -> str:
        return self.dialect.column(self.collection.name, name)

    def _parameters(self, amount: int) -> str:
        return ", ".join([self.dialect.parameter] * amount)

    def _keep(self, kind: object, sql: str) -> str:
        self._texts[kind] = sql
        return sql


def _power_of_two(number: int) -> int:
    return 1 << (number - 1).bit_length()
