"""Job: what has to be done again and again, how often, and what one round of it did.

Decides how long a job rests when nothing else is said, and what a round's outcome asks of the next one.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import attrs

from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.printable import counted
from dcss_core.ports.observer import OK, Severity


class Job(OrderedEnum):
    """The jobs of an agency, in the order in which a single shot does them."""

    CHARGING = "charging"
    """What falls due is charged (`payments.charge`)."""
    SEQUENCER = "sequencer"
    """Entries of the audit log get their numbers (`audit.sequence`)."""
    SUBSCRIPTIONS = "subscriptions"
    """Subscribers are told (`subscriptions.dispatch`)."""
    REMINDERS = "reminders"
    """Whose password expires soon is written to (`credentials.remind`)."""
    IDLENESS = "idleness"
    """Accounts that nobody uses are disabled, after a letter (`oversight.disable_idle`)."""
    OUTBOX = "outbox"
    """Letters go out (`outbox.dispatch`)."""
    CHECKPOINTS = "checkpoints"
    """The log is signed for its sinks (`audit.publish_if_due`)."""
    RETENTION = "retention"
    """What nobody needs any more is deleted (`retention.apply`)."""


INTERVALS: Final[Mapping[Job, timedelta]] = {
    Job.CHARGING: timedelta(days=1),
    Job.SEQUENCER: timedelta(seconds=1),
    Job.SUBSCRIPTIONS: timedelta(seconds=5),
    Job.REMINDERS: timedelta(days=1),
    Job.IDLENESS: timedelta(days=1),
    Job.OUTBOX: timedelta(seconds=5),
    Job.CHECKPOINTS: timedelta(minutes=5),
    Job.RETENTION: timedelta(days=1),
}
"""How long each job rests after a round, unless somebody says otherwise."""


@attrs.frozen
class JobRound:
    """What one round of a job did; `outcome` is "ok", "incomplete", "stopped" or the code of an error.

    `counts` say how many of what; `is_more` that the next round has something to do at once.
    """

    job: Job
    outcome: str = OK
    severity: Severity = Severity.FINE
    counts: Mapping[str, int] = attrs.field(factory=dict)
    is_more: bool = False


@attrs.frozen
class JobTotal:
    """What the rounds of a job did in all; `last_outcome` is that of the last one.

    `failed` counts the rounds that ended otherwise than "ok" or "stopped".
    """

    job: Job
    rounds: int
    failed: int
    last_outcome: str
    counts: Mapping[str, int]

    def __str__(self) -> str:
        nothing = "nothing done" if self.failed else "nothing to do"
        done = ", ".join(counted(count, what) for what, count in self.counts.items() if count) or nothing
        failed = f", {self.failed} not ok" if self.failed else ""
        rounds = counted(self.rounds, "rounds")
        return f"{self.job.value}: {self.last_outcome}, {done} ({rounds}{failed})"


def with_round(totals: Mapping[Job, JobTotal], ended: JobRound) -> dict[Job, JobTotal]:
    """The totals with one more round."""
    total = totals.get(ended.job, JobTotal(ended.job, 0, 0, OK, {}))
    counts = dict(total.counts)
    for what, count in ended.counts.items():
        counts[what] = counts.get(what, 0) + count
    failed = total.failed + (ended.severity is not Severity.FINE)
    return {**totals, ended.job: JobTotal(ended.job, total.rounds + 1, failed, ended.outcome, counts)}
