"""Re-authentication: the current password, asked again before something about it changes.

Decides whether it may be believed. Invariants: a wrong one counts exactly like a failed sign-in, so
that an open session is no way around the lock (NIST SP 800-63B-4 §3.2.2); a right one gives the session
another token (ASVS 5.0.0, 7.2.4).
"""

from datetime import datetime
from typing import TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.events import ChangeRefusal, Reauthenticated, ReauthenticationFailed
from dcss_core.users.sign_in.lockout import LockoutPolicy, after_success
from dcss_core.users.sign_in.session import Session, SessionScope, SessionToken, renew_session


@attrs.frozen
class Reauthentication:
    """The account with the attempt counted, and why it was not believed, if it was not."""

    account: Account
    refusal: ChangeRefusal | None
    events: tuple[Event, ...] = ()


@attrs.frozen
class ReauthenticationAccepted:
    """The password was right; the caller goes on with this token, which is shown this once."""

    session: Session
    token: SessionToken


@attrs.frozen
class ReauthenticationRefused:
    """The password was not accepted; the session goes on as it was."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "This is not your password, or it can't be used at the moment."


ReauthenticationOutcome: TypeAlias = ReauthenticationAccepted | ReauthenticationRefused


@attrs.frozen
class ReauthenticationDecision:
    """What the caller sees, what to save and what to record; `opened` is None when nothing changed."""

    outcome: ReauthenticationOutcome
    account: Account
    session: Session
    opened: Session | None
    events: tuple[Event, ...]


def decide_reauthentication(
    account: Account, session: Session, *, checked: Reauthentication, token: SessionToken, now: datetime
) -> ReauthenticationDecision:
    """Decide about a password given again, and judged, inside a full session that is still good."""
    session.require(SessionScope.FULL)
    if checked.refusal is not None:
        failed = ReauthenticationFailed(account.account_id, checked.refusal)
        events = (failed, *checked.events)
        return ReauthenticationDecision(ReauthenticationRefused(), checked.account, session, None, events)
    ended, renewed, replaced = renew_session(session, token, now)
    return ReauthenticationDecision(
        outcome=ReauthenticationAccepted(renewed, token),
        account=checked.account,
        session=ended,
        opened=renewed,
        events=(Reauthenticated(account.account_id, renewed.session_id), *replaced),
    )


def reauthenticate(
    account: Account,
    *,
    password_matches: bool,
    lockout: LockoutPolicy,
    now: datetime,
    is_throttled: bool = False,
) -> Reauthentication:
    """Judge the current password given inside a session, from a source that may be closed."""
    is_closed = lockout.keeps_out(account, now) or lockout.has_disabled(account)
    is_barred = not account.is_active or is_closed or account.has_assigned_expired(now)
    if is_throttled or is_barred:
        return Reauthentication(account, ChangeRefusal.NOT_USABLE)
    if not password_matches:
        counted, events = lockout.after_failure(account, now)
        return Reauthentication(counted, ChangeRefusal.WRONG_PASSWORD, events)
    return Reauthentication(after_success(account), None)
