"""Where letters that wait, were sent or were given up are kept."""

from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.letters.outbox_message import OutboxMessage

OUTBOX: Final = keep(
    OutboxMessage,
    "outbox",
    key="message_id",
    indexes=(("state", "due_at"), ("recipient", "state", "created_at")),
)
