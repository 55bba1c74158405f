"""Outbox message: a letter on its way, and how far it has come.

Decides when a message is tried, tried again and given up. Invariants: it is sent under one id at every
attempt; a text that went out, or never will, is no longer kept; one that can't be delivered, or whose time
is over, is dead and says why; why it failed never holds its address; a word that it was delivered counts
whenever it comes, and no later failure undoes it.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.printable import printable
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.errors import DcssError, PluginError
from dcss_core.letters.letter import Letter


class MessageState(Enum):
    """Where a message stands."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


class MessageAct(Enum):
    """What is done to a message."""

    WRITE = "write"
    LEASE = "lease"
    FAIL = "fail"
    GIVE_UP = "give_up"
    DELIVER = "deliver"


MESSAGE_STATES: Final = StateTable(
    "a message",
    MessageState,
    MessageAct,
    (
        (None, MessageAct.WRITE, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.LEASE, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.FAIL, MessageState.PENDING),
        (MessageState.PENDING, MessageAct.GIVE_UP, MessageState.DEAD),
        (MessageState.PENDING, MessageAct.DELIVER, MessageState.DELIVERED),
        (MessageState.DEAD, MessageAct.DELIVER, MessageState.DELIVERED),  # a channel that answers late
        (MessageState.DELIVERED, MessageAct.DELIVER, MessageState.DELIVERED),  # two dispatchers' word
    ),
)

# Waits after the first, second, ... failed attempt; after the last the message is dead.
WAITS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 720, 1440))
# A dispatcher that dies while sending leaves its message to others after this long.
LEASE: Final = timedelta(minutes=5)
# What `last_failure` says of a message that was given up unsent.
USELESS_BY_NOW: Final = "useless_by_now"
# What it says where a channel put the address into its reason, which it must not.
REASON_WITHHELD: Final = "reason_withheld"
_LONGEST_REASON: Final = 200


@attrs.frozen
class OutboxMessage:
    """A message and how far it has come; `last_failure` is what the channel said, without any address.

    `person_id` is None when it goes to staff. After `useless_after` it helps nobody any more; None is never.
    """

    message_id: str
    person_id: str | None
    address: Secret
    subject: str
    body: Secret | None
    state: MessageState
    created_at: datetime
    due_at: datetime
    attempts: int = 0
    last_failure: str | None = None
    useless_after: datetime | None = None

    def __attrs_post_init__(self) -> None:
        state, has_failed = self.state, self.last_failure is not None
        check_invariants(
            self,
            (
                (state is MessageState.PENDING) is (self.body is not None),
                "it has a text as long as it waits",
            ),
            (state is not MessageState.DEAD or has_failed, "a dead one says why"),
            (state is not MessageState.DELIVERED or not has_failed, "a delivered one has not failed"),
            (state is not MessageState.DELIVERED or self.attempts > 0, "a delivered one was tried"),
            (self.attempts >= 0, "attempts are counted from 0"),
        )

    def is_useless(self, now: datetime) -> bool:
        """Whether what it carries is worth nothing any more."""
        return self.useless_after is not None and now >= self.useless_after


def write_message(
    letter: Letter, *, message_id: str, person_id: str | None, address: Secret, now: datetime
) -> OutboxMessage:
    """A letter, addressed and due at once."""
    return OutboxMessage(
        message_id=message_id,
        person_id=person_id,
        address=address,
        subject=letter.subject,
        body=letter.body,
        state=MESSAGE_STATES.next_state(None, MessageAct.WRITE),
        created_at=now,
        due_at=now,
        useless_after=letter.useless_after,
    )


def lease(message: OutboxMessage, now: datetime) -> OutboxMessage | None:
    """The message as a dispatcher takes it up: leased, or given up when it is useless by now.

    None when it is not there to be taken: it is not due, which it is not while another dispatcher has it, or
    it waits no more.
    """
    if not MESSAGE_STATES.allows(message.state, MessageAct.LEASE) or message.due_at > now:
        return None
    if message.is_useless(now):
        return _given_up(message, USELESS_BY_NOW)
    return attrs.evolve(
        message,
        state=MESSAGE_STATES.next_state(message.state, MessageAct.LEASE),
        due_at=now + LEASE,
        attempts=message.attempts + 1,
    )


def note_delivered(message: OutboxMessage) -> OutboxMessage:
    """The message after a channel has taken it."""
    state = MESSAGE_STATES.next_state(message.state, MessageAct.DELIVER)
    return attrs.evolve(message, state=state, body=None, last_failure=None)


def note_failed(message: OutboxMessage, reason: str, *, retryable: bool, now: datetime) -> OutboxMessage:
    """The message after every channel failed: to be tried again later, or given up.

    Raises ConflictError for one that waits no more.
    """
    kept = _without_address(reason, message.address)
    if not retryable or message.attempts > len(WAITS):
        return _given_up(message, kept)
    return attrs.evolve(
        message,
        state=MESSAGE_STATES.next_state(message.state, MessageAct.FAIL),
        due_at=now + WAITS[message.attempts - 1],
        last_failure=kept,
    )


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


def _given_up(message: OutboxMessage, reason: str) -> OutboxMessage:
    state = MESSAGE_STATES.next_state(message.state, MessageAct.GIVE_UP)
    return attrs.evolve(message, state=state, body=None, last_failure=reason)
