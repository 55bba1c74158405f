"""Saved codes: what gets an owner in when the second factor is not at hand.

Decides their shape and which of them is still good. Invariants: a code has 120 random bits, so that a plain
SHA-256 keeps it (NIST SP 800-63B-4 §3.1.2.2 asks for 112; below that a password hash); it works once and
its hash is gone then; the codes are shown once and replaced only all together.
"""

import hmac
from collections.abc import Iterable
from hashlib import sha256
from typing import Final, Self

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import InvariantError
from dcss_core.users.letter_groups import letter_groups, letters_typed

COUNT: Final = 10
_CODE_BYTES: Final = 24  # of which 5 bits each are kept: 120
RANDOM_BYTES: Final = COUNT * _CODE_BYTES


@attrs.frozen
class SavedCodes:
    """The codes that are still good, by their SHA-256."""

    hashes: tuple[str, ...] = attrs.field(default=(), repr=False)

    @classmethod
    def of(cls, codes: Iterable[Secret]) -> Self:
        """What is kept of new codes."""
        return cls(tuple(map(_hash, codes)))

    @property
    def left(self) -> int:
        """How many are still good."""
        return len(self.hashes)

    def without(self, typed: Secret) -> "SavedCodes | None":
        """What is left once this code was used; None when it is none of them.

        Case, blanks and hyphens don't count. Every hash is compared, whichever it is.
        """
        given = _hash(typed)
        unused = tuple(kept for kept in self.hashes if not hmac.compare_digest(kept, given))
        return None if len(unused) == len(self.hashes) else SavedCodes(unused)


def make_saved_codes(random: bytes) -> tuple[Secret, ...]:
    """Make ten codes from 240 random bytes, as `k7pm-2xqa-…`; raises InvariantError for another number."""
    if len(random) != RANDOM_BYTES:
        raise InvariantError(f"saved codes are made from {RANDOM_BYTES} bytes, not {len(random)}")
    parts = (random[at : at + _CODE_BYTES] for at in range(0, RANDOM_BYTES, _CODE_BYTES))
    return tuple(Secret(letter_groups(part)) for part in parts)


def _hash(code: Secret) -> str:
    return sha256(letters_typed(code.reveal()).encode("utf-8", "surrogatepass")).hexdigest()
