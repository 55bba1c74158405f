"""Recovery: a new, assigned password for somebody who answers their security questions.

Decides from the throttle of the SSN, the verdict of the hash over name and answers, and the account.
Invariants: every failure looks the same, whoever's number it is and whether or not there is an account;
failures count on the SSN's index, known or not, and in the end close recovery until staff act, while
sign-in goes on; a success never signs in and never ends a lock, the old password stops working at
once, and the assigned one goes to the address on file only.
"""

from datetime import datetime, timedelta
from typing import Self, TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.account import Account
from dcss_core.users.events import PasswordReset, PasswordResetFailed, RecoveryClosed, ResetRefusal
from dcss_core.users.lockout import within
from dcss_core.users.password import Password
from dcss_core.users.password_hash import PasswordHash


@attrs.frozen
class RecoveryPolicy:
    """Whether and how a password is reset by security questions; raises RulesError, all faults at once.

    A jurisdiction that offers it states why it accepts the risk and from which provisions it departs
    (NIST SP 800-63B-4 §4.2.1: a documented risk analysis).
    """

    offered: bool
    failure_limit: int
    window: timedelta
    assigned_for: timedelta
    risk_acceptance: str = ""
    departs_from: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        faults = []
        if self.offered and not (self.risk_acceptance and self.departs_from):
            faults.append(
                Fault(
                    "security_question_reset", "on", "on only with a risk acceptance and what it departs from"
                )
            )
        if not 1 <= self.failure_limit <= 100:  # NIST SP 800-63B-4 §3.2.2
            faults.append(Fault("recovery_failure_limit", str(self.failure_limit), "1 to 100"))
        for name, span in (("recovery_window", self.window), ("assigned_password", self.assigned_for)):
            if span <= timedelta(0):
                faults.append(Fault(name, str(span), "a positive time"))
        if faults:
            raise RulesError("passwords can't be reset under these rules", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self:
        """Read the policy in force."""
        offered = rules.flag("accounts.security_question_reset")
        return cls(
            offered=offered,
            failure_limit=rules.integer("accounts.recovery_failure_limit"),
            window=timedelta(hours=rules.integer("accounts.recovery_failure_window_hours")),
            assigned_for=timedelta(hours=rules.integer("accounts.assigned_password_hours")),
            risk_acceptance=rules.text("accounts.security_question_risk_acceptance") if offered else "",
            departs_from=rules.texts("accounts.security_question_departs_from") if offered else (),
        )


@attrs.frozen
class RecoveryThrottle:
    """Failed resets for one SSN, by its blind index, whether or not anybody has that number.

    `closed_at` is set once there were too many; only staff open recovery again.
    """

    index: str
    failures: tuple[datetime, ...] = ()
    closed_at: datetime | None = None


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
    throttle: RecoveryThrottle
    notice: AssignedPasswordNotice | None
    events: tuple[Event, ...]


def decide_reset(
    account: Account | None,
    throttle: RecoveryThrottle,
    *,
    answers_match: bool,
    has_address: bool,
    assigned: Password,
    assigned_hash: PasswordHash,
    policy: RecoveryPolicy,
    history: int,
    now: datetime,
) -> ResetDecision:
    """Decide a reset.

    `assigned` is made and hashed for every attempt, so that all cost the same work. `has_address` says
    whether the person has an address on file: without one the old password is not taken away.
    """
    barrier = _barrier(throttle, policy)
    if barrier is not None:
        return _refused(account, throttle, barrier)
    reason = _refusal(account, answers_match, has_address)
    if account is None or reason is not None:
        counted, events = _after_failure(account, throttle, policy, now)
        return _refused(account, counted, reason or ResetRefusal.UNKNOWN_PERSON, events)
    good_until = now + policy.assigned_for
    # The reset binds a new password, so the count that disabled the old one starts anew (NIST SP
    # 800-63B-4 §3.2.2); a lock and the failures towards the next one stay.
    renewed = attrs.evolve(
        account.with_password(assigned_hash, history=history, assigned_until=good_until),
        consecutive_failures=0,
    )
    return ResetDecision(
        outcome=ResetConfirmed(),
        account=renewed,
        throttle=attrs.evolve(throttle, failures=()),
        notice=AssignedPasswordNotice(account.account_id, assigned, good_until),
        events=(PasswordReset(account.account_id, good_until),),
    )


def _barrier(throttle: RecoveryThrottle, policy: RecoveryPolicy) -> ResetRefusal | None:
    if not policy.offered:
        return ResetRefusal.NOT_OFFERED
    return ResetRefusal.CLOSED if throttle.closed_at is not None else None


def _refusal(account: Account | None, answers_match: bool, has_address: bool) -> ResetRefusal | None:
    if account is None or account.person_id is None:
        return ResetRefusal.UNKNOWN_PERSON
    if not answers_match:
        return ResetRefusal.WRONG_ANSWERS
    if not account.is_active:
        return ResetRefusal.ACCOUNT_NOT_ACTIVE
    return None if has_address else ResetRefusal.NO_ADDRESS


def _after_failure(
    account: Account | None, throttle: RecoveryThrottle, policy: RecoveryPolicy, now: datetime
) -> tuple[RecoveryThrottle, tuple[Event, ...]]:
    failures = (*within(throttle.failures, policy.window, now), now)
    counted = attrs.evolve(throttle, failures=failures)
    if len(failures) < policy.failure_limit:
        return counted, ()
    account_id = account.account_id if account else None
    return attrs.evolve(counted, closed_at=now), (RecoveryClosed(account_id, len(failures)),)


def _refused(
    account: Account | None,
    throttle: RecoveryThrottle,
    reason: ResetRefusal,
    events: tuple[Event, ...] = (),
) -> ResetDecision:
    failed = PasswordResetFailed(account.account_id if account else None, reason)
    return ResetDecision(ResetRefused(), account, throttle, None, (failed, *events))
