"""What a case needs before money can be posted to it, and that every fault is told at once."""

from datetime import date
from itertools import count

import attrs
import pytest

from dcss_core import (
    CaseApplication,
    CaseNumber,
    ClientId,
    Irn,
    KnownParticipant,
    Money,
    Month,
    NewObligation,
    NewParticipant,
    OpeningArrears,
    PersonName,
    Role,
    Ssn,
)
from dcss_core.cases.case import CaseStatus
from dcss_core.cases.opening import open_case
from dcss_core.errors import InvalidInputError


def person(role, first="Pat", **changes):
    return NewParticipant(role, PersonName(first, "Rivers"), date(1988, 7, 1), **changes)


CHILD = NewParticipant(Role.CHILD, PersonName("Alex", "Rivers"), date(2018, 5, 4))
APPLICATION = CaseApplication(
    case_number=CaseNumber("0004567892"),
    opened_on=date(2026, 1, 2),
    participants=(person(Role.NONCUSTODIAL_PARENT), person(Role.CUSTODIAL_PARENT, "Kim"), CHILD),
    order_issued_on=date(2024, 3, 1),
    issuing_state="13",
    obligations=(NewObligation(Money("300.00"), begins=date(2024, 4, 1)),),
)


def opened(**changes):
    numbers = count(1)
    return open_case(
        attrs.evolve(APPLICATION, **changes),
        new_id=lambda: f"person-{next(numbers)}",
        index_of=lambda ssn: f"k1:index of {ssn.last_four}",
    )


def faults_of(**changes):
    with pytest.raises(InvalidInputError) as refused:
        opened(**changes)
    return [(fault.where, fault.found) for fault in refused.value.faults]


def ssn(last):
    return Ssn(f"900-01-{last:04d}", accept_never_issued=True)


def test_a_whole_application_makes_every_record_of_the_case():
    made = opened()
    assert (made.case.status, made.case.opened_on) == (CaseStatus.OPEN, date(2026, 1, 2))
    assert [each.name.first for each in made.new_people] == ["Pat", "Kim", "Alex"]
    assert [each.role for each in made.participations] == [
        Role.NONCUSTODIAL_PARENT,
        Role.CUSTODIAL_PARENT,
        Role.CHILD,
    ]
    assert made.person_in(Role.CUSTODIAL_PARENT) == "person-2"
    assert [str(each.monthly_amount) for each in made.obligations] == ["300.00"]


def test_a_person_is_filed_under_the_blind_index_of_the_ssn_and_never_under_the_number():
    made = opened(participants=(person(Role.NONCUSTODIAL_PARENT, ssn=ssn(1)), *APPLICATION.participants[1:]))
    assert made.new_people[0].ssn_index == "k1:index of 0001"


def test_somebody_on_file_is_taken_over_and_not_made_again():
    known = KnownParticipant(Role.NONCUSTODIAL_PARENT, "person-on-file")
    made = opened(participants=(known, *APPLICATION.participants[1:]))
    assert [each.name.first for each in made.new_people] == ["Kim", "Alex"]
    assert made.person_in(Role.NONCUSTODIAL_PARENT) == "person-on-file"


def test_the_event_tells_what_is_owed_from_before():
    arrears = (
        OpeningArrears(Month(2025, 11), Money("50.00")),
        OpeningArrears(Month(2025, 12), Money("0.01")),
    )
    (event,) = opened(arrears=arrears).events
    assert event.details() == {
        "case_number": "0004567892",
        "assistance": "never_assistance",
        "opening_arrears": "50.01",
    }


@pytest.mark.parametrize(
    ("missing", "fault"),
    [
        (Role.NONCUSTODIAL_PARENT, ("participants: noncustodial parent", "0")),
        (Role.CUSTODIAL_PARENT, ("participants: custodial parent", "0")),
        (Role.CHILD, ("participants: child", "0")),
    ],
)
def test_a_case_has_one_parent_of_each_kind_and_a_child(missing, fault):
    left = tuple(each for each in APPLICATION.participants if each.role is not missing)
    assert faults_of(participants=left) == [fault]


def test_a_second_noncustodial_parent_needs_a_case_of_its_own():
    """One parent who is or may be obligated: 45 CFR 305.1(a)."""
    two = (*APPLICATION.participants, person(Role.NONCUSTODIAL_PARENT, "Al"))
    assert faults_of(participants=two) == [("participants: noncustodial parent", "2")]


def test_several_children_are_one_case():
    sky = NewParticipant(Role.CHILD, PersonName("Sky", "Rivers"), date(2020, 2, 29))
    assert len(opened(participants=(*APPLICATION.participants, sky)).participations) == 4


def test_nobody_is_two_participants_of_one_case():
    both = (
        KnownParticipant(Role.NONCUSTODIAL_PARENT, "person-on-file"),
        KnownParticipant(Role.CUSTODIAL_PARENT, "person-on-file"),
        CHILD,
    )
    assert faults_of(participants=both) == [("participant 2", "the same person id as participant 1")]


@pytest.mark.parametrize(
    ("word", "identifier"),
    [
        ("SSN", {"ssn": ssn(1)}),
        ("IRN", {"irn": Irn("NCP100200")}),
        ("Client ID", {"client_id": ClientId("AB1234")}),
    ],
)
def test_two_participants_never_share_an_identifier(word, identifier):
    people = (
        person(Role.NONCUSTODIAL_PARENT, **identifier),
        person(Role.CUSTODIAL_PARENT, "Kim", **identifier),
        CHILD,
    )
    assert faults_of(participants=people) == [("participant 2", f"the same {word} as participant 1")]


def test_every_fault_is_told_at_once_and_none_of_them_holds_an_ssn():
    faults = faults_of(
        participants=(
            person(Role.CUSTODIAL_PARENT, " ", ssn=ssn(1)),
            attrs.evolve(CHILD, birth_date=date(2027, 1, 1), ssn=ssn(1)),
        ),
        issuing_state="GA",
        obligations=(
            NewObligation(Money("0.00"), begins=date(2024, 4, 1), ends=date(2024, 4, 1), due_day=32),
        ),
        arrears=(
            OpeningArrears(Month(2025, 11), Money("-1.00")),
            OpeningArrears(Month(2025, 11), Money("1.00")),
            OpeningArrears(Month(2026, 1), Money("1.00")),
        ),
    )
    assert faults == [
        ("participants: noncustodial parent", "0"),
        ("participant 1 (custodial parent): name", "a blank part"),
        ("participant 2 (child): birth date", "2027-01-01"),
        ("participant 2", "the same SSN as participant 1"),
        ("issuing state", "'GA'"),
        ("obligation 1: amount", "0.00"),
        ("obligation 1: due day", "32"),
        ("obligation 1: end", "2024-04-01"),
        ("arrears of 2025-11: amount", "-1.00"),
        ("arrears of 2025-11", "the month twice"),
        ("arrears of 2026-01", "a month not yet past"),
    ]


def test_a_case_without_an_amount_to_be_paid_is_refused():
    assert faults_of(obligations=()) == [("obligations", "none")]
