"""Retired peppers: what becomes of a hash whose pepper is gone.

Invariants: it fits nothing, and finding that out costs what a verification costs, so that nobody sees from
outside whose hash it is; whoever it belongs to chooses anew by recovery.
"""

import attrs

from dcss_core.base.secret import Secret
from dcss_core.users.hashing.password_hash import PasswordHash, PasswordHasher


@attrs.frozen
class WithoutRetired:
    """A hasher that knows which peppers were retired, by the ids of their keys."""

    hasher: PasswordHasher
    retired: frozenset[str]

    def hash(self, password: Secret, *, salt: bytes) -> PasswordHash:
        """Hash as the hasher does."""
        return self.hasher.hash(password, salt=salt)

    def verify(self, password: Secret, stored: PasswordHash) -> bool:
        """Whether this is the password; never for a hash whose pepper was retired."""
        if stored.pepper_id in self.retired:
            self.hasher.spend(password)
            return False
        return self.hasher.verify(password, stored)

    def needs_rehash(self, stored: PasswordHash) -> bool:
        """Whether the hash is not as hashes are made now."""
        return self.hasher.needs_rehash(stored)

    def spend(self, password: Secret) -> None:
        """Do the work of one verification."""
        self.hasher.spend(password)
