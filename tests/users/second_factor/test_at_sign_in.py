"""The second half of a sign-in, decided; how codes are judged stands in test_second_factor.py."""

from datetime import timedelta

import attrs
import pytest

from dcss_core.users.account import AccountState, ChangeReason
from dcss_core.users.events import (
    AccountLocked,
    PasswordChangeDue,
    SessionEnded,
    SessionEndReason,
    SessionOpened,
    SignInFailed,
    SignInRefusal,
    SignInSucceeded,
)
from dcss_core.users.sign_in.session import (
    Assurance,
    FactorStanding,
    SessionScope,
    SessionToken,
    open_session,
)
from dcss_core.users.sign_in.sign_in import (
    SecondFactorRefused,
    SignedIn,
    SignInRequest,
    decide_second_factor,
    decide_sign_in,
)

MINUTE = timedelta(minutes=1)
SECOND = SessionToken("second")


@pytest.fixture
def waiting(account, sessions, now):
    """The session between the password and the code."""
    return open_session(
        account,
        SessionToken("first"),
        sessions,
        now,
        factor=FactorStanding.DUE,
        source="203.0.113.7",
        on_shared_computer=True,
    )[0]


@pytest.fixture
def give_code(account, waiting, lockout, sessions, now):
    def given(account=account, *, right=True, throttled=False, at=now + MINUTE):
        return decide_second_factor(
            account,
            waiting,
            SignInRequest(SECOND, source="203.0.113.7", is_throttled=throttled),
            code_matches=right,
            lockout=lockout,
            sessions=sessions,
            now=at,
        )

    return given


def test_the_right_code_opens_a_session_of_two_factors_and_ends_the_one_that_waited(give_code, waiting, now):
    decision = give_code()
    assert decision.outcome == SignedIn(decision.opened, SECOND)
    assert decision.opened.session_id == SECOND.session_id
    assert (decision.opened.scope, decision.opened.assurance) == (SessionScope.FULL, Assurance.AAL2)
    assert decision.opened.expires_at == now + MINUTE + timedelta(hours=24)
    assert decision.session == attrs.evolve(waiting, ended_at=now + MINUTE)
    assert decision.events == (
        SignInSucceeded("a-1", 0),
        SessionEnded("a-1", waiting.session_id, SessionEndReason.REPLACED),
        SessionOpened("a-1", SECOND.session_id, "full", "aal2"),
    )


def test_what_was_said_with_the_password_holds_for_the_session_after_the_code(give_code):
    opened = give_code().opened
    assert opened.source == "203.0.113.7"
    assert opened.is_on_shared_computer
    assert opened.idle_seconds == 5 * 60


def test_only_the_right_code_sets_the_counts_back(give_code, account, now):
    tried = attrs.evolve(account, failed_sign_ins=(now, now), consecutive_failures=2)
    assert give_code(tried).account == attrs.evolve(account, idle_since=now + MINUTE)
    assert give_code(tried).events[0] == SignInSucceeded("a-1", 2)


def test_a_wrong_code_counts_like_a_wrong_password_and_the_session_waits_on(give_code, account, waiting, now):
    """NIST SP 800-63B-4 §3.2.2; IRS Pub. 1075, AC-7: the third failure locks for 15 minutes."""
    at = now + MINUTE
    decision = give_code(right=False)
    assert decision.outcome == SecondFactorRefused()
    assert decision.account == attrs.evolve(account, failed_sign_ins=(at,), consecutive_failures=1)
    assert (decision.session, decision.opened) == (waiting, None)
    assert decision.events == (SignInFailed("a-1", SignInRefusal.WRONG_SECOND_FACTOR),)
    third = give_code(attrs.evolve(account, failed_sign_ins=(now, now), consecutive_failures=2), right=False)
    assert third.account.locked_until == at + timedelta(minutes=15)
    assert third.events == (
        SignInFailed("a-1", SignInRefusal.WRONG_SECOND_FACTOR),
        AccountLocked("a-1", at + timedelta(minutes=15)),
    )


def test_a_code_that_was_judged_and_wrong_is_said_to_be_so_that_the_factor_counts_it(give_code, account, now):
    locked = attrs.evolve(account, locked_until=now + timedelta(hours=1))
    assert give_code(right=False).is_wrong_code
    for decision in (
        give_code(),
        give_code(right=False, throttled=True),
        give_code(locked, right=False),
        give_code(attrs.evolve(account, assigned_until=now)),
    ):
        assert not decision.is_wrong_code


def test_each_barrier_refuses_the_right_code_too_and_counts_nothing(give_code, account, waiting, now):
    later = now + timedelta(hours=1)
    barred = {
        SignInRefusal.ACCOUNT_NOT_ACTIVE: attrs.evolve(account, state=AccountState.DISABLED),
        SignInRefusal.LOCKED: attrs.evolve(account, locked_until=later),
        SignInRefusal.PASSWORD_DISABLED: attrs.evolve(account, consecutive_failures=100),
        SignInRefusal.ASSIGNED_PASSWORD_EXPIRED: attrs.evolve(account, assigned_until=now),
        SignInRefusal.ASSIGNED_PASSWORD_USED: attrs.evolve(
            account, assigned_until=later, assigned_used_at=now
        ),
    }
    for reason, whose in barred.items():
        decision = give_code(whose)
        assert decision.outcome == SecondFactorRefused(), reason
        assert (decision.account, decision.session, decision.opened) == (whose, waiting, None)
        assert decision.events == (SignInFailed("a-1", reason),)


@pytest.mark.parametrize("right", [True, False])
def test_where_the_source_is_closed_no_code_is_judged(give_code, account, right):
    decision = give_code(right=right, throttled=True)
    assert decision.outcome == SecondFactorRefused()
    assert decision.account == account
    assert decision.events == (SignInFailed("a-1", SignInRefusal.SOURCE_THROTTLED),)


def test_a_wrong_code_while_locked_is_told_and_counted_no_more_than_the_right_one(give_code, account, now):
    locked = attrs.evolve(account, locked_until=now + timedelta(hours=1))
    assert give_code(locked, right=False) == give_code(locked)


def test_an_assigned_password_is_used_up_by_the_code_and_allows_only_another_password(
    give_code, account, now
):
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=2))
    decision = give_code(assigned)
    assert decision.account.assigned_used_at == now + MINUTE
    assert decision.opened.scope is SessionScope.CHANGE_PASSWORD_ONLY
    assert decision.events[:2] == (SignInSucceeded("a-1", 0), PasswordChangeDue("a-1", "assigned"))


def test_a_password_of_ones_own_is_not_marked_as_an_assigned_one_that_was_used(give_code):
    assert give_code().account.assigned_used_at is None


# --- the first half ---------------------------------------------------------------------------------------


def test_the_right_password_alone_shows_the_waiting_session_and_sets_no_count_back(
    account, lockout, sessions, now
):
    tried = attrs.evolve(account, failed_sign_ins=(now,), consecutive_failures=1)
    first = SessionToken("first")
    decision = decide_sign_in(
        tried,
        SignInRequest(first, source="203.0.113.7", on_shared_computer=True),
        password_matches=True,
        lockout=lockout,
        sessions=sessions,
        now=now,
        factor=FactorStanding.DUE,
    )
    assert (decision.outcome.session, decision.outcome.token) == (decision.session, first)
    assert decision.session.is_on_shared_computer
    assert decision.session.expires_at == now + timedelta(minutes=10)
    assert decision.account == tried


def test_a_change_that_is_due_waits_until_the_code_is_given(give_code, account):
    due = attrs.evolve(account, change_due=ChangeReason.COMPROMISED)
    assert give_code(due).opened.scope is SessionScope.CHANGE_PASSWORD_ONLY
