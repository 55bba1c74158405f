"""RecoveryThrottle: how wrong particulars close recovery for one SSN until staff act.

Decides from the failures on the number's blind index alone, so that a number nobody has closes just like
a real one. Invariants: both ways in that take an SSN (the security questions and the forgotten user id)
count together; nothing here touches sign-in or a code that was issued, so that closing it keeps nobody
out who holds a password or a code; a clock that steps back forgets no failure.
"""

from datetime import datetime

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account
from dcss_core.users.events import RecoveryClosed
from dcss_core.users.lockout import within
from dcss_core.users.recovery_policy import RecoveryPolicy


@attrs.frozen
class RecoveryThrottle:
    """Failures for one SSN, by its blind index, whether or not anybody has that number.

    `closed_at` is set once there were too many; only staff open recovery again.
    """

    index: str
    failures: tuple[datetime, ...] = ()
    closed_at: datetime | None = None

    @property
    def is_closed(self) -> bool:
        """Whether recovery waits for staff."""
        return self.closed_at is not None

    def failures_left(self, policy: RecoveryPolicy, now: datetime) -> int:
        """How many more failures close recovery; 0 once it is closed."""
        counted = len(within(self.failures, policy.window, now))
        return 0 if self.is_closed else max(0, policy.failure_limit - counted)

    def after_failure(
        self, account: Account | None, policy: RecoveryPolicy, now: datetime
    ) -> tuple["RecoveryThrottle", tuple[Event, ...]]:
        """Count one failure; `account` is whose SSN it is, if anybody's."""
        failures = (*within(self.failures, policy.window, now), now)
        counted = attrs.evolve(self, failures=failures)
        if len(failures) < policy.failure_limit:
            return counted, ()
        account_id = account.account_id if account else None
        return attrs.evolve(counted, closed_at=now), (RecoveryClosed(account_id, len(failures)),)
