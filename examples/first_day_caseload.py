"""The small caseload of the first day. Every person, number and address in it is made up."""

from datetime import date

from dcss_core import CaseNumber, Irn, Money, Month, Secret, Ssn
from dcss_core.cases import CaseApplication, NewObligation, NewParticipant, OpeningArrears, PersonName, Role

# One family a line: case, monthly support, the parent who pays, the parent who is paid, the child,
# and what is owed from before (the month and the amount).
FAMILIES = [
    ("0004567890", "200.00", "John Doe", "Jane Roe", "Casey Doe", [(Month(2025, 11), "50.00")]),
    ("0004567891", "150.00", "Al Montgomery", "Mary Smith", "Robin Smith", []),
    ("0004567892", "300.00", "Pat Rivers", "Kim Rivers", "Alex Rivers", []),
    ("0004567893", "225.00", "Bo Lee", "Dana Park", "Jamie Lee", []),
    ("0004567894", "180.00", "Terry Hill", "Morgan Hill", "Sky Hill", []),
]
ORDER_ISSUED = date(2024, 3, 1)
OPENED = date(2026, 1, 2)
GEORGIA = "13"


def never_issued_ssn(number: int) -> Ssn:
    """A number of the ten reserved for advertisements: it belongs to nobody."""
    return Ssn(f"987-65-{4320 + number}", accept_never_issued=True)


def irn_of(number: int, role: Role) -> Irn:
    """The Individual Registration Number by which a parent of the caseload registers."""
    return Irn(f"{role.value}{100200 + number}")


def caseload() -> list[CaseApplication]:
    """The applications that open the five cases."""
    return [
        CaseApplication(
            case_number=CaseNumber(case_number),
            opened_on=OPENED,
            participants=(
                _parent(Role.NONCUSTODIAL_PARENT, payer, number, number),
                _parent(Role.CUSTODIAL_PARENT, payee, number, number + 5),
                NewParticipant(Role.CHILD, _name(child), date(2018, 5, 4)),
            ),
            order_issued_on=ORDER_ISSUED,
            issuing_state=GEORGIA,
            obligations=(NewObligation(Money(monthly), begins=date(2024, 4, 1)),),
            arrears=tuple(OpeningArrears(month, Money(amount)) for month, amount in owed_before),
        )
        for number, (case_number, monthly, payer, payee, child, owed_before) in enumerate(FAMILIES)
    ]


def _parent(role: Role, full_name: str, number: int, ssn_number: int) -> NewParticipant:
    name = _name(full_name)
    return NewParticipant(
        role=role,
        name=name,
        birth_date=date(1988, 7, 1 + number),
        ssn=never_issued_ssn(ssn_number),
        irn=irn_of(number, role),
        email=Secret(f"{name.first}.{name.last}@example.com".lower()),
    )


def _name(full_name: str) -> PersonName:
    first, last = full_name.split()
    return PersonName(first, last)
