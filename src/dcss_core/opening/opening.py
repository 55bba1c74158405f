"""Opening an agency: the composition root, and the only place that reads configuration.

Decides which plugins serve, and checks everything before anything starts: rules, storage, keys,
channels. Invariant: a wrong rule file, URL, key or plugin is one clear error, after which nothing
is left open.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

import attrs

from dcss_core.agency.agency import Agency
from dcss_core.agency.work.local_time import present_instant
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.sealing import Sealer
from dcss_core.base.expected_types import checked_as
from dcss_core.errors import ConfigurationError
from dcss_core.opening.built_in import BUILT_IN
from dcss_core.opening.capped_hasher import CappedHasher
from dcss_core.opening.key_source import provider_choice, ring_from
from dcss_core.opening.machine import SystemClock, SystemRandomness, pause
from dcss_core.opening.observing.together import together
from dcss_core.opening.outside import Outside, OutsideUrls, methods_of, opened_breach_check
from dcss_core.opening.rules_check import check_breach_check, check_rules
from dcss_core.plugins.declarations import JurisdictionRules, StorageBackend
from dcss_core.plugins.loader import OnPluginError, load_plugins
from dcss_core.plugins.registry import PluginRegistry, key_in
from dcss_core.ports.clock import Clock
from dcss_core.ports.keys import KeyRing
from dcss_core.ports.observer import Observer
from dcss_core.ports.randomness import Randomness
from dcss_core.rules.jurisdiction import Jurisdiction
from dcss_core.users.hashing.password_hash import PasswordHasher
from dcss_core.users.hashing.retired_peppers import WithoutRetired
from dcss_core.users.hashing.schemes import hasher_for


@checked_as(ConfigurationError)
def open_agency(
    storage: str,
    *,
    jurisdiction: str,
    keys: KeyRing | str | Path,
    channels: Sequence[str] | None = (),
    subscribers: Sequence[str] = (),
    breach_check: str | None = None,
    checkpoint_sinks: Sequence[str] = (),
    plugins: Iterable[object] = (),
    required_plugins: Iterable[str] = (),
    on_plugin_error: OnPluginError = "raise",
    clock: Clock | None = None,
    randomness: Randomness | None = None,
    hasher: PasswordHasher | None = None,
    second_factors: Sequence[str] = ("totp:",),
    observers: Sequence[Observer] | None = None,
) -> Agency:
    """Open an agency: `open_agency("sqlite:///georgia.db", jurisdiction="US-GA", keys="keys.json")`.

    `storage`, `channels`, `subscribers`, `breach_check` (a list of breached passwords) and
    `checkpoint_sinks` (where signed statements about the audit log are kept) are URLs whose scheme names
    a plugin, and so are `second_factors`, the ways to show one, the first of which is set up unless a portal
    names another; `keys` is a key ring, the path of a key file, or such a URL of a provider
    of keys, as `env:DCSS_MASTER_KEYS`; `plugins` are modules or objects with hooks, beside the installed
    ones. Without `channels` nothing is sent, and what is done by a letter is refused; None says that another
    process dispatches the outbox. Passwords are hashed as the rules say, unless `hasher` says otherwise.
    `observers` are told how verbs and jobs go; unless some are named, the standard library's logging is.
    Close the agency, or use it in a `with` block.

    Raises ConfigurationError, RulesError, PluginError or BackendError before anything starts.
    """
    urls = OutsideUrls(channels, subscribers, checkpoint_sinks, breach_check, second_factors)
    needed = [(StorageBackend, key_in(storage)), (JurisdictionRules, jurisdiction)]
    registry = load_plugins(
        chosen=[*needed, *provider_choice(keys), *urls.choices()],
        builtin=BUILT_IN,
        extra=plugins,
        required=required_plugins,
        on_plugin_error=on_plugin_error,
    )
    ring = ring_from(keys, registry)
    law = registry.jurisdiction(jurisdiction)
    parts = _Parts(registry, law, urls, ring, clock or SystemClock(), randomness or SystemRandomness())
    parts.check_law()
    with ExitStack() as opened:
        resources = parts.resources(storage, hasher, observers, opened)
        return parts.started(resources, opened)


@attrs.frozen(repr=False)
class _Parts:
    """What an agency is made of; the first of it that is opened is the storage."""

    registry: PluginRegistry
    law: Jurisdiction
    urls: OutsideUrls
    ring: KeyRing
    clock: Clock
    randomness: Randomness

    def check_law(self) -> None:
        """Refuse rules that can't serve now, not at noon and not on payday."""
        now = present_instant(self.clock)
        check_rules(self.law, now)
        if self.urls.breach_check is None:
            check_breach_check(self.law, now)

    def resources(
        self,
        storage: str,
        hasher: PasswordHasher | None,
        observers: Sequence[Observer] | None,
        opened: ExitStack,
    ) -> Resources:
        """Open the storage and what verbs ask; `opened` closes it."""
        store = self.registry.storage(storage)
        opened.callback(store.close)
        sealer = Sealer(self.ring, self.randomness)
        return Resources(
            storage=store,
            clock=self.clock,
            randomness=self.randomness,
            sealer=sealer,
            jurisdiction=self.law,
            hasher=_without_retired(hasher or _hasher(self.law, sealer, self.clock), self.ring),
            pause=pause,
            breach_check=opened_breach_check(self.urls, self.registry, opened),
            sends_letters=self.urls.send_letters,
            reaches=self.urls.reaches(self.registry),
            observer=together(observers),
        )

    def started(self, resources: Resources, opened: ExitStack) -> Agency:
        """Open what verbs tell, and put the agency together."""
        outside = Outside.opened(self.urls, self.registry, opened)
        return Agency.start(
            resources,
            channels=outside.channels,
            subscribers=outside.subscribers,
            sinks=outside.sinks,
            second_factors=methods_of(self.urls, self.registry),
            plugins=self.registry.report(),
            opened=opened,
        )


def _hasher(law: Jurisdiction, sealer: Sealer, clock: Clock) -> PasswordHasher:
    # By the day in UTC: a hash is made anew at the next sign-in whenever the rule changes.
    scheme = law.on(present_instant(clock).date()).choice("accounts.password_hash")
    hasher = hasher_for(scheme, sealer.peppers(), sealer.ring.current.key_id)
    return CappedHasher(hasher, _cores())


def _without_retired(hasher: PasswordHasher, ring: KeyRing) -> PasswordHasher:
    retired = frozenset(key.key_id for key in ring.retired)
    return WithoutRetired(hasher, retired) if retired else hasher


def _cores() -> int:
    # The cores this process may use, where the system tells; in a container they are fewer than there are.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
