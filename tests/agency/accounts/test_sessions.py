"""Sessions: how long a token is good, and for what; looking at one's own and ending them."""

from datetime import timedelta

import pytest

from dcss_core import Month, Secret
from dcss_core.agency.filing.accounts import SESSIONS
from dcss_core.errors import InvalidInputError, NotFoundError, NotPermittedError
from dcss_core.users import PasswordChangeAccepted, SessionToken, SignedIn, SignInRefused
from dcss_core.users.sign_in.reauthentication import ReauthenticationAccepted, ReauthenticationRefused
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

WRONG = Secret("not the password at all")
NEW = Secret("eleven copper kettles on a raft")


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
    after_first = kinds(agency)
    assert after_first[-1] == "session_expired"
    agency.accounts.sign_out(token)
    assert kinds(agency) == after_first
    assert not is_good(agency, token)


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
    assert not is_good(agency, token)  # how long it has rested is not known any more
    clock.move(hours=5, minutes=30)
    assert not is_good(agency, token)


def test_clock_tricks_a_session_of_a_clock_that_was_ahead_is_not_good_after_it_was_set(
    agency, jane, janes_account, sign_in, clock
):
    clock.move(days=10)
    token = sign_in(agency, jane)
    clock.move(days=-10)
    assert not is_good(agency, token)


def test_a_clock_that_is_set_back_by_seconds_ends_no_session(agency, token, clock):
    clock.move(seconds=-59)
    assert is_good(agency, token)


def test_the_session_id_that_is_stored_is_not_the_token(agency, token, jane):
    outcome = agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    assert isinstance(outcome, SignedIn)
    assert not is_good(agency, SessionToken(outcome.session.session_id))


@pytest.mark.parametrize("made_up", ["", "half \ud800", "x" * 100_000, "0" * 43])
def test_a_token_of_nobody_is_refused(agency, token, made_up):
    assert not is_good(agency, SessionToken(made_up))


def test_every_verb_on_payments_refuses_an_ended_session(agency, opened_case, token):
    agency.accounts.sign_out(token)
    for call in (
        lambda: agency.payments.history(opened_case, by=token),
        lambda: agency.payments.statement(opened_case, first=Month(2026, 1), last=Month(2026, 1), by=token),
    ):
        with pytest.raises(NotPermittedError, match="sign in again"):
            call()


def test_a_session_survives_reopening_the_agency(
    opener, sqlite_url, case_application, intake, jane, register, sign_in
):
    first = opener(sqlite_url)
    first.cases.open(case_application, by=intake)
    register(first, jane)
    token = sign_in(first, jane)
    first.close()
    assert is_good(opener(sqlite_url), token)


# --- what a front end asks at each request ---------------------------------------------------------------


def test_checking_a_session_says_what_it_allows_and_who_is_there(agency, token, janes_account, clock):
    session = agency.sessions.check(token)
    assert (session.account_id, session.scope) == (janes_account, SessionScope.FULL)
    assert session.good_until.isoformat() == "2026-01-07T15:30:00+00:00"


def test_checking_keeps_a_session_alive_as_any_other_use_does(agency, token, clock):
    for _ in range(3):
        clock.move(minutes=29)
        agency.sessions.check(token)
    clock.move(minutes=30)
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.sessions.check(token)


def test_the_use_of_a_session_is_noted_once_a_minute_and_never_fails_a_check(
    fragile, case_application, intake, jane, register, sign_in, clock
):
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    token = sign_in(agency, jane)
    opened_at = agency.sessions.check(token).last_seen_at
    clock.move(seconds=59)
    assert agency.sessions.check(token).last_seen_at == opened_at
    clock.move(seconds=1)
    storage.fail_on = ("replace", "sessions")
    assert agency.sessions.check(token).last_seen_at == clock.now()
    assert agency.sessions.own(token)[0].last_seen_at == clock.now()
    storage.fail_on = None
    clock.move(seconds=1)
    assert agency.sessions.check(token).last_seen_at == clock.now()  # it could not be noted before
    clock.move(seconds=1)
    assert agency.sessions.check(token).last_seen_at == clock.now() - timedelta(seconds=1)


def test_session_fixation_a_token_of_nobodys_choosing_is_no_session(agency, token, jane, sign_in):
    """A token planted before sign-in is worth nothing after it."""
    planted = SessionToken("A" * 43)
    sign_in(agency, jane)
    with pytest.raises(NotPermittedError):
        agency.sessions.check(planted)


# --- a shared computer -----------------------------------------------------------------------------------


def test_on_a_shared_computer_a_session_rests_five_minutes_and_no_longer(
    agency, janes_account, jane, attempt, clock
):
    token = attempt(agency, jane.user_id, jane.password, on_shared_computer=True).token
    clock.move(minutes=5, microseconds=-1)
    assert agency.sessions.check(token).is_on_shared_computer
    clock.move(minutes=5)
    assert not is_good(agency, token)


def test_on_a_shared_computer_a_changed_password_leads_to_a_short_session_again(
    agency, janes_account, jane, attempt, clock
):
    token = attempt(agency, jane.user_id, jane.password, on_shared_computer=True).token
    changed = agency.credentials.change_password(token, current=jane.password, new=NEW)
    clock.move(minutes=5)
    assert not is_good(agency, changed.token)


# --- one's own sessions ----------------------------------------------------------------------------------


def test_an_owner_sees_every_session_of_theirs_newest_first_with_where_it_came_from(
    agency, janes_account, jane, attempt, clock
):
    for source in ("203.0.113.7", "198.51.100.23"):
        newest = attempt(agency, jane.user_id, jane.password, source=source)
        clock.move(minutes=1)
    own = agency.sessions.own(newest.token)
    assert [session.source for session in own] == ["198.51.100.23", "203.0.113.7"]
    assert own[0].session_id == newest.session.session_id


def test_an_owner_sees_no_session_that_has_ended_and_none_of_anybody_else(
    agency, token, jane, john, register, sign_in, clock
):
    register(agency, john)
    sign_in(agency, john)
    signed_out, lapsed = sign_in(agency, jane), sign_in(agency, jane)
    agency.accounts.sign_out(signed_out)
    clock.move(minutes=20)
    agency.sessions.check(token)
    clock.move(minutes=10)  # the lapsed one was not used for half an hour
    assert [session.session_id for session in agency.sessions.own(token)] == [token.session_id]
    assert lapsed.session_id != token.session_id


def test_an_owner_ends_one_of_their_sessions_by_its_id(agency, token, jane, sign_in, kinds, last_number):
    other = sign_in(agency, jane)
    before = last_number(agency)
    agency.sessions.end(token, other.session_id)
    assert kinds(agency, before) == ["session_expired"]
    assert not is_good(agency, other)
    assert is_good(agency, token)


def test_an_owner_ends_their_own_session_by_its_id_too(agency, token):
    agency.sessions.end(token, token.session_id)
    assert not is_good(agency, token)


@pytest.mark.parametrize("whose", ["somebody else's", "ended", "made up", "no text", "a token"])
def test_a_session_that_is_no_good_one_of_theirs_is_not_found_and_stays_as_it_is(
    agency, token, jane, john, register, sign_in, whose
):
    register(agency, john)
    theirs = sign_in(agency, john)
    ended = sign_in(agency, jane)
    agency.accounts.sign_out(ended)
    named = {
        "somebody else's": theirs.session_id,
        "ended": ended.session_id,
        "made up": "0" * 64,
        "no text": "half \ud800",
        "a token": token.reveal(),
    }
    with pytest.raises(NotFoundError, match="no session of yours"):
        agency.sessions.end(token, named[whose])
    assert agency.accounts.display_name(theirs) == "John Doe"


def test_an_owner_ends_every_session_but_this_one(agency, token, jane, john, register, sign_in, kinds):
    register(agency, john)
    johns = sign_in(agency, john)
    others = [sign_in(agency, jane) for _ in range(3)]
    assert agency.sessions.end_others(token) == 3
    assert not any(is_good(agency, other) for other in others)
    assert is_good(agency, token)
    assert agency.accounts.display_name(johns) == "John Doe"
    assert agency.sessions.end_others(token) == 0
    assert kinds(agency).count("session_expired") == 3


def test_stale_sessions_of_eight_sessions_that_end_all_others_at_once_at_most_one_is_left(
    agency, janes_account, jane, sign_in, at_once
):
    tokens = [sign_in(agency, jane) for _ in range(8)]
    waiting = list(tokens)

    def end_others():
        try:
            agency.sessions.end_others(waiting.pop())
        except NotPermittedError:
            return "ended meanwhile"
        return "done"

    assert sorted(at_once(8, end_others)) == ["done"] + ["ended meanwhile"] * 7
    assert sum(is_good(agency, token) for token in tokens) == 1


# --- the password, given again ---------------------------------------------------------------------------


def test_session_fixation_the_password_given_again_leads_to_another_token_and_the_old_one_ends(
    agency, token, jane, hasher, kinds, last_number
):
    before, runs = last_number(agency), hasher.runs
    outcome = agency.sessions.reauthenticate(token, password=jane.password)
    assert isinstance(outcome, ReauthenticationAccepted)
    assert outcome.token != token
    assert hasher.runs - runs == 1
    assert kinds(agency, before) == ["authn_reauthenticated", "session_expired", "session_created"]
    assert (is_good(agency, token), is_good(agency, outcome.token)) == (False, True)


def test_giving_the_password_again_does_not_lengthen_the_day_of_a_session(agency, token, jane, clock):
    clock.move(minutes=20)
    end = agency.sessions.check(token).expires_at
    renewed = agency.sessions.reauthenticate(token, password=jane.password)
    assert renewed.session.expires_at == end


@pytest.mark.parametrize("typed", ["not the password at all", "", "half \ud800", "x" * 1_000_000])
def test_a_wrong_password_given_again_leaves_the_session_and_counts(
    agency, token, jane, janes_account, staff, hasher, typed
):
    runs = hasher.runs
    assert agency.sessions.reauthenticate(token, password=Secret(typed)) == ReauthenticationRefused()
    assert hasher.runs - runs == 1
    assert is_good(agency, token)
    assert agency.oversight.status(janes_account, by=staff(StaffRole.HELP_DESK)).failures == 1


def test_wrong_passwords_given_again_lock_the_account_like_failed_sign_ins(agency, token, jane, attempt):
    for _ in range(3):
        agency.sessions.reauthenticate(token, password=WRONG)
    assert agency.sessions.reauthenticate(token, password=jane.password) == ReauthenticationRefused()
    assert attempt(agency, jane.user_id, jane.password) == SignInRefused()


def test_of_eight_that_give_the_right_password_again_at_once_one_goes_on(agency, token, jane, at_once):
    def again():
        try:
            return agency.sessions.reauthenticate(token, password=jane.password)
        except NotPermittedError as ended:
            return ended

    outcomes = at_once(8, again)
    assert sum(isinstance(outcome, ReauthenticationAccepted) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NotPermittedError) for outcome in outcomes) == 7


# --- what ends them all ------------------------------------------------------------------------------------


def test_stale_sessions_a_changed_password_ends_every_other_session_at_once(
    agency, token, jane, sign_in, at_once
):
    others = [sign_in(agency, jane) for _ in range(4)]
    changed = agency.credentials.change_password(token, current=jane.password, new=NEW)
    assert isinstance(changed, PasswordChangeAccepted)
    assert at_once(4, lambda: is_good(agency, others.pop())) == [False] * 4
    assert is_good(agency, changed.token)


def test_weak_tokens_a_token_has_256_bits_and_no_row_holds_it(agency, token):
    # 256 bits are 43 characters of 6 bits, the last of them with 4
    assert len(token.reveal()) == 43
    rows = agency.sessions._resources.read(
        lambda work: work.transaction.find(SESSIONS.collection, ("session_id",))
    )
    assert rows
    assert token.reveal() not in repr(rows)


def test_a_session_is_named_by_text(agency, token):
    with pytest.raises(InvalidInputError, match="argument 'session_id'"):
        agency.sessions.end(token, None)
