"""HealthCheck: one thing that is looked at to see whether an agency works as it should.

Decides when something is late. Invariants: a check holds ages, counts and codes, and nothing of a person; by
a clock that is behind nothing is late.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

import attrs

from dcss_core.base.ordered_enum import OrderedEnum


class HealthStatus(OrderedEnum):
    """How something stands; the first is the best."""

    OK = "ok"
    LATE = "late"
    FAILING = "failing"


class HealthSubject(OrderedEnum):
    """What is looked at."""

    STORAGE = "storage"
    AUDIT_LOG = "audit_log"
    OUTBOX = "outbox"
    SUBSCRIPTION = "subscription"
    CHECKPOINT = "checkpoint"


_SECOND: Final = timedelta(seconds=1)
_LATE: Final[Mapping[HealthSubject, str]] = {
    HealthSubject.STORAGE: "The storage is slow; look after it.",
    HealthSubject.AUDIT_LOG: "Entries of the audit log wait for numbers; does the job `sequencer` run?",
    HealthSubject.OUTBOX: "Letters that are due were not tried; does the job `outbox` run, with a channel?",
    HealthSubject.SUBSCRIPTION: "A subscriber is behind; does the job `subscriptions` run, and what does its "
    "round say of the subscriber?",
    HealthSubject.CHECKPOINT: "A sink has no checkpoint of the latest entries; does the job `checkpoints` "
    "run?",
}
_FAILING: Final[Mapping[HealthSubject, str]] = {
    HealthSubject.STORAGE: "The storage does not answer; look after it. Nothing else was looked at.",
    HealthSubject.AUDIT_LOG: "The audit log can't be read or numbered; call agency.audit.merge_delay(by=…) "
    "to see why, and keep the database as it is.",
    HealthSubject.OUTBOX: "The outbox can't be read; look after the storage and the key file.",
    HealthSubject.SUBSCRIPTION: "How far a subscriber is can't be read; call agency.audit.verify(by=…).",
    HealthSubject.CHECKPOINT: "A sink can't be read, or the log contradicts what it holds; call "
    "agency.audit.publish_if_due(by=…) to see why.",
}


@attrs.frozen
class HealthCheck:
    """How one thing stands: how old the oldest is that waits, and how old it may be.

    `age_seconds` is None where nothing waits or it can't be told. `name` is the subscriber's or sink's, where
    there are several; `behind` so many entries of the log; `code` that of the error of what is failing.
    """

    subject: HealthSubject
    status: HealthStatus
    age_seconds: int | None = None
    limit_seconds: int | None = None
    name: str | None = None
    behind: int | None = None
    code: str | None = None

    @property
    def sentence(self) -> str:
        """What to do, for whoever runs the agency; nothing where nothing is to be done."""
        if self.status is HealthStatus.OK:
            return ""
        return (_LATE if self.status is HealthStatus.LATE else _FAILING)[self.subject]

    def __str__(self) -> str:
        named = self.subject.value if self.name is None else f"{self.subject.value} {self.name}"
        age = "" if self.age_seconds is None else f", {self.age_seconds} s of {self.limit_seconds} s"
        behind = f", {self.behind} entries behind" if self.behind else ""
        code = "" if self.code is None else f", {self.code}"
        advice = f". {self.sentence}" if self.sentence else ""
        return f"{named}: {self.status.value}{age}{behind}{code}{advice}"


def judged(
    subject: HealthSubject,
    age: timedelta | None,
    limit: timedelta,
    *,
    name: str | None = None,
    behind: int | None = None,
) -> HealthCheck:
    """The check of something whose oldest has waited for so long, None where nothing waits."""
    waited = None if age is None else max(age, timedelta())
    return HealthCheck(
        subject,
        HealthStatus.OK if waited is None or waited <= limit else HealthStatus.LATE,
        None if waited is None else waited // _SECOND,
        limit // _SECOND,
        name=name,
        behind=behind,
    )


def failing(subject: HealthSubject, code: str, *, name: str | None = None) -> HealthCheck:
    """The check of something that can't be told."""
    return HealthCheck(subject, HealthStatus.FAILING, name=name, code=code)
