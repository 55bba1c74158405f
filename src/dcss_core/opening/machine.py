"""The machine's own clock, randomness and pauses: what serves where nothing else is named."""

import secrets
import time
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


def pause(seconds: float) -> None:
    """Do nothing for so many seconds."""
    time.sleep(seconds)
