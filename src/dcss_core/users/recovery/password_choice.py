"""Choosing a password with an issued code, without a session.

Decides from the verdict on the code and every violation of the new password. Invariants: only whoever
holds a good code hears anything about the new password; a success signs nobody in, ends every session
and no lock; a code is used up by a success and by nothing else.
"""

from datetime import datetime
from typing import TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.users.account import Account
from dcss_core.users.events import PasswordChanged
from dcss_core.users.letter_groups import letters_typed
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation
from dcss_core.users.passwords.renewal import with_renewed_password
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.recovery.events import CodeRefusal, PasswordChoiceFailed, RecoveryCodeUsed
from dcss_core.users.recovery.issued_code import OutstandingCode
from dcss_core.users.recovery.policy import RecoveryPolicy


@attrs.frozen
class PasswordChosen:
    """The new password is in force, nobody is signed in, and every session has ended."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "Your new password is in force. Sign in with it."


@attrs.frozen
class ChoiceRefused:
    """The code was good and the new password is not; choose another with the same code."""

    violations: tuple[PasswordViolation, ...]


@attrs.frozen
class CodeRefused:
    """The code was not accepted, for whatever reason."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "We could not set a new password with what you entered. You can ask for another code."


PasswordChoiceOutcome: TypeAlias = PasswordChosen | ChoiceRefused | CodeRefused


@attrs.frozen
class PasswordChoiceDecision:
    """What the caller sees, what to save and what to record."""

    outcome: PasswordChoiceOutcome
    account: Account | None
    outstanding: OutstandingCode | None
    events: tuple[Event, ...]


def code_refusal(
    account: Account | None,
    outstanding: OutstandingCode | None,
    typed: Secret,
    *,
    address: Secret | None,
    is_throttled: bool,
    policy: RecoveryPolicy,
    now: datetime,
) -> CodeRefusal | None:
    """Why a code is not accepted; None when it is."""
    if is_throttled:
        return CodeRefusal.SOURCE_THROTTLED
    if account is None:
        return CodeRefusal.UNKNOWN_USER
    if not account.is_active:
        return CodeRefusal.ACCOUNT_NOT_ACTIVE
    if outstanding is None:
        return CodeRefusal.NO_CODE
    return outstanding.refusal(typed, account, address, policy, now)


def decide_password_choice(
    account: Account | None,
    outstanding: OutstandingCode | None,
    *,
    refusal: CodeRefusal | None,
    new: WeighedPassword,
    policy: RecoveryPolicy,
    history: int,
    now: datetime,
) -> PasswordChoiceDecision:
    """Decide a choice of password; `refusal` is the verdict on the code.

    A good code is not used up by a password that breaks the policy.
    """
    account_id = account.account_id if account else None
    if refusal is not None or account is None or outstanding is None:
        events: tuple[Event, ...] = ()
        if outstanding is not None and refusal is CodeRefusal.WRONG_CODE:
            outstanding, events = outstanding.after_wrong_code(policy)
        failed = PasswordChoiceFailed(account_id, refusal or CodeRefusal.NO_CODE)
        return PasswordChoiceDecision(CodeRefused(), account, outstanding, (failed, *events))
    if new.violations:
        unfit = PasswordChoiceFailed(account_id, CodeRefusal.AGAINST_POLICY)
        return PasswordChoiceDecision(ChoiceRefused(new.violations), account, outstanding, (unfit,))
    renewed = with_renewed_password(account, new.usable_hash, history=history, now=now)
    return PasswordChoiceDecision(
        outcome=PasswordChosen(),
        account=renewed,
        outstanding=attrs.evolve(outstanding, used_at=now),
        events=(RecoveryCodeUsed(account_id), PasswordChanged(account_id, renewed.credential_version)),
    )


def violations_of_code(new_password: Secret, code: Secret) -> tuple[PasswordViolation, ...]:
    """What stands in a letter becomes nobody's password (ASVS 5.0.0, 6.4.1)."""
    if letters_typed(code.reveal()) not in letters_typed(new_password.reveal()):
        return ()
    sentence = "This is the code that was sent to you. Choose a password of your own."
    return (PasswordViolation(PasswordFault.SAME_AS_ASSIGNED, sentence),)
