"""A verdict on a password counts for the account that has that password, and for no other."""

import attrs
import pytest

from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.hashing.verdict import PasswordVerdict


def test_a_right_password_holds_for_its_account(account):
    assert PasswordVerdict.of(account, matches=True).holds_for(account)


def test_a_wrong_password_is_about_its_account_and_does_not_hold_for_it(account):
    verdict = PasswordVerdict.of(account, matches=False)
    assert (verdict.is_about(account), verdict.holds_for(account)) == (True, False)


@pytest.mark.parametrize("change", [{"credential_version": 99}, {"account_id": "another"}])
def test_a_verdict_is_not_about_an_account_that_has_another_password(account, change):
    verdict = PasswordVerdict.of(account, matches=True)
    assert not verdict.is_about(attrs.evolve(account, **change))
    assert not verdict.holds_for(attrs.evolve(account, **change))


def test_the_same_password_hashed_anew_by_another_sign_in_is_still_the_same(account):
    anew = attrs.evolve(account, password_hash=PasswordHash("$anew"))
    assert PasswordVerdict.of(account, matches=True).holds_for(anew)


def test_where_there_was_no_account_the_verdict_is_about_none_and_never_holds(account):
    verdict = PasswordVerdict.of(None, matches=True)
    assert verdict.is_about(None)
    assert not verdict.is_about(account)
    assert not verdict.holds_for(None)
    assert verdict == PasswordVerdict(False, None, 0)  # of no password: they are numbered from 1
    assert not verdict.holds_for(account)


def test_an_account_that_is_gone_has_not_heard_the_verdict(account):
    assert not PasswordVerdict.of(account, matches=True).is_about(None)
