import hashlib
import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError
from dcss_core.users.hashing import pbkdf2
from dcss_core.users.hashing.password_hash import PasswordHash, bytes_written
from dcss_core.users.hashing.pbkdf2 import Pbkdf2Hasher

PEPPER = b"p" * 32
SALT = bytes(range(16))
WORDS = "otter canoe marble"


@pytest.fixture
def hasher():
    return Pbkdf2Hasher({"k1": PEPPER, "k2": b"q" * 32}, current_pepper="k1")


@pytest.fixture
def derivations(monkeypatch):
    """The iterations of each derivation that is begun."""
    begun = []

    def recording(**how):
        begun.append(how["iterations"])
        return PBKDF2HMAC(**how)

    monkeypatch.setattr(pbkdf2.pbkdf2, "PBKDF2HMAC", recording)
    return begun


@pytest.mark.parametrize(
    ("password", "salt", "iterations", "expected"),
    [
        (
            b"passwd",
            b"salt",
            1,
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783",
        ),
        (
            b"Password",
            b"NaCl",
            80000,
            "4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
            "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d",
        ),
    ],
)
def test_the_linked_pbkdf2_gives_the_vectors_of_rfc_7914_section_11(password, salt, iterations, expected):
    made = PBKDF2HMAC(algorithm=SHA256(), length=64, salt=salt, iterations=iterations).derive(password)
    assert made.hex() == expected


def test_a_published_hash_without_pepper_is_verified(hasher):
    # The sixth case of RFC 6070 with SHA-256 in the place of SHA-1, as the tests of Go's x/crypto have it.
    tag = bytes.fromhex("348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1c635518c7dac47e9")
    salt = b"saltSALTsaltSALTsaltSALTsaltSALTsalt"
    stored = PasswordHash(f"$pbkdf2-sha256$i=4096,l=40${bytes_written(salt)}${bytes_written(tag)}")
    assert hasher.verify(Secret("passwordPASSWORDpassword"), stored)
    assert not hasher.verify(Secret("passwordPASSWORDpasswore"), stored)
    assert hasher.needs_rehash(stored)


def test_the_hash_is_what_the_standard_library_computes_from_the_keyed_password(hasher):
    made = hasher.hash(Secret("otter canoe\0marble"), salt=SALT)
    keyed = hmac.new(PEPPER, b"otter canoe\0marble", hashlib.sha256).digest()
    tag = hashlib.pbkdf2_hmac("sha256", keyed, SALT, 600_000)
    # 16 bytes of salt 00 … 0f in base64
    assert made.phc == f"$pbkdf2-sha256$i=600000,l=32$AAECAwQFBgcICQoLDA0ODw${bytes_written(tag)}"
    assert made.pepper_id == "k1"


def test_a_password_is_verified_whole(hasher):
    stored = hasher.hash(Secret("x" * 72 + "a"), salt=SALT)
    assert hasher.verify(Secret("x" * 72 + "a"), stored)
    assert not hasher.verify(Secret("x" * 72 + "b"), stored)
    assert not hasher.verify(Secret("x" * 72 + "a\0"), stored)


def test_a_password_longer_than_a_block_is_not_the_same_as_its_digest(hasher):
    # HMAC hashes a key of more than 64 bytes first, so that plain PBKDF2 takes the digest for the password.
    typed = "x" * 65
    digest = hashlib.sha256(typed.encode()).digest().decode("latin-1")
    assert not hasher.verify(Secret(digest), hasher.hash(Secret(typed), salt=SALT))


def test_another_pepper_does_not_verify_and_an_older_one_asks_for_a_new_hash(hasher):
    stored = hasher.hash(Secret(WORDS), salt=SALT)
    assert not hasher.needs_rehash(stored)
    assert not hasher.verify(Secret(WORDS), PasswordHash(stored.phc, "k2"))
    renewed = Pbkdf2Hasher({"k1": PEPPER, "k2": b"q" * 32}, current_pepper="k2")
    assert renewed.verify(Secret(WORDS), stored)
    assert renewed.needs_rehash(stored)


def test_a_pepper_that_is_not_at_hand_is_an_error_of_configuration(hasher):
    with pytest.raises(ConfigurationError, match="k9"):
        hasher.verify(Secret("x"), PasswordHash("$pbkdf2-sha256$", "k9"))
    with pytest.raises(ConfigurationError, match="k9"):
        Pbkdf2Hasher({"k1": PEPPER}, current_pepper="k9")


def test_a_salt_of_another_length_is_refused(hasher):
    with pytest.raises(InvariantError):
        hasher.hash(Secret("x"), salt=b"short")


def test_neither_hash_nor_pepper_shows(hasher):
    stored = hasher.hash(Secret(WORDS), salt=SALT)
    assert stored.phc not in repr(stored)
    assert "ppp" not in repr(hasher)


def test_half_a_character_at_sign_in_is_wrong_and_no_exception(hasher):
    assert not hasher.verify(Secret("\ud800"), hasher.hash(Secret(WORDS), salt=SALT))


TAG32, SALT16 = "A" * 43, "A" * 22
# Where the cost itself is allowed it is not the present one, so that obeying it would show.
HOSTILE = {
    "no iteration": f"$pbkdf2-sha256$i=0,l=32${SALT16}${TAG32}",
    "fewer than none": f"$pbkdf2-sha256$i=-1,l=32${SALT16}${TAG32}",
    "another length than the tag has": f"$pbkdf2-sha256$i=500000,l=64${SALT16}${TAG32}",
    "tag of 4 bytes": f"$pbkdf2-sha256$i=500000,l=4${SALT16}$AAAAAA",
    "tag of 15 bytes": f"$pbkdf2-sha256$i=500000,l=15${SALT16}${'A' * 20}",
    "tag of 66 bytes": f"$pbkdf2-sha256$i=500000,l=66${SALT16}${'A' * 88}",
    "salt of 7 bytes": f"$pbkdf2-sha256$i=500000,l=32$AAAAAAAAAA${TAG32}",
    "salt of 66 bytes": f"$pbkdf2-sha256$i=500000,l=32${'A' * 88}${TAG32}",
    "wrong order": f"$pbkdf2-sha256$l=32,i=500000${SALT16}${TAG32}",
    "no length": f"$pbkdf2-sha256$i=500000${SALT16}${TAG32}",
    "as passlib writes it": f"$pbkdf2-sha256$29000${SALT16}${TAG32}",
    "as Django writes it": f"pbkdf2_sha256$500000${SALT16}${TAG32}=",
    "leading zero": f"$pbkdf2-sha256$i=0500000,l=32${SALT16}${TAG32}",
    "padding": f"$pbkdf2-sha256$i=500000,l=32${SALT16}==${TAG32}=",
    "base64 with loose bits": f"$pbkdf2-sha256$i=500000,l=32${SALT16}${'A' * 42}B",
    "SHA-1": f"$pbkdf2$i=500000,l=32${SALT16}${TAG32}",
    "SHA-512": f"$pbkdf2-sha512$i=500000,l=32${SALT16}${TAG32}",
    "digits of another script": f"$pbkdf2-sha256$i=٥٠٠٠٠٠,l=32${SALT16}${TAG32}",
    "a line more": f"$pbkdf2-sha256$i=500000,l=32${SALT16}${TAG32}\n",
    "nothing": "",
    "a megabyte": "$pbkdf2-sha256$i=500000,l=32$" + "A" * 2**20,
}


@pytest.mark.parametrize("phc", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_foreign_hash_costs_exactly_one_dummy_run(hasher, derivations, phc):
    assert hasher.needs_rehash(PasswordHash(phc, "k1"))
    assert derivations == []
    assert not hasher.verify(Secret(WORDS), PasswordHash(phc, "k1"))
    assert derivations == [600_000]


@pytest.mark.parametrize("iterations", [2_400_001, 1_000_000_000])
def test_a_hash_that_asks_for_too_much_work_is_an_error_and_costs_one_run(hasher, derivations, iterations):
    stored = PasswordHash(f"$pbkdf2-sha256$i={iterations},l=32${SALT16}${TAG32}", "k1")
    with pytest.raises(InvariantError, match="2,400,000 iterations"):
        hasher.verify(Secret(WORDS), stored)
    assert derivations == [600_000]
    assert hasher.needs_rehash(stored)


def test_right_wrong_and_nothing_to_verify_cost_the_same(hasher, derivations):
    stored = PasswordHash(f"$pbkdf2-sha256$i=600000,l=32${SALT16}${TAG32}", "k1")
    hasher.verify(Secret(WORDS), stored)
    hasher.spend(Secret(WORDS))
    assert derivations == [600_000, 600_000]


def test_four_times_our_own_iterations_are_still_obeyed(hasher, monkeypatch):
    begun = []

    def recording(**how):
        begun.append(how["iterations"])
        return PBKDF2HMAC(**how | {"iterations": 1})  # a second of work is not what is asked here

    monkeypatch.setattr(pbkdf2.pbkdf2, "PBKDF2HMAC", recording)
    hasher.verify(Secret("x"), PasswordHash(f"$pbkdf2-sha256$i=2400000,l=32${SALT16}${TAG32}"))
    assert begun == [2_400_000]
