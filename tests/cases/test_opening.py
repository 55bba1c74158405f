"""What a case needs before money can be posted to it, and that every fault is told at once."""

import re
from datetime import UTC, date, datetime
from itertools import count

import attrs
import pytest

from dcss_core import CaseNumber, ClientId, Irn, Money, Month, Secret, Ssn
from dcss_core.cases import (
    CaseApplication,
    KnownParticipant,
    NewObligation,
    NewParticipant,
    OpeningArrears,
    PersonName,
    Role,
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


TODAY = date(2026, 1, 7)
NOW = datetime(2026, 1, 7, 15, tzinfo=UTC)


def opened(*, today=TODAY, **changes):
    numbers = count(1)
    return open_case(
        attrs.evolve(APPLICATION, **changes),
        today=today,
        now=NOW,
        new_id=lambda: f"person-{next(numbers)}",
        index_of=lambda ssn: f"k1:index of {ssn.reveal()[-4:]}",
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
    details = event.details()
    assert re.fullmatch("1:[0-9a-f]{64}", str(details.pop("recorded")))
    assert details == {
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


def test_more_people_than_any_case_has_are_refused_by_their_number_alone():
    parents = [person(Role.NONCUSTODIAL_PARENT), person(Role.CUSTODIAL_PARENT)]
    children = [person(Role.CHILD, first=f"Kim{each}") for each in range(99)]
    assert len(opened(participants=(*parents, *children[:98])).participations) == 100
    assert faults_of(participants=(*parents, *children)) == [("participants", "101")]


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


def test_arrears_name_the_obligation_they_are_owed_under():
    one, two = (NewObligation(Money(amount), begins=date(2024, 4, 1)) for amount in ("60.00", "40.00"))
    month, owed = Month(2025, 11), Money("5.00")
    both = (OpeningArrears(month, owed), OpeningArrears(month, owed, obligation=2))
    assert opened(obligations=(one, two), arrears=both).arrears == both
    none = (OpeningArrears(month, owed, obligation=0), OpeningArrears(month, owed, obligation=3))
    assert faults_of(obligations=(one, two), arrears=none) == [
        ("arrears of 2025-11: obligation", "0"),
        ("arrears of 2025-11: obligation", "3"),
    ]


def test_a_number_too_long_to_be_written_is_a_fault_like_any_other():
    endless = NewObligation(Money("60.00"), begins=date(2024, 4, 1), due_day=10**5000)
    assert faults_of(obligations=(endless,)) == [("obligation 1: due day", "a number far too large")]


def test_a_case_without_an_amount_to_be_paid_is_refused():
    assert faults_of(obligations=()) == [("obligations", "none")]


# --- bounds -------------------------------------------------------------------------------------------


def test_nothing_is_opened_or_ordered_on_a_day_to_come():
    tomorrow = date(2026, 1, 8)
    assert faults_of(opened_on=tomorrow, order_issued_on=tomorrow) == [
        ("opened on", "2026-01-08"),
        ("order issued on", "2026-01-08"),
    ]
    assert opened(today=tomorrow, opened_on=tomorrow, order_issued_on=tomorrow).case.opened_on == tomorrow


def test_the_last_days_of_the_calendar_are_faults_like_any_other():
    last = date(9999, 12, 31)
    assert faults_of(
        opened_on=last, order_issued_on=last, obligations=(NewObligation(Money("1.00"), begins=last),)
    ) == [("opened on", "9999-12-31"), ("order issued on", "9999-12-31")]


def test_nobody_is_born_after_today_though_the_case_be_opened_later():
    unborn = attrs.evolve(CHILD, birth_date=date(2026, 1, 8))
    assert faults_of(opened_on=date(2026, 2, 1), participants=(*APPLICATION.participants[:2], unborn)) == [
        ("opened on", "2026-02-01"),
        ("participant 3 (child): birth date", "2026-01-08"),
    ]


@pytest.mark.parametrize(
    ("begins", "first"),
    [(date(2024, 4, 1), Month(2024, 3)), (date(2022, 5, 4), Month(2022, 5))],
    ids=["from the order's month", "from the first obligation's month, where support was ordered back to it"],
)
def test_arrears_begin_with_the_order_or_with_its_first_obligation(begins, first):
    obligations = (NewObligation(Money("300.00"), begins=begins),)

    def owed(month):
        return {"obligations": obligations, "arrears": (OpeningArrears(month, Money("1.00")),)}

    assert opened(**owed(first)).arrears
    before = first.plus(-1)
    found = "a month before the order was issued and its first obligation begins"
    assert faults_of(**owed(before)) == [(f"arrears of {before}", found)]


def test_no_amount_for_a_month_is_beyond_a_million_dollars():
    """So that sums stay amounts of money: 833,333 years of such months are below ten trillion dollars."""
    most = Money("1000000.00")
    arrears = OpeningArrears(Month(2025, 11), most)
    assert opened(obligations=(NewObligation(most, begins=date(2024, 4, 1)),), arrears=(arrears,))
    too_much = Money("1000000.01")
    assert faults_of(
        obligations=(NewObligation(too_much, begins=date(2024, 4, 1)),),
        arrears=(attrs.evolve(arrears, amount=too_much),),
    ) == [("obligation 1: amount", "1000000.01"), ("arrears of 2025-11: amount", "1000000.01")]


def first_with(**changes):
    return (attrs.evolve(APPLICATION.participants[0], **changes), *APPLICATION.participants[1:])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ["a blank text"]),
        (" \t", ["a blank text"]),
        ("walrus", ["no '@'"]),
        ("@example.com", ["nothing before or after the '@'"]),
        ("walrus@", ["nothing before or after the '@'"]),
        ("walrus@sea@example.com", ["more than one '@'"]),
        ("walrus@example.com\r\nBcc: all@example.com", [
            "a blank, a line break or a control character",
            "a bracket, a quotation mark or a sign that lists or breaks",
            "more than one '@'",
        ]),
        ("wal rus@example.com", ["a blank, a line break or a control character"]),
        ("walrus\x00@example.com", ["a blank, a line break or a control character"]),
        ("walrus@" + ".".join(["e" * 61] * 4) + ".org", ["more than 254 octets"]),
        ("walrus@example", ["a domain without a top-level domain"]),
        ("walrus@localhost", ["a domain without a top-level domain"]),
        ("walrus@192.0.2.1", ["a domain without a top-level domain"]),
        ("walrus@none.invalid", ["a domain that is nowhere"]),
        ("walrus@b\u00fccher.example", ["a letter beyond A to Z in the domain"]),
        ("walr\u00fcs@example.com", ["a letter beyond A to Z before the '@'"]),
        ("walrus" * 11 + "@example.com", ["more than 64 characters before the '@'"]),
        *[
            (f"{name}@example.com", ["nothing before or after a dot of the name"])
            for name in (".walrus", "walrus.", "wal..rus")
        ],
        ("walrus@" + "e" * 64 + ".org", ["more than 63 characters between two dots of the domain"]),
        *[
            (f"walrus@{domain}", ["a sign that no domain has, or a hyphen at an edge"])
            for domain in ("sea_side.example", "-sea.example", "sea-.example", "s%a.example")
        ],
        *[
            (text, ["a bracket, a quotation mark or a sign that lists or breaks"])
            for text in (
                "<walrus@example.com>",
                "walrus(sea)@example.com",
                "walrus@[127.0.0.1]",
                "walrus@example.com,",
                "wal;rus@example.com",
                "to:walrus@example.com",
                '"walrus"@example.com',
                "wal\\rus@example.com",
            )
        ],
        *[
            (text, ["nothing before or after a dot of the domain"])
            for text in ("walrus@example..com", "walrus@.example.com", "walrus@example.com.")
        ],
    ],
)  # fmt: skip
def test_an_address_that_can_be_none_is_refused_without_showing_it(text, found):
    with pytest.raises(InvalidInputError) as caught:
        opened(participants=first_with(email=Secret(text)))
    where = "participant 1 (noncustodial parent): e-mail"
    assert [(fault.where, fault.found) for fault in caught.value.faults] == [(where, each) for each in found]
    assert "walrus" not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "walrus@example.com",
        "o'brien+cs@mail.example.org",
        "w" * 64 + "@" + ".".join(["e" * 61] * 3) + ".org",  # 254 octets
        "w.al_rus-1=%@xn--bcher-kva.example",
        "walrus@example.test",  # RFC 6761 keeps it for tests, where it may well be somewhere
    ],
)
def test_an_address_is_put_on_file_as_it_was_given(text):
    assert opened(participants=first_with(email=Secret(text))).new_people[0].email == Secret(text)


@pytest.mark.parametrize("part", ["first", "last"])
@pytest.mark.parametrize(
    "text", ["\u200b", "\ufffe", "\u3164", "-", "...", "\u0301", "\U0001f600", "\ufe0f"], ids=ascii
)
def test_a_name_that_shows_no_letter_is_none(part, text):
    name = attrs.evolve(PersonName("Ann", "Lee"), **{part: text})
    with pytest.raises(InvalidInputError) as caught:
        opened(participants=first_with(name=name))
    assert caught.value.faults[0].found == "a part without a letter"


def test_a_name_of_one_invisible_sign_is_none():
    with pytest.raises(InvalidInputError):
        opened(participants=first_with(name=PersonName("\u202e", "\u202e")))


@pytest.mark.parametrize(
    "text", ["O", "d'\u00c9a", "\u738b", "\u0646\u06cc\u200c\u0645\u0627", "\u0939\u093f", "3rd"], ids=ascii
)
def test_a_name_of_any_script_is_put_on_file(text):
    name = PersonName(text, text)
    assert opened(participants=first_with(name=name)).new_people[0].name == name


@pytest.mark.parametrize("part", ["first", "last", "middle", "suffix"])
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("walrus\x07", "U+0007, which does not show as itself"),
        ("wal\nrus", "U+000A, which does not show as itself"),
        ("wal\u2028rus", "U+2028, which does not show as itself"),
        ("wal\u202erus", "U+202E, which does not show as itself"),
        ("wal\u2066rus", "U+2066, which does not show as itself"),
        ("walrus\u200b", "U+200B, which does not show as itself"),
        ("walrus\ud83d", "U+D83D, which does not show as itself"),
        ("w" * 101, "101 characters"),
    ],
)
def test_a_name_that_can_not_be_printed_is_refused_without_showing_it(part, text, found):
    name = attrs.evolve(PersonName("Pat", "Rivers"), **{part: text})
    with pytest.raises(InvalidInputError) as caught:
        opened(participants=first_with(name=name))
    where = f"participant 1 (noncustodial parent): name, {part}"
    assert [(fault.where, fault.found) for fault in caught.value.faults] == [(where, found)]
    assert "wal" not in str(caught.value)


def test_names_of_every_script_and_a_hundred_characters_are_names():
    name = PersonName("José-María ‘Pepe’", "Nguyễn" + "x" * 94, "李", "Jr.")
    assert opened(participants=first_with(name=name)).new_people[0].name == name


def test_every_fault_of_a_postal_address_is_told_and_none_repeats_it():
    parent = person(Role.NONCUSTODIAL_PARENT, postal=Secret("1 Elm Street\n\x07"))
    custodial = person(Role.CUSTODIAL_PARENT, "Kim", postal=Secret("1 Elm Street, Atlanta, GA 30303"))
    found = faults_of(participants=(parent, custodial, CHILD))
    assert [where for where, _ in found] == [
        "participant 1 (noncustodial parent): postal address, line 2",
        "participant 2 (custodial parent): postal address",
    ]
    assert "Elm" not in str(found)


def test_a_postal_address_is_kept_without_blanks_around_for_whose_it_is():
    custodial = person(Role.CUSTODIAL_PARENT, "Kim", postal=Secret(" 1 Elm Street\nAtlanta, GA 30303\n"))
    case = opened(participants=(person(Role.NONCUSTODIAL_PARENT), custodial, CHILD))
    [address] = case.addresses
    assert address.person_id == case.person_in(Role.CUSTODIAL_PARENT)
    assert address.value == Secret("1 Elm Street\nAtlanta, GA 30303")
