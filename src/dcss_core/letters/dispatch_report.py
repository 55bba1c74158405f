"""DispatchReport: what one round of dispatch did, told in counts, and what still waits."""

from enum import Enum
from typing import Final

import attrs

from dcss_core.letters.outbox_message import MessageState


class WaitReason(Enum):
    """Why messages wait after a round of dispatch."""

    NO_CHANNEL = "no_channel"
    NOT_DUE = "not_due"
    OVER_THE_LIMIT = "over_the_limit"


_WAIT_WORDS: Final = {
    WaitReason.NO_CHANNEL: "for a channel: this agency was opened without one",
    WaitReason.NOT_DUE: "for the time of their next attempt",
    WaitReason.OVER_THE_LIMIT: "for another round, or for the time of their next attempt",
}


@attrs.frozen
class DispatchReport:
    """What one round of dispatch did; `failed` will be tried again, `dead` will not.

    `waiting` counts every message that is still to be sent after the round, those that failed in it too;
    `why_waiting` is None where none is.
    """

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    waiting: int = 0
    why_waiting: WaitReason | None = None

    def counting(self, state: MessageState) -> "DispatchReport":
        """The report with one more message, by the state it was left in."""
        if state is MessageState.DELIVERED:
            return attrs.evolve(self, delivered=self.delivered + 1)
        if state is MessageState.DEAD:
            return attrs.evolve(self, dead=self.dead + 1)
        return attrs.evolve(self, failed=self.failed + 1)

    def with_waiting(self, waiting: int, has_channel: bool, *, reached_limit: bool) -> "DispatchReport":
        """The report with what still waits after the round, and why."""
        if not waiting:
            return self
        tried = WaitReason.OVER_THE_LIMIT if reached_limit else WaitReason.NOT_DUE
        return attrs.evolve(
            self, waiting=waiting, why_waiting=tried if has_channel else WaitReason.NO_CHANNEL
        )

    def __str__(self) -> str:
        done = f"{self.delivered} delivered, {self.failed} to try again, {self.dead} given up"
        if self.why_waiting is None:
            return done
        return f"{done}; {self.waiting} waiting {_WAIT_WORDS[self.why_waiting]}"
