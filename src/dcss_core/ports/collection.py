"""Collection: the declared shape of records or of a log.

Decides which declarations can work, how two of them differ, and what every backend must refuse in the same
words. Invariants: a refusal has every fault at once and names fields, never a value.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from functools import cached_property
from typing import Final, TypeAlias

import attrs

from dcss_core.errors import Fault, InvalidInputError, InvariantError, StaleVersionError
from dcss_core.ports.field import MISSING, Field, FieldKind, Scalar
from dcss_core.ports.row_check import key_check, row_check

Row: TypeAlias = Mapping[str, Scalar]
Key: TypeAlias = Scalar | tuple[Scalar, ...]
"""What identifies a record: the value of its key field; for a log of streams, the stream and the number."""

VERSION: Final = "version"
"""The field every record has besides its own: 1 when inserted, one more each time it is replaced."""

SEQUENCE: Final = "seq"
"""The field every entry of a log has besides its own: its number, from 1, without a gap.

It is the key of the log; where the log has streams, it counts within each, and the stream comes before it.
"""

_LAST_VERSION: Final = 2**63 - 1
_NAME: Final = re.compile(r"(?=.{1,48}\Z)[a-z][a-z0-9]*(?:_[a-z0-9]+)*", re.ASCII)


@attrs.frozen
class Collection:
    """The declared shape of a collection.

    `key` names the field that identifies a record. Each tuple in `unique` is a set of fields no two
    records share (rows with a None among them don't count). Each tuple in `indexes` can be found by;
    so can each tuple in `unique`. A `log` has no key of its own (its entries are numbered by
    `SEQUENCE`), is only appended to, and has no versions. `stream` names the field of a log within each
    value of which its entries are numbered, so that writers of different streams never meet. Names are
    lower-case words joined by single underscores, 48 characters at most. Raises InvalidInputError, all
    faults at once.
    """

    name: str
    fields: tuple[Field, ...]
    key: str = SEQUENCE
    unique: tuple[tuple[str, ...], ...] = ()
    indexes: tuple[tuple[str, ...], ...] = ()
    log: bool = False
    stream: str | None = None

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
        if self.stream is not None and not self.log:
            yield Fault(f"{self.name}: stream", f"'{self.stream}' of records", "a stream in a log only")
        if self.stream is not None and self.stream not in {field.name for field in self.fields}:
            yield Fault(f"{self.name}: stream", f"'{self.stream}'", "one of the fields")
        for name in dict.fromkeys(self.key_fields):
            if any(field.name == name and field.optional for field in self.fields):
                yield Fault(f"{self.name}.{name}", "an optional key", "a key that is never None")

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
        """Every tuple of fields to find or count by: the indexes, the unique keys and the key itself."""
        return tuple(dict.fromkeys((*self.indexes, *self.unique, self.key_fields)))

    @cached_property
    def key_fields(self) -> tuple[str, ...]:
        """The fields that identify a record: the key alone, or the stream of an entry and its number."""
        return (self.key,) if self.stream is None else (self.stream, self.key)

    @cached_property
    def stored_fields(self) -> tuple[Field, ...]:
        """What a row given back holds: the declared fields and VERSION, or SEQUENCE in a log."""
        return (*self.fields, Field(SEQUENCE if self.log else VERSION, FieldKind.INTEGER))

    @cached_property
    def _fields_by_name(self) -> Mapping[str, Field]:
        return {field.name: field for field in self.stored_fields}

    def order_of(self, index: tuple[str, ...]) -> tuple[str, ...]:
        """The fields by which rows found by this index are ordered: its own, then the key."""
        return (*index, *(name for name in self.key_fields if name not in index))

    def differences_from(self, stored: "Collection") -> tuple[Fault, ...]:
        """Say where this declaration differs from the one stored earlier; the order of fields may."""
        where = self.name
        faults = [
            Fault(f"{where}.{name}", str(was or "no such field"), str(now or "no such field"))
            for name, was, now in _side_by_side(stored.fields, self.fields)
            if was != now
        ]
        for part in ("key", "log", "stream"):
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
        if not isinstance(rows, list | tuple | Sized):  # a generator would be used up by the check
            raise InvariantError(f"the rows of '{self.name}' are to be given as a list; nothing was saved")
        if not self._fit(rows):
            self._refuse_rows(rows)

    @cached_property
    def _fit(self) -> Callable[[Sequence[Row]], bool]:
        return row_check(self.name, self.fields)

    def check_replacement(self, row: Row, expected_version: int) -> None:
        """Refuse what `check_rows` refuses, and what no record can have as its version.

        Raises InvariantError for the row, InvalidInputError for no whole number, StaleVersionError for one
        that no record has.
        """
        self.check_rows([row])
        if type(expected_version) is not int:
            fault = Fault("expected_version", f"a {type(expected_version).__name__}", "a version, an int")
            raise InvalidInputError(f"a record of '{self.name}' has no such version", faults=[fault])
        if not 1 <= expected_version < _LAST_VERSION:
            raise self.stale()

    def stale(self) -> StaleVersionError:
        """The error for a record that is missing or has another version than was expected."""
        return StaleVersionError(
            f"the record of '{self.name}' was changed meanwhile or is missing; read it again"
        )

    def _refuse_rows(self, rows: Sequence[Row]) -> None:
        faults: list[Fault] = []
        for row in rows:
            for field in self.fields:
                value = row.get(field.name, MISSING)
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

    def check_redaction(self, fields: Sequence[str], up_to: int, stream: Scalar = None) -> None:
        """Refuse to redact anything but optional fields of a log, or of one stream where it has streams.

        Raises InvariantError naming the fields, InvalidInputError for no number or no stream.
        """
        optional = {field.name for field in self.fields if field.optional and self.log}
        expected = ", ".join(sorted(optional)) or "nothing: only optional fields of a log are redacted"
        faults = [Fault(self.name, f"'{name}'", expected) for name in sorted({*fields} - optional)]
        if (stream is None) is not (self.stream is None):
            found = "no stream" if stream is None else "a stream"
            faults.append(Fault(self.name, found, "a stream exactly where the log has streams"))
        if faults or not fields:
            raise InvariantError(f"'{self.name}' can't be redacted so; nothing was saved", faults=faults)
        named = (up_to,) if self.stream is None else (stream, up_to)
        self._refuse(self._faults_of_values(self.key_fields, named))

    def check_keys(self, keys: Sequence[Key]) -> None:
        """Refuse what can't be keys of this collection; raises InvalidInputError for the first of them."""
        if self._fit_as_keys(keys):
            return
        for key in keys:
            self._refuse_key(key)

    @cached_property
    def _fit_as_keys(self) -> Callable[[Sequence[Key]], bool]:
        return key_check(self.name, [self._fields_by_name[name] for name in self.key_fields])

    def _refuse_key(self, key: Key) -> None:
        values = key if self.stream is not None and isinstance(key, tuple) else (key,)
        if len(values) != len(self.key_fields):
            expected = " and ".join(self.key_fields)
            fault = Fault(f"{self.name}: key", f"a {type(key).__name__}", f"{expected}, as a tuple")
            raise InvalidInputError(f"'{self.name}' can't be searched for this", faults=[fault])
        self._refuse(self._faults_of_values(self.key_fields, values))

    def check_deletion(
        self, index: tuple[str, ...], equal_to: Sequence[Scalar], at_most: Scalar, limit: int
    ) -> None:
        """Refuse to delete from a log, or what could not be found.

        Raises InvariantError for a log, InvalidInputError with every fault for the rest.
        """
        if self.log:
            raise InvariantError(f"'{self.name}' is a log: its entries are redacted and never deleted")
        self._refuse([*self._faults_of_question(index, equal_to, at_most), *_faults_of_limit(limit)])

    def check_sum(
        self,
        field: str,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        at_most: Scalar,
        by: Sequence[str],
    ) -> None:
        """Refuse a sum that can't be made; raises InvalidInputError with every fault."""
        faults = self._faults_of_question(index, equal_to, at_most)
        integers = [each.name for each in self.fields if each.kind is FieldKind.INTEGER]
        if field not in integers:
            expected = ", ".join(integers) or "nothing: it has no integer"
            faults.append(Fault("field", f"'{field}'", expected))
        declared = [each.name for each in self.fields]
        for name in sorted({*by} - {*declared}):
            faults.append(Fault("by", f"'{name}'", f"one of {', '.join(declared)}"))
        if len({*by}) < len(by):
            faults.append(Fault("by", "a field twice", "each field once"))
        self._refuse(faults)

    def check_find(
        self,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        at_most: Scalar,
        after: Row | None = None,
        limit: int | None = None,
    ) -> None:
        """Refuse a find or a count that can't be answered.

        Raises InvalidInputError with every fault, never a value.
        """
        faults = self._faults_of_question(index, equal_to, at_most)
        if after is not None:
            order = self.order_of(index)[len(equal_to) :]
            faults += self._faults_of_values(order, [after.get(name, MISSING) for name in order])
        if limit is not None:
            faults += _faults_of_limit(limit)
        self._refuse(faults)

    def check_find_each(self, index: tuple[str, ...], values: Sequence[Scalar]) -> None:
        """Refuse to find for each of several values; raises InvalidInputError with every fault."""
        faults = self._faults_of_question(index, (), None)
        first = self._fields_by_name[index[0]]
        faults += [first.refusal(self.name, value) for value in values if not first.admits(value)]
        self._refuse(list(dict.fromkeys(faults)))

    def _faults_of_question(
        self, index: tuple[str, ...], equal_to: Sequence[Scalar], at_most: Scalar
    ) -> list[Fault]:
        if index not in self.findable:
            declared = "; ".join(" + ".join(group) for group in self.findable)
            raise InvalidInputError(
                f"'{self.name}' can't be found by this index; declare it or use a declared one",
                faults=[Fault("index", " + ".join(index), declared)],
            )
        if not isinstance(equal_to, list | tuple | Sized):
            self._refuse([Fault("equal_to", f"a {type(equal_to).__name__}", "a list or a tuple")])
        faults: list[Fault] = []
        if len(equal_to) > len(index):
            faults.append(Fault("equal_to", f"{len(equal_to)} values", f"{len(index)} or fewer"))
        faults += self._faults_of_values(index, equal_to)
        rest = index[len(equal_to) :]
        if at_most is not None:
            faults += self._faults_of_values(rest[:1], (at_most,))
            if not rest:
                faults.append(Fault("at_most", "no field of the index left", "one field less in equal_to"))
        return faults

    def _faults_of_values(self, names: Sequence[str], values: Sequence[object]) -> list[Fault]:
        given = [(self._fields_by_name[name], value) for name, value in zip(names, values, strict=False)]
        return [field.refusal(self.name, value) for field, value in given if not field.admits(value)]

    def _refuse(self, faults: list[Fault]) -> None:
        if faults:
            raise InvalidInputError(f"'{self.name}' can't be searched for this", faults=faults)


def _faults_of_limit(limit: object) -> list[Fault]:
    if type(limit) is int and 0 <= limit < 2**63:
        return []
    return [Fault("limit", "something else", "an int, 0 or more, at most 64 bits")]


def _side_by_side(
    stored: tuple[Field, ...], declared: tuple[Field, ...]
) -> list[tuple[str, Field | None, Field | None]]:
    was, now = ({field.name: field for field in fields} for fields in (stored, declared))
    return [(name, was.get(name), now.get(name)) for name in dict.fromkeys([*was, *now])]
