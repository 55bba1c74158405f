"""The machine's own clock and randomness: what serves where nothing else is named."""

import secrets
from datetime import UTC, datetime

import attrs


@attrs.frozen
class SystemClock:
    """The machine's clock, in UTC."""

    def now(self) -> datetime:
        """The present instant."""
        return datetime.now(UTC)


@attrs.frozen
class SystemRandomness:
    """The operating system's secure randomness."""

    def token_bytes(self, count: int) -> bytes:
        """So many unguessable bytes."""
        return secrets.token_bytes(count)
