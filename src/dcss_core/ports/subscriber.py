"""Subscriber: who wants to know what happened.

Decides the shape in which recorded events reach the outside. Invariants: events come from the audit
log, in its order, at least once; they hold ids, amounts and dates and never a name, an address or a
secret; a subscriber that fails gets the same event again later and stops nobody else.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

import attrs

from dcss_core.base.events import Detail


@attrs.frozen
class RecordedEvent:
    """One event as the audit log holds it; `sequence` is its number there, and says what came before what.

    `entry_id` is the id of its entry, the same at every attempt and no other event's, of whatever agency: the
    idempotency id.
    """

    sequence: int
    at: datetime
    kind: str
    subject: str
    details: Mapping[str, Detail]
    entry_id: str


class Subscriber(Protocol):
    """Receives recorded events, one at a time and in order."""

    def receive(self, event: RecordedEvent) -> None:
        """Take one event; raise BackendError to get it again later."""
        ...

    def close(self) -> None:
        """Release every resource; closing twice does nothing."""
        ...
