"""DeadLetter: a message that was given up, as staff see it, and what can be done about it.

Decides why it was given up and whether it can be sent again. Invariant: neither an address nor a text is in
it; whoever may not see whom a letter was for sees ids only.
"""

from datetime import datetime
from enum import Enum
from typing import ClassVar, Final

import attrs

from dcss_core.base.events import Event
from dcss_core.letters.outgoing.outbox_message import USELESS_BY_NOW, WAITS, MessageState, OutboxMessage


class GivenUpReason(Enum):
    """Why a letter was given up."""

    USELESS_BY_NOW = "useless_by_now"
    REFUSED = "refused"
    TRIED_TOO_OFTEN = "tried_too_often"


_WHAT_TO_DO: Final = {
    GivenUpReason.USELESS_BY_NOW: "What it carried is good no more: its reader asks for another code, "
    "or staff assign another password.",
    GivenUpReason.REFUSED: "The address on file is wrong, or is not taken by any channel: correct it.",
    GivenUpReason.TRIED_TOO_OFTEN: "A channel did not work, or the address on file does not: look at both.",
}
_AND_THEN: Final = "Then send the letter again."
_TEXT_IS_GONE: Final = "Its text is not kept, so tell its reader another way."


@attrs.frozen
class DeadLetter:
    """A letter that was given up; `last_failure` is what the channel said, without any address.

    It was for a person in a case (`person_id`) or for an account of staff (`account_id`), the other is None.
    """

    message_id: str
    person_id: str | None
    account_id: str | None
    subject: str
    written_at: datetime
    given_up_at: datetime
    reason: GivenUpReason
    last_failure: str
    attempts: int
    can_be_sent_again: bool

    @property
    def what_to_do(self) -> str:
        """A sentence or two for staff."""
        if self.reason is GivenUpReason.USELESS_BY_NOW:
            return _WHAT_TO_DO[self.reason]
        return f"{_WHAT_TO_DO[self.reason]} {_AND_THEN if self.can_be_sent_again else _TEXT_IS_GONE}"


class SendAgainOutcome(Enum):
    """What became of a letter that was to be sent again."""

    WAITS = "waits"
    NOT_DEAD = "not_dead"
    TEXT_GONE = "text_gone"
    NO_ADDRESS = "no_address"
    NOT_FOUND = "not_found"


@attrs.frozen
class LetterSentAgain(Event):
    """A letter that was given up was put in the outbox again."""

    kind: ClassVar[str] = "letter_sent_again"
    about: ClassVar[tuple[str, str]] = ("letter", "message_id")
    message_id: str


DEAD_LETTERS_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset({LetterSentAgain})
"""Whom the letter is for is told by the letter."""


def dead_letter(message: OutboxMessage) -> DeadLetter:
    """A dead message as staff see it."""
    return DeadLetter(
        message_id=message.message_id,
        person_id=message.recipient.person_id,
        account_id=message.recipient.account_id,
        subject=message.subject,
        written_at=message.created_at,
        given_up_at=message.due_at,
        reason=_reason(message),
        last_failure=message.last_failure or "",
        attempts=message.attempts,
        can_be_sent_again=may_be_sent_again(message) is None,
    )


def may_be_sent_again(message: OutboxMessage) -> SendAgainOutcome | None:
    """Why a message can't be sent again; None when it can, to whoever has an address."""
    if message.state is not MessageState.DEAD:
        return SendAgainOutcome.NOT_DEAD
    return SendAgainOutcome.TEXT_GONE if message.body is None else None


def _reason(message: OutboxMessage) -> GivenUpReason:
    if message.last_failure == USELESS_BY_NOW:
        return GivenUpReason.USELESS_BY_NOW
    is_tried_out = message.attempts > len(WAITS)
    return GivenUpReason.TRIED_TOO_OFTEN if is_tried_out else GivenUpReason.REFUSED
