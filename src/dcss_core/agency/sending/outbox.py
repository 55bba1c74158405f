"""The outbox: messages that wait to be sent, written in the transaction that caused them.

Invariants: a message is sent at least once, always under the same id; a failing channel never undoes what
was done; what can't be delivered stays here, dead, for staff to see. `letters.outbox_message` decides when
a message is tried, tried again and given up.
"""

from collections.abc import Mapping
from typing import Final

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Door
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.records import keep
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.pages import check_limit
from dcss_core.base.secret import Secret
from dcss_core.errors import DcssError, InvariantError
from dcss_core.letters.dispatch_report import DispatchReport
from dcss_core.letters.letter import Letter
from dcss_core.letters.outbox_message import (
    MessageState,
    OutboxMessage,
    lease,
    note_delivered,
    note_failed,
    reason_of_raised,
    write_message,
)
from dcss_core.ports.channel import Channel, Delivered, Delivery, DeliveryFailed, Message

OUTBOX: Final = keep(
    OutboxMessage, "outbox", key="message_id", indexes=(("state", "due_at"), ("person_id", "created_at"))
)


def put_in_outbox(
    work: UnitOfWork, letter: Letter, *, message_id: str, person_id: str | None, address: Secret
) -> None:
    """Write a message to be sent after the present transaction."""
    message = write_message(letter, message_id=message_id, person_id=person_id, address=address, now=work.now)
    work.insert(OUTBOX, [message])


@attrs.frozen(repr=False)
class Outbox:
    """`agency.outbox`: sends what waits."""

    _resources: Resources
    _door: Door
    _channels: Mapping[str, Channel]

    @verb
    def dispatch(self, *, by: Caller, limit: int = 100) -> DispatchReport:
        """Try every message that is due, up to a limit; call it from a job, as often as you like.

        Several dispatchers can run at once: each message is leased to one of them.
        """
        self._door.pass_through("outbox.dispatch", by)
        check_limit(limit)
        report = DispatchReport()
        due = self._due(limit) if self._channels else ()
        for message_id in due:
            message = self._lease(message_id)
            if message is not None:
                report = self._tried(message, report)
        reached_limit = len(due) >= limit
        waiting = self._resources.read(lambda work: _count(work, MessageState.PENDING))
        return report.with_waiting(waiting, bool(self._channels), reached_limit=reached_limit)

    @verb
    def pending(self, *, by: Caller) -> int:
        """How many messages wait."""
        return self._door.read("outbox.pending", by, lambda work, _: _count(work, MessageState.PENDING))

    @verb
    def dead(self, *, by: Caller) -> int:
        """How many messages were given up; staff should look at them."""
        return self._door.read("outbox.dead", by, lambda work, _: _count(work, MessageState.DEAD))

    def _due(self, limit: int) -> tuple[str, ...]:
        def due(work: UnitOfWork) -> tuple[str, ...]:
            waiting = work.find(
                OUTBOX, ("state", "due_at"), (MessageState.PENDING,), at_most=work.now, limit=limit
            )
            return tuple(kept.record.message_id for kept in waiting)

        return self._resources.read(due)

    def _lease(self, message_id: str) -> OutboxMessage | None:
        def take(work: UnitOfWork) -> OutboxMessage | None:
            kept = _existing(work, message_id)
            taken = lease(kept.record, work.now)
            if taken is not None:
                work.replace(OUTBOX, kept, taken)
            return taken

        return self._resources.write(take)

    def _tried(self, message: OutboxMessage, report: DispatchReport) -> DispatchReport:
        channel, state, reason = None, message.state, message.last_failure
        if state is MessageState.PENDING:
            channel, delivery = self._deliver(message)
            state, reason = self._settle(message, delivery)
        return report.counting(state, channel=channel, reason=reason)

    def _deliver(self, message: OutboxMessage) -> tuple[str, Delivery]:
        sent = Message(message.message_id, message.address, message.subject, message.body or Secret(""))
        failures: list[tuple[str, DeliveryFailed]] = []
        for name, channel in self._channels.items():
            delivery = _attempt(channel, sent)
            if isinstance(delivery, Delivered):
                return name, delivery
            failures.append((name, delivery))
        # One channel that may yet deliver keeps the message alive, wherever it stands in the list.
        return next(((name, each) for name, each in failures if each.retryable), failures[-1])

    def _settle(self, message: OutboxMessage, delivery: Delivery) -> tuple[MessageState, str | None]:
        # Where the message stands, and why this attempt failed.
        def settle(work: UnitOfWork) -> tuple[MessageState, str | None]:
            kept = _existing(work, message.message_id)
            if isinstance(delivery, Delivered):
                settled = note_delivered(kept.record)
            else:
                settled = note_failed(message, delivery.reason, retryable=delivery.retryable, now=work.now)
                if kept.record != message:  # the lease ran out, and another dispatcher's word counts
                    return kept.record.state, settled.last_failure
            work.replace(OUTBOX, kept, settled)
            return settled.state, settled.last_failure

        return self._resources.write(settle)


def _count(work: UnitOfWork, state: MessageState) -> int:
    return work.count(OUTBOX, ("state", "due_at"), (state,))


def _attempt(channel: Channel, message: Message) -> Delivery:
    try:
        return channel.deliver(message)
    except DcssError as broken:  # a broken plugin must not stop the other messages
        return DeliveryFailed(reason_of_raised(broken), retryable=True)


def _existing(work: UnitOfWork, message_id: str) -> Kept[OutboxMessage]:
    kept = work.get(OUTBOX, message_id)
    if kept is None:
        raise InvariantError("a message is gone from the outbox; was it deleted by hand?")
    return kept
