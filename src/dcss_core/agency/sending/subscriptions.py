"""`agency.subscriptions`: tells subscribers what happened.

Decides which events a subscriber has had. Invariants: events are read from the audit log, by their
numbers; a subscriber's position moves only past events it took, so each event reaches it at least once; one
dispatcher feeds it at a time, under a lease, so its events come in order, and a second time only when a
dispatcher died or took longer over one event than the lease lasts; one subscriber's failure stops neither
another nor the agency; an entry that was pruned is passed over.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Door
from dcss_core.agency.work.deadline import renew_patience, verb
from dcss_core.agency.work.lease import LeasedWork, new_holder
from dcss_core.agency.work.records import keep
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.reading import records_after
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.entry_id import EntryId
from dcss_core.audit.feed_report import FeedReport
from dcss_core.audit.log_record import LogRecord
from dcss_core.base.pages import LONGEST_PAGE, check_limit
from dcss_core.errors import DcssError
from dcss_core.ports.subscriber import RecordedEvent, Subscriber


@attrs.frozen
class SubscriberPosition:
    """The number of the last event a subscriber took."""

    subscriber: str
    sequence: int


SUBSCRIBER_POSITIONS: Final = keep(SubscriberPosition, "subscriber_positions", key="subscriber")
# A dispatcher that dies leaves its subscriber to others after this long.
_LEASED_FOR: Final = timedelta(minutes=5)
# One event may take the rest of it, with every wait and every time-out of the subscriber.
_TAKEN_ANEW_AFTER: Final = timedelta(minutes=1)


@attrs.frozen(repr=False)
class Subscriptions:
    """Feeds the subscribers the agency was opened with."""

    _resources: Resources
    _door: Door
    _subscribers: Mapping[str, Subscriber]

    @verb
    def dispatch(self, *, by: Caller, limit: int = LONGEST_PAGE) -> tuple[FeedReport, ...]:
        """Give each subscriber the events it has not had, up to a limit; call it from a job.

        Several dispatchers can run at once: each subscriber is fed by one of them, and the others say so.
        """
        self._door.pass_through("subscriptions.dispatch", by)
        check_limit(limit)
        self._resources.number_what_waits()
        return tuple(
            _Feeding(self._resources, name, subscriber, limit).run()
            for name, subscriber in sorted(self._subscribers.items())
        )


@attrs.define
class _Feeding:
    """One round of one subscriber, which keeps its lease as long as it goes on."""

    _resources: Resources
    _name: str
    _subscriber: Subscriber
    _limit: int
    _holder: str = attrs.field(init=False)
    _taken_at: datetime = attrs.field(init=False)

    def run(self) -> FeedReport:
        renew_patience()  # however long others took, this one waits as if it were the first
        if not self._resources.read(self._waiting):
            return FeedReport(self._name, 0)
        self._holder = new_holder(self._resources.randomness)
        waiting = self._resources.write(self._begin)
        if waiting is None:
            return FeedReport(self._name, 0, is_at_work_elsewhere=True)
        return self._give(waiting)

    @property
    def _work(self) -> LeasedWork:
        return LeasedWork(f"subscriber/{self._name}", _LEASED_FOR)

    def _waiting(self, work: UnitOfWork) -> list[LogRecord]:
        kept = work.get(SUBSCRIBER_POSITIONS, self._name)
        return records_after(work, kept.record.sequence if kept else 0, limit=self._limit)

    def _begin(self, work: UnitOfWork) -> list[LogRecord] | None:
        """What waits by the time that the lease was taken; None where another dispatcher has it."""
        self._taken_at = work.now
        return self._waiting(work) if self._work.take(work, self._holder) else None

    def _give(self, waiting: list[LogRecord]) -> FeedReport:
        taken, failure, keeps_lease = 0, None, True
        for record in waiting:
            if self._resources.now() >= self._taken_at + _TAKEN_ANEW_AFTER:
                keeps_lease = self._go_on(waiting, taken)
            failure = _failure_of(self._subscriber, record) if keeps_lease else None
            if failure is not None or not keeps_lease:
                break
            taken += 1
        renew_patience()
        self._resources.write(lambda work: self._end(work, waiting, taken))
        return FeedReport(self._name, taken, failure, is_at_work_elsewhere=not keeps_lease)

    def _go_on(self, waiting: list[LogRecord], taken: int) -> bool:
        """Say how far it has come and take the lease anew; False where it ran out and another began."""

        def act(work: UnitOfWork) -> bool:
            self._taken_at = work.now
            is_next = waiting[taken].seq > self._move(work, waiting, taken)
            return is_next and self._work.take(work, self._holder)

        renew_patience()
        return self._resources.write(act)

    def _end(self, work: UnitOfWork, waiting: list[LogRecord], taken: int) -> None:
        self._move(work, waiting, taken)
        self._work.give_back(work, self._holder)

    def _move(self, work: UnitOfWork, waiting: list[LogRecord], taken: int) -> int:
        """Keep how far it has come; the number of the last event that the subscriber has by then."""
        kept = work.get(SUBSCRIBER_POSITIONS, self._name)
        so_far, reached = kept.record.sequence if kept else 0, waiting[taken - 1].seq if taken else 0
        if reached > so_far:
            work.put(SUBSCRIBER_POSITIONS, kept, SubscriberPosition(self._name, reached))
        return max(so_far, reached)


def _failure_of(subscriber: Subscriber, record: LogRecord) -> str | None:
    event = _event(record)
    try:
        if event is not None:
            subscriber.receive(event)
    except DcssError as error:  # whatever a plugin raises, it has become one
        return str(error)
    return None


def _event(record: LogRecord) -> RecordedEvent | None:
    leaf, entry = record.leaf, record.written
    if leaf is None or entry is None or entry.subject is None or entry.details is None:
        return None  # pruned: nobody can be told any more
    entry_id = str(EntryId(leaf.act, leaf.line))
    return RecordedEvent(record.seq, entry.at, entry.kind, entry.subject, json.loads(entry.details), entry_id)
