"""ScriptedChannel: a channel that answers as it is told and keeps what it delivered."""

import attrs

from dcss_core.ports.channel import Delivered, Delivery, Message
from dcss_core.testing.scripted.script import Scripted


@attrs.define(eq=False, slots=False)
class ScriptedChannel(Scripted[Delivery]):
    """Delivers everything, unless `script` or `always` says otherwise.

    `delivered` holds the messages that went out, `attempts` the id of every message that came, both in
    order::

        channel.script = [DeliveryFailed("the server is away", retryable=True)]  # once
    """

    delivered: list[Message] = attrs.field(factory=list, init=False, repr=False)
    attempts: list[str] = attrs.field(factory=list, init=False, repr=False)

    def deliver(self, message: Message) -> Delivery:
        """Answer as told; a message counts as delivered when the answer says so."""
        with self._lock:
            self.attempts.append(message.message_id)
            answer = self.next_answer()
            if answer is None:
                answer = Delivered("taken")
            if isinstance(answer, Delivered):
                self.delivered.append(message)
            return answer
