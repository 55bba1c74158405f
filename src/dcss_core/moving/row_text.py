"""RowText: one row of a collection as a line of JSON, and back.

Decides the spelling of every value. Invariants: a row has one spelling, and a line with another one is
refused, so a key that stands twice, a blank too many or a number with a fraction can't pass; a refusal names
fields and never shows a value.

Keys stand in the order of their code points, without blanks; every character stands as itself but those that
JSON escapes; bytes are base64, days `2026-01-31`, instants `2026-01-31T17:00:00.000000Z`. An entry of a log
has its number, `seq`. A record has its `version` only where a seal is bound to it and it is not 1: a seal
opens at the version it was made for, and elsewhere the version counts replacements in one storage.
"""

from base64 import b64decode
from binascii import b2a_base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from json import JSONDecoder, encoder
from typing import Any, Final, NoReturn

import attrs

from dcss_core.errors import Fault, InvalidInputError
from dcss_core.ports.field import MISSING
from dcss_core.ports.row_check import row_check
from dcss_core.ports.storage import VERSION, Collection, Field, FieldKind, Row, Scalar

MOST_VERSION: Final = 1_000_000
"""Versions up to this are restored one by one; a record that was replaced more often is sealed anew."""
LONGEST_LINE: Final = 64 * 1024 * 1024
"""Bytes of a line, its end among them."""
_BOOLEANS: Final = {True: "true", False: "false"}
_MISFIT: Final = object()
"""What stands in place of a text that is no value of its field; no field admits it."""
_BOUND: Final = Field(VERSION, FieldKind.INTEGER)
_NOT_A_ROW: Final = "an object with exactly the declared fields, in the one spelling of the format"


def _instant(value: datetime) -> str:
    return f'"{value.isoformat(timespec="microseconds")[:-6]}Z"'


def _read_instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


_WRITE: Final[Mapping[FieldKind, Callable[[Any], str]]] = {
    FieldKind.TEXT: encoder.encode_basestring,
    FieldKind.INTEGER: str,
    FieldKind.BOOLEAN: _BOOLEANS.__getitem__,
    FieldKind.DATE: lambda day: f'"{day.isoformat()}"',
    FieldKind.INSTANT: _instant,
    FieldKind.BYTES: lambda value: f'"{b2a_base64(value, newline=False).decode()}"',
}
_READ: Final[Mapping[FieldKind, Callable[[Any], Scalar]]] = {
    FieldKind.DATE: date.fromisoformat,
    FieldKind.INSTANT: _read_instant,
    FieldKind.BYTES: lambda text: b64decode(text, validate=True),
}


def _refuse(_number: str) -> NoReturn:
    raise ValueError("no whole number")


_DECODER: Final = JSONDecoder(parse_float=_refuse, parse_constant=_refuse)


@attrs.frozen(slots=False)  # what is cached needs a place of its own
class RowText:
    """How the rows of one collection are spelt; `sealed` names the fields that hold sealed values."""

    collection: Collection
    sealed: tuple[str, ...] = ()

    def line(self, row: Row) -> str:
        """A row as it is given by a storage, as a line without its end."""
        return self._spelt(row, self.version_of(row))

    def version_of(self, row: Row) -> int:
        """The version to which seals of a row are bound; 1 where there is no seal."""
        version = row[VERSION] if any(row[name] is not None for name in self.sealed) else 1
        assert isinstance(version, int)
        return version

    def read(self, line: bytes) -> tuple[dict[str, Scalar], int]:
        """A row with the number of an entry, and the version its seals are bound to.

        Raises InvalidInputError, with every field that does not fit.
        """
        row, version = self.read_again(line)
        if not self._fit([row]) or version != 1:
            self._check(row, version)
        if self._spelt(row, version).encode() != line:
            raise self._no_row("another spelling, or a field too many or too few")
        return row, version

    def read_again(self, line: bytes) -> tuple[dict[str, Any], Any]:
        """What `read` gives for a line that was read before, and found to be a row.

        Raises InvalidInputError for what can't be decoded; any other change is for the caller to find.
        """
        row = self._decoded(line)
        version = row.pop(VERSION, 1) if self.sealed else 1
        for name, read in self._conversions:
            value = row.get(name)
            if value is not None:
                try:
                    row[name] = read(value)
                except (ValueError, TypeError, OverflowError):
                    row[name] = _MISFIT
        return row, version

    def _check(self, row: dict[str, Any], version: Any) -> None:
        faults = [
            field.refusal(self.collection.name, row.get(field.name, MISSING))
            for field in self._own_fields
            if not field.admits(row.get(field.name, MISSING))
        ]
        if not (_BOUND.admits(version) and 1 <= version <= MOST_VERSION):
            expected = f"a version from 2 to {MOST_VERSION:,}"
            faults.append(Fault(f"{self.collection.name}.{VERSION}", "something else", expected))
        if faults:
            raise InvalidInputError("this is no row", faults=faults)
        if version not in (1, self.version_of({**row, VERSION: version})):
            raise self._no_row("a version to which no seal is bound")

    def key_of(self, row: Row) -> tuple[Any, ...]:
        """By what rows are ordered."""
        return tuple([row[name] for name in self.collection.key_fields])

    def follows(self, key: tuple[Any, ...], last: tuple[Any, ...] | None) -> bool:
        """Whether a row stands behind the last one, and an entry under the next number of its stream."""
        if not self.collection.log:
            return last is None or last < key
        *stream, number = key
        if last is not None and list(last[:-1]) == stream:
            return bool(number == last[-1] + 1)
        return number == 1 and (last is None or list(last[:-1]) < stream)

    def _decoded(self, line: bytes) -> dict[str, Any]:
        try:
            values = _DECODER.decode(line.decode("utf-8"))
        except UnicodeDecodeError:
            raise self._no_row("bytes that are not UTF-8") from None
        except (ValueError, RecursionError):  # what the decoder says may hold the text
            raise self._no_row("what is not JSON, or a number that is not whole") from None
        if type(values) is not dict:
            raise self._no_row("no object")
        return values

    def _no_row(self, found: str) -> InvalidInputError:
        return InvalidInputError("this is no row", faults=[Fault(self.collection.name, found, _NOT_A_ROW)])

    def _spelt(self, row: Row, version: int) -> str:
        if version == 1:
            return _object(self._parts, row)
        return _object(self._parts_and_version, {**row, VERSION: version})

    @cached_property
    def _own_fields(self) -> tuple[Field, ...]:
        """The declared fields, and the number of an entry."""
        return self.collection.stored_fields if self.collection.log else self.collection.fields

    @cached_property
    def _conversions(self) -> tuple[tuple[str, Callable[[Any], Scalar]], ...]:
        """The fields whose values JSON does not know, and how they are read."""
        return tuple((each.name, _READ[each.kind]) for each in self._own_fields if each.kind in _READ)

    @cached_property
    def _fit(self) -> Callable[[Sequence[Mapping[str, Any]]], bool]:
        return row_check(self.collection.name, self._own_fields)

    @cached_property
    def _parts(self) -> tuple[tuple[str, str, Callable[[Any], str]], ...]:
        return _parts_of(self._own_fields)

    @cached_property
    def _parts_and_version(self) -> tuple[tuple[str, str, Callable[[Any], str]], ...]:
        return _parts_of((*self._own_fields, _BOUND))


def _parts_of(fields: tuple[Field, ...]) -> tuple[tuple[str, str, Callable[[Any], str]], ...]:
    ordered = sorted(fields, key=lambda field: field.name)
    return tuple((each.name, f'"{each.name}":', _WRITE[each.kind]) for each in ordered)


def _object(parts: tuple[tuple[str, str, Callable[[Any], str]], ...], row: Row) -> str:
    spelt = [head + ("null" if (value := row[name]) is None else write(value)) for name, head, write in parts]
    return f"{{{','.join(spelt)}}}"
