"""ParticularsThrottle: how wrong particulars close a way in for one person until staff act.

Decides from the failures under one key alone, so that a number nobody has closes just like a real one.
Invariants: both ways of recovery that take an SSN (the security questions and the forgotten user id) count
together, and registration counts apart from them, so that guesses at one close only that one; nothing here
touches sign-in or a code that was issued, so that closing it keeps nobody out who holds a password or a
code; a clock that steps back forgets no failure.
"""

from datetime import datetime, timedelta

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.sign_in.lockout import within


@attrs.frozen
class ParticularsLimit:
    """So many failures within a time close a way in."""

    failures: int
    window: timedelta


@attrs.frozen
class ParticularsThrottle:
    """Failures under one key, whether or not there is anybody behind it.

    `index` is the key: the blind index of an SSN for recovery, what `agency/callers/counted.py` makes for
    registration. `closed_at` is set once there were too many; only staff open it again.
    """

    index: str
    failures: tuple[datetime, ...] = ()
    closed_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it waits for staff."""
        return self.closed_at is not None

    def is_forgotten(self, limit: ParticularsLimit, now: datetime) -> bool:
        """Whether it counts for nothing any more: it is open, and no failure is within the window."""
        return not self.is_closed and not within(self.failures, limit.window, now)

    def failures_left(self, limit: ParticularsLimit, now: datetime) -> int:
        """How many more failures close it; 0 once it is closed."""
        counted = len(within(self.failures, limit.window, now))
        return 0 if self.is_closed else max(0, limit.failures - counted)

    def counted(self, limit: ParticularsLimit, now: datetime) -> "ParticularsThrottle":
        """Count one failure; one too many closes."""
        failures = (*within(self.failures, limit.window, now), now)
        closed_at = now if len(failures) >= limit.failures else None
        return attrs.evolve(self, failures=failures, closed_at=closed_at)

    def after_failure(
        self, account: Account | None, limit: ParticularsLimit, now: datetime
    ) -> tuple["ParticularsThrottle", tuple[Event, ...]]:
        """Count one failed recovery; `account` is whose SSN it is, if anybody's."""
        from dcss_core.users.events import RecoveryClosed  # the policy is read without events

        counted = self.counted(limit, now)
        account_id = account.account_id if account else None
        closed = RecoveryClosed(account_id, len(counted.failures))
        return counted, (closed,) if counted.is_closed else ()
