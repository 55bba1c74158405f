"""State holidays as a source of business days."""

from datetime import date

import pytest

from dcss_core.base.dates import DateRange
from dcss_core.errors import RuleFileError, RuleNotInForceError, UnknownRuleError
from dcss_core.rules.book import Confidence, RuleBook, WrittenValue
from dcss_core.rules.calendar import business_calendar
from dcss_core.rules.federal import baseline
from dcss_core.rules.jurisdiction import Jurisdiction

YEAR = DateRange(date(2025, 1, 1), date(2026, 1, 1))


def state_with(*days: date) -> Jurisdiction:
    rows = tuple({"day": day, "name": "Holiday"} for day in days)
    value = WrittenValue(
        "calendar.state_holidays", rows, YEAR, "Holiday Act", Confidence.CERTAIN, file="calendar.toml"
    )
    return Jurisdiction("STATE", "A state", RuleBook("state", values=(value,)), baseline())


def test_a_listed_day_is_no_business_day_and_its_neighbours_are() -> None:
    calendar = business_calendar(state_with(date(2025, 4, 18)))  # a Friday
    days = [date(2025, 4, 17), date(2025, 4, 18), date(2025, 4, 19), date(2025, 4, 20), date(2025, 4, 21)]
    assert [calendar.is_business_day(day) for day in days] == [True, False, False, False, True]


def test_a_day_without_a_list_in_force_is_never_assumed_to_be_open() -> None:
    calendar = business_calendar(state_with(date(2025, 4, 18)))
    assert calendar.is_business_day(date(2025, 12, 31))
    with pytest.raises(RuleNotInForceError) as refused:
        calendar.is_business_day(date(2026, 1, 2))
    assert refused.value.last_known == date(2025, 12, 31)


def test_a_listed_day_outside_its_time_in_force_is_a_fault() -> None:
    with pytest.raises(RuleFileError) as refused:
        business_calendar(state_with(date(2025, 4, 18), date(2052, 5, 26)))
    assert [str(fault) for fault in refused.value.faults] == [
        "calendar.toml of STATE, calendar.state_holidays, from 2025-01-01: found the holiday 2052-05-26, "
        "expected a day in force, 2025-01-01 to before 2026-01-01"
    ]


def test_a_holiday_is_listed_on_the_weekday_on_which_it_is_observed() -> None:
    with pytest.raises(RuleFileError) as refused:
        business_calendar(state_with(date(2025, 4, 18), date(2025, 4, 20)))  # Good Friday, Easter Sunday
    assert [str(fault) for fault in refused.value.faults] == [
        "calendar.toml of STATE, calendar.state_holidays, from 2025-01-01: found the holiday 2025-04-20, "
        "a Sunday, expected the weekday on which it is observed"
    ]


def test_a_state_may_list_a_saturday() -> None:
    calendar = business_calendar(state_with(date(2025, 11, 1)))
    assert not calendar.is_business_day(date(2025, 11, 1))


def test_a_later_list_on_top_replaces_the_days_it_covers() -> None:
    moved = state_with(date(2025, 4, 18), date(2025, 12, 26)).amended(
        {"calendar.state_holidays": [{"day": date(2025, 12, 24), "name": "Moved"}]},
        effective=date(2025, 7, 1),
        until=date(2026, 1, 1),
        citation="order of the Governor",
        key="STATE+ORDER",
    )
    calendar = business_calendar(moved)
    days = [date(2025, 4, 18), date(2025, 12, 24), date(2025, 12, 26)]
    assert [calendar.is_business_day(day) for day in days] == [False, False, True]


def test_federal_law_alone_has_no_list() -> None:
    calendar = business_calendar(baseline())
    with pytest.raises(UnknownRuleError, match="no layer of this jurisdiction gives it a value"):
        calendar.is_business_day(date(2025, 4, 18))
