"""Sending: letters of version 1, which named the person they went to.

Decides to whom a letter went that named no person: to the account of staff that its id begins with.
Invariants: ids, texts, states and attempts are as they were; what went out or was given up does not come
back.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.command.upgrade import version_1
from dcss_core.command.upgrade.conversion import PresentRows
from dcss_core.command.upgrade.shapes import FormerCollection
from dcss_core.errors import InvariantError
from dcss_core.letters.recipient import Recipient
from dcss_core.ports.storage import Row, Scalar

_ACCOUNT: Final = "account"
_KEPT: Final = [field.name for field in version_1.OUTBOX.collection.fields if field.name != "person_id"]


@attrs.frozen
class LettersToRecipients:
    """Messages whose recipient stood in `person_id`; None there was staff."""

    @property
    def former(self) -> FormerCollection:
        """The collection whose rows it takes."""
        return version_1.OUTBOX

    def converted(self, page: Sequence[Row]) -> PresentRows:
        """The same messages, each to its recipient; no dispatcher has one, for none is at work."""
        return [(OUTBOX, [_to_recipient(row) for row in page])]

    def at_the_end(self) -> PresentRows:
        """Nothing more."""
        return ()


def _to_recipient(row: Row) -> dict[str, Scalar]:
    person_id = row["person_id"]
    recipient = Recipient.person(str(person_id)) if person_id else _account_of(str(row["message_id"]))
    return {
        **{name: row[name] for name in _KEPT},
        "recipient": recipient.value,
        "leased_by": None,
        "way": "email",
    }


def _account_of(message_id: str) -> Recipient:
    sort, _, account_id = message_id.partition("/")
    account_id = account_id.partition("/")[0]
    if sort != _ACCOUNT or not account_id:
        raise InvariantError(
            "a message in the outbox is to nobody; was it changed by hand? Restore it from a backup"
        )
    return Recipient.account(account_id)
