import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError
from dcss_core.users.hashing import argon2id
from dcss_core.users.hashing.argon2id import Argon2idHasher
from dcss_core.users.hashing.password_hash import PasswordHash, bytes_read

reference = pytest.importorskip(
    "argon2.low_level", reason="hashes are compared with another's: pip install argon2-cffi"
)

PEPPER = b"p" * 32
SALT = bytes(range(16))


@pytest.fixture
def hasher():
    return Argon2idHasher({"k1": PEPPER, "k2": b"q" * 32}, current_pepper="k1")


@pytest.fixture
def derivations(monkeypatch):
    """The cost of each derivation that is begun."""
    begun = []

    def recording(**how):
        begun.append((how["memory_cost"], how["iterations"], how["lanes"]))
        return Argon2id(**how)

    monkeypatch.setattr(argon2id.argon2, "Argon2id", recording)
    return begun


ONE_RUN = [(19456, 2, 1)]


def test_the_linked_argon2id_gives_the_vector_of_rfc_9106_section_5_3():
    derivation = Argon2id(
        salt=b"\x02" * 16,
        length=32,
        iterations=3,
        lanes=4,
        memory_cost=32,
        ad=b"\x04" * 12,
        secret=b"\x03" * 8,
    )
    expected = "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"
    assert derivation.derive(b"\x01" * 32).hex() == expected


def test_a_hash_of_the_reference_implementation_is_verified(hasher):
    # phc-winner-argon2, src/test.c: hashtest(0x13, 2, 16, 1, "password", "somesalt")
    phc = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
    stored = PasswordHash(phc)
    assert hasher.verify(Secret("password"), stored)
    assert not hasher.verify(Secret("Password"), stored)
    assert hasher.needs_rehash(stored)


def test_the_hash_is_the_one_the_reference_implementation_makes_with_the_same_pepper(hasher):
    made = hasher.hash(Secret("otter canoe\0marble"), salt=SALT)
    password, tag = b"otter canoe\0marble", reference.ffi.new("uint8_t[]", 32)
    buffers = [reference.ffi.new("uint8_t[]", text) for text in (password, SALT, PEPPER)]
    context = reference.ffi.new(
        "argon2_context *",
        {
            "out": tag,
            "outlen": 32,
            "version": 0x13,
            "pwd": buffers[0],
            "pwdlen": len(password),
            "salt": buffers[1],
            "saltlen": len(SALT),
            "secret": buffers[2],
            "secretlen": len(PEPPER),
            "t_cost": 2,
            "m_cost": 19456,
            "lanes": 1,
            "threads": 1,
            "flags": reference.lib.ARGON2_DEFAULT_FLAGS,
        },
    )
    assert reference.core(context, reference.Type.ID.value) == reference.lib.ARGON2_OK
    written = reference.ffi.buffer(tag)[:]
    assert made.phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert bytes_read(made.phc.rpartition("$")[2]) == written


def test_a_password_is_verified_whole(hasher):
    stored = hasher.hash(Secret("x" * 72 + "a"), salt=SALT)
    assert hasher.verify(Secret("x" * 72 + "a"), stored)
    assert not hasher.verify(Secret("x" * 72 + "b"), stored)
    assert not hasher.verify(Secret("x" * 72 + "a\0"), stored)


def test_another_pepper_does_not_verify_and_an_older_one_asks_for_a_new_hash(hasher):
    stored = hasher.hash(Secret("otter canoe marble"), salt=SALT)
    assert not hasher.needs_rehash(stored)
    assert not hasher.verify(Secret("otter canoe marble"), PasswordHash(stored.phc, "k2"))
    renewed = Argon2idHasher({"k1": PEPPER, "k2": b"q" * 32}, current_pepper="k2")
    assert renewed.verify(Secret("otter canoe marble"), stored)
    assert renewed.needs_rehash(stored)


def test_a_pepper_that_is_not_at_hand_is_an_error_of_configuration(hasher):
    with pytest.raises(ConfigurationError, match="k9"):
        hasher.verify(Secret("x"), PasswordHash("$argon2id$", "k9"))
    with pytest.raises(ConfigurationError, match="k9"):
        Argon2idHasher({"k1": PEPPER}, current_pepper="k9")


def test_a_salt_of_another_length_is_refused(hasher):
    with pytest.raises(InvariantError):
        hasher.hash(Secret("x"), salt=b"short")


def test_neither_hash_nor_pepper_shows(hasher):
    stored = hasher.hash(Secret("otter canoe marble"), salt=SALT)
    assert stored.phc not in repr(stored)
    assert "ppp" not in repr(hasher)


def test_half_a_character_at_sign_in_is_wrong_and_no_exception(hasher):
    stored = hasher.hash(Secret("otter canoe marble"), salt=SALT)
    assert not hasher.verify(Secret("\ud800"), stored)


TAG32, SALT16 = "A" * 43, "A" * 22
# Where the cost itself is allowed it is not the present one, so that obeying it would show.
HOSTILE = {
    "no lanes": f"$argon2id$v=19$m=19456,t=2,p=0${SALT16}${TAG32}",
    "memory below 8 p": f"$argon2id$v=19$m=7,t=2,p=1${SALT16}${TAG32}",
    "tag of 4 bytes": f"$argon2id$v=19$m=19456,t=3,p=1${SALT16}$AAAAAA",
    "tag of 66 bytes": f"$argon2id$v=19$m=19456,t=3,p=1${SALT16}${'A' * 88}",
    "salt of 4 bytes": f"$argon2id$v=19$m=19456,t=3,p=1$AAAAAA${TAG32}",
    "wrong order": f"$argon2id$v=19$t=3,m=19456,p=1${SALT16}${TAG32}",
    "no version": f"$argon2id$m=19456,t=3,p=1${SALT16}${TAG32}",
    "older version": f"$argon2id$v=16$m=19456,t=3,p=1${SALT16}${TAG32}",
    "leading zero": f"$argon2id$v=19$m=019456,t=3,p=1${SALT16}${TAG32}",
    "padding": f"$argon2id$v=19$m=19456,t=3,p=1${SALT16}==${TAG32}=",
    "base64 with loose bits": f"$argon2id$v=19$m=19456,t=3,p=1${SALT16}${'A' * 42}B",
    "base64 of an impossible length": f"$argon2id$v=19$m=19456,t=3,p=1${SALT16}${'A' * 41}",
    "argon2i": f"$argon2i$v=19$m=19456,t=3,p=1${SALT16}${TAG32}",
    "bcrypt": "$2b$12$abcdefghijklmnopqrstuv",
    "digits of another script": f"$argon2id$v=19$m=١٩٤٥٦,t=3,p=1${SALT16}${TAG32}",
    "a line more": f"$argon2id$v=19$m=19456,t=3,p=1${SALT16}${TAG32}\n",
    "nothing": "",
    "a megabyte": "$argon2id$v=19$m=19456,t=3,p=1$" + "A" * 2**20,
}


@pytest.mark.parametrize("phc", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_or_foreign_hash_costs_exactly_one_dummy_run(hasher, derivations, phc):
    assert not hasher.verify(Secret("otter canoe marble"), PasswordHash(phc, "k1"))
    assert derivations == ONE_RUN
    assert hasher.needs_rehash(PasswordHash(phc, "k1"))


# RFC 9106, section 4, recommends 64 MiB and 3 passes where memory is dear: 196,608 KiB times passes. Twice
# that is obeyed, and the OWASP cheat sheet's options need far less.
COSTLY = {
    "memory of 4 TiB": "m=4294967295,t=2,p=1",
    "a gibibyte in ten passes": "m=1048576,t=10,p=1",
    "just above 128 MiB": "m=131073,t=1,p=1",
    "one pass too many over 128 MiB": "m=131072,t=4,p=1",
    "200 passes": "m=8,t=200,p=1",
    "17 lanes": "m=19456,t=3,p=17",
}


@pytest.mark.parametrize("cost", COSTLY.values(), ids=COSTLY)
def test_a_hash_that_asks_for_too_much_work_is_an_error_and_costs_one_run(hasher, derivations, cost):
    stored = PasswordHash(f"$argon2id$v=19${cost}${SALT16}${TAG32}", "k1")
    with pytest.raises(InvariantError, match="changed by hand"):
        hasher.verify(Secret("otter canoe marble"), stored)
    assert derivations == ONE_RUN
    assert hasher.needs_rehash(stored)


def test_a_tag_short_enough_to_be_guessed_is_not_obeyed_even_where_it_fits(hasher):
    derivation = Argon2id(salt=SALT, length=4, iterations=2, lanes=1, memory_cost=19456, secret=PEPPER)
    phc = derivation.derive_phc_encoded(b"otter canoe marble")
    assert not hasher.verify(Secret("otter canoe marble"), PasswordHash(phc, "k1"))


def test_right_wrong_and_nothing_to_verify_cost_the_same(hasher, derivations):
    stored = PasswordHash(f"$argon2id$v=19$m=19456,t=2,p=1${SALT16}${TAG32}", "k1")
    hasher.verify(Secret("otter canoe marble"), stored)
    assert derivations == ONE_RUN
    hasher.spend(Secret("otter canoe marble"))
    assert derivations == ONE_RUN * 2


def test_the_reference_implementation_verifies_a_hash_without_pepper_that_the_library_reads(hasher):
    # both ways: what argon2-cffi wrote is read here (above and here), what the library's own parameters
    # make is read by argon2-cffi
    made = Argon2id(salt=SALT, length=32, iterations=2, lanes=1, memory_cost=19456)
    phc = made.derive_phc_encoded("ottér canoe".encode())
    assert reference.verify_secret(phc.encode(), "ottér canoe".encode(), reference.Type.ID)
    written = reference.hash_secret("ottér canoe".encode(), SALT, 2, 19456, 1, 32, reference.Type.ID)
    assert written.decode() == phc
    assert hasher.verify(Secret("ottér canoe"), PasswordHash(written.decode()))


@pytest.mark.parametrize("phc", HOSTILE.values(), ids=HOSTILE)
def test_whether_a_hostile_hash_is_outdated_is_said_without_any_work(hasher, derivations, phc):
    assert hasher.needs_rehash(PasswordHash(phc, "k1"))
    assert derivations == []


def test_an_openssl_without_argon2id_is_named_when_the_agency_is_opened(monkeypatch):
    def lacking(**how):
        raise UnsupportedAlgorithm("This version of OpenSSL does not support argon2id")

    monkeypatch.setattr(argon2id.argon2, "Argon2id", lacking)
    assert not argon2id.is_available()
    with pytest.raises(ConfigurationError, match=r"wheels of 'cryptography'.*pbkdf2-sha256"):
        Argon2idHasher({"k1": PEPPER}, current_pepper="k1")
