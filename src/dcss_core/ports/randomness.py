"""Randomness: where the agency gets bytes nobody can guess."""

from typing import Protocol


class Randomness(Protocol):
    """A cryptographically secure source of random bytes."""

    def token_bytes(self, count: int) -> bytes:
        """So many unguessable bytes."""
        ...
