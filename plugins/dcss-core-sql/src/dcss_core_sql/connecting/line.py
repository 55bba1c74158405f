"""Line: which transactions of this process have their turn.

Decides who waits for whom: first come, first served. The database keeps itself sound; this line only spares
the threads of one process polling for a lock, or opening more connections than the server has for them.
Invariants: the first claims in the line, as many as it has places, are the ones that have their turn; each
step is one call of C, so that nothing an interrupt may leave half done; a claim whose block is gone is
dropped by whoever waits behind it, and a wake-up that was lost costs no more than a pause.
"""

import weakref
from collections import deque
from collections.abc import Callable
from itertools import islice
from threading import Lock
from time import monotonic
from typing import Any, Final, Protocol

from dcss_core import errors

_PAUSE_SECONDS: Final = 0.05


class Spoilable(Protocol):
    """Whoever holds a claim: a block, whose transaction may have to end before its time."""

    def spoil(self, failure: Exception) -> None:
        """Let every call of the transaction, and leaving the block, raise this from now on."""


class Claim(weakref.ref[Spoilable]):
    """What the block of one transaction holds: a place in the line, a connection.

    It doesn't keep the block alive, and calls `abandoned` with itself when the block is gone and the claim
    is still kept: then the block was never left, because an interrupt came while it was entered or left.
    `used` is what the connection is used through: it leads to the connection.
    """

    gate: "Lock | None" = None
    used: Any = None
    is_in_line = False


class Line:
    """The claims, in the order they came; the first `places` of them have their turn."""

    def __init__(self, places: int, busy: Callable[[], errors.BackendError]) -> None:
        self._places = places
        self._busy = busy
        self._claims: deque[Claim] = deque()

    def enter(self, claim: Claim, deadline: float) -> None:
        """Wait until it is this claim's turn; raises BackendError, retryable, when the time is over.

        The deadline is one of `time.monotonic`. Whatever it raises, the claim leaves the line by `leave`.
        """
        claim.is_in_line = True
        self._claims.append(claim)
        if self._claims[0] is claim or self._has_its_turn(claim):
            return
        gate = claim.gate = Lock()
        gate.acquire()
        while not self._has_its_turn(claim):
            left = deadline - monotonic()
            if left <= 0:
                raise self._busy()
            gate.acquire(timeout=min(left, _PAUSE_SECONDS))

    def leave(self, claim: Claim) -> None:
        """Give the turn to whoever comes next; does nothing for a claim that is not in the line."""
        try:
            self._claims.remove(claim)
            gate = self._claims[self._places - 1].gate
            if gate is not None:
                gate.release()
        except (ValueError, IndexError, RuntimeError):
            pass  # it had left; nobody waits; or who waits was woken already

    def _has_its_turn(self, claim: Claim) -> bool:
        for first in self._first():
            if first is claim:
                return True
            if first() is None:
                self.leave(first)
        return claim in self._first()

    def _first(self) -> list[Claim]:
        while True:
            try:
                return list(islice(self._claims, self._places))
            except RuntimeError:  # somebody came or left while it was read
                continue
