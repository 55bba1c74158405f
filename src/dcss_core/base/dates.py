"""Months and half-open ranges of dates.

Invariants: a range includes its first day and excludes its end; an open end is None; two ranges
that meet do not overlap.
"""

import re
from datetime import date
from operator import attrgetter
from typing import Self

import attrs

from dcss_core.base.expected_types import check_fields, checked
from dcss_core.base.records.ordering import Ordered
from dcss_core.errors import Fault, InvalidInputError


@attrs.frozen
class Month(Ordered):
    """A calendar month, the unit in which support falls due (42 USC 657(c)(5)); written `2026-01`."""

    ordered_by = attrgetter("year", "number")

    year: int
    number: int = attrs.field()

    @number.validator
    def _check(self, _attribute: object, number: int) -> None:
        check_fields(self)
        if not (1 <= number <= 12 and 1 <= self.year <= 9998):
            is_short = max(abs(number), abs(self.year)) < 100_000  # Python itself refuses to write a huge int
            raise _not_a_month(f"{self.year}-{number}" if is_short else "a huge number")

    @classmethod
    @checked
    def of(cls, day: date) -> Self:
        """The month a day falls in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `2026-01`; raises InvalidInputError."""
        match = re.fullmatch(r"(\d{4})-(\d{2})", text, re.ASCII) if isinstance(text, str) else None
        if match is None:
            raise _not_a_month(str(text))
        return cls(int(match[1]), int(match[2]))

    @property
    def first_day(self) -> date:
        """The first day of the month."""
        return date(self.year, self.number, 1)

    @checked
    def plus(self, months: int) -> Self:
        """The month so many months later (or earlier, if negative), up to year 9998."""
        year, number = divmod(self.year * 12 + self.number - 1 + months, 12)
        return type(self)(year, number + 1)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@attrs.frozen
class DateRange:
    """The days from `start` (included) to `end` (excluded; None is open).

    Raises InvalidInputError when no day is left.
    """

    start: date
    end: date | None = attrs.field(default=None)

    @end.validator
    def _check(self, _attribute: object, end: date | None) -> None:
        check_fields(self)
        if end is not None and end <= self.start:
            raise InvalidInputError(
                "a range of dates holds at least one day",
                faults=[Fault("end", str(end), f"a day after {self.start}; the end itself is excluded")],
            )

    def __contains__(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: "DateRange") -> bool:
        """Whether some day is in both."""
        return (other.end is None or self.start < other.end) and (self.end is None or other.start < self.end)

    def __str__(self) -> str:
        return f"{self.start} to before {self.end}" if self.end else f"{self.start} on"


def _not_a_month(found: str) -> InvalidInputError:
    return InvalidInputError(
        "this is not a month", faults=[Fault("month", repr(found[:12]), "year and month, as 2026-01")]
    )
