"""`agency.cases`: open a case and find what a person has to do with."""

from datetime import date

import attrs

from dcss_core.agency.filing.cases import CASES, OBLIGATIONS, ORDERS, PARTICIPATIONS, PEOPLE
from dcss_core.agency.filing.payments import CASE_ACCOUNTS, POSTINGS
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.sensitive_reads import CaseSeen
from dcss_core.base.dates import Month
from dcss_core.base.expected_types import checked
from dcss_core.base.identifiers import CaseNumber
from dcss_core.cases.case import Case, Role
from dcss_core.cases.opening import CaseApplication, KnownParticipant, OpenedCase, open_case
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.obligations.charging import open_account


@attrs.frozen(repr=False)
class Cases:
    """The verbs on cases."""

    _resources: Resources

    @checked
    def open(self, application: CaseApplication, *, by: Actor) -> Case:
        """Open a case with its people, its order and what is owed from before.

        Raises InvalidInputError with every fault: an incomplete application, a number or a person
        that is on file already, a known person who is not.
        """

        def verb(work: UnitOfWork) -> Case:
            faults = [*_faults_on_file(work, application), *self._people_on_file(work, application)]
            opened = self._opened(application, faults, today=self._resources.day_of(work.now))
            _save(work, opened)
            work.audit(opened.events, by)
            return opened.case

        return self._resources.write(verb)

    @checked
    def find(self, case_number: CaseNumber, *, by: Actor) -> Case | None:
        """The case with this number, or None; that it was shown is audited."""

        def verb(work: UnitOfWork) -> Case | None:
            kept = work.get(CASES, case_number)
            if kept is None:
                return None
            work.audit([CaseSeen(case_number, "case")], by)
            return kept.record

        return self._resources.write(verb)

    def _opened(self, application: CaseApplication, on_file: list[Fault], *, today: date) -> OpenedCase:
        resources = self._resources
        own: tuple[Fault, ...] = ()
        opened = None
        try:
            opened = open_case(
                application, today=today, new_id=resources.new_id, index_of=resources.sealer.index_of
            )
        except InvalidInputError as incomplete:
            own = incomplete.faults
        if opened is None or on_file:
            number = application.case_number
            raise InvalidInputError(f"case {number} can't be opened as it stands", faults=[*own, *on_file])
        return opened

    def _people_on_file(self, work: UnitOfWork, application: CaseApplication) -> list[Fault]:
        faults = []
        for place, new in enumerate(application.participants, start=1):
            if isinstance(new, KnownParticipant):
                continue
            indexes = self._resources.sealer.indexes_of(new.ssn) if new.ssn else ()
            searches: list[tuple[str, object]] = [("ssn_index", index) for index in indexes]
            searches += [("irn", new.irn), ("client_id", new.client_id)]
            for field, value in searches:
                if value is not None and work.find(PEOPLE, (field,), (value,), limit=1):
                    word = {"ssn_index": "SSN", "irn": "IRN", "client_id": "Client ID"}[field]
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
    work.insert(CASES, [opened.case])
    work.insert(PARTICIPATIONS, opened.participations)
    work.insert(ORDERS, [opened.order])
    work.insert(OBLIGATIONS, opened.obligations)
    work.insert(CASE_ACCOUNTS, [entered.account])
    work.append(POSTINGS, entered.postings)
