"""The lock by itself; how sign-in uses it stands in test_sign_in.py."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import RulesError
from dcss_core.users.account import Account, AccountKind, AccountState
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.lockout import LockoutPolicy, after_success, within

START = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def test_the_hard_limit_can_not_be_above_one_hundred():
    minute = timedelta(minutes=1)
    assert LockoutPolicy(100, minute, minute, 100)
    with pytest.raises(RulesError, match="100 or fewer"):
        LockoutPolicy(3, minute, minute, 101)


def test_every_fault_of_a_policy_is_told_at_once():
    with pytest.raises(RulesError) as refused:
        LockoutPolicy(failure_limit=0, window=timedelta(0), lock_for=timedelta(0), hard_limit=101)
    assert len(refused.value.faults) == 4


def test_a_failure_while_locked_changes_nothing_unless_the_jurisdiction_says_that_it_extends(
    account, lockout, now
):
    locked = attrs.evolve(account, locked_until=now + timedelta(minutes=5))
    assert lockout.while_locked(locked, now) == locked
    extended = attrs.evolve(lockout, failures_extend=True).while_locked(locked, now)
    assert extended == attrs.evolve(locked, locked_until=now + timedelta(minutes=15))


def test_success_sets_back_both_counts_and_the_lock_that_is_over(account, now):
    tried = attrs.evolve(account, failed_sign_ins=(now, now), consecutive_failures=5, locked_until=now)
    assert after_success(tried) == account


def test_counter_races_a_failure_is_within_the_window_until_the_microsecond_it_is_as_old(now):
    window = timedelta(minutes=120)
    assert within((now,), window, now + window - MICROSECOND) == (now,)
    assert within((now,), window, now + window) == ()


def test_clock_tricks_a_failure_of_the_future_still_counts(now):
    assert within((now,), timedelta(minutes=1), now - timedelta(days=1)) == (now,)


@given(
    waits=st.lists(st.integers(-3 * 3600, 3 * 3600), min_size=1, max_size=40),
    limit=st.integers(1, 5),
)
def test_whatever_the_clock_does_no_more_than_the_limit_are_tried_between_two_locks(waits, limit):
    policy = LockoutPolicy(limit, timedelta(minutes=120), timedelta(minutes=15), 100)
    account = Account(
        account_id="a-1",
        user_id="JDoe",
        user_key="jdoe",
        person_id="p-1",
        kind=AccountKind.PARENT,
        state=AccountState.ACTIVE,
        password_hash=PasswordHash("$"),
        created_at=START,
        password_set_at=START,
    )
    at, tried = START, 0
    for wait in waits:
        at += timedelta(seconds=wait)
        if not account.is_locked(at):
            account, events = policy.after_failure(account, at)
            tried += 1
            assert len(account.failed_sign_ins) < limit
            assert ("authn_login_lock" in [event.kind for event in events]) is account.is_locked(at)
    assert account.consecutive_failures == tried


@pytest.mark.parametrize(
    "left", [{"consecutive_failures": 1}, {"failed_sign_ins": (START,)}, {"locked_until": START}]
)
def test_success_sets_back_whichever_count_is_left(account, left):
    assert after_success(attrs.evolve(account, **left)) == account


@pytest.mark.parametrize(("ahead", "keeps_out"), [(timedelta(0), True), (MICROSECOND, False)])
def test_clock_tricks_a_lock_further_ahead_than_any_begins_keeps_nobody_out(
    account, lockout, now, ahead, keeps_out
):
    """15 minutes, and a day by which a clock is set back."""
    locked = attrs.evolve(account, locked_until=now + timedelta(days=1, minutes=15) + ahead)
    assert locked.is_locked(now)
    assert lockout.keeps_out(locked, now) is keeps_out
