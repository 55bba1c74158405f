"""StateHolidays: the days on which a jurisdiction's state offices are closed, by its own rules.

Decides whether a day is a state holiday. Invariants: a day for which no list of holidays is in force
raises; a listed day lies within the time its list is in force, so that a misprinted year can't turn a
holiday into a business day; none is a Sunday, for the list holds the days on which holidays are observed, and
offices close on no Sunday that were open on it.
"""

from datetime import date
from functools import lru_cache
from typing import Final, cast

import attrs

from dcss_core.base.business_calendar import BusinessCalendar
from dcss_core.errors import Fault, RuleFileError
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.table import Table
from dcss_core.rules.timeline import Timeline

STATE_HOLIDAYS: Final = "calendar.state_holidays"
_SUNDAY: Final = 6  # a Saturday is not refused: a state may list what it does not move


@attrs.frozen
class StateHolidays:
    """The holiday source of a jurisdiction; raises RuleFileError for a listed day that can't be one."""

    _timeline: Timeline
    _days: frozenset[date] = attrs.field(
        init=False, default=attrs.Factory(lambda self: _listed_days(self._timeline), takes_self=True)
    )

    def is_holiday(self, day: date) -> bool:
        """Whether state offices are closed; raises RuleNotInForceError where no list is in force."""
        self._timeline.on(day)
        return day in self._days


@lru_cache(maxsize=16)  # a jurisdiction never changes, and each payment asks for its calendar
def business_calendar(jurisdiction: Jurisdiction) -> BusinessCalendar:
    """The business days of a jurisdiction: when its state offices are open (42 USC 654b(d), 654a(g)(2))."""
    return BusinessCalendar(StateHolidays(jurisdiction.timeline(STATE_HOLIDAYS)))


def _listed_days(timeline: Timeline) -> frozenset[date]:
    listed: set[date] = set()
    faults: list[Fault] = []
    for segment in timeline.segments:
        in_force, table = segment.rule.in_force, cast(Table, segment.rule.value)
        days = cast(tuple[date, ...], table.column("day"))
        where = f"{segment.place}, {STATE_HOLIDAYS}, from {segment.days.start}"
        for day in days:
            if day not in in_force:
                faults.append(Fault(where, f"the holiday {day}", f"a day in force, {in_force}"))
            elif day.weekday() == _SUNDAY:
                faults.append(
                    Fault(where, f"the holiday {day}, a Sunday", "the weekday on which it is observed")
                )
        listed.update(day for day in days if day in segment.days)
    if faults:
        raise RuleFileError("the state holidays can't be used", faults=faults)
    return frozenset(listed)
