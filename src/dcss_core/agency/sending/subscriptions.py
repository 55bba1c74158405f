"""`agency.subscriptions`: tells subscribers what happened.

Decides which events a subscriber has had. Invariants: events are read from the audit log, by their
numbers; a subscriber's position moves only past events it took, so each event reaches it at least once;
one subscriber's failure stops neither another nor the agency; an entry that was pruned is passed over.
"""

import json
from collections.abc import Mapping
from typing import Final

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Door
from dcss_core.agency.work.deadline import verb
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


@attrs.frozen(repr=False)
class Subscriptions:
    """Feeds the subscribers the agency was opened with."""

    _resources: Resources
    _door: Door
    _subscribers: Mapping[str, Subscriber]

    @verb
    def dispatch(self, *, by: Caller, limit: int = LONGEST_PAGE) -> tuple[FeedReport, ...]:
        """Give each subscriber the events it has not had, up to a limit; call it from a job."""
        self._door.pass_through("subscriptions.dispatch", by)
        check_limit(limit)
        self._resources.number_what_waits()
        return tuple(
            self._feed(name, subscriber, limit) for name, subscriber in sorted(self._subscribers.items())
        )

    def _feed(self, name: str, subscriber: Subscriber, limit: int) -> FeedReport:
        begun = self._position(name)
        waiting = self._resources.read(lambda work: records_after(work, begun, limit=limit))
        taken, failure = _give(subscriber, waiting)
        if taken:
            reached = SubscriberPosition(name, waiting[taken - 1].seq)
            self._resources.write(lambda work: _move(work, reached))
        return FeedReport(name, taken, failure)

    def _position(self, name: str) -> int:
        kept = self._resources.read(lambda work: work.get(SUBSCRIBER_POSITIONS, name))
        return kept.record.sequence if kept else 0


def _give(subscriber: Subscriber, waiting: list[LogRecord]) -> tuple[int, str | None]:
    for taken, record in enumerate(waiting):
        event = _event(record)
        if event is None:
            continue
        try:
            subscriber.receive(event)
        except DcssError as error:  # whatever a plugin raises, it has become one
            return taken, str(error)
    return len(waiting), None


def _move(work: UnitOfWork, position: SubscriberPosition) -> None:
    kept = work.get(SUBSCRIBER_POSITIONS, position.subscriber)
    if kept is None or position.sequence > kept.record.sequence:
        work.put(SUBSCRIBER_POSITIONS, kept, position)


def _event(record: LogRecord) -> RecordedEvent | None:
    leaf, entry = record.leaf, record.written
    if leaf is None or entry is None or entry.subject is None or entry.details is None:
        return None  # pruned: nobody can be told any more
    entry_id = str(EntryId(leaf.act, leaf.line))
    return RecordedEvent(record.seq, entry.at, entry.kind, entry.subject, json.loads(entry.details), entry_id)
