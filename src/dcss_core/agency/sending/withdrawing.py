"""Withdrawing: what waits in the outbox for an address that was taken back does not go there."""

from collections.abc import Sequence

from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.letters.outgoing.outbox_message import MessageState, withdrawn
from dcss_core.letters.recipient import Recipient

_MOST = 1_000
"""More letters than wait for one person."""


def withdraw_from(work: UnitOfWork, recipient: Recipient, addresses: Sequence[Secret]) -> None:
    """Give up every message of somebody that waits for one of these addresses; its text is gone."""
    index = ("recipient", "state", "created_at")
    for kept in work.find(OUTBOX, index, (recipient, MessageState.PENDING), limit=_MOST):
        if any(kept.record.address == each for each in addresses):
            work.replace(OUTBOX, kept, withdrawn(kept.record, work.now))
