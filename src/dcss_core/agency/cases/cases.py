"""`agency.cases`: open a case, find one, and say which are whose.

Invariant: which cases there are is told to those who work on them; a parent is told their own.
"""

from collections.abc import Iterator

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.books import post_to_books
from dcss_core.agency.filing.cases import CASES, CONTACT_POINTS, OBLIGATIONS, ORDERS, PARTICIPATIONS, PEOPLE
from dcss_core.agency.filing.payments import CASE_ACCOUNTS
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.reads import CaseSeen, NothingFound
from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.pages import LONGEST_PAGE, page_of
from dcss_core.base.people.itin import Itin
from dcss_core.cases.case import Case, Role
from dcss_core.cases.opening import CaseApplication, KnownParticipant, OpenedCase, open_case
from dcss_core.cases.own_case import OwnCase
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.obligations.charging import open_account


@attrs.frozen(repr=False)
class Cases:
    """The verbs on cases."""

    _door: Door

    @verb
    def open(self, application: CaseApplication, *, by: Caller) -> Case:
        """Open a case with its people, its order and what is owed from before.

        Raises InvalidInputError with every fault: an incomplete application, a number or a person
        that is on file already, a known person who is not.
        """

        def act(work: UnitOfWork, caller: Admitted) -> Case:
            faults = [*_faults_on_file(work, application), *_people_on_file(work, application)]
            opened = _opened(work, application, faults)
            _save(work, opened)
            work.audit(opened.events, caller.actor)
            return opened.case

        return self._door.write("cases.open", by, act)

    @verb
    def find(self, case_number: CaseNumber, *, by: Caller) -> Case | None:
        """The case with this number, or None; that it was shown is audited."""

        def look(work: UnitOfWork, caller: Admitted) -> None:
            is_there = work.get(CASES, case_number) is not None
            seen = CaseSeen(case_number, "case") if is_there else NothingFound("case")
            work.audit([seen], caller.actor)

        def view(work: UnitOfWork, _: None) -> Case | None:
            kept = work.get(CASES, case_number)
            return None if kept is None else kept.record

        return self._door.show("cases.find", by, look, view)

    @verb
    def own(
        self, by: Caller, *, after: CaseNumber | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[OwnCase, ...]:
        """The cases in which the parent who is signed in is a parent, by case number.

        `after` is the number of such a case: the list continues after it. Raises NotPermittedError without a
        full session of a parent.
        """

        def act(work: UnitOfWork, caller: Admitted) -> tuple[OwnCase, ...]:
            return page_of(
                _own_cases(work, caller.person_id),
                after=None if after is None else str(after),
                limit=limit,
                key=lambda case: str(case.case_number),
                expected="the number of one of one's own cases",
            )

        return self._door.read("cases.own", by, act)


def _own_cases(work: UnitOfWork, person_id: str) -> Iterator[OwnCase]:
    for kept in work.find(PARTICIPATIONS, ("person_id", "case_number"), (person_id,)):
        case = work.get(CASES, kept.record.case_number)
        if case is not None and kept.record.role is not Role.CHILD:
            yield OwnCase.of(case.record, kept.record.role)


def _opened(work: UnitOfWork, application: CaseApplication, on_file: list[Fault]) -> OpenedCase:
    own: tuple[Fault, ...] = ()
    opened = None
    try:
        opened = open_case(
            application,
            today=work.today,
            now=work.now,
            new_id=work.new_id,
            index_of=work.sealer.index_of,
        )
    except InvalidInputError as incomplete:
        own = incomplete.faults
    if opened is None or on_file:
        number = application.case_number
        raise InvalidInputError(f"case {number} can't be opened as it stands", faults=[*own, *on_file])
    return opened


def _people_on_file(work: UnitOfWork, application: CaseApplication) -> list[Fault]:
    faults = []
    for place, new in enumerate(application.participants, start=1):
        if isinstance(new, KnownParticipant):
            continue
        indexes = work.sealer.indexes_of(new.ssn) if new.ssn else ()
        searches: list[tuple[str, object]] = [("ssn_index", index) for index in indexes]
        searches += [("irn", new.irn), ("client_id", new.client_id)]
        for field, value in searches:
            if value is not None and work.find(PEOPLE, (field,), (value,), limit=1):
                number = "ITIN" if isinstance(new.ssn, Itin) else "SSN"
                word = {"ssn_index": number, "irn": "IRN", "client_id": "Client ID"}[field]
                found = f"a person on file with this {word}"
                faults.append(Fault(f"participant {place}", found, "KnownParticipant(role, person_id)"))
    return faults


def _faults_on_file(work: UnitOfWork, application: CaseApplication) -> list[Fault]:
    faults = []
    if work.get(CASES, application.case_number) is not None:
        number = str(application.case_number)
        faults.append(Fault("case number", f"{number}, which is a case already", "a new number"))
    for place, known in enumerate(application.participants, start=1):
        if isinstance(known, KnownParticipant) and work.get(PEOPLE, known.person_id) is None:
            faults.append(Fault(f"participant {place}", "a person id not on file", "a person on file"))
    return faults


def _save(work: UnitOfWork, opened: OpenedCase) -> None:
    number = opened.case.case_number
    empty = CaseAccount(
        case_number=number,
        payee_id=opened.person_in(Role.CUSTODIAL_PARENT),
        charged_through=Month.of(opened.case.opened_on).plus(-1),
    )
    obligation_ids = [each.obligation_id for each in opened.obligations]
    entered = open_account(empty, opened.arrears, obligation_ids, at=work.now)
    work.insert(PEOPLE, opened.new_people)
    work.insert(CONTACT_POINTS, opened.addresses)
    work.insert(CASES, [opened.case])
    work.insert(PARTICIPATIONS, opened.participations)
    work.insert(ORDERS, [opened.order])
    work.insert(OBLIGATIONS, opened.obligations)
    work.insert(CASE_ACCOUNTS, [entered.account])
    post_to_books(work, entered.postings, opens=True)
