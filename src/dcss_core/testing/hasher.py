"""FakeHasher: a password hasher that costs nothing and counts.

Decides nothing. Work is proved by counting runs, never by a clock. For tests only: its hashes are fast
to make and so to guess.
"""

import hashlib
import hmac

import attrs

from dcss_core.base.secret import Secret
from dcss_core.users.hashing.password_hash import PasswordHash

_SCHEME = "$fake$"


@attrs.define
class FakeHasher:
    """Counts in `runs` what would each have been one run of a slow hash."""

    pepper_id: str = "fake"
    runs: int = 0

    def hash(self, password: Secret, *, salt: bytes) -> PasswordHash:
        """Hash, and count one run."""
        self.runs += 1
        return PasswordHash(_digest(password, salt.hex()), self.pepper_id)

    def verify(self, password: Secret, stored: PasswordHash) -> bool:
        """Compare, and count one run."""
        self.runs += 1
        salt = stored.phc.removeprefix(_SCHEME).partition("$")[0]
        return hmac.compare_digest(_digest(password, salt).encode(), stored.phc.encode())

    def needs_rehash(self, stored: PasswordHash) -> bool:
        """Whether the hash has another pepper than this hasher's."""
        return stored.pepper_id != self.pepper_id

    def spend(self, password: Secret) -> None:
        """Count one run."""
        self.runs += 1


def _digest(password: Secret, salt_hex: str) -> str:
    text = password.reveal().encode("utf-8", "surrogatepass")
    return f"{_SCHEME}{salt_hex}${hashlib.sha256(salt_hex.encode() + b':' + text).hexdigest()}"
