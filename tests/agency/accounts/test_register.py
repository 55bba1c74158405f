"""`agency.accounts.register`: an account for a participant, once."""

import json

import attrs
import pytest

from dcss_core import Actor, CaseNumber, ClientId, Irn, Secret, Ssn
from dcss_core.cases import NewParticipant, PersonName, Role
from dcss_core.errors import NotFoundError, NotPermittedError
from dcss_core.users import (
    Answer,
    Registered,
    RegistrationForm,
    RegistrationIncomplete,
    RegistrationRefused,
    ResetConfirmed,
    SignedIn,
    UserIdTaken,
)
from dcss_core.users.account import AccountKind
from dcss_core.users.passwords.password import PasswordFault
from dcss_core.users.recovery.security_questions import AnswerFault
from dcss_core.users.staff.member import StaffRole

pytestmark = pytest.mark.usefixtures("opened_case")


def never_issued(text):
    return Ssn(text, accept_never_issued=True)


def reasons(agency):
    """Why registrations were refused, by the audit log."""
    entries = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "user_create_fail"
    ]
    return [json.loads(entry.details)["reason"] for entry in entries]


def test_s16_after_registration_only_user_id_and_password_are_asked(agency, jane, form_of):
    outcome = agency.accounts.register(form_of(agency, jane))
    assert isinstance(outcome, Registered)
    assert isinstance(
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version),
        SignedIn,
    )


def test_s20_after_sign_in_the_greeting_is_the_name_on_file(agency, janes_account, jane, sign_in):
    assert agency.accounts.display_name(sign_in(agency, jane)) == "Jane Roe"


def test_s17_everything_missing_is_listed_at_once(agency):
    nothing = Secret("")
    outcome = agency.accounts.register(RegistrationForm("", nothing, "", "", nothing))
    assert isinstance(outcome, RegistrationIncomplete)
    assert {fault.where for fault in outcome.faults} == {
        "user_id",
        "full_name",
        "birth_date",
        "ssn",
        "irn",
    }
    assert [each.fault for each in outcome.password_violations] == [PasswordFault.EMPTY]
    assert [each.fault for each in outcome.answer_violations] == [AnswerFault.WRONG_NUMBER]


def test_s17_everything_bad_is_listed_at_once_and_nobody_is_looked_up(agency, jane, form_of, hasher, kinds):
    before = kinds(agency)
    outcome = agency.accounts.register(
        form_of(
            agency,
            jane,
            user_id="_j",
            password=Secret("Jane Roe 1988"),
            birth_date="July 1, 1988",
            ssn=Secret("000-12-3456"),
            irn="!",
            answers=(Answer("no_such_question", Secret("x")),),
        )
    )
    assert {fault.where for fault in outcome.faults} >= {"user_id", "birth_date", "ssn"}
    assert {each.fault for each in outcome.password_violations} == {
        PasswordFault.TOO_SHORT,
        PasswordFault.CONTAINS_NAME,
    }
    assert {each.fault for each in outcome.answer_violations} == {
        AnswerFault.WRONG_NUMBER,
        AnswerFault.UNKNOWN_QUESTION,
        AnswerFault.TOO_SHORT,
    }
    assert hasher.runs == 0
    assert kinds(agency) == before


def test_s28_the_password_may_not_be_the_user_id(agency, jane, form_of):
    outcome = agency.accounts.register(
        form_of(agency, jane, user_id="otters-of-georgia", password=Secret("Otters-Of-Georgia"))
    )
    assert [each.fault for each in outcome.password_violations] == [PasswordFault.CONTAINS_USER_ID]


def test_s18_wrong_particulars_an_unknown_irn_and_a_second_account_look_and_cost_the_same(
    agency, jane, john, form_of, hasher
):
    agency.accounts.register(form_of(agency, jane))
    attempts = [
        form_of(agency, john, full_name="John Dough"),
        form_of(agency, john, birth_date="1986-02-04"),
        form_of(agency, john, ssn=jane.ssn),
        form_of(agency, john, irn="NCP999999"),
        form_of(agency, jane, user_id="another-id"),
    ]
    outcomes, costs = [], []
    for form in attempts:
        before = hasher.runs
        outcomes.append(agency.accounts.register(form))
        costs.append(hasher.runs - before)
    assert outcomes == [RegistrationRefused()] * 5
    assert costs == [2] * 5  # the password and the answers
    assert reasons(agency) == [
        "wrong_particulars",
        "wrong_particulars",
        "wrong_particulars",
        "unknown_identifier",
        "already_registered",
    ]


def test_a_registration_that_succeeds_costs_what_a_refused_one_costs(agency, jane, form_of, hasher):
    agency.accounts.register(form_of(agency, jane))
    assert hasher.runs == 2


@pytest.mark.parametrize("variant", ["JRoe88", "jroe88", "JROE88"])
def test_s17_a_user_id_is_taken_in_every_case_variant(agency, janes_account, john, form_of, variant):
    outcome = agency.accounts.register(form_of(agency, john, user_id=variant))
    assert outcome == UserIdTaken()
    assert reasons(agency) == ["user_id_taken"]


@pytest.mark.parametrize("variant", ["JRоe88", "ＪＲｏｅ８８", "JRoe88\u200b", "JRoe88\n", "JRoe88\x00"])
def test_a_user_id_that_only_reads_like_another_is_refused(agency, janes_account, john, form_of, variant):
    outcome = agency.accounts.register(form_of(agency, john, user_id=variant))
    assert isinstance(outcome, RegistrationIncomplete)


def test_that_a_user_id_is_taken_is_told_only_to_somebody_with_the_right_particulars(
    agency, janes_account, john, jane, form_of
):
    form = form_of(agency, john, user_id=jane.user_id, birth_date="1986-02-04")
    assert agency.accounts.register(form) == RegistrationRefused()


def test_s16_of_eight_racing_registrations_of_one_person_one_makes_an_account(
    agency, jane, form_of, at_once, kinds
):
    form = form_of(agency, jane)
    outcomes = at_once(8, lambda: agency.accounts.register(form))
    assert sum(isinstance(outcome, Registered) for outcome in outcomes) == 1
    assert sum(outcome == RegistrationRefused() for outcome in outcomes) == 7
    assert kinds(agency).count("user_created") == 1
    assert reasons(agency) == ["already_registered"] * 5 + ["closed"] * 2  # the sixth refusal finds it closed


def test_of_two_people_racing_for_one_user_id_one_gets_it(agency, jane, john, form_of, at_once):
    forms = [form_of(agency, jane), form_of(agency, john, user_id="jroe88")]
    outcomes = at_once(2, lambda: agency.accounts.register(forms.pop()))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Registered", "UserIdTaken"]


def test_a_client_id_serves_as_well_as_an_irn(agency, intake, case_application, jane, john, form_of):
    participants = (
        NewParticipant(
            Role.NONCUSTODIAL_PARENT,
            PersonName("Pat", "Rivers"),
            john.birth_date,
            ssn=never_issued("902-03-0003"),
            client_id=ClientId("C-77-1234"),
        ),
        NewParticipant(Role.CUSTODIAL_PARENT, PersonName("Kim", "Rivers"), john.birth_date),
        NewParticipant(Role.CHILD, PersonName("Alex", "Rivers"), john.birth_date),
    )
    application = attrs.evolve(
        case_application, case_number=CaseNumber("0004567892"), participants=participants
    )
    agency.cases.open(application, by=intake)
    form = form_of(
        agency,
        john,
        full_name="Pat Rivers",
        ssn=never_issued("902-03-0003"),
        irn="",
        client_id="c771234",
    )
    assert isinstance(agency.accounts.register(form), Registered)


def test_without_an_address_on_file_a_registration_sends_nothing(
    opener, storage_url, intake, case_application, jane, john, form_of
):
    agency = opener(storage_url)
    parent, *others = case_application.participants
    parent = attrs.evolve(parent, email=None, irn=Irn("NCP100201"), ssn=never_issued("903-04-0004"))
    application = attrs.evolve(
        case_application,
        case_number=CaseNumber("0004567891"),
        participants=(parent, *(attrs.evolve(each, irn=None, ssn=None) for each in others)),
    )
    agency.cases.open(application, by=intake)
    form = form_of(agency, john, irn="NCP100201", ssn=never_issued("903-04-0004"))
    registered = agency.accounts.register(form)
    assert isinstance(registered, Registered)
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 0
    [untold] = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "user_created_untold"
    ]
    assert json.loads(untold.details)["account_id"] == registered.account_id


# --- guessing what somebody registers with ------------------------------------------------------------------


def guess_birth_dates(agency, parent, form_of, count, **changes):
    """Tries birth dates that are wrong, each from another source."""
    return [
        agency.accounts.register(
            form_of(agency, parent, birth_date=f"1950-01-{1 + number:02}", **changes),
            source=f"198.51.100.{number}",
        )
        for number in range(count)
    ]


def test_guesses_at_registration_the_birth_date_is_not_found_from_changing_sources(
    agency, jane, form_of, hasher
):
    """Who knows name, SSN and IRN has five guesses, wherever they come from; the right one comes too late."""
    assert guess_birth_dates(agency, jane, form_of, 5) == [RegistrationRefused()] * 5
    hasher.runs = 0
    assert agency.accounts.register(form_of(agency, jane), source="203.0.113.7") == RegistrationRefused()
    assert hasher.runs == 2  # the password and the answers, as ever
    assert reasons(agency) == ["wrong_particulars"] * 5 + ["closed"]


def test_guesses_at_registration_the_ssn_is_not_found_for_a_known_person(agency, jane, form_of):
    for number in range(5):
        wrong = never_issued(f"904-05-{1000 + number}")
        assert agency.accounts.register(form_of(agency, jane, ssn=wrong)) == RegistrationRefused()
    assert agency.accounts.register(form_of(agency, jane)) == RegistrationRefused()


def test_guesses_at_registration_the_irn_is_not_found_for_a_known_ssn(agency, jane, form_of):
    for number in range(5):
        assert (
            agency.accounts.register(form_of(agency, jane, irn=f"CP99{number:04}")) == RegistrationRefused()
        )
    assert agency.accounts.register(form_of(agency, jane)) == RegistrationRefused()


def test_guesses_at_registration_close_neither_recovery_nor_anybody_else(
    agency, janes_account, jane, john, form_of, reset
):
    guess_birth_dates(agency, jane, form_of, 6)
    assert reset(agency, jane) == ResetConfirmed()
    assert isinstance(agency.accounts.register(form_of(agency, john)), Registered)


def test_guesses_at_recovery_do_not_close_registration(agency, jane, form_of, reset):
    for _ in range(6):
        reset(agency, jane, full_name="Jane Row")
    assert isinstance(agency.accounts.register(form_of(agency, jane)), Registered)


def test_staff_see_that_registration_is_closed_and_open_it_again(agency, jane, form_of, staff):
    guess_birth_dates(agency, jane, form_of, 5)
    desk = staff(StaffRole.HELP_DESK)
    seen = agency.staff_resets.progress(jane.ssn, by=desk)
    assert (seen.is_registration_closed, seen.is_closed) == (True, False)
    assert "registration is closed" in seen.flows[0].steps[0].sentence
    assert agency.recovery.reopen(jane.ssn, by=desk)
    [entry] = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "registration_reopened"
    ]
    assert entry.actor == str(desk)
    assert entry.subject.startswith("person:")
    assert not agency.staff_resets.progress(jane.ssn, by=desk).is_registration_closed
    assert isinstance(agency.accounts.register(form_of(agency, jane)), Registered)


def test_enumeration_by_work_a_refused_registration_reads_and_writes_alike_for_known_and_unknown(
    fragile, case_application, intake, jane, form_of
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)

    def calls(**changes):
        before = storage.calls
        agency.accounts.register(form_of(agency, jane, **changes))
        return storage.calls - before

    known = calls(birth_date="1950-01-01")
    assert calls(irn="NCP999999", ssn=never_issued("904-05-1000")) == known


def test_the_holder_is_told_of_the_new_account_at_the_address_on_file(agency, janes_account, mail, jane):
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    [letter] = mail.delivered
    assert letter.subject == "Your online account"
    assert letter.address == jane.email
    assert "Jane" not in letter.body.reveal()


@pytest.mark.parametrize("smuggled", ["kind", "state", "role", "password_hash", "person_id", "is_throttled"])
def test_mass_assignment_registration_takes_a_form_and_a_source_and_nothing_else(
    agency, jane, form_of, smuggled
):
    with pytest.raises(TypeError):
        agency.accounts.register(form_of(agency, jane), **{smuggled: "staff"})
    with pytest.raises(TypeError):
        RegistrationForm("jroe88", Secret("x"), "Jane Roe", "1988-07-01", Secret("x"), **{smuggled: "staff"})


def test_mass_assignment_whoever_registers_is_a_parent_and_holds_no_role(
    agency, janes_account, administrator, staff
):
    desk = staff(StaffRole.HELP_DESK)
    assert agency.oversight.status(janes_account, by=desk).kind is AccountKind.PARENT
    with pytest.raises(NotFoundError, match="no member of staff"):
        agency.staff.roles(janes_account, by=administrator)
    with pytest.raises(NotPermittedError):
        agency.oversight.locked(by=Actor.staff(janes_account))


@pytest.mark.parametrize(
    "text",
    ["123", "password", "none", "n/a", "idk", "900-01-4321", "someone@example.com", "no sé", "qwerty", "xxx"],
)
def test_an_answer_that_protects_nobody_registers_nobody(agency, john, form_of, text):
    form = form_of(agency, john)
    first, *others = form.answers
    bad = attrs.evolve(form, answers=(attrs.evolve(first, text=Secret(text)), *others))
    refused = agency.accounts.register(bad)
    assert isinstance(refused, RegistrationIncomplete)
    assert {each.question_id for each in refused.answer_violations} == {first.question_id}


@pytest.mark.parametrize("text", ["bicycle", "a red bicycle", "nonna", "Nadia"])
def test_an_ordinary_word_stays_usable_as_an_answer(agency, john, form_of, text):
    form = form_of(agency, john)
    first, *others = form.answers
    good = attrs.evolve(form, answers=(attrs.evolve(first, text=Secret(text)), *others))
    assert isinstance(agency.accounts.register(good), Registered)
