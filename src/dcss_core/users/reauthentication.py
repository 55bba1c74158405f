"""Re-authentication: the current password, asked again before something about it changes.

Decides whether it may be believed. Invariant: a wrong one counts exactly like a failed sign-in, so
that an open session is no way around the lock (NIST SP 800-63B-4 §3.2.2).
"""

from datetime import datetime

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.events import ChangeRefusal
from dcss_core.users.lockout import LockoutPolicy, after_success


@attrs.frozen
class Reauthentication:
    """The account with the attempt counted, and why it was not believed, if it was not."""

    account: Account
    refusal: ChangeRefusal | None
    events: tuple[Event, ...] = ()


def reauthenticate(
    account: Account, *, password_matches: bool, lockout: LockoutPolicy, now: datetime
) -> Reauthentication:
    """Judge the current password given inside a session."""
    has_expired = account.assigned_until is not None and now >= account.assigned_until
    if not account.is_active or account.is_locked(now) or lockout.has_disabled(account) or has_expired:
        return Reauthentication(account, ChangeRefusal.NOT_USABLE)
    if not password_matches:
        counted, events = lockout.after_failure(account, now)
        return Reauthentication(counted, ChangeRefusal.WRONG_PASSWORD, events)
    return Reauthentication(after_success(account), None)
