"""DispatchReport: what one round of sending came to, told in counts."""

import attrs

from dcss_core.letters.outbox_message import MessageState


@attrs.frozen
class DispatchReport:
    """What one round of dispatch did; `failed` will be tried again, `dead` will not."""

    delivered: int = 0
    failed: int = 0
    dead: int = 0

    def counting(self, state: MessageState) -> "DispatchReport":
        """The report with one more message, by the state it was left in."""
        if state is MessageState.DELIVERED:
            return attrs.evolve(self, delivered=self.delivered + 1)
        if state is MessageState.DEAD:
            return attrs.evolve(self, dead=self.dead + 1)
        return attrs.evolve(self, failed=self.failed + 1)

    def __str__(self) -> str:
        return f"{self.delivered} delivered, {self.failed} to try again, {self.dead} given up"
