from datetime import date, timedelta

import attrs
import pytest

from dcss_core.base.identifiers import ClientId, Irn
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.users.account import Account, AccountKind, AccountState
from dcss_core.users.events import AccountRegistered, RegistrationFailed, RegistrationRefusal
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.breach_checking import BreachChecking
from dcss_core.users.passwords.password import Normalization, PasswordFault
from dcss_core.users.recovery.answers import Answer
from dcss_core.users.recovery.security_questions import AnswerFault, SecurityAnswers
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.registration.form import (
    Registration,
    RegistrationForm,
    RegistrationIncomplete,
    read_registration,
)
from dcss_core.users.registration.policy import RegistrationNumber
from dcss_core.users.registration.registration import (
    RegistrationClosed,
    RegistrationHashes,
    RegistrationRefused,
    RegistrationWhileClosed,
    UserIdTaken,
    decide_registration,
)

THROTTLES = (ParticularsThrottle("of the ssn"), ParticularsThrottle("of the person"))


@pytest.fixture
def read(passwords, questions):
    def reading(form):
        return read_registration(form, passwords=passwords, questions=questions)

    return reading


@pytest.fixture
def decide(read, form, participant, recovery, now):
    def deciding(
        *,
        changes=None,
        on_file=participant,
        has_account=False,
        user_id_taken=False,
        throttled=False,
        throttles=THROTTLES,
        at=now,
    ):
        registration = read(form(**(changes or {})))
        assert isinstance(registration, Registration)
        return decide_registration(
            registration,
            participant=on_file,
            has_account=has_account,
            user_id_taken=user_id_taken,
            account_id="a-9",
            hashes=RegistrationHashes(PasswordHash("$p"), PasswordHash("$q")),
            throttles=throttles,
            limit=recovery.particulars,
            now=at,
            is_throttled=throttled,
        )

    return deciding


def test_s16_a_participant_registers_and_has_an_account(decide, now):
    decision = decide()
    assert decision.outcome.account_id == "a-9"
    assert (decision.account.user_id, decision.account.user_key) == ("JDoe", "jdoe")
    assert decision.account.person_id == "p-1"
    assert decision.account.kind is AccountKind.PARENT
    assert decision.account.change_reason is None
    assert decision.account.password_set_at == now
    assert decision.answers.question_ids == ("dish", "gift", "story")
    assert [event.kind for event in decision.events] == ["user_created"]


def test_s16_s18_a_second_registration_wrong_particulars_and_an_unknown_identifier_look_the_same(decide):
    refused = {
        RegistrationRefusal.ALREADY_REGISTERED: decide(has_account=True),
        RegistrationRefusal.UNKNOWN_IDENTIFIER: decide(on_file=None),
        RegistrationRefusal.WRONG_PARTICULARS: decide(changes={"full_name": "Joan O'Neil-Park"}),
    }
    for reason, decision in refused.items():
        assert decision.outcome == RegistrationRefused()
        assert (decision.account, decision.answers) == (None, None)
        assert decision.events[0].reason is reason


@pytest.mark.parametrize(
    "changes",
    [
        {"full_name": "Jane Park"},
        {"birth_date": "1988-02-28"},
        {"ssn": Ssn("900-01-0002", accept_never_issued=True)},
    ],
    ids=["name", "birth date", "ssn"],
)
def test_s18_each_wrong_particular_is_refused(decide, changes):
    decision = decide(changes=changes)
    assert decision.outcome == RegistrationRefused()
    assert decision.events[0].reason is RegistrationRefusal.WRONG_PARTICULARS


def failing(decide, times, **changes):
    """The throttles after so many failures, and the last decision."""
    throttles, decision = THROTTLES, None
    for _ in range(times):
        decision = decide(throttles=throttles, **changes)
        throttles = decision.throttles
    return decision


@pytest.mark.parametrize(
    ("changes", "person_id"),
    [
        ({"changes": {"birth_date": "1988-02-28"}}, "p-1"),
        ({"on_file": None}, None),
        ({"has_account": True}, "p-1"),
    ],
    ids=["wrong particulars", "unknown identifier", "second account"],
)
def test_guesses_at_registration_the_fifth_failure_closes_it_whatever_was_wrong(
    decide, now, changes, person_id
):
    fourth = failing(decide, 4, **changes)
    assert [throttle.is_closed for throttle in fourth.throttles] == [False, False]
    fifth = failing(decide, 5, **changes)
    assert [throttle.closed_at for throttle in fifth.throttles] == [now, now]
    assert fifth.events[1:] == (RegistrationClosed(person_id, 5),)


@pytest.mark.parametrize("which", [0, 1], ids=["ssn", "person"])
def test_guesses_at_registration_one_closed_throttle_refuses_the_right_particulars_for_ever(
    decide, now, which
):
    throttles = list(THROTTLES)
    throttles[which] = attrs.evolve(throttles[which], closed_at=now)
    decision = decide(throttles=tuple(throttles), at=now + timedelta(days=999))
    assert decision.outcome == RegistrationRefused()
    assert decision.account is None
    assert decision.events == (RegistrationWhileClosed("p-1"),)
    assert decision.throttles == tuple(throttles)


def test_guesses_at_registration_a_day_apart_do_not_add_up(decide, now):
    wrong = {"birth_date": "1988-02-28"}
    throttles = failing(decide, 4, changes=wrong).throttles
    later = decide(changes=wrong, throttles=throttles, at=now + timedelta(hours=24))
    assert not any(throttle.is_closed for throttle in later.throttles)


def test_a_taken_user_id_and_a_closed_source_are_recorded_as_about_the_person(decide):
    taken, throttled = RegistrationRefusal.USER_ID_TAKEN, RegistrationRefusal.SOURCE_THROTTLED
    assert decide(user_id_taken=True).events == (RegistrationFailed("p-1", taken),)
    assert decide(throttled=True).events == (RegistrationFailed("p-1", throttled),)
    assert decide(throttled=True, on_file=None).events == (RegistrationFailed(None, throttled),)


def test_a_taken_user_id_a_closed_source_and_a_success_count_against_nobody(decide):
    for decision in (decide(user_id_taken=True), decide(throttled=True), decide()):
        assert decision.throttles == THROTTLES


def test_s18_a_person_without_an_ssn_on_file_can_not_be_matched(decide, participant):
    assert decide(on_file=attrs.evolve(participant, ssn=None)).outcome == RegistrationRefused()


def test_s17_that_a_user_id_is_taken_is_told_only_to_somebody_who_gave_the_right_particulars(decide):
    assert decide(user_id_taken=True).outcome == UserIdTaken()
    wrong = decide(user_id_taken=True, changes={"birth_date": "1990-01-01"})
    assert wrong.outcome == RegistrationRefused()
    assert decide(user_id_taken=True, has_account=True).outcome == RegistrationRefused()


def test_s17_every_missing_field_is_listed_at_once(read):
    empty = RegistrationForm(user_id="", password=Secret(""), full_name=" ", birth_date="", ssn=Secret(""))
    incomplete = read(empty)
    assert isinstance(incomplete, RegistrationIncomplete)
    assert [fault.where for fault in incomplete.faults] == [
        "user_id",
        "full_name",
        "birth_date",
        "ssn",
        "irn",
    ]
    assert {fault.found for fault in incomplete.faults} == {"nothing"}
    assert incomplete.faults[3].expected == "an SSN, or an ITIN"
    assert [violation.fault for violation in incomplete.password_violations] == [PasswordFault.EMPTY]
    assert [violation.fault for violation in incomplete.answer_violations] == [AnswerFault.WRONG_NUMBER]


def test_s17_every_bad_field_is_listed_at_once_and_none_is_shown(read, form):
    bad = form(
        user_id="j\u043ee",
        password=Secret("Neil-Park pw"),
        full_name="x" * 401,
        birth_date="31/12/1990",
        ssn=Secret("900-01-000"),
        irn="?",
        answers=(Answer("mother", Secret("Smith")),),
    )
    incomplete = read(bad)
    assert [fault.where for fault in incomplete.faults] == [
        "user_id",
        "full_name",
        "birth_date",
        "ssn",
        "irn",
    ]
    shown = repr(incomplete)
    for typed in ("j\u043ee", "Neil", "31/12", "900-01", "Smith"):
        assert typed not in shown


# 900-05-1234: no area of an SSN, and no group of an ITIN; the second is a group of ITINs, and 000 is no area
@pytest.mark.parametrize("text", ["900-05-1234", "000-12-3456"])
def test_s17_a_number_that_is_neither_is_told_with_both_that_could_be(read, form, text):
    [fault] = read(form(ssn=Secret(text))).faults
    assert fault.expected == "an SSN, or an ITIN as the IRS assigns it"


def test_s17_digits_that_are_too_few_are_told_with_how_they_are_written(read, form):
    [fault] = read(form(ssn=Secret("900-01-000"))).faults
    assert fault.expected == "nine digits, as 123456789 or 123-45-6789"


def test_s17_where_no_itin_is_taken_none_is_asked_for(form, passwords, questions):
    def expected(text):
        given = form(ssn=Secret(text))
        ssn_only = (RegistrationNumber.SSN,)
        read = read_registration(given, passwords=passwords, questions=questions, accepted=ssn_only)
        return [fault.expected for fault in read.faults]

    assert expected("") == ["an SSN"]
    assert expected("900-05-1234") == ["a number the Social Security Administration can have issued"]


def test_s17_a_birth_date_that_is_none_is_told_with_how_it_is_written(read, form):
    [fault] = read(form(birth_date="31/12/1990")).faults
    assert (
        str(fault) == "birth_date: found no day of the calendar, expected year, month and day, as 1990-12-31"
    )


@pytest.mark.parametrize("text", ["\u202e", "\ufffe", "\u3164\u3164", "- -", "\u200b"])
def test_a_full_name_that_shows_no_letter_is_none(read, form, text):
    assert [(fault.where, fault.found) for fault in read(form(full_name=text)).faults] == [
        ("full_name", "no letter")
    ]


def test_s18_an_irn_or_a_client_id_is_given_and_not_both(read, form):
    assert read(form()).identifier == Irn("1234567")
    assert read(form(irn="", client_id="1234567")).identifier == ClientId("1234567")
    both = read(form(client_id="1234567"))
    assert [(fault.where, fault.found) for fault in both.faults] == [("client_id", "an IRN too")]


def test_s17_the_password_of_a_form_is_judged_with_its_user_id_and_name(read, form):
    incomplete = read(form(password=Secret("my jdoe has an oneil")))
    found = [violation.fault for violation in incomplete.password_violations]
    assert found == [PasswordFault.CONTAINS_USER_ID, PasswordFault.CONTAINS_NAME]


def test_where_no_security_questions_are_used_none_are_asked_or_kept(
    form, passwords, participant, recovery, now
):
    with_answers = read_registration(form(), passwords=passwords, questions=None)
    assert [fault.where for fault in with_answers.faults] == ["answers"]
    registration = read_registration(form(answers=()), passwords=passwords, questions=None)
    decision = decide_registration(
        registration,
        participant=participant,
        has_account=False,
        user_id_taken=False,
        account_id="a-9",
        hashes=RegistrationHashes(PasswordHash("$p"), None),
        throttles=(),
        limit=recovery.particulars,
        now=now,
    )
    assert decision.account is not None
    assert decision.answers is None


def test_a_form_and_what_was_read_of_it_show_nothing(read, form, participant):
    for value in (form(), read(form()), participant):
        assert "Neil" not in repr(value)
        assert "1988" not in repr(value)


def test_a_synthetic_ssn_is_refused_as_typed_text_and_taken_as_an_ssn(read, form):
    assert [fault.where for fault in read(form(ssn=Secret("900-01-0001"))).faults] == ["ssn"]
    assert read(form()).ssn == Ssn("900-01-0001", accept_never_issued=True)


def test_the_birth_date_is_read_as_a_day(read, form):
    assert read(form()).birth_date == date(1988, 2, 29)
    assert read(form()).ssn == Ssn("900010001", accept_never_issued=True)


def test_enumeration_by_message_a_throttled_source_is_answered_like_wrong_particulars_whatever_it_knows(
    decide,
):
    for known in ({}, {"has_account": True}, {"user_id_taken": True}, {"on_file": None}):
        decision = decide(throttled=True, **known)
        assert decision.outcome == RegistrationRefused()
        assert decision.account is None
        assert [event.reason for event in decision.events] == [RegistrationRefusal.SOURCE_THROTTLED]


def test_mass_assignment_a_form_has_no_field_that_decides_and_refuses_one_it_does_not_have(form):
    named = {field.name for field in attrs.fields(RegistrationForm)}
    assert named == {
        "user_id",
        "password",
        "full_name",
        "birth_date",
        "ssn",
        "irn",
        "client_id",
        "answers",
    }
    for smuggled in ("kind", "state", "password_hash", "person_id", "locked_until", "roles"):
        with pytest.raises(TypeError):
            form(**{smuggled: "staff"})


def test_a_registered_account_is_whole_and_so_are_its_answers(decide, now):
    decision = decide()
    assert decision.account == Account(
        account_id="a-9",
        user_id="JDoe",
        user_key="jdoe",
        person_id="p-1",
        kind=AccountKind.PARENT,
        state=AccountState.ACTIVE,
        password_hash=PasswordHash("$p"),
        created_at=now,
        password_set_at=now,
        idle_since=now,
    )
    assert decision.answers == SecurityAnswers("a-9", ("dish", "gift", "story"), PasswordHash("$q"), now)
    assert decision.events == (AccountRegistered("a-9", "p-1"),)


def test_a_refused_registration_is_recorded_under_the_person_there_is(decide):
    taken = RegistrationRefusal.ALREADY_REGISTERED
    assert decide(has_account=True).events == (RegistrationFailed("p-1", taken),)
    unknown = RegistrationRefusal.UNKNOWN_IDENTIFIER
    assert decide(on_file=None).events == (RegistrationFailed(None, unknown),)


def test_a_middle_name_that_was_typed_is_the_one_on_file(decide):
    assert decide(changes={"full_name": "Jane Quincy O'Neil-Park"}).account is not None
    assert decide(changes={"full_name": "Jane Rosamund O'Neil-Park"}).account is None


@pytest.mark.parametrize(("length", "is_read"), [(400, True), (401, False)])
def test_a_name_is_read_up_to_four_hundred_characters(read, form, length, is_read):
    outcome = read(form(full_name="Jane O'Neil-Park".ljust(length)))
    assert isinstance(outcome, Registration) is is_read


@pytest.mark.parametrize("identifiers", [{"irn": "", "client_id": "x"}, {"irn": "x", "client_id": ""}])
def test_an_identifier_that_can_not_be_one_is_a_fault_whichever_it_is(read, form, identifiers):
    assert len(read(form(**identifiers)).faults) == 1


def test_only_where_a_second_factor_is_demanded_may_a_password_be_shorter(form, passwords, questions):
    shorter = attrs.evolve(passwords, min_length_with_mfa=8)
    typed = form(password=Secret("otter canoe"))

    def faults(**options):
        outcome = read_registration(typed, passwords=shorter, questions=questions, **options)
        return getattr(outcome, "password_violations", ())

    assert [each.fault for each in faults()] == [PasswordFault.TOO_SHORT]
    assert faults(with_mfa=True) == ()


def test_a_password_made_of_the_agencys_name_is_refused_at_registration(form, passwords, questions):
    typed = form(password=Secret("Peachtree Support Office"))

    def faults(*agency_names):
        outcome = read_registration(
            typed, passwords=passwords, questions=questions, agency_names=agency_names
        )
        return [each.fault for each in getattr(outcome, "password_violations", ())]

    assert faults() == []
    assert faults("Peachtree Support Office") == [PasswordFault.MADE_OF_AGENCY_NAME]


def test_a_password_is_normalised_at_registration_as_the_policy_says(form, passwords, questions):
    decomposed = "cafe\u0301 au lait, please"
    departing = attrs.evolve(
        passwords, normalize=Normalization.NONE, departs_from=("NIST SP 800-63B-4 §3.1.1.2 (NFC)",)
    )
    for policy, kept in ((passwords, "caf\u00e9 au lait, please"), (departing, decomposed)):
        outcome = read_registration(form(password=Secret(decomposed)), passwords=policy, questions=questions)
        assert outcome.password.reveal() == kept


def test_an_answer_that_is_the_password_is_refused_at_registration(read, form, answers):
    repeated = attrs.evolve(answers[0], text=form().password)
    outcome = read(form(answers=(repeated, *answers[1:])))
    assert [each.fault for each in outcome.answer_violations] == [AnswerFault.IS_PASSWORD]


def test_that_no_list_of_breached_passwords_was_asked_yet_is_no_fault_of_a_form(form, passwords, questions):
    strict = attrs.evolve(passwords, breach_check=BreachChecking.FAIL_CLOSED)
    assert isinstance(read_registration(form(), passwords=strict, questions=questions), Registration)


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (lambda form: form.birth_date, AnswerFault.IS_BIRTH_DATE),
        (lambda form: form.ssn.reveal()[-4:], AnswerFault.IS_SSN),
        (lambda form: form.irn, AnswerFault.IS_IDENTIFIER),
        (lambda form: form.user_id, AnswerFault.IS_USER_ID),
        (lambda form: form.full_name, AnswerFault.IS_NAME),
    ],
    ids=["birth date", "end of the SSN", "IRN", "user ID", "name"],
)
def test_an_answer_that_stands_elsewhere_in_the_form_is_refused(read, form, answers, said, fault):
    repeated = attrs.evolve(answers[0], text=Secret(said(form())))
    outcome = read(form(answers=(repeated, *answers[1:])))
    assert fault in [each.fault for each in outcome.answer_violations]


ALL_NUMBERS = (RegistrationNumber.SSN, RegistrationNumber.ITIN, RegistrationNumber.NONE)


@pytest.mark.parametrize(
    ("typed", "accepted", "is_taken"),
    [
        ("", ALL_NUMBERS, True),
        ("  ", ALL_NUMBERS, True),
        ("", (RegistrationNumber.SSN,), False),
        ("12345", ALL_NUMBERS, False),  # what is typed and is no number is not passed over
        ("912-50-1234", ALL_NUMBERS, True),
        ("912-50-1234", (RegistrationNumber.SSN, RegistrationNumber.NONE), False),
        ("900-01-4321", (RegistrationNumber.ITIN, RegistrationNumber.NONE), False),
    ],
)
def test_a_form_is_read_by_the_numbers_that_a_jurisdiction_takes(
    form, passwords, questions, typed, accepted, is_taken
):
    outcome = read_registration(
        form(ssn=Secret(typed)), passwords=passwords, questions=questions, accepted=accepted
    )
    assert isinstance(outcome, Registration) is is_taken
