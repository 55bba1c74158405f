from datetime import timedelta

import attrs
import pytest

from dcss_core.errors import InvariantError
from dcss_core.users.account import ChangeReason
from dcss_core.users.events import ChangeRefusal
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.answers_change import (
    AnswersChangeAccepted,
    AnswersChangeRefused,
    decide_answers_change,
)
from dcss_core.users.recovery.security_questions import AnswerFault, AnswerViolation
from dcss_core.users.sign_in.reauthentication import reauthenticate

NEW = PasswordHash("$answers")
BAD = (AnswerViolation(AnswerFault.EMPTY, "Answer this question.", "dish"),)


@pytest.fixture
def change(lockout, now):
    def attempt(account, *, right=True, violations=(), answers_hash=NEW):
        return decide_answers_change(
            account,
            checked=reauthenticate(account, password_matches=right, lockout=lockout, now=now),
            violations=violations,
            question_ids=("story", "dish", "gift"),
            answers_hash=answers_hash,
            now=now,
        )

    return attempt


def test_s26_answers_are_changed_after_the_password_was_given_again(change, account, now):
    decision = change(account)
    assert decision.outcome == AnswersChangeAccepted()
    assert decision.answers.question_ids == ("dish", "gift", "story")
    assert decision.answers.answers_hash == NEW
    assert decision.answers.enrolled_at == now
    assert [event.kind for event in decision.events] == ["user_updated"]


def test_s26_without_the_password_nothing_changes_and_the_failure_counts(change, account):
    decision = change(account, right=False, violations=BAD)
    assert decision.outcome == AnswersChangeRefused(password_accepted=False, violations=BAD)
    assert decision.answers is None
    assert decision.account.consecutive_failures == 1
    assert decision.events[0].reason is ChangeRefusal.WRONG_PASSWORD


def test_s26_a_set_that_can_not_be_enrolled_changes_nothing(change, account):
    decision = change(account, violations=BAD, answers_hash=None)
    assert decision.outcome == AnswersChangeRefused(password_accepted=True, violations=BAD)
    assert decision.answers is None


def test_s24_an_assigned_password_does_not_change_answers(change, account, now):
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=1))
    decision = change(assigned)
    assert isinstance(decision.outcome, AnswersChangeRefused)
    assert decision.events[0].reason is ChangeRefusal.NOT_USABLE


def test_answers_without_violations_must_have_been_hashed(change, account):
    with pytest.raises(InvariantError):
        change(account, answers_hash=None)


@pytest.mark.parametrize(
    "reason", [ChangeReason.EXPIRED, ChangeReason.AGAINST_POLICY, ChangeReason.COMPROMISED]
)
def test_while_the_password_has_to_be_changed_no_answers_are(change, account, reason):
    decision = change(attrs.evolve(account, change_due=reason))
    assert decision.answers is None
    assert decision.events[0].reason is ChangeRefusal.NOT_USABLE


def test_wrong_passwords_lock_here_as_they_do_at_sign_in(change, account, now):
    for _ in range(3):
        decision = change(account, right=False)
        account = decision.account
    assert account.is_locked(now)
    assert decision.events[-1].kind == "authn_login_lock"
    assert isinstance(change(account).outcome, AnswersChangeRefused)


def test_a_set_is_its_accounts_and_the_failures_before_it_are_forgotten(change, account, now):
    decision = change(attrs.evolve(account, failed_sign_ins=(now,), consecutive_failures=1))
    assert decision.answers.account_id == "a-1"
    assert decision.account == account
