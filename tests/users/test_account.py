from datetime import timedelta

import attrs
import pytest

from dcss_core.errors import InvariantError
from dcss_core.users.account import AccountKind, AccountState, ChangeReason
from dcss_core.users.hashing.password_hash import PasswordHash

MICROSECOND = timedelta(microseconds=1)


def test_a_parents_account_belongs_to_a_person_and_no_other_kind_does(account):
    with pytest.raises(InvariantError):
        attrs.evolve(account, person_id=None)
    for kind in (AccountKind.STAFF, AccountKind.SHARED):
        with pytest.raises(InvariantError):
            attrs.evolve(account, kind=kind)


def test_a_disabled_account_keeps_its_person_and_a_closed_one_does_not(account):
    assert attrs.evolve(account, state=AccountState.DISABLED).person_id == "p-1"
    with pytest.raises(InvariantError):
        attrs.evolve(account, state=AccountState.CLOSED)
    assert attrs.evolve(account, state=AccountState.CLOSED, person_id=None).user_key == "jdoe"


def test_a_chosen_password_was_never_used_as_an_assigned_one(account, now):
    with pytest.raises(InvariantError):
        attrs.evolve(account, assigned_used_at=now)


def test_that_a_password_was_assigned_is_said_in_one_place_only(account, now):
    with pytest.raises(InvariantError):
        attrs.evolve(account, change_due=ChangeReason.ASSIGNED)
    assert attrs.evolve(account, assigned_until=now).change_reason is ChangeReason.ASSIGNED


def test_a_chosen_password_has_to_be_changed_for_the_reason_that_is_kept_and_else_for_none(account):
    assert account.change_reason is None
    assert attrs.evolve(account, change_due=ChangeReason.EXPIRED).change_reason is ChangeReason.EXPIRED


def test_another_password_ends_sessions_and_whatever_was_due_and_is_dated(account, now):
    due = attrs.evolve(account, change_due=ChangeReason.COMPROMISED)
    changed = due.with_password(PasswordHash("$new"), history=3, now=now)
    assert (changed.change_reason, changed.password_set_at) == (None, now)
    assert changed.credential_version == due.credential_version + 1


def test_an_assigned_password_after_a_used_one_is_unused(account, now):
    used = attrs.evolve(account, assigned_until=now, assigned_used_at=now)
    later = now + timedelta(hours=24)
    again = used.with_password(PasswordHash("$new"), history=3, now=now, assigned_until=later)
    assert (again.assigned_until, again.assigned_used_at) == (later, None)


def test_without_a_history_no_earlier_password_is_kept(account, now):
    assert account.with_password(PasswordHash("$new"), history=0, now=now).earlier_hashes == ()


def test_a_history_holds_so_many_passwords_and_the_newest_first(account, now):
    for number in range(4):
        account = account.with_password(PasswordHash(f"${number}"), history=2, now=now)
    assert account.earlier_hashes == (PasswordHash("$2"), PasswordHash("$1"))


def test_a_lock_ends_at_its_instant(account, now):
    locked = attrs.evolve(account, locked_until=now)
    assert locked.is_locked(now - MICROSECOND)
    assert not locked.is_locked(now)
    assert not account.is_locked(now)


def test_a_hash_does_not_show_in_an_account(account):
    assert account.password_hash.phc not in repr(account)


def test_another_password_has_been_judged_under_no_policy_yet(account, now):
    judged = attrs.evolve(account, judged_under="policy-1")
    assert judged.with_password(PasswordHash("$new"), history=3, now=now).judged_under is None
