"""Retention: from which day on the contents of the log are kept.

Decides by whole years back from a day that both the clock and the log itself bear out. Invariant: a clock
that is ahead of everything written so far ends no retention.
"""

from datetime import date, datetime


def counted_from(at: datetime, entry_before: datetime | None) -> date:
    """The day (in UTC) from which retention counts at an instant, after the entry that came before it.

    The earlier of the two, so that a clock which ran ahead for a moment is not believed alone.
    """
    return at.date() if entry_before is None else min(at, entry_before).date()


def first_day_kept(day: date, years: int) -> date:
    """The first day whose entries are still to be kept, so many years back from a day."""
    if day.year <= years:
        return date.min
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February: a day earlier, so that nothing goes too soon
        return day.replace(year=day.year - years, day=28)
