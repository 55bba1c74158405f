"""WeighedPassword: a new password as it was judged and hashed, before anything was locked."""

import attrs

from dcss_core.errors import InvariantError
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import PasswordViolation


@attrs.frozen
class WeighedPassword:
    """What speaks against a new password, and its hash; None where it could not even be hashed."""

    violations: tuple[PasswordViolation, ...] = ()
    new_hash: PasswordHash | None = None

    @property
    def usable_hash(self) -> PasswordHash:
        """The hash of a password that nothing speaks against; raises InvariantError for any other."""
        if self.violations or self.new_hash is None:
            raise InvariantError("a password that something speaks against, or without a hash, is not used")
        return self.new_hash
