"""PasswordHash: what is kept of a password, how it is written down, and what a hasher must be able to do.

Invariants: the PHC text names scheme, cost and salt, so that a hash can be checked after the cost was
raised (NIST SP 800-63B-4 §3.1.1.2); bytes stand in it as base64 without padding, in the one canonical
spelling, since two spellings of one tag would be two hashes; the pepper is known by its id only and is kept
elsewhere, and one that is not at hand is an error of configuration, never everybody's wrong password;
`repr` does not show the hash.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Final, Protocol

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, InvariantError

SALT_BYTES: Final = 16
"""Random bytes that go into every hash; NIST SP 800-63B-4 §3.1.1.2 asks for 4 at least."""
NOTHING_BYTES: Final = 32
"""Random bytes in the place of a hash that nothing is to fit; as long as any that we make."""


@attrs.frozen
class PasswordHash:
    """A salted, peppered hash as PHC text.

    `pepper_id` is None for a hash imported from a system without pepper.
    """

    phc: str = attrs.field(repr=False)
    pepper_id: str | None = None

    def fitting_nothing(self, random: bytes) -> "PasswordHash":
        """A hash of the same cost that no password fits: 32 random bytes in the place of what was made.

        It hangs on no pepper. Raises InvariantError for another number of bytes.
        """
        if len(random) != NOTHING_BYTES:
            raise InvariantError(f"a hash that fits nothing is made from {NOTHING_BYTES} bytes")
        return PasswordHash(f"{self.phc.rpartition('$')[0]}${bytes_written(random)}")


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


def scheme_of(phc: str) -> str:
    """The name of the scheme a PHC string begins with; empty when it is none."""
    empty, _, rest = phc[:100].partition("$")
    return "" if empty else rest.partition("$")[0]


def bytes_written(content: bytes) -> str:
    """Bytes as a PHC string holds them."""
    return base64.b64encode(content).rstrip(b"=").decode()


def bytes_read(text: str) -> bytes | None:
    """The bytes of a part of a PHC string; None when it is not canonical base64."""
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        return None
    return content if bytes_written(content) == text else None


def pepper_named(peppers: Mapping[str, bytes], pepper_id: str) -> bytes:
    """The pepper with this id; raises ConfigurationError when it is not at hand."""
    if pepper_id not in peppers:
        raise ConfigurationError(
            f"passwords were hashed with pepper '{pepper_id}', which is not at hand; "
            "open the agency with the key ring that was used before"
        )
    return peppers[pepper_id]
