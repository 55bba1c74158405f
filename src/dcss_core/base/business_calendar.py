"""The business calendar of a IV-D agency.

Decides which days count when a time limit is in business days. In Title IV-D a business day is a
day on which *state offices* are open (42 USC 654a(g)(2), 654b, 666(b)(6)(A)(iii)), so the holidays
come from the jurisdiction and never from the Federal Reserve. Invariant: a weekday outside the years
whose holidays are known raises; nothing is assumed to be open.
"""

from datetime import date, timedelta
from typing import Final, Protocol

import attrs

from dcss_core.errors import Fault, InvalidInputError

_SATURDAY: Final = 5
_ONE_DAY: Final = timedelta(days=1)


class HolidaySource(Protocol):
    """Where a calendar learns on which weekdays state offices are closed."""

    def is_holiday(self, day: date) -> bool:
        """Whether state offices are closed; raises RuleNotInForceError where it isn't known."""
        ...


@attrs.frozen
class BusinessCalendar:
    """Business days of one jurisdiction, from its own list of holidays."""

    holidays: HolidaySource

    def is_business_day(self, day: date) -> bool:
        """Whether state offices are open: Monday to Friday and no holiday."""
        return day.weekday() < _SATURDAY and not self.holidays.is_holiday(day)

    def next_business_day(self, day: date) -> date:
        """The first business day after this day."""
        day += _ONE_DAY
        while not self.is_business_day(day):
            day += _ONE_DAY
        return day

    def add_business_days(self, day: date, count: int) -> date:
        """The last day of a limit of `count` business days; the day itself is not counted.

        Raises InvalidInputError when `count` is not positive, RuleNotInForceError past the known holidays.
        """
        if count < 1:
            raise InvalidInputError(
                "a time limit in business days has at least one day",
                faults=[Fault("count", str(count), "1 or more")],
            )
        for _ in range(count):
            day = self.next_business_day(day)
        return day
