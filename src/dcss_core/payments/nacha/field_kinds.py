"""The kinds of fields a record has: how their text becomes a value and back.

Decides what may stand in each kind: alphameric fields are left-justified and blank-filled, numeric
ones right-justified, zero-filled and unsigned (Nacha Operating Rules, App. 3). Invariants: whatever
a kind reads it writes back character by character; what does not fit is a Misfit, never truncated,
and never quoted.
"""

import re
from datetime import date, time
from enum import Enum
from functools import lru_cache
from typing import Final, Protocol

import attrs

from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber, check_digit
from dcss_core.base.secret import Secret
from dcss_core.payments.nacha.fault_log import shape
from dcss_core.payments.nacha.short_date import read_short_date, write_short_date

_DIFFERENT_BANKS_KEPT: Final = 4096


@attrs.frozen
class Misfit:
    """What stands in a field is not what belongs there."""

    found: str
    expected: str


class FieldKind(Protocol):
    """How one field is read and written; both give a Misfit where that is impossible."""

    def read(self, text: str) -> object:
        """The value that the field's text stands for, or a Misfit."""
        ...

    def write(self, value: object, width: int) -> str | Misfit:
        """The field's text for a value, exactly `width` characters."""
        ...


@attrs.frozen
class Constant:
    """A field that always holds the same text; its value is None."""

    text: str

    def read(self, text: str) -> Misfit | None:
        """None, where the text is the expected one."""
        return None if text == self.text else Misfit(shape(text), shape(self.text))

    def write(self, value: object, width: int) -> str:
        """The text, whatever the value."""
        return self.text


@attrs.frozen
class Text:
    """An alphameric field, kept as it stands without the blanks that fill it up."""

    required: bool = False

    def read(self, text: str) -> str | Misfit:
        """The text without trailing blanks."""
        if not (text.isascii() and text.isprintable()):
            return Misfit(_first_unprintable(text), "printable ASCII characters only")
        kept = text.rstrip(" ")
        return kept if kept or not self.required else Misfit("blanks", "some text")

    def write(self, value: object, width: int) -> str | Misfit:
        """The text, filled up with blanks."""
        if not isinstance(value, str):
            return _wrong_type(value, "text")
        if len(value) > width:
            return Misfit(f"{len(value)} characters", f"at most {width}")
        written = value.ljust(width)
        misread = self.read(written)
        return misread if isinstance(misread, Misfit) else written


@attrs.frozen
class SecretText:
    """An alphameric field that may hold a bank account or a Social Security number."""

    required: bool = False

    def read(self, text: str) -> Secret | Misfit:
        """The text without trailing blanks, as a Secret."""
        read = Text(self.required).read(text)
        return read if isinstance(read, Misfit) else Secret(read)

    def write(self, value: object, width: int) -> str | Misfit:
        """The text, filled up with blanks."""
        if not isinstance(value, Secret):
            return _wrong_type(value, "a Secret")
        return Text(self.required).write(value.reveal(), width)


@attrs.frozen
class Digits:
    """A number that is a name: its leading zeros count, so it stays text."""

    def read(self, text: str) -> str | Misfit:
        """The digits."""
        return text if _is_digits(text) else Misfit(shape(text), f"{len(text)} digits")

    def write(self, value: object, width: int) -> str | Misfit:
        """The digits; exactly as many as the field is wide."""
        if not isinstance(value, str):
            return _wrong_type(value, f"{width} digits as text")
        return value if len(value) == width and _is_digits(value) else Misfit(shape(value), f"{width} digits")


@attrs.frozen
class Number:
    """A count or a sum of numbers; `blank_allowed` reads blanks as None."""

    blank_allowed: bool = False
    largest: int | None = None

    def read(self, text: str) -> int | Misfit | None:
        """The number."""
        if self.blank_allowed and not text.strip(" "):
            return None
        if not _is_digits(text) or (self.largest is not None and int(text) > self.largest):
            return Misfit(shape(text), self._expected(len(text)))
        return int(text)

    def write(self, value: object, width: int) -> str | Misfit:
        """The number, filled up with zeros on the left."""
        if value is None and self.blank_allowed:
            return " " * width
        if type(value) is not int or value < 0:
            return _wrong_type(value, "a whole number, not negative")
        written = f"{value:0{width}d}"
        if len(written) > width or (self.largest is not None and value > self.largest):
            return Misfit(str(value), self._expected(width))
        return written

    def _expected(self, width: int) -> str:
        top = f" up to {self.largest}" if self.largest is not None else ""
        return f"{width} digits{top}{' or blanks' if self.blank_allowed else ''}"


@attrs.frozen
class Amount:
    """An amount in cents, unsigned, with an implied decimal point."""

    def read(self, text: str) -> Money | Misfit:
        """The amount."""
        if not _is_digits(text):
            return Misfit(shape(text), f"{len(text)} digits, the amount in cents")
        return Money.from_cents(int(text))

    def write(self, value: object, width: int) -> str | Misfit:
        """The cents, filled up with zeros on the left."""
        if not isinstance(value, Money):
            return _wrong_type(value, "Money")
        written = f"{value.cents:0{width}d}"
        if value.cents < 0 or len(written) > width:
            return Misfit(str(value), f"an amount from 0.00 that fits {width} digits of cents")
        return written


@attrs.frozen
class Day:
    """A day as YYMMDD; `blank_allowed` reads blanks as None."""

    blank_allowed: bool = False

    def read(self, text: str) -> date | Misfit | None:
        """The day."""
        if self.blank_allowed and not text.strip(" "):
            return None
        return read_short_date(text) or Misfit(shape(text), self._expected())

    def write(self, value: object, width: int) -> str | Misfit:
        """The day as YYMMDD."""
        if value is None and self.blank_allowed:
            return " " * width
        if not isinstance(value, date):
            return _wrong_type(value, "a date")
        return write_short_date(value) or Misfit(str(value), "a day of the years 1970 to 2069")

    def _expected(self) -> str:
        return "a day of the calendar as YYMMDD" + (" or blanks" if self.blank_allowed else "")


@attrs.frozen
class TimeOfDay:
    """A time as HHMM; blanks are None."""

    def read(self, text: str) -> time | Misfit | None:
        """The time, to the minute."""
        if not text.strip(" "):
            return None
        if not _is_digits(text) or int(text[:2]) > 23 or int(text[2:]) > 59:
            return Misfit(shape(text), "a time as HHMM or blanks")
        return time(int(text[:2]), int(text[2:]))

    def write(self, value: object, width: int) -> str | Misfit:
        """The time as HHMM; seconds can't be written."""
        if value is None:
            return " " * width
        if not isinstance(value, time) or value.second or value.microsecond or value.tzinfo:
            return _wrong_type(value, "a time to the minute, without a time zone")
        return f"{value.hour:02d}{value.minute:02d}"


class Code:
    """A field that holds one of the codes of an Enum whose values are the codes."""

    __slots__ = ("_codes", "_expected", "_members")

    def __init__(self, codes: type[Enum], *, expected: str | None = None) -> None:
        self._codes = codes
        self._members = {member.value: member for member in codes}
        self._expected = expected or f"one of {', '.join(self._members)}"

    def read(self, text: str) -> Enum | Misfit:
        """The member with this code."""
        return self._members.get(text) or Misfit(shape(text), self._expected)

    def write(self, value: object, width: int) -> str | Misfit:
        """The code."""
        if not isinstance(value, self._codes):
            return _wrong_type(value, f"a {self._codes.__name__}")
        return str(value.value)


@attrs.frozen
class Shaped:
    """Text of a fixed width that matches a pattern."""

    pattern: re.Pattern[str]
    expected: str

    def read(self, text: str) -> str | Misfit:
        """The text as it stands."""
        return text if self.pattern.fullmatch(text) else Misfit(shape(text), self.expected)

    def write(self, value: object, width: int) -> str | Misfit:
        """The text as it stands."""
        return self.read(value) if isinstance(value, str) else _wrong_type(value, "text")


@attrs.frozen
class BankNumber:
    """A routing number of eight digits and its check digit."""

    def read(self, text: str) -> RoutingNumber | Misfit:
        """The routing number."""
        return _routing_number(text)

    def write(self, value: object, width: int) -> str | Misfit:
        """The nine digits."""
        return value.value if isinstance(value, RoutingNumber) else _wrong_type(value, "a RoutingNumber")


@attrs.frozen
class Destination:
    """The point a file goes to: a blank and a bank's routing number, or another name of ten characters."""

    def read(self, text: str) -> str | Misfit:
        """The text; where it is a blank and nine digits, the check digit holds."""
        if text[:1] == " " and _is_digits(text[1:]):
            number = _routing_number(text[1:])
            return number if isinstance(number, Misfit) else text
        return Text(required=True).read(text)

    def write(self, value: object, width: int) -> str | Misfit:
        """The text, filled up with blanks."""
        written = Text(required=True).write(value, width)
        misread = written if isinstance(written, Misfit) else self.read(written)
        return misread if isinstance(misread, Misfit) else written


def _is_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


# A file names few banks many times.
@lru_cache(maxsize=_DIFFERENT_BANKS_KEPT)
def _routing_number(text: str) -> RoutingNumber | Misfit:
    if len(text) != 9 or not _is_digits(text):
        return Misfit(shape(text), "nine digits, a routing number with its check digit")
    expected = check_digit(text[:8])
    if int(text[8]) != expected:
        return Misfit(f"check digit {text[8]}", f"check digit {expected} for these eight digits")
    return RoutingNumber(text)


def _first_unprintable(text: str) -> str:
    place = next(
        n for n, character in enumerate(text) if not (character.isascii() and character.isprintable())
    )
    return f"character 0x{ord(text[place]):02X} as number {place + 1} of the field"


def _wrong_type(value: object, expected: str) -> Misfit:
    return Misfit(f"a value of type {type(value).__name__}", expected)
