"""Reading an agency's health: is the storage there, and what waits for how long.

Decides what is read of each. Invariants: whatever fails is a check that says so and never an exception;
each check reads a bounded number of records; nobody who writes is waited for, nor kept waiting.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import Final

from dcss_core.agency.audit.publishing import held_by
from dcss_core.agency.audit.reading import entry_at
from dcss_core.agency.audit.sequencing import merge_delay
from dcss_core.agency.filing.letters import OUTBOX, OWED_LETTERS
from dcss_core.agency.sending.subscriptions import SUBSCRIBER_POSITIONS
from dcss_core.agency.work.database_mark import AGENCY_IDENTITY
from dcss_core.agency.work.deadline import steady_time
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.reading import log_size
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.checkpoint_interval import CheckpointInterval
from dcss_core.errors import DcssError, InvariantError
from dcss_core.health.check import HealthCheck, HealthStatus, HealthSubject, failing, judged
from dcss_core.health.report import Health
from dcss_core.letters.outgoing.outbox_message import MessageState
from dcss_core.ports.checkpoint_sink import CheckpointSink

_LEAST_PATIENCE: Final = timedelta(seconds=1)


def health_of(
    resources: Resources,
    subscribers: Iterable[str],
    sinks: Mapping[str, CheckpointSink],
    *,
    outbox: timedelta,
    subscription: timedelta,
) -> Health:
    """How the agency stands, by how old a letter that is due and an event that is not taken may be."""
    checks = [_tried(HealthSubject.STORAGE, None, lambda: _storage(resources))]
    if checks[0].status is not HealthStatus.FAILING:
        checks += _all_others(resources, subscribers, sinks, outbox, subscription)
    return Health.of(checks, resources.now())


def _all_others(
    resources: Resources,
    subscribers: Iterable[str],
    sinks: Mapping[str, CheckpointSink],
    outbox: timedelta,
    subscription: timedelta,
) -> Iterator[HealthCheck]:
    def read(look: Callable[[UnitOfWork], HealthCheck]) -> Callable[[], HealthCheck]:
        return partial(resources.read, look)

    yield _tried(HealthSubject.AUDIT_LOG, None, partial(_audit_log, resources))
    yield _tried(HealthSubject.OUTBOX, None, read(partial(_outbox, limit=outbox)))
    for name in sorted(subscribers):
        look = partial(_subscription, name=name, limit=subscription)
        yield _tried(HealthSubject.SUBSCRIPTION, name, read(look))
    for name, sink in sorted(sinks.items()):
        yield _tried(HealthSubject.CHECKPOINT, name, partial(_checkpoint, resources, name, sink))


def _tried(subject: HealthSubject, name: str | None, look: Callable[[], HealthCheck]) -> HealthCheck:
    try:
        return look()
    except DcssError as error:  # its text may name what is stored; its code does not
        return failing(subject, error.code, name=name)


def _storage(resources: Resources) -> HealthCheck:
    began = steady_time()
    resources.read(lambda work: work.find(AGENCY_IDENTITY, ("name",), limit=1))
    patience = max(timedelta(seconds=resources.storage.busy_seconds), _LEAST_PATIENCE)
    return judged(HealthSubject.STORAGE, steady_time() - began, patience)


def _audit_log(resources: Resources) -> HealthCheck:
    resources.number_what_waits(waits=False)
    delay = merge_delay(resources)
    if delay.failure is not None or resources.why_not_numbered is not None:
        return failing(HealthSubject.AUDIT_LOG, InvariantError.code)
    age = None if delay.oldest is None else delay.as_of - delay.oldest
    return judged(HealthSubject.AUDIT_LOG, age, delay.limit)


def _outbox(work: UnitOfWork, limit: timedelta) -> HealthCheck:
    due = work.find(OUTBOX, ("state", "due_at"), (MessageState.PENDING,), at_most=work.now, limit=1)
    owed = work.find(OWED_LETTERS, ("owed_at",), at_most=work.now, limit=1)
    since = [*(kept.record.due_at for kept in due), *(kept.record.owed_at for kept in owed)]
    return judged(HealthSubject.OUTBOX, work.now - min(since) if since else None, limit)


def _subscription(work: UnitOfWork, name: str, limit: timedelta) -> HealthCheck:
    kept = work.get(SUBSCRIBER_POSITIONS, name)
    return _behind(work, HealthSubject.SUBSCRIPTION, name, kept.record.sequence if kept else 0, limit)


def _checkpoint(resources: Resources, name: str, sink: CheckpointSink) -> HealthCheck:
    held = held_by(resources, sink)
    if held.failure is not None:
        return failing(HealthSubject.CHECKPOINT, InvariantError.code, name=name)

    def look(work: UnitOfWork) -> HealthCheck:
        # twice the time after which the job publishes, so that its next round comes before the alarm
        limit = 2 * CheckpointInterval.from_rules(work.rules).age
        return _behind(work, HealthSubject.CHECKPOINT, name, held.size, limit)

    return resources.read(look)


def _behind(
    work: UnitOfWork, subject: HealthSubject, name: str, reached: int, limit: timedelta
) -> HealthCheck:
    """The check of whoever has so many entries of the log."""
    size = log_size(work)
    if reached > size:
        return failing(subject, InvariantError.code, name=name)
    age = work.now - entry_at(work, reached + 1).at if reached < size else None
    return judged(subject, age, limit, name=name, behind=size - reached)
