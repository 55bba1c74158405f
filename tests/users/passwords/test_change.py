from datetime import timedelta

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError, NotPermittedError
from dcss_core.users.account import ChangeReason
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.change import (
    PasswordChangeAccepted,
    PasswordChangeRefused,
    decide_password_change,
)
from dcss_core.users.passwords.password import Password, PasswordFault, prepare_password
from dcss_core.users.passwords.policy import PasswordContext
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.sign_in.reauthentication import reauthenticate
from dcss_core.users.sign_in.session import (
    Assurance,
    FactorStanding,
    SessionFault,
    SessionScope,
    SessionToken,
    open_session,
    session_fault,
)

NEW = PasswordHash("$new")
NEXT_TOKEN = SessionToken.from_bytes(b"n" * 32)


@pytest.fixture
def assigned(account, now):
    return attrs.evolve(account, assigned_until=now + timedelta(hours=24), assigned_used_at=now)


@pytest.fixture
def change(lockout, sessions, token, now):
    def attempt(
        account,
        *,
        right=True,
        violations=(),
        new_hash=NEW,
        at=now,
        factor=FactorStanding.NOT_USED,
        demanded=False,
        shared=False,
    ):
        session, _ = open_session(
            account, token, sessions, now, factor=factor, source="203.0.113.7", on_shared_computer=shared
        )
        return decide_password_change(
            account,
            session,
            checked=reauthenticate(account, password_matches=right, lockout=lockout, now=at),
            new=WeighedPassword(violations, new_hash),
            token=NEXT_TOKEN,
            history=3,
            sessions=sessions,
            now=at,
            factor_demanded=demanded,
        )

    return attempt


def violations_of(passwords, text, **verdicts):
    password = prepare_password(Secret(text))
    assert isinstance(password, Password)
    return passwords.violations(password, PasswordContext("JDoe", **verdicts))


def test_s24_s25_after_the_change_the_session_is_full_and_opens_cases(change, assigned, now):
    decision = change(assigned)
    assert isinstance(decision.outcome, PasswordChangeAccepted)
    assert decision.opened.scope is SessionScope.FULL
    assert decision.opened.person_with_cases() == "p-1"
    assert session_fault(decision.opened, decision.account, now) is None
    assert decision.account.change_reason is None
    assert decision.account.password_set_at == now
    assert [event.kind for event in decision.events] == [
        "authn_password_change",
        "session_expired",
        "session_created",
    ]


def test_s25_the_session_gets_a_new_token_and_the_old_and_all_others_end(change, assigned, sessions, now):
    elsewhere, _ = open_session(assigned, SessionToken.from_bytes(b"e" * 32), sessions, now)
    decision = change(assigned)
    assert decision.opened.session_id == NEXT_TOKEN.session_id != decision.session.session_id
    assert session_fault(decision.session, decision.account, now) is SessionFault.ENDED
    assert session_fault(elsewhere, decision.account, now) is SessionFault.SUPERSEDED


def test_s24_the_new_password_may_not_be_the_assigned_or_a_recent_one(change, assigned, passwords):
    for verdict, fault in (
        ("same_as_assigned", PasswordFault.SAME_AS_ASSIGNED),
        ("same_as_current", PasswordFault.SAME_AS_CURRENT),
        ("used_before", PasswordFault.USED_BEFORE),
    ):
        violations = violations_of(passwords, "otter canoe marble lamp", **{verdict: True})
        decision = change(assigned, violations=violations)
        assert [violation.fault for violation in decision.outcome.violations] == [fault]
        assert decision.outcome.current_accepted
        assert decision.opened is None
        assert decision.account.password_hash == assigned.password_hash


def test_a_wrong_current_password_and_a_weak_new_one_are_told_together(change, account, passwords):
    violations = violations_of(passwords, "jdoe")
    decision = change(account, right=False, violations=violations, new_hash=None)
    assert decision.outcome == PasswordChangeRefused(current_accepted=False, violations=violations)
    assert decision.account.consecutive_failures == 1


def test_who_does_not_know_the_current_password_can_not_try_it_as_the_new_one(change, account, passwords):
    guess = violations_of(passwords, "otter canoe marble lamp", same_as_current=True, used_before=True)
    hit, miss = change(account, right=False, violations=guess), change(account, right=False)
    assert hit.outcome == miss.outcome == PasswordChangeRefused(current_accepted=False, violations=())


def test_wrong_current_passwords_lock_like_failed_sign_ins(change, account, now):
    tried = account
    for _ in range(3):
        decision = change(tried, right=False)
        tried = decision.account
    assert tried.is_locked(now)
    assert decision.events[-1].kind == "authn_login_lock"
    locked = change(tried, right=True)
    assert locked.outcome == PasswordChangeRefused(current_accepted=False, violations=())
    assert locked.account == tried


def test_an_expired_assigned_password_is_not_accepted(change, assigned, now):
    decision = change(assigned, at=now + timedelta(hours=24))
    assert decision.outcome == PasswordChangeRefused(current_accepted=False, violations=())


def test_the_password_before_goes_into_the_history(change, account):
    changed = change(account).account
    assert changed.password_hash == NEW
    assert changed.earlier_hashes == (account.password_hash,)
    assert changed.credential_version == 2


def test_neither_a_foreign_session_nor_an_unhashed_password_is_taken(
    change, account, lockout, sessions, token, now
):
    with pytest.raises(InvariantError):
        change(account, new_hash=None)
    session, _ = open_session(attrs.evolve(account, account_id="a-2"), token, sessions, now)
    with pytest.raises(InvariantError):
        decide_password_change(
            account,
            session,
            checked=reauthenticate(account, password_matches=True, lockout=lockout, now=now),
            new=WeighedPassword((), NEW),
            token=NEXT_TOKEN,
            history=3,
            sessions=sessions,
            now=now,
        )


@pytest.mark.parametrize(
    "reason", [ChangeReason.EXPIRED, ChangeReason.AGAINST_POLICY, ChangeReason.COMPROMISED]
)
def test_after_the_change_nothing_is_due_any_more_whatever_was(change, account, reason):
    decision = change(attrs.evolve(account, change_due=reason))
    assert decision.opened.scope is SessionScope.FULL
    assert decision.account.change_reason is None


def test_a_session_that_waits_for_the_second_factor_changes_no_password(change, account):
    with pytest.raises(NotPermittedError, match="second factor"):
        change(account, factor=FactorStanding.DUE)


def test_after_the_change_the_second_factor_that_was_given_still_counts(change, account):
    due = attrs.evolve(account, change_due=ChangeReason.EXPIRED)
    decision = change(due, factor=FactorStanding.GIVEN, demanded=True)
    assert (decision.opened.scope, decision.opened.assurance) == (SessionScope.FULL, Assurance.AAL2)


def test_after_the_change_a_second_factor_that_is_demanded_is_set_up_next(change, assigned):
    decision = change(assigned, factor=FactorStanding.TO_ENROL, demanded=True)
    assert decision.opened.scope is SessionScope.ENROL_SECOND_FACTOR_ONLY


def test_the_new_session_is_where_the_old_one_was(change, account):
    decision = change(account, shared=True)
    assert decision.opened.is_on_shared_computer
    assert decision.opened.idle_seconds == 5 * 60
    assert decision.opened.source == "203.0.113.7"


def test_session_fixation_the_password_was_given_again_when_the_new_session_began(change, account, now):
    later = now + timedelta(minutes=20)
    assert change(account, at=later).opened.authenticated_at == later


def test_the_caller_goes_on_in_the_session_that_is_kept_and_the_password_before_is_remembered(
    change, account
):
    decision = change(account)
    assert decision.outcome == PasswordChangeAccepted(decision.opened, NEXT_TOKEN)
    assert decision.account.earlier_hashes == (account.password_hash,)
