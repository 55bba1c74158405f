"""Every hasher of ours keeps the contract of a hasher; the schemes run at a cost that tests can bear."""

import pytest
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from dcss_core.opening.capped_hasher import CappedHasher
from dcss_core.testing import FakeHasher, HasherConformance
from dcss_core.users.hashing import argon2id, pbkdf2
from dcss_core.users.hashing.argon2id import Argon2idHasher
from dcss_core.users.hashing.pbkdf2 import Pbkdf2Hasher
from dcss_core.users.hashing.schemes import hasher_for

PEPPERS = {"old": b"p" * 32, "new": b"q" * 32}


@pytest.fixture
def derivations(monkeypatch):
    """A name for each derivation that is begun, of whichever scheme."""
    begun = []

    def recording(scheme, derivation):
        def made(**how):
            begun.append(scheme)
            return derivation(**how)

        return made

    monkeypatch.setattr(argon2id, "is_available", lambda: True)  # which begins one of its own
    monkeypatch.setattr(argon2id.argon2, "Argon2id", recording("argon2id", Argon2id))
    monkeypatch.setattr(argon2id, "MEMORY_KIB", 64)
    monkeypatch.setattr(pbkdf2.pbkdf2, "PBKDF2HMAC", recording("pbkdf2-sha256", PBKDF2HMAC))
    monkeypatch.setattr(pbkdf2, "ITERATIONS", 10)
    return begun


class OfOurs(HasherConformance):
    def made(self, pepper_id):
        raise NotImplementedError

    @pytest.fixture
    def hasher(self, derivations):
        return self.made("old")

    @pytest.fixture
    def rotated(self, derivations):
        return self.made("new")

    @pytest.fixture
    def runs(self, derivations):
        return lambda: len(derivations)


class TestArgon2id(OfOurs):
    def made(self, pepper_id):
        return Argon2idHasher(PEPPERS, pepper_id)


class TestPbkdf2(OfOurs):
    def made(self, pepper_id):
        return Pbkdf2Hasher(PEPPERS, pepper_id)


class TestMigratingFromPbkdf2(OfOurs):
    def made(self, pepper_id):
        return hasher_for("argon2id", PEPPERS, pepper_id)


class TestMigratingFromArgon2id(OfOurs):
    def made(self, pepper_id):
        return hasher_for("pbkdf2-sha256", PEPPERS, pepper_id)


class TestCapped(HasherConformance):
    @pytest.fixture
    def counting(self):
        return FakeHasher("old")

    @pytest.fixture
    def hasher(self, counting):
        return CappedHasher(counting, at_once=1)

    @pytest.fixture
    def rotated(self):
        return CappedHasher(FakeHasher("new"), at_once=1)

    @pytest.fixture
    def runs(self, counting):
        return lambda: counting.runs
