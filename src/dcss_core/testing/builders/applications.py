"""Applications: what opens a case, and the form by which a parent registers, filled in rightly.

Decides what is taken where a test says nothing: John Doe pays Jane Roe $200.00 a month for Casey, by an order
of 2024, in a case opened on 2 January 2026. Invariant: what is built can be opened as it stands, on that day
or later.
"""

from datetime import date
from typing import Any, Final, TypeAlias

import attrs

from dcss_core.agency.agency import Agency
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.cases.case import Role
from dcss_core.cases.opening import CaseApplication, KnownParticipant, NewObligation, NewParticipant
from dcss_core.cases.people.person import PersonName
from dcss_core.testing.builders.people import JANE_ROE, JOHN_DOE, SyntheticParent
from dcss_core.users.registration.form import RegistrationForm

Participant: TypeAlias = SyntheticParent | NewParticipant | KnownParticipant

_WHO: Final = {
    Role.NONCUSTODIAL_PARENT: JOHN_DOE.participant(Role.NONCUSTODIAL_PARENT),
    Role.CUSTODIAL_PARENT: JANE_ROE.participant(Role.CUSTODIAL_PARENT),
    Role.CHILD: NewParticipant(Role.CHILD, PersonName("Casey", "Doe"), date(2018, 5, 4)),
}


def participant(role: Role, name: str | PersonName | None = None, **changes: Any) -> NewParticipant:
    """Somebody of an application: the one of `case_application()` with this role, or a stranger with a name.

    A stranger is born on the same day and has neither number nor address. `changes` are fields of a
    NewParticipant.
    """
    made = _WHO[role]
    if name is not None:
        made = NewParticipant(role, _person_name(name), made.birth_date)
    return attrs.evolve(made, **changes)


def case_application(
    case_number: CaseNumber | str = "0004567890",
    *,
    payer: Participant = JOHN_DOE,
    payee: Participant = JANE_ROE,
    child: str | PersonName = "Casey Doe",
    monthly: Money | str = "200.00",
    **changes: Any,
) -> CaseApplication:
    """The application for a case; `changes` are fields of a CaseApplication, as `arrears`.

    A second case of other people names them: `payer=synthetic_parent(1)`.
    """
    number = case_number if isinstance(case_number, CaseNumber) else CaseNumber(case_number)
    amount = monthly if isinstance(monthly, Money) else Money(monthly)
    made = CaseApplication(
        case_number=number,
        opened_on=date(2026, 1, 2),
        participants=(
            _in_role(Role.NONCUSTODIAL_PARENT, payer),
            _in_role(Role.CUSTODIAL_PARENT, payee),
            participant(Role.CHILD, child),
        ),
        order_issued_on=date(2024, 3, 1),
        issuing_state="13",
        obligations=(NewObligation(amount, begins=date(2024, 4, 1)),),
    )
    return attrs.evolve(made, **changes)


def registration_form(agency: Agency, parent: SyntheticParent = JANE_ROE, **changes: Any) -> RegistrationForm:
    """The form by which a parent registers at an agency; `changes` are fields of a RegistrationForm.

    The agency's rules say how many security questions are answered, the first ones of its list; where they
    use none, none is.
    """
    questions = agency.accounts.policies().questions
    asked = questions.catalogue[: questions.count] if questions else ()
    made = RegistrationForm(
        user_id=parent.user_id,
        password=parent.password,
        full_name=parent.name.full,
        birth_date=parent.birth_date.isoformat(),
        ssn=parent.ssn,
        irn=str(parent.irn),
        answers=parent.answers(asked),
    )
    return attrs.evolve(made, **changes)


def _in_role(role: Role, who: Participant) -> NewParticipant | KnownParticipant:
    return who.participant(role) if isinstance(who, SyntheticParent) else who


def _person_name(name: str | PersonName) -> PersonName:
    if isinstance(name, PersonName):
        return name
    first, _, last = name.partition(" ")
    return PersonName(first, last)
