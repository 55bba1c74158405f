from datetime import timedelta

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.users.account import AccountState, ChangeReason
from dcss_core.users.events import SignedInAfterFailures, SignInRefusal, SignInSucceeded
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.session import FactorStanding, SessionScope
from dcss_core.users.sign_in.sign_in import (
    SecondFactorDue,
    SignedIn,
    SignInRefused,
    SignInRequest,
    Upkeep,
    decide_sign_in,
)

MICROSECOND = timedelta(microseconds=1)


def upkeep(change_due=None, rehashed=None):
    return Upkeep(change_due, judged_under="policy-1", banner="banner-1", rehashed=rehashed)


@pytest.fixture
def sign_in(lockout, sessions, token, now):
    def attempt(account, *, right, at=now, throttled=False, lockout=lockout, **found):
        return decide_sign_in(
            account,
            SignInRequest(token, source="203.0.113.7", is_throttled=throttled),
            password_matches=right,
            lockout=lockout,
            sessions=sessions,
            now=at,
            **found,
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
    # A refused banner never comes to a decision; a wrong second factor is decided after the password, and a
    # passkey alone without one.
    elsewhere = {
        SignInRefusal.WRONG_PASSKEY,
        SignInRefusal.BANNER_NOT_ACCEPTED,
        SignInRefusal.WRONG_SECOND_FACTOR,
        SignInRefusal.SOURCE_THROTTLED,
    }
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
    assert set(cases) | elsewhere == set(SignInRefusal)
    for reason, (tried, right) in cases.items():
        decision = sign_in(tried, right=right)
        assert decision.outcome == SignInRefused(), reason
        assert decision.session is None
        assert (decision.events[0].kind, decision.events[0].reason) == ("authn_login_fail", reason)


def test_s21_a_closed_account_is_refused_with_either_password(sign_in, account):
    closed = attrs.evolve(account, state=AccountState.CLOSED, person_id=None)
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


@pytest.mark.parametrize(
    ("failures", "told"),
    [(2, ()), (3, (SignedInAfterFailures("a-1", 3),)), (4, (SignedInAfterFailures("a-1", 4),))],
)
def test_a_sign_in_after_as_many_failures_as_lock_an_account_is_told(sign_in, account, failures, told):
    decision = sign_in(attrs.evolve(account, consecutive_failures=failures), right=True)
    assert decision.events[:-1] == (SignInSucceeded("a-1", failures), *told)


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
    decision = sign_in(account, right=True, upkeep=upkeep(rehashed=upgraded))
    assert decision.account.password_hash == upgraded
    assert decision.account.credential_version == account.credential_version
    assert decision.account.earlier_hashes == ()
    refused = sign_in(account, right=False, upkeep=upkeep(rehashed=upgraded))
    assert refused.account.password_hash == account.password_hash


def test_s21_every_path_costs_one_run_of_the_hash(hasher, account, sign_in):
    hasher.runs = 0
    for stored in (account, None):
        typed = Secret("not this one at all")
        right = hasher.verify(typed, stored.password_hash) if stored else bool(hasher.spend(typed))
        sign_in(stored, right=right)
    assert hasher.runs == 2


# --- where it comes from -------------------------------------------------------------------------------


@pytest.mark.parametrize("right", [True, False])
def test_credential_stuffing_a_throttled_source_is_refused_whatever_it_knows_and_touches_no_account(
    sign_in, account, right
):
    decision = sign_in(account, right=right, throttled=True)
    assert decision.outcome == SignInRefused()
    assert decision.account == account
    assert [event.reason for event in decision.events] == [SignInRefusal.SOURCE_THROTTLED]


def test_lockout_dos_a_throttled_source_can_not_lock_an_account(sign_in, account, now):
    for _ in range(200):
        account = sign_in(account, right=False, throttled=True).account
    assert not account.is_locked(now)
    assert account.consecutive_failures == 0


def test_s12_a_session_says_where_it_was_opened_from(sign_in, account):
    assert sign_in(account, right=True).session.source == "203.0.113.7"


# --- a lock that a jurisdiction lets grow --------------------------------------------------------------


def test_where_the_jurisdiction_says_so_a_wrong_password_begins_the_lock_anew_and_a_right_one_does_not(
    sign_in, account, lockout, now
):
    extending = attrs.evolve(lockout, failures_extend=True)
    locked = attrs.evolve(account, locked_until=now + timedelta(minutes=15))
    later = now + timedelta(minutes=10)
    assert sign_in(locked, right=True, at=later, lockout=extending).account == locked
    tried = sign_in(locked, right=False, at=later, lockout=extending).account
    assert tried.locked_until == later + timedelta(minutes=15)
    assert tried.consecutive_failures == locked.consecutive_failures


# --- a password that has to be changed -----------------------------------------------------------------


def test_a_password_that_no_longer_satisfies_the_policy_locks_nobody_out_but_has_to_be_changed(
    sign_in, account
):
    decision = sign_in(account, right=True, upkeep=upkeep(ChangeReason.AGAINST_POLICY))
    assert isinstance(decision.outcome, SignedIn)
    assert decision.session.scope is SessionScope.CHANGE_PASSWORD_ONLY
    assert decision.session.change_reason is ChangeReason.AGAINST_POLICY
    assert [event.kind for event in decision.events] == [
        "authn_login_success",
        "authn_password_change_due",
        "session_created",
    ]


def test_a_password_that_satisfies_the_policy_again_need_not_be_changed(sign_in, account):
    due = attrs.evolve(account, change_due=ChangeReason.AGAINST_POLICY)
    assert sign_in(due, right=True, upkeep=upkeep()).session.scope is SessionScope.FULL


def test_a_compromised_password_has_to_be_changed_however_good_it_looks(sign_in, account):
    compromised = attrs.evolve(account, change_due=ChangeReason.COMPROMISED)
    decision = sign_in(compromised, right=True, upkeep=upkeep())
    assert decision.session.change_reason is ChangeReason.COMPROMISED
    assert decision.account.change_due is ChangeReason.COMPROMISED


def test_a_wrong_password_says_nothing_of_a_change_that_is_due(sign_in, account):
    decision = sign_in(account, right=False, upkeep=upkeep(ChangeReason.AGAINST_POLICY))
    assert decision.outcome == SignInRefused()
    assert decision.account.change_due is None


def test_a_sign_in_about_which_nothing_more_was_found_out_leaves_what_was_due(sign_in, account):
    due = attrs.evolve(account, change_due=ChangeReason.AGAINST_POLICY)
    assert sign_in(due, right=True).account.change_due is ChangeReason.AGAINST_POLICY


def test_an_assigned_password_is_used_up_by_its_sign_in_and_nothing_else_is_due(sign_in, account, now):
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=1))
    for found in (None, upkeep(), upkeep(ChangeReason.AGAINST_POLICY)):
        decision = sign_in(assigned, right=True, upkeep=found)
        assert decision.account.assigned_used_at == now
        assert decision.account.change_reason is ChangeReason.ASSIGNED


def test_s13_a_sign_in_keeps_what_was_judged_and_agreed_to(sign_in, account):
    kept = sign_in(account, right=True, upkeep=upkeep()).account
    assert (kept.judged_under, kept.accepted_banner) == ("policy-1", "banner-1")
    refused = sign_in(account, right=False, upkeep=upkeep()).account
    assert (refused.judged_under, refused.accepted_banner) == (None, None)


# --- a second factor -----------------------------------------------------------------------------------


def test_where_a_second_factor_is_due_the_password_alone_lets_nobody_in_and_sets_no_count_back(
    sign_in, account, now
):
    tried = wrong(sign_in, account, now, now)
    decision = sign_in(tried, right=True, factor=FactorStanding.DUE)
    assert isinstance(decision.outcome, SecondFactorDue)
    assert decision.session.scope is SessionScope.SECOND_FACTOR_ONLY
    assert decision.account.failed_sign_ins == tried.failed_sign_ins
    assert decision.account.consecutive_failures == 2
    assert [event.kind for event in decision.events] == ["session_created"]


def test_where_a_second_factor_is_demanded_and_there_is_none_the_session_allows_only_to_enrol(
    sign_in, account
):
    decision = sign_in(account, right=True, factor=FactorStanding.TO_ENROL)
    assert decision.session.scope is SessionScope.ENROL_SECOND_FACTOR_ONLY


def test_the_session_that_is_shown_is_the_one_that_is_kept(sign_in, account):
    decision = sign_in(account, right=True)
    assert decision.outcome.session == decision.session


def test_an_assigned_password_is_judged_by_no_policy(sign_in, account, now):
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=1))
    decision = sign_in(assigned, right=True, upkeep=upkeep(ChangeReason.AGAINST_POLICY))
    assert decision.account.change_due is None


def test_an_assigned_password_that_is_used_up_leaves_the_account_as_it_was(sign_in, account, now):
    expired = attrs.evolve(account, assigned_until=now)
    assert sign_in(expired, right=True).account == expired
