"""What each decision says in the audit log, whole: whom it is about, which session or request, and why."""

from datetime import timedelta
from functools import partial

import attrs
import pytest

from dcss_core.users.account import AccountState, ChangeReason
from dcss_core.users.account_control import (
    AccountClosed,
    AccountDisabled,
    AccountEnabled,
    ControlReason,
    LockLifted,
    PasswordChangeDemanded,
    close,
    demand_password_change,
    disable,
    enable,
    lift_lock,
)
from dcss_core.users.events import (
    AccountLocked,
    ChangeRefusal,
    PasswordChanged,
    PasswordChangeDue,
    PasswordChangeFailed,
    PasswordDisabled,
    PasswordReset,
    PasswordResetFailed,
    Reauthenticated,
    ReauthenticationFailed,
    RecoveryClosed,
    ResetRefusal,
    SecurityAnswersChanged,
    SecurityAnswersChangeFailed,
    SessionEnded,
    SessionEndReason,
    SessionOpened,
    SignInFailed,
    SignInRefusal,
    SignInSucceeded,
)
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.change import decide_password_change
from dcss_core.users.passwords.password import Password, PasswordFault, PasswordViolation
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.recovery.answers_change import decide_answers_change
from dcss_core.users.recovery.by_questions import decide_reset
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.sign_in.reauthentication import decide_reauthentication, reauthenticate
from dcss_core.users.sign_in.session import FactorStanding, SessionToken, open_session
from dcss_core.users.sign_in.sign_in import SignInRequest, Upkeep, decide_sign_in

NEW_HASH = PasswordHash("$new")
TOO_SHORT = PasswordViolation(PasswordFault.TOO_SHORT, "Use at least 15 characters.")
STAFF_REASON = ControlReason.OWNER_ASKED


@pytest.fixture
def session(account, sessions, now):
    return open_session(account, SessionToken("first"), sessions, now)[0]


@pytest.fixture
def second(session):
    """The session that takes the place of the first."""
    return SessionToken("second")


@pytest.fixture
def sign_in(lockout, sessions, token, now):
    def attempt(account, *, right, **found):
        request = SignInRequest(token, source="203.0.113.7")
        return decide_sign_in(
            account, request, password_matches=right, lockout=lockout, sessions=sessions, now=now, **found
        ).events

    return attempt


def test_a_sign_in_is_recorded_with_the_failures_before_it_and_its_session(sign_in, account, token):
    tried = attrs.evolve(account, consecutive_failures=2)
    assert sign_in(tried, right=True) == (
        SignInSucceeded("a-1", 2),
        SessionOpened("a-1", token.session_id, "full", "aal1"),
    )


def test_a_sign_in_that_waits_for_the_second_factor_is_recorded_as_no_success(sign_in, account, token):
    opened = SessionOpened("a-1", token.session_id, "second_factor_only", "aal1")
    assert sign_in(account, right=True, factor=FactorStanding.DUE) == (opened,)


def test_a_password_that_has_to_be_changed_is_recorded_with_the_reason(sign_in, account, token):
    upkeep = Upkeep(ChangeReason.EXPIRED, judged_under="policy-1", banner="banner-1")
    assert sign_in(account, right=True, upkeep=upkeep) == (
        SignInSucceeded("a-1", 0),
        PasswordChangeDue("a-1", "expired"),
        SessionOpened("a-1", token.session_id, "change_password_only", "aal1"),
    )


def test_a_failure_is_recorded_under_the_account_where_there_is_one(sign_in, account):
    assert sign_in(account, right=False) == (SignInFailed("a-1", SignInRefusal.WRONG_PASSWORD),)
    assert sign_in(None, right=False) == (SignInFailed(None, SignInRefusal.UNKNOWN_USER),)


def test_an_assigned_password_used_up_is_recorded_under_its_account(sign_in, account, now):
    expired = attrs.evolve(account, assigned_until=now)
    refused = (SignInFailed("a-1", SignInRefusal.ASSIGNED_PASSWORD_EXPIRED),)
    assert sign_in(expired, right=True) == refused


def test_the_failure_that_locks_and_disables_records_until_when_and_after_how_many(sign_in, account, now):
    tried = attrs.evolve(account, failed_sign_ins=(now, now), consecutive_failures=99)
    assert sign_in(tried, right=False) == (
        SignInFailed("a-1", SignInRefusal.WRONG_PASSWORD),
        AccountLocked("a-1", now + timedelta(minutes=15)),
        PasswordDisabled("a-1", 100),
    )


def test_a_password_given_again_is_recorded_with_the_session_that_goes_on(
    account, session, second, lockout, now
):
    def recorded(right):
        return decide_reauthentication(
            account,
            session,
            checked=reauthenticate(account, password_matches=right, lockout=lockout, now=now),
            token=second,
            now=now,
        ).events

    assert recorded(right=True) == (
        Reauthenticated("a-1", second.session_id),
        SessionEnded("a-1", session.session_id, SessionEndReason.REPLACED),
        SessionOpened("a-1", second.session_id, "full", "aal1"),
    )
    assert recorded(right=False) == (ReauthenticationFailed("a-1", ChangeRefusal.WRONG_PASSWORD),)


@pytest.fixture
def change_password(account, session, second, lockout, sessions, now):
    def attempt(*, right=True, violations=()):
        return decide_password_change(
            account,
            session,
            checked=reauthenticate(account, password_matches=right, lockout=lockout, now=now),
            new=WeighedPassword(violations, None if violations else NEW_HASH),
            token=second,
            history=3,
            sessions=sessions,
            now=now,
        )

    return attempt


def test_a_change_of_password_is_recorded_with_both_sessions(change_password, session, second):
    assert change_password().events == (
        PasswordChanged("a-1", 2),
        SessionEnded("a-1", session.session_id, SessionEndReason.REPLACED),
        SessionOpened("a-1", second.session_id, "full", "aal1"),
    )


def test_a_refused_change_of_password_is_recorded_and_leaves_the_session_as_it_was(change_password, session):
    unfit, wrong = change_password(violations=(TOO_SHORT,)), change_password(right=False)
    assert unfit.events == (PasswordChangeFailed("a-1", ChangeRefusal.AGAINST_POLICY),)
    assert wrong.events == (PasswordChangeFailed("a-1", ChangeRefusal.WRONG_PASSWORD),)
    assert unfit.session == wrong.session == session


def test_a_change_of_answers_is_recorded(account, lockout, now):
    def recorded(right):
        return decide_answers_change(
            account,
            checked=reauthenticate(account, password_matches=right, lockout=lockout, now=now),
            violations=(),
            question_ids=("dish",),
            answers_hash=NEW_HASH,
            now=now,
        ).events

    assert recorded(right=True) == (SecurityAnswersChanged("a-1"),)
    assert recorded(right=False) == (SecurityAnswersChangeFailed("a-1", ChangeRefusal.WRONG_PASSWORD),)


def test_a_reset_by_answers_is_recorded_and_so_is_what_closes_the_way(account, recovery, now):
    def recorded(whose, *, right, failures=()):
        return decide_reset(
            whose,
            ParticularsThrottle("index-1", failures),
            answers_match=right,
            has_address=True,
            assigned=Password("abcd-efgh-ijkm-npqr-stuv"),
            assigned_hash=NEW_HASH,
            policy=recovery,
            history=3,
            now=now,
        ).events

    assert recorded(account, right=True) == (PasswordReset("a-1", now + timedelta(hours=24)),)
    assert recorded(account, right=False, failures=(now,) * 4) == (
        PasswordResetFailed("a-1", ResetRefusal.WRONG_ANSWERS),
        RecoveryClosed("a-1", 5),
    )
    assert recorded(None, right=False, failures=(now,) * 4) == (
        PasswordResetFailed(None, ResetRefusal.UNKNOWN_PERSON),
        RecoveryClosed(None, 5),
    )


def test_a_reset_that_is_closed_is_recorded_under_the_account_there_is(account, recovery, now):
    decision = decide_reset(
        account,
        ParticularsThrottle("index-1", closed_at=now),
        answers_match=True,
        has_address=True,
        assigned=Password("abcd-efgh-ijkm-npqr-stuv"),
        assigned_hash=NEW_HASH,
        policy=recovery,
        history=3,
        now=now,
    )
    assert decision.account == account
    assert decision.events == (PasswordResetFailed("a-1", ResetRefusal.CLOSED),)


def test_what_staff_do_to_an_account_is_recorded_with_their_reason(account, lockout, now):
    locked = attrs.evolve(account, locked_until=now)
    disabled = attrs.evolve(account, state=AccountState.DISABLED)
    recorded = [
        lift_lock(locked, STAFF_REASON, lockout=lockout)[1],
        disable(account, STAFF_REASON)[1],
        enable(disabled, STAFF_REASON, now)[1],
        close(account, STAFF_REASON, fits_nothing=NEW_HASH, now=now)[1],
        demand_password_change(account, STAFF_REASON)[1],
    ]
    kinds = (LockLifted, AccountDisabled, AccountEnabled, AccountClosed, PasswordChangeDemanded)
    assert recorded == [kind("a-1", STAFF_REASON) for kind in kinds]


def test_what_staff_do_ends_the_sessions_by_one_version_more(account, now):
    closed = partial(close, fits_nothing=NEW_HASH, now=now)
    for act in (disable, closed, demand_password_change):
        assert act(account, STAFF_REASON)[0].credential_version == account.credential_version + 1


def test_a_lifted_lock_leaves_nothing_counted_towards_the_next(account, lockout, now):
    tried = attrs.evolve(account, failed_sign_ins=(now, now))
    assert lift_lock(tried, STAFF_REASON, lockout=lockout)[0] == account
