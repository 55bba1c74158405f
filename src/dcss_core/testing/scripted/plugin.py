"""ScriptedPlugin: the stand-ins as a plugin, to open an agency with.

Decides under which URLs they answer. Invariants: one URL is one stand-in, also when an agency is closed and
another one opened with the same plugin; a stand-in can be told what to answer before the agency asks for it.
"""

from collections.abc import Callable
from typing import TypeVar

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.plugins import (
    AuditCheckpointSink,
    EventSubscriber,
    NotificationChannel,
    PasswordBreachCheck,
    hookimpl,
)
from dcss_core.testing.scripted.breach_check import ScriptedBreachCheck
from dcss_core.testing.scripted.mailbox import Mailbox
from dcss_core.testing.scripted.sink import ScriptedSink
from dcss_core.testing.scripted.subscriber import ScriptedSubscriber

S = TypeVar("S")


@attrs.define(eq=False, slots=False)
class ScriptedPlugin:
    """Channels `letters:NAME`, `texts:NAME` and `post:NAME`; the rest of the outside is `script:NAME`.

    An agency is opened with it so::

        outside = ScriptedPlugin()
        agency = open_agency("memory:", channels=["letters:mail"], plugins=[outside], …)
        outside.channel("mail").always = DeliveryFailed("away", retryable=True)
    """

    subscriber_schemes: tuple[str, ...] = ("script",)
    _channels: dict[str, Mailbox] = attrs.field(factory=dict, init=False)
    _subscribers: dict[str, ScriptedSubscriber] = attrs.field(factory=dict, init=False)
    _breach_checks: dict[str, ScriptedBreachCheck] = attrs.field(factory=dict, init=False)
    _sinks: dict[str, ScriptedSink] = attrs.field(factory=dict, init=False)

    def channel(self, name: str = "mail") -> Mailbox:
        """The channel of `letters:NAME`, of `texts:NAME` or of `post:NAME`."""
        return _kept(self._channels, name, Mailbox)

    def subscriber(self, name: str = "one") -> ScriptedSubscriber:
        """The subscriber of `script:NAME`."""
        return _kept(self._subscribers, name, ScriptedSubscriber)

    def breach_check(self, name: str = "one") -> ScriptedBreachCheck:
        """The breach check of `script:NAME`."""
        return _kept(self._breach_checks, name, ScriptedBreachCheck)

    def sink(self, name: str = "one") -> ScriptedSink:
        """The checkpoint sink of `script:NAME`."""
        return _kept(self._sinks, name, ScriptedSink)

    @hookimpl
    def dcss_notification_channels(self) -> list[NotificationChannel]:
        """Declare the channels."""
        opened = _by_name(self.channel)
        texts, post = frozenset({ContactKind.MOBILE}), frozenset({ContactKind.POSTAL})
        return [
            NotificationChannel("letters", "Letters kept in a list", opened),
            NotificationChannel("texts", "Text messages kept in a list", opened, takes=texts),
            NotificationChannel("post", "Letters to carry, kept in a list", opened, takes=post),
        ]

    @hookimpl
    def dcss_event_subscribers(self) -> list[EventSubscriber]:
        """Declare the subscribers, under each of their schemes."""
        opened = _by_name(self.subscriber)
        return [
            EventSubscriber(scheme, "Events kept in a list", opened) for scheme in self.subscriber_schemes
        ]

    @hookimpl
    def dcss_breach_checks(self) -> list[PasswordBreachCheck]:
        """Declare the breach checks."""
        return [
            PasswordBreachCheck("script", "Breached passwords that a test names", _by_name(self.breach_check))
        ]

    @hookimpl
    def dcss_checkpoint_sinks(self) -> list[AuditCheckpointSink]:
        """Declare the checkpoint sinks."""
        return [AuditCheckpointSink("script", "Checkpoints kept in a list", _by_name(self.sink))]


def _kept(stand_ins: dict[str, S], name: str, make: Callable[[], S]) -> S:
    return stand_ins.setdefault(name, make())


def _by_name(stand_in: Callable[[str], S]) -> Callable[[str], S]:
    return lambda url: stand_in(url.partition(":")[2])
