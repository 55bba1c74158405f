"""Health: all checks of one agency at one instant.

Invariant: the whole stands as its worst part does.
"""

from collections.abc import Iterable
from datetime import datetime

import attrs

from dcss_core.base.records.invariants import check_invariants
from dcss_core.health.check import HealthCheck, HealthStatus


@attrs.frozen
class Health:
    """Whether an agency works as it should, as a health endpoint answers it; `checks` say what does not.

    Where the storage does not answer, nothing else was looked at.
    """

    status: HealthStatus
    as_of: datetime
    checks: tuple[HealthCheck, ...]

    def __attrs_post_init__(self) -> None:
        check_invariants(self, (self.status is _worst(self.checks), "it stands as its worst check does"))

    @classmethod
    def of(cls, checks: Iterable[HealthCheck], as_of: datetime) -> "Health":
        """What the checks come to."""
        looked = tuple(checks)
        return cls(_worst(looked), as_of, looked)

    @property
    def is_ok(self) -> bool:
        """Whether nothing is to be done."""
        return self.status is HealthStatus.OK

    def __str__(self) -> str:
        return "\n  ".join([self.status.value, *map(str, self.checks)])


def _worst(checks: tuple[HealthCheck, ...]) -> HealthStatus:
    return max((each.status for each in checks), default=HealthStatus.OK)
