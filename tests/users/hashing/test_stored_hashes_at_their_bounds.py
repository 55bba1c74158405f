"""Stored hashes: the last cost, salt and tag that are obeyed, and the first that are not."""

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError
from dcss_core.users.hashing import argon2id
from dcss_core.users.hashing.argon2id import Argon2idHasher
from dcss_core.users.hashing.password_hash import PasswordHash, bytes_written
from dcss_core.users.hashing.pbkdf2 import Pbkdf2Hasher

WORDS = Secret("otter canoe marble")
LENGTHS = [(8, 32, True), (64, 32, True), (16, 16, True), (16, 64, True)]
LENGTHS += [(7, 32, False), (65, 32, False), (16, 15, False), (16, 65, False)]
lengths = pytest.mark.parametrize(("salt", "tag", "is_obeyed"), LENGTHS)


@pytest.fixture
def by_argon2id():
    return Argon2idHasher({"k1": b"p" * 32}, current_pepper="k1")


@pytest.fixture
def by_pbkdf2():
    return Pbkdf2Hasher({"k1": b"p" * 32}, current_pepper="k1")


def argon2id_hash(memory, passes, lanes, salt=16, tag=32):
    """The hash of the words without a pepper, as the library beneath makes it."""
    made = Argon2id(salt=bytes(salt), length=tag, iterations=passes, lanes=lanes, memory_cost=memory)
    cost = f"m={memory},t={passes},p={lanes}"
    tag_written = bytes_written(made.derive(WORDS.reveal().encode()))
    return PasswordHash(f"$argon2id$v=19${cost}${bytes_written(bytes(salt))}${tag_written}")


@pytest.mark.parametrize(
    ("memory", "passes", "lanes", "is_obeyed"),
    [
        # RFC 9106 §3.1: no less than 8 KiB of memory for each lane
        (8, 1, 1, True),
        (16, 1, 2, True),
        (8, 10, 1, True),
        (128, 1, 16, True),
        (102400, 2, 8, True),  # as Django writes them
    ],
)
def test_an_argon2id_hash_is_obeyed_up_to_its_bounds(by_argon2id, memory, passes, lanes, is_obeyed):
    assert by_argon2id.verify(WORDS, argon2id_hash(memory, passes, lanes)) is is_obeyed


@pytest.mark.parametrize(("memory", "passes", "lanes"), [(8, 11, 1), (136, 1, 17)])
def test_an_argon2id_hash_beyond_its_bounds_is_an_error(by_argon2id, memory, passes, lanes):
    with pytest.raises(InvariantError, match="16 lanes"):
        by_argon2id.verify(WORDS, argon2id_hash(memory, passes, lanes))


@pytest.mark.parametrize(("memory", "lanes"), [(7, 1), (15, 2), (127, 16)])
def test_less_memory_than_argon2id_can_run_with_is_wrong_and_no_exception(by_argon2id, memory, lanes):
    stored = f"$argon2id$v=19$m={memory},t=1,p={lanes}${'A' * 22}${'A' * 43}"
    assert not by_argon2id.verify(WORDS, PasswordHash(stored))


@lengths
def test_an_argon2id_hash_is_obeyed_with_salts_and_tags_of_these_lengths(by_argon2id, salt, tag, is_obeyed):
    if salt < 8:  # RFC 9106 §3.1 asks for that many, and the library beneath makes none with fewer
        stored = PasswordHash(f"$argon2id$v=19$m=8,t=1,p=1${bytes_written(bytes(salt))}${'A' * 43}")
    else:
        stored = argon2id_hash(8, 1, 1, salt, tag)
    assert by_argon2id.verify(WORDS, stored) is is_obeyed


def test_128_mebibytes_in_three_passes_are_still_obeyed(by_argon2id, monkeypatch):
    costs = []

    def recording(**how):
        costs.append((how["memory_cost"], how["iterations"]))
        return Argon2id(**how | {"memory_cost": 8})  # what that much memory does is not asked here

    monkeypatch.setattr(argon2id.argon2, "Argon2id", recording)
    by_argon2id.verify(WORDS, PasswordHash(f"$argon2id$v=19$m=131072,t=3,p=1${'A' * 22}${'A' * 43}"))
    assert costs == [(131072, 3)]


@lengths
def test_a_pbkdf2_hash_is_obeyed_with_salts_and_tags_of_these_lengths(by_pbkdf2, salt, tag, is_obeyed):
    made = PBKDF2HMAC(algorithm=SHA256(), length=tag, salt=bytes(salt), iterations=1)
    written = bytes_written(made.derive(WORDS.reveal().encode()))
    stored = PasswordHash(f"$pbkdf2-sha256$i=1,l={tag}${bytes_written(bytes(salt))}${written}")
    assert by_pbkdf2.verify(WORDS, stored) is is_obeyed
