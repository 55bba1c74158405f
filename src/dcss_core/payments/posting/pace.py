"""Pace: how much of a payment file is posted at once, and how long others are let in between.

Decides which paces there can be, and how many entries the next transaction takes. More at once is faster and
keeps others waiting longer, so a transaction takes what the machine managed in a moment the last time; a
pause lets whoever waits for the database have it, for a waiter that polls is starved by a writer that never
rests.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeAlias

import attrs

from dcss_core.errors import Fault, InvalidInputError

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many entries are done, and of how many."""

PAUSE_SECONDS: Final = timedelta(milliseconds=20).total_seconds()
"""Long enough for a waiter that polls."""

HELD_AT_MOST: Final = timedelta(milliseconds=60)
"""So long a transaction may keep others waiting: somebody who signs in does not notice it."""

_MOST_ENTRIES: Final = 1_000
_AT_FIRST: Final = 20
_FEWEST: Final = 10
_MICROSECOND: Final = timedelta(microseconds=1)
_LONGEST_PAUSE: Final = 10


@attrs.frozen
class Pace:
    """At most so many entries in a transaction, and so many seconds until the next.

    Raises InvalidInputError.
    """

    entries_at_once: int
    pause_seconds: float

    def __attrs_post_init__(self) -> None:
        faults = []
        if not 1 <= self.entries_at_once <= _MOST_ENTRIES:
            faults.append(Fault("entries_at_once", "another number", f"1 to {_MOST_ENTRIES}"))
        if not 0 <= self.pause_seconds <= _LONGEST_PAUSE:
            faults.append(Fault("pause_seconds", "another number", f"0 to {_LONGEST_PAUSE}"))
        if faults:
            raise InvalidInputError("a file can't be received at this pace", faults=faults)

    @property
    def entries_at_first(self) -> int:
        """How many entries the first transaction takes, before it is known how fast the machine is."""
        return min(self.entries_at_once, _AT_FIRST)

    def entries_next(self, entries: int, held: timedelta) -> int:
        """How many entries the next transaction takes, after one of so many held the database for so long.

        At most twice as many, and not under ten however slow the machine is, unless fewer were asked for.
        """
        in_time = entries * HELD_AT_MOST // max(held, _MICROSECOND)
        return min(self.entries_at_once, max(_FEWEST, min(in_time, 2 * entries)))
