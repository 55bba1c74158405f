"""Field: a named, typed place of a record, and which values it can hold.

Decides what each kind of field admits. Invariants: what comes back is what was given, so a value has the
exact type of its kind; a refusal tells the type of a value and never the value.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any, Final, TypeAlias

import attrs

from dcss_core.errors import Fault

Scalar: TypeAlias = str | int | bool | bytes | date | datetime | None

MISSING: Final = object()
"""What stands where a row has no such field."""

_NO_OFFSET: Final = timedelta(0)


class FieldKind(Enum):
    """What a field holds; a backend picks its own column type for each."""

    TEXT = "text"  # any Unicode text, U+0000 included; ordered by code point
    INTEGER = "integer"  # 64 bits with sign; money is integer cents
    BOOLEAN = "boolean"  # False comes before True
    DATE = "date"
    INSTANT = "instant"  # aware, in UTC, to the microsecond
    BYTES = "bytes"  # ordered byte by byte


def is_unicode(text: str) -> bool:
    """Whether a text has no lone surrogate, so that UTF-8 can hold it."""
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
    FieldKind.TEXT: is_unicode,
    FieldKind.INTEGER: lambda integer: -(2**63) <= integer < 2**63,
    # A zone that has no offset just now is not UTC: Python finds such an instant equal to none in UTC.
    FieldKind.INSTANT: lambda instant: (
        instant.tzinfo is UTC or (instant.tzinfo is not None and instant.tzinfo.utcoffset(None) == _NO_OFFSET)
    ),
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
        found = "nothing" if value is MISSING else found
        return Fault(f"{collection}.{self.name}", found, expected)

    def __str__(self) -> str:
        return f"{'optional ' if self.optional else ''}{self.kind.value}"
