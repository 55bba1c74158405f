"""How many more failures close a recovery, as an agent sees it."""

from datetime import timedelta

import pytest

from dcss_core.users.recovery.throttle import ParticularsThrottle


@pytest.mark.parametrize(("failed", "left"), [(0, 5), (1, 4), (4, 1), (5, 0), (9, 0)])
def test_each_failure_within_the_window_leaves_one_less_and_never_less_than_none(recovery, now, failed, left):
    assert ParticularsThrottle("index-1", (now,) * failed).failures_left(recovery.particulars, now) == left


def test_a_failure_as_old_as_the_window_is_left_again(recovery, now):
    throttle = ParticularsThrottle("index-1", (now,))
    assert (
        throttle.failures_left(recovery.particulars, now + timedelta(hours=24) - timedelta(microseconds=1))
        == 4
    )
    assert throttle.failures_left(recovery.particulars, now + timedelta(hours=24)) == 5


def test_once_closed_nothing_is_left_however_long_ago_the_failures_were(recovery, now):
    closed = ParticularsThrottle("index-1", (now,) * 5, closed_at=now)
    assert closed.failures_left(recovery.particulars, now + timedelta(days=999)) == 0


def test_failures_are_forgotten_once_the_last_is_as_old_as_the_window(recovery, now):
    throttle = ParticularsThrottle("index-1", (now - timedelta(hours=23), now))
    last = now + timedelta(hours=24) - timedelta(microseconds=1)
    assert not throttle.is_forgotten(recovery.particulars, last)
    assert throttle.is_forgotten(recovery.particulars, now + timedelta(hours=24))


def test_what_closed_waits_for_staff_and_is_never_forgotten(recovery, now):
    closed = ParticularsThrottle("index-1", (now,) * 5, closed_at=now)
    assert not closed.is_forgotten(recovery.particulars, now + timedelta(days=999))
    assert not ParticularsThrottle("index-1", closed_at=now).is_forgotten(recovery.particulars, now)


def test_where_nothing_failed_there_is_nothing_to_keep(recovery, now):
    assert ParticularsThrottle("index-1").is_forgotten(recovery.particulars, now)
