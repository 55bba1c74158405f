"""Attempts at an id that nobody has: counted as the lockout counts, so that the two can't be told apart."""

from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.users.account import Account, AccountKind, AccountState
from dcss_core.users.events import UnknownIdLocked
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.attempts_at_nobody import (
    after_failure_at_nobody,
    are_attempts_at_nobody,
    are_forgotten,
    attempts_key,
)
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.throttle import Throttle, ThrottledFlow, throttle_key

START = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
# IRS Pub. 1075, AC-7: 3 failures in 120 minutes lock for 15
LOCKOUT = LockoutPolicy(
    failure_limit=3, window=timedelta(minutes=120), lock_for=timedelta(minutes=15), hard_limit=100
)
EXTENDING = attrs.evolve(LOCKOUT, failures_extend=True)
UNTIL = START + timedelta(minutes=15)
NOTHING = Throttle(attempts_key("digest"))
LOCKED = attrs.evolve(NOTHING, closed_until=UNTIL)


def failing(*instants, counted=NOTHING, lockout=LOCKOUT):
    events = ()
    for instant in instants:
        counted, events = after_failure_at_nobody(counted, lockout, instant)
    return counted, events


def test_attempts_are_kept_by_the_digest_under_a_key_of_their_own():
    assert attempts_key("digest") == "sign_in_at_nobody/digest"
    assert are_attempts_at_nobody(NOTHING)


@pytest.mark.parametrize("flow", ThrottledFlow)
def test_failures_of_a_source_are_no_attempts_at_nobody(flow):
    assert not are_attempts_at_nobody(Throttle(throttle_key(flow, "sign_in_at_nobody/digest")))
    assert not are_attempts_at_nobody(Throttle("sign_in_at_nobody"))


def test_the_failure_that_would_lock_an_account_says_so_of_no_account():
    assert failing(START, START) == (attrs.evolve(NOTHING, failures=(START, START)), ())
    assert failing(START, START, START) == (LOCKED, (UnknownIdLocked(None, UNTIL),))


@pytest.mark.parametrize(("later", "locks"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
def test_a_failure_counts_for_less_than_the_window_of_the_lockout(later, locks):
    last = START + timedelta(minutes=120) + later
    assert failing(START, last - MICROSECOND, last)[0].is_closed(last) is locks


@pytest.mark.parametrize("later", [timedelta(0), timedelta(minutes=15) - MICROSECOND])
def test_a_failure_while_it_would_be_locked_counts_for_nothing(later):
    assert failing(START + later, counted=LOCKED) == (LOCKED, ())


def test_where_failures_extend_a_lock_they_begin_this_one_anew_and_say_nothing():
    last = UNTIL - MICROSECOND
    held, events = failing(last, counted=LOCKED, lockout=EXTENDING)
    assert held == attrs.evolve(NOTHING, closed_until=last + timedelta(minutes=15))
    assert events == ()


@pytest.mark.parametrize("lockout", [LOCKOUT, EXTENDING])
def test_a_failure_once_it_would_be_open_again_is_the_first_of_three(lockout):
    once = attrs.evolve(LOCKED, failures=(UNTIL,))
    assert failing(UNTIL, counted=LOCKED, lockout=lockout) == (once, ())
    [locked] = failing(UNTIL, UNTIL, counted=once, lockout=lockout)[1]
    assert locked == UnknownIdLocked(None, UNTIL + timedelta(minutes=15))


@given(
    waits=st.lists(st.integers(0, 3 * 3600), min_size=1, max_size=40),
    lockout=st.sampled_from([LOCKOUT, EXTENDING]),
)
def test_enumeration_nobody_would_be_locked_exactly_when_somebody_is(waits, lockout):
    somebody = Account(
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
    counted, at = NOTHING, START
    for wait in waits:
        at += timedelta(seconds=wait)
        if somebody.is_locked(at):
            somebody, told = lockout.while_locked(somebody, at), ()
        else:
            somebody, told = lockout.after_failure(somebody, at)
        counted, events = after_failure_at_nobody(counted, lockout, at)
        assert counted.closed_until == somebody.locked_until
        assert bool(events) is ("authn_login_lock" in [event.kind for event in told])


def test_a_count_is_forgotten_once_its_last_failure_is_as_old_as_the_window():
    counted = attrs.evolve(NOTHING, failures=(START - timedelta(days=1), START))
    assert not are_forgotten(counted, LOCKOUT, START + timedelta(minutes=120) - MICROSECOND)
    assert are_forgotten(counted, LOCKOUT, START + timedelta(minutes=120))


def test_a_count_is_kept_as_long_as_an_account_would_be_locked():
    assert not are_forgotten(LOCKED, LOCKOUT, UNTIL - MICROSECOND)
    assert are_forgotten(LOCKED, LOCKOUT, UNTIL)
    assert not are_forgotten(attrs.evolve(LOCKED, failures=(UNTIL,)), LOCKOUT, UNTIL)
