"""FrozenClock: a clock that stands still until it is told to move."""

from datetime import datetime, timedelta

import attrs

from dcss_core.errors import Fault, InvalidInputError


@attrs.define
class FrozenClock:
    """Gives one instant, aware and in UTC, until it is moved; raises InvalidInputError for another kind."""

    instant: datetime

    def __attrs_post_init__(self) -> None:
        if self.instant.utcoffset() != timedelta(0):
            raise InvalidInputError(
                "a clock gives aware instants in UTC",
                faults=[Fault("instant", self.instant.isoformat(), "as 2026-01-07T15:00:00+00:00")],
            )

    def now(self) -> datetime:
        """The instant."""
        return self.instant

    def move(self, **by: int) -> None:
        """Move on (or back) by so much, as `clock.move(hours=2)`."""
        self.instant += timedelta(**by)
