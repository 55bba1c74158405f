"""Opening a case: what it needs before money can be posted to it.

Decides whether an application is complete and makes the records. Invariants: exactly one
noncustodial parent (45 CFR 305.1(a)), one custodial parent and at least one child, each another
person; every fault is reported at once; nothing is opened, ordered or born after today; arrears brought
along are of months before the month of opening; the event holds the hash of all that was entered.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime
from hashlib import sha256
from itertools import combinations
from typing import ClassVar, Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.events import Event
from dcss_core.base.expected_types import check_fields
from dcss_core.base.identifiers import CaseNumber, ClientId, Irn
from dcss_core.base.json.canonical import canonical
from dcss_core.base.locator_code import STATE_NUMBERS
from dcss_core.base.money import Money
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.people.contact_value import faults_of_contact, plain_value
from dcss_core.base.people.itin import Itin
from dcss_core.base.people.mail_address import faults_of_mail_address
from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.base.secret import Secret
from dcss_core.cases.case import Assistance, Case, CaseStatus, Participation, Role
from dcss_core.cases.order import Obligation, ObligationKind, SupportOrder
from dcss_core.cases.people.contacts.change import brought_with_the_case
from dcss_core.cases.people.contacts.point import ContactPoint
from dcss_core.cases.people.person import Person, PersonName, faults_of_name
from dcss_core.errors import Fault, InvalidInputError

MOST_PARTICIPANTS: Final = 100
"""People of one case at most, so that a list that was put together wrongly is refused before any work."""

_ROLE_WORDS: Final = {
    Role.NONCUSTODIAL_PARENT: "noncustodial parent",
    Role.CUSTODIAL_PARENT: "custodial parent",
    Role.CHILD: "child",
}

_HASHED_AS: Final = "1"  # how what is entered is written down for its hash

LARGEST_FOR_A_MONTH: Final = Money("1000000.00")
"""A sanity bound, not law: no month's support is more, and sums of such amounts stay amounts of money."""


@attrs.frozen
class NewParticipant:
    """A participant whom the agency does not know yet; `ssn` is an Itin for somebody who has no SSN.

    `postal` is the postal address, 2 to 6 lines of text.
    """

    role: Role
    name: PersonName
    birth_date: date
    ssn: TaxpayerNumber | None = None
    irn: Irn | None = None
    client_id: ClientId | None = None
    email: Secret | None = None
    postal: Secret | None = None

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class KnownParticipant:
    """A participant who is on file already, in whatever role elsewhere."""

    role: Role
    person_id: str

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class NewObligation:
    """A monthly obligation of the order to be entered: more than zero, at most `LARGEST_FOR_A_MONTH`."""

    monthly_amount: Money
    begins: date
    ends: date | None = None
    due_day: int = 1

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class OpeningArrears:
    """What is owed from an earlier month when the case is opened, by the record of payments.

    `obligation` is the place, from 1, of the application's obligation it is owed under.
    No month lies before the one in which the order was issued or its first obligation begins, whichever
    is earlier; that is a bound of this library, not of law. The amount is at most `LARGEST_FOR_A_MONTH`.
    """

    month: Month
    amount: Money
    obligation: int = 1

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class CaseApplication:
    """All that opens a case: its number, its people, its order and what is owed from before."""

    case_number: CaseNumber
    opened_on: date
    participants: tuple[NewParticipant | KnownParticipant, ...]
    order_issued_on: date
    issuing_state: str
    obligations: tuple[NewObligation, ...]
    arrears: tuple[OpeningArrears, ...] = ()
    assistance: Assistance = Assistance.NEVER

    def __attrs_post_init__(self) -> None:
        check_fields(self)


@attrs.frozen
class CaseOpened(Event):
    """A case was opened; `recorded` is the hash of who is in it, of its order and of what is owed."""

    kind: ClassVar[str] = "case_opened"
    about: ClassVar[tuple[str, str]] = ("case", "case_number")
    case_number: CaseNumber
    assistance: Assistance
    opening_arrears: Money
    recorded: str


@attrs.frozen(order=True)
class OwedBefore:
    """What is owed of one obligation from a month before the case was opened."""

    obligation_id: str
    month: Month
    amount: Money


@attrs.frozen
class OpenedCase:
    """The records of a case that was opened."""

    case: Case
    new_people: tuple[Person, ...]
    addresses: tuple[ContactPoint, ...]
    participations: tuple[Participation, ...]
    order: SupportOrder
    obligations: tuple[Obligation, ...]
    arrears: tuple[OpeningArrears, ...]
    events: tuple[Event, ...]

    def person_in(self, role: Role) -> str:
        """The id of the (first) person with a role in the case."""
        return next(each.person_id for each in self.participations if each.role is role)


def open_case(
    application: CaseApplication,
    *,
    today: date,
    now: datetime,
    new_id: Callable[[], str],
    index_of: Callable[[TaxpayerNumber], str],
) -> OpenedCase:
    """Make the records of a new case; raises InvalidInputError with every fault of the application."""
    _check(application, today)
    number = application.case_number
    people: list[Person] = []
    addresses: list[ContactPoint] = []
    participations = []
    for participant in application.participants:
        if isinstance(participant, NewParticipant):
            people.append(_person(participant, new_id(), index_of))
            person_id = people[-1].person_id
            addresses += _addresses(participant, person_id, new_id, now)
        else:
            person_id = participant.person_id
        participations.append(Participation.of(number, person_id, participant.role))
    order = SupportOrder(f"{number}/order/1", number, application.order_issued_on, application.issuing_state)
    obligations = tuple(
        _obligation(new, place, order) for place, new in enumerate(application.obligations, start=1)
    )
    owed = [
        OwedBefore(obligations[each.obligation - 1].obligation_id, each.month, each.amount)
        for each in application.arrears
    ]
    case = Case(number, application.assistance, CaseStatus.OPEN, application.opened_on)
    event = CaseOpened(
        number,
        application.assistance,
        Money.total(each.amount for each in owed),
        recorded(case, participations, [order], obligations, owed),
    )
    return OpenedCase(
        case=case,
        new_people=tuple(people),
        addresses=tuple(addresses),
        participations=tuple(participations),
        order=order,
        obligations=obligations,
        arrears=application.arrears,
        events=(event,),
    )


def recorded(
    case: Case,
    participations: Iterable[Participation],
    orders: Iterable[SupportOrder],
    obligations: Iterable[Obligation],
    owed: Iterable[OwedBefore],
) -> str:
    """The hash of all that is entered when a case is opened, in whatever order it is read."""
    entered = [
        [str(case.case_number), case.assistance.value, case.opened_on.isoformat()],
        sorted([each.role.value, each.person_id] for each in participations),
        sorted([each.order_id, each.issued_on.isoformat(), each.issuing_state] for each in orders),
        [_entered(each) for each in sorted(obligations, key=lambda each: each.obligation_id)],
        [[each.obligation_id, str(each.month), each.amount.cents] for each in sorted(owed)],
    ]
    return f"{_HASHED_AS}:{sha256(canonical(entered).encode()).hexdigest()}"


def _check(application: CaseApplication, today: date) -> None:
    faults = [
        *_faults_of_days(application, today),
        *_faults_of_people(application, today),
        *_faults_of_money(application, today),
    ]
    if faults:
        raise InvalidInputError(f"case {application.case_number} can't be opened as it stands", faults=faults)


def _entered(obligation: Obligation) -> list[str | int | None]:
    return [
        obligation.obligation_id,
        obligation.order_id,
        obligation.kind.value,
        obligation.monthly_amount.cents,
        obligation.begins.isoformat(),
        None if obligation.ends is None else obligation.ends.isoformat(),
        obligation.due_day,
    ]


def _obligation(new: NewObligation, place: int, order: SupportOrder) -> Obligation:
    return Obligation(
        obligation_id=f"{order.case_number}/{place}",
        order_id=order.order_id,
        case_number=order.case_number,
        kind=ObligationKind.CHILD_SUPPORT,
        monthly_amount=new.monthly_amount,
        begins=new.begins,
        ends=new.ends,
        due_day=new.due_day,
    )


def _person(new: NewParticipant, person_id: str, index_of: Callable[[TaxpayerNumber], str]) -> Person:
    return Person(
        person_id=person_id,
        name=new.name,
        birth_date=new.birth_date,
        ssn=new.ssn,
        ssn_index=index_of(new.ssn) if new.ssn else None,
        irn=new.irn,
        client_id=new.client_id,
        email=new.email,
    )


def _addresses(
    new: NewParticipant, person_id: str, new_id: Callable[[], str], now: datetime
) -> list[ContactPoint]:
    if new.postal is None:
        return []
    plain = plain_value(ContactKind.POSTAL, new.postal)
    return [brought_with_the_case(new_id(), person_id, plain, now)]


def _faults_of_days(application: CaseApplication, today: date) -> list[Fault]:
    days = (("opened on", application.opened_on), ("order issued on", application.order_issued_on))
    return [Fault(where, str(day), f"{today} or a day before it") for where, day in days if day > today]


def _faults_of_people(application: CaseApplication, today: date) -> list[Fault]:
    people = len(application.participants)
    if people > MOST_PARTICIPANTS:  # of which each is compared with each
        return [Fault("participants", str(people), f"{MOST_PARTICIPANTS} or fewer")]
    faults = []
    for role, word in _ROLE_WORDS.items():
        count = sum(each.role is role for each in application.participants)
        expected = "at least 1" if role is Role.CHILD else "exactly 1"
        if count == 0 or (count > 1 and role is not Role.CHILD):
            faults.append(Fault(f"participants: {word}", str(count), expected))
    for place, participant in enumerate(application.participants, start=1):
        if isinstance(participant, NewParticipant):
            where = f"participant {place} ({_ROLE_WORDS[participant.role]})"
            faults += faults_of_name(f"{where}: name", participant.name)
            if participant.birth_date > min(application.opened_on, today):
                faults.append(Fault(f"{where}: birth date", str(participant.birth_date), "a day in the past"))
            if participant.email is not None:
                faults += faults_of_mail_address(f"{where}: e-mail", participant.email)
            if participant.postal is not None:
                plain = plain_value(ContactKind.POSTAL, participant.postal)
                faults += faults_of_contact(f"{where}: postal address", ContactKind.POSTAL, plain)
    for (first, one), (second, other) in combinations(enumerate(application.participants, start=1), 2):
        for word in _shared(one, other):
            found = f"the same {word} as participant {first}"
            faults.append(Fault(f"participant {second}", found, "another person"))
    return faults


def _shared(one: NewParticipant | KnownParticipant, other: NewParticipant | KnownParticipant) -> list[str]:
    if isinstance(one, KnownParticipant) and isinstance(other, KnownParticipant):
        return ["person id"] if one.person_id == other.person_id else []
    if isinstance(one, NewParticipant) and isinstance(other, NewParticipant):
        identifiers = (
            ("ITIN" if isinstance(one.ssn, Itin) else "SSN", one.ssn, other.ssn),
            ("IRN", one.irn, other.irn),
            ("Client ID", one.client_id, other.client_id),
        )
        return [word for word, mine, theirs in identifiers if mine is not None and mine == theirs]
    return []


def _faults_of_money(application: CaseApplication, today: date) -> list[Fault]:
    faults = []
    if application.issuing_state not in STATE_NUMBERS:
        expected = "a state's two-digit FIPS number, as '13'"
        faults.append(Fault("issuing state", repr(application.issuing_state[:12]), expected))
    if not application.obligations:
        faults.append(Fault("obligations", "none", "at least one monthly amount"))
    for place, obligation in enumerate(application.obligations, start=1):
        where = f"obligation {place}"
        faults += _faults_of_amount(f"{where}: amount", obligation.monthly_amount)
        if not 1 <= obligation.due_day <= 31:
            faults.append(
                Fault(f"{where}: due day", _number(obligation.due_day), "a day of the month, 1 to 31")
            )
        if obligation.ends is not None and obligation.ends <= obligation.begins:
            faults.append(Fault(f"{where}: end", str(obligation.ends), f"a day after {obligation.begins}"))
    return [*faults, *_faults_of_arrears(application, today)]


def _faults_of_arrears(application: CaseApplication, today: date) -> list[Fault]:
    faults = []
    opened_in = Month.of(min(application.opened_on, today))
    begins = [each.begins for each in application.obligations]
    owed_from = Month.of(min(application.order_issued_on, today, *begins))
    seen = set()
    for arrears in application.arrears:
        where = f"arrears of {arrears.month}"
        if arrears.month >= opened_in:
            faults.append(Fault(where, "a month not yet past", f"a month before {opened_in}"))
        if arrears.month < owed_from:
            found = "a month before the order was issued and its first obligation begins"
            faults.append(Fault(where, found, f"{owed_from} or a month after it"))
        faults += _faults_of_amount(f"{where}: amount", arrears.amount)
        if not 1 <= arrears.obligation <= len(application.obligations):
            places = f"the place of an obligation, 1 to {len(application.obligations)}"
            faults.append(Fault(f"{where}: obligation", _number(arrears.obligation), places))
        if (arrears.month, arrears.obligation) in seen:
            faults.append(Fault(where, "the month twice", "each month once for an obligation"))
        seen.add((arrears.month, arrears.obligation))
    return faults


def _faults_of_amount(where: str, amount: Money) -> list[Fault]:
    if amount <= Money.ZERO:
        return [Fault(where, str(amount), "more than zero")]
    if amount > LARGEST_FOR_A_MONTH:
        return [Fault(where, str(amount), f"at most {LARGEST_FOR_A_MONTH} for a month")]
    return []


def _number(given: int) -> str:
    return str(given) if abs(given) < 10**6 else "a number far too large"
