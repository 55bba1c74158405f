"""Synthetic parents: who they are, what they type, and how they stand in a case.

Decides nothing about anybody real. Invariants: a Social Security number is of the area 9xx with a group of 01
to 49, which nobody issues; two numbers make two people who share no identifier, no address and no user ID.
"""

from datetime import date
from typing import Any, Final

import attrs

from dcss_core.base.identifiers import CaseNumber, Irn
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.cases.case import Role
from dcss_core.cases.opening import NewParticipant
from dcss_core.cases.people.person import PersonName
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.security_questions import Question

_SERIALS: Final = 9_999
_GROUPS: Final = 49
_FIRST_AREA: Final = 910  # below stand JANE_ROE, JOHN_DOE and what tests write by hand
_AREAS: Final = 90
_MOST: Final = _SERIALS * _GROUPS * _AREAS
_WORDS: Final = "seven green kites over savannah"


@attrs.frozen
class SyntheticParent:
    """A made-up parent, and what they type."""

    name: PersonName
    birth_date: date
    ssn: TaxpayerNumber
    irn: Irn
    email: Secret
    user_id: str
    password: Secret

    def participant(self, role: Role) -> NewParticipant:
        """How an application for a case names them."""
        return NewParticipant(role, self.name, self.birth_date, ssn=self.ssn, irn=self.irn, email=self.email)

    def answers(self, questions: tuple[Question, ...]) -> tuple[Answer, ...]:
        """What they answer to security questions: always the same, and to no two the same."""
        return tuple(
            Answer(
                each.question_id, Secret(f"{self.name.last}'s {each.question_id.replace('_', ' ')} of 1995")
            )
            for each in questions
        )


@attrs.frozen
class RegisteredParent(SyntheticParent):
    """A made-up parent who has an account and is in a case."""

    account_id: str
    case_number: CaseNumber


def never_issued_ssn(text: str | int) -> Ssn:
    """A Social Security number that is nobody's: as it is written, or the one with a number from 1 on.

    Raises InvalidInputError for one that may be somebody's.
    """
    return Ssn(text if isinstance(text, str) else _numbered(text), accept_never_issued=True)


def synthetic_parent(number: int, name: str = "Al Hill", **changes: Any) -> SyntheticParent:
    """The parent with a number from 1 on; `changes` are fields of a SyntheticParent."""
    ssn = never_issued_ssn(number)
    first, _, last = name.partition(" ")
    made = SyntheticParent(
        name=PersonName(first, last),
        birth_date=date(1988, 7, 1 + number % 28),
        ssn=ssn,
        irn=Irn(f"P{number:08d}"),
        email=Secret(f"{first}.{last}.{number}@example.com".lower()),
        user_id=f"{first}-{number}".lower(),
        password=Secret(f"{_WORDS} {number}"),
    )
    return attrs.evolve(made, **changes)


def _numbered(number: int) -> str:
    if not 1 <= number <= _MOST:
        fault = Fault("number", str(number)[:20], f"1 to {_MOST}")
        raise InvalidInputError("there is no synthetic person with this number", faults=[fault])
    rest, serial = divmod(number - 1, _SERIALS)
    area, group = divmod(rest, _GROUPS)
    return f"{_FIRST_AREA + area}-{group + 1:02d}-{serial + 1:04d}"


JANE_ROE: Final = SyntheticParent(
    name=PersonName("Jane", "Roe"),
    birth_date=date(1988, 7, 1),
    ssn=never_issued_ssn("900-01-4321"),
    irn=Irn("CP100200"),
    email=Secret("jane.roe@example.com"),
    user_id="JRoe88",
    password=Secret("seven green kites over savannah"),
)
"""The custodial parent of `case_application()`."""

JOHN_DOE: Final = SyntheticParent(
    name=PersonName("John", "Doe"),
    birth_date=date(1986, 2, 3),
    ssn=never_issued_ssn("901-02-8765"),
    irn=Irn("NCP100200"),
    email=Secret("john.doe@example.com"),
    user_id="john-doe",
    password=Secret("nine brass lanterns by the river"),
)
"""The noncustodial parent of `case_application()`."""
