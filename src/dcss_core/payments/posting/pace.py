"""Pace: how much of a payment file is posted at once, and how long others are let in between.

Decides which paces there can be. More at once is faster and keeps others waiting longer; a pause lets whoever
waits for the database have it, for a waiter that polls is starved by a writer that never rests.
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

_MOST_ENTRIES: Final = 1_000
_LONGEST_PAUSE: Final = 10


@attrs.frozen
class Pace:
    """So many entries in a transaction, and so many seconds until the next; raises InvalidInputError."""

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
