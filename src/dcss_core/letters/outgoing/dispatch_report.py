"""DispatchReport: what one round of dispatch did, told in counts, why letters failed, and what still waits.

Invariant: nothing in it is about a person; it is printed by jobs and read by operators.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

import attrs

from dcss_core.letters.outgoing.outbox_message import REASON_WITHHELD, USELESS_BY_NOW, MessageState


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

_REASON_WORDS: Final = {
    USELESS_BY_NOW: "a code or password that had expired",
    REASON_WITHHELD: "a reason that held the address, so that it is not shown",
}
_MOST_SHOWN: Final = 3


@attrs.frozen
class FailedDeliveries:
    """How many messages failed in one way in a round, and whether they were given up.

    `channel` is the scheme of the channel's URL, numbered where several share it; None where none was asked.
    `reason` is what the channel said, or a code: `useless_by_now` of a message whose code or password had
    expired, `reason_withheld` where what the channel said held the address.
    """

    channel: str | None
    reason: str
    is_given_up: bool
    messages: int = 1

    def is_like(self, other: "FailedDeliveries") -> bool:
        """Whether both failed in one way."""
        return attrs.evolve(self, messages=other.messages) == other

    def __str__(self) -> str:
        why = _REASON_WORDS.get(self.reason, self.reason)
        return why if self.channel is None else f"{self.channel}: {why}"


@attrs.frozen
class DispatchReport:
    """What one round of dispatch did; `failed` will be tried again, `dead` will not, and `failures` say why.

    A message that several channels failed to deliver is one failure, of the channel that decided whether it
    is tried again.
    `waiting` counts every message that is still to be sent after the round, those that failed in it too;
    `why_waiting` is None where none is.
    """

    delivered: int = 0
    failed: int = 0
    dead: int = 0
    waiting: int = 0
    why_waiting: WaitReason | None = None
    failures: tuple[FailedDeliveries, ...] = ()

    def counting(self, state: MessageState, *, channel: str | None, reason: str | None) -> "DispatchReport":
        """The report with one more message, by the state it was left in, and why it failed if it did."""
        if state is MessageState.DELIVERED:
            return attrs.evolve(self, delivered=self.delivered + 1)
        is_given_up = state is MessageState.DEAD
        failures = _with(self.failures, FailedDeliveries(channel, reason or "", is_given_up))
        if is_given_up:
            return attrs.evolve(self, dead=self.dead + 1, failures=failures)
        return attrs.evolve(self, failed=self.failed + 1, failures=failures)

    def with_waiting(self, waiting: int, has_channel: bool, *, reached_limit: bool) -> "DispatchReport":
        """The report with what still waits after the round, and why."""
        if not waiting:
            return self
        tried = WaitReason.OVER_THE_LIMIT if reached_limit else WaitReason.NOT_DUE
        return attrs.evolve(
            self, waiting=waiting, why_waiting=tried if has_channel else WaitReason.NO_CHANNEL
        )

    def __str__(self) -> str:
        again = _why(each for each in self.failures if not each.is_given_up)
        never = _why(each for each in self.failures if each.is_given_up)
        done = f"{self.delivered} delivered, {self.failed} to try again{again}, {self.dead} given up{never}"
        if self.why_waiting is None:
            return done
        return f"{done}; {self.waiting} waiting {_WAIT_WORDS[self.why_waiting]}"


def _with(failures: tuple[FailedDeliveries, ...], one_more: FailedDeliveries) -> tuple[FailedDeliveries, ...]:
    if not any(each.is_like(one_more) for each in failures):
        return (*failures, one_more)
    return tuple(
        attrs.evolve(each, messages=each.messages + 1) if each.is_like(one_more) else each
        for each in failures
    )


def _why(failures: Iterable[FailedDeliveries]) -> str:
    ways = list(failures)
    if not ways:
        return ""
    if len(ways) == 1:
        return f" ({ways[0]})"
    shown = [f"{each.messages} × {each}" for each in ways[:_MOST_SHOWN]]
    if len(ways) > _MOST_SHOWN:
        shown.append("more in `failures`")
    return f" ({'; '.join(shown)})"
