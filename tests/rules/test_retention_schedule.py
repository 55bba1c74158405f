"""The retention schedule: until when each kind of record is kept."""

from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.rules.retention_schedule import RetentionSchedule

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def schedule():
    return RetentionSchedule.from_rules(baseline().on(date(2026, 11, 28)))


def test_each_kind_is_kept_for_the_time_of_its_own_rule(schedule):
    assert schedule.sessions_expired_by(NOW) == NOW - timedelta(days=30)
    assert schedule.delivered_by(NOW) == NOW - timedelta(days=90)
    assert schedule.dead_by(NOW) == NOW - timedelta(days=365)
    assert schedule.approvals_asked_by(NOW) == NOW - timedelta(days=90)
    assert schedule.contents_received_by(NOW) == NOW - timedelta(days=4 * 366)
    assert schedule.closed_by(NOW) == NOW - timedelta(days=7 * 366)
    assert schedule.unconfirmed_by(NOW) == NOW - timedelta(days=30)


def test_a_contact_point_that_waits_is_kept_for_longer_than_any_code_for_it_is_good(schedule):
    """A code by post: 21 days (NIST SP 800-63B-4 §4.2.1.2)."""
    assert attrs.evolve(schedule, unconfirmed_contacts_days=22)
    with pytest.raises(RulesError, match=r"unconfirmed_contacts_days: found 21, expected 22 or more"):
        attrs.evolve(schedule, unconfirmed_contacts_days=21)


def test_payment_files_are_kept_for_as_long_as_the_law_says(schedule):
    """45 CFR 75.361: three years."""
    assert attrs.evolve(schedule, file_contents_years=3)
    with pytest.raises(RulesError, match=r"retention.file_contents_years: found 2, expected 3 or more"):
        attrs.evolve(schedule, file_contents_years=2)


def test_a_time_before_the_first_year_is_the_first_instant_of_all():
    longest = RetentionSchedule(3_000_000, 1, 1, 8, 3, 1, 22)
    assert longest.sessions_expired_by(NOW) == datetime.min.replace(tzinfo=UTC)


def test_an_approval_is_kept_for_longer_than_one_may_wait(schedule):
    assert attrs.evolve(schedule, approvals_days=8)
    with pytest.raises(RulesError, match=r"retention.approvals_days: found 7, expected 8 or more"):
        attrs.evolve(schedule, approvals_days=7)


def test_rules_that_keep_nothing_are_refused_all_at_once(schedule):
    with pytest.raises(RulesError) as refused:
        attrs.evolve(schedule, sessions_days=0, file_contents_years=-1)
    assert [fault.where for fault in refused.value.faults] == [
        "retention.sessions_days",
        "retention.file_contents_years",
    ]
