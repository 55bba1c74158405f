"""Changing the security questions and answers.

Decides from the verdict on the current password and every violation of the new set. Invariants: the
password is asked again first (ASVS 5.0.0, 7.5.1); a set is replaced as a whole, because it is hashed
as one; an assigned password allows no such change.
"""

from datetime import datetime
from typing import TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.errors import InvariantError
from dcss_core.users.account import Account
from dcss_core.users.events import ChangeRefusal, SecurityAnswersChanged, SecurityAnswersChangeFailed
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.security_questions import AnswerViolation, SecurityAnswers
from dcss_core.users.sign_in.reauthentication import Reauthentication


@attrs.frozen
class AnswersChangeAccepted:
    """The new questions and answers are in force."""


@attrs.frozen
class AnswersChangeRefused:
    """Nothing changed: the password was not accepted, or the set can't be enrolled, or both."""

    password_accepted: bool
    violations: tuple[AnswerViolation, ...]


AnswersChangeOutcome: TypeAlias = AnswersChangeAccepted | AnswersChangeRefused


@attrs.frozen
class AnswersChangeDecision:
    """What the caller sees, what to save and what to record; `answers` is None when nothing changed."""

    outcome: AnswersChangeOutcome
    account: Account
    answers: SecurityAnswers | None
    events: tuple[Event, ...]


def decide_answers_change(
    account: Account,
    *,
    checked: Reauthentication,
    violations: tuple[AnswerViolation, ...],
    question_ids: tuple[str, ...],
    answers_hash: PasswordHash | None,
    now: datetime,
) -> AnswersChangeDecision:
    """Decide a change, once the password was judged; without it nothing was hashed."""
    refusal = ChangeRefusal.NOT_USABLE if account.change_reason is not None else checked.refusal
    if refusal is None and violations:
        refusal = ChangeRefusal.AGAINST_POLICY
    if refusal is not None:
        outcome = AnswersChangeRefused(
            password_accepted=refusal is ChangeRefusal.AGAINST_POLICY, violations=violations
        )
        failed = SecurityAnswersChangeFailed(account.account_id, refusal)
        return AnswersChangeDecision(outcome, checked.account, None, (failed, *checked.events))
    if answers_hash is None:
        raise InvariantError("answers without violations have not been hashed")
    answers = SecurityAnswers(account.account_id, tuple(sorted(question_ids)), answers_hash, now)
    changed = SecurityAnswersChanged(account.account_id)
    return AnswersChangeDecision(AnswersChangeAccepted(), checked.account, answers, (changed,))
