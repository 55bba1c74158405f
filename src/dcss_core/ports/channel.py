"""Channel: how a message leaves the agency.

Decides what a notification is once it stands in the outbox and what a channel answers. Invariants:
delivery is at least once, so a channel passes `message_id` on as the idempotency id; a subject holds
no personal data; address and body are secrets until the channel sends them; a failure is a value.
"""

from typing import Protocol, TypeAlias

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret


@attrs.frozen
class Message:
    """A notice to one address. `message_id` is the same at every attempt.

    An id is any text: it may contain slashes and be hundreds of characters long. Never use it as a file
    name; a hash of it does.
    """

    message_id: str
    address: Secret
    subject: str
    body: Secret

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class Delivered:
    """The channel's far side has taken responsibility for the message; `receipt` is what it said."""

    receipt: str = ""


@attrs.frozen
class DeliveryFailed:
    """The message did not go out. `reason` holds no address and no text of the message.

    `retryable` is False when trying again can't help, as with an address that does not exist.
    """

    reason: str
    retryable: bool


Delivery: TypeAlias = Delivered | DeliveryFailed


class Channel(Protocol):
    """A way to reach people: mail, text message, push."""

    def deliver(self, message: Message) -> Delivery:
        """Send one message. Every foreseeable failure is a DeliveryFailed, never an exception."""
        ...

    def close(self) -> None:
        """Release every resource; closing twice does nothing."""
        ...


@attrs.frozen
class OpenedChannel:
    """A channel and the kinds of address it takes."""

    channel: Channel
    takes: frozenset[ContactKind] = frozenset({ContactKind.EMAIL})
