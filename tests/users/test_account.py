import attrs
import pytest

from dcss_core.errors import InvariantError
from dcss_core.users.account import AccountKind
from dcss_core.users.password_hash import PasswordHash


def test_a_parents_account_belongs_to_a_person_and_no_other_kind_does(account):
    with pytest.raises(InvariantError):
        attrs.evolve(account, person_id=None)
    with pytest.raises(InvariantError):
        attrs.evolve(account, kind=AccountKind.STAFF)


def test_a_chosen_password_was_never_used_as_an_assigned_one(account, now):
    with pytest.raises(InvariantError):
        attrs.evolve(account, assigned_used_at=now)


def test_without_a_history_no_earlier_password_is_kept(account):
    assert account.with_password(PasswordHash("$new"), history=0).earlier_hashes == ()


def test_a_hash_does_not_show_in_an_account(account):
    assert account.password_hash.phc not in repr(account)
