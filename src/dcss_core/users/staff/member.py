"""StaffMember: who works here, and which roles they hold.

Decides from the roles held at that moment. Invariants: whoever may approve a reset can't ask for one
in the same breath: the two are different people (OWASP ASVS 5.0.0, 2.3.5; IRS Pub. 1075, AC-5); a
member whose account is not active holds no role at all.
"""

from enum import Enum
from typing import Final

import attrs

from dcss_core.base.secret import Secret


class StaffRole(Enum):
    """What a member of staff may do; several can be held."""

    HELP_DESK = "help_desk"
    """See the state of an account and of a recovery, lift a lock, reopen recovery, ask for a reset."""

    RESET_APPROVER = "reset_approver"
    """Decide on a reset that somebody else asked for."""

    ACCOUNT_ADMINISTRATOR = "account_administrator"
    """Make, disable, enable and close accounts."""

    RECORDS_OFFICER = "records_officer"
    """Read, verify, prune and export the audit log."""

    CASE_WORKER = "case_worker"
    """Open cases, and see them and their payments."""

    PAYMENT_CLERK = "payment_clerk"
    """Take payment files, find out where held money belongs, and see where every cent went."""


_PRIVILEGED: Final = frozenset(
    {
        StaffRole.HELP_DESK,
        StaffRole.RESET_APPROVER,
        StaffRole.ACCOUNT_ADMINISTRATOR,
        StaffRole.RECORDS_OFFICER,
    }
)


@attrs.frozen
class StaffMember:
    """A member of staff, or who answers for a shared account; `email` is where credentials are sent."""

    account_id: str
    roles: tuple[StaffRole, ...]
    email: Secret

    @property
    def is_privileged(self) -> bool:
        """Whether they act on others' accounts or on the audit log (IRS Pub. 1075, AC-6)."""
        return not _PRIVILEGED.isdisjoint(self.roles)
