"""OwnCase: what a parent is told of a case that is theirs.

Decides what of a case is for both parents to know. Invariant: whether the family gets assistance is not part
of it, for it would tell one parent of the other's.
"""

from datetime import date

import attrs

from dcss_core.base.identifiers import CaseNumber
from dcss_core.cases.case import Case, CaseStatus, Role


@attrs.frozen
class OwnCase:
    """A case, and what the parent who asks is in it."""

    case_number: CaseNumber
    role: Role
    status: CaseStatus
    opened_on: date

    @classmethod
    def of(cls, case: Case, role: Role) -> "OwnCase":
        """A case as a parent in this role is told of it."""
        return cls(case.case_number, role, case.status, case.opened_on)
