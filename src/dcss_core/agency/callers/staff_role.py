"""Staff check: whether a member of staff may do something, at the moment they do it.

Decides from the roles held and the account's state by then, so that a role taken away, or an account
disabled, counts at once (OWASP ASVS 5.0.0, 8.3.2). A front end that signs its staff in elsewhere says
who they are by the id of their account here.
"""

from collections.abc import Callable
from typing import TypeVar

from dcss_core.agency.filing.accounts import ACCOUNTS, STAFF_MEMBERS
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor, ActorKind
from dcss_core.errors import NotPermittedError
from dcss_core.users.account import AccountKind
from dcss_core.users.staff.member import StaffRole

T = TypeVar("T")


def has_role(work: UnitOfWork, by: Actor, role: StaffRole) -> bool:
    """Whether this is an active member of staff who holds the role now."""
    if by.kind is not ActorKind.STAFF:
        return False
    account, member = work.get(ACCOUNTS, by.actor_id), work.get(STAFF_MEMBERS, by.actor_id)
    if account is None or member is None:
        return False
    is_staff = account.record.kind is AccountKind.STAFF and account.record.is_active
    return is_staff and role in member.record.roles


def write_as(resources: Resources, by: Actor, role: StaffRole, verb: Callable[[UnitOfWork], T]) -> T:
    """Run a verb in one writing transaction, for a member of staff who holds the role by then.

    Raises NotPermittedError for anybody else; the attempt is in the audit log.
    """

    def guarded(work: UnitOfWork) -> T:
        work.asks(by)
        if not has_role(work, by, role):
            raise NotPermittedError(
                f"this needs the role '{role.value}'; ask an account administrator, "
                "or have somebody do it who holds it",
                wanted=role.value,
            )
        return verb(work)

    return resources.write(guarded)
