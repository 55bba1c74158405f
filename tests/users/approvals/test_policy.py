"""How long a first word may be good, which acts take two, and what an auditor is told."""

from datetime import date, timedelta

import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users.approvals.policy import HIGH_VALUE, ApprovalPolicy

HOUR = timedelta(hours=1)
DAY = date(2026, 11, 2)


def under(**values):
    """The federal rules with these in place of their own."""
    changes = {f"permissions.{name}": value for name, value in values.items()}
    return baseline().amended(changes, effective=DAY, citation="a test", key="US-XX").on(DAY)


def test_the_federal_rules_have_two_people_for_a_day():
    policy = ApprovalPolicy.from_rules(baseline().on(DAY))
    assert policy == ApprovalPolicy(HIGH_VALUE, timedelta(hours=24))
    assert policy.departs_from == ()


@pytest.mark.parametrize("hours", [1, 168])
def test_a_word_is_good_for_an_hour_to_a_week(hours):
    assert ApprovalPolicy.from_rules(under(approval_hours=hours)).good_for == hours * HOUR


@pytest.mark.parametrize("hours", [-1, 0, 169])
def test_a_word_that_is_good_for_longer_or_never_is_refused_by_the_rules_name(hours):
    with pytest.raises(RulesError) as caught:
        ApprovalPolicy.from_rules(under(approval_hours=hours))
    [fault] = caught.value.faults
    assert (fault.where, fault.found, fault.expected) == (
        "permissions.approval_hours",
        str(hours),
        "1 to 168",
    )


def test_what_one_person_does_alone_is_stated():
    policy = ApprovalPolicy(("staff.appoint", "staff.set_roles", "second_factors.remove_for"), HOUR)
    assert policy.departs_from == (
        "OWASP ASVS 5.0.0, 2.3.5 (by one person: oversight.close, payments.identify, remitters.change, "
        "remitters.invite_administrator, remitters.open)",
    )


def granted_to_a_job(verb, jobs):
    """The federal rules with these jobs in the row of a verb."""
    rows = [dict(row) for row in baseline().on(DAY).table("permissions.verbs")]
    return under(verbs=[row | {"jobs": jobs} if row["verb"] == verb else row for row in rows])


@pytest.mark.parametrize("verb", [each for each in HIGH_VALUE if each != "staff.appoint"])
def test_what_a_job_does_alone_is_stated(verb):
    policy = ApprovalPolicy.from_rules(granted_to_a_job(verb, "cleanup"))
    assert policy.departs_from == (f"OWASP ASVS 5.0.0, 2.3.5 (by a job: {verb})",)


def test_that_the_set_up_appoints_the_first_administrators_departs_from_nothing():
    assert ApprovalPolicy.from_rules(granted_to_a_job("staff.appoint", "set-up")).departs_from == ()


def test_both_sorts_of_acting_alone_stand_in_one_statement():
    policy = ApprovalPolicy(HIGH_VALUE[:-1], HOUR, ("oversight.close",))
    assert policy.departs_from == (
        "OWASP ASVS 5.0.0, 2.3.5 (by one person: staff.set_roles; by a job: oversight.close)",
    )
