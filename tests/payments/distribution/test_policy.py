"""How rule data becomes a policy, and which data is refused."""

from datetime import date

import pytest

from dcss_core.cases.case import Assistance
from dcss_core.errors import RulesError
from dcss_core.payments.distribution.policy import BetweenObligations, DistributionPolicy, FutureSupport
from dcss_core.rules.federal import baseline

DAY = date(2026, 1, 7)
ORDER = "distribution.never_assistance_order"


def reform(**changes):
    named = {key.replace("__", "."): value for key, value in changes.items()}
    law = baseline().amended(named, effective=DAY, citation="a reform", key="US-reform")
    return DistributionPolicy.from_rules(law.on(DAY), Assistance.NEVER)


def steps(*buckets):
    return [{"step": n, "bucket": bucket, "payee": "family"} for n, bucket in enumerate(buckets, start=1)]


def test_the_order_for_a_family_that_never_had_assistance_is_the_statutes(policy):
    # 42 USC 657(a)(4), 45 CFR 302.51(a)(1), (b): current support, arrears, months to come, all to the family
    assert [(step.bucket.value, step.payee.value) for step in policy.steps] == [
        ("current_support", "family"),
        ("never_assigned_arrears", "family"),
        ("future_support", "family"),
    ]


@pytest.mark.parametrize("assistance", [Assistance.CURRENT, Assistance.FORMER])
def test_a_kind_of_case_without_a_stated_order_has_no_policy(assistance):
    assert DistributionPolicy.from_rules(baseline().on(DAY), assistance) is None


def test_the_choices_of_a_state_are_followed():
    chosen = reform(distribution__between_obligations="equal", distribution__future_support="disburse")
    assert chosen.between_obligations is BetweenObligations.EQUAL
    assert chosen.future_support is FutureSupport.DISBURSE


def test_whatever_decides_changes_the_version_and_nothing_else_does(policy):
    federal = policy.version.partition("@")[2]
    same = reform(disbursement__family_limit_business_days=3).version.partition("@")[2]
    assert same == federal
    for change in (
        {"distribution__between_obligations": "equal"},
        {"distribution__future_support": "disburse"},
        {"distribution__arrears_order": "pro_rata"},
        {"distribution__date_of_collection": "withholding"},
        {ORDER.replace(".", "__"): steps("never_assigned_arrears", "current_support", "future_support")},
    ):
        assert reform(**change).version.partition("@")[2] != federal, change


def test_an_order_that_would_lose_money_is_refused_with_every_fault():
    """Without a last step for what is left, an overpayment would find no place."""
    with pytest.raises(RulesError) as refused:
        reform(**{ORDER.replace(".", "__"): steps("current_support", "curent_arrears", "current_support")})
    assert [(fault.where, fault.found) for fault in refused.value.faults] == [
        (f"{ORDER}, step 2: bucket", "'curent_arrears'"),
        (f"{ORDER}, step 3: bucket", "'current_support' again"),
        (f"{ORDER}, last step", "'current_support'"),
    ]
