"""Schedule: which job is due, and how long until the next one is.

Decides when a job is due again: at once where there is more to do, after its interval where it is done, and
where it failed after a pause that grows with each failure in a row. Invariants: a job has one round at a
time; one job's failure moves no other; nothing here reads a clock: instants are what a steady one shows.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import attrs

from dcss_core.ports.observer import Severity
from dcss_core.running.job import Job, JobRound

FIRST_PAUSE: Final = timedelta(seconds=10)
"""The pause after a first failure, where the interval is longer."""
LONGEST_PAUSE: Final = timedelta(minutes=1)
"""The longest pause after what may work the next time, so that an agency is itself soon after an outage."""
_MOST_DOUBLINGS: Final = 30


@attrs.frozen
class Turn:
    """When a job is due; `due` is None while a round of it is at work, and where it has none left."""

    interval: timedelta
    due: timedelta | None
    failures: int = 0
    is_at_work: bool = False

    def after(self, ended: JobRound, now: timedelta, *, repeats: bool) -> "Turn":
        """The turn after a round."""
        is_fine = ended.severity is Severity.FINE
        failures = 0 if is_fine else self.failures + 1
        if is_fine and ended.is_more:
            due: timedelta | None = now
        elif not repeats:
            due = None
        else:
            due = now + (self.interval if is_fine else self._pause(ended.severity, failures))
        return attrs.evolve(self, due=due, failures=failures, is_at_work=False)

    def _pause(self, severity: Severity, failures: int) -> timedelta:
        # What somebody has to look at is not tried each minute for days.
        longest = LONGEST_PAUSE if severity is Severity.BUSY else max(LONGEST_PAUSE, self.interval)
        first = min(self.interval, FIRST_PAUSE)
        return min(longest, first * (1 << min(failures - 1, _MOST_DOUBLINGS)))


@attrs.frozen
class Schedule:
    """The turns of some jobs; where it does not `repeat`, each job is done once, with all that there is."""

    turns: Mapping[Job, Turn]
    repeats: bool = True

    @classmethod
    def beginning(
        cls, intervals: Mapping[Job, timedelta], now: timedelta, *, repeats: bool = True
    ) -> "Schedule":
        """All jobs are due at once."""
        return cls({job: Turn(intervals[job], now) for job in sorted(intervals)}, repeats)

    def due(self, now: timedelta) -> tuple[Job, ...]:
        """The jobs to begin now, the one that has waited longest first."""
        waiting = [(turn.due, job) for job, turn in self.turns.items() if turn.due is not None]
        return tuple(job for due, job in sorted(waiting) if due <= now)

    def until_next(self, now: timedelta) -> timedelta | None:
        """How long until a job is due; None where that depends on one that is at work, or none is left."""
        dues = [turn.due for turn in self.turns.values() if turn.due is not None]
        return max(min(dues) - now, timedelta()) if dues else None

    def with_begun(self, job: Job) -> "Schedule":
        """The schedule while a round of this job is at work."""
        turn = attrs.evolve(self.turns[job], due=None, is_at_work=True)
        return attrs.evolve(self, turns={**self.turns, job: turn})

    def with_ended(self, ended: JobRound, now: timedelta) -> "Schedule":
        """The schedule after a round."""
        turn = self.turns[ended.job].after(ended, now, repeats=self.repeats)
        return attrs.evolve(self, turns={**self.turns, ended.job: turn})

    @property
    def is_anybody_at_work(self) -> bool:
        """Whether a round is at work."""
        return any(turn.is_at_work for turn in self.turns.values())

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be done."""
        return not self.is_anybody_at_work and all(turn.due is None for turn in self.turns.values())
