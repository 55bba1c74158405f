"""Rules that are a length of time: the unit stands in the key, and a century is the most."""

from datetime import date, timedelta

import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.spans import span, span_of


@pytest.mark.parametrize(
    ("name", "time"),
    [
        ("a.lock_minutes", timedelta(minutes=3)),
        ("a.reset_hours", timedelta(hours=3)),
        ("a.limit_days", timedelta(days=3)),
    ],
)
def test_the_unit_is_the_last_word_of_the_name(name: str, time: timedelta) -> None:
    assert span_of(name, 3) == time
    assert span_of(name, -3) == -time


def test_a_rule_is_read_as_the_time_it_states(state: Jurisdiction) -> None:
    assert span(state.on(date(2024, 5, 1)), "support.limit_days") == timedelta(days=5)


@pytest.mark.parametrize(
    ("name", "most"),  # 100 years of 365 days, in each unit
    [("a.limit_days", 36_500), ("a.reset_hours", 876_000), ("a.lock_minutes", 52_560_000)],
)
def test_a_century_is_the_most_and_a_longer_time_is_a_fault(name: str, most: int) -> None:
    assert span_of(name, most) == timedelta(days=36_500)
    for count in (most + 1, -most - 1, 10**18, -(10**18)):
        with pytest.raises(RulesError) as refused:
            span_of(name, count)
        (fault,) = refused.value.faults
        shown = str(count) if abs(count) < 10**12 else "a huge number"
        assert (fault.where, fault.found) == (name, shown)
