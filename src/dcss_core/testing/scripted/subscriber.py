"""ScriptedSubscriber: a subscriber that fails as it is told and keeps the events it took."""

import attrs

from dcss_core.ports.subscriber import RecordedEvent
from dcss_core.testing.scripted.script import Scripted


@attrs.define(eq=False, slots=False)
class ScriptedSubscriber(Scripted[None]):
    """Takes every event, unless `script` or `always` holds an exception for it.

    `taken` holds the events it took, `attempts` the number of every event that came, both in order::

        subscriber.script = [BackendError("away", retryable=True)]  # once
    """

    taken: list[RecordedEvent] = attrs.field(factory=list, init=False, repr=False)
    attempts: list[int] = attrs.field(factory=list, init=False, repr=False)

    def receive(self, event: RecordedEvent) -> None:
        """Take one event, or fail as told."""
        with self._lock:
            self.attempts.append(event.sequence)
            self.next_answer()
            self.taken.append(event)
