"""The schedule: when each job is due, whatever became of it and of the others."""

from datetime import timedelta

import pytest

from dcss_core.ports.observer import Severity
from dcss_core.running import Job
from dcss_core.running.job import JobRound
from dcss_core.running.schedule import Schedule

OUTBOX, SEQUENCER, RETENTION = Job.OUTBOX, Job.SEQUENCER, Job.RETENTION
FINE = Severity.FINE


def seconds(count):
    return timedelta(seconds=count)


@pytest.fixture
def schedule():
    return Schedule.beginning(
        {OUTBOX: seconds(5), SEQUENCER: seconds(1), RETENTION: timedelta(days=1)}, seconds(0)
    )


def after(schedule, job, at, **changes):
    """The schedule after a round that began and ended at an instant."""
    return schedule.with_begun(job).with_ended(JobRound(job, **changes), at)


def failures(schedule, job, count, severity):
    """The pauses after so many failures in a row."""
    now, pauses = seconds(0), []
    for _ in range(count):
        schedule = after(schedule, job, now, outcome="backend", severity=severity)
        pauses.append(schedule.turns[job].due - now)
        now = schedule.turns[job].due
    return [int(pause.total_seconds()) for pause in pauses]


def test_at_first_every_job_is_due(schedule):
    assert schedule.due(seconds(0)) == (SEQUENCER, OUTBOX, RETENTION)
    assert schedule.until_next(seconds(0)) == seconds(0)


def test_a_job_rests_for_its_interval_from_the_end_of_its_round(schedule):
    for job in (OUTBOX, SEQUENCER, RETENTION):
        schedule = after(schedule, job, seconds(100))
    assert schedule.due(seconds(100)) == ()
    assert schedule.until_next(seconds(100)) == seconds(1)
    assert schedule.due(seconds(101)) == (SEQUENCER,)
    assert schedule.due(seconds(105)) == (SEQUENCER, OUTBOX)


def test_who_has_waited_longest_comes_first(schedule):
    schedule = after(schedule, OUTBOX, seconds(0))
    schedule = after(schedule, SEQUENCER, seconds(6))
    assert schedule.due(seconds(60)) == (RETENTION, OUTBOX, SEQUENCER)


def test_a_job_has_one_round_at_a_time(schedule):
    begun = schedule.with_begun(OUTBOX)
    assert OUTBOX not in begun.due(timedelta(days=9))
    assert begun.is_anybody_at_work
    alone = Schedule.beginning({OUTBOX: seconds(5)}, seconds(0)).with_begun(OUTBOX)
    assert alone.until_next(seconds(0)) is None


def test_where_there_is_more_to_do_it_is_done_at_once(schedule):
    assert OUTBOX in after(schedule, OUTBOX, seconds(7), is_more=True).due(seconds(7))


def test_the_pause_after_a_failure_doubles_up_to_a_minute(schedule):
    assert failures(schedule, OUTBOX, 7, Severity.BUSY) == [5, 10, 20, 40, 60, 60, 60]
    assert failures(schedule, SEQUENCER, 8, Severity.BUSY) == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_daily_job_that_failed_does_not_wait_for_tomorrow(schedule):
    assert failures(schedule, RETENTION, 5, Severity.BUSY) == [10, 20, 40, 60, 60]


def test_what_somebody_has_to_look_at_is_tried_ever_more_seldom(schedule):
    pauses = failures(schedule, RETENTION, 40, Severity.BROKEN)
    assert pauses[:5] == [10, 20, 40, 80, 160]
    assert pauses[-1] == 24 * 60 * 60
    assert failures(schedule, OUTBOX, 9, Severity.REFUSED)[-1] == 60


def test_a_round_that_is_fine_forgets_the_failures_before_it(schedule):
    for _ in range(6):
        schedule = after(schedule, OUTBOX, seconds(0), severity=Severity.BUSY)
    schedule = after(schedule, OUTBOX, seconds(0))
    assert failures(schedule, OUTBOX, 1, Severity.BUSY) == [5]


def test_one_job_s_failure_moves_no_other(schedule):
    failed = after(schedule, OUTBOX, seconds(0), severity=Severity.BROKEN)
    assert failed.turns[SEQUENCER] == schedule.turns[SEQUENCER]


def test_a_single_shot_is_over_when_nothing_is_left_of_any_job():
    once = Schedule.beginning({OUTBOX: seconds(5), SEQUENCER: seconds(1)}, seconds(0), repeats=False)
    once = after(once, OUTBOX, seconds(0), is_more=True)
    assert OUTBOX in once.due(seconds(0))
    once = after(once, OUTBOX, seconds(0))
    assert not once.is_over
    once = after(once, SEQUENCER, seconds(0), severity=Severity.BUSY)  # it is not tried again
    assert once.is_over
    assert once.until_next(seconds(0)) is None
