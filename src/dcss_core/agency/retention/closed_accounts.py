"""Closed accounts: in the end nothing of one is kept but its user id, which nobody gets again.

Invariants: what is forgotten is gone for good, so time is believed as far as the audit log bears it out; an
account that was closed before this was counted loses what it was opened with at once, and its years begin.
"""

from typing import Final

import attrs

from dcss_core.agency.accounts.closing import delete_credentials, save_forgotten
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.work.trail.borne_out import borne_out
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.ports.randomness import Randomness
from dcss_core.rules.retention_schedule import RetentionSchedule
from dcss_core.users.account import AccountState
from dcss_core.users.account_control import without_credentials
from dcss_core.users.hashing.password_hash import NOTHING_BYTES

_BY_CLOSING: Final = ("state", "closed_at")


def begin_counting(work: UnitOfWork, randomness: Randomness, *, limit: int) -> int:
    """Count from now on for accounts closed before; how many there were."""
    page = work.find(ACCOUNTS, _BY_CLOSING, (AccountState.CLOSED, None), limit=limit)
    for kept in page:
        void = kept.record.password_hash.fitting_nothing(randomness.token_bytes(NOTHING_BYTES))
        left = attrs.evolve(without_credentials(kept.record, void), closed_at=work.now)
        work.replace(ACCOUNTS, kept, left)
        delete_credentials(work, left.account_id)
    return len(page)


def forget_closed(work: UnitOfWork, actor: Actor, *, limit: int) -> int:
    """Forget accounts whose years are over; how many."""
    through = RetentionSchedule.from_rules(work.rules).closed_by(borne_out(work))
    page = work.find(ACCOUNTS, _BY_CLOSING, (AccountState.CLOSED,), at_most=through, limit=limit)
    for kept in page:
        save_forgotten(work, kept, actor)
    return len(page)
