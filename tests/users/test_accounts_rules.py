"""The federal baseline of `accounts.toml`; expected figures are those of the two publications."""

from datetime import date, timedelta
from importlib.resources import files

import pytest

from dcss_core.errors import RuleNotInForceError
from dcss_core.rules.book import Confidence
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.rules.loader import load_rules_from
from dcss_core.users.lockout import LockoutPolicy
from dcss_core.users.password_policy import PasswordPolicy
from dcss_core.users.recovery import RecoveryPolicy
from dcss_core.users.security_questions import QuestionPolicy
from dcss_core.users.session import SessionPolicy

DAY = date(2026, 11, 2)
CATALOGUE = [{"id": "dish", "question": "First dish?"}, {"id": "gift", "question": "Best gift?"}]


@pytest.fixture
def federal(tmp_path):
    text = (files("dcss_core.rules") / "federal" / "accounts.toml").read_text("utf-8")
    (tmp_path / "accounts.toml").write_text(text, "utf-8")
    return Jurisdiction("US", "the federal baseline", load_rules_from(tmp_path))


def test_the_password_policy_is_that_of_nist_and_the_history_that_of_the_irs(federal):
    assert PasswordPolicy.from_rules(federal.on(DAY)) == PasswordPolicy(
        min_length=15, max_length=256, history=24
    )


def test_the_lockout_is_that_of_the_irs_under_the_hard_limit_of_nist(federal):
    assert LockoutPolicy.from_rules(federal.on(DAY)) == LockoutPolicy(
        failure_limit=3, window=timedelta(minutes=120), lock_for=timedelta(minutes=15), hard_limit=100
    )


def test_sessions_end_after_thirty_idle_minutes_and_a_day(federal):
    assert SessionPolicy.from_rules(federal.on(DAY)) == SessionPolicy(
        idle=timedelta(minutes=30), absolute=timedelta(hours=24)
    )


def test_the_federal_baseline_resets_nothing_by_security_questions(federal):
    policy = RecoveryPolicy.from_rules(federal.on(DAY))
    assert not policy.offered
    assert policy.assigned_for == timedelta(hours=24)
    assert QuestionPolicy.from_rules(federal.on(DAY)) is None


def test_a_state_turns_the_reset_on_with_its_risk_acceptance_and_questions(federal):
    state = federal.amended(
        {
            "accounts.security_question_reset": True,
            "accounts.security_question_risk_acceptance": "We accept the risk, because ...",
            "accounts.security_question_departs_from": ["NIST SP 800-63B-4 §4.2.1"],
            "accounts.security_questions": CATALOGUE,
            "accounts.security_question_count": 2,
            "accounts.security_question_renewal_days": 365,
        },
        effective=DAY,
        citation="a test",
        key="US-XX",
    )
    policy = RecoveryPolicy.from_rules(state.on(DAY))
    assert policy.offered
    assert policy.departs_from == ("NIST SP 800-63B-4 §4.2.1",)
    questions = QuestionPolicy.from_rules(state.on(DAY))
    assert [question.question_id for question in questions.catalogue] == ["dish", "gift"]
    assert questions.renew_after == timedelta(days=365)


def test_figures_without_a_source_are_marked_uncertain_and_say_whose_they_are(federal):
    uncertain = {
        line.key: line.note for line in federal.coverage().lines if line.confidence is Confidence.UNCERTAIN
    }
    assert set(uncertain) == {
        "accounts.password_max_length",
        "accounts.assigned_password_hours",
        "accounts.recovery_failure_limit",
        "accounts.recovery_failure_window_hours",
    }
    assert all(uncertain.values())


def test_before_the_standard_nothing_is_known(federal):
    with pytest.raises(RuleNotInForceError):
        PasswordPolicy.from_rules(federal.on(date(2025, 7, 31)))
