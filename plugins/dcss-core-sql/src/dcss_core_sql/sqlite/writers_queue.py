"""WritersQueue: which transaction of this process writes next.

Decides who waits for whom: first come, first served. SQLite's own lock decides between processes and keeps
the file sound; this queue only spares the threads of one process polling for it. Invariants: the first
claim in the queue is the one that writes; each step is one call of C, so that nothing an interrupt may
leave half done; a claim whose block is gone is dropped by whoever waits behind it, and a wake-up that was
lost costs no more than a pause.
"""

import sqlite3
import weakref
from collections import deque
from threading import Lock
from time import monotonic
from typing import Final, Protocol

from dcss_core_sql.sqlite.failures import busy

_PAUSE_SECONDS: Final = 0.05


class Spoilable(Protocol):
    """Whoever holds a claim: a block, whose transaction may have to end before its time."""

    def spoil(self, failure: Exception) -> None:
        """Let every call of the transaction, and leaving the block, raise this from now on."""


class Claim(weakref.ref[Spoilable]):
    """What the block of one transaction holds: a place in the queue, a connection.

    It doesn't keep the block alive, and calls `abandoned` with itself when the block is gone and the claim
    is still kept: then the block was never left, because an interrupt came while it was entered or left.
    """

    gate: "Lock | None" = None
    cursor: sqlite3.Cursor | None = None
    is_queued = False


class WritersQueue:
    """The claims to write, in the order they came."""

    def __init__(self) -> None:
        self._claims: deque[Claim] = deque()

    def enter(self, claim: Claim, deadline: float) -> None:
        """Wait until it is this claim's turn; raises BackendError, retryable, when the time is over.

        The deadline is one of `time.monotonic`. Whatever it raises, the claim leaves the queue by `leave`.
        """
        claim.is_queued = True
        self._claims.append(claim)
        if self._claims[0] is claim:
            return
        gate = claim.gate = Lock()
        gate.acquire()
        while not self._is_first(claim):
            left = deadline - monotonic()
            if left <= 0:
                raise busy()
            gate.acquire(timeout=min(left, _PAUSE_SECONDS))

    def leave(self, claim: Claim) -> None:
        """Give the turn to whoever comes next; does nothing for a claim that is not in the queue."""
        try:
            self._claims.remove(claim)
            gate = self._claims[0].gate
            if gate is not None:
                gate.release()
        except (ValueError, IndexError, RuntimeError):
            pass  # it had left; nobody waits; or who waits was woken already

    def _is_first(self, claim: Claim) -> bool:
        while (first := self._claims[0]) is not claim and first() is None:
            self.leave(first)
        return first is claim
