"""PasswordHash: what is kept of a password, and what a hasher must be able to do.

Decides nothing. Invariants: the PHC text names scheme, cost and salt, so that a hash can be checked
after the cost was raised (NIST SP 800-63B-4 §3.1.1.2); the pepper is known by its id only and is
kept elsewhere; `repr` does not show the hash.
"""

from typing import Final, Protocol

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError

SALT_BYTES: Final = 16
"""Random bytes that go into every hash; NIST SP 800-63B-4 §3.1.1.2 asks for 4 at least."""


@attrs.frozen
class PasswordHash:
    """A salted, peppered hash as PHC text.

    `pepper_id` is None for a hash imported from a system without pepper.
    """

    phc: str = attrs.field(repr=False)
    pepper_id: str | None = None


class PasswordHasher(Protocol):
    """Hashes passwords and combined security answers, always at full cost."""

    def hash(self, password: Secret, *, salt: bytes) -> PasswordHash:
        """Hash with a fresh random salt of 16 bytes."""
        ...

    def verify(self, password: Secret, stored: PasswordHash) -> bool:
        """Whether this is the password; costs one run whatever is stored, a damaged hash included.

        Raises InvariantError, after that one run, for a hash that asks for more work than any we would make.
        """
        ...

    def needs_rehash(self, stored: PasswordHash) -> bool:
        """Whether the hash was made with another scheme, cost or pepper than hashes are made with now."""
        ...

    def spend(self, password: Secret) -> None:
        """Do the work of exactly one verification, where there is nothing to verify against."""
        ...


def password_bytes(password: Secret) -> bytes:
    """The bytes that are hashed: the text in UTF-8, whole."""
    # Half characters were refused where the password was chosen; here they must be wrong, not an exception.
    return password.reveal().encode("utf-8", "surrogatepass")


def too_costly(scheme: str, bound: str) -> InvariantError:
    """The error for a stored hash that asks for more work than its scheme's bound."""
    return InvariantError(
        f"a stored {scheme} hash asks for more than {bound}, which nothing of ours writes; "
        "was the record changed by hand? Nothing of it was computed"
    )
