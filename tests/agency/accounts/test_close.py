"""`accounts.close`: a parent closes their own account for good."""

import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.accounts import (
    ACCOUNTS,
    OUTSTANDING_CODES,
    SECOND_FACTORS,
    SECURITY_ANSWERS,
    SESSIONS,
)
from dcss_core.errors import NotPermittedError, SessionEndedError
from dcss_core.users import (
    ClosedByOwner,
    EnrolmentAccepted,
    ReauthenticationRefused,
    Registered,
    SignedIn,
    SignInRefused,
)

from .authenticator_app import App

AUDITOR = Actor.system("audit")


def counted(agency, records):
    return agency.audit._resources.read(lambda work: work.count(records, (records.key_attribute,)))


def stored_account(agency, account_id):
    return agency.audit._resources.read(lambda work: work.get(ACCOUNTS, account_id).record)


@pytest.mark.on_every_storage
def test_whoever_closes_it_is_signed_in_nowhere_and_gets_in_nowhere(
    agency, janes_account, jane, sign_in, attempt
):
    here, elsewhere = sign_in(agency, jane), sign_in(agency, jane)
    outcome = agency.accounts.close(here, jane.password)
    assert outcome == ClosedByOwner()
    assert "Your case goes on" in outcome.sentence
    for token in (here, elsewhere):
        with pytest.raises(SessionEndedError):
            agency.sessions.check(token)
    assert attempt(agency, jane.user_id, jane.password) == SignInRefused()


@pytest.mark.on_every_storage
def test_what_it_was_opened_with_is_deleted_at_once(agency, janes_account, jane, sign_in, clock):
    agency.recovery.request_code(jane.user_id)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert counted(agency, SECURITY_ANSWERS) == counted(agency, OUTSTANDING_CODES) == 1
    before = stored_account(agency, janes_account)
    agency.accounts.close(sign_in(agency, jane), jane.password)
    for records in (SECURITY_ANSWERS, SECOND_FACTORS, OUTSTANDING_CODES):
        assert counted(agency, records) == 0
    after = stored_account(agency, janes_account)
    assert after.password_hash.phc != before.password_hash.phc
    assert after.password_hash.pepper_id is None
    assert after.earlier_hashes == ()
    assert after.user_id == jane.user_id
    assert after.closed_at == clock.now()


def test_the_owner_is_told_and_the_log_says_who_did_it(agency, janes_account, jane, sign_in, mail):
    agency.accounts.close(sign_in(agency, jane), jane.password, source="203.0.113.7")
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert any("was closed just now" in body for body in mail.bodies("Your online account"))
    [closed] = [each for _, each in agency.audit.entries(by=AUDITOR) if each.kind == "user_deleted"]
    assert (closed.actor, closed.source) == (f"parent:{janes_account}", "203.0.113.7")


def test_the_case_goes_on_and_the_person_registers_anew_with_another_user_id(
    agency, janes_account, jane, sign_in, form_of, opened_case, attempt
):
    agency.accounts.close(sign_in(agency, jane), jane.password)
    assert isinstance(agency.accounts.register(form_of(agency, jane, user_id="jane-again")), Registered)
    again = attempt(agency, "jane-again", jane.password)
    assert isinstance(again, SignedIn)
    assert agency.payments.history(opened_case, by=again.token) == ()


@pytest.mark.on_every_storage
def test_a_wrong_password_closes_nothing_and_counts_as_at_sign_in(agency, janes_account, jane, sign_in):
    token = sign_in(agency, jane)
    for _ in range(3):
        assert agency.accounts.close(token, Secret("wrong")) == ReauthenticationRefused()
    assert stored_account(agency, janes_account).locked_until is not None
    assert agency.accounts.close(token, jane.password) == ReauthenticationRefused()
    agency.sessions.check(token)


def test_with_a_second_factor_the_session_has_to_have_given_it(agency, janes_account, jane, sign_in, clock):
    first, other = sign_in(agency, jane), sign_in(agency, jane)
    app = App(agency.second_factors.begin(first, jane.password), clock)
    enrolled = agency.second_factors.confirm(first, app.code())
    assert isinstance(enrolled, EnrolmentAccepted)
    due = agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    for token in (due.token, other):
        with pytest.raises((NotPermittedError, SessionEndedError)):
            agency.accounts.close(token, jane.password)
    assert agency.accounts.close(enrolled.token, jane.password) == ClosedByOwner()


def test_an_account_of_staff_is_closed_by_others_and_never_by_its_owner(agency, staff, mail, attempt):
    assert staff.first
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.appointed_password("worker-1")
    token = attempt(agency, "worker-1", assigned).token
    changed = agency.credentials.change_password(
        token, current=assigned, new=Secret("eleven copper kettles on a raft")
    )
    with pytest.raises(NotPermittedError):
        agency.accounts.close(changed.token, Secret("eleven copper kettles on a raft"))


def test_of_many_at_once_one_closes_it(agency, janes_account, jane, sign_in, at_once):
    tokens = [sign_in(agency, jane) for _ in range(4)]
    waiting = list(tokens)

    def close():
        try:
            return agency.accounts.close(waiting.pop(), jane.password)
        except SessionEndedError:
            return None

    assert at_once(4, close).count(ClosedByOwner()) == 1
    assert counted(agency, SESSIONS) == 4
