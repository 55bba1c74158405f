"""Retention: from which day on the contents of the log are kept.

Decides by whole years back from a day that both the clock and the log itself bear out. Invariants: a clock
that is ahead of everything written so far ends no retention; no rule can say that nothing is kept.
"""

from datetime import date, datetime
from typing import Final

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce

RETENTION_YEARS: Final = "audit.retention_years"


def years_to_keep(rules: RulesInForce) -> int:
    """The retention in force, in whole years; raises RulesError for one that keeps nothing."""
    years = rules.integer(RETENTION_YEARS)
    if years < 1:
        fault = Fault(RETENTION_YEARS, shown_number(years), "1 or more")
        raise RulesError("the audit log must be kept for a time", faults=[fault])
    return years


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
