"""A hash whose pepper was retired fits nothing, at the cost of any other."""

import pytest

from dcss_core import Secret
from dcss_core.testing import FakeHasher
from dcss_core.users.hashing.retired_peppers import WithoutRetired

PASSWORD, SALT = Secret("seven green kites over savannah"), b"s" * 16


@pytest.fixture
def inner():
    return FakeHasher("k2")


@pytest.fixture
def hasher(inner):
    return WithoutRetired(inner, frozenset({"k1"}))


def test_a_hash_of_a_retired_pepper_fits_nothing_and_costs_one_run(hasher, inner):
    stored = FakeHasher("k1").hash(PASSWORD, salt=SALT)
    assert hasher.verify(PASSWORD, stored) is False
    assert inner.runs == 1
    assert hasher.needs_rehash(stored)


def test_any_other_hash_is_verified_as_ever(hasher, inner):
    stored = hasher.hash(PASSWORD, salt=SALT)
    assert stored.pepper_id == "k2"
    assert hasher.verify(PASSWORD, stored)
    assert not hasher.verify(Secret("another one"), stored)
    assert not hasher.needs_rehash(stored)
    hasher.spend(PASSWORD)
    assert inner.runs == 4
