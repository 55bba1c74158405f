"""What a clock that was ahead has left behind: from when on no right clock can have set it."""

from datetime import UTC, datetime, timedelta

import pytest

from dcss_core.base.clocks.wrong_clock import is_impossible_age, is_too_far_ahead

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@pytest.mark.parametrize("lasts", [timedelta(), timedelta(minutes=15), timedelta(days=31)])
def test_what_ends_a_day_later_than_it_can_was_set_by_a_clock_that_was_ahead(lasts):
    assert not is_too_far_ahead(NOW + lasts, NOW, lasts=lasts)
    assert not is_too_far_ahead(NOW + lasts + DAY, NOW, lasts=lasts)
    assert is_too_far_ahead(NOW + lasts + DAY + SECOND, NOW, lasts=lasts)


def test_what_is_past_is_never_too_far_ahead():
    assert not is_too_far_ahead(datetime.min.replace(tzinfo=UTC), NOW)


def test_an_age_of_less_than_a_day_below_nothing_is_a_clock_that_was_set_back():
    assert not is_impossible_age(-DAY)
    assert is_impossible_age(-DAY - SECOND)
    assert not is_impossible_age(timedelta(days=36_500))
