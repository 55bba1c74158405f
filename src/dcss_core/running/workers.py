"""Workers: who does the rounds, and how the process learns that one has ended.

Invariants: whatever becomes of a round, it is told that it ended; what is told wakes whoever waits, also from
the handler of a signal.
"""

import threading
from collections.abc import Callable
from datetime import timedelta
from queue import Empty, SimpleQueue
from typing import Protocol

import attrs

from dcss_core.running.job import Job, JobRound


class Workers(Protocol):
    """Does rounds and says which one ended."""

    def begin(self, job: Job, work: Callable[[], JobRound]) -> None:
        """Have a round done."""
        ...

    def wait(self, longest: timedelta | None) -> JobRound | BaseException | None:
        """The next round that ended, or what broke it; None when the time is over, or somebody woke it."""
        ...

    def wake(self) -> None:
        """Have whoever waits look again."""
        ...


@attrs.frozen
class ThreadPerRound:
    """Does each round in a thread of its own, so that a long job keeps no other waiting."""

    _ended: "SimpleQueue[JobRound | BaseException | None]" = attrs.field(factory=SimpleQueue, init=False)

    def begin(self, job: Job, work: Callable[[], JobRound]) -> None:
        """Start a thread, which a process that is told twice to end does not wait for."""

        def run() -> None:
            try:
                ended: JobRound | BaseException = work()
            except BaseException as broken:
                ended = broken
            self._ended.put(ended)

        threading.Thread(target=run, name=f"dcss {job.value}", daemon=True).start()

    def wait(self, longest: timedelta | None) -> JobRound | BaseException | None:
        """Wait for a round, or to be woken."""
        try:
            return self._ended.get(timeout=None if longest is None else longest.total_seconds())
        except Empty:
            return None

    def wake(self) -> None:
        """Put nothing into the queue, which a handler of a signal may do."""
        self._ended.put(None)


@attrs.frozen
class InTurn:
    """Does each round at once, in the thread that asks, one after another: for a single shot."""

    _ended: "SimpleQueue[JobRound | BaseException | None]" = attrs.field(factory=SimpleQueue, init=False)

    def begin(self, job: Job, work: Callable[[], JobRound]) -> None:
        """Do it."""
        self._ended.put(work())

    def wait(self, longest: timedelta | None) -> JobRound | BaseException | None:
        """What was done; nothing is waited for."""
        return self._ended.get() if not self._ended.empty() else None

    def wake(self) -> None:
        """Nobody waits."""
