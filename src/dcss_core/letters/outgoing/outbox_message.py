"""Outbox message: a letter on its way, and how far it has come.

Decides when a message is tried, tried again and given up, and which of those to one recipient is next.
Invariants: it is sent under one id at every attempt; to one recipient one message is on its way at a time,
the oldest first, and only what is useless after a time goes ahead of what failed and waits for its next
attempt; a text that went out, or is useless by now, is no longer kept; a message that can't be delivered, or
whose time is over, is dead and says why; why it failed never holds its address; a word that it was delivered
counts whenever it comes, and no later failure undoes it.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.clocks.wrong_clock import is_too_far_ahead
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.printable import printable
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.errors import DcssError, PluginError
from dcss_core.letters.letter import Letter
from dcss_core.letters.recipient import Recipient


class MessageState(Enum):
    """Where a message stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class MessageAct(Enum):
    """What is done to a message."""

    WRITE = "write"
    LEASE = "lease"
    HOLD_BACK = "hold_back"
    LET_GO = "let_go"
    FAIL = "fail"
    GIVE_UP = "give_up"
    DELIVER = "deliver"
    SEND_AGAIN = "send_again"


MESSAGE_STATES: Final = StateTable(
    "a message",
    MessageState,
    MessageAct,
    (
        (None, MessageAct.WRITE, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.LEASE, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.HOLD_BACK, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.LET_GO, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.FAIL, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.GIVE_UP, MessageState.DEAD),
        (MessageState.PENDING, MessageAct.DELIVER, MessageState.DELIVERED),
        (MessageState.DEAD, MessageAct.SEND_AGAIN, MessageState.PENDING),
        (MessageState.DEAD, MessageAct.DELIVER, MessageState.DELIVERED),  # a channel that answers late
        (MessageState.DELIVERED, MessageAct.DELIVER, MessageState.DELIVERED),  # two dispatchers' word
    ),
)

# Waits after the first, second, ... failed attempt; after the last the message is dead. Each is drawn out by
# up to a quarter, so that what failed together is not tried again together.
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720, 1440))
JITTER_BYTES: Final = 2
_MOST_DRAWN: Final = 256**JITTER_BYTES - 1
_QUARTERS: Final = 4
# A wait drawn out, or a lease: nothing is due later than that.
_LONGEST_WAIT: Final = WAITS[-1] + WAITS[-1] // _QUARTERS
# A dispatcher that dies leaves its messages to others after this long.
LEASE: Final = timedelta(minutes=5)
# So much of a lease has to be left when a message is sent: its channels may take that long to answer.
_LEFT_TO_SEND: Final = timedelta(minutes=2)
# What `last_failure` says of a message that was given up unsent.
USELESS_BY_NOW: Final = "useless_by_now"
# What it says of one whose address was taken back before it went.
ADDRESS_TAKEN_BACK: Final = "address_taken_back"
# What it says where a channel put the address into its reason, which it must not.
REASON_WITHHELD: Final = "reason_withheld"
_LONGEST_REASON: Final = 200


@attrs.frozen
class OutboxMessage:
    """A message and how far it has come; `last_failure` is what the channel said, without any address.

    After `useless_after` it helps nobody any more; None is never. `due_at` is when it may be tried next: the
    end of the lease while a dispatcher has it; of a dead one, when it was given up. `leased_by` is the
    dispatcher that took it last, as long as that has said nothing of it. `way` is what kind of address it
    goes to, and so by which channels.
    """

    message_id: str
    recipient: Recipient
    address: Secret
    subject: str
    body: Secret | None
    state: MessageState
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    last_failure: str | None = None
    useless_after: datetime | None = None
    leased_by: str | None = None
    way: ContactKind = ContactKind.EMAIL

    def __attrs_post_init__(self) -> None:
        state, has_failed, has_text = self.state, self.last_failure is not None, self.body is not None
        is_dead = state is MessageState.DEAD
        check_invariants(
            self,
            (state is not MessageState.PENDING or has_text, "it has a text as long as it waits"),
            (state is not MessageState.DELIVERED or not has_text, "a delivered one has no text"),
            (
                not (is_dead and has_text and self.useless_after),
                "a dead one has no text that is useless after a time",
            ),
            (not is_dead or has_failed, "a dead one says why"),
            (state is not MessageState.DELIVERED or not has_failed, "a delivered one has not failed"),
            (state is not MessageState.DELIVERED or self.attempts > 0, "a delivered one was tried"),
            (state is MessageState.PENDING or self.leased_by is None, "only one that waits is leased"),
            (self.attempts >= 0, "attempts are counted from 0"),
        )

    def is_useless(self, now: datetime) -> bool:
        """Whether what it carries is worth nothing any more, as what a clock that was ahead has issued."""
        after = self.useless_after
        return after is not None and (now >= after or is_too_far_ahead(self.created_at, now))

    def is_due(self, now: datetime) -> bool:
        """Whether it may be tried; a wrong clock's due time, further ahead than any wait, has come."""
        return self.due_at <= now or is_too_far_ahead(self.due_at, now, lasts=_LONGEST_WAIT)

    def is_leased(self, now: datetime) -> bool:
        """Whether a dispatcher has it."""
        return self.leased_by is not None and not self.is_due(now)

    def may_be_sent(self, now: datetime) -> bool:
        """Whether the lease leaves the time to send it, before another dispatcher may take it."""
        return now <= self.due_at - _LEFT_TO_SEND


def write_message(
    letter: Letter,
    *,
    message_id: str,
    recipient: Recipient,
    address: Secret,
    now: datetime,
    way: ContactKind = ContactKind.EMAIL,
) -> OutboxMessage:
    """A letter, addressed and due at once."""
    return OutboxMessage(
        message_id=message_id,
        recipient=recipient,
        address=address,
        subject=letter.subject,
        body=letter.body,
        state=MESSAGE_STATES.next_state(None, MessageAct.WRITE),
        created_at=now,
        due_at=now,
        useless_after=letter.useless_after,
        way=way,
    )


def take_up(waiting: Sequence[OutboxMessage], holder: str, now: datetime) -> Iterator[OutboxMessage]:
    """What waits for one recipient, oldest first, as a dispatcher (`holder`) takes it up.

    At most one of them is leased. What is useless by now is given up; what is due, and has to wait for
    another, is due again when that one is.
    """
    out = next((each for each in waiting if each.is_leased(now)), None)
    first: OutboxMessage | None = None
    for each in waiting:
        if each is not out and each.is_useless(now):
            yield _given_up(each, USELESS_BY_NOW, now)
            continue
        taken, before = each, out or first
        if each.is_due(now):
            if before is None or (out is None and each.useless_after is not None):
                taken = out = _leased(each, holder, now)
            else:
                taken = _held_back(each, before)
        first = first or taken
        yield taken


def let_go(waiting: Sequence[OutboxMessage], ended: datetime, now: datetime) -> OutboxMessage | None:
    """The next of what waits for one recipient, oldest first, now that one is no longer on its way.

    It is due at once; `ended` is when the lease of that one would have ended, until when others were held
    back. None where the next one failed and waits for its own time, or where a dispatcher has one.
    """
    if any(each.is_leased(now) for each in waiting):
        return None
    for place, each in enumerate(waiting):
        is_ready = not each.attempts or each.due_at == ended
        if is_ready and (place == 0 or each.useless_after is not None):
            state = MESSAGE_STATES.next_state(each.state, MessageAct.LET_GO)
            return attrs.evolve(each, state=state, due_at=min(each.due_at, now))
    return None


def withdrawn(message: OutboxMessage, now: datetime) -> OutboxMessage:
    """The message given up unsent and without its text, since its address was taken back."""
    return attrs.evolve(_given_up(message, ADDRESS_TAKEN_BACK, now), body=None)


def note_delivered(message: OutboxMessage) -> OutboxMessage:
    """The message after a channel has taken it."""
    state = MESSAGE_STATES.next_state(message.state, MessageAct.DELIVER)
    if message.state is state:
        return message
    return attrs.evolve(
        message, state=state, body=None, last_failure=None, leased_by=None, attempts=message.attempts + 1
    )


def note_failed(
    message: OutboxMessage, reason: str, *, retryable: bool, now: datetime, drawn: bytes
) -> OutboxMessage:
    """The message after every channel failed: to be tried again later, or given up.

    How much later is drawn out by JITTER_BYTES that were `drawn`. Raises ConflictError for one that waits no
    more.
    """
    kept = _without_address(reason, message.address)
    tried = attrs.evolve(message, attempts=message.attempts + 1)
    if not retryable or tried.attempts > len(WAITS):
        return _given_up(tried, kept, now)
    return attrs.evolve(
        tried,
        state=MESSAGE_STATES.next_state(message.state, MessageAct.FAIL),
        due_at=now + drawn_out(WAITS[tried.attempts - 1], drawn),
        last_failure=kept,
        leased_by=None,
    )


def send_again(message: OutboxMessage, address: Secret, now: datetime) -> OutboxMessage:
    """A dead message as if it were new, at the address that is on file now; its id and its turn stay.

    Raises ConflictError for one that is not dead.
    """
    return attrs.evolve(
        message,
        state=MESSAGE_STATES.next_state(message.state, MessageAct.SEND_AGAIN),
        address=address,
        due_at=now,
        attempts=0,
        last_failure=None,
    )


def drawn_out(wait: timedelta, drawn: bytes) -> timedelta:
    """A wait and up to a quarter of it more, as random bytes say."""
    return wait + wait * int.from_bytes(drawn) // (_QUARTERS * _MOST_DRAWN)


def reason_of_raised(error: DcssError) -> str:
    """Why a message failed whose channel raised.

    It names the type that the channel raised and never the text, which may hold an address or a password.
    """
    raised = error.__cause__ if isinstance(error, PluginError) else None  # which wraps what is not our own
    return f"the channel broke its contract: {type(raised or error).__name__}"


def _without_address(reason: str, address: Secret) -> str:
    if address.reveal().casefold() in reason.casefold():
        return REASON_WITHHELD
    return printable(reason, _LONGEST_REASON)


def _leased(message: OutboxMessage, holder: str, now: datetime) -> OutboxMessage:
    state = MESSAGE_STATES.next_state(message.state, MessageAct.LEASE)
    return attrs.evolve(message, state=state, due_at=now + LEASE, leased_by=holder)


def _held_back(message: OutboxMessage, by: OutboxMessage) -> OutboxMessage:
    state = MESSAGE_STATES.next_state(message.state, MessageAct.HOLD_BACK)
    return attrs.evolve(message, state=state, due_at=by.due_at, leased_by=None)


def _given_up(message: OutboxMessage, reason: str, now: datetime) -> OutboxMessage:
    return attrs.evolve(
        message,
        state=MESSAGE_STATES.next_state(message.state, MessageAct.GIVE_UP),
        body=message.body if message.useless_after is None else None,
        due_at=now,
        last_failure=reason,
        leased_by=None,
    )
