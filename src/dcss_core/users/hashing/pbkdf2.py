"""PBKDF2-HMAC-SHA256: the password hash for agencies bound to FIPS 140 (NIST SP 800-132).

Decides cost (600,000 iterations: OWASP Password Storage Cheat Sheet; ASVS 5.0.0, App. C) and which stored
hashes are obeyed. The pepper is the key of an HMAC-SHA256 over the password, and the 32 bytes of that are
what PBKDF2 stretches: both are approved functions, and a password longer than a block can't share its
hash with a shorter one. Invariants: a stored hash is parsed and bounded before a byte of work is done;
whatever is stored, a verification costs one run, so that a damaged hash can't be told from a sound one.
"""

import hmac
import re
from collections.abc import Mapping
from typing import ClassVar, Final

import attrs
from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf import pbkdf2

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError
from dcss_core.users.hashing.password_hash import (
    SALT_BYTES,
    PasswordHash,
    bytes_read,
    bytes_written,
    password_bytes,
    pepper_named,
    too_costly,
)

ITERATIONS: Final = 600_000
TAG_BYTES: Final = 32

_PHC: Final = re.compile(
    r"\$pbkdf2-sha256\$i=([1-9]\d{0,9}),l=([1-9]\d)\$([A-Za-z0-9+/]{1,100})\$([A-Za-z0-9+/]{1,100})",
    re.ASCII,
)
_MOST_ITERATIONS: Final = (
    4 * ITERATIONS
)  # room for what other programs write, and no more than a second or two


@attrs.frozen
class _Stored:
    iterations: int
    length: int
    salt: bytes
    tag: bytes

    @property
    def can_be_run(self) -> bool:
        return self.length == len(self.tag) and 8 <= len(self.salt) <= 64 and 16 <= len(self.tag) <= 64

    @property
    def costs_too_much(self) -> bool:
        return self.iterations > _MOST_ITERATIONS

    @property
    def costs_as_now(self) -> bool:
        cost = (self.iterations, len(self.salt), len(self.tag))
        return cost == (ITERATIONS, SALT_BYTES, TAG_BYTES)


@attrs.frozen
class Pbkdf2Hasher:
    """Hashes with the pepper named `current_pepper`; verifies with any of `peppers`, by id.

    Raises ConfigurationError when the current pepper is not among them.
    """

    scheme: ClassVar[str] = "pbkdf2-sha256"

    peppers: Mapping[str, bytes] = attrs.field(repr=False)
    current_pepper: str

    def __attrs_post_init__(self) -> None:
        pepper_named(self.peppers, self.current_pepper)

    def hash(self, password: Secret, *, salt: bytes) -> PasswordHash:
        """Hash with a fresh random salt of 16 bytes; raises InvariantError for a salt of another length."""
        if len(salt) != SALT_BYTES:
            raise InvariantError(f"a password salt has {SALT_BYTES} bytes, not {len(salt)}")
        tag = _derivation(ITERATIONS, TAG_BYTES, salt).derive(self._keyed(password, self.current_pepper))
        cost = f"i={ITERATIONS},l={TAG_BYTES}"
        phc = f"${self.scheme}${cost}${bytes_written(salt)}${bytes_written(tag)}"
        return PasswordHash(phc, self.current_pepper)

    def verify(self, password: Secret, stored: PasswordHash) -> bool:
        """Whether this is the password.

        Raises ConfigurationError when its pepper is not at hand, InvariantError when it costs too much.
        """
        keyed = self._keyed(password, stored.pepper_id)
        parsed = _parsed(stored.phc)
        if parsed is None:
            self.spend(password)
            return False
        if parsed.costs_too_much:
            self.spend(password)
            raise too_costly(self.scheme, f"{_MOST_ITERATIONS:,} iterations")
        try:
            _derivation(parsed.iterations, parsed.length, parsed.salt).verify(keyed, parsed.tag)
        except InvalidKey:
            return False
        return True

    def needs_rehash(self, stored: PasswordHash) -> bool:
        """Whether the hash has another scheme, cost or pepper than hashes are made with now."""
        parsed = _parsed(stored.phc)
        return stored.pepper_id != self.current_pepper or parsed is None or not parsed.costs_as_now

    def spend(self, password: Secret) -> None:
        """Run the hash once at full cost and forget the result."""
        keyed = self._keyed(password, self.current_pepper)
        _derivation(ITERATIONS, TAG_BYTES, bytes(SALT_BYTES)).derive(keyed)

    def _keyed(self, password: Secret, pepper_id: str | None) -> bytes:
        content = password_bytes(password)
        if pepper_id is None:
            return content
        return hmac.digest(pepper_named(self.peppers, pepper_id), content, "sha256")


def _derivation(iterations: int, length: int, salt: bytes) -> pbkdf2.PBKDF2HMAC:
    return pbkdf2.PBKDF2HMAC(algorithm=SHA256(), length=length, salt=salt, iterations=iterations)


def _parsed(phc: str) -> _Stored | None:
    match = _PHC.fullmatch(phc)
    if match is None:
        return None
    salt, tag = bytes_read(match[3]), bytes_read(match[4])
    if salt is None or tag is None:
        return None
    stored = _Stored(int(match[1]), int(match[2]), salt, tag)
    return stored if stored.can_be_run else None
