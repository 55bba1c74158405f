"""run_jobs(): the jobs of an agency, in one process, until somebody asks it to stop.

Decides what is done about what the schedule says. Invariants: a job that fails stops no other; whoever asks
to stop waits for the rounds that are at work, and for no other; several such processes on one agency do
nothing twice, for that each verb sees to itself.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

import attrs

from dcss_core.agency.agency import Agency
from dcss_core.agency.work.deadline import steady_time
from dcss_core.errors import ConfigurationError, Fault
from dcss_core.running.job import INTERVALS, Job, JobRound, JobTotal, with_round
from dcss_core.running.rounds import round_of
from dcss_core.running.schedule import Schedule
from dcss_core.running.workers import InTurn, ThreadPerRound, Workers

_SHORTEST: Final = timedelta(milliseconds=100)


@attrs.define(eq=False)
class Stopping:
    """How a process that runs jobs is asked to stop: `stopping.ask()`, by a thread or a signal's handler."""

    _is_asked: bool = attrs.field(default=False, init=False)
    _workers: Workers | None = attrs.field(default=None, init=False)

    def ask(self) -> None:
        """Have no round begun any more; those at work end, and then `run_jobs` does."""
        self._is_asked = True
        if self._workers is not None:
            self._workers.wake()

    @property
    def is_asked(self) -> bool:
        """Whether somebody asked."""
        return self._is_asked


def run_jobs(
    agency: Agency,
    *,
    jobs: Iterable[Job] = tuple(Job),
    intervals: Mapping[Job, timedelta] | None = None,
    once: bool = False,
    stopping: Stopping | None = None,
) -> tuple[JobTotal, ...]:
    """Run the jobs of an agency until `stopping` is asked to, each after the interval given or its own.

    With `once` each is done to its end, one after another, and that is all. A round that fails is told to the
    agency's observers and tried again after a pause that grows; it is no reason to end. Each round runs in a
    thread of its own. Raises ConfigurationError for no job, what is none, or an interval of less than a tenth
    of a second.
    """
    stop = stopping or Stopping()
    schedule = Schedule.beginning(_chosen(jobs, intervals or {}), steady_time(), repeats=not once)

    def round_of_agency(job: Job) -> JobRound:
        return round_of(agency, job, lambda: stop.is_asked)

    return run_schedule(schedule, round_of_agency, InTurn() if once else ThreadPerRound(), stop)


def run_schedule(
    schedule: Schedule,
    work: Callable[[Job], JobRound],
    workers: Workers,
    stopping: Stopping,
    steady: Callable[[], timedelta] = steady_time,
) -> tuple[JobTotal, ...]:
    """Have workers do what a schedule says, until it is over or somebody asks to stop; what was done."""
    stopping._workers = workers
    totals: dict[Job, JobTotal] = {}
    while not schedule.is_over:
        now = steady()
        for job in schedule.due(now):
            if not stopping.is_asked:
                schedule = schedule.with_begun(job)
                workers.begin(job, partial(work, job))
        if stopping.is_asked and not schedule.is_anybody_at_work:
            break
        ended = workers.wait(None if stopping.is_asked else schedule.until_next(now))
        if isinstance(ended, BaseException):
            raise ended
        if ended is not None:
            schedule = schedule.with_ended(ended, steady())
            totals = with_round(totals, ended)
    return tuple(totals[job] for job in sorted(totals))


def _chosen(jobs: Iterable[Job], intervals: Mapping[Job, timedelta]) -> dict[Job, timedelta]:
    chosen: dict[Job, timedelta] = {}
    faults = []
    for job in jobs:
        if not isinstance(job, Job):
            faults.append(Fault("jobs", f"a {type(job).__name__}", "a Job"))
            continue
        interval = chosen[job] = intervals.get(job, INTERVALS[job])
        if not isinstance(interval, timedelta) or interval < _SHORTEST:
            faults.append(Fault(f"intervals[{job}]", str(interval), f"a timedelta of {_SHORTEST} or more"))
    if not chosen and not faults:
        faults.append(Fault("jobs", "none", f"some of {', '.join(job.value for job in Job)}"))
    if faults:
        raise ConfigurationError("the jobs can't be run like this", faults=faults)
    return chosen
