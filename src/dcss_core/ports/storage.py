"""Storage: the small port behind which all records live.

Decides what the core asks of a database: collections of versioned records with declared unique keys
and indexes, and logs that are only ever appended to, and redacted when a retention ends. Invariants
a backend keeps (and `dcss_core.testing.StorageConformance` checks): a transaction is all or nothing and
sees its own writes; a writing transaction behaves as if it ran alone; a replaced record has the
expected version; a unique key is never taken twice, whatever runs beside it; the numbers of a log start
at 1 and have no gap; what was committed survives the process being killed, if the backend is durable.

What every backend must refuse in the same words stands here, as methods of `Collection`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cached_property
from typing import Any, Final, Protocol, TypeAlias

import attrs

from dcss_core.errors import Fault, InvalidInputError, InvariantError

Scalar: TypeAlias = str | int | bool | bytes | date | datetime | None
Row: TypeAlias = Mapping[str, Scalar]

VERSION: Final = "version"
"""The field every record has besides its own: 1 when inserted, one more each time it is replaced."""

SEQUENCE: Final = "seq"
"""The field every entry of a log has besides its own: its number, from 1, without a gap.

It is the key of the log.
"""

_NAME: Final = re.compile(r"(?=.{1,48}\Z)[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)
_NO_OFFSET: Final = timedelta(0)
_MISSING: Final = object()


class FieldKind(Enum):
    """What a field holds; a backend picks its own column type for each."""

    TEXT = "text"  # any Unicode text, U+0000 included; ordered by code point
    INTEGER = "integer"  # 64 bits with sign; money is integer cents
    BOOLEAN = "boolean"  # False comes before True
    DATE = "date"
    INSTANT = "instant"  # aware, in UTC, to the microsecond
    BYTES = "bytes"  # ordered byte by byte


def _is_unicode(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return False
    return True


# Exact types, since what comes back must be what was given: a bool is no integer, a datetime no date.
_TYPES: Final[Mapping[FieldKind, type]] = {
    FieldKind.TEXT: str,
    FieldKind.INTEGER: int,
    FieldKind.BOOLEAN: bool,
    FieldKind.DATE: date,
    FieldKind.INSTANT: datetime,
    FieldKind.BYTES: bytes,
}
_LIMITS: Final[Mapping[FieldKind, Callable[[Any], bool]]] = {
    FieldKind.TEXT: _is_unicode,
    FieldKind.INTEGER: lambda integer: -(2**63) <= integer < 2**63,
    FieldKind.INSTANT: lambda instant: instant.tzinfo is UTC or instant.utcoffset() == _NO_OFFSET,
}
_EXPECTED: Final[Mapping[FieldKind, str]] = {
    FieldKind.TEXT: "a str without lone surrogates",
    FieldKind.INTEGER: "an int of 64 bits",
    FieldKind.BOOLEAN: "a bool",
    FieldKind.DATE: "a date without time",
    FieldKind.INSTANT: "an aware datetime in UTC",
    FieldKind.BYTES: "bytes",
}


def _a(word: str) -> str:
    return f"an {word}" if word[:1] in "aeiou" else f"a {word}"


@attrs.frozen
class Field:
    """A named, typed field of a collection; `optional` admits None."""

    name: str
    kind: FieldKind
    optional: bool = False
    _type: type = attrs.field(init=False, eq=False, repr=False)
    _is_within_limits: Callable[[Any], bool] | None = attrs.field(init=False, eq=False, repr=False)

    @_type.default
    def _exact_type(self) -> type:
        return _TYPES[self.kind]

    @_is_within_limits.default
    def _limits(self) -> Callable[[Any], bool] | None:
        return _LIMITS.get(self.kind)

    def admits(self, value: object) -> bool:
        """Whether the field can hold this value."""
        if type(value) is self._type:
            return self._is_within_limits is None or self._is_within_limits(value)
        return value is None and self.optional

    def refusal(self, collection: str, value: object) -> Fault:
        """Say which value does not fit, by its type and never by the value itself."""
        expected = _EXPECTED[self.kind] + (" or None" if self.optional else "")
        found = "None" if value is None else f"{_a(type(value).__name__)} that does not fit"
        found = "nothing" if value is _MISSING else found
        return Fault(f"{collection}.{self.name}", found, expected)

    def __str__(self) -> str:
        return f"{'optional ' if self.optional else ''}{self.kind.value}"


@attrs.frozen
class Collection:
    """The declared shape of a collection.

    `key` names the field that identifies a record. Each tuple in `unique` is a set of fields no two
    records share (rows with a None among them don't count). Each tuple in `indexes` can be found by;
    so can each tuple in `unique`. A `log` has no key of its own (its entries are numbered by
    `SEQUENCE`), is only appended to, and has no versions. Names are lower-case words joined by
    single underscores, 48 characters at most. Raises InvalidInputError, all faults at once.
    """

    name: str
    fields: tuple[Field, ...]
    key: str = SEQUENCE
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    log: bool = False

    def __attrs_post_init__(self) -> None:
        faults = [*self._faults_of_names(), *self._faults_of_key(), *self._faults_of_groups()]
        if faults:
            raise InvalidInputError(f"collection {self.name!r} is not well declared", faults=faults)

    def _faults_of_names(self) -> Iterable[Fault]:
        names = [field.name for field in self.fields]
        for name in dict.fromkeys([self.name, *names]):
            if not _NAME.fullmatch(name):
                yield Fault(
                    f"name {name!r}", "other characters", "up to 48 of a-z, 0-9 and single underscores"
                )
        for name in sorted(set(names)):
            if name in (VERSION, SEQUENCE):
                yield Fault(
                    f"{self.name}.{name}", "a reserved name", f"any name but {VERSION} and {SEQUENCE}"
                )
            if names.count(name) > 1:
                yield Fault(f"{self.name}.{name}", "the name twice", "each name once")

    def _faults_of_key(self) -> Iterable[Fault]:
        if self.log and self.key != SEQUENCE:
            yield Fault(f"{self.name}: key", f"'{self.key}'", f"'{SEQUENCE}', which is the key of every log")
        if any(field.name == self.key and field.optional for field in self.fields):
            yield Fault(f"{self.name}.{self.key}", "an optional key", "a key that is never None")

    def _faults_of_groups(self) -> Iterable[Fault]:
        known = {field.name for field in self.fields} | ({SEQUENCE} if self.log else set())
        groups = (*self.unique, *self.indexes)
        for name in sorted({self.key, *(name for group in groups for name in group)} - known):
            yield Fault(f"{self.name}: key or index", f"'{name}'", f"one of {', '.join(sorted(known))}")
        for group in groups:
            if not group or len(set(group)) < len(group):
                yield Fault(f"{self.name}: index", f"{group}", "at least one field, each once")

    @cached_property
    def findable(self) -> tuple[tuple[str, ...], ...]:
        """Every tuple of fields `find` accepts: the indexes, the unique keys and the key itself."""
        return (*self.indexes, *self.unique, (self.key,))

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """What a row given back holds: the declared fields and VERSION, or SEQUENCE in a log."""
        return (*self.fields, Field(SEQUENCE if self.log else VERSION, FieldKind.INTEGER))

    @cached_property
    def _fields_by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.stored_fields}

    def order_of(self, index: tuple[str, ...]) -> tuple[str, ...]:
        """The fields by which rows found by this index are ordered: its own, then the key."""
        return index if self.key in index else (*index, self.key)

    def differences_from(self, stored: "Collection") -> tuple[Fault, ...]:
        """Say where this declaration differs from the one stored earlier; the order of fields may."""
        where = self.name
        faults = [
            Fault(f"{where}.{name}", str(was or "no such field"), str(now or "no such field"))
            for name, was, now in _side_by_side(stored.fields, self.fields)
            if was != now
        ]
        for part in ("key", "log"):
            was, now = getattr(stored, part), getattr(self, part)
            if was != now:
                faults.append(Fault(f"{where}: {part}", repr(was), repr(now)))
        for part in ("unique", "indexes"):
            was, now = sorted(set(getattr(stored, part))), sorted(set(getattr(self, part)))
            if was != now:
                faults.append(Fault(f"{where}: {part}", repr(was), repr(now)))
        return tuple(faults)

    def check_rows(self, rows: Sequence[Row], *, log: bool = False) -> None:
        """Refuse rows that do not hold exactly the declared fields, and a write of the wrong sort.

        `log` says that the rows are appended. Raises InvariantError naming the fields, never a value.
        """
        if log is not self.log:
            allowed = "log: use append" if self.log else "collection of records: use insert and replace"
            raise InvariantError(f"'{self.name}' is a {allowed}")
        faults: list[Fault] = []
        for row in rows:
            for field in self.fields:
                value = row.get(field.name, _MISSING)
                if not field.admits(value):
                    faults.append(field.refusal(self.name, value))
            if faults or len(row) != len(self.fields):
                faults += self._faults_of_unknown_names(row)
        if faults:
            raise InvariantError(
                f"a row does not fit '{self.name}'; nothing was saved", faults=dict.fromkeys(faults)
            )

    def _faults_of_unknown_names(self, row: Row) -> Iterable[Fault]:
        for name in sorted(row.keys() - {field.name for field in self.fields}):
            yield Fault(f"{self.name}.{name}", "a field that is not declared", "declared fields only")

    def check_redaction(self, fields: Sequence[str], up_to: int) -> None:
        """Refuse to redact anything but optional fields of a log.

        Raises InvariantError naming the fields, InvalidInputError for no number.
        """
        optional = {field.name for field in self.fields if field.optional and self.log}
        expected = ", ".join(sorted(optional)) or "nothing: only optional fields of a log are redacted"
        faults = [Fault(self.name, f"'{name}'", expected) for name in sorted({*fields} - optional)]
        if faults or not fields:
            raise InvariantError(f"'{self.name}' can't be redacted so; nothing was saved", faults=faults)
        self._refuse(self._faults_of_values((SEQUENCE,), (up_to,)))

    def check_key(self, key: Scalar) -> None:
        """Refuse what can't be a key of this collection; raises InvalidInputError."""
        self._refuse(self._faults_of_values((self.key,), (key,)))

    def check_find(
        self,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        at_most: Scalar,
        after: Row | None,
        limit: int | None,
    ) -> None:
        """Refuse a find that can't be answered; raises InvalidInputError with every fault, never a value."""
        if index not in self.findable:
            declared = "; ".join(" + ".join(group) for group in self.findable)
            raise InvalidInputError(
                f"'{self.name}' can't be found by this index; declare it or use a declared one",
                faults=[Fault("index", " + ".join(index), declared)],
            )
        faults: list[Fault] = []
        if len(equal_to) > len(index):
            faults.append(Fault("equal_to", f"{len(equal_to)} values", f"{len(index)} or fewer"))
        faults += self._faults_of_values(index, equal_to)
        rest = index[len(equal_to) :]
        if at_most is not None:
            faults += self._faults_of_values(rest[:1], (at_most,))
            if not rest:
                faults.append(Fault("at_most", "no field of the index left", "one field less in equal_to"))
        if after is not None:
            order = self.order_of(index)[len(equal_to) :]
            faults += self._faults_of_values(order, [after.get(name, _MISSING) for name in order])
        if limit is not None and not 0 <= limit < 2**63:
            faults.append(Fault("limit", "another number", "0 or more, at most 64 bits"))
        self._refuse(faults)

    def _faults_of_values(self, names: Sequence[str], values: Sequence[object]) -> list[Fault]:
        given = [(self._fields_by_name[name], value) for name, value in zip(names, values, strict=False)]
        return [field.refusal(self.name, value) for field, value in given if not field.admits(value)]

    def _refuse(self, faults: list[Fault]) -> None:
        if faults:
            raise InvalidInputError(f"'{self.name}' can't be searched for this", faults=faults)


def _side_by_side(
    stored: tuple[Field, ...], declared: tuple[Field, ...]
) -> list[tuple[str, Field | None, Field | None]]:
    was, now = ({field.name: field for field in fields} for fields in (stored, declared))
    return [(name, was.get(name), now.get(name)) for name in dict.fromkeys([*was, *now])]


class Transaction(Protocol):
    """One unit of work. Leaving its block commits; an exception inside rolls everything back.

    A call that raises leaves the transaction unusable: every later call raises that error again, and
    so does leaving the block, which saves nothing. A conflict is therefore caught outside the block,
    and the whole unit of work is done again. Once its block is left, every call raises BackendError.

    Rows given hold exactly the declared fields; VERSION and SEQUENCE are the backend's. Anything else,
    a collection that was not prepared, and a write of the wrong sort (into a log, or append elsewhere)
    raise InvariantError, which names the field and never its value. Rows given back are
    read-only.
    """

    def get(self, collection: Collection, key: Scalar) -> Row | None:
        """The record with this key, with its version; None when there is none.

        Raises InvalidInputError for a value that can't be a key of the collection.
        """
        ...

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records at version 1, in bulk where the backend can.

        Raises DuplicateKeyError, naming the key's fields, when the key or a unique key is taken.
        """
        ...

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace the whole record with the same key; its version becomes `expected_version + 1`.

        Raises StaleVersionError when the record has another version or is missing, DuplicateKeyError
        when a unique key is taken by another record.
        """
        ...

    def append(self, log: Collection, rows: Sequence[Row]) -> int:
        """Append entries to a log in this order and return the number of the first; numbers have no gap.

        For no entries, the number the next one will get.
        """
        ...

    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        """Erase optional fields of a log's entries, up to the one with this number; None stands there then.

        Returns how many entries lost something. Nothing else of an entry ever changes. What was erased
        should not stay readable in the backend's files. Raises InvariantError for a required field.
        """
        ...

    def find(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Records found by a declared index, in its order.

        `index` is one of `collection.findable`; `equal_to` fixes its leading fields, in order, None
        included. Rows come ordered by the remaining fields of the index, then by the key, None
        first; `descending` reverses all of it. `at_most` bounds the first remaining field from
        above (inclusive; None there never matches). `after` is the last row of the page before; only
        its fields in that order are looked at. Raises InvalidInputError for an index that is not
        declared, too many values, or a value of another type.
        """
        ...


class Storage(Protocol):
    """A database, as the core sees it. Safe to use from several threads; a transaction is not.

    After `close` everything but `close` raises BackendError, not retryable.
    """

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create what is missing and check what is there.

        All or nothing. Raises ConfigurationError naming each collection and field stored in another shape.
        """
        ...

    def transaction(self, *, writes: bool) -> AbstractContextManager[Transaction]:
        """Begin a unit of work when its block is entered.

        With `writes=False` any write raises BackendError, and every read sees one snapshot: all that was
        committed before the block was entered, and nothing committed after the first read.
        Raises BackendError, retryable when the database is busy or unreachable.
        """
        ...

    def close(self) -> None:
        """Release every resource; the storage can't be used afterwards. Closing twice does nothing."""
        ...
