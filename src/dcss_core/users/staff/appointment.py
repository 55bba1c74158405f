"""Appointment: accounts that people don't register themselves, for staff and for shared use.

Decides what such an account begins as. Invariants: it begins with an assigned password, sent to whoever
answers for it and good for choosing another, so that there is no default credential anywhere (OWASP
ASVS 5.0.0, 6.3.2 and 6.4.1; IRS Pub. 1075, IA-5 e); a shared account holds no role; nobody changes the
roles they hold themselves (Pub. 1075, AC-5).
"""

from datetime import datetime
from typing import ClassVar

import attrs

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users.account import ACCOUNT_STATES, Account, AccountAct, AccountKind
from dcss_core.users.events import AccountEvent
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.staff.member import StaffMember, StaffRole
from dcss_core.users.user_id import UserId


@attrs.frozen
class StaffAppointed(AccountEvent):
    """An account was made for a member of staff, or for several people to share (`account_kind`)."""

    kind: ClassVar[str] = "user_created"
    account_kind: AccountKind
    roles: tuple[str, ...]


@attrs.frozen
class StaffRolesChanged(AccountEvent):
    """A member of staff holds other roles from now on; every session of theirs ended."""

    kind: ClassVar[str] = "authz_change"
    roles: tuple[str, ...]


@attrs.frozen
class Appointed:
    """The account exists; an assigned password is on its way until `good_until`."""

    account_id: str
    good_until: datetime


@attrs.frozen
class Appointment:
    """What to save and what to record; the assigned password is good until `good_until`."""

    account: Account
    member: StaffMember
    good_until: datetime
    events: tuple[Event, ...]


def appoint(
    account_id: str,
    user_id: UserId,
    kind: AccountKind,
    *,
    roles: tuple[StaffRole, ...],
    email: Secret,
    assigned_hash: PasswordHash,
    good_until: datetime,
    now: datetime,
) -> Appointment:
    """Make an account for staff or for shared use; the caller has checked that the user id is free."""
    account = Account(
        account_id=account_id,
        user_id=user_id.value,
        user_key=user_id.key,
        person_id=None,
        kind=kind,
        state=ACCOUNT_STATES.next_state(None, AccountAct.APPOINT),
        password_hash=assigned_hash,
        created_at=now,
        password_set_at=now,
        idle_since=now,
        assigned_until=good_until,
    )
    member = StaffMember(account_id, ordered(roles), email)
    return Appointment(account, member, good_until, (StaffAppointed(account_id, kind, names(member.roles)),))


@attrs.frozen
class RolesChange:
    """What to save and what to record when a member of staff gets other roles."""

    account: Account
    member: StaffMember
    events: tuple[Event, ...]


def change_roles(
    account: Account, member: StaffMember, *, roles: tuple[StaffRole, ...], by: str
) -> RolesChange:
    """Say which roles a member of staff holds from now on; every session of theirs ends.

    Raises NotPermittedError for somebody's own roles: nobody changes what they hold (Pub. 1075, AC-5).
    """
    if by == account.account_id:
        raise NotPermittedError("nobody changes their own roles; ask another account administrator")
    held = ordered(roles)
    return RolesChange(
        attrs.evolve(account, credential_version=account.credential_version + 1),
        attrs.evolve(member, roles=held),
        (StaffRolesChanged(account.account_id, names(held)),),
    )


def ordered(roles: tuple[StaffRole, ...]) -> tuple[StaffRole, ...]:
    """The roles, each once, in the order in which they are declared."""
    return tuple(role for role in StaffRole if role in roles)


def names(roles: tuple[StaffRole, ...]) -> tuple[str, ...]:
    """The roles as the audit log writes them."""
    return tuple(role.value for role in roles)
