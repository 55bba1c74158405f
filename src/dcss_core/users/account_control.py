"""Account control: what staff do to an account (NIST SP 800-53 AC-2; IRS Pub. 1075, AC-2 and AC-7).

Decides by the table of an account's states; who may ask is `users.staff.member`'s. Invariants: nothing here
shows or sets a password; whatever takes access away ends every session at once (OWASP ASVS 5.0.0,
7.4.2); closing is for good, and frees the person but never the user id.
"""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import attrs

from dcss_core.errors import ConflictError
from dcss_core.users.account import ACCOUNT_STATES, Account, AccountAct, AccountState, ChangeReason
from dcss_core.users.events import AccountEvent
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.lockout import LockoutPolicy


class ControlReason(Enum):
    """Why staff act on an account; the audit log holds no free text."""

    OWNER_ASKED = "owner_asked"
    IDENTITY_CONFIRMED = "identity_confirmed"
    SUSPECTED_MISUSE = "suspected_misuse"
    STAFF_CHANGE = "staff_change"
    COURT_ORDER = "court_order"
    OWNER_DIED = "owner_died"
    MADE_IN_ERROR = "made_in_error"


@attrs.frozen
class _Controlled(AccountEvent):
    reason: ControlReason


@attrs.frozen
class LockLifted(_Controlled):
    """Staff ended a lock before its time; the count of failures begins anew."""

    kind: ClassVar[str] = "authn_login_unlock"


@attrs.frozen
class AccountDisabled(_Controlled):
    """Staff took an account out of use, until it is enabled."""

    kind: ClassVar[str] = "user_disabled"


@attrs.frozen
class AccountEnabled(_Controlled):
    """Staff put an account into use again."""

    kind: ClassVar[str] = "user_enabled"


@attrs.frozen
class AccountClosed(_Controlled):
    """An account was closed for good, by staff or by its owner."""

    kind: ClassVar[str] = "user_deleted"


@attrs.frozen
class AccountForgotten(AccountEvent):
    """Of a closed account nothing is kept any more but its user id."""

    kind: ClassVar[str] = "user_forgotten"


@attrs.frozen
class ClosedByOwner:
    """The account is closed; whoever had it is signed in nowhere any more."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "Your online account is closed. Your case goes on. You can register again at any time."


@attrs.frozen
class PasswordChangeDemanded(_Controlled):
    """Staff had evidence that a password is known to others; it has to be changed at the next sign-in."""

    kind: ClassVar[str] = "authn_password_change_demanded"


def lift_lock(
    account: Account, reason: ControlReason, *, lockout: LockoutPolicy, was_throttled: bool = False
) -> tuple[Account, LockLifted]:
    """End a lock before its time (Pub. 1075, AC-7); the failures in a row go on counting.

    `was_throttled` says that a source was closed to the account. Raises ConflictError when nothing keeps
    the owner out, and when so many failures came in a row that the password is to be replaced (NIST SP
    800-63B-4 §3.2.2).
    """
    if lockout.has_disabled(account):
        raise ConflictError(
            "too many failures have disabled this password for good; "
            "have the owner recover it, or ask for a reset"
        )
    if not (was_throttled or account.locked_until or account.failed_sign_ins):
        raise ConflictError(
            "this account is not locked and no failure counts towards it; nothing was changed"
        )
    open_again = attrs.evolve(account, failed_sign_ins=(), locked_until=None)
    return open_again, LockLifted(account.account_id, reason)


def disable(account: Account, reason: ControlReason) -> tuple[Account, AccountDisabled]:
    """Take an account out of use; raises ConflictError when it is not in use."""
    state = _after(account, AccountAct.DISABLE, "only an account in use can be disabled")
    disabled = attrs.evolve(_without_sessions(account), state=state)
    return disabled, AccountDisabled(account.account_id, reason)


def enable(account: Account, reason: ControlReason, now: datetime) -> tuple[Account, AccountEnabled]:
    """Put a disabled account into use; raises ConflictError when it is not disabled."""
    state = _after(account, AccountAct.ENABLE, "only a disabled account can be enabled")
    return attrs.evolve(account, state=state).used(now), AccountEnabled(account.account_id, reason)


def close(
    account: Account, reason: ControlReason, *, fits_nothing: PasswordHash, now: datetime
) -> tuple[Account, AccountClosed]:
    """Close an account for good; raises ConflictError when it is closed already.

    `fits_nothing` takes the place of what was kept of the password.
    """
    state = _after(account, AccountAct.CLOSE, "no account is closed twice")
    closed = attrs.evolve(
        without_credentials(_without_sessions(account), fits_nothing),
        state=state,
        person_id=None,
        closed_person_id=account.person_id,
        closed_at=now,
    )
    return closed, AccountClosed(account.account_id, reason)


def without_credentials(account: Account, fits_nothing: PasswordHash) -> Account:
    """A closed account keeps nothing that it was opened with, nor counts of who tried."""
    return attrs.evolve(
        account,
        password_hash=fits_nothing,
        earlier_hashes=(),
        assigned_until=None,
        assigned_used_at=None,
        change_due=None,
        judged_under=None,
        failed_sign_ins=(),
        consecutive_failures=0,
        locked_until=None,
        idle_since=None,
        idle_warned_at=None,
    )


def forget(account: Account) -> tuple[Account, AccountForgotten]:
    """Of a closed account keep the user id alone, which nobody gets again (IRS Pub. 1075, IA-4)."""
    state = _after(account, AccountAct.FORGET, "only a closed account is forgotten")
    forgotten = attrs.evolve(account, state=state, closed_person_id=None, accepted_banner=None)
    return forgotten, AccountForgotten(account.account_id)


def demand_password_change(account: Account, reason: ControlReason) -> tuple[Account, PasswordChangeDemanded]:
    """Have the password changed at the next sign-in (NIST SP 800-63B-4 §3.1.1.2(6)); all sessions end.

    Raises ConflictError when the account is not in use.
    """
    state = _after(
        account,
        AccountAct.DEMAND_PASSWORD_CHANGE,
        "only the owner of an account in use can change its password",
    )
    due = attrs.evolve(_without_sessions(account), state=state)
    if account.assigned_until is None:
        due = attrs.evolve(due, change_due=ChangeReason.COMPROMISED)
    return due, PasswordChangeDemanded(account.account_id, reason)


def _after(account: Account, act: AccountAct, sentence: str) -> AccountState:
    if not ACCOUNT_STATES.allows(account.state, act):
        raise ConflictError(f"{sentence}; this one is {account.state.value} already, nothing was changed")
    return ACCOUNT_STATES.next_state(account.state, act)


def _without_sessions(account: Account) -> Account:
    # Sessions carry the version they were opened under, so one more ends them all.
    return attrs.evolve(account, credential_version=account.credential_version + 1)
