"""KeyRing: the agency's master keys, the first of which is current.

Decides which key encrypts (the first) and which may decrypt (all). Invariants: key ids are unique;
a key has 32 bytes and never shows itself. Keys for each purpose (sealing fields, indexing an SSN,
peppering passwords) are derived from these and are never equal.
"""

import re
from typing import Final

import attrs

from dcss_core.base.expected_types import check_fields
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError

_KEY_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,15}", re.ASCII)
_KEY_HEX: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@attrs.frozen
class MasterKey:
    """One master key: an id that may be stored beside what it sealed, and 32 bytes as hex."""

    key_id: str
    key_hex: Secret

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        if not _KEY_ID.fullmatch(self.key_id):
            raise ConfigurationError("a key id is 1 to 16 lower-case letters, digits and hyphens, as 'k2026'")
        if not _KEY_HEX.fullmatch(self.key_hex.reveal()):
            raise ConfigurationError(f"key '{self.key_id}' must be 64 hexadecimal digits (32 random bytes)")


@attrs.frozen
class KeyRing:
    """Master keys in order: the first seals, all open. Raises ConfigurationError when empty or ambiguous."""

    keys: tuple[MasterKey, ...]

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        if not self.keys:
            raise ConfigurationError("a key ring holds at least one key; make one with create_key_file()")
        ids = [key.key_id for key in self.keys]
        if len(set(ids)) != len(ids):
            raise ConfigurationError("two keys of the ring have the same id; each id names one key")

    @property
    def current(self) -> MasterKey:
        """The key that seals what is written now."""
        return self.keys[0]

    def with_id(self, key_id: str) -> MasterKey:
        """The key that sealed something earlier; raises ConfigurationError when the ring lacks it."""
        for key in self.keys:
            if key.key_id == key_id:
                return key
        raise ConfigurationError(
            f"the data was sealed with key '{key_id}', which this key ring does not hold; "
            "open the agency with the ring that was used before"
        )
