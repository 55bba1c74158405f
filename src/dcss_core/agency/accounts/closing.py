"""Closing: an account is closed for good, by staff or by its owner, in one way.

Invariants: what it was opened with goes with it, in the same transaction; the owner is told at the address on
file, whoever closed it.
"""

from typing import Final

from dcss_core.agency.accounts.letters import notify_everywhere
from dcss_core.agency.callers.contact_points import points_of
from dcss_core.agency.filing.accounts import (
    ACCOUNTS,
    BANNER_ACCEPTANCES,
    OUTSTANDING_CODES,
    SECOND_FACTORS,
    SECURITY_ANSWERS,
    STAFF_MEMBERS,
)
from dcss_core.agency.filing.cases import CONTACT_POINTS
from dcss_core.agency.filing.remitters import REMITTER_MEMBERS
from dcss_core.agency.filing.vouched import DUE_LINKS, IDENTITY_LINKS
from dcss_core.agency.sending.inviting import take_back_those_of
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.cases.people.contacts.change import dropped
from dcss_core.cases.people.contacts.point import ContactState
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.account_control import AccountClosed, ControlReason, close, forget
from dcss_core.users.hashing.password_hash import NOTHING_BYTES

_OF_ONE_ACCOUNT: Final = 10_000
"""More records than one account has of any kind."""


def save_closed(
    work: UnitOfWork,
    kept: Kept[Account],
    closed: tuple[Account, AccountClosed],
    actor: Actor,
    source: str | None = None,
) -> None:
    """Save a closed account, and tell its owner."""
    account, event = closed
    notify_everywhere(work, kept.record, [event])  # the account as it was: a closed one has no address
    for waiting in points_of(work, kept.record.person_id) if kept.record.person_id else ():
        if waiting.record.state is ContactState.TO_CONFIRM:
            work.replace(CONTACT_POINTS, waiting, dropped(waiting.record))
    work.replace(ACCOUNTS, kept, account)
    delete_credentials(work, account.account_id)
    work.audit([event], actor, source)
    member = work.get(REMITTER_MEMBERS, account.account_id) if account.kind is AccountKind.REMITTER else None
    if member is not None:
        take_back_those_of(work, account.account_id, member.record.remitter_id, actor)
        work.delete(REMITTER_MEMBERS, ("account_id",), (account.account_id,), limit=1)


def close_now(
    work: UnitOfWork, kept: Kept[Account], reason: ControlReason, actor: Actor, source: str | None = None
) -> None:
    """Close an account and tell its owner; every session of it ends. Raises ConflictError."""
    save_closed(work, kept, closed_form(work, kept.record, reason), actor, source)


def closed_form(work: UnitOfWork, account: Account, reason: ControlReason) -> tuple[Account, AccountClosed]:
    """An account as it is once it is closed; raises ConflictError where it is closed already."""
    # What it is made from stands in no variable: a traceback may show those.
    void = account.password_hash.fitting_nothing(work.sealer.randomness.token_bytes(NOTHING_BYTES))
    return close(account, reason, fits_nothing=void, now=work.now)


def delete_credentials(work: UnitOfWork, account_id: str) -> None:
    """Delete what an account was opened with beside its password."""
    work.delete(SECURITY_ANSWERS, ("account_id",), (account_id,), limit=1)
    work.delete(SECOND_FACTORS, ("account_id",), (account_id,), limit=1)
    work.delete(OUTSTANDING_CODES, ("account_id",), (account_id,), limit=1)
    work.delete(IDENTITY_LINKS, ("account_id", "linked_at"), (account_id,), limit=_OF_ONE_ACCOUNT)
    work.delete(DUE_LINKS, ("account_id",), (account_id,), limit=_OF_ONE_ACCOUNT)


def save_forgotten(work: UnitOfWork, kept: Kept[Account], actor: Actor) -> None:
    """Keep of a closed account nothing but its user id."""
    account, event = forget(kept.record)
    work.replace(ACCOUNTS, kept, account)
    work.audit([event], actor)
    account_id = account.account_id
    work.delete(STAFF_MEMBERS, ("account_id",), (account_id,), limit=1)
    work.delete(BANNER_ACCEPTANCES, ("account_id", "accepted_at"), (account_id,), limit=_OF_ONE_ACCOUNT)
