"""Attempts at nobody: what is counted for a user id where no account counts anything.

Decides as the lockout does, so that as much is written for an id that nobody has, or whose account is not in
use, as for one that locks. Invariant: nothing is ever let in or kept out by this count.
"""

from datetime import datetime
from typing import Final

import attrs

from dcss_core.base.events import Event
from dcss_core.users.events import UnknownIdLocked
from dcss_core.users.sign_in.lockout import LockoutPolicy, within
from dcss_core.users.sign_in.throttle import Throttle, ThrottleLimit

_KEY: Final = "sign_in_at_nobody"


def attempts_key(typed_id: str) -> str:
    """The key under which attempts at a user id are counted, by the digest of what was typed."""
    return f"{_KEY}/{typed_id}"


def are_attempts_at_nobody(counted: Throttle) -> bool:
    """Whether a count is one of these."""
    return counted.key.startswith(f"{_KEY}/")


def after_failure_at_nobody(
    counted: Throttle, lockout: LockoutPolicy, now: datetime
) -> tuple[Throttle, tuple[Event, ...]]:
    """Count one failure; the event says that an account would be locked now."""
    limit = ThrottleLimit(lockout.failure_limit, lockout.window, lockout.lock_for)
    after = counted.counting(limit, now)
    if after.closed_until is None or after.closed_until == counted.closed_until:
        return _held(after, lockout, now), ()
    return after, (UnknownIdLocked(None, after.closed_until),)


def are_forgotten(counted: Throttle, lockout: LockoutPolicy, now: datetime) -> bool:
    """Whether a count counts for nothing any more."""
    return not counted.is_closed(now) and not within(counted.failures, lockout.window, now)


def _held(counted: Throttle, lockout: LockoutPolicy, now: datetime) -> Throttle:
    """The count after a failure while an account would be locked."""
    if lockout.failures_extend and counted.is_closed(now):
        return attrs.evolve(counted, closed_until=now + lockout.lock_for)
    return counted
