"""BusinessCalendar, with holidays from a source that is handed in."""

from datetime import date, timedelta

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.base.business_calendar import BusinessCalendar
from dcss_core.errors import InvalidInputError, RuleNotInForceError

# Georgia's published list for 2025 (georgia.gov/georgia-state-holidays-2025). State offices are closed on
# Good Friday and on the day after Thanksgiving, when the Federal Reserve is open; they are open on
# 17 February, when the Federal Reserve is closed, because Washington's Birthday is observed on 26 December.
GEORGIA_2025 = frozenset(
    date(2025, month, day)
    for month, days in {
        1: [1, 20],
        4: [18],
        5: [26],
        6: [19],
        7: [4],
        9: [1],
        10: [13],
        11: [11, 27, 28],
        12: [25, 26],
    }.items()
    for day in days
)


@attrs.frozen
class PublishedHolidays:
    """A list known for one year only."""

    days: frozenset[date]
    year: int

    def is_holiday(self, day: date) -> bool:
        if day.year != self.year:
            raise RuleNotInForceError(
                "state_holidays", day, first=date(self.year, 1, 1), last=date(self.year, 12, 31)
            )
        return day in self.days


georgia = BusinessCalendar(PublishedHolidays(GEORGIA_2025, 2025))


def test_a_weekday_is_a_business_day_when_state_offices_are_open():
    assert georgia.is_business_day(date(2025, 4, 17))
    assert not georgia.is_business_day(date(2025, 4, 18))  # Good Friday
    assert georgia.is_business_day(date(2025, 2, 17))  # Presidents' Day: a bank holiday, not Georgia's
    assert not georgia.is_business_day(date(2025, 4, 19))
    assert not georgia.is_business_day(date(2025, 4, 20))


def test_the_next_business_day_skips_weekend_and_holidays():
    assert georgia.next_business_day(date(2025, 4, 17)) == date(2025, 4, 21)
    assert georgia.next_business_day(date(2025, 11, 26)) == date(2025, 12, 1)
    assert georgia.next_business_day(date(2025, 4, 19)) == date(2025, 4, 21)


def test_a_limit_of_two_business_days_does_not_count_the_day_itself():
    # received on Wednesday 24 December; 25 and 26 are holidays, 27 and 28 the weekend; 29 and 30 count
    assert georgia.add_business_days(date(2025, 12, 24), 2) == date(2025, 12, 30)
    assert georgia.add_business_days(date(2025, 3, 3), 5) == date(2025, 3, 10)


@pytest.mark.parametrize("count", [0, -1])
def test_a_limit_has_at_least_one_day(count):
    with pytest.raises(InvalidInputError, match="at least one day"):
        georgia.add_business_days(date(2025, 3, 3), count)


def test_a_weekday_outside_the_known_years_is_not_assumed_open():
    with pytest.raises(RuleNotInForceError):
        georgia.is_business_day(date(2026, 1, 2))
    with pytest.raises(RuleNotInForceError):
        georgia.add_business_days(date(2025, 12, 30), 2)


@given(st.dates(date(2025, 1, 1), date(2025, 6, 30)), st.integers(1, 60))
def test_a_limit_ends_on_the_business_day_that_many_business_days_away(start, count):
    end = georgia.add_business_days(start, count)
    assert georgia.is_business_day(end)
    days_after = [start + timedelta(days=number) for number in range(1, (end - start).days + 1)]
    assert sum(georgia.is_business_day(day) for day in days_after) == count
