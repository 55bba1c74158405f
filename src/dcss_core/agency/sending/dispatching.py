"""Dispatching: one round of one dispatcher, beside which others may be at work.

Decides which messages it takes, and in how many transactions. Invariants: a page of messages is leased in
one writing transaction, so no two dispatchers have one message within its lease; to one recipient one message
is on its way at a time; a message whose lease leaves no time to send it is left to others; an attempt counts
when its answer is noted, so a dispatcher that dies spends none.
"""

from collections.abc import Mapping, Sequence
from itertools import islice, takewhile
from typing import Final

import attrs

from dcss_core.agency.filing.letters import OUTBOX, OWED_LETTERS
from dcss_core.agency.work.deadline import renew_patience
from dcss_core.agency.work.lease import new_holder
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.errors import DcssError, InvariantError
from dcss_core.letters.outgoing.dispatch_report import DispatchReport
from dcss_core.letters.outgoing.outbox_message import (
    JITTER_BYTES,
    MessageState,
    OutboxMessage,
    let_go,
    note_delivered,
    note_failed,
    reason_of_raised,
    take_up,
)
from dcss_core.letters.recipient import Recipient
from dcss_core.ports.channel import Channel, Delivered, Delivery, DeliveryFailed, Message, OpenedChannel

_PAGE: Final = 20
"""Messages that one transaction leases: some milliseconds, and sent well within their lease."""
_BY_DUE: Final = ("state", "due_at")
_OF_ONE: Final = ("recipient", "state", "created_at")


@attrs.frozen
class _Page:
    """What one transaction leased and what it gave up; `was_empty` when nothing was due."""

    leased: tuple[OutboxMessage, ...]
    given_up: tuple[OutboxMessage, ...]
    was_empty: bool


@attrs.define(repr=False)
class Round:
    """One round of dispatch, of so many attempts at most; `more_is_owed` than was written before it."""

    _resources: Resources
    _channels: Mapping[str, OpenedChannel]
    _limit: int
    more_is_owed: bool
    _holder: str = attrs.field(init=False)
    _report: DispatchReport = attrs.field(factory=DispatchReport, init=False)

    def run(self) -> DispatchReport:
        """Send what is due, page by page, until nothing is or the limit is reached; what came of it."""
        self._holder = new_holder(self._resources.randomness)
        left = self._limit if self._channels else 0
        while left:
            page = self._take_page(min(left, _PAGE))
            if page.was_empty:
                break
            for message in page.given_up:
                self._count(None, message.state, message.last_failure)
            for message in page.leased:
                left -= self._try(message)
        waiting = self._resources.read(count_waiting)
        return self._report.with_waiting(
            waiting, bool(self._channels), reached_limit=not left or self.more_is_owed
        )

    def _take_page(self, most: int) -> _Page:
        renew_patience()
        return self._resources.write(lambda work: _page(work, self._holder, most))

    def _try(self, message: OutboxMessage) -> int:
        """Send a message that is leased; how many attempts that took."""
        if not message.may_be_sent(self._resources.now()):
            return 0  # those before it took so long that another dispatcher has it soon
        channel, delivery = self._deliver(message)
        renew_patience()  # however long the channels took, others are waited for as at first
        drawn = self._resources.randomness.token_bytes(JITTER_BYTES)
        state, reason = self._resources.write(lambda work: self._settle(work, message, delivery, drawn))
        self._count(channel, state, reason)
        return 1

    def _count(self, channel: str | None, state: MessageState, reason: str | None) -> None:
        self._report = self._report.counting(state, channel=channel, reason=reason)

    def _deliver(self, message: OutboxMessage) -> tuple[str | None, Delivery]:
        sent = Message(message.message_id, message.address, message.subject, message.body or Secret(""))
        failures: list[tuple[str | None, DeliveryFailed]] = []
        fitting = [each for each in self._channels.items() if message.way in each[1].takes]
        if not fitting:
            return None, DeliveryFailed(f"no_channel_takes_{message.way.value}", retryable=True)
        for name, opened in fitting:
            delivery = _attempt(opened.channel, sent)
            if isinstance(delivery, Delivered):
                return name, delivery
            failures.append((name, delivery))
        # One channel that may yet deliver keeps the message alive, wherever it stands in the list.
        return next(((name, each) for name, each in failures if each.retryable), failures[-1])

    def _settle(
        self, work: UnitOfWork, message: OutboxMessage, delivery: Delivery, drawn: bytes
    ) -> tuple[MessageState, str | None]:
        """Where the message stands after an attempt, and why that failed."""
        kept = _existing(work, message.message_id)
        if isinstance(delivery, Delivered):
            settled = note_delivered(kept.record)
        else:
            settled = note_failed(
                message, delivery.reason, retryable=delivery.retryable, now=work.now, drawn=drawn
            )
            if kept.record.leased_by != self._holder:  # the lease ran out, and another's word counts
                return kept.record.state, settled.last_failure
        work.replace(OUTBOX, kept, settled)
        _let_next_go(work, message)
        return settled.state, settled.last_failure


def count_in(work: UnitOfWork, state: MessageState) -> int:
    """How many messages are in a state."""
    return work.count(OUTBOX, _BY_DUE, (state,))


def _due(work: UnitOfWork, most: int) -> list[Kept[OutboxMessage]]:
    due = work.find(OUTBOX, _BY_DUE, (MessageState.PENDING,), at_most=work.now, limit=most)
    if due:
        return due
    # what a wrong clock has put off stands at the end, further ahead than anything waits
    latest = work.from_the_end(OUTBOX, _BY_DUE, (MessageState.PENDING,))
    return list(islice(takewhile(lambda kept: kept.record.is_due(work.now), latest), most))


def count_waiting(work: UnitOfWork) -> int:
    """How many messages wait, or are owed; some of those are owed to nobody."""
    return count_in(work, MessageState.PENDING) + work.count(OWED_LETTERS, ("owed_at",), at_most=work.now)


def _page(work: UnitOfWork, holder: str, most: int) -> _Page:
    due = _due(work, most)
    seen: set[str] = set()
    taken: list[OutboxMessage] = []
    for each in due:
        if each.record.message_id not in seen:
            waiting = _waiting_for(work, each.record.recipient)
            if each.record.message_id not in {kept.record.message_id for kept in waiting}:
                waiting.append(each)  # more wait for one recipient than are looked at, and it is one of them
            seen |= {kept.record.message_id for kept in waiting}
            taken += _taken_up(work, waiting, holder)
    return _Page(
        tuple(each for each in taken if each.leased_by == holder),
        tuple(each for each in taken if each.state is MessageState.DEAD),
        was_empty=not due,
    )


def _taken_up(work: UnitOfWork, waiting: Sequence[Kept[OutboxMessage]], holder: str) -> list[OutboxMessage]:
    """What waits for one recipient and was changed."""
    changed = []
    after = take_up([kept.record for kept in waiting], holder, work.now)
    for kept, record in zip(waiting, after, strict=True):
        if record != kept.record:
            work.replace(OUTBOX, kept, record)
            changed.append(record)
    return changed


def _let_next_go(work: UnitOfWork, settled: OutboxMessage) -> None:
    waiting = _waiting_for(work, settled.recipient)
    following = let_go([kept.record for kept in waiting], settled.due_at, work.now)
    for kept in waiting:
        if following is not None and kept.record.message_id == following.message_id:
            work.replace(OUTBOX, kept, following)


def _waiting_for(work: UnitOfWork, recipient: Recipient) -> list[Kept[OutboxMessage]]:
    return work.find(OUTBOX, _OF_ONE, (recipient, MessageState.PENDING), limit=_PAGE)


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
