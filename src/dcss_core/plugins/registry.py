"""PluginRegistry: what the loaded plugins offer, chosen by key.

Decides which declaration answers to a URL or a key and opens it. Invariants: it is frozen; a key has
one owner, so the order in which plugins were installed has no effect; a factory is given the text of
a URL and nothing else; no message shows more of a URL than its scheme, for passwords and tokens stand
in each of the other parts; whatever goes wrong in a plugin names its distribution.
"""

import re
from collections.abc import Callable
from types import MappingProxyType
from typing import Final, TypeVar, cast

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.errors import ConfigurationError, Fault
from dcss_core.plugins.declarations import (
    AuditCheckpointSink,
    Declaration,
    EventSubscriber,
    JurisdictionRules,
    KeyProvider,
    NotificationChannel,
    PasswordBreachCheck,
    SecondFactorKind,
    StorageBackend,
)
from dcss_core.plugins.discovery import Origin
from dcss_core.plugins.guard import at_work, check_port, refusal
from dcss_core.plugins.nearest import did_you_mean, did_you_mean_jurisdiction
from dcss_core.plugins.report import LoadedPlugin, PluginReport, RefusedPlugin, UnusedPlugin
from dcss_core.plugins.storage_check import check_storage
from dcss_core.ports.breach_check import BreachCheck
from dcss_core.ports.channel import Channel
from dcss_core.ports.checkpoint_sink import CheckpointSink
from dcss_core.ports.keys import KeyRing
from dcss_core.ports.storage import Storage
from dcss_core.ports.stored_schema import StoredSchema
from dcss_core.ports.subscriber import Subscriber
from dcss_core.rules.book import RuleBook
from dcss_core.rules.federal import FEDERAL_KEY
from dcss_core.rules.irs_1075 import IRS_1075_KEY
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.second_factor.method import LoneFactorMethod, SecondFactorMethod

D = TypeVar("D", bound=Declaration)
P = TypeVar("P")

_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_A_RING: Final = "a KeyRing, as read_key_text() gives it"
_FEDERAL_LAYERS: Final = (FEDERAL_KEY, IRS_1075_KEY)
_REFERENCE_PLUGINS: Final = MappingProxyType(
    {
        (StorageBackend.kind, "sqlite"): "dcss-core-sql",
        (NotificationChannel.kind, "smtp"): "dcss-core-smtp",
        (StorageBackend.kind, "postgresql"): '"dcss-core-sql[postgresql]"',  # quoted for shells
        (NotificationChannel.kind, "smtp+starttls"): "dcss-core-smtp",
        (NotificationChannel.kind, "smtps"): "dcss-core-smtp",
        (NotificationChannel.kind, "sms+http"): "dcss-core-sms-http",
        (NotificationChannel.kind, "sms+https"): "dcss-core-sms-http",
        (EventSubscriber.kind, "webhook+http"): "dcss-core-webhook",
        (EventSubscriber.kind, "webhook+https"): "dcss-core-webhook",
        (PasswordBreachCheck.kind, "hibp"): "dcss-core-hibp",
        (PasswordBreachCheck.kind, "hibp+http"): "dcss-core-hibp",
        (PasswordBreachCheck.kind, "hibp+https"): "dcss-core-hibp",
        (AuditCheckpointSink.kind, "checkpoint-file"): "dcss-core-checkpoint-file",
        (SecondFactorKind.kind, "passkey"): "dcss-core-passkeys",
        (JurisdictionRules.kind, "US-GA"): "dcss-core-georgia",
    }
)


def key_in(url: object) -> str:
    """The key a URL chooses by, which is its scheme; empty for what is no URL."""
    match = _SCHEME.match(url) if isinstance(url, str) else None
    return match[1].lower() if match else ""


@attrs.frozen
class PluginRegistry:
    """The declarations of every loaded plugin."""

    plugins: tuple[LoadedPlugin, ...]
    refused: tuple[RefusedPlugin, ...] = ()
    unused: tuple[UnusedPlugin, ...] = ()

    def storage(self, url: str) -> Storage:
        """Open the storage of this URL; raises ConfigurationError, BackendError or PluginError."""
        declared, origin = self._chosen_by_url(StorageBackend, url)
        storage = _made(declared, origin, lambda: declared.factory(url), Storage)
        check_storage(origin.distribution, storage)
        return storage

    def schema(self, url: str) -> StoredSchema | None:
        """The schema of the database of this URL; None where its storage has none that steps lead to.

        Raises ConfigurationError or PluginError.
        """
        declared, origin = self._chosen_by_url(StorageBackend, url)
        factory = declared.schema
        return None if factory is None else _made(declared, origin, lambda: factory(url), StoredSchema)

    def takes(self, url: str) -> frozenset[ContactKind]:
        """Which kinds of address the channel of this URL delivers to; raises ConfigurationError."""
        return self._chosen_by_url(NotificationChannel, url)[0].takes

    def channel(self, url: str) -> Channel:
        """Open the channel of this URL; raises ConfigurationError, BackendError or PluginError."""
        from dcss_core.plugins.guarded import GuardedChannel  # most agencies are opened without

        declared, origin = self._chosen_by_url(NotificationChannel, url)
        channel = _made(declared, origin, lambda: declared.factory(url), Channel)
        return GuardedChannel(channel, origin.distribution)

    def subscriber(self, url: str) -> Subscriber:
        """Open the subscriber of this URL; raises ConfigurationError, BackendError or PluginError."""
        from dcss_core.plugins.guarded import GuardedSubscriber  # most agencies are opened without

        declared, origin = self._chosen_by_url(EventSubscriber, url)
        subscriber = _made(declared, origin, lambda: declared.factory(url), Subscriber)
        return GuardedSubscriber(subscriber, origin.distribution)

    def breach_check(self, url: str) -> BreachCheck:
        """Open the breach check of this URL; raises ConfigurationError, BackendError or PluginError."""
        from dcss_core.plugins.guarded import GuardedBreachCheck  # most agencies are opened without

        declared, origin = self._chosen_by_url(PasswordBreachCheck, url)
        check = _made(declared, origin, lambda: declared.factory(url), BreachCheck)
        return GuardedBreachCheck(check, origin.distribution)

    def checkpoint_sink(self, url: str) -> CheckpointSink:
        """Open the checkpoint sink of this URL; raises ConfigurationError, BackendError or PluginError."""
        from dcss_core.plugins.guarded import GuardedCheckpointSink  # most agencies are opened without

        declared, origin = self._chosen_by_url(AuditCheckpointSink, url)
        sink = _made(declared, origin, lambda: declared.factory(url), CheckpointSink)
        return GuardedCheckpointSink(sink, origin.distribution)

    def key_ring(self, url: str) -> KeyRing:
        """Ask the key provider of this URL; raises ConfigurationError, BackendError or PluginError."""
        declared, origin = self._chosen_by_url(KeyProvider, url)
        return _valued(declared, origin, lambda: declared.factory(url), KeyRing, _A_RING)

    def second_factor(self, url: str) -> SecondFactorMethod:
        """Make the method of this URL; raises ConfigurationError or PluginError.

        One that can stand alone is made as one.
        """
        from dcss_core.plugins.guarded_factor import GuardedLoneMethod, GuardedMethod

        declared, origin = self._chosen_by_url(SecondFactorKind, url)
        method = _made(declared, origin, lambda: declared.factory(url), SecondFactorMethod)
        if all(hasattr(method, name) for name in GuardedLoneMethod.needs()):
            return GuardedLoneMethod(method, origin.distribution, cast(LoneFactorMethod, method))
        return GuardedMethod(method, origin.distribution)

    def jurisdiction(self, key: str) -> Jurisdiction:
        """Lay the rules of a jurisdiction over what it extends, down to the federal baseline.

        Raises ConfigurationError for an unknown key, PluginError for a cycle or a missing base,
        RulesError for rules that can't be loaded.
        """
        federal, *layers = reversed(self._chain(key))
        composed = _composed(*federal, None)
        for layer in layers:
            composed = _composed(*layer, composed)
        return composed

    def keys(self, kind: type[D]) -> tuple[str, ...]:
        """Every key of one kind of declaration, sorted: `registry.keys(StorageBackend)`."""
        return tuple(sorted(each.key for each, _ in self._declared(kind)))

    def report(self, *, slow_seconds: float = 0.5) -> PluginReport:
        """What was loaded and what was left out; an import longer than `slow_seconds` is remarked on."""
        return PluginReport(self.plugins, self.refused, slow_seconds, self.unused)

    def _declared(self, kind: type[D]) -> list[tuple[D, Origin]]:
        return [
            (each, plugin.origin)
            for plugin in self.plugins
            for each in plugin.declarations
            if isinstance(each, kind)
        ]

    def _find(self, kind: type[D], key: str) -> tuple[D, Origin] | None:
        return next((each for each in self._declared(kind) if each[0].key == key), None)

    def _chosen_by_url(self, kind: type[D], url: str) -> tuple[D, Origin]:
        key = key_in(url)
        if not key:
            raise ConfigurationError(
                f"a {kind.kind} is chosen by a URL",
                faults=[
                    Fault(f"{kind.kind} URL", "no scheme", f"one of {_listed(self._choices(kind))}, then ':'")
                ],
            )
        return self._chosen(kind, key)

    def _chosen(self, kind: type[D], key: str) -> tuple[D, Origin]:
        found = self._find(kind, key)
        if found is None:
            raise self._unknown(kind, key)
        return found

    def _unknown(self, kind: type[D], key: str, *, is_base: bool = False) -> ConfigurationError:
        left_out = [each.origin for each in self.refused]
        choices = self._choices(kind, is_base=is_base)
        advice = self._advice(kind, str(key), [origin.distribution for origin in left_out], choices)
        not_loaded = f"; not loaded, see the notes: {', '.join(map(str, left_out))}" if left_out else ""
        unknown = ConfigurationError(
            f"no loaded plugin offers this {kind.kind}{advice}{not_loaded}",
            faults=[Fault(kind.kind, repr(key)[:60], f"one of {_listed(choices)}")],
        )
        for each in self.refused:
            unknown.add_note(f"not loaded: {each.error}")
        return unknown

    def _advice(self, kind: type[D], key: str, left_out: list[str], choices: list[str]) -> str:
        reference = _REFERENCE_PLUGINS.get((kind.kind, key))
        if reference and reference not in left_out:
            return f"; install it with: pip install {reference}"
        if kind.kind == JurisdictionRules.kind:
            return did_you_mean_jurisdiction(key, choices)
        return did_you_mean(key, choices)

    def _choices(self, kind: type[D], *, is_base: bool = False) -> list[str]:
        # The federal layers leave values to the states: one is extended, and no agency runs on it alone.
        layers = _FEDERAL_LAYERS if kind.kind == JurisdictionRules.kind and not is_base else ()
        return [key for key in self.keys(kind) if key not in layers]

    def _chain(self, key: str) -> list[tuple[JurisdictionRules, Origin]]:
        chain = [self._chosen(JurisdictionRules, key)]
        while (base := chain[-1][0].extends) is not None:
            top, origin = chain[-1]
            keys = [each.key for each, _ in chain]
            if base in keys:
                path = " → ".join([*keys, base])
                others = ", ".join(sorted({str(each) for _, each in chain}))
                raise refusal(
                    origin.distribution,
                    f"jurisdictions extend each other in a circle: {path} (declared by {others}). "
                    "One of them must extend its state or 'US' instead",
                )
            found = self._find(JurisdictionRules, base)
            if found is None:
                raise refusal(
                    origin.distribution,
                    f"'{top.key}' extends '{base}', but "
                    f"{self._unknown(JurisdictionRules, base, is_base=True)}",
                )
            chain.append(found)
        return chain


def _listed(choices: list[str]) -> str:
    return ", ".join(f"'{key}'" for key in choices) or "those a plugin offers (none is installed)"


def _made(declared: Declaration, origin: Origin, call: Callable[[], P], port: type) -> P:
    what = f"the factory of {declared.kind} '{declared.key}'"
    made = at_work(origin.distribution, what, call)
    check_port(origin.distribution, what, made, port)
    return made


def _composed(declared: JurisdictionRules, origin: Origin, base: Jurisdiction | None) -> Jurisdiction:
    book = _valued(declared, origin, declared.factory, RuleBook, "a RuleBook, as load_rules() gives it")
    return Jurisdiction(key=declared.key, summary=declared.summary, book=book, base=base)


def _valued(
    declared: Declaration, origin: Origin, call: Callable[[], object], value: type[P], expected: str
) -> P:
    """What a factory made that makes a value of ours, and no port; it is never shown, it may be secret."""
    what = f"the factory of {declared.kind} '{declared.key}'"
    made = at_work(origin.distribution, what, call)
    if isinstance(made, value):
        return made
    raise refusal(
        origin.distribution,
        f"{what} made something else",
        [Fault("its result", f"a {type(made).__name__}", expected)],
    )
