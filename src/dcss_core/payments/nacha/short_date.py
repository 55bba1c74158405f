"""Dates of two-digit years, as payment files and DED segments write them (YYMMDD).

Decides the century: 00-69 is 2000-2069 and 70-99 is 1970-1999. The first ACH payments are of the
1970s, so that no date of a payment lies before the pivot.
"""

from datetime import date
from typing import Final

_FIRST_YEAR: Final = 1970


def read_short_date(text: str) -> date | None:
    """Read YYMMDD; None where it is no day of the calendar."""
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        return None
    short_year = int(text[:2])
    year = (1900 if short_year >= _FIRST_YEAR % 100 else 2000) + short_year
    return calendar_day(year, int(text[2:4]), int(text[4:]))


def write_short_date(day: date) -> str | None:
    """Write YYMMDD; None where the year can't be written in two digits."""
    if not _FIRST_YEAR <= day.year < _FIRST_YEAR + 100:
        return None
    return f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"


def calendar_day(year: int, month: int, day: int) -> date | None:
    """The day of the calendar, or None where there is none."""
    try:
        return date(year, month, day)
    except ValueError:
        return None
