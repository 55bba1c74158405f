"""Backoff: how long a unit of work waits before it is tried anew, and who is told of it.

Decides the pauses: twice as long after each attempt, up to a fifth of a second, and a random share of that
shorter, so that units of work that met once do not meet again. Invariant: none ends after the deadline.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import attrs

from dcss_core.agency.work.deadline import Deadline
from dcss_core.errors import DcssError
from dcss_core.ports.randomness import Randomness

_FIRST: Final = timedelta(milliseconds=2)
_LONGEST: Final = timedelta(milliseconds=200)
_DOUBLINGS: Final = 7  # as many as it takes from the first to the longest
_DRAWN_BYTES: Final = 2
_DRAWN_MOST: Final = 1 << (8 * _DRAWN_BYTES)


@attrs.frozen
class Backoff:
    """What waits between the attempts of one unit of work, until its deadline."""

    deadline: Deadline
    randomness: Randomness
    pause: Callable[[float], None]
    retried: Callable[[DcssError, int], None]

    def after(self, error: DcssError, attempt: int) -> None:
        """Tell that the attempt of this number, from 1, failed with this error, and wait before the next."""
        self.retried(error, attempt)
        most = min(_FIRST * (1 << min(attempt - 1, _DOUBLINGS)), _LONGEST)
        drawn = int.from_bytes(self.randomness.token_bytes(_DRAWN_BYTES))
        wait = most - most * drawn // (2 * _DRAWN_MOST)
        left = self.deadline.left
        if left:
            self.pause(min(wait.total_seconds(), left))
