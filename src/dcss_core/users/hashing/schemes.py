"""Hashing schemes: how a jurisdiction moves from one password hash to another.

Decides which scheme hashes, and which verifies a stored hash: the one its PHC text names. Invariants: new
hashes are of the preferred scheme and others ask to be made anew; text that names no scheme of ours costs
one run of the preferred one; a scheme of ours that can't run here is an error of configuration, never
everybody's wrong password.
"""

from collections.abc import Mapping
from typing import Final, Protocol

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError
from dcss_core.users.hashing import argon2id
from dcss_core.users.hashing.argon2id import Argon2idHasher
from dcss_core.users.hashing.password_hash import PasswordHash, PasswordHasher, scheme_of
from dcss_core.users.hashing.pbkdf2 import Pbkdf2Hasher

_SCHEMES: Final = (Argon2idHasher.scheme, Pbkdf2Hasher.scheme)


class SchemeHasher(PasswordHasher, Protocol):
    """A hasher of one scheme."""

    @property
    def scheme(self) -> str:
        """The scheme as PHC strings name it."""
        ...


@attrs.frozen
class MigratingHasher:
    """Hashes with the preferred scheme, and verifies hashes of the others too.

    A verification takes the time of the stored hash's own scheme; see docs/adr/0022.
    """

    preferred: SchemeHasher
    others: tuple[SchemeHasher, ...] = ()

    def hash(self, password: Secret, *, salt: bytes) -> PasswordHash:
        """Hash with the preferred scheme."""
        return self.preferred.hash(password, salt=salt)

    def verify(self, password: Secret, stored: PasswordHash) -> bool:
        """Whether this is the password; raises ConfigurationError for a scheme that can't run here."""
        return self._made_by(stored).verify(password, stored)

    def needs_rehash(self, stored: PasswordHash) -> bool:
        """Whether the hash is not as the preferred scheme makes them now."""
        return self.preferred.needs_rehash(stored)

    def spend(self, password: Secret) -> None:
        """Do the work of one verification with the preferred scheme."""
        self.preferred.spend(password)

    def _made_by(self, stored: PasswordHash) -> SchemeHasher:
        scheme = scheme_of(stored.phc)
        held = {each.scheme: each for each in (*self.others, self.preferred)}
        if scheme in _SCHEMES and scheme not in held:
            raise ConfigurationError(
                f"passwords are stored as {scheme}, which can't be computed here; "
                "run on the wheels of 'cryptography', or on a machine that has it, until they are renewed"
            )
        return held.get(scheme, self.preferred)


def hasher_for(scheme: str, peppers: Mapping[str, bytes], current_pepper: str) -> MigratingHasher:
    """The hasher of a rule's scheme, with every other scheme that can run here.

    Raises ConfigurationError for a scheme that is not ours, or can't run here, and for a missing pepper.
    """
    if scheme not in _SCHEMES:
        raise ConfigurationError(f"no password hash '{scheme}' is known; use one of {', '.join(_SCHEMES)}")
    pbkdf2 = Pbkdf2Hasher(peppers, current_pepper)
    if scheme == Pbkdf2Hasher.scheme and not argon2id.is_available():
        return MigratingHasher(pbkdf2)
    argon = Argon2idHasher(peppers, current_pepper)
    return MigratingHasher(argon, (pbkdf2,)) if scheme == argon.scheme else MigratingHasher(pbkdf2, (argon,))
