"""Leaves of JSON: the values that are one text, one number, a yes or no, or null.

Decides how each is written, which spelling is read back and what a JSON Schema says of it, in one table,
so that the three agree. Invariants: money is text with two decimals and never a number; an instant has
a zone and is written in UTC; one value has one spelling, except that an instant is read in any zone;
a refusal never repeats what was given.

What is kept in a database has a table of its own in `agency/work`: the stored form is a promise to old
databases, this one to other programs, and each has to be free to change without the other.
"""

import base64
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber, ClientId, Irn
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.errors import Fault, InvalidInputError

_REGISTRATION: Final = {"type": "string", "pattern": "^[0-9A-Z]{4,20}$"}
WRITABLE: Final = (
    "a value that JSON can hold: of this library, text, a whole number, a day, or a list of these"
)
_INSTANT: Final = "^[0-9]{4}(-[0-9]{2}){2}T[0-9]{2}(:[0-9]{2}){2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$"
_SECOND: Final = timedelta(seconds=1)


@attrs.frozen(eq=False)
class Leaf:
    """One sort of leaf: what it is called in a union, how it is written, read and described.

    `read` raises ValueError or InvalidInputError for a text of another shape.
    """

    name: str
    kind: type
    write: Callable[[Any], str | int | bool | None]
    read: Callable[[Any], Any]
    schema: Mapping[str, object]
    expected: str
    has_one_spelling: bool = True

    def written(self, value: object) -> str | int | bool | None:
        """The leaf for a value; raises InvalidInputError for a value of another type."""
        if type(value) is not self.kind:
            raise refused(type(value).__name__, self.kind.__name__)
        try:
            return self.write(value)
        except (ValueError, OverflowError):  # an instant before the year 1 in UTC
            raise refused(f"{self.kind.__name__} of another sort", self.expected) from None

    def value_of(self, given: object) -> Any:
        """The value of a leaf; raises InvalidInputError, which does not repeat what was given."""
        json_kind = type(None) if self.kind is type(None) else _JSON_KINDS[str(self.schema["type"])]
        if type(given) is not json_kind:
            raise refused(json_word(given), self.expected)
        try:
            value = self.read(given)
        except (InvalidInputError, ValueError, OverflowError, ZeroDivisionError):
            raise refused("another value", self.expected) from None  # the cause may repeat it
        if self.has_one_spelling and self.write(value) != given:
            raise refused("another spelling", self.expected)
        return value


_JSON_KINDS: Final = {"string": str, "integer": int, "boolean": bool}


def refused(found: str, expected: str) -> InvalidInputError:
    """The refusal of the value itself; whoever holds it puts the path in front of `$`."""
    return InvalidInputError("this can't be JSON", faults=[Fault("$", found, expected)])


def json_word(given: object) -> str:
    """What JSON calls a thing, without repeating it."""
    words = {
        str: "text",
        bool: "true or false",
        int: "a number",
        float: "a number with a fraction",
        list: "a list",
        dict: "an object",
        type(None): "null",
    }
    return words.get(type(given), type(given).__name__)


@cache
def leaf_of(hint: Any) -> Leaf | None:
    """The leaf that a type is written as; None for what is no leaf."""
    if hint in _LEAVES:
        return _LEAVES[hint]
    if isinstance(hint, type) and issubclass(hint, Enum):
        return _enum(hint)
    return _single_text(hint) if _is_single_text(hint) else None


def _text(kind: type, read: Callable[[Any], Any], schema: Mapping[str, object], expected: str) -> Leaf:
    return Leaf(kind.__name__, kind, str, read, {"type": "string"} | dict(schema), expected)


def _enum(kind: type[Enum]) -> Leaf:
    values = [member.value for member in kind]
    word = "string" if all(isinstance(value, str) for value in values) else "integer"
    expected = f"one of {', '.join(map(repr, values))}"
    schema = {"type": word, "enum": values}
    return Leaf(kind.__name__, kind, lambda member: member.value, kind, schema, expected)


def _is_single_text(hint: Any) -> bool:
    fields = getattr(hint, "__attrs_attrs__", ())
    return [(field.name, field.type) for field in fields] == [("value", str)]


def _single_text(kind: type) -> Leaf:
    schema = _IDENTIFIERS.get(kind, {"type": "string", "minLength": 1})
    expected = f"{kind.__name__} as the agency writes it"
    return Leaf(kind.__name__, kind, lambda value: str(value.value), kind, schema, expected)


def _instant_written(instant: datetime) -> str:
    if instant.utcoffset() is None:
        raise ValueError("an instant has a zone")
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _instant_read(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    # fromisoformat reads more of ISO 8601 than RFC 3339 has, which the schema asks for
    if not re.search(_INSTANT, text):
        raise ValueError("an instant is written as RFC 3339 says")
    return instant.astimezone(UTC)


def _span_written(span: timedelta) -> str:
    if span < timedelta(0) or span % _SECOND:
        raise ValueError("a span is of whole seconds")
    return f"PT{span // _SECOND}S"


def _span_read(text: str) -> timedelta:
    match = re.fullmatch(r"PT(\d{1,14})S", text, re.ASCII)
    if match is None:
        raise ValueError("a span is of whole seconds")
    return timedelta(seconds=int(match[1]))


def _same(value: Any) -> Any:
    return value


_IDENTIFIERS: Final[Mapping[type, Mapping[str, object]]] = {
    CaseNumber: {
        "type": "string",
        "minLength": 1,
        "maxLength": 20,
        "pattern": r"^[!-)+-\[\]-~][ -)+-\[\]-~]*$",
    },
    ClientId: _REGISTRATION,
    Irn: _REGISTRATION,
    LocatorCode: {"type": "string", "pattern": "^[0-9]{2}[0-9A-Z]{3}([0-9A-Z]{2})?$"},
    RoutingNumber: {"type": "string", "pattern": "^[0-9]{9}$"},
}
_LEAVES: Final[Mapping[Any, Leaf]] = {
    str: Leaf("text", str, _same, _same, {"type": "string"}, "text"),
    int: Leaf("integer", int, _same, _same, {"type": "integer"}, "a whole number"),
    bool: Leaf("boolean", bool, _same, _same, {"type": "boolean"}, "true or false"),
    type(None): Leaf("null", type(None), _same, _same, {"type": "null"}, "null"),
    date: Leaf(
        "date",
        date,
        date.isoformat,
        date.fromisoformat,
        {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "a day, as '2026-01-31'",
    ),
    datetime: Leaf(
        "instant",
        datetime,
        _instant_written,
        _instant_read,
        {"type": "string", "format": "date-time", "pattern": _INSTANT},
        "an instant with its zone, as '2026-01-31T15:00:00Z'",
        has_one_spelling=False,
    ),
    timedelta: Leaf(
        "span",
        timedelta,
        _span_written,
        _span_read,
        {"type": "string", "pattern": "^PT[0-9]{1,14}S$"},
        "a span of whole seconds, as 'PT1800S'",
    ),
    bytes: Leaf(
        "bytes",
        bytes,
        lambda content: base64.b64encode(content).decode(),
        lambda text: base64.b64decode(text, validate=True),
        {"type": "string", "contentEncoding": "base64"},
        "bytes in base64",
    ),
    Fraction: _text(Fraction, Fraction, {"pattern": "^-?[0-9]+(/[0-9]+)?$"}, "a fraction, as '12/52'"),
    Money: _text(
        Money, Money, {"pattern": r"^-?[0-9]{1,13}\.[0-9]{2}$"}, "dollars and cents as text, as '150.00'"
    ),
    Month: _text(Month, Month.parse, {"pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}, "a month, as '2026-01'"),
}
