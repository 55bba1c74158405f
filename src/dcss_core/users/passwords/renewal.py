"""Password renewal: what every recovery does to an account, whichever way it went.

Decides what a recovery sets back and what it leaves. Invariants: the password before stops working and
every session ends at once; a lock, and the failures towards the next one, stay: a recovery never
unlocks.
"""

from datetime import datetime

import attrs

from dcss_core.users.account import Account
from dcss_core.users.hashing.password_hash import PasswordHash


def with_renewed_password(
    account: Account,
    password_hash: PasswordHash,
    *,
    history: int,
    now: datetime,
    assigned_until: datetime | None = None,
) -> Account:
    """The account with the password that a recovery led to; `assigned_until` when the agency made it."""
    renewed = account.with_password(password_hash, history=history, now=now, assigned_until=assigned_until)
    # A new password is bound, so the count that disabled the old one starts anew (NIST SP 800-63B-4 §3.2.2).
    return attrs.evolve(renewed, consecutive_failures=0)
