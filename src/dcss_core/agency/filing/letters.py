"""Where letters that are owed, that wait, were sent or were given up are kept."""

from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.letters.outgoing.outbox_message import OutboxMessage
from dcss_core.letters.outgoing.owed_letter import OwedLetter

OUTBOX: Final = keep(
    OutboxMessage,
    "outbox",
    key="message_id",
    indexes=(("state", "due_at"), ("recipient", "state", "created_at")),
)
OWED_LETTERS: Final = keep(OwedLetter, "owed_letters", key="owed_id", indexes=(("owed_at",),))
