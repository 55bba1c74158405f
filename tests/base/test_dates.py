"""Month and DateRange."""

from datetime import date, timedelta

import pytest
from hypothesis import given, strategies as st

from dcss_core.base.dates import DateRange, Month
from dcss_core.errors import InvalidInputError

months = st.builds(Month, st.integers(1000, 3000), st.integers(1, 12))
days = st.dates(date(1990, 1, 1), date(2090, 1, 1))


def test_a_month_is_written_and_read_as_year_and_number():
    assert str(Month(2026, 1)) == "2026-01"
    assert Month.parse("2026-01") == Month(2026, 1)
    assert str(Month(476, 9)) == "0476-09"


@given(months)
def test_a_printed_month_reads_back(month):
    assert Month.parse(str(month)) == month


def test_a_day_belongs_to_its_month():
    assert Month.of(date(2024, 2, 29)) == Month(2024, 2)
    assert Month(2024, 2).first_day == date(2024, 2, 1)


@pytest.mark.parametrize(
    "text", ["", "2026", "2026-1", "2026-13", "2026-00", "0000-01", "9999-01", "2026-01-01"]
)
def test_other_text_is_no_month(text):
    with pytest.raises(InvalidInputError, match="year and month, as 2026-01"):
        Month.parse(text)


@pytest.mark.parametrize("given_", ["２０２６-01", "2026-01\n", None, 202601, date(2026, 1, 1)])
def test_what_is_not_such_text_is_refused_the_same_way(given_):
    with pytest.raises(InvalidInputError, match="not a month"):
        Month.parse(given_)


@pytest.mark.parametrize(("year", "number"), [(2026, 0), (2026, 13), (0, 1), (9999, 1), (-1, 5)])
def test_a_month_that_does_not_exist_is_refused(year, number):
    with pytest.raises(InvalidInputError):
        Month(year, number)


def test_months_are_counted_across_the_turn_of_the_year():
    assert Month(2025, 11).plus(3) == Month(2026, 2)
    assert Month(2026, 1).plus(-1) == Month(2025, 12)
    assert Month(2026, 1).plus(-13) == Month(2024, 12)
    assert Month(2026, 12).plus(0) == Month(2026, 12)


def test_counting_past_the_last_month_is_refused():
    assert Month(9998, 11).plus(1) == Month(9998, 12)
    with pytest.raises(InvalidInputError):
        Month(9998, 12).plus(1)


@given(months, st.integers(-1200, 1200))
def test_counting_forth_and_back_returns_to_the_month(month, count):
    assert month.plus(count).plus(-count) == month
    assert (month.plus(count) > month) is (count > 0)


# --- ranges ---------------------------------------------------------------------------------------------
def test_a_range_includes_its_first_day_and_excludes_its_end():
    january = DateRange(date(2026, 1, 1), date(2026, 2, 1))
    assert date(2026, 1, 1) in january
    assert date(2026, 1, 31) in january
    assert date(2026, 2, 1) not in january
    assert date(2025, 12, 31) not in january


def test_an_open_range_has_no_end():
    onward = DateRange(date(2026, 1, 1))
    assert date.max in onward
    assert date(2025, 12, 31) not in onward


def test_a_range_says_what_it_covers():
    assert str(DateRange(date(2026, 1, 1), date(2026, 2, 1))) == "2026-01-01 to before 2026-02-01"
    assert str(DateRange(date(2026, 1, 1))) == "2026-01-01 on"


@pytest.mark.parametrize("end", [date(2026, 1, 1), date(2025, 12, 31)])
def test_a_range_without_a_day_is_refused(end):
    with pytest.raises(InvalidInputError, match="at least one day"):
        DateRange(date(2026, 1, 1), end)


def test_ranges_that_meet_do_not_overlap():
    first = DateRange(date(2026, 1, 1), date(2026, 2, 1))
    assert not first.overlaps(DateRange(date(2026, 2, 1)))
    assert not DateRange(date(2026, 2, 1)).overlaps(first)
    assert DateRange(date(2026, 1, 1)).overlaps(DateRange(date(2030, 1, 1)))


ranges = st.builds(
    lambda start, length: DateRange(start, None if length is None else start + timedelta(days=length)),
    st.dates(date(2026, 1, 1), date(2026, 3, 1)),
    st.none() | st.integers(1, 40),
)


@given(ranges, ranges)
def test_ranges_overlap_exactly_when_some_day_is_in_both(one, other):
    every_day = [date(2026, 1, 1) + timedelta(days=n) for n in range(120)]
    common = any(day in one and day in other for day in every_day)
    assert one.overlaps(other) is other.overlaps(one) is common
