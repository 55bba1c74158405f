"""Sign-in with user id and password.

Decides from the account, the verdict of the hash and the clock. Invariants: the public outcome is the
same for an unknown id, a wrong password, a lock, a disabled account and an assigned password that is
used up; only the event tells them apart. An assigned password opens one session, which allows nothing
but choosing another (IRS Pub. 1075, IA-5(1) h7).
"""

from datetime import datetime
from typing import TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.events import SignInFailed, SignInRefusal, SignInSucceeded
from dcss_core.users.lockout import LockoutPolicy, after_success
from dcss_core.users.password_hash import PasswordHash
from dcss_core.users.session import Session, SessionPolicy, SessionToken, open_session


@attrs.frozen
class SignedIn:
    """The caller is in; the token is shown this once. `session.scope` says what it allows."""

    session: Session
    token: SessionToken


@attrs.frozen
class SignInRefused:
    """The caller is not in, for whatever reason."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "The user ID or the password is not right, or sign-in is not possible now."


SignInOutcome: TypeAlias = SignedIn | SignInRefused


@attrs.frozen
class SignInDecision:
    """What the caller sees, what to save and what to record; `account` is None when there is none."""

    outcome: SignInOutcome
    account: Account | None
    session: Session | None
    events: tuple[Event, ...]


def decide_sign_in(
    account: Account | None,
    *,
    password_matches: bool,
    token: SessionToken,
    lockout: LockoutPolicy,
    sessions: SessionPolicy,
    now: datetime,
    rehashed: PasswordHash | None = None,
) -> SignInDecision:
    """Decide a sign-in.

    `rehashed` is the same password hashed anew where the hasher wanted it; it replaces the stored hash
    on success and is no change of password.
    """
    if account is None:
        return _refused(None, None, SignInRefusal.UNKNOWN_USER)
    barrier = _barrier(account, lockout, now)
    if barrier is not None:
        return _refused(account, account.account_id, barrier)
    if not password_matches:
        counted, events = lockout.after_failure(account, now)
        return _refused(counted, account.account_id, SignInRefusal.WRONG_PASSWORD, events)
    exhausted = _exhausted(account, now)
    if exhausted is not None:
        return _refused(account, account.account_id, exhausted)
    return _signed_in(account, token, sessions, now, rehashed)


def _barrier(account: Account, lockout: LockoutPolicy, now: datetime) -> SignInRefusal | None:
    if not account.is_active:
        return SignInRefusal.ACCOUNT_NOT_ACTIVE
    if account.is_locked(now):
        return SignInRefusal.LOCKED
    return SignInRefusal.PASSWORD_DISABLED if lockout.has_disabled(account) else None


def _exhausted(account: Account, now: datetime) -> SignInRefusal | None:
    if account.assigned_until is None:
        return None
    if now >= account.assigned_until:
        return SignInRefusal.ASSIGNED_PASSWORD_EXPIRED
    return SignInRefusal.ASSIGNED_PASSWORD_USED if account.assigned_used_at is not None else None


def _signed_in(
    account: Account,
    token: SessionToken,
    sessions: SessionPolicy,
    now: datetime,
    rehashed: PasswordHash | None,
) -> SignInDecision:
    succeeded = SignInSucceeded(account.account_id, account.consecutive_failures)
    account = after_success(account)
    if account.must_change_password:
        account = attrs.evolve(account, assigned_used_at=now)
    if rehashed is not None:
        account = attrs.evolve(account, password_hash=rehashed)
    session, opened = open_session(account, token, sessions, now)
    return SignInDecision(SignedIn(session, token), account, session, (succeeded, opened))


def _refused(
    account: Account | None,
    account_id: str | None,
    reason: SignInRefusal,
    events: tuple[Event, ...] = (),
) -> SignInDecision:
    return SignInDecision(SignInRefused(), account, None, (SignInFailed(account_id, reason), *events))
