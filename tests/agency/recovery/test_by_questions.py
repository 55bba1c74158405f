"""`agency.recovery`: a forgotten password, reset by security questions."""

import json
import sqlite3
from pathlib import Path

import attrs
import pytest

from dcss_core import Actor, KeyRing, Month, Secret, Ssn
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.errors import NotPermittedError, RulesError
from dcss_core.plugins import DeliveryFailed
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher
from dcss_core.users import (
    Answer,
    PasswordChangeAccepted,
    PasswordChangeRefused,
    Registered,
    RegistrationForm,
    RegistrationRefused,
    ResetConfirmed,
    ResetRefused,
    SignedIn,
    SignInRefused,
)
from dcss_core.users.passwords.password import PasswordFault
from dcss_core.users.recovery.answers_change import AnswersChangeAccepted, AnswersChangeRefused
from dcss_core.users.recovery.security_questions import AnswerFault, AnswersDue
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

NEW = Secret("eleven copper kettles on a raft")


def unknown_ssn(number=0):
    return Ssn(f"904-05-{1000 + number}", accept_never_issued=True)


def reasons(agency):
    entries = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "authn_password_reset_fail"
    ]
    return [json.loads(entry.details)["reason"] for entry in entries]


@pytest.fixture
def assigned(agency, janes_account, jane, reset, mail):
    """The password that a reset assigned to Jane."""
    assert reset(agency, jane) == ResetConfirmed()
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    return mail.assigned_password()


# --- the questions -------------------------------------------------------------------------------------


def test_s26_the_questions_asked_are_the_ones_chosen_at_registration(agency, opened_case, jane, form_of):
    catalogue = agency.accounts.policies().questions.catalogue
    chosen = (catalogue[7], catalogue[1], catalogue[4])
    agency.accounts.register(form_of(agency, jane, answers=jane.answers(chosen)))
    assert set(agency.recovery.questions(jane.ssn)) == set(chosen)


def test_questions_for_an_unknown_number_look_like_anybodys_and_stay(agency, janes_account, jane):
    known = agency.recovery.questions(jane.ssn)
    for number in range(20):
        shown = agency.recovery.questions(unknown_ssn(number))
        assert agency.recovery.questions(unknown_ssn(number)) == shown
        assert len(set(shown)) == len(known) == 3
        assert list(shown) == sorted(shown, key=lambda each: each.question_id)
    assert list(known) == sorted(known, key=lambda each: each.question_id)
    assert len({agency.recovery.questions(unknown_ssn(number)) for number in range(20)}) > 10


def test_a_person_on_file_without_an_account_is_shown_decoys(agency, opened_case, john):
    assert len(agency.recovery.questions(john.ssn)) == 3


def test_decoys_stay_the_same_when_a_new_key_comes(opener, sqlite_url, keys):
    before = opener(sqlite_url)
    shown = [before.recovery.questions(unknown_ssn(number)) for number in range(10)]
    rotated = KeyRing((MasterKey("k2", Secret("2" * 64)), *keys.keys))
    after = opener(sqlite_url, keys=rotated)
    # Real questions stay; if decoys did not, a comparison over time would tell them apart.
    assert [after.recovery.questions(unknown_ssn(number)) for number in range(10)] == shown


FOUR = {"accounts.security_question_count": 4}
HOME = "203.0.113.7"


@pytest.fixture
def reformed(opener, sqlite_url, reform, case_application, intake, jane, register):
    """The agency under other rules, in which Jane enrolled her answers under Georgia's."""
    before = opener(sqlite_url, jurisdiction="US-GA-REFORM", plugins=reform({}))
    before.cases.open(case_application, by=intake)
    register(before, jane)
    return lambda changes: opener(sqlite_url, jurisdiction="US-GA-REFORM", plugins=reform(changes))


def ids_shown(agency, ssn):
    return {question.question_id for question in agency.recovery.questions(ssn)}


def test_enumeration_by_questions_after_the_number_changed_as_many_are_shown_for_everybody(reformed, jane):
    before, after = reformed({}), reformed(FOUR)
    for ssn in (jane.ssn, *map(unknown_ssn, range(20))):
        assert len(ids_shown(after, ssn)) == 4
        assert ids_shown(before, ssn) < ids_shown(after, ssn)


def test_answers_of_another_number_reset_nothing_and_are_due(reformed, jane, reset, sign_in, hasher):
    agency = reformed(FOUR)
    asked = agency.recovery.questions(jane.ssn)
    for answers in (jane.answers(asked), jane.answers(asked)[:3]):
        hasher.runs = 0
        assert reset(agency, jane, answers=answers) == ResetRefused()
        assert hasher.runs == 2
    token = sign_in(agency, jane)
    assert agency.credentials.answers_due(token)
    chosen = jane.answers(agency.accounts.policies().questions.catalogue[:4])
    agency.credentials.change_answers(token, password=jane.password, answers=chosen)
    assert not agency.credentials.answers_due(token)
    assert reset(agency, jane) == ResetConfirmed()


def test_questions_count_against_their_source_and_a_closed_one_is_shown_none_whoever_it_asks_about(
    agency, janes_account, jane, kinds
):
    for number in range(20):  # the limit of a source, in the federal rules
        assert len(agency.recovery.questions(unknown_ssn(number), source=HOME)) == 3
    assert agency.recovery.questions(jane.ssn, source=HOME) == ()
    assert agency.recovery.questions(unknown_ssn(), source=HOME) == ()
    assert kinds(agency)[-2:] == ["security_questions_not_shown"] * 2
    assert len(agency.recovery.questions(jane.ssn, source="198.51.100.9")) == 3


def test_who_asked_for_questions_stands_in_the_log_without_the_number(
    agency, janes_account, jane, last_number
):
    before = last_number(agency)
    for ssn in (jane.ssn, unknown_ssn()):
        agency.recovery.questions(ssn, source=HOME)
    entries = [entry for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))]
    shown = [(entry.kind, entry.subject, entry.source, json.loads(entry.details)) for entry in entries]
    assert shown == [
        ("security_questions_shown", f"account:{janes_account}", HOME, {"account_id": janes_account}),
        ("security_questions_shown", "account:unknown", HOME, {"account_id": None}),
    ]


def test_enumeration_by_work_questions_read_and_write_alike_whether_or_not_there_is_anybody(
    fragile, case_application, intake, jane, john, register
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    costs = []
    for ssn in (jane.ssn, john.ssn, unknown_ssn()):  # with an account, without one, nobody
        before = storage.calls
        agency.recovery.questions(ssn)
        costs.append(storage.calls - before)
    assert costs == [costs[0]] * 3


# --- failures ------------------------------------------------------------------------------------------


def test_exhaustion_what_nobody_can_have_enrolled_is_one_secret_of_fixed_length(
    opener, storage_url, case_application, intake, jane, register, hasher
):
    class Measuring(FakeHasher):
        longest = 0

        def verify(self, password, stored):
            self.longest = max(self.longest, len(password.reveal()))
            return super().verify(password, stored)

    measuring = Measuring()
    agency = opener(storage_url, hasher=measuring)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    right = jane.answers(agency.recovery.questions(jane.ssn))
    floods = [
        right + tuple(Answer(f"q{number}", Secret("x" * 400)) for number in range(100_000)),
        (*right[:2], Answer("q" * 10_000_000, Secret("x"))),
    ]
    for answers in floods:
        measuring.runs = 0
        refused = agency.recovery.reset_password(full_name="Jane Roe", ssn=jane.ssn, answers=answers)
        assert refused == ResetRefused()
        assert measuring.runs == 2
    # the name and three answers, 400 code points each at most, folded to 18 times as many at most (NFKC)
    assert 0 < measuring.longest < 4 * 2 * 400 * 18


def test_s23_whatever_is_wrong_looks_the_same_and_costs_two_runs(
    agency, janes_account, jane, john, reset, hasher
):
    asked = agency.recovery.questions(jane.ssn)
    right = jane.answers(asked)
    wrong_one = (attrs.evolve(right[0], text=Secret("pizza")), *right[1:])
    attempts = [
        {"full_name": "Jane Row"},
        {"answers": wrong_one},
        {"answers": right[:2]},
        {"answers": (*right[:2], Answer("no_such_question", Secret("pizza")))},
        {"ssn": unknown_ssn()},
        {"ssn": john.ssn},  # on file, without an account
        {"answers": (attrs.evolve(right[0], text=Secret("x" * 1_000_000)), *right[1:])},
    ]
    outcomes, costs = [], []
    for changes in attempts:
        before = hasher.runs
        outcomes.append(reset(agency, jane, **changes))
        costs.append(hasher.runs - before)
    assert outcomes == [ResetRefused()] * 7
    assert costs == [2] * 7
    assert reasons(agency) == ["wrong_answers"] * 4 + ["unknown_person"] * 2 + ["wrong_answers"]


def test_a_reset_that_succeeds_costs_what_a_refused_one_costs(agency, janes_account, jane, reset, hasher):
    before = hasher.runs
    assert reset(agency, jane) == ResetConfirmed()
    assert hasher.runs - before == 2


def test_s23_answers_count_whatever_their_case_spacing_and_quotes(agency, janes_account, jane):
    asked = agency.recovery.questions(jane.ssn)
    shouted = tuple(
        attrs.evolve(each, text=Secret(f"  {each.text.reveal().upper().replace(chr(39), chr(0x2019))} "))
        for each in jane.answers(asked)
    )
    outcome = agency.recovery.reset_password(full_name="JANE  ROE", ssn=jane.ssn, answers=shouted[::-1])
    assert outcome == ResetConfirmed()


@pytest.mark.parametrize("known", [True, False])
def test_s23_five_failures_close_recovery_for_known_and_unknown_numbers_alike(
    agency, janes_account, jane, reset, kinds, known, hasher
):
    ssn = jane.ssn if known else unknown_ssn()
    for _ in range(5):
        assert reset(agency, jane, ssn=ssn, full_name="Jane Row") == ResetRefused()
    before = hasher.runs
    assert reset(agency, jane, ssn=ssn) == ResetRefused()
    assert hasher.runs - before == 2
    assert kinds(agency).count("excess_rate_limit_exceeded") == 1
    assert reasons(agency)[-1] == "closed"
    assert isinstance(
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version),
        SignedIn,
    )  # sign-in goes on


def test_closed_recovery_stays_closed_however_long_one_waits(agency, janes_account, jane, reset, clock):
    for _ in range(5):
        reset(agency, jane, full_name="Jane Row")
    clock.move(days=400)
    assert reset(agency, jane) == ResetRefused()


def test_the_owner_is_told_when_recovery_closes(agency, janes_account, jane, reset, mail):
    told = "Recovery of your account was closed"
    for failures in range(1, 8):
        reset(agency, jane, full_name="Jane Row")
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        assert len(mail.bodies(told)) == (failures >= 5)
    assert mail.delivered[-1].address == jane.email


def test_the_owner_is_told_when_requests_for_a_user_id_close_recovery(agency, janes_account, jane, mail):
    for _ in range(6):
        agency.recovery.send_user_id(full_name="Jane Row", ssn=jane.ssn)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies("Recovery of your account was closed")) == 1


def test_enumeration_by_failure_a_letter_on_closing_that_can_not_be_written_shows_to_nobody(
    fragile, case_application, intake, jane, register, reset
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    storage.fail_on = ("insert", "outbox")
    for _ in range(6):
        assert reset(agency, jane, full_name="Jane Row") == ResetRefused()
    assert reasons(agency) == ["wrong_answers"] * 5 + ["closed"]


def test_staff_open_closed_recovery_again(agency, janes_account, jane, reset, staff):
    agent = staff(StaffRole.HELP_DESK)
    assert not agency.recovery.reopen(jane.ssn, by=agent)  # nothing to do, and that is recorded
    [tried] = [
        each
        for _, each in agency.audit.entries(by=Actor.system("audit"))
        if each.kind == "staff_act_without_effect"
    ]
    assert (tried.actor, tried.subject) == (str(agent), "act:recovery.reopen")
    for _ in range(5):
        reset(agency, jane, full_name="Jane Row")
    assert agency.recovery.reopen(jane.ssn, by=agent)
    [entry] = [
        each for _, each in agency.audit.entries(by=Actor.system("audit")) if each.kind == "recovery_reopened"
    ]
    assert (entry.actor, entry.subject) == (str(agent), f"account:{janes_account}")
    assert reset(agency, jane) == ResetConfirmed()


def test_nobody_but_the_help_desk_opens_closed_recovery(agency, janes_account, jane, reset, staff, clerk):
    for _ in range(5):
        reset(agency, jane, full_name="Jane Row")
    others = (clerk, staff(StaffRole.RESET_APPROVER), Actor.parent(janes_account), Actor.system("a job"))
    for by in others:
        with pytest.raises(NotPermittedError, match="you may not do this"):
            agency.recovery.reopen(jane.ssn, by=by)
    assert reset(agency, jane) == ResetRefused()


def test_failures_from_one_source_close_it_for_every_number_and_count_for_none(
    agency, janes_account, jane, reset
):
    for number in range(20):
        reset(agency, jane, ssn=unknown_ssn(number), source="203.0.113.7")
    for _ in range(5):
        assert reset(agency, jane, source="203.0.113.7") == ResetRefused()
    assert reasons(agency)[-5:] == ["source_throttled"] * 5
    assert reset(agency, jane, source="198.51.100.9") == ResetConfirmed()


def test_a_source_that_is_closed_is_turned_away_before_anything_is_hashed(
    agency, janes_account, jane, reset, hasher
):
    for number in range(20):
        reset(agency, jane, ssn=unknown_ssn(number), source="203.0.113.7")
    hasher.runs = 0
    for ssn in (jane.ssn, unknown_ssn(99)):
        assert reset(agency, jane, ssn=ssn, source="203.0.113.7") == ResetRefused()
    assert hasher.runs == 0


def test_security_answer_guessing_by_rank_of_surnames_ends_at_the_fifth(agency, opened_case, jane, form_of):
    """An attacker who knows everything but one answer, a surname, tries them by their frequency.

    The five commonest of the 2010 census (each per 100,000 people): Smith 828.19, Johnson 655.24, Williams
    550.97, Brown 487.16, Jones 483.24. Five guesses find 3,004.80 of 100,000, so 3.0 %, and not the sixth,
    Garcia. Whoever knows none of three such answers has at most 5 times 0.0083 to the third: 0.0003 %.
    """
    by_rank = ["Smith", "Johnson", "Williams", "Brown", "Jones", "Garcia"]
    catalogue = agency.accounts.policies().questions.catalogue
    enrolled = jane.answers(catalogue[:3])
    surname = attrs.evolve(enrolled[0], text=Secret("Garcia"))
    registered = agency.accounts.register(form_of(agency, jane, answers=(surname, *enrolled[1:])))
    assert isinstance(registered, Registered)
    outcomes = [
        agency.recovery.reset_password(
            full_name=jane.name.full,
            ssn=jane.ssn,
            answers=(attrs.evolve(surname, text=Secret(guess)), *enrolled[1:]),
        )
        for guess in by_rank
    ]
    assert outcomes == [ResetRefused()] * 6
    assert reasons(agency) == ["wrong_answers"] * 5 + ["closed"]


def test_security_answer_guessing_learns_nothing_from_right_parts(agency, janes_account, jane, hasher):
    """All answers are one secret: two right ones of three look like none."""
    asked = agency.recovery.questions(jane.ssn)
    right = jane.answers(asked)
    wrong = tuple(attrs.evolve(each, text=Secret("guess")) for each in right)
    tries = [wrong, (right[0], *wrong[1:]), (*right[:2], wrong[2])]
    hasher.runs = 0
    for answers in tries:
        attempt = agency.recovery.reset_password(full_name=jane.name.full, ssn=jane.ssn, answers=answers)
        assert attempt == ResetRefused()
    assert hasher.runs == 2 * len(tries)
    assert reasons(agency) == ["wrong_answers"] * 3


def test_s26_an_answer_on_the_states_list_of_common_ones_is_not_enrolled(agency, opened_case, jane, form_of):
    catalogue = agency.accounts.policies().questions.catalogue
    dish = next(each for each in catalogue if each.question_id == "first_dish_cooked")
    others = jane.answers(tuple(each for each in catalogue if each != dish)[:2])
    form = form_of(agency, jane, answers=(Answer(dish.question_id, Secret("Pizza!")), *others))
    refused = agency.accounts.register(form)
    assert [each.fault for each in refused.answer_violations] == [AnswerFault.TOO_COMMON]


def test_a_new_key_does_not_open_closed_recovery(
    opener, sqlite_url, case_application, intake, jane, register, reset, keys
):
    before = opener(sqlite_url)
    before.cases.open(case_application, by=intake)
    register(before, jane)
    for _ in range(5):
        reset(before, jane, full_name="Jane Row")
    rotated = KeyRing((MasterKey("k2", Secret("2" * 64)), *keys.keys))
    assert reset(opener(sqlite_url, keys=rotated), jane) == ResetRefused()


def test_a_new_key_does_not_open_closed_registration(
    opener, sqlite_url, case_application, intake, jane, form_of, keys
):
    before = opener(sqlite_url)
    before.cases.open(case_application, by=intake)
    for _ in range(5):  # so that the SSN is closed and the person is not
        before.accounts.register(form_of(before, jane, irn="NCP999999"))
    rotated = KeyRing((MasterKey("k2", Secret("2" * 64)), *keys.keys))
    after = opener(sqlite_url, keys=rotated)
    assert after.accounts.register(form_of(after, jane)) == RegistrationRefused()


def test_failures_more_than_a_day_apart_do_not_add_up(agency, janes_account, jane, reset, clock):
    for _ in range(6):
        reset(agency, jane, full_name="Jane Row")
        clock.move(hours=24)
    assert reset(agency, jane) == ResetConfirmed()


def test_wrong_answers_do_not_feed_the_sign_in_lock(agency, janes_account, jane, reset):
    for _ in range(4):
        reset(agency, jane, full_name="Jane Row")
    assert isinstance(
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version),
        SignedIn,
    )


def test_without_an_address_on_file_the_old_password_is_not_taken_away(
    opener, storage_url, case_application, intake, jane, register, reset
):
    agency = opener(storage_url)
    people = tuple(attrs.evolve(each, email=None) for each in case_application.participants)
    agency.cases.open(attrs.evolve(case_application, participants=people), by=intake)
    register(agency, jane)
    assert reset(agency, jane) == ResetRefused()
    assert reasons(agency) == ["no_address"]
    assert isinstance(
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version),
        SignedIn,
    )


# --- success -------------------------------------------------------------------------------------------


def test_s22_s24_from_forgotten_password_to_full_session_without_staff(agency, jane, assigned, sign_in):
    token = sign_in(agency, jane, assigned)
    changed = agency.credentials.change_password(token, current=assigned, new=NEW)
    assert isinstance(changed, PasswordChangeAccepted)
    assert changed.session.scope is SessionScope.FULL
    assert agency.accounts.display_name(changed.token) == "Jane Roe"
    assert isinstance(
        agency.accounts.sign_in(jane.user_id, NEW, banner=agency.accounts.banner().version), SignedIn
    )


def test_s24_the_old_password_is_dead_at_once_and_open_sessions_end(
    agency, janes_account, jane, reset, sign_in
):
    token = sign_in(agency, jane)
    reset(agency, jane)
    assert (
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
        == SignInRefused()
    )
    with pytest.raises(NotPermittedError):
        agency.accounts.display_name(token)


def test_s24_the_assigned_password_is_good_for_one_sign_in(agency, jane, assigned, sign_in):
    sign_in(agency, jane, assigned)
    assert (
        agency.accounts.sign_in(jane.user_id, assigned, banner=agency.accounts.banner().version)
        == SignInRefused()
    )


def test_s24_the_letter_tells_the_limit_by_the_agencys_clock(agency, assigned, mail):
    """Reset at 10:00 in Atlanta, five hours behind UTC in January; good for 24 hours."""
    assert "until 2026-01-08 10:00 EST." in mail.bodies("Your password was reset")[-1]


@pytest.mark.parametrize(("hours", "outcome"), [(23, SignedIn), (24, SignInRefused)])
def test_s24_the_assigned_password_expires_after_a_day(agency, jane, assigned, clock, hours, outcome):
    clock.move(hours=hours)
    assert isinstance(
        agency.accounts.sign_in(jane.user_id, assigned, banner=agency.accounts.banner().version), outcome
    )


def test_s25_a_session_of_an_assigned_password_may_do_nothing_but_change_it(
    agency, opened_case, jane, assigned, sign_in
):
    token, month = sign_in(agency, jane, assigned), Month(2026, 1)
    refused = [
        lambda: agency.payments.history(opened_case, by=token),
        lambda: agency.payments.statement(opened_case, first=month, last=month, by=token),
        lambda: agency.accounts.display_name(token),
        lambda: agency.credentials.change_answers(token, password=assigned, answers=()),
    ]
    for call in refused:
        with pytest.raises(NotPermittedError, match="choose your own password first"):
            call()


def test_s24_the_new_password_may_be_neither_the_assigned_nor_an_earlier_one(agency, jane, assigned, sign_in):
    token = sign_in(agency, jane, assigned)
    for new, fault in (
        (assigned, PasswordFault.SAME_AS_ASSIGNED),
        (jane.password, PasswordFault.USED_BEFORE),
    ):
        refused = agency.credentials.change_password(token, current=assigned, new=new)
        assert isinstance(refused, PasswordChangeRefused)
        assert [each.fault for each in refused.violations] == [fault]


def test_a_reset_does_not_end_a_lock(agency, janes_account, jane, reset, mail, clock):
    for _ in range(3):
        agency.accounts.sign_in(jane.user_id, Secret("wrong"), banner=agency.accounts.banner().version)
    reset(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert (
        agency.accounts.sign_in(
            jane.user_id, mail.assigned_password(), banner=agency.accounts.banner().version
        )
        == SignInRefused()
    )
    clock.move(minutes=15)
    assert isinstance(
        agency.accounts.sign_in(
            jane.user_id, mail.assigned_password(), banner=agency.accounts.banner().version
        ),
        SignedIn,
    )


def test_after_sixteen_resets_at_once_exactly_one_assigned_password_is_good(
    agency, janes_account, jane, mail, at_once
):
    asked = agency.recovery.questions(jane.ssn)
    outcomes = at_once(
        16,
        lambda: agency.recovery.reset_password(
            full_name="Jane Roe", ssn=jane.ssn, answers=jane.answers(asked)
        ),
    )
    assert outcomes == [ResetConfirmed()] * 16
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    letters = mail.bodies("Your password was reset")
    assigned = [line.strip() for body in letters for line in body.splitlines() if line.startswith("    ")]
    assert len(set(assigned)) == 16
    good = []
    for password in assigned:
        clear_failures(agency, janes_account)
        good.append(
            isinstance(
                agency.accounts.sign_in(
                    jane.user_id, Secret(password), banner=agency.accounts.banner().version
                ),
                SignedIn,
            )
        )
    assert good.count(True) == 1


def test_of_sixteen_sign_ins_at_once_one_assigned_password_lets_one_in(agency, jane, assigned, at_once):
    outcomes = at_once(
        16, lambda: agency.accounts.sign_in(jane.user_id, assigned, banner=agency.accounts.banner().version)
    )
    assert sum(isinstance(outcome, SignedIn) for outcome in outcomes) == 1


def clear_failures(agency, account_id):
    """Forget the failures that the test itself makes, so that no lock stands in the way."""

    def verb(work):
        kept = work.get(ACCOUNTS, account_id)
        work.replace(ACCOUNTS, kept, attrs.evolve(kept.record, failed_sign_ins=()))

    agency.accounts._resources.write(verb)


# --- the assigned password on its way ------------------------------------------------------------------


def test_the_screen_and_the_audit_log_never_hold_the_assigned_password(
    agency, janes_account, jane, reset, mail
):
    outcome = reset(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    secret = mail.assigned_password().reveal()
    assert secret not in repr(outcome) + outcome.sentence
    assert not any(secret in str(entry) for _, entry in agency.audit.entries(by=Actor.system("audit")))


def test_the_assigned_password_goes_to_the_address_on_file_and_nowhere_else(agency, jane, assigned, mail):
    with_password = [each for each in mail.delivered if assigned.reveal() in each.body.reveal()]
    assert [each.address for each in with_password] == [jane.email]
    assert assigned.reveal() not in with_password[0].subject + with_password[0].message_id


def test_at_rest_everything_secret_is_sealed_and_a_delivered_text_is_gone(
    opener, sqlite_url, case_application, intake, jane, john, register, reset, mail
):
    agency = opener(sqlite_url)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    register(agency, john)
    token = agency.accounts.sign_in(
        jane.user_id, jane.password, banner=agency.accounts.banner().version
    ).token
    reset(agency, jane)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    stored = stored_bytes(path)
    assert b"JRoe88" in stored  # the search does find what is not sealed
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    asked = agency.recovery.questions(jane.ssn)
    secrets = [
        jane.password,
        jane.ssn,
        Secret("900-01-4321"),
        jane.email,
        john.email,
        john.ssn,
        token,
        mail.assigned_password(),
        *(answer.text for answer in jane.answers(asked)),
    ]
    for secret in secrets:
        for spelling in (secret.reveal(), secret.reveal().lower()):
            assert spelling.encode() not in stored
            assert spelling.encode() not in stored_bytes(path)
    with sqlite3.connect(path) as connection:
        assert set(connection.execute("SELECT state, body FROM outbox")) == {("delivered", None)}
    connection.close()


def stored_bytes(path):
    """All that the database keeps on disk, its write-ahead log included."""
    return b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))


def test_a_reset_succeeds_while_the_channel_is_down_and_the_letter_waits(
    agency, janes_account, jane, reset, mail, clock
):
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    mail.always = DeliveryFailed("no connection", retryable=True)
    assert reset(agency, jane) == ResetConfirmed()
    assert agency.outbox.dispatch(by=Actor.system("dispatch")).failed == 1
    mail.always = None
    clock.move(minutes=1, seconds=15)
    assert agency.outbox.dispatch(by=Actor.system("dispatch")).delivered == 1
    assert isinstance(
        agency.accounts.sign_in(
            jane.user_id, mail.assigned_password(), banner=agency.accounts.banner().version
        ),
        SignedIn,
    )


# --- other answers -------------------------------------------------------------------------------------


@pytest.fixture
def other_answers(agency, jane):
    return jane.answers(agency.accounts.policies().questions.catalogue[5:8])


def test_s26_the_owner_changes_questions_and_answers_after_giving_the_password(
    agency, janes_account, jane, sign_in, other_answers, reset, mail
):
    token = sign_in(agency, jane)
    changed = agency.credentials.change_answers(token, password=jane.password, answers=other_answers)
    assert changed == AnswersChangeAccepted()
    asked = agency.recovery.questions(jane.ssn)
    assert {each.question_id for each in asked} == {each.question_id for each in other_answers}
    assert reset(agency, jane) == ResetConfirmed()
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert mail.bodies("Your security questions were changed")


def test_s26_without_the_password_the_answers_stay(
    agency, janes_account, jane, sign_in, other_answers, kinds
):
    token, before = sign_in(agency, jane), agency.recovery.questions(jane.ssn)
    refused = agency.credentials.change_answers(token, password=Secret("wrong"), answers=other_answers)
    assert refused == AnswersChangeRefused(password_accepted=False, violations=())
    assert kinds(agency)[-1] == "user_update_fail"
    assert agency.recovery.questions(jane.ssn) == before


def test_wrong_passwords_at_the_answers_page_lock_the_account(
    agency, janes_account, jane, sign_in, other_answers, kinds
):
    token = sign_in(agency, jane)
    for _ in range(3):
        agency.credentials.change_answers(token, password=Secret("wrong"), answers=other_answers)
    assert "authn_login_lock" in kinds(agency)
    assert (
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
        == SignInRefused()
    )


def test_answers_that_cannot_be_enrolled_are_refused_all_at_once(
    agency, janes_account, jane, sign_in, other_answers
):
    first, second, _ = other_answers
    bad = (attrs.evolve(first, text=jane.password), attrs.evolve(second, text=Secret("Roe")))
    refused = agency.credentials.change_answers(sign_in(agency, jane), password=jane.password, answers=bad)
    assert {each.fault for each in refused.violations} == {
        AnswerFault.WRONG_NUMBER,
        AnswerFault.IS_PASSWORD,
        AnswerFault.IS_NAME,
    }


OF_THE_FILE = {AnswerFault.IS_BIRTH_DATE, AnswerFault.IS_SSN, AnswerFault.IS_IDENTIFIER}


@pytest.fixture
def answers_from_the_file(jane, other_answers):
    """What Jane's papers say: her birth date, the end of her number, her IRN."""
    said = (jane.birth_date, jane.ssn.reveal()[-4:], jane.irn)
    return tuple(
        attrs.evolve(each, text=Secret(str(text))) for each, text in zip(other_answers, said, strict=True)
    )


def test_whoever_gives_the_password_hears_that_answers_stand_in_their_papers(
    agency, janes_account, jane, sign_in, answers_from_the_file
):
    refused = agency.credentials.change_answers(
        sign_in(agency, jane), password=jane.password, answers=answers_from_the_file
    )
    assert {each.fault for each in refused.violations} >= OF_THE_FILE


def test_in_a_session_without_the_password_no_reason_tells_what_is_on_file(
    agency, janes_account, jane, sign_in, answers_from_the_file
):
    token = sign_in(agency, jane)
    for password in [Secret("wrong")] * 3 + [jane.password]:  # locked at last, so that the right one is none
        refused = agency.credentials.change_answers(token, password=password, answers=answers_from_the_file)
        assert not refused.password_accepted
        assert OF_THE_FILE.isdisjoint(each.fault for each in refused.violations)


def test_sets_that_are_refused_close_the_source_before_many_guesses_at_the_file_were_made(
    agency, janes_account, jane, sign_in, answers_from_the_file
):
    # US: 10 failures of one source at one account close it (accounts.throttles)
    token = sign_in(agency, jane)
    told = [
        agency.credentials.change_answers(
            token, password=jane.password, answers=answers_from_the_file, source="203.0.113.7"
        ).violations
        for _ in range(12)
    ]
    hits = [any(violation.fault in OF_THE_FILE for violation in each) for each in told]
    assert hits == [True] * 10 + [False] * 2


@pytest.mark.parametrize(("days", "due"), [(364, False), (365, True)])
def test_answers_are_due_when_the_days_of_the_jurisdiction_are_over(
    opener, storage_url, reform, case_application, intake, jane, register, sign_in, clock, days, due
):
    yearly = reform({"accounts.security_question_renewal_days": 365})
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=yearly)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    clock.move(days=days)
    token = sign_in(agency, jane)
    assert agency.credentials.answers_due(token) is (AnswersDue.EXPIRED if due else None)
    chosen = jane.answers(agency.accounts.policies().questions.catalogue[5:8])
    agency.credentials.change_answers(token, password=jane.password, answers=chosen)
    assert not agency.credentials.answers_due(token)


def test_answers_are_never_due_where_the_jurisdiction_does_not_renew_them(
    agency, janes_account, jane, sign_in, clock
):
    clock.move(days=700)  # Georgia's 0 days are never
    assert not agency.credentials.answers_due(sign_in(agency, jane))


def test_answers_are_due_where_they_are_asked_for_and_there_are_none(
    opener, sqlite_url, reform, case_application, intake, jane, sign_in
):
    """An account from the time before the agency asked questions."""
    without = reform({"accounts.recovery_methods": ["issued_code"]})
    with opener(sqlite_url, jurisdiction="US-GA-REFORM", plugins=without) as agency:
        agency.cases.open(case_application, by=intake)
        agency.accounts.register(form_without_answers(jane))
        assert not agency.credentials.answers_due(sign_in(agency, jane))
    agency = opener(sqlite_url, jurisdiction="US-GA-REFORM", plugins=reform({}))
    assert agency.credentials.answers_due(sign_in(agency, jane)) is AnswersDue.NEVER_CHOSEN


def test_whether_answers_are_due_is_told_only_to_a_full_session(agency, jane, assigned, sign_in):
    with pytest.raises(NotPermittedError):
        agency.credentials.answers_due(sign_in(agency, jane, assigned))


# --- where passwords are not reset by questions ----------------------------------------------------------


def test_where_no_questions_are_used_none_are_shown_and_nothing_is_reset(
    opener, storage_url, reform, jane, case_application, intake, sign_in
):
    agency = opener(
        storage_url,
        jurisdiction="US-GA-REFORM",
        plugins=reform({"accounts.recovery_methods": ["issued_code"]}),
    )
    agency.cases.open(case_application, by=intake)
    assert agency.accounts.policies().questions is None
    assert isinstance(agency.accounts.register(form_without_answers(jane)), Registered)
    token = sign_in(agency, jane)
    with pytest.raises(NotPermittedError, match="call your office"):
        agency.recovery.questions(jane.ssn)
    with pytest.raises(NotPermittedError, match="nothing to change"):
        agency.credentials.change_answers(token, password=jane.password, answers=())
    assert agency.recovery.reset_password(full_name="Jane Roe", ssn=jane.ssn, answers=()) == ResetRefused()
    assert reasons(agency) == ["not_offered"]


def form_without_answers(parent):
    return RegistrationForm(
        user_id=parent.user_id,
        password=parent.password,
        full_name=parent.name.full,
        birth_date=parent.birth_date.isoformat(),
        ssn=parent.ssn,
        irn=str(parent.irn),
    )


def test_the_rules_of_the_baseline_alone_open_no_agency(opener):
    with pytest.raises(RulesError, match="agency"):
        opener("memory:", jurisdiction="US")
