"""The second factor, through an open agency: set-up, sign-in, saved codes, removal."""

import base64
import contextlib
import hashlib
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dcss_core import Actor, Secret
from dcss_core.errors import ConfigurationError, InvalidInputError, NotFoundError, NotPermittedError
from dcss_core.plugins import FactorGiven, FactorKey, NewFactor, SecondFactorKind, hookimpl
from dcss_core.testing import FakeHasher
from dcss_core.users import (
    ApprovalDue,
    PasswordChangeAccepted,
    PasswordChangeRefused,
    SignedIn,
    SignInRefused,
)
from dcss_core.users.account_control import ControlReason
from dcss_core.users.recovery.password_choice import PasswordChosen
from dcss_core.users.second_factor.changes import (
    EnrolmentAccepted,
    EnrolmentRefused,
    RemovalAccepted,
    SavedCodesIssued,
    SetUpBegun,
)
from dcss_core.users.sign_in.reauthentication import ReauthenticationAccepted, ReauthenticationRefused
from dcss_core.users.sign_in.session import Assurance, SessionScope
from dcss_core.users.sign_in.sign_in import SecondFactorDue, SecondFactorRefused
from dcss_core.users.staff.member import StaffRole

from ..office import Office
from .authenticator_app import App

DEMANDED = {"accounts.second_factor_demanded": True}
WRONG = Secret("not her password at all")
NEW = Secret("eleven copper kettles on a raft")


@pytest.fixture
def enter():
    """The first half of a sign-in; gives the outcome."""

    def entered(agency, parent, password=None, **changes):
        banner = agency.accounts.banner().version
        return agency.accounts.sign_in(parent.user_id, password or parent.password, banner=banner, **changes)

    return entered


@pytest.fixture
def enrol(enter, clock):
    """Sets a second factor up; gives the app and the outcome, half a minute later."""

    def enrolled(agency, parent):
        token = enter(agency, parent).token
        begun = agency.second_factors.begin(token, parent.password)
        assert isinstance(begun, SetUpBegun), begun
        app = App(begun, clock)
        outcome = agency.second_factors.confirm(token, app.code())
        assert isinstance(outcome, EnrolmentAccepted), outcome
        clock.move(seconds=30)  # the code that confirmed is used up
        return app, outcome

    return enrolled


@pytest.fixture
def subjects(mail):
    """The subjects of all letters so far, in order."""

    def arrived(agency):
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        return [each.subject for each in mail.delivered]

    return arrived


@pytest.fixture
def demanding(opener, storage_url, reform, case_application, intake, jane, register):
    """An agency of a jurisdiction that demands a second factor of everybody; Jane has an account."""
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=reform(DEMANDED))
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    return agency


# --- set-up --------------------------------------------------------------------------------------------


def test_setting_up_a_factor_asks_for_the_password_and_then_for_a_code(
    agency, janes_account, jane, enter, clock, kinds, last_number, subjects
):
    token = enter(agency, jane).token
    before = last_number(agency)
    begun = agency.second_factors.begin(token, jane.password)
    assert agency.second_factors.standing(token).enrolled_at is None
    enrolled = agency.second_factors.confirm(token, App(begun, clock).code())
    assert (enrolled.session.scope, enrolled.session.assurance) == (SessionScope.FULL, Assurance.AAL2)
    standing = agency.second_factors.standing(enrolled.token)
    assert (standing.enrolled_at, standing.saved_codes_left) == (clock.now(), 10)
    assert kinds(agency, before) == [
        "authn_second_factor_begun",
        "authn_second_factor_enrolled",
        "session_expired",
        "session_created",
    ]
    assert subjects(agency).count("A second factor was set up") == 1


def test_what_is_shown_names_the_agency_and_the_user(agency, janes_account, jane, enter):
    begun = agency.second_factors.begin(enter(agency, jane).token, jane.password)
    uri = urlsplit(begun.shown.reveal())
    assert parse_qs(uri.query)["issuer"] == ["Georgia Division of Child Support Services"]
    assert uri.path.endswith(":JRoe88")


def test_session_fixation_the_token_before_the_second_factor_is_good_for_nothing_after_it(
    agency, janes_account, jane, enter, clock
):
    before = enter(agency, jane).token
    app = App(agency.second_factors.begin(before, jane.password), clock)
    after = agency.second_factors.confirm(before, app.code()).token
    assert agency.accounts.display_name(after) == "Jane Roe"
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.accounts.display_name(before)


def test_stale_sessions_a_new_factor_ends_every_other_session(agency, janes_account, jane, enter, enrol):
    other = enter(agency, jane).token
    enrol(agency, jane)
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.sessions.check(other)


def test_a_wrong_password_begins_nothing_and_counts_like_a_failed_sign_in(
    agency, janes_account, jane, enter, clock
):
    token = enter(agency, jane).token
    for _ in range(3):  # IRS Pub. 1075, AC-7: 3 in 120 minutes
        assert agency.second_factors.begin(token, WRONG) == ReauthenticationRefused()
    assert agency.second_factors.begin(token, jane.password) == ReauthenticationRefused()
    assert enter(agency, jane) == SignInRefused()
    clock.move(minutes=15)
    assert isinstance(agency.second_factors.begin(token, jane.password), SetUpBegun)


def test_a_wrong_code_puts_nothing_in_force(agency, janes_account, jane, enter, clock):
    token = enter(agency, jane).token
    app = App(agency.second_factors.begin(token, jane.password), clock)
    refused = agency.second_factors.confirm(token, app.wrong_code())
    assert refused == EnrolmentRefused(begin_again=False)
    assert isinstance(enter(agency, jane), SignedIn)
    assert isinstance(agency.second_factors.confirm(token, app.code()), EnrolmentAccepted)


def test_a_set_up_that_took_too_long_begins_again(agency, janes_account, jane, enter, clock):
    token = enter(agency, jane).token
    app = App(agency.second_factors.begin(token, jane.password), clock)
    clock.move(minutes=10)
    assert agency.second_factors.confirm(token, app.code()) == EnrolmentRefused(begin_again=True)


def test_a_further_factor_counts_beside_the_first_and_the_saved_codes_stand_in_for_both(
    agency, janes_account, jane, enrol, enter, clock
):
    old, enrolled = enrol(agency, jane)
    begun = agency.second_factors.begin(enrolled.token, jane.password, name="old phone")
    new = App(begun, clock)
    assert isinstance(agency.second_factors.give(enter(agency, jane).token, old.code()), SignedIn)
    confirmed = agency.second_factors.confirm(enrolled.token, new.code())
    assert confirmed.saved_codes == ()
    standing = agency.second_factors.standing(confirmed.token)
    assert standing.saved_codes_left == 10
    assert [(each.name, each.method) for each in standing.factors] == [
        ("totp", "totp"),
        ("old phone", "totp"),
    ]
    clock.move(seconds=30)
    for code in (old.code(), new.code(), enrolled.saved_codes[0]):
        assert isinstance(agency.second_factors.give(enter(agency, jane).token, code), SignedIn)


def test_each_factor_says_since_when_it_is_there_and_when_it_was_given_last(
    agency, janes_account, jane, enrol, enter, clock
):
    began = clock.now()
    app, _ = enrol(agency, jane)
    clock.move(minutes=5)
    signed_in = agency.second_factors.give(enter(agency, jane).token, app.code())
    [factor] = agency.second_factors.standing(signed_in.token).factors
    assert (factor.enrolled_at, factor.last_used_at) == (began, clock.now())


@pytest.mark.parametrize("name", ["", " phone", "two\nlines", "x" * 41, "\ud800"], ids=ascii)
def test_a_name_is_one_short_line(agency, janes_account, jane, enter, name):
    with pytest.raises(InvalidInputError) as refused:
        agency.second_factors.begin(enter(agency, jane).token, jane.password, method="none", name=name)
    assert [fault.where for fault in refused.value.faults] == ["method", "name"]


def test_no_two_factors_have_the_same_name(agency, janes_account, jane, enrol, clock):
    _, enrolled = enrol(agency, jane)
    with pytest.raises(InvalidInputError, match="another name"):
        agency.second_factors.begin(enrolled.token, jane.password, name="TOTP")
    assert agency.second_factors.begin(enrolled.token, jane.password).name == "totp 2"


def test_one_of_several_is_removed_by_its_id(agency, janes_account, jane, enrol, enter, clock, kinds):
    app, enrolled = enrol(agency, jane)
    new = App(agency.second_factors.begin(enrolled.token, jane.password), clock)
    both = agency.second_factors.confirm(enrolled.token, new.code())
    first, _ = agency.second_factors.standing(both.token).factors
    with pytest.raises(NotFoundError):
        agency.second_factors.remove(both.token, jane.password, factor_id="no such")
    one = agency.second_factors.remove(both.token, jane.password, factor_id=first.factor_id)
    agency.sessions.check(one.token).require_assurance(Assurance.AAL2)
    clock.move(seconds=30)
    due = enter(agency, jane)
    assert agency.second_factors.give(due.token, app.code()) == SecondFactorRefused()
    assert isinstance(agency.second_factors.give(due.token, new.code()), SignedIn)


def test_staff_remove_one_of_several(agency, janes_account, jane, enrol, enter, desk, by_two, clock):
    app, enrolled = enrol(agency, jane)
    new = App(agency.second_factors.begin(enrolled.token, jane.password, name="blue key"), clock)
    agency.second_factors.confirm(enrolled.token, new.code())
    seen = agency.oversight.status(janes_account, by=desk).second_factors
    [lost] = [each for each in seen if each.name == "totp"]
    reason = ControlReason.IDENTITY_CONFIRMED
    assert by_two(
        lambda by: agency.second_factors.remove_for(
            janes_account, by=by, reason=reason, factor_id=lost.factor_id
        )
    )
    clock.move(seconds=30)
    due = enter(agency, jane)
    assert agency.second_factors.give(due.token, app.code()) == SecondFactorRefused()
    assert isinstance(agency.second_factors.give(due.token, new.code()), SignedIn)


# --- sign-in -------------------------------------------------------------------------------------------


def test_the_password_alone_lets_nobody_see_anything(agency, opened_case, janes_account, jane, enrol, enter):
    enrol(agency, jane)
    due = enter(agency, jane)
    assert isinstance(due, SecondFactorDue)
    for call in (
        lambda: agency.accounts.display_name(due.token),
        lambda: agency.payments.history(opened_case, by=due.token),
        lambda: agency.second_factors.standing(due.token),
        lambda: agency.second_factors.begin(due.token, jane.password),
        lambda: agency.second_factors.new_codes(due.token, jane.password),
        lambda: agency.second_factors.remove(due.token, jane.password),
        lambda: agency.credentials.change_password(due.token, current=jane.password, new=NEW),
        lambda: agency.sessions.reauthenticate(due.token, password=jane.password),
    ):
        with pytest.raises(NotPermittedError, match="give the second factor first"):
            call()


def test_password_and_code_let_the_owner_in_at_aal2(
    agency, janes_account, jane, enrol, enter, kinds, last_number
):
    app, _ = enrol(agency, jane)
    due = enter(agency, jane, source="203.0.113.7")
    before = last_number(agency)
    signed_in = agency.second_factors.give(due.token, app.code(), source="203.0.113.7")
    assert isinstance(signed_in, SignedIn)
    assert agency.accounts.display_name(signed_in.token) == "Jane Roe"
    agency.sessions.check(signed_in.token).require_assurance(Assurance.AAL2)
    assert kinds(agency, before) == ["authn_login_success", "session_expired", "session_created"]
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.sessions.check(due.token)


def test_the_second_half_is_asked_for_once(agency, janes_account, jane, enrol, enter):
    app, enrolled = enrol(agency, jane)
    with pytest.raises(NotPermittedError, match="nothing to do"):
        agency.second_factors.give(enrolled.token, app.code())


def test_the_second_half_has_to_come_in_time(agency, janes_account, jane, enrol, enter, clock):
    app, _ = enrol(agency, jane)
    due = enter(agency, jane)
    clock.move(minutes=10)
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.second_factors.give(due.token, app.code())


def test_replay_a_code_that_let_somebody_in_lets_nobody_else_in(agency, janes_account, jane, enrol, enter):
    app, _ = enrol(agency, jane)
    first, second = enter(agency, jane), enter(agency, jane)
    assert isinstance(agency.second_factors.give(first.token, app.code()), SignedIn)
    assert agency.second_factors.give(second.token, app.code()) == SecondFactorRefused()


def test_the_code_that_confirmed_the_set_up_signs_nobody_in(agency, janes_account, jane, enter, clock):
    token = enter(agency, jane).token
    app = App(agency.second_factors.begin(token, jane.password), clock)
    agency.second_factors.confirm(token, app.code())
    assert agency.second_factors.give(enter(agency, jane).token, app.code()) == SecondFactorRefused()


@pytest.mark.parametrize("by_saved_code", [False, True], ids=["TOTP", "saved code"])
def test_of_sixteen_who_give_the_same_code_at_once_exactly_one_gets_in(
    agency, janes_account, jane, enrol, enter, at_once, by_saved_code
):
    app, enrolled = enrol(agency, jane)
    waiting = [enter(agency, jane).token for _ in range(16)]
    code = enrolled.saved_codes[0] if by_saved_code else app.code()
    outcomes = at_once(16, lambda: agency.second_factors.give(waiting.pop(), code))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["SecondFactorRefused"] * 15 + [
        "SignedIn"
    ]


@pytest.mark.parametrize("by_saved_code", [False, True], ids=["TOTP", "saved code"])
def test_of_sixteen_in_the_same_session_exactly_one_gets_in(
    agency, janes_account, jane, enrol, enter, at_once, by_saved_code
):
    app, enrolled = enrol(agency, jane)
    due, code = enter(agency, jane), enrolled.saved_codes[0] if by_saved_code else app.code()

    def give():
        try:
            return agency.second_factors.give(due.token, code)
        except NotPermittedError:  # the session has ended: somebody was faster
            return None

    assert sum(isinstance(outcome, SignedIn) for outcome in at_once(16, give)) == 1


# --- failures ------------------------------------------------------------------------------------------


def test_wrong_codes_count_as_wrong_passwords_and_lock_the_account(
    agency, janes_account, jane, enrol, enter, clock, kinds, last_number
):
    app, _ = enrol(agency, jane)
    due = enter(agency, jane)
    before = last_number(agency)
    for _ in range(3):
        assert agency.second_factors.give(due.token, app.wrong_code()) == SecondFactorRefused()
    assert kinds(agency, before)[-2:] == ["authn_login_fail", "authn_login_lock"]
    assert agency.second_factors.give(due.token, app.code()) == SecondFactorRefused()  # the right one, locked
    assert enter(agency, jane) == SignInRefused()
    clock.move(minutes=15)
    assert isinstance(agency.second_factors.give(enter(agency, jane).token, app.code()), SignedIn)


def test_the_right_password_in_between_buys_no_more_guesses(agency, janes_account, jane, enrol, enter):
    app, _ = enrol(agency, jane)
    for _ in range(3):
        agency.second_factors.give(enter(agency, jane).token, app.wrong_code())
    assert enter(agency, jane) == SignInRefused()


def test_counter_races_sixteen_wrong_codes_at_once_open_nothing_and_lock(
    agency, janes_account, jane, enrol, enter, at_once
):
    app, _ = enrol(agency, jane)
    due, wrong = enter(agency, jane), app.wrong_code()
    outcomes = at_once(16, lambda: agency.second_factors.give(due.token, wrong))
    assert set(outcomes) == {SecondFactorRefused()}
    assert agency.second_factors.give(due.token, app.code()) == SecondFactorRefused()
    failures = [
        entry.details
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "authn_login_fail"
    ]
    # 3 wrong ones, then 13 and the right one against the lock
    assert sorted(failures) == sorted(
        [f'{{"account_id":"{janes_account}","reason":"wrong_second_factor"}}'] * 3
        + [f'{{"account_id":"{janes_account}","reason":"locked"}}'] * 14
    )


def test_credential_stuffing_a_wrong_code_counts_against_its_source_like_a_wrong_password(
    agency, janes_account, jane, john, enrol, enter
):
    app, _ = enrol(agency, jane)
    due = enter(agency, jane, source="203.0.113.7")
    for _ in range(49):  # of 50 in an hour (rule accounts.throttles)
        enter(agency, john, source="203.0.113.7")  # who has no account
    refused = agency.second_factors.give(due.token, app.wrong_code(), source="203.0.113.7")
    assert refused == SecondFactorRefused()
    assert agency.second_factors.give(due.token, app.code(), source="203.0.113.7") == SecondFactorRefused()
    assert enter(agency, jane, source="203.0.113.7") == SignInRefused()
    assert isinstance(agency.second_factors.give(due.token, app.code(), source="198.51.100.9"), SignedIn)


def test_wrong_codes_from_one_source_close_the_account_to_it_and_to_no_other(
    agency, janes_account, jane, enrol, enter, clock
):
    app, _ = enrol(agency, jane)
    for _ in range(4):  # 3 a lock; the tenth closes (rule accounts.throttles: 10 in a day)
        due = enter(agency, jane)
        for _ in range(3):
            agency.second_factors.give(due.token, app.wrong_code(), source="203.0.113.7")
        clock.move(minutes=16)
    assert enter(agency, jane, source="203.0.113.7") == SignInRefused()
    due = enter(agency, jane, source="198.51.100.9")
    assert agency.second_factors.give(due.token, app.code(), source="203.0.113.7") == SecondFactorRefused()
    assert isinstance(agency.second_factors.give(due.token, app.code(), source="198.51.100.9"), SignedIn)


def test_lockout_dos_without_the_password_nobody_can_spend_guesses_at_the_code(
    agency, janes_account, jane, enrol, enter
):
    enrol(agency, jane)
    refused = enter(agency, jane, WRONG)
    assert refused == SignInRefused()
    assert not hasattr(refused, "token")


@pytest.mark.parametrize(
    "typed", ["", " ", "123456 123456", "\ud800", "0" * 1_000_000, "<script>"], ids=ascii
)
def test_whatever_is_typed_for_a_code_is_one_refusal(agency, janes_account, jane, enrol, enter, typed):
    enrol(agency, jane)
    due = enter(agency, jane)
    assert agency.second_factors.give(due.token, Secret(typed)) == SecondFactorRefused()


# --- saved codes ---------------------------------------------------------------------------------------


def test_a_saved_code_lets_the_owner_in_once_and_the_owner_is_told_how_many_are_left(
    agency, janes_account, jane, enrol, enter, mail, subjects, kinds, last_number
):
    _, enrolled = enrol(agency, jane)
    due, again = enter(agency, jane), enter(agency, jane)
    before = last_number(agency)
    signed_in = agency.second_factors.give(due.token, enrolled.saved_codes[7])
    agency.sessions.check(signed_in.token).require_assurance(Assurance.AAL2)
    assert agency.second_factors.standing(signed_in.token).saved_codes_left == 9
    assert agency.second_factors.give(again.token, enrolled.saved_codes[7]) == SecondFactorRefused()
    assert kinds(agency, before)[0] == "authn_saved_code_used"
    assert "A saved code was used" in subjects(agency)
    assert ["Saved codes left: 9." in body for body in mail.bodies("A saved code was used")] == [True]


def test_all_ten_saved_codes_work_and_after_them_only_the_app(
    agency, janes_account, jane, enrol, enter, mail, clock
):
    app, enrolled = enrol(agency, jane)
    for code in enrolled.saved_codes:
        assert isinstance(agency.second_factors.give(enter(agency, jane).token, code), SignedIn)
        clock.move(seconds=1)  # letters go out in the order of their instants
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies("A saved code was used")) == 10
    assert "Saved codes left: 0. Sign in and make new ones now." in mail.bodies("A saved code was used")[-1]
    assert isinstance(agency.second_factors.give(enter(agency, jane).token, app.code()), SignedIn)


def test_new_codes_take_the_place_of_the_old_ones(agency, janes_account, jane, enrol, enter, subjects):
    _, enrolled = enrol(agency, jane)
    assert agency.second_factors.new_codes(enrolled.token, WRONG) == ReauthenticationRefused()
    issued = agency.second_factors.new_codes(enrolled.token, jane.password)
    assert isinstance(issued, SavedCodesIssued)
    assert len({code.reveal() for code in (*issued.saved_codes, *enrolled.saved_codes)}) == 20
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.sessions.check(enrolled.token)
    agency.sessions.check(issued.token).require_assurance(Assurance.AAL2)
    due = enter(agency, jane)
    assert agency.second_factors.give(due.token, enrolled.saved_codes[0]) == SecondFactorRefused()
    assert isinstance(agency.second_factors.give(due.token, issued.saved_codes[0]), SignedIn)
    assert "Your saved codes were replaced" in subjects(agency)


# --- removal -------------------------------------------------------------------------------------------


def test_the_owner_removes_the_factor_and_is_told(agency, janes_account, jane, enrol, enter, subjects):
    app, enrolled = enrol(agency, jane)
    other = agency.second_factors.give(enter(agency, jane).token, app.code())
    assert agency.second_factors.remove(enrolled.token, WRONG) == ReauthenticationRefused()
    assert isinstance(enter(agency, jane), SecondFactorDue)
    removed = agency.second_factors.remove(enrolled.token, jane.password)
    assert isinstance(removed, RemovalAccepted)
    for ended in (enrolled.token, other.token):
        with pytest.raises(NotPermittedError, match="sign in again"):
            agency.sessions.check(ended)
    with pytest.raises(NotPermittedError, match="second factor"):
        agency.sessions.check(removed.token).require_assurance(Assurance.AAL2)
    assert isinstance(enter(agency, jane), SignedIn)
    assert subjects(agency).count("Your second factor was removed") == 1


def test_staff_remove_a_lost_factor_and_all_sessions_end(
    agency, janes_account, jane, enrol, enter, administrator, by_two, subjects
):
    _, enrolled = enrol(agency, jane)
    due = enter(agency, jane)
    reason = ControlReason.IDENTITY_CONFIRMED
    assert by_two(lambda by: agency.second_factors.remove_for(janes_account, by=by, reason=reason))
    [entry] = [
        entry
        for _, entry in agency.audit.about(f"account:{janes_account}", by=Actor.system("audit"))
        if entry.kind == "authn_second_factor_removed_by_staff"
    ]
    assert entry.actor == str(administrator)
    assert "identity_confirmed" in entry.details
    for token in (enrolled.token, due.token):
        with pytest.raises(NotPermittedError, match="sign in again"):
            agency.sessions.check(token)
    assert isinstance(enter(agency, jane), SignedIn)
    assert subjects(agency).count("Your second factor was removed") == 1
    assert not agency.second_factors.remove_for(janes_account, by=administrator, reason=reason)


def test_approval_abuse_a_factor_set_up_since_the_first_word_takes_two_words_of_its_own(
    agency, janes_account, jane, enrol, enter, staff, clock
):
    _, enrolled = enrol(agency, jane)
    asked = agency.second_factors.remove_for(janes_account, by=staff.first, reason=ControlReason.OWNER_ASKED)
    clock.move(minutes=5)
    begun = agency.second_factors.begin(enrolled.token, jane.password)
    agency.second_factors.confirm(enrolled.token, App(begun, clock).code())
    again = agency.second_factors.remove_for(
        janes_account, by=staff.colleague, reason=ControlReason.OWNER_ASKED
    )
    assert isinstance(asked, ApprovalDue)
    assert isinstance(again, ApprovalDue)
    assert isinstance(enter(agency, jane), SecondFactorDue)


def test_approval_abuse_only_an_account_administrator_removes_and_never_their_own(
    agency, janes_account, jane, enrol, enter, staff, clerk
):
    enrol(agency, jane)
    administrator, agent = staff(StaffRole.ACCOUNT_ADMINISTRATOR), staff(StaffRole.HELP_DESK)
    reason = ControlReason.IDENTITY_CONFIRMED
    for by in (agent, clerk):
        with pytest.raises(NotPermittedError, match="you may not do this"):
            agency.second_factors.remove_for(janes_account, by=by, reason=reason)
        with pytest.raises(NotPermittedError, match="you may not do this"):  # whether or not it exists
            agency.second_factors.remove_for("no-such-account", by=by, reason=reason)
    with pytest.raises(NotPermittedError, match="their own"):
        agency.second_factors.remove_for(administrator.actor_id, by=administrator, reason=reason)
    with pytest.raises(NotFoundError, match="no account has this id"):
        agency.second_factors.remove_for("no-such-account", by=administrator, reason=reason)
    assert isinstance(enter(agency, jane), SecondFactorDue)


# --- what stands around it -----------------------------------------------------------------------------


def test_lock_bypass_by_reset_an_assigned_password_gets_nobody_past_the_second_factor(
    agency, janes_account, jane, enrol, enter, reset, mail
):
    """OWASP ASVS 5.0.0, 6.4.3: a reset does not bypass the factor."""
    app, _ = enrol(agency, jane)
    reset(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.assigned_password()
    due = enter(agency, jane, assigned)
    assert isinstance(due, SecondFactorDue)
    with pytest.raises(NotPermittedError, match="give the second factor first"):
        agency.credentials.change_password(due.token, current=assigned, new=NEW)
    signed_in = agency.second_factors.give(due.token, app.code())
    assert signed_in.session.scope is SessionScope.CHANGE_PASSWORD_ONLY
    for call in (
        lambda: agency.accounts.display_name(signed_in.token),
        lambda: agency.second_factors.standing(signed_in.token),
        lambda: agency.second_factors.remove(signed_in.token, assigned),
        lambda: agency.second_factors.begin(signed_in.token, assigned),
    ):
        with pytest.raises(NotPermittedError, match="choose your own password first"):
            call()
    changed = agency.credentials.change_password(signed_in.token, current=assigned, new=NEW)
    assert isinstance(changed, PasswordChangeAccepted)
    agency.sessions.check(changed.token).require_assurance(Assurance.AAL2)


def test_a_changed_password_leaves_the_second_factor_in_force(agency, janes_account, jane, enrol, enter):
    app, enrolled = enrol(agency, jane)
    changed = agency.credentials.change_password(enrolled.token, current=jane.password, new=NEW)
    assert not isinstance(changed, PasswordChangeRefused)
    assert isinstance(agency.second_factors.give(enter(agency, jane, NEW).token, app.code()), SignedIn)


def test_a_password_given_again_keeps_the_assurance(agency, janes_account, jane, enrol):
    _, enrolled = enrol(agency, jane)
    again = agency.sessions.reauthenticate(enrolled.token, password=jane.password)
    assert isinstance(again, ReauthenticationAccepted)
    assert again.session.assurance is Assurance.AAL2


# --- a jurisdiction that demands one (IRS Pub. 1075, 3.3.8(c)) -----------------------------------------


def test_where_a_factor_is_demanded_nobody_sees_a_case_before_they_have_one(
    demanding, case_application, jane, enter, clock
):
    case_number = case_application.case_number
    signed_in = enter(demanding, jane)
    assert isinstance(signed_in, SignedIn)
    assert signed_in.session.scope is SessionScope.ENROL_SECOND_FACTOR_ONLY
    for call in (
        lambda: demanding.payments.history(case_number, by=signed_in.token),
        lambda: demanding.accounts.display_name(signed_in.token),
        lambda: demanding.credentials.change_password(signed_in.token, current=jane.password, new=NEW),
    ):
        with pytest.raises(NotPermittedError, match="set up a second factor first"):
            call()
    with pytest.raises(NotPermittedError, match="second factor"):
        signed_in.session.require_assurance(Assurance.AAL2)
    assert demanding.second_factors.standing(signed_in.token).is_demanded
    app = App(demanding.second_factors.begin(signed_in.token, jane.password), clock)
    enrolled = demanding.second_factors.confirm(signed_in.token, app.code())
    enrolled.session.require_assurance(Assurance.AAL2)
    assert demanding.payments.history(case_number, by=enrolled.token) is not None
    assert demanding.accounts.display_name(enrolled.token) == "Jane Roe"


def test_where_a_factor_is_demanded_every_later_sign_in_asks_for_it(
    demanding, case_application, jane, enrol, enter
):
    app, _ = enrol(demanding, jane)
    due = enter(demanding, jane)
    with pytest.raises(NotPermittedError, match="give the second factor first"):
        demanding.payments.history(case_application.case_number, by=due.token)
    signed_in = demanding.second_factors.give(due.token, app.code())
    assert demanding.payments.history(case_application.case_number, by=signed_in.token) is not None


def test_where_a_factor_is_demanded_it_is_replaced_but_not_removed(demanding, jane, enrol, clock):
    _, enrolled = enrol(demanding, jane)
    with pytest.raises(NotPermittedError, match="demands a second factor"):
        demanding.second_factors.remove(enrolled.token, jane.password)
    new = App(demanding.second_factors.begin(enrolled.token, jane.password), clock)
    assert isinstance(demanding.second_factors.confirm(enrolled.token, new.code()), EnrolmentAccepted)


def test_where_a_factor_is_demanded_one_who_lost_it_has_to_set_one_up_again(
    demanding, jane, enrol, enter, hasher
):
    enrol(demanding, jane)
    account_id = enter(demanding, jane).session.account_id
    Office(demanding, hasher).by_two(
        lambda by: demanding.second_factors.remove_for(
            account_id, by=by, reason=ControlReason.IDENTITY_CONFIRMED
        )
    )
    assert enter(demanding, jane).session.scope is SessionScope.ENROL_SECOND_FACTOR_ONLY


# --- cost, secrecy, other methods ----------------------------------------------------------------------


def test_enumeration_by_time_the_slow_hash_runs_once_whatever_was_typed_and_never_for_what_is_not_allowed(
    agency, janes_account, jane, enrol, enter, hasher, clock
):
    app, enrolled = enrol(agency, jane)
    waiting, factors = enter(agency, jane).token, agency.second_factors

    def runs(verb, token, typed):
        before = hasher.runs
        with contextlib.suppress(NotPermittedError):
            verb(token, typed)
        return hasher.runs - before

    typed = (WRONG, Secret(""), Secret("x" * 1_000_000), jane.password)  # the last against a lock
    for verb in (factors.begin, factors.new_codes, factors.remove):
        assert [runs(verb, enrolled.token, password) for password in typed] == [1, 1, 1, 0]
        clock.move(minutes=16)
        token = enter(agency, jane).token  # nobody is let do it
        assert [runs(verb, token, password) for password in typed] == [0] * 4
    assert runs(factors.begin, enrolled.token, jane.password) == 1
    assert runs(factors.remove, enrolled.token, jane.password) == 1
    for code in (app.wrong_code(), app.code(), enrolled.saved_codes[0]):
        assert runs(factors.give, waiting, code) == runs(factors.confirm, enrolled.token, code) == 0


def test_every_refusal_of_a_code_is_the_same_to_the_public(agency, janes_account, jane, enrol, enter):
    app, _ = enrol(agency, jane)
    due = enter(agency, jane, source="203.0.113.7")
    wrong, right = app.wrong_code(), app.code()
    refusals = [agency.second_factors.give(due.token, code) for code in (wrong, wrong, wrong, wrong, right)]
    assert refusals == [SecondFactorRefused()] * 5  # three wrong ones, then a wrong and a right one locked
    assert len({refusal.sentence for refusal in refusals}) == 1


def test_a_password_changed_while_it_was_looked_at_stops_the_change(
    opener, storage_url, case_application, intake, jane, register, enter
):
    hasher = InterruptedHasher()
    agency = opener(storage_url, hasher=hasher)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    first, second = enter(agency, jane).token, enter(agency, jane).token
    hasher.meanwhile = lambda: agency.credentials.change_password(second, current=jane.password, new=NEW)
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.second_factors.begin(first, jane.password)


def test_secrets_are_stored_sealed_and_saved_codes_as_hashes(
    opener, sqlite_url, case_application, intake, jane, register, enrol, enter, clock
):
    agency = opener(sqlite_url)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    app, enrolled = enrol(agency, jane)
    agency.second_factors.begin(enrolled.token, jane.password)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    agency.close()
    stored = b"".join(
        file.read_bytes() for file in Path(sqlite_url.removeprefix("sqlite:///")).parent.iterdir()
    )
    assert b"second_factors" in stored  # it is the right file
    for code in enrolled.saved_codes:
        plain = code.reveal().replace("-", "")
        assert hashlib.sha256(plain.encode()).hexdigest().encode() in stored
        assert plain.encode() not in stored
        assert code.reveal().encode() not in stored
    for text in (base64.b32encode(app.secret), app.secret, app.secret.hex().encode()):
        assert text not in stored


def test_no_result_audit_entry_or_letter_shows_a_secret_or_a_code(
    agency, janes_account, jane, enter, clock, mail
):
    factors, token = agency.second_factors, enter(agency, jane).token
    begun = factors.begin(token, jane.password)
    app = App(begun, clock)
    digits = [app.wrong_code(), app.code()]
    not_yet, enrolled = (factors.confirm(token, code) for code in digits)
    clock.move(seconds=30)
    first, second = enter(agency, jane), enter(agency, jane)
    digits.append(app.code())
    refused, signed_in = (factors.give(first.token, code) for code in (digits[0], digits[2]))
    by_saved_code = factors.give(second.token, enrolled.saved_codes[4])
    issued = factors.new_codes(signed_in.token, jane.password)
    removed = factors.remove(issued.token, jane.password)
    results = [begun, not_yet, enrolled, first, second, refused, signed_in, by_saved_code, issued, removed]
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    shown = repr(
        [factors, *results, *map(attrs.asdict, results), agency.audit.entries(by=Actor.system("audit"))]
    )
    shown += "".join(message.body.reveal() for message in mail.delivered)
    tokens = [each.token for each in (enrolled, first, second, signed_in, by_saved_code, issued, removed)]
    for secret in (token, *tokens, begun.shown, begun.typed, *enrolled.saved_codes, *issued.saved_codes):
        assert secret.reveal() not in shown
    for code in digits:  # six digits may stand in a longer hash by chance
        assert not re.search(rf"(?<!\w){code.reveal()}(?!\w)", shown)


class SignedChallenge:
    """A method of a test in the manner of a passkey: an answer signs what it was asked with."""

    def begin(self, random, *, owner, enrolled):
        device = Ed25519PrivateKey.from_private_bytes(random)  # which the browser would make itself
        return NewFactor(Secret(device.public_key().public_bytes_raw().hex()), shown=Secret(random.hex()))

    def confirm(self, secret, answer, *, now):
        return FactorKey(secret, "0") if self._signed(secret, answer, "set-up") else None

    def ask(self, enrolled, *, challenge):
        return Secret(challenge)

    def check(self, enrolled, answer, *, challenge, now):
        for place, key in enumerate(enrolled):
            if self._signed(key.secret, answer, challenge):
                return FactorGiven(place, str(int(key.state) + 1))
        return None

    def _signed(self, secret, answer, challenge):
        device = Ed25519PublicKey.from_public_bytes(bytes.fromhex(secret.reveal()))
        try:
            device.verify(bytes.fromhex(answer.reveal()), challenge.encode())
        except (ValueError, InvalidSignature):
            return False
        return True


class Signatures:
    """A plugin that offers it."""

    @hookimpl
    def dcss_second_factors(self):
        return [SecondFactorKind("signed", "Signatures", lambda url: SignedChallenge())]


SIGNED = Signatures()


def test_another_method_can_be_plugged_in(
    opener, storage_url, case_application, intake, jane, register, enter, outside
):
    agency = opener(storage_url, second_factors=["signed:", "totp:"], plugins=[outside, SIGNED])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    factors = agency.second_factors

    def signed(challenge):
        return Secret(device.sign(challenge.encode()).hex())

    first = enter(agency, jane)
    begun = factors.begin(first.token, jane.password)
    device = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(begun.shown.reveal()))
    assert isinstance(factors.confirm(first.token, signed("set-up")), EnrolmentAccepted)
    due, other = enter(agency, jane), enter(agency, jane)
    [asked] = factors.ask(due.token)
    assert asked.method == "signed"
    [asked_other] = factors.ask(other.token)
    assert factors.give(due.token, signed(asked_other.shown.reveal())) == SecondFactorRefused()
    assert isinstance(factors.give(due.token, signed(asked.shown.reveal())), SignedIn)


def test_somebody_with_factors_of_two_methods_is_asked_for_both_and_gives_either(
    opener, storage_url, case_application, intake, jane, register, enrol, enter, clock, outside
):
    agency = opener(storage_url, second_factors=["totp:", "signed:"], plugins=[outside, SIGNED])
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    app, enrolled = enrol(agency, jane)
    begun = agency.second_factors.begin(enrolled.token, jane.password, method="signed", name="blue key")
    device = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(begun.shown.reveal()))
    agency.second_factors.confirm(enrolled.token, Secret(device.sign(b"set-up").hex()))
    first, second = enter(agency, jane), enter(agency, jane)
    by_code, by_key = agency.second_factors.ask(second.token)
    assert (by_code.method, by_code.shown, by_key.method) == ("totp", None, "signed")
    assert isinstance(agency.second_factors.give(first.token, app.code()), SignedIn)
    answer = Secret(device.sign(by_key.shown.reveal().encode()).hex())
    assert isinstance(agency.second_factors.give(second.token, answer), SignedIn)


def test_only_who_owes_a_second_factor_is_asked_for_one(agency, janes_account, jane, enter):
    with pytest.raises(NotPermittedError):
        agency.second_factors.ask(enter(agency, jane).token)


def test_an_agency_opened_with_another_method_says_so_and_takes_saved_codes(
    opener, sqlite_url, case_application, intake, jane, register, enrol, enter, outside
):
    before = opener(sqlite_url)
    before.cases.open(case_application, by=intake)
    register(before, jane)
    app, enrolled = enrol(before, jane)
    before.close()
    agency = opener(sqlite_url, second_factors=["signed:"], plugins=[outside, SIGNED])
    due = enter(agency, jane)
    with pytest.raises(ConfigurationError, match="set up by the method 'totp'"):
        agency.second_factors.give(due.token, app.code())
    assert isinstance(agency.second_factors.give(due.token, enrolled.saved_codes[0]), SignedIn)


class InterruptedHasher(FakeHasher):
    """Does something else once, in the middle of its next verification."""

    meanwhile = None

    def verify(self, password, stored):
        matches = super().verify(password, stored)
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()
        return matches


def test_lock_bypass_by_reset_new_passwords_buy_no_guesses_at_the_factor(
    agency, janes_account, jane, enrol, enter, clock, mail, subjects
):
    """Mailbox and user ID in hand, an attacker resets the password and guesses on.

    At the 100th wrong code in a row the factor is disabled (NIST SP 800-63B-4 §3.2.2).
    """
    app, enrolled = enrol(agency, jane)
    password = jane.password
    for number in range(100):
        if number % 10 == 0:
            password = _reset_by_code(agency, jane, mail, f"{number} copper kettles on a raft")
        clock.move(minutes=16)
        due = enter(agency, jane, password=password)
        assert agency.second_factors.give(due.token, app.wrong_code()) == SecondFactorRefused()
    clock.move(minutes=16)
    due = enter(agency, jane, password=password)
    assert agency.second_factors.give(due.token, app.code()) == SecondFactorRefused()
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert subjects(agency).count("Your second factor was disabled") == 1
    clock.move(minutes=16)
    due = enter(agency, jane, password=password)
    inside = agency.second_factors.give(due.token, enrolled.saved_codes[0])
    begun = agency.second_factors.begin(inside.token, password)
    anew = App(begun, clock)
    assert agency.second_factors.confirm(inside.token, anew.code()).session.assurance is Assurance.AAL2
    clock.move(minutes=16)
    due = enter(agency, jane, password=password)
    assert isinstance(agency.second_factors.give(due.token, anew.code()), SignedIn)


def test_lock_bypass_by_set_up_a_session_that_owes_the_factor_sets_no_count_back(
    agency, janes_account, jane, enrol, enter, clock, subjects
):
    """Not even by the right code of a factor that the owner has begun to set up."""
    app, enrolled = enrol(agency, jane)
    begun = App(agency.second_factors.begin(enrolled.token, jane.password), clock)
    for _ in range(99):
        clock.move(minutes=16)
        due = enter(agency, jane)
        assert agency.second_factors.give(due.token, app.wrong_code()) == SecondFactorRefused()
    clock.move(minutes=16)
    due = enter(agency, jane)
    with pytest.raises(NotPermittedError, match="second factor"):
        agency.second_factors.begin(due.token, jane.password)
    with pytest.raises(NotPermittedError, match="second factor"):
        agency.second_factors.confirm(due.token, begun.code())
    assert agency.second_factors.give(due.token, app.wrong_code()) == SecondFactorRefused()
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert subjects(agency).count("Your second factor was disabled") == 1


def _reset_by_code(agency, parent, mail, chosen):
    agency.recovery.request_code(parent.user_id)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    body = mail.bodies("Your code for a new password")[-1]
    code = next(line.strip() for line in body.splitlines() if line.startswith("    "))
    assert agency.recovery.choose_password(parent.user_id, Secret(code), Secret(chosen)) == PasswordChosen()
    return Secret(chosen)


@pytest.mark.parametrize(
    "asking",
    [
        lambda agency, token, password: agency.credentials.change_password(
            token, current=password, new=password
        ),
        lambda agency, token, password: agency.credentials.change_answers(
            token, password=password, answers=()
        ),
        lambda agency, token, password: agency.second_factors.begin(token, password),
        lambda agency, token, password: agency.second_factors.new_codes(token, password),
        lambda agency, token, password: agency.second_factors.remove(token, password),
        lambda agency, token, password: agency.sessions.reauthenticate(token, password=password),
    ],
    ids=["change_password", "change_answers", "begin", "new_codes", "remove", "reauthenticate"],
)
def test_a_session_that_owes_the_second_factor_has_nothing_hashed(
    agency, hasher, janes_account, jane, enrol, enter, asking
):
    enrol(agency, jane)
    token = enter(agency, jane).token
    before = hasher.runs
    for password in (jane.password, Secret("not the password at all")):
        with pytest.raises(NotPermittedError, match="second factor"):
            asking(agency, token, password)
    assert hasher.runs == before
