"""The loop: what the schedule says is done, by a clock and by workers that a test moves."""

from datetime import timedelta

import pytest

from dcss_core.ports.observer import Severity
from dcss_core.running import Job, Stopping
from dcss_core.running.job import JobRound
from dcss_core.running.process import run_schedule
from dcss_core.running.schedule import Schedule


class MadeUpTime:
    """A steady clock, and workers who do a round at once and let time pass when nobody works."""

    def __init__(self, until, stopping):
        self.now, self.until, self.stopping = timedelta(), until, stopping
        self.ended, self.begun = [], []

    def steady(self):
        return self.now

    def begin(self, job, work):
        self.begun.append((int(self.now.total_seconds()), job))
        self.ended.append(work())

    def wait(self, longest):
        if self.ended:
            return self.ended.pop(0)
        self.now += longest
        if self.now >= self.until:
            self.stopping.ask()
        return None

    def wake(self):
        pass


@pytest.fixture
def stopping():
    return Stopping()


def done(intervals, work, stopping, until=timedelta(seconds=60)):
    """Run for so long; when each job's rounds began, and the totals."""
    time = MadeUpTime(until, stopping)
    totals = run_schedule(Schedule.beginning(intervals, time.now), work, time, stopping, time.steady)
    return time.begun, totals


def test_each_job_has_its_own_interval(stopping):
    intervals = {Job.OUTBOX: timedelta(seconds=20), Job.SEQUENCER: timedelta(seconds=30)}
    begun, totals = done(intervals, JobRound, stopping)
    assert [at for at, job in begun if job is Job.OUTBOX] == [0, 20, 40]
    assert [at for at, job in begun if job is Job.SEQUENCER] == [0, 30]
    assert [(each.job, each.rounds) for each in totals] == [(Job.SEQUENCER, 2), (Job.OUTBOX, 3)]


def test_a_job_that_fails_stops_no_other_and_is_tried_again(stopping):
    def work(job):
        if job is Job.OUTBOX:
            return JobRound(job, "backend", Severity.BUSY)
        return JobRound(job, counts={"numbered": 2})

    intervals = {Job.OUTBOX: timedelta(seconds=5), Job.SEQUENCER: timedelta(seconds=10)}
    begun, totals = done(intervals, work, stopping)
    assert [at for at, job in begun if job is Job.OUTBOX] == [0, 5, 15, 35]
    assert [at for at, job in begun if job is Job.SEQUENCER] == [0, 10, 20, 30, 40, 50]
    sequencer, outbox = totals
    assert (sequencer.failed, sequencer.counts) == (0, {"numbered": 12})
    assert (outbox.rounds, outbox.failed, outbox.last_outcome) == (4, 4, "backend")


def test_who_is_asked_to_stop_begins_nothing_more(stopping):
    def work(job):
        stopping.ask()
        return JobRound(job, is_more=True)

    begun, totals = done({Job.OUTBOX: timedelta(seconds=5), Job.CHARGING: timedelta(days=1)}, work, stopping)
    assert len(begun) == 1
    assert sum(each.rounds for each in totals) == 1  # and what was at work is counted


def test_who_was_asked_before_it_began_does_nothing(stopping):
    stopping.ask()
    assert done({Job.OUTBOX: timedelta(seconds=5)}, JobRound, stopping) == ([], ())


def test_what_breaks_the_process_is_raised(stopping):
    class Broken(MadeUpTime):
        def begin(self, job, work):
            self.ended.append(MemoryError())

    time = Broken(timedelta(seconds=1), stopping)
    with pytest.raises(MemoryError):
        run_schedule(
            Schedule.beginning({Job.OUTBOX: timedelta(seconds=1)}, time.now),
            JobRound,
            time,
            stopping,
            time.steady,
        )
