"""The small caseload of the first day. Every person, number and address in it is made up."""

from datetime import date

from dcss_core import Irn, Money, Month, Secret, Ssn
from dcss_core.cases import CaseApplication, NewParticipant, OpeningArrears, Role
from dcss_core.testing import case_application, never_issued_ssn, participant

# One family a line: case, monthly support, the parent who pays, the parent who is paid, the child,
# and what is owed from before (the month and the amount).
FAMILIES = [
    ("0004567890", "200.00", "John Doe", "Jane Roe", "Casey Doe", [(Month(2025, 11), "50.00")]),
    ("0004567891", "150.00", "Al Montgomery", "Mary Smith", "Robin Smith", []),
    ("0004567892", "300.00", "Pat Rivers", "Kim Rivers", "Alex Rivers", []),
    ("0004567893", "225.00", "Bo Lee", "Dana Park", "Jamie Lee", []),
    ("0004567894", "180.00", "Terry Hill", "Morgan Hill", "Sky Hill", []),
]


def irn_of(number: int, role: Role) -> Irn:
    """The Individual Registration Number by which a parent of the caseload registers."""
    return Irn(f"{role.value}{100200 + number}")


def caseload() -> list[CaseApplication]:
    """The applications that open the five cases."""
    return [
        case_application(
            case_number,
            payer=_parent(Role.NONCUSTODIAL_PARENT, payer, number, number),
            payee=_parent(Role.CUSTODIAL_PARENT, payee, number, number + 5),
            child=child,
            monthly=monthly,
            arrears=tuple(OpeningArrears(month, Money(amount)) for month, amount in owed_before),
        )
        for number, (case_number, monthly, payer, payee, child, owed_before) in enumerate(FAMILIES)
    ]


def ssn_of(number: int) -> Ssn:
    """One of the ten numbers reserved for advertisements: it belongs to nobody."""
    return never_issued_ssn(f"987-65-{4320 + number}")


def _parent(role: Role, full_name: str, number: int, ssn_number: int) -> NewParticipant:
    return participant(
        role,
        full_name,
        birth_date=date(1988, 7, 1 + number),
        ssn=ssn_of(ssn_number),
        irn=irn_of(number, role),
        email=Secret(f"{full_name.replace(' ', '.')}@example.com".lower()),
    )
