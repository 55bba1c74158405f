"""When somebody is reminded that their password has to be changed (OWASP ASVS 5.0.0, 6.4.5)."""

from datetime import date, timedelta

import attrs
import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users.account import AccountState, ChangeReason
from dcss_core.users.events import PasswordExpiring
from dcss_core.users.passwords.expiry import ReminderPolicy

DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)
POLICY = ReminderPolicy(max_age=90 * DAY, before=14 * DAY)


def under(lasts, days):
    """The federal rules with these two figures in place of their own."""
    changes = {"accounts.password_max_age_days": lasts, "accounts.password_reminder_days": days}
    day = date(2026, 11, 2)
    return baseline().amended(changes, effective=day, citation="a test", key="US-XX").on(day)


@pytest.mark.parametrize("before", [MICROSECOND, 90 * DAY - MICROSECOND])
def test_somebody_is_reminded_some_time_before_and_not_as_soon_as_the_password_is_set(before):
    assert ReminderPolicy(90 * DAY, before).before == before


@pytest.mark.parametrize("before", [timedelta(0), -DAY, 90 * DAY, 91 * DAY])
def test_a_reminder_of_no_time_or_of_all_of_it_is_refused(before):
    with pytest.raises(RulesError) as refused:
        ReminderPolicy(90 * DAY, before)
    assert [(fault.where, fault.found, fault.expected) for fault in refused.value.faults] == [
        ("accounts.password_reminder_days", f"{before.days} days", "fewer than the 90 it lasts")
    ]


@pytest.mark.parametrize("days", [1, 14, 89])
def test_the_figures_are_read_from_the_rules(days):
    assert ReminderPolicy.from_rules(under(90, days)) == ReminderPolicy(90 * DAY, days * DAY)


def test_a_reminder_may_come_a_leap_year_before():
    assert ReminderPolicy.from_rules(under(367, 366)) == ReminderPolicy(367 * DAY, 366 * DAY)


@pytest.mark.parametrize(("lasts", "days"), [(0, 14), (90, 0), (0, 0)])
def test_where_no_password_expires_or_nobody_is_reminded_there_is_no_reminder(lasts, days):
    assert ReminderPolicy.from_rules(under(lasts, days)) is None


@pytest.mark.parametrize("lasts", [0, 1_000])
@pytest.mark.parametrize("days", [-1, 367])
def test_a_number_of_days_that_can_not_be_is_named_whether_or_not_passwords_expire(lasts, days):
    with pytest.raises(RulesError) as refused:
        ReminderPolicy.from_rules(under(lasts, days))
    expected = "0 for no reminder, or a number of days up to 366"
    assert [(fault.where, fault.found, fault.expected) for fault in refused.value.faults] == [
        ("accounts.password_reminder_days", str(days), expected)
    ]


def test_those_that_were_set_so_long_ago_that_the_reminder_is_due_are_looked_for(now):
    # 90 days less the 14 before
    assert POLICY.last_set(now) == now - 76 * DAY


@pytest.mark.parametrize(
    ("age", "is_reminded"),
    [
        (76 * DAY - MICROSECOND, False),
        (76 * DAY, True),
        (90 * DAY - MICROSECOND, True),
        (90 * DAY, False),  # it has to be changed at once anyway
    ],
)
def test_the_owner_is_reminded_from_the_14th_day_before_until_the_password_is_over(
    account, now, age, is_reminded
):
    owner = attrs.evolve(account, password_set_at=now, credential_version=7)
    due = PasswordExpiring("a-1", 7, now + 90 * DAY)
    assert POLICY.reminder(owner, now + age) == (due if is_reminded else None)


@pytest.mark.parametrize(
    "change",
    [
        {"state": AccountState.DISABLED},
        {"change_due": ChangeReason.COMPROMISED},
        {"change_due": ChangeReason.AGAINST_POLICY},
    ],
)
def test_nobody_is_reminded_of_what_they_could_not_do_or_have_to_do_at_once(account, now, change):
    owner = attrs.evolve(account, password_set_at=now - 80 * DAY)
    assert POLICY.reminder(owner, now) is not None
    assert POLICY.reminder(attrs.evolve(owner, **change), now) is None


def test_an_assigned_password_has_a_time_of_its_own_and_no_reminder(account, now):
    owner = attrs.evolve(account, password_set_at=now - 80 * DAY, assigned_until=now + DAY)
    assert POLICY.reminder(owner, now) is None
