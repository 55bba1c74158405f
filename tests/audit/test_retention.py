"""The retention: from which day on contents are kept, and by which of two clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from dcss_core.audit.retention import counted_from, first_day_kept, years_to_keep
from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline

NOW = datetime(2033, 1, 9, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "years", "first"),
    [
        (date(2033, 1, 9), 7, date(2026, 1, 9)),
        (date(2032, 2, 29), 4, date(2028, 2, 29)),
        (date(2032, 2, 29), 7, date(2025, 2, 28)),
        (date(2033, 1, 9), 0, date(2033, 1, 9)),
        (date(8, 1, 9), 7, date(1, 1, 9)),
        (date(7, 1, 9), 7, date.min),
        (date(2033, 1, 9), 9999, date.min),
    ],
)
def test_the_first_day_kept_is_so_many_years_back(day, years, first):
    assert first_day_kept(day, years) == first


@given(st.dates(), st.integers(0, 9999))
def test_what_is_kept_is_never_younger_than_the_day_it_counts_from(day, years):
    assert first_day_kept(day, years) <= day


def test_the_retention_counts_from_the_earlier_of_the_clock_and_the_newest_entry():
    before = NOW - timedelta(microseconds=1)
    assert counted_from(NOW, before) == counted_from(before, NOW) == date(2033, 1, 8)
    assert counted_from(NOW, None) == date(2033, 1, 9)


def kept_for(years):
    changes = {"audit.retention_years": years}
    rules = baseline().amended(changes, effective=NOW.date(), citation="a test", key="US-XX")
    return years_to_keep(rules.on(NOW.date()))


def test_a_log_is_kept_for_a_year_at_least():
    assert kept_for(1) == 1
    with pytest.raises(RulesError) as caught:
        kept_for(0)
    assert [(each.where, each.found) for each in caught.value.faults] == [("audit.retention_years", "0")]
