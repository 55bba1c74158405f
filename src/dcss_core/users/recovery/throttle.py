"""RecoveryThrottle: how wrong particulars close a way in for one person until staff act.

Decides from the failures under one key alone, so that a number nobody has closes just like a real one.
Invariants: both ways of recovery that take an SSN (the security questions and the forgotten user id) count
together, and registration counts apart from them, so that guesses at one close only that one; nothing here
touches sign-in or a code that was issued, so that closing it keeps nobody out who holds a password or a
code; a clock that steps back forgets no failure.
"""

from datetime import datetime

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.events import RecoveryClosed
from dcss_core.users.recovery.policy import RecoveryPolicy
from dcss_core.users.sign_in.lockout import within


@attrs.frozen
class RecoveryThrottle:
    """Failures under one key, whether or not there is anybody behind it.

    `index` is the key: the blind index of an SSN for recovery, what `agency.recovery_records` makes for
    registration. `closed_at` is set once there were too many; only staff open it again.
    """

    index: str
    failures: tuple[datetime, ...] = ()
    closed_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it waits for staff."""
        return self.closed_at is not None

    def failures_left(self, policy: RecoveryPolicy, now: datetime) -> int:
        """How many more failures close it; 0 once it is closed."""
        counted = len(within(self.failures, policy.window, now))
        return 0 if self.is_closed else max(0, policy.failure_limit - counted)

    def counted(self, policy: RecoveryPolicy, now: datetime) -> "RecoveryThrottle":
        """Count one failure; one too many closes."""
        failures = (*within(self.failures, policy.window, now), now)
        closed_at = now if len(failures) >= policy.failure_limit else None
        return attrs.evolve(self, failures=failures, closed_at=closed_at)

    def after_failure(
        self, account: Account | None, policy: RecoveryPolicy, now: datetime
    ) -> tuple["RecoveryThrottle", tuple[Event, ...]]:
        """Count one failed recovery; `account` is whose SSN it is, if anybody's."""
        counted = self.counted(policy, now)
        account_id = account.account_id if account else None
        closed = RecoveryClosed(account_id, len(counted.failures))
        return counted, (closed,) if counted.is_closed else ()
