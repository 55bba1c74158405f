"""Argon2id: the password hash, from OpenSSL by way of `cryptography`.

Decides cost (m = 19456 KiB, t = 2, p = 1: OWASP Password Storage Cheat Sheet; ASVS 5.0.0, App. C)
and which stored hashes are obeyed. Invariants: a stored hash is parsed and bounded before a byte of
work is done, so that a hostile one can't ask for gigabytes or seconds; whatever is stored, a verification
costs one run, so that a damaged hash can't be told from a sound one by time. The bound is twice the work
of RFC 9106's option for little memory (section 4: 64 MiB, t = 3), which is ten times our own and leaves
room for what other programs write; the option for much memory (2 GiB) is not for a sign-in.
"""

import re
from collections.abc import Mapping
from typing import ClassVar, Final

import attrs
from cryptography.exceptions import InvalidKey, UnsupportedAlgorithm
from cryptography.hazmat.primitives.kdf import argon2

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError
from dcss_core.users.hashing.password_hash import (
    SALT_BYTES,
    PasswordHash,
    bytes_read,
    password_bytes,
    pepper_named,
    too_costly,
)

MEMORY_KIB: Final = 19456
PASSES: Final = 2
LANES: Final = 1
TAG_BYTES: Final = 32

_PHC: Final = re.compile(
    r"\$argon2id\$v=19\$m=([1-9]\d{0,9}),t=([1-9]\d{0,9}),p=([1-9]\d{0,9})"
    r"\$([A-Za-z0-9+/]{1,100})\$([A-Za-z0-9+/]{1,100})",
    re.ASCII,
)
_LARGEST_MEMORY_KIB: Final = 2 * 2**16
_MOST_WORK: Final = 2 * 2**16 * 3  # KiB times passes
_MOST_PASSES: Final = 10
_MOST_LANES: Final = 16
_BOUND: Final = "128 MiB, 10 passes, 16 lanes, or 384 MiB over all passes"


@attrs.frozen
class _Stored:
    memory_kib: int
    passes: int
    lanes: int
    salt: bytes
    tag: bytes

    @property
    def can_be_run(self) -> bool:
        return 8 * self.lanes <= self.memory_kib and 8 <= len(self.salt) <= 64 and 16 <= len(self.tag) <= 64

    @property
    def costs_too_much(self) -> bool:
        return (
            self.memory_kib > _LARGEST_MEMORY_KIB
            or self.passes > _MOST_PASSES
            or self.lanes > _MOST_LANES
            or self.memory_kib * self.passes > _MOST_WORK
        )

    @property
    def costs_as_now(self) -> bool:
        cost = (self.memory_kib, self.passes, self.lanes, len(self.salt), len(self.tag))
        return cost == (MEMORY_KIB, PASSES, LANES, SALT_BYTES, TAG_BYTES)


@attrs.frozen
class Argon2idHasher:
    """Hashes with the pepper named `current_pepper`; verifies with any of `peppers`, by id.

    Raises ConfigurationError when the current pepper is not among them, and where Argon2id can't run.
    """

    scheme: ClassVar[str] = "argon2id"

    peppers: Mapping[str, bytes] = attrs.field(repr=False)
    current_pepper: str

    def __attrs_post_init__(self) -> None:
        pepper_named(self.peppers, self.current_pepper)
        if not is_available():
            raise ConfigurationError(
                "the OpenSSL that 'cryptography' is linked with has no Argon2id (3.2 was the first with it, "
                "and its FIPS mode has none); install the wheels of 'cryptography', or set the rule "
                "accounts.password_hash to 'pbkdf2-sha256'"
            )

    def hash(self, password: Secret, *, salt: bytes) -> PasswordHash:
        """Hash with a fresh random salt of 16 bytes; raises InvariantError for a salt of another length."""
        if len(salt) != SALT_BYTES:
            raise InvariantError(f"a password salt has {SALT_BYTES} bytes, not {len(salt)}")
        phc = self._at_current_cost(salt).derive_phc_encoded(password_bytes(password))
        return PasswordHash(phc, self.current_pepper)

    def verify(self, password: Secret, stored: PasswordHash) -> bool:
        """Whether this is the password.

        Raises ConfigurationError when its pepper is not at hand, InvariantError when it costs too much.
        """
        pepper = None if stored.pepper_id is None else pepper_named(self.peppers, stored.pepper_id)
        parsed = _parsed(stored.phc)
        if parsed is None:
            self.spend(password)
            return False
        if parsed.costs_too_much:
            self.spend(password)
            raise too_costly(self.scheme, _BOUND)
        derivation = argon2.Argon2id(
            salt=parsed.salt,
            length=len(parsed.tag),
            iterations=parsed.passes,
            lanes=parsed.lanes,
            memory_cost=parsed.memory_kib,
            secret=pepper,
        )
        try:
            derivation.verify(password_bytes(password), parsed.tag)
        except InvalidKey:
            return False
        return True

    def needs_rehash(self, stored: PasswordHash) -> bool:
        """Whether the hash has another scheme, cost or pepper than hashes are made with now."""
        parsed = _parsed(stored.phc)
        return stored.pepper_id != self.current_pepper or parsed is None or not parsed.costs_as_now

    def spend(self, password: Secret) -> None:
        """Run the hash once at full cost and forget the result."""
        self._at_current_cost(bytes(SALT_BYTES)).derive(password_bytes(password))

    def _at_current_cost(self, salt: bytes) -> argon2.Argon2id:
        return argon2.Argon2id(
            salt=salt,
            length=TAG_BYTES,
            iterations=PASSES,
            lanes=LANES,
            memory_cost=MEMORY_KIB,
            secret=pepper_named(self.peppers, self.current_pepper),
        )


def is_available() -> bool:
    """Whether the linked OpenSSL can compute Argon2id."""
    try:
        argon2.Argon2id(salt=bytes(SALT_BYTES), length=TAG_BYTES, iterations=1, lanes=1, memory_cost=8)
    except UnsupportedAlgorithm:
        return False
    return True


def _parsed(phc: str) -> _Stored | None:
    match = _PHC.fullmatch(phc)
    if match is None:
        return None
    salt, tag = bytes_read(match[4]), bytes_read(match[5])
    if salt is None or tag is None:
        return None
    stored = _Stored(int(match[1]), int(match[2]), int(match[3]), salt, tag)
    return stored if stored.can_be_run else None
