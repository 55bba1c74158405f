"""CheckpointSink: where signed statements about the audit log are kept, out of the writer's reach.

Decides what the core asks of such a place. Invariant: whoever can change the database must not be
able to change what a sink has taken; a sink that can be edited from the machine that writes the log
proves nothing.
"""

from collections.abc import Sequence
from typing import Protocol


class CheckpointSink(Protocol):
    """Keeps signed checkpoints, in the order they come."""

    def publish(self, checkpoint: str) -> None:
        """Keep one signed checkpoint (a C2SP signed note) for good.

        The same one may come again. Raises BackendError when it is not kept; it comes again then.
        """
        ...

    def published(self) -> Sequence[str]:
        """Every checkpoint kept, oldest first; raises BackendError when they can't be read."""
        ...

    def close(self) -> None:
        """Release every resource; closing twice does nothing."""
        ...
