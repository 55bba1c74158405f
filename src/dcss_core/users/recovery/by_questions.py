"""Recovery: a new, assigned password for somebody who answers their security questions.

Decides from the throttles of the SSN and the source, the verdict of the hash over name and answers, and
the account. Invariants: every failure looks the same, whoever's number it is and whether or not there is
an account; failures count on the SSN's index, known or not, and in the end close recovery until staff
act, while sign-in goes on; a success never signs in and never ends a lock, the old password stops working
at once, and the assigned one goes to the address on file only.
"""

from datetime import datetime
from typing import TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.events import PasswordReset, PasswordResetFailed, ResetRefusal
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password
from dcss_core.users.passwords.renewal import with_renewed_password
from dcss_core.users.recovery.policy import RecoveryMethod, RecoveryPolicy
from dcss_core.users.recovery.throttle import ParticularsThrottle


@attrs.frozen
class ResetConfirmed:
    """The password has been reset; nothing more is said on the screen."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "Your password has been reset."


@attrs.frozen
class ResetRefused:
    """The password has not been reset, for whatever reason."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "We could not reset the password with what you entered."


ResetOutcome: TypeAlias = ResetConfirmed | ResetRefused


@attrs.frozen
class AssignedPasswordNotice:
    """What goes to the address on file: the assigned password and until when it is good."""

    account_id: str
    password: Password
    good_until: datetime


@attrs.frozen
class ResetDecision:
    """What the caller sees, what to save, what to send and what to record."""

    outcome: ResetOutcome
    account: Account | None
    throttle: ParticularsThrottle
    notice: AssignedPasswordNotice | None
    events: tuple[Event, ...]


def decide_reset(
    account: Account | None,
    throttle: ParticularsThrottle,
    *,
    answers_match: bool,
    has_address: bool,
    assigned: Password,
    assigned_hash: PasswordHash,
    policy: RecoveryPolicy,
    history: int,
    now: datetime,
    is_throttled: bool = False,
) -> ResetDecision:
    """Decide a reset; `is_throttled` says that too many failed from where this one comes from.

    `assigned` is made and hashed for every attempt, so that all cost the same work. `has_address` says
    whether the person has an address on file: without one the old password is not taken away.
    """
    barrier = _barrier(throttle, policy, is_throttled)
    if barrier is not None:
        return _refused(account, throttle, barrier)
    reason = _refusal(account, answers_match, has_address)
    if account is None or reason is not None:
        counted, events = throttle.after_failure(account, policy.particulars, now)
        return _refused(account, counted, reason or ResetRefusal.UNKNOWN_PERSON, events)
    good_until = now + policy.assigned_for
    renewed = with_renewed_password(
        account, assigned_hash, history=history, now=now, assigned_until=good_until
    )
    return ResetDecision(
        outcome=ResetConfirmed(),
        account=renewed,
        throttle=attrs.evolve(throttle, failures=()),
        notice=AssignedPasswordNotice(account.account_id, assigned, good_until),
        events=(PasswordReset(account.account_id, good_until),),
    )


def _barrier(
    throttle: ParticularsThrottle, policy: RecoveryPolicy, is_throttled: bool
) -> ResetRefusal | None:
    if not policy.offers(RecoveryMethod.SECURITY_QUESTIONS):
        return ResetRefusal.NOT_OFFERED
    if is_throttled:
        return ResetRefusal.SOURCE_THROTTLED
    return ResetRefusal.CLOSED if throttle.is_closed else None


def _refusal(account: Account | None, answers_match: bool, has_address: bool) -> ResetRefusal | None:
    if account is None or account.person_id is None:
        return ResetRefusal.UNKNOWN_PERSON
    if not answers_match:
        return ResetRefusal.WRONG_ANSWERS
    if not account.is_active:
        return ResetRefusal.ACCOUNT_NOT_ACTIVE
    return None if has_address else ResetRefusal.NO_ADDRESS


def _refused(
    account: Account | None,
    throttle: ParticularsThrottle,
    reason: ResetRefusal,
    events: tuple[Event, ...] = (),
) -> ResetDecision:
    failed = PasswordResetFailed(account.account_id if account else None, reason)
    return ResetDecision(ResetRefused(), account, throttle, None, (failed, *events))
