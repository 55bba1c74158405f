"""The federal baseline of `accounts.toml`; expected figures are those of the two publications."""

from datetime import date, timedelta

import pytest

from dcss_core.errors import RuleNotInForceError, RulesError
from dcss_core.rules.book import Confidence
from dcss_core.rules.federal import baseline
from dcss_core.users.passwords.policy import PasswordPolicy
from dcss_core.users.recovery.policy import RecoveryMethod, RecoveryPolicy
from dcss_core.users.recovery.security_questions import QuestionPolicy
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.session import SessionPolicy
from dcss_core.users.sign_in.throttle import ThrottledFlow, ThrottleLimit, ThrottlePolicy

DAY = date(2026, 11, 2)
CATALOGUE = [{"id": "dish", "question": "First dish?"}, {"id": "gift", "question": "Best gift?"}]


@pytest.fixture
def federal():
    return baseline()


def test_the_password_policy_is_that_of_nist_and_the_history_that_of_the_irs(federal):
    policy = PasswordPolicy.from_rules(federal.on(DAY))
    assert (policy.min_length, policy.max_length, policy.history) == (15, 256, 24)


def test_the_lockout_is_that_of_the_irs_under_the_hard_limit_of_nist(federal):
    assert LockoutPolicy.from_rules(federal.on(DAY)) == LockoutPolicy(
        failure_limit=3, window=timedelta(minutes=120), lock_for=timedelta(minutes=15), hard_limit=100
    )


def test_sessions_end_after_thirty_idle_minutes_and_a_day(federal):
    assert SessionPolicy.from_rules(federal.on(DAY)) == SessionPolicy(
        idle=timedelta(minutes=30),
        absolute=timedelta(hours=24),
        shared_idle=timedelta(minutes=5),
        factor_within=timedelta(minutes=10),
    )


def test_each_way_in_is_closed_to_a_source_after_so_many_failures(federal):
    hour = timedelta(minutes=60)
    assert ThrottlePolicy.from_rules(federal.on(DAY)).limits == {
        ThrottledFlow.RECOVERY_BY_SOURCE: ThrottleLimit(20, hour, hour),
        ThrottledFlow.REGISTRATION_BY_SOURCE: ThrottleLimit(20, hour, hour),
        ThrottledFlow.SIGN_IN_BY_ACCOUNT_AND_SOURCE: ThrottleLimit(10, timedelta(hours=24), hour),
        ThrottledFlow.SIGN_IN_BY_SOURCE: ThrottleLimit(50, hour, timedelta(minutes=15)),
    }


def test_a_throttle_of_what_there_is_not_is_refused_and_the_ways_in_are_named(federal):
    rows = [{"flow": "sign_up_by_moon", "failures": 1, "window_minutes": 1, "closed_minutes": 1}]
    state = federal.amended({"accounts.throttles": rows}, effective=DAY, citation="a test", key="US-XX")
    with pytest.raises(RulesError, match="sign_in_by_source") as refused:
        ThrottlePolicy.from_rules(state.on(DAY))
    assert [fault.found for fault in refused.value.faults] == ["'sign_up_by_moon'"]


def test_s13_there_is_a_notice_of_monitoring_and_it_names_the_federal_laws(federal):
    text = federal.on(DAY).text("accounts.banner")
    for law in ("18 U.S.C. 1030", "26 U.S.C. 7213, 7213A and 7431"):
        assert law in text


def test_nobody_must_have_a_second_factor_where_no_federal_tax_information_is_shown(federal):
    assert not federal.on(DAY).flag("accounts.second_factor_demanded")


def test_the_federal_baseline_issues_codes_and_resets_nothing_by_security_questions(federal):
    policy = RecoveryPolicy.from_rules(federal.on(DAY))
    assert policy.methods == (RecoveryMethod.ISSUED_CODE,)
    assert policy.assigned_for == timedelta(hours=24)
    assert policy.code_for == timedelta(minutes=10)  # OWASP ASVS 5.0.0, 6.5.5
    assert policy.code_failure_limit == 100  # NIST SP 800-63B-4 §3.2.2
    assert QuestionPolicy.from_rules(federal.on(DAY)) is None


def test_a_state_turns_the_reset_on_with_its_risk_acceptance_and_questions(federal):
    state = federal.amended(
        {
            "accounts.recovery_methods": ["issued_code", "security_questions"],
            "accounts.security_question_risk_acceptance": "We accept the risk, because ...",
            "accounts.security_question_departs_from": ["NIST SP 800-63B-4 §4.2.1"],
            "accounts.security_questions": CATALOGUE,
            "accounts.security_question_count": 2,
            "accounts.security_question_common_answers": [{"question_id": "dish", "answer": "Pizza"}],
            "accounts.security_question_renewal_days": 365,
        },
        effective=DAY,
        citation="a test",
        key="US-XX",
    )
    policy = RecoveryPolicy.from_rules(state.on(DAY))
    assert policy.offers(RecoveryMethod.SECURITY_QUESTIONS)
    assert policy.departs_from == ("NIST SP 800-63B-4 §4.2.1",)
    questions = QuestionPolicy.from_rules(state.on(DAY))
    assert [question.question_id for question in questions.catalogue] == ["dish", "gift"]
    assert questions.renew_after == timedelta(days=365)
    assert questions.is_common("dish", "PIZZA!")


def test_figures_without_a_source_are_marked_uncertain_and_say_whose_they_are(federal):
    uncertain = {
        line.key: line.note
        for line in federal.coverage().lines
        if line.confidence is Confidence.UNCERTAIN and line.key.startswith("accounts.")
    }
    assert set(uncertain) >= {
        "accounts.password_max_length",
        "accounts.assigned_password_hours",
        "accounts.recovery_failure_limit",
        "accounts.recovery_failure_window_hours",
        "accounts.recovery_letter_limit",
        "accounts.recovery_letter_window_minutes",
        "accounts.staff_reset_hours",
        "accounts.banner",
        "accounts.failures_extend_lock",
        "accounts.second_factor_minutes",
        "accounts.shared_computer_idle_minutes",
        "accounts.throttles",
    }
    assert all(uncertain.values())


def test_before_the_standard_nothing_is_known(federal):
    with pytest.raises(RuleNotInForceError):
        PasswordPolicy.from_rules(federal.on(date(2025, 7, 31)))
