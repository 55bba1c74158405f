"""The outside of an agency: what its URLs name, opened and kept until the agency closes.

Decides under which name a subscriber or a sink is remembered, and a channel reported. Invariants: each URL is
named once; a name that is remembered is made of where something goes and of nothing else, so that another
option or credential starts nothing anew; a channel is told by its scheme, for the rest may hold a credential;
whatever was opened is closed with the agency, or when a later part can't be opened.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Self, TypeVar
from urllib.parse import urlsplit

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.errors import ConfigurationError, Fault
from dcss_core.plugins.declarations import (
    AuditCheckpointSink,
    EventSubscriber,
    NotificationChannel,
    PasswordBreachCheck,
    SecondFactorKind,
)
from dcss_core.plugins.loader import Choice
from dcss_core.plugins.registry import PluginRegistry, key_in
from dcss_core.ports.breach_check import BreachCheck
from dcss_core.ports.channel import Channel, OpenedChannel
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.subscriber import Subscriber
from dcss_core.users.second_factor.method import SecondFactorMethod

P = TypeVar("P", Channel, Subscriber, BreachCheck, CheckpointSink)


@attrs.frozen(repr=False)
class OutsideUrls:
    """The URLs as they were given, with the names of those that are remembered.

    `channels` is None where another process dispatches the outbox. Raises ConfigurationError for a URL that
    is named twice or is none, and for second factors of which there is none, or two by one scheme.
    """

    channels: Sequence[str] | None
    subscribers: Sequence[str]
    sinks: Sequence[str]
    breach_check: str | None
    second_factors: Sequence[str]
    subscriber_names: tuple[str, ...] = attrs.field(init=False)
    sink_names: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        _check_each_named_once(
            channels=self.channels or (), subscribers=self.subscribers, checkpoint_sinks=self.sinks
        )
        _check_methods(self.second_factors)
        object.__setattr__(self, "subscriber_names", _names_of(self.subscribers, "subscribers"))
        object.__setattr__(self, "sink_names", _names_of(self.sinks, "checkpoint_sinks"))

    def choices(self) -> Iterator[Choice]:
        """The kinds of plugin the URLs name, each with its key."""
        yield from ((NotificationChannel, key_in(url)) for url in self.channels or ())
        yield from ((EventSubscriber, key_in(url)) for url in self.subscribers)
        yield from ((AuditCheckpointSink, key_in(url)) for url in self.sinks)
        yield from ((SecondFactorKind, key_in(url)) for url in self.second_factors)
        if self.breach_check:
            yield PasswordBreachCheck, key_in(self.breach_check)

    def reaches(self, registry: PluginRegistry) -> frozenset[ContactKind] | None:
        """The kinds of address that letters can be sent to; None where another process dispatches them."""
        if self.channels is None:
            return None
        return frozenset(kind for url in self.channels for kind in registry.takes(url))

    @property
    def send_letters(self) -> bool:
        """Whether what stands in the outbox goes out, from here or from another process."""
        return self.channels is None or bool(self.channels)


@attrs.frozen(repr=False)
class Outside:
    """What was opened."""

    channels: dict[str, OpenedChannel]
    subscribers: dict[str, Subscriber]
    sinks: dict[str, CheckpointSink]

    @classmethod
    def opened(cls, urls: OutsideUrls, registry: PluginRegistry, kept: ExitStack) -> Self:
        """Open channels, subscribers and sinks; raises ConfigurationError, BackendError or PluginError."""
        return cls(
            _by_scheme(
                [
                    (url, OpenedChannel(_kept_open(registry.channel(url), kept), registry.takes(url)))
                    for url in urls.channels or ()
                ]
            ),
            {
                name: _kept_open(registry.subscriber(url), kept)
                for name, url in zip(urls.subscriber_names, urls.subscribers, strict=True)
            },
            {
                name: _kept_open(registry.checkpoint_sink(url), kept)
                for name, url in zip(urls.sink_names, urls.sinks, strict=True)
            },
        )


def opened_breach_check(urls: OutsideUrls, registry: PluginRegistry, kept: ExitStack) -> BreachCheck | None:
    """Open the list of breached passwords, if one is named."""
    return _kept_open(registry.breach_check(urls.breach_check), kept) if urls.breach_check else None


def methods_of(urls: OutsideUrls, registry: PluginRegistry) -> dict[str, SecondFactorMethod]:
    """The ways to show a second factor, by the scheme that is kept beside what is made for each."""
    return {key_in(url): registry.second_factor(url) for url in urls.second_factors}


def _kept_open(port: P, kept: ExitStack) -> P:
    kept.callback(port.close)
    return port


def _by_scheme(opened: Sequence[tuple[str, OpenedChannel]]) -> dict[str, OpenedChannel]:
    schemes = [url.partition(":")[0].lower() for url, _ in opened]
    named: dict[str, OpenedChannel] = {}
    for place, (scheme, (_, channel)) in enumerate(zip(schemes, opened, strict=True), start=1):
        is_only_one = schemes.count(scheme) == 1
        named[scheme if is_only_one else f"{scheme} {schemes[:place].count(scheme)}"] = channel
    return named


def _check_each_named_once(**urls: Sequence[str]) -> None:
    faults = [
        Fault(word, "a URL that is named twice", "each once")
        for word, named in urls.items()
        if len(set(named)) < len(named)
    ]
    if faults:
        raise ConfigurationError("each channel and each subscriber is opened once", faults=faults)


def _check_methods(urls: Sequence[str]) -> None:
    schemes = [key_in(url) for url in urls]
    if not schemes:
        raise ConfigurationError(
            "name at least one way to show a second factor, as second_factors=['totp:']; the rules say "
            "whether anybody must have one"
        )
    if len(set(schemes)) < len(schemes):
        fault = Fault("second_factors", "a scheme that is named twice", "each once: it is kept with a factor")
        raise ConfigurationError("each way to show a second factor is named once", faults=[fault])


def _names_of(urls: Sequence[str], word: str) -> tuple[str, ...]:
    names = tuple(_name_of(url, word) for url in urls)
    if len(set(names)) < len(names):
        raise ConfigurationError(
            f"two of the `{word}` differ only in credentials, query or fragment, so that they would "
            "share one place in the log; give each another path"
        )
    return names


def _name_of(url: str, word: str) -> str:
    # The place in the log is kept under this name, so it is made of where the events go and of
    # nothing else: another option or credential must not send the whole log again.
    try:
        parts = urlsplit(url)
        host_and_port = parts.netloc.rpartition("@")[2].lower()
        address = f"{parts.scheme}://{host_and_port}{parts.path}".encode()
    except ValueError:  # half a character is one too
        raise ConfigurationError(f"one of the `{word}` is no URL; check its host") from None
    return f"{parts.scheme}/{hashlib.sha256(address).hexdigest()[:16]}"
