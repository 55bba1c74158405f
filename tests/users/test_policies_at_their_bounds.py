"""Every policy: the last figure that can be and the first that can't, and which figure a refusal names."""

from datetime import date, timedelta

import attrs
import pytest

from dcss_core.errors import RulesError
from dcss_core.rules.federal import baseline
from dcss_core.users.passwords.character_class import CharacterClass
from dcss_core.users.passwords.guessable.blocklist import Blocklist
from dcss_core.users.passwords.policy import PasswordPolicy
from dcss_core.users.recovery.policy import RecoveryMethod, RecoveryPolicy
from dcss_core.users.recovery.security_questions import QuestionPolicy
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.throttle import ThrottledFlow, ThrottleLimit, ThrottlePolicy

DAY = date(2026, 11, 2)
NOTHING, INSTANT, MINUTE = timedelta(0), timedelta(microseconds=1), timedelta(minutes=1)
MONTH = timedelta(days=30)  # NIST SP 800-63B-4 §2.1.3


def refused(make, *args, **kwargs):
    """What the refusal names, and what it found there."""
    with pytest.raises(RulesError) as caught:
        make(*args, **kwargs)
    return [(fault.where, fault.found) for fault in caught.value.faults]


def under(**values):
    """The federal rules with these in place of their own."""
    changes = {f"accounts.{name}": value for name, value in values.items()}
    return baseline().amended(changes, effective=DAY, citation="a test", key="US-XX").on(DAY)


# --- lockout ----------------------------------------------------------------------------------------------


def test_a_lockout_names_each_figure_that_can_not_be():
    assert refused(LockoutPolicy, 0, NOTHING, -MINUTE, 101) == [
        ("failure_limit", "0"),
        ("hard_failure_limit", "101"),
        ("failure_window", "0:00:00"),
        ("lock", "-1 day, 23:59:00"),
    ]
    assert refused(LockoutPolicy, 4, MINUTE, MINUTE, 3) == [("failure_limit", "4")]


def test_a_lockout_may_be_as_short_and_as_strict_as_one():
    assert LockoutPolicy(1, INSTANT, INSTANT, 1)


@pytest.mark.parametrize("extends", [True, False])
def test_whether_failures_extend_a_lock_is_read_from_the_rules(extends):
    assert LockoutPolicy.from_rules(under(failures_extend_lock=extends)).failures_extend is extends


# --- sessions ---------------------------------------------------------------------------------------------


def test_the_limits_of_a_session_may_be_equal_and_a_month_at_most(sessions):
    alike = {"shared_idle": MONTH, "idle": MONTH, "absolute": MONTH, "factor_within": MONTH}
    longest = attrs.evolve(sessions, **alike)
    month = "30 days, 0:00:00"
    assert refused(attrs.evolve, longest, absolute=MONTH + INSTANT) == [
        ("session", f"shared {month}, idle {month}, absolute {month}.000001")
    ]
    assert refused(attrs.evolve, longest, factor_within=MONTH + INSTANT) == [
        ("second_factor_minutes", f"{month}.000001")
    ]
    assert refused(attrs.evolve, longest, factor_within=NOTHING) == [("second_factor_minutes", "0:00:00")]
    assert attrs.evolve(sessions, shared_idle=INSTANT, factor_within=INSTANT)


def test_a_shared_computer_never_rests_longer_than_ones_own_nor_that_longer_than_a_session(sessions):
    for change in ({"shared_idle": sessions.idle + INSTANT}, {"idle": sessions.absolute + INSTANT}):
        assert [where for where, _ in refused(attrs.evolve, sessions, **change)] == ["session"]


# --- throttles --------------------------------------------------------------------------------------------


def limits(limit):
    return dict.fromkeys(ThrottledFlow, limit)


def test_a_throttle_may_close_at_the_first_failure_and_for_an_instant():
    assert ThrottlePolicy(limits(ThrottleLimit(1, INSTANT, INSTANT)))


def test_a_throttle_names_the_flow_and_the_figure_that_can_not_be():
    flow = ThrottledFlow.RECOVERY_BY_SOURCE
    good = ThrottleLimit(1, MINUTE, MINUTE)
    assert refused(ThrottlePolicy, {**limits(good), flow: ThrottleLimit(0, NOTHING, NOTHING)}) == [
        ("accounts.throttles, recovery_by_source, failures", "0"),
        ("accounts.throttles, recovery_by_source, window_minutes", "0:00:00"),
        ("accounts.throttles, recovery_by_source, closed_minutes", "0:00:00"),
    ]
    without = {each: limit for each, limit in limits(good).items() if each is not flow}
    assert refused(ThrottlePolicy, without) == [("accounts.throttles", "no 'recovery_by_source'")]


# --- recovery ---------------------------------------------------------------------------------------------


def test_a_recovery_names_each_figure_that_can_not_be():
    questions = (RecoveryMethod.SECURITY_QUESTIONS,)
    spans = (NOTHING,) * 4
    assert refused(RecoveryPolicy, questions, 0, *spans, 101, 0, NOTHING, NOTHING) == [
        ("accounts.recovery_methods", "'security_questions'"),
        ("recovery_failure_limit", "0"),
        ("issued_code_failure_limit", "101"),
        ("recovery_letter_limit", "0"),
        ("recovery_failure_window", "0:00:00"),
        ("assigned_password", "0:00:00"),
        ("recovery_letter_window", "0:00:00"),
        ("staff_reset", "0:00:00"),
        ("issued_code", "0:00:00"),
        ("text_code", "0:00:00"),
    ]


def test_a_recovery_without_any_method_is_named(recovery):
    assert refused(attrs.evolve, recovery, methods=()) == [("accounts.recovery_methods", "none")]


@pytest.mark.parametrize("figure", [1, 100])
def test_a_recovery_may_close_at_the_first_failure_and_at_the_hundredth(recovery, figure):
    """NIST SP 800-63B-4 §3.2.2: 100 at most."""
    assert attrs.evolve(recovery, failure_limit=figure, code_failure_limit=figure, letter_limit=figure)


def test_where_no_questions_are_asked_there_is_no_risk_to_accept():
    policy = RecoveryPolicy.from_rules(under(recovery_methods=["issued_code"]))
    assert (policy.risk_acceptance, policy.departs_from) == ("", ())


# --- questions --------------------------------------------------------------------------------------------


def test_questions_are_one_at_least_and_no_more_than_there_are(questions):
    assert attrs.evolve(questions, count=1)
    assert attrs.evolve(questions, count=4)
    for count in (0, 5):
        assert refused(attrs.evolve, questions, count=count) == [("security_question_count", str(count))]


def test_common_answers_to_a_question_there_is_not_are_named(questions):
    common = {"dish": {"pizza"}, "colour": {"blue"}}
    named = [("security_question_common_answers", "'colour'")]
    assert refused(attrs.evolve, questions, common_answers=common) == named


@pytest.mark.parametrize(("days", "renewal"), [(0, None), (365, timedelta(days=365))])
def test_the_questions_and_when_they_are_chosen_anew_are_read_from_the_rules(days, renewal):
    rules = under(
        recovery_methods=["security_questions"],
        security_question_count=1,
        security_question_renewal_days=days,
        security_questions=[{"id": "dish", "question": "First dish?"}],
        security_question_common_answers=[{"question_id": "dish", "answer": "Pizza"}],
    )
    policy = QuestionPolicy.from_rules(rules)
    assert [(each.question_id, each.text) for each in policy.catalogue] == [("dish", "First dish?")]
    assert policy.renew_after == renewal


# --- passwords --------------------------------------------------------------------------------------------


SHORT = ("NIST SP 800-63B-4 §3.1.1.2(1)", "OWASP ASVS 5.0.0, 6.2.1")


def test_a_password_policy_names_each_figure_that_can_not_be(passwords):
    assert refused(attrs.evolve, passwords, max_length=257) == [("max_length", "257")]
    assert refused(attrs.evolve, passwords, history=101) == [("history", "101")]
    assert refused(attrs.evolve, passwords, max_breaches=-1) == [("max_breaches", "-1")]
    assert refused(attrs.evolve, passwords, min_age=MINUTE) == [("min_age", "0:01:00")]
    stated = ("NIST SP 800-63B-4 §3.1.1.2(6)", "OWASP ASVS 5.0.0, 6.2.10")
    assert refused(attrs.evolve, passwords, max_age=MINUTE, departs_from=stated) == [("max_age", "0:01:00")]


def test_a_password_may_be_as_short_as_one_character_where_that_is_stated():
    assert PasswordPolicy(1, 64, 0, departs_from=SHORT).min_length_with_mfa == 1
    assert refused(PasswordPolicy, 0, 64, 0, departs_from=SHORT) == [
        ("min_length", "0"),
        ("min_length_with_mfa", "0"),
    ]


def test_a_departure_that_is_not_stated_is_named_with_the_value_that_departs():
    with pytest.raises(RulesError) as caught:
        PasswordPolicy(15, 64, 0, required_classes=(CharacterClass.DIGIT,), max_age=timedelta(days=90))
    assert [(fault.where, fault.found.partition(",")[0]) for fault in caught.value.faults] == [
        ("required_classes", "digit"),
        ("required_classes", "digit"),
        ("max_age", "90 days"),
        ("max_age", "90 days"),
    ]


def test_a_departure_that_is_stated_and_is_none_is_named(passwords):
    assert refused(attrs.evolve, passwords, departs_from=SHORT[:1]) == [
        ("departs_from", "'NIST SP 800-63B-4 §3.1.1.2(1)'")
    ]


def test_how_often_a_password_may_have_been_seen_in_breaches_is_read_from_the_rules():
    assert PasswordPolicy.from_rules(under(password_max_breaches=7)).max_breaches == 7


@pytest.mark.parametrize("days", [-1, 36_501])
def test_an_age_of_a_password_that_can_not_be_is_named(days):
    rules = under(password_min_age_days=days)
    assert refused(PasswordPolicy.from_rules, rules) == [("accounts.password_min_age_days", str(days))]


def test_a_password_may_be_kept_from_change_for_up_to_a_hundred_years():
    assert PasswordPolicy.from_rules(under(password_min_age_days=36_500)).min_age == timedelta(days=36_500)


def test_a_listed_word_that_would_refuse_too_much_is_named():
    assert refused(Blocklist.of, ["opensesame", "ab"]) == [("accounts.password_blocklist", "'ab'")]
