"""Case: one parent who is or may be obligated, and the family with the dependent children.

Decides nothing; see `opening` for what a case needs. Source: 45 CFR 305.1(a).
"""

from datetime import date

import attrs

from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.records.invariants import check_invariants


class Role(OrderedEnum):
    """What a person is in one case, by the Federal Case Registry's codes (45 CFR 307.11(f)(1))."""

    CUSTODIAL_PARENT = "CP"
    NONCUSTODIAL_PARENT = "NP"
    CHILD = "CH"


class Assistance(OrderedEnum):
    """Whether the family gets, got or never got title IV-A or IV-E assistance (42 USC 657(c)(1))."""

    NEVER = "never_assistance"
    CURRENT = "current_assistance"
    FORMER = "former_assistance"


class CaseStatus(OrderedEnum):
    """Where a case stands."""

    OPEN = "open"
    CLOSED = "closed"


@attrs.frozen
class Case:
    """A IV-D case."""

    case_number: CaseNumber
    assistance: Assistance
    status: CaseStatus
    opened_on: date


@attrs.frozen
class Participation:
    """A person's role in a case; `participation_id` is `case number/role/person id`."""

    participation_id: str
    case_number: CaseNumber
    person_id: str
    role: Role

    def __attrs_post_init__(self) -> None:
        named = _participation_id(self.case_number, self.person_id, self.role)
        check_invariants(self, (self.participation_id == named, "its id is made of case, role and person"))

    @classmethod
    def of(cls, case_number: CaseNumber, person_id: str, role: Role) -> "Participation":
        """Say that a person has a role in a case."""
        return cls(_participation_id(case_number, person_id, role), case_number, person_id, role)


def _participation_id(case_number: CaseNumber, person_id: str, role: Role) -> str:
    return f"{case_number}/{role.value}/{person_id}"
