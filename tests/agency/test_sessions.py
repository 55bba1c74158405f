"""Sessions: how long a token is good, and for what."""

import pytest

from dcss_core import Month, SessionToken, SignedIn
from dcss_core.errors import NotPermittedError


@pytest.fixture
def token(agency, janes_account, jane, sign_in):
    return sign_in(agency, jane)


def is_good(agency, token):
    try:
        return agency.accounts.display_name(token) == "Jane Roe"
    except NotPermittedError:
        return False


def test_s12_a_session_ends_after_half_an_hour_without_use(agency, token, clock):
    clock.move(minutes=29, seconds=59)
    assert is_good(agency, token)
    clock.move(minutes=30)
    assert not is_good(agency, token)


def test_using_a_session_keeps_it_but_no_longer_than_a_day(agency, token, clock):
    # 24 hours are 1440 minutes, 58 steps of 25 minutes are 1450
    for _ in range(57):
        clock.move(minutes=25)
        assert is_good(agency, token)
    clock.move(minutes=15)
    assert not is_good(agency, token)


def test_s12_a_session_ends_on_sign_out_and_ending_it_twice_changes_nothing(agency, token, kinds):
    agency.accounts.sign_out(token)
    assert not is_good(agency, token)
    after_first = kinds(agency)
    assert after_first[-1] == "session_expired"
    agency.accounts.sign_out(token)
    assert kinds(agency) == after_first


def test_signing_out_with_a_token_of_nobody_is_no_error_and_leaves_no_trace(agency, token, kinds):
    before = kinds(agency)
    agency.accounts.sign_out(SessionToken("made up"))
    assert kinds(agency) == before
    assert is_good(agency, token)


def test_signing_out_ends_one_session_only(agency, token, jane, sign_in):
    other = sign_in(agency, jane)
    agency.accounts.sign_out(token)
    assert is_good(agency, other)


def test_a_clock_that_steps_back_and_forth_does_not_lengthen_a_session(agency, token, clock):
    clock.move(minutes=20)
    assert is_good(agency, token)
    clock.move(hours=-5)
    assert is_good(agency, token)  # used at an earlier time: does not count backwards
    clock.move(hours=5, minutes=30)
    assert not is_good(agency, token)


def test_the_session_id_that_is_stored_is_not_the_token(agency, token, jane):
    outcome = agency.accounts.sign_in(jane.user_id, jane.password)
    assert isinstance(outcome, SignedIn)
    assert not is_good(agency, SessionToken(outcome.session.session_id))


@pytest.mark.parametrize("made_up", ["", "half \ud800", "x" * 100_000, "0" * 43])
def test_a_token_of_nobody_is_refused(agency, token, made_up):
    assert not is_good(agency, SessionToken(made_up))


def test_every_verb_on_payments_refuses_an_ended_session(agency, opened_case, token):
    agency.accounts.sign_out(token)
    for call in (
        lambda: agency.payments.history(token, opened_case),
        lambda: agency.payments.statement(token, opened_case, first=Month(2026, 1), last=Month(2026, 1)),
    ):
        with pytest.raises(NotPermittedError, match="sign in again"):
            call()


def test_a_session_survives_reopening_the_agency(
    opener, sqlite_url, case_application, clerk, jane, register, sign_in
):
    first = opener(sqlite_url)
    first.cases.open(case_application, by=clerk)
    register(first, jane)
    token = sign_in(first, jane)
    first.close()
    assert is_good(opener(sqlite_url), token)
