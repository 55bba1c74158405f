from datetime import timedelta

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.users.account import AccountState
from dcss_core.users.events import SignInRefusal
from dcss_core.users.password_hash import PasswordHash
from dcss_core.users.session import SessionScope
from dcss_core.users.sign_in import SignedIn, SignInRefused, decide_sign_in

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def sign_in(lockout, sessions, token, now):
    def attempt(account, *, right, at=now, rehashed=None):
        return decide_sign_in(
            account,
            password_matches=right,
            token=token,
            lockout=lockout,
            sessions=sessions,
            now=at,
            rehashed=rehashed,
        )

    return attempt


def wrong(sign_in, account, *instants):
    for instant in instants:
        account = sign_in(account, right=False, at=instant).account
    return account


def test_s21_the_right_password_opens_a_full_session(sign_in, account, token, now):
    decision = sign_in(account, right=True)
    assert isinstance(decision.outcome, SignedIn)
    assert decision.outcome.token == token
    assert decision.session.session_id == token.session_id
    assert decision.session.scope is SessionScope.FULL
    assert decision.session.person_with_cases() == "p-1"
    assert [event.kind for event in decision.events] == ["authn_login_success", "session_created"]


def test_s21_every_refusal_is_the_same_to_the_public_and_different_in_the_audit(sign_in, account, now):
    until = now + timedelta(hours=1)
    cases = {
        SignInRefusal.UNKNOWN_USER: (None, True),
        SignInRefusal.WRONG_PASSWORD: (account, False),
        SignInRefusal.LOCKED: (attrs.evolve(account, locked_until=until), True),
        SignInRefusal.PASSWORD_DISABLED: (attrs.evolve(account, consecutive_failures=100), True),
        SignInRefusal.ACCOUNT_NOT_ACTIVE: (attrs.evolve(account, state=AccountState.DISABLED), True),
        SignInRefusal.ASSIGNED_PASSWORD_EXPIRED: (attrs.evolve(account, assigned_until=now), True),
        SignInRefusal.ASSIGNED_PASSWORD_USED: (
            attrs.evolve(account, assigned_until=until, assigned_used_at=now),
            True,
        ),
    }
    assert set(cases) == set(SignInRefusal)
    for reason, (tried, right) in cases.items():
        decision = sign_in(tried, right=right)
        assert decision.outcome == SignInRefused(), reason
        assert decision.session is None
        assert (decision.events[0].kind, decision.events[0].reason) == ("authn_login_fail", reason)


def test_s21_a_closed_account_is_refused_with_either_password(sign_in, account):
    closed = attrs.evolve(account, state=AccountState.CLOSED)
    assert sign_in(closed, right=False) == sign_in(closed, right=True)


def test_s21_the_third_failure_locks_and_the_lock_is_visible_to_staff(sign_in, account, now):
    tried = wrong(sign_in, account, now, now)
    assert not tried.is_locked(now)
    decision = sign_in(tried, right=False)
    assert decision.account.is_locked(now)
    assert [event.kind for event in decision.events] == ["authn_login_fail", "authn_login_lock"]
    assert decision.account.locked_until == now + timedelta(minutes=15)


def test_s21_success_sets_the_count_back(sign_in, account, now):
    tried = wrong(sign_in, account, now, now)
    decision = sign_in(tried, right=True)
    assert decision.events[0].failures_before == 2
    again = wrong(sign_in, decision.account, now, now)
    assert not again.is_locked(now)
    assert again.consecutive_failures == 2


@pytest.mark.parametrize(("later", "locks"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
def test_a_failure_counts_for_less_than_the_window(sign_in, account, now, later, locks):
    tried = wrong(sign_in, account, now, now + timedelta(minutes=1), now + timedelta(minutes=120) + later)
    assert tried.is_locked(now + timedelta(minutes=121)) is locks


@pytest.mark.parametrize(("later", "opens"), [(-MICROSECOND, False), (0 * MICROSECOND, True)])
def test_a_lock_ends_at_its_instant(sign_in, account, now, later, opens):
    locked = wrong(sign_in, account, now, now, now)
    decision = sign_in(locked, right=True, at=now + timedelta(minutes=15) + later)
    assert isinstance(decision.outcome, SignedIn) is opens


def test_failures_while_locked_neither_extend_the_lock_nor_count(sign_in, account, now):
    locked = wrong(sign_in, account, now, now, now)
    assert wrong(sign_in, locked, *[now + timedelta(minutes=14)] * 50) == locked


def test_after_a_lock_counting_begins_anew(sign_in, account, now):
    later = now + timedelta(minutes=15)
    assert not wrong(sign_in, account, now, now, now, later, later).is_locked(later)


def test_a_clock_that_steps_back_neither_unlocks_nor_forgets(sign_in, account, now):
    back = now - timedelta(hours=5)
    assert wrong(sign_in, account, now, now, now).is_locked(back)
    assert wrong(sign_in, account, now, now, back).is_locked(back)


def test_the_hundredth_failure_in_a_row_disables_the_password_for_good(sign_in, account, now):
    # 3 failures a lock, one lock an hour: the windows never fill up otherwise
    tried, at = account, now
    for count in range(100):
        decision = sign_in(tried, right=False, at=at)
        tried, at = decision.account, at + timedelta(minutes=16)
        assert tried.consecutive_failures == count + 1
    assert decision.events[-1].kind == "authn_login_fail_max"
    assert isinstance(sign_in(tried, right=True, at=at + timedelta(days=365)).outcome, SignInRefused)


def test_an_upgraded_hash_is_no_change_of_password(sign_in, account):
    upgraded = PasswordHash("$new", "k2")
    decision = sign_in(account, right=True, rehashed=upgraded)
    assert decision.account.password_hash == upgraded
    assert decision.account.credential_version == account.credential_version
    assert decision.account.earlier_hashes == ()
    assert sign_in(account, right=False, rehashed=upgraded).account.password_hash == account.password_hash


def test_s21_every_path_costs_one_run_of_the_hash(hasher, account, sign_in):
    hasher.runs = 0
    for stored in (account, None):
        typed = Secret("not this one at all")
        right = hasher.verify(typed, stored.password_hash) if stored else bool(hasher.spend(typed))
        sign_in(stored, right=right)
    assert hasher.runs == 2
