"""Rounds: one round of each job, as a value whatever happens.

Decides how much a round does and what it counts. Invariants: an error is an outcome, told by its code and not
by its words; whoever stops the process waits for one round at most, and for one case of the charging.
"""

from collections.abc import Callable, Mapping
from typing import Final

from dcss_core.agency.agency import Agency
from dcss_core.agency.work.deadline import StoppedBetweenSteps, stopping_between_steps
from dcss_core.audit.actor import Actor
from dcss_core.base.pages import LONGEST_PAGE
from dcss_core.letters.outgoing.dispatch_report import WaitReason
from dcss_core.ports.observer import INCOMPLETE, Observable, Severity, begun, ended, outcome_of
from dcss_core.running.job import Job, JobRound

STOPPED: Final = "stopped"
_LETTERS: Final = 20
"""Letters of one round: as many time-outs of a channel that is away are waited for."""
_RECORDS: Final = 5_000
"""Records that one round deletes, in some ten transactions."""


def round_of(agency: Agency, job: Job, is_to_stop: Callable[[], bool]) -> JobRound:
    """Do one round of a job, and tell the agency's observers of it."""
    observed = begun(agency.observer, Observable.JOB, job.value)
    try:
        with stopping_between_steps(is_to_stop):
            done = _ROUNDS[job](agency)
    except MemoryError:
        raise
    except StoppedBetweenSteps:
        done = JobRound(job, STOPPED)
    except Exception as error:
        done = JobRound(job, *outcome_of(error))
    ended(observed, done.outcome, done.severity, counts=done.counts)
    return done


def _done(job: Job, counts: Mapping[str, int], *, failed: bool, is_more: bool = False) -> JobRound:
    if failed:
        return JobRound(job, INCOMPLETE, Severity.BUSY, counts, is_more)
    return JobRound(job, counts=counts, is_more=is_more)


def _charging(agency: Agency) -> JobRound:
    cases = agency.payments.charge(by=Actor.system("charging"))
    return _done(Job.CHARGING, {"cases": cases}, failed=False)


def _sequencer(agency: Agency) -> JobRound:
    report = agency.audit.sequence(by=Actor.system("audit"))
    return _done(Job.SEQUENCER, {"numbered": report.numbered}, failed=False)


def _subscriptions(agency: Agency) -> JobRound:
    reports = agency.subscriptions.dispatch(by=Actor.system("dispatch"))
    failed = sum(each.failure is not None for each in reports)
    counts = {"events": sum(each.events for each in reports), "failed": failed}
    is_more = any(each.events >= LONGEST_PAGE for each in reports)
    return _done(Job.SUBSCRIPTIONS, counts, failed=failed > 0, is_more=is_more)


def _reminders(agency: Agency) -> JobRound:
    return _done(
        Job.REMINDERS, {"letters": agency.credentials.remind(by=Actor.system("reminders"))}, failed=False
    )


def _idleness(agency: Agency) -> JobRound:
    report = agency.oversight.disable_idle(by=Actor.system("idleness"))
    return _done(Job.IDLENESS, {"warned": report.warned, "disabled": report.disabled}, failed=False)


def _outbox(agency: Agency) -> JobRound:
    report = agency.outbox.dispatch(by=Actor.system("dispatch"), limit=_LETTERS)
    counts = {"delivered": report.delivered, "put_off": report.failed, "given_up": report.dead}
    is_more = report.why_waiting is WaitReason.OVER_THE_LIMIT
    # One address that is wrong is no failure of the channel; where nothing got through, it is looked at.
    nothing_got_through = not report.delivered and report.failed + report.dead > 0
    return _done(Job.OUTBOX, counts, failed=nothing_got_through, is_more=is_more)


def _checkpoints(agency: Agency) -> JobRound:
    report = agency.audit.publish_if_due(by=Actor.system("audit"))
    failed = sum(each.failure is not None for each in report.sinks)
    counts = {"signed": len(report.sinks) - failed, "failed": failed}
    if report.refusal is not None:  # the log lacks what no permitted pruning took
        return JobRound(Job.CHECKPOINTS, INCOMPLETE, Severity.BROKEN, counts)
    return _done(Job.CHECKPOINTS, counts, failed=not report.is_held)


def _retention(agency: Agency) -> JobRound:
    report = agency.retention.apply(by=Actor.system("retention"), at_most=_RECORDS)
    return _done(Job.RETENTION, {"deleted": report.records}, failed=False, is_more=not report.is_complete)


_ROUNDS: Final[Mapping[Job, Callable[[Agency], JobRound]]] = {
    Job.CHARGING: _charging,
    Job.SEQUENCER: _sequencer,
    Job.SUBSCRIPTIONS: _subscriptions,
    Job.REMINDERS: _reminders,
    Job.IDLENESS: _idleness,
    Job.OUTBOX: _outbox,
    Job.CHECKPOINTS: _checkpoints,
    Job.RETENTION: _retention,
}
