"""`agency.cases`: a case is opened with its people, once."""

from datetime import date

import attrs
import pytest

from dcss_core import Actor, CaseNumber, ClientId, Money, Month, Ssn
from dcss_core.cases import KnownParticipant, NewObligation, NewParticipant, OpeningArrears, PersonName, Role
from dcss_core.errors import BackendError, InvalidInputError
from dcss_core.payments.ledger.ledger import Place

pytestmark = pytest.mark.on_every_storage

OTHER = CaseNumber("0004567899")


def faults(agency, application, intake):
    with pytest.raises(InvalidInputError) as caught:
        agency.cases.open(application, by=intake)
    return {(fault.where, fault.found) for fault in caught.value.faults}


@pytest.fixture
def person_ids(agency, opened_case):
    """The ids of the opened case's people, by role, as staff see them in its participations."""
    from dcss_core.agency.filing.cases import PARTICIPATIONS

    kept = agency.cases._door._resources.read(
        lambda work: work.find(PARTICIPATIONS, ("case_number", "role"), (opened_case,))
    )
    return {each.record.role: each.record.person_id for each in kept}


def test_an_opened_case_is_found_by_its_number(agency, case_application, clerk):
    opened = agency.cases.open(case_application, by=clerk)
    assert agency.cases.find(CaseNumber("0004567890"), by=clerk) == opened
    assert agency.cases.find(OTHER, by=clerk) is None


def test_s14_who_looked_at_a_case_is_audited(agency, opened_case, last_number, clerk):
    number = last_number(agency)
    agency.cases.find(opened_case, by=clerk)
    agency.cases.find(OTHER, by=clerk)  # there is none, and its number stands nowhere
    entries = [entry for _, entry in agency.audit.entries(after=number, by=Actor.system("audit"))]
    assert [(entry.kind, entry.subject, entry.actor) for entry in entries] == [
        ("sensitive_read", "case:0004567890", "staff:worker-17"),
        ("sensitive_read", "search:case", "staff:worker-17"),
    ]
    assert str(OTHER) not in str(entries)


def test_arrears_are_entered_under_the_obligation_they_name(agency, case_application, intake):
    from dcss_core.agency.filing.payments import POSTINGS

    obligations = tuple(NewObligation(Money(each), begins=date(2024, 4, 1)) for each in ("60.00", "40.00"))
    arrears = (
        OpeningArrears(Month(2025, 11), Money("50.00")),
        OpeningArrears(Month(2025, 11), Money("7.00"), obligation=2),
    )
    application = attrs.evolve(case_application, obligations=obligations, arrears=arrears)
    number = agency.cases.open(application, by=intake).case_number
    kept = agency.cases._door._resources.read(
        lambda work: work.find(POSTINGS, ("stream", "seq"), (str(number),))
    )
    owed = {
        (each.record.obligation_id, str(each.record.amount))
        for each in kept
        if each.record.place is Place.OWED
    }
    assert owed == {("0004567890/1", "50.00"), ("0004567890/2", "7.00")}


def test_opening_is_audited_with_whoever_opened_it(agency, opened_case):
    [(_, entry)] = agency.audit.about("case:0004567890", by=Actor.system("audit"))
    assert (entry.kind, entry.actor) == ("case_opened", "system:intake")


def test_a_number_and_people_on_file_are_all_said_at_once(agency, opened_case, case_application, clerk):
    assert faults(agency, case_application, clerk) == {
        ("case number", "0004567890, which is a case already"),
        ("participant 1", "a person on file with this SSN"),
        ("participant 1", "a person on file with this IRN"),
        ("participant 2", "a person on file with this SSN"),
        ("participant 2", "a person on file with this IRN"),
    }


def test_what_is_wrong_in_itself_and_what_is_on_file_are_said_together(
    agency, opened_case, case_application, clerk
):
    application = attrs.evolve(case_application, issuing_state="GA", obligations=())
    wheres = {where for where, _ in faults(agency, application, clerk)}
    assert wheres >= {"issuing state", "obligations", "case number", "participant 1", "participant 2"}


def test_a_person_in_two_cases_is_one_person(
    agency, opened_case, person_ids, case_application, intake, register, jane
):
    people = (
        KnownParticipant(Role.NONCUSTODIAL_PARENT, person_ids[Role.CUSTODIAL_PARENT]),
        NewParticipant(Role.CUSTODIAL_PARENT, PersonName("Pat", "Rivers"), date(1990, 1, 1)),
        KnownParticipant(Role.CHILD, person_ids[Role.CHILD]),
    )
    agency.cases.open(attrs.evolve(case_application, case_number=OTHER, participants=people), by=intake)
    register(agency, jane)
    token = agency.accounts.sign_in(
        jane.user_id, jane.password, banner=agency.accounts.banner().version
    ).token
    for case_number in (opened_case, OTHER):
        assert agency.payments.history(case_number, by=token) == ()


def test_a_known_person_who_is_not_on_file_is_said(agency, opened_case, case_application, clerk):
    people = (
        KnownParticipant(Role.NONCUSTODIAL_PARENT, "nobody"),
        NewParticipant(Role.CUSTODIAL_PARENT, PersonName("Pat", "Rivers"), date(1990, 1, 1)),
        KnownParticipant(Role.CHILD, "nobody else"),
    )
    application = attrs.evolve(case_application, case_number=OTHER, participants=people)
    assert faults(agency, application, clerk) == {
        ("participant 1", "a person id not on file"),
        ("participant 3", "a person id not on file"),
    }


def test_one_person_named_twice_in_an_application_is_said(agency, case_application, clerk):
    one = Ssn("905-06-0001", accept_never_issued=True)
    father, mother, child = case_application.participants
    people = (
        attrs.evolve(father, ssn=one, client_id=ClientId("C1234")),
        attrs.evolve(mother, ssn=one),
        attrs.evolve(child, irn=mother.irn),
        attrs.evolve(child, name=PersonName("Alex", "Doe"), client_id=ClientId("c-1234")),
    )
    assert faults(agency, attrs.evolve(case_application, participants=people), clerk) == {
        ("participant 2", "the same SSN as participant 1"),
        ("participant 3", "the same IRN as participant 2"),
        ("participant 4", "the same Client ID as participant 1"),
    }


def test_one_known_person_cannot_be_both_parents(agency, opened_case, person_ids, case_application, clerk):
    someone = person_ids[Role.CUSTODIAL_PARENT]
    people = (
        KnownParticipant(Role.NONCUSTODIAL_PARENT, someone),
        KnownParticipant(Role.CUSTODIAL_PARENT, someone),
        KnownParticipant(Role.CHILD, person_ids[Role.CHILD]),
    )
    application = attrs.evolve(case_application, case_number=OTHER, participants=people)
    assert faults(agency, application, clerk) == {("participant 2", "the same person id as participant 1")}


def test_of_eight_openings_of_one_case_at_once_one_is_made(agency, case_application, intake, at_once, kinds):
    def opening():
        try:
            return agency.cases.open(case_application, by=intake)
        except InvalidInputError as refusal:
            return refusal

    outcomes = at_once(8, opening)
    assert sum(isinstance(outcome, InvalidInputError) for outcome in outcomes) == 7
    assert kinds(agency) == ["case_opened"]


@pytest.mark.parametrize(
    "place",
    [
        ("append", "audit_entries"),
        ("append", "postings"),
        ("insert", "case_accounts"),
        ("insert", "obligations"),
        ("insert", "participations"),
    ],
)
def test_an_opening_that_fails_anywhere_leaves_nothing(fragile, case_application, clerk_of, place):
    agency, storage = fragile
    clerk = clerk_of(agency)
    storage.fail_on = place
    with pytest.raises(BackendError):
        agency.cases.open(case_application, by=clerk)
    storage.fail_on = None
    assert agency.cases.find(case_application.case_number, by=clerk) is None
    agency.cases.open(case_application, by=clerk)  # nobody is on file
