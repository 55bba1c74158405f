"""Where failures come from, counted; the federal figures stand in test_accounts_rules.py."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import RulesError
from dcss_core.users.sign_in.throttle import (
    Throttle,
    ThrottledFlow,
    ThrottleLimit,
    ThrottlePolicy,
    throttle_key,
)

START = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
FLOW = ThrottledFlow.SIGN_IN_BY_SOURCE
LIMIT = ThrottleLimit(failures=3, window=timedelta(minutes=60), closed_for=timedelta(minutes=15))


def failing(*instants):
    throttle, events = Throttle("key"), ()
    for instant in instants:
        throttle, events = throttle.after_failure(FLOW, LIMIT, instant)
    return throttle, events


def test_the_last_failure_of_a_limit_closes_the_way_in_and_says_so():
    throttle, events = failing(START, START)
    assert not throttle.is_closed(START)
    throttle, events = failing(START, START, START)
    assert throttle.is_closed(START)
    [closed] = events
    assert closed.kind == "excess_rate_limit_exceeded"
    assert (closed.flow, closed.failures) == ("sign_in_by_source", 3)
    assert closed.until == START + timedelta(minutes=15)


@pytest.mark.parametrize(("later", "closes"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
def test_counter_races_a_failure_counts_for_less_than_the_window(later, closes):
    last = START + timedelta(minutes=60) + later
    throttle, _ = failing(START, START + timedelta(minutes=1), last)
    assert throttle.is_closed(last) is closes


@pytest.mark.parametrize(("later", "closed"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
def test_a_way_in_opens_again_at_its_instant(later, closed):
    throttle, _ = failing(START, START, START)
    assert throttle.is_closed(START + timedelta(minutes=15) + later) is closed


def test_lockout_dos_nobody_can_hold_a_way_in_closed():
    throttle, _ = failing(START, START, START)
    tried, events = throttle.after_failure(FLOW, LIMIT, START + timedelta(minutes=14))
    assert (tried, events) == (throttle, ())


def test_after_it_was_closed_counting_begins_anew():
    later = START + timedelta(minutes=15)
    assert not failing(START, START, START, later, later)[0].is_closed(later)


def test_clock_tricks_a_clock_that_steps_back_neither_opens_nor_forgets():
    back = START - timedelta(hours=5)
    assert failing(START, START, START)[0].is_closed(back)
    assert failing(START, START, back)[0].is_closed(back)


@given(waits=st.lists(st.integers(-3 * 3600, 3 * 3600), min_size=1, max_size=40), limit=st.integers(1, 5))
def test_whatever_the_clock_does_no_more_than_the_limit_is_ever_kept(waits, limit):
    throttle, at = Throttle("key"), START
    for wait in waits:
        at += timedelta(seconds=wait)
        was_closed = throttle.is_closed(at)
        throttle, events = throttle.after_failure(FLOW, attrs.evolve(LIMIT, failures=limit), at)
        assert len(throttle.failures) < limit
        assert bool(events) is (not was_closed and throttle.is_closed(at))


def test_each_flow_source_and_account_is_counted_for_itself():
    keys = {
        throttle_key(flow, source, account_id)
        for flow in ThrottledFlow
        for source in ("203.0.113.7", "203.0.113.8")
        for account_id in ("", "a-1", "a-2")
    }
    assert len(keys) == 4 * 2 * 3


def test_a_source_that_is_written_like_a_key_is_counted_for_itself():
    """A front end may have the source from a stranger, as from a header."""
    address = "203.0.113.7"
    sources = (address, f"a-1/{address}", f"/{address}", f"sign_in_by_account_and_source/a-1/{address}")
    by_both = ThrottledFlow.SIGN_IN_BY_ACCOUNT_AND_SOURCE
    keys = {key for each in sources for key in (throttle_key(FLOW, each), throttle_key(by_both, each, "a-1"))}
    assert len(keys) == 2 * len(sources)


def limits(**changes):
    return {flow: attrs.evolve(LIMIT, **changes) for flow in ThrottledFlow}


def test_every_flow_has_a_limit():
    assert ThrottlePolicy(limits())
    with pytest.raises(RulesError) as refused:
        ThrottlePolicy({FLOW: LIMIT})
    assert len(refused.value.faults) == len(ThrottledFlow) - 1


def test_every_impossible_limit_is_told_at_once():
    nothing = timedelta(0)
    with pytest.raises(RulesError) as refused:
        ThrottlePolicy(limits(failures=0, window=nothing, closed_for=nothing))
    assert len(refused.value.faults) == 3 * len(ThrottledFlow)


def test_a_limit_is_of_a_thousand_failures_and_of_a_month_at_most():
    month = timedelta(days=31)
    assert ThrottlePolicy(limits(failures=1_000, window=month, closed_for=month))
    beyond = {"failures": 1_001, "window": month + MICROSECOND, "closed_for": month + MICROSECOND}
    for name, value in beyond.items():
        with pytest.raises(RulesError) as refused:
            ThrottlePolicy(limits(**{name: value}))
        assert len(refused.value.faults) == len(ThrottledFlow)


def test_a_key_is_written_as_those_already_counted_were():
    by_both = ThrottledFlow.SIGN_IN_BY_ACCOUNT_AND_SOURCE
    assert throttle_key(FLOW, "203.0.113.7") == "sign_in_by_source/203.0.113.7"
    assert throttle_key(by_both, "203.0.113.7", "a-1") == "sign_in_by_account_and_source/a-1/203.0.113.7"


def test_what_staff_open_has_nothing_counted_against_it():
    closed, _ = failing(START, START, START)
    counted, _ = failing(START, START)
    key = attrs.evolve(closed, failures=counted.failures, account_id="a-1")
    assert key.opened() == Throttle("key", "a-1")


# --- what is counted, and what a wrong clock has left ------------------------------------------------------


def test_a_key_that_closes_keeps_none_of_the_failures_that_closed_it():
    """While it is closed, what is noted are the attempts that were turned away."""
    throttle, _ = failing(START, START, START)
    assert throttle == Throttle("key", closed_until=START + timedelta(minutes=15))


def test_attempts_noted_while_it_was_closed_do_not_count_once_it_is_open():
    opens = START + timedelta(minutes=15)
    noted = Throttle("key", failures=(opens - MICROSECOND,) * 2, closed_until=opens)
    for later in (opens, opens + MICROSECOND):
        after, events = noted.after_failure(FLOW, LIMIT, later)
        assert (after.failures, events) == ((later,), ())


def test_a_failure_at_the_very_instant_at_which_it_opens_counts():
    opens = START + timedelta(minutes=15)
    throttle, [closed] = failing(START, START, START, opens, opens, opens)
    assert throttle.closed_until == opens + timedelta(minutes=15)
    assert closed.failures == 3


@pytest.mark.parametrize(("ahead", "closed"), [(timedelta(0), True), (MICROSECOND, False)])
def test_clock_tricks_what_was_closed_further_ahead_than_any_rule_closes_is_open(ahead, closed):
    """31 days at most, and a day by which a clock is set back."""
    throttle = Throttle("key", closed_until=START + timedelta(days=31 + 1) + ahead)
    assert throttle.is_closed(START) is closed


def test_clock_tricks_failures_count_again_for_a_key_that_a_wrong_clock_closed():
    far = START + timedelta(days=400)
    throttle = Throttle("key", closed_until=far)
    for _ in range(2):
        throttle, events = throttle.after_failure(FLOW, LIMIT, START)
        assert (throttle.closed_until, events) == (far, ())
    throttle, [closed] = throttle.after_failure(FLOW, LIMIT, START)
    assert throttle.closed_until == closed.until == START + timedelta(minutes=15)
    assert closed.failures == 3


def test_as_many_attempts_are_noted_while_it_is_closed_as_closed_it_and_no_more():
    throttle, _ = failing(START, START, START)
    instants = tuple(START + timedelta(minutes=minute) for minute in (1, 2, 3))
    for instant in instants:
        throttle = throttle.after_turning_away(LIMIT, instant)
    assert throttle == Throttle("key", None, instants, START + timedelta(minutes=15))
    assert throttle.after_turning_away(LIMIT, START + timedelta(minutes=4)) is None


# --- what is forgotten --------------------------------------------------------------------------------------


def key_of(flow, **state):
    return Throttle(throttle_key(flow, "203.0.113.7", "a-1"), **state)


@pytest.mark.parametrize("flow", ThrottledFlow)
def test_a_key_is_forgotten_once_its_last_failure_is_as_old_as_the_window_of_its_flow(flow):
    windows = {each: timedelta(minutes=place) for place, each in enumerate(ThrottledFlow, start=1)}
    policy = ThrottlePolicy({each: attrs.evolve(LIMIT, window=window) for each, window in windows.items()})
    counted = key_of(flow, failures=(START - timedelta(days=1), START))
    assert not policy.is_forgotten(counted, START + windows[flow] - MICROSECOND)
    assert policy.is_forgotten(counted, START + windows[flow])


def test_a_key_is_kept_as_long_as_it_is_closed():
    policy = ThrottlePolicy(limits())
    closed = key_of(FLOW, closed_until=START)
    assert not policy.is_forgotten(closed, START - MICROSECOND)
    assert policy.is_forgotten(closed, START)
    assert not policy.is_forgotten(attrs.evolve(closed, failures=(START,)), START)


def test_a_key_that_counts_nothing_is_forgotten():
    assert ThrottlePolicy(limits()).is_forgotten(key_of(FLOW), START)
