"""What registration asks, and reading it.

Decides whether a filled-in form can be used. Everything missing or bad is reported at once, before
anybody is looked up, so that nothing here says whom the agency knows. Invariants: what was typed never
stands in a fault; lengths and counts are judged first, and what could not be read reaches no later check,
so that no form costs more than a long name does.
"""

from collections.abc import Callable
from datetime import date
from typing import Final, TypeVar

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.people.itin import Itin
from dcss_core.base.people.nine_digits import nine_digits
from dcss_core.base.people.taxpayer_number import TaxpayerNumber, taxpayer_number
from dcss_core.base.printable import is_readable
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.users.full_name import LONGEST_FULL_NAME, is_too_long_to_read
from dcss_core.users.passwords.password import Password, PasswordViolation, prepare_password
from dcss_core.users.passwords.policy import PasswordContext, PasswordPolicy
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.security_questions import (
    AnswerContext,
    AnswerViolation,
    QuestionPolicy,
    enrolment_violations,
)
from dcss_core.users.recovery.worthless_answers import Particulars
from dcss_core.users.registration.policy import RegistrationNumber
from dcss_core.users.user_id import UserId

_Read = TypeVar("_Read")
_WANTED: Final = "an SSN, or an ITIN"


@attrs.frozen(repr=False)
class RegistrationForm:
    """A form as filled in; a field left out is empty text.

    One of `irn` and `client_id` is given. `birth_date` is written as 1990-12-31. `ssn` is the Social Security
    number or the ITIN as it was typed, or an Ssn or Itin already; empty where somebody has neither.
    """

    user_id: str
    password: Secret
    full_name: str
    birth_date: str
    ssn: Secret
    irn: str = ""
    client_id: str = ""
    answers: tuple[Answer, ...] = ()

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen(repr=False)
class Registration:
    """A form that was read without a fault."""

    user_id: UserId
    password: Password
    full_name: str
    birth_date: date
    ssn: TaxpayerNumber | None
    identifier: Irn | ClientId
    answers: tuple[Answer, ...]


@attrs.frozen
class RegistrationIncomplete:
    """Everything that is missing or bad in a form; `where` of a fault is the name of the form's field."""

    faults: tuple[Fault, ...]
    password_violations: tuple[PasswordViolation, ...]
    answer_violations: tuple[AnswerViolation, ...]


def read_registration(
    form: RegistrationForm,
    *,
    passwords: PasswordPolicy,
    questions: QuestionPolicy | None,
    accepted: tuple[RegistrationNumber, ...] = (RegistrationNumber.SSN, RegistrationNumber.ITIN),
    agency_names: tuple[str, ...] = (),
    with_mfa: bool = False,
) -> Registration | RegistrationIncomplete:
    """Read a form; `questions` is None where the jurisdiction uses none.

    `accepted` says which numbers may stand in the field `ssn`. `with_mfa` says that everybody must have a
    second factor. No list of breached passwords is asked here.
    """
    faults: list[Fault] = []
    user_id = _read("user_id", form.user_id, lambda text: UserId(text), faults)
    full_name = _read("full_name", form.full_name, _full_name, faults)
    birth_date = _read("birth_date", form.birth_date, _birth_date, faults)
    number = _number(form.ssn, accepted, faults)
    identifier = _identifier(form, faults)
    known = PasswordContext(
        user_id.value if user_id else "",
        (full_name or "",),
        agency_names,
        with_mfa=with_mfa,
        breach_count=0,
    )
    password, of_password = _password(form, passwords, known)
    particulars = Particulars(number, birth_date, (str(identifier),) if identifier else ())
    context = AnswerContext(known.user_id, known.names[0], password, particulars)
    of_answers = _answers(form, questions, context, faults)
    is_good = not (faults or of_password or of_answers)
    if is_good and user_id and full_name and birth_date and identifier and password:
        return Registration(user_id, password, full_name, birth_date, number, identifier, form.answers)
    return RegistrationIncomplete(tuple(faults), of_password, of_answers)


def _read(
    where: str, text: str, make: Callable[[str], _Read], faults: list[Fault], *, expected: str = "an entry"
) -> _Read | None:
    if is_too_long_to_read(text):
        expected = f"{LONGEST_FULL_NAME} or fewer, with ligatures written out"
        faults.append(Fault(where, f"{len(text)} characters", expected))
        return None
    if not text.strip():
        faults.append(Fault(where, "nothing", expected))
        return None
    try:
        return make(text)
    except InvalidInputError as refusal:
        faults += [attrs.evolve(fault, where=where) for fault in refusal.faults]
        return None


def _number(
    typed: Secret, accepted: tuple[RegistrationNumber, ...], faults: list[Fault]
) -> TaxpayerNumber | None:
    takes_itins = RegistrationNumber.ITIN in accepted
    if not typed.reveal().strip() and RegistrationNumber.NONE in accepted:
        return None
    if isinstance(typed, Ssn | Itin):
        number: TaxpayerNumber | None = typed
    else:
        read = _ssn_or_itin if takes_itins else taxpayer_number
        number = _read("ssn", typed.reveal(), read, faults, expected=_WANTED if takes_itins else "an SSN")
    if isinstance(number, Itin) and not takes_itins:
        faults.append(Fault("ssn", "an ITIN", "a Social Security number"))
    return number


def _ssn_or_itin(text: str) -> TaxpayerNumber:
    try:
        return taxpayer_number(text)
    except InvalidInputError as refusal:
        if nine_digits(text) is None:
            raise
        # what the digits can't be of an SSN says nothing of an ITIN
        faults = [
            attrs.evolve(fault, expected=f"{_WANTED} as the IRS assigns it") for fault in refusal.faults
        ]
        raise InvalidInputError("this is neither an SSN nor an ITIN", faults=faults) from None


def _full_name(text: str) -> str:
    if not is_readable(text):
        found = Fault("full name", "no letter", "a first and a last name, or the one name")
        raise InvalidInputError("this is no full name", faults=[found])
    return text.strip()


def _birth_date(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        fault = Fault("birth_date", "no day of the calendar", "year, month and day, as 1990-12-31")
        raise InvalidInputError("this is no birth date", faults=[fault]) from None


def _identifier(form: RegistrationForm, faults: list[Fault]) -> Irn | ClientId | None:
    if form.irn.strip() and form.client_id.strip():
        faults.append(Fault("client_id", "an IRN too", "an IRN or a Client ID, not both"))
        return None
    if form.client_id.strip():
        return _read("client_id", form.client_id, lambda text: ClientId(text), faults)
    return _read("irn", form.irn, lambda text: Irn(text), faults, expected="an IRN, or else a Client ID")


def _answers(
    form: RegistrationForm, questions: QuestionPolicy | None, context: AnswerContext, faults: list[Fault]
) -> tuple[AnswerViolation, ...]:
    if questions is None:
        if form.answers:
            faults.append(Fault("answers", str(len(form.answers)), "none; they aren't used here"))
        return ()
    return enrolment_violations(form.answers, questions, context)


def _password(
    form: RegistrationForm, policy: PasswordPolicy, context: PasswordContext
) -> tuple[Password | None, tuple[PasswordViolation, ...]]:
    prepared = prepare_password(form.password, policy.normalize)
    if not isinstance(prepared, Password):
        return None, (prepared,)
    return prepared, policy.violations(prepared, context)
