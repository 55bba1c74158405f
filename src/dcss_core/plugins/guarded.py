"""Guarded: a plugin's channel, subscriber, breach check or sink as the core uses it.

Decides what becomes of what a plugin in use raises or answers. Invariants: what it raises names the
distribution (`plugins.guard`); what it is given it can't change for anybody else; what it answers is of the
shape the port promises.
"""

import re
from collections.abc import Iterator, Sequence
from types import MappingProxyType
from typing import Final

import attrs

from dcss_core.base.events import Detail
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault
from dcss_core.plugins.guard import at_work, refusal
from dcss_core.ports.breach_check import BreachAnswer, BreachCheck, BreachCheckUnavailable, SeenInBreaches
from dcss_core.ports.channel import Channel, Delivered, Delivery, DeliveryFailed, Message
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.subscriber import RecordedEvent, Subscriber

_REASON: Final = re.compile(r"[a-z_]{1,40}", re.ASCII)  # without digits, so that no hash fits


@attrs.frozen
class GuardedChannel:
    """A plugin's channel whose every failure is a value or names the distribution."""

    channel: Channel
    distribution: str

    def deliver(self, message: Message) -> Delivery:
        """Send one message; raises PluginError where the channel breaks its contract."""
        answer: object = at_work(
            self.distribution, "its channel's deliver()", lambda: self.channel.deliver(message)
        )
        if isinstance(answer, Delivered | DeliveryFailed):
            return answer
        raise refusal(
            self.distribution,
            "its channel's deliver() broke the contract",
            [Fault("deliver()", f"a {type(answer).__name__}", "Delivered or DeliveryFailed")],
        )

    def close(self) -> None:
        """Release every resource; raises PluginError where the channel fails to."""
        at_work(self.distribution, "its channel's close()", self.channel.close)


@attrs.frozen
class GuardedSubscriber:
    """A plugin's subscriber, given events of its own, whose every failure names the distribution."""

    subscriber: Subscriber
    distribution: str

    def receive(self, event: RecordedEvent) -> None:
        """Hand on one event; raises BackendError to get it again, PluginError for a broken contract."""
        own = attrs.evolve(
            event, details=MappingProxyType({name: _copied(value) for name, value in event.details.items()})
        )
        at_work(self.distribution, "its subscriber's receive()", lambda: self.subscriber.receive(own))

    def close(self) -> None:
        """Release every resource; raises PluginError where the subscriber fails to."""
        at_work(self.distribution, "its subscriber's close()", self.subscriber.close)


@attrs.frozen
class GuardedBreachCheck:
    """A plugin's breach check, whose every answer is fit for the audit log or names the distribution."""

    check: BreachCheck
    distribution: str

    def look_up(self, password: Secret) -> BreachAnswer:
        """Ask how often the password was seen; raises PluginError where the check breaks its contract."""
        answer: object = at_work(
            self.distribution, "its breach check's look_up()", lambda: self.check.look_up(password)
        )
        faults = list(_answer_faults(answer))
        if isinstance(answer, SeenInBreaches | BreachCheckUnavailable) and not faults:
            return answer
        raise refusal(self.distribution, "its breach check's look_up() broke the contract", faults)

    def close(self) -> None:
        """Release every resource; raises PluginError where the check fails to."""
        at_work(self.distribution, "its breach check's close()", self.check.close)


@attrs.frozen
class GuardedCheckpointSink:
    """A plugin's checkpoint sink whose every failure names the distribution."""

    sink: CheckpointSink
    distribution: str

    def publish(self, checkpoint: str) -> None:
        """Keep one checkpoint; raises BackendError when it is not kept, PluginError for a broken contract."""
        at_work(self.distribution, "its checkpoint sink's publish()", lambda: self.sink.publish(checkpoint))

    def published(self) -> Sequence[str]:
        """Give every checkpoint kept; raises BackendError, and PluginError for a broken contract."""
        kept: object = at_work(self.distribution, "its checkpoint sink's published()", self.sink.published)
        if isinstance(kept, list | tuple) and all(isinstance(each, str) for each in kept):
            return tuple(kept)
        found = f"a {type(kept).__name__}" + (" of something else" if isinstance(kept, list | tuple) else "")
        raise refusal(
            self.distribution,
            "its checkpoint sink's published() broke the contract",
            [Fault("published()", found, "a list or tuple of texts")],
        )

    def close(self) -> None:
        """Release every resource; raises PluginError where the sink fails to."""
        at_work(self.distribution, "its checkpoint sink's close()", self.sink.close)


def _answer_faults(answer: object) -> Iterator[Fault]:
    # A value is never shown: it may hold what was looked up.
    match answer:
        case SeenInBreaches(times=times):
            if type(times) is not int or times < 0:
                yield Fault("look_up().times", "something else", "a whole number, 0 or more")
        case BreachCheckUnavailable(reason=reason):
            if not (isinstance(reason, str) and _REASON.fullmatch(reason)):
                yield Fault("look_up().reason", "something else", "one of a few words, as timed_out")
        case _:
            expected = "SeenInBreaches or BreachCheckUnavailable"
            yield Fault("look_up()", f"a {type(answer).__name__}", expected)


def _copied(detail: Detail) -> Detail:
    return [_copied(each) for each in detail] if isinstance(detail, list) else detail
