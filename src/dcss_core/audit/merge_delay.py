"""MergeDelay: how long an entry may wait for its number, and how long the oldest does.

Decides when waiting is an alarm (the maximum merge delay of a sequenced log, as RFC 9162 §4.1 has one).
Invariant: the limit is positive; by a clock that is behind nothing is late.
"""

from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce

_SECONDS: Final = "audit.merge_delay_seconds"


@attrs.frozen
class MergeDelay:
    """So many acts wait, the oldest since an instant (None where none waits), and may for so long.

    An act is all entries that one verb wrote at once: they wait and are numbered together.
    `failure` says why this process could not number them the last time it tried.
    """

    waiting: int
    oldest: datetime | None
    limit: timedelta
    as_of: datetime
    failure: str | None = None

    @property
    def is_kept(self) -> bool:
        """Whether nothing waits longer than it may; if not, look after the job that numbers the log."""
        return self.failure is None and (self.oldest is None or self.as_of - self.oldest <= self.limit)


def longest_merge_delay(rules: RulesInForce) -> timedelta:
    """The longest an entry may wait for its number; raises RulesError for no time at all."""
    seconds = rules.integer(_SECONDS)
    if seconds < 1:
        raise RulesError(
            "every entry waits for a moment", faults=[Fault(_SECONDS, shown_number(seconds), "1 or more")]
        )
    return timedelta(seconds=seconds)
