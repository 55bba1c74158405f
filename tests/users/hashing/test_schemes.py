import pytest
from cryptography.exceptions import UnsupportedAlgorithm

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError
from dcss_core.users.hashing import argon2id, pbkdf2
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.hashing.schemes import hasher_for

PEPPERS = {"k1": b"p" * 32}
SALT = bytes(range(16))
WORDS = Secret("otter canoe marble")
SCHEMES = ["argon2id", "pbkdf2-sha256"]


def of(scheme):
    return hasher_for(scheme, PEPPERS, "k1")


@pytest.fixture
def runs(monkeypatch):
    """The scheme of each derivation that is begun."""
    begun = []

    def recorded(module, name, scheme):
        real = getattr(module, name)

        def recording(**how):
            begun.append(scheme)
            return real(**how)

        monkeypatch.setattr(module, name, recording)

    recorded(argon2id.argon2, "Argon2id", "argon2id")
    recorded(pbkdf2.pbkdf2, "PBKDF2HMAC", "pbkdf2-sha256")
    return begun


@pytest.fixture
def no_argon2id(monkeypatch):
    def lacking(**how):
        raise UnsupportedAlgorithm("This version of OpenSSL does not support argon2id")

    monkeypatch.setattr(argon2id.argon2, "Argon2id", lacking)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_rule_names_the_scheme_of_new_hashes(scheme):
    made = of(scheme).hash(WORDS, salt=SALT)
    assert made.phc.startswith(f"${scheme}$")
    assert not of(scheme).needs_rehash(made)


@pytest.mark.parametrize(("before", "after"), [SCHEMES, SCHEMES[::-1]])
def test_a_password_stored_before_the_rule_changed_is_verified_and_asks_to_be_hashed_anew(before, after):
    stored = of(before).hash(WORDS, salt=SALT)
    assert of(after).verify(WORDS, stored)
    assert not of(after).verify(Secret("otter canoe pebble"), stored)
    assert of(after).needs_rehash(stored)


@pytest.mark.parametrize("phc", ["", "$", "$$", "$bcrypt$x", "argon2id$", "$2b$12$abcdefghijklmnopqrstuv"])
def test_text_of_no_scheme_of_ours_costs_one_run_of_the_preferred_one(runs, phc):
    hasher = of("pbkdf2-sha256")
    runs.clear()
    assert not hasher.verify(WORDS, PasswordHash(phc, "k1"))
    assert runs == ["pbkdf2-sha256"]


@pytest.mark.parametrize(("before", "after"), [SCHEMES, SCHEMES[::-1]])
def test_a_verification_is_one_run_of_the_stored_scheme_and_a_dummy_one_of_the_preferred(runs, before, after):
    # So for as long as both are stored the two can be told apart by time: docs/adr/0022.
    hasher, stored = of(after), of(before).hash(WORDS, salt=SALT)
    runs.clear()
    hasher.verify(WORDS, stored)
    hasher.spend(WORDS)
    assert runs == [before, after]


@pytest.mark.usefixtures("no_argon2id")
def test_where_argon2id_is_missing_the_other_scheme_serves_alone():
    hasher = of("pbkdf2-sha256")
    assert hasher.verify(WORDS, hasher.hash(WORDS, salt=SALT))
    with pytest.raises(ConfigurationError, match="pbkdf2-sha256"):
        of("argon2id")


def test_a_stored_hash_that_cannot_be_computed_here_is_no_wrong_password(monkeypatch, request):
    stored = of("argon2id").hash(WORDS, salt=SALT)
    request.getfixturevalue("no_argon2id")
    with pytest.raises(ConfigurationError, match="stored as argon2id"):
        of("pbkdf2-sha256").verify(WORDS, stored)


def test_a_scheme_nobody_knows_is_refused_with_those_there_are():
    with pytest.raises(ConfigurationError, match="argon2id, pbkdf2-sha256"):
        of("md5")


def test_a_missing_pepper_is_refused_when_the_hasher_is_made():
    with pytest.raises(ConfigurationError, match="k9"):
        hasher_for("argon2id", PEPPERS, "k9")
