"""Loader: takes plugins one at a time and turns them into a frozen registry.

Decides which plugins are in use: all of them, or those whose entry points name a chosen key. Invariants: one
that nobody chose is not imported, unless a chosen key is found nowhere else; the result does not depend on
the order of entry points; where two plugins claim a key neither gets it; by default one bad plugin among the
chosen refuses the load, and every fault of each of them is known by then.
"""

import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from dcss_core.errors import ConfigurationError, Fault
from dcss_core.plugins.declarations import Declaration, JurisdictionRules
from dcss_core.plugins.discovery import Candidate, Origin, candidates, in_process
from dcss_core.plugins.guard import refusal
from dcss_core.plugins.installed import as_named, named_plugins, normal_name
from dcss_core.plugins.registering import Outcome, Registrar
from dcss_core.plugins.registry import PluginRegistry
from dcss_core.plugins.report import LoadedPlugin, PluginQuarantinedWarning, RefusedPlugin, UnusedPlugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

OnPluginError: TypeAlias = Literal["raise", "quarantine"]
Choice: TypeAlias = tuple[type[Declaration], str]
Claims: TypeAlias = Mapping[tuple[str, str], Sequence[LoadedPlugin]]
_ON_PLUGIN_ERROR: Final = ("raise", "quarantine")
_BUILT_IN: Final = Origin("dcss-core")


def load_plugins(
    *,
    chosen: Iterable[Choice] | None = None,
    builtin: Iterable[Declaration] = (),
    extra: Iterable[object] = (),
    required: Iterable[str] = (),
    on_plugin_error: OnPluginError = "raise",
    entry_points: "Iterable[EntryPoint] | None" = None,
    timer: Callable[[], float] = time.perf_counter,
) -> PluginRegistry:
    """Load plugins, check them and freeze what they declare.

    `chosen` are kinds of declaration with a key, as `(StorageBackend, "sqlite")`: the installed plugins are
    loaded whose entry points name one of the keys, and those of what a chosen jurisdiction extends. Without
    it every installed plugin is loaded. A key that no entry point names is looked for in all of them; what is
    wrong with one that was only looked into is told when somebody asks for the key.

    `builtin` are the library's own declarations and `extra` plugins at hand, modules or objects with hooks.
    `required` names distributions that must be among the loaded ones. With `"quarantine"` a bad plugin is
    left out with a PluginQuarantinedWarning instead of refusing the load. `entry_points` replaces the
    installed ones; `timer` gives seconds from any start.

    Raises PluginError for a plugin that breaks the contract (further ones are in its notes) and
    ConfigurationError where a required one is missing.
    """
    if on_plugin_error not in _ON_PLUGIN_ERROR:
        raise ConfigurationError(
            "a load either raises or quarantines",
            faults=[Fault("on_plugin_error", repr(on_plugin_error), "'raise' or 'quarantine'")],
        )
    needed = tuple(required)
    load = _Load(LoadedPlugin(_BUILT_IN, tuple(builtin)), Registrar(timer))
    load.take(map(in_process, extra))
    found = candidates(named_plugins() if entry_points is None else as_named(entry_points))
    if chosen is None:
        load.take(found)
    else:
        load.take_chosen(found, frozenset(chosen), frozenset(map(normal_name, needed)))
    registry = load.frozen()
    looked_into = load.only_looked_into if on_plugin_error == "raise" else []
    _answer_for([each for each in registry.refused if each.origin not in looked_into], on_plugin_error)
    _check_required(registry, needed)
    return registry


@attrs.define(eq=False, repr=False)
class _Load:
    """What a load has taken by now, what it only looked into for a key, and what it left alone."""

    own: LoadedPlugin
    registrar: Registrar
    taken: list[Outcome] = attrs.field(factory=list)
    only_looked_into: list[Origin] = attrs.field(factory=list)
    left_alone: list[Candidate] = attrs.field(factory=list)

    def take(self, plugins: Iterable[Candidate]) -> None:
        self.taken += map(self.registrar.attempt, plugins)

    def take_chosen(
        self, waiting: list[Candidate], chosen: frozenset[Choice], required: frozenset[str]
    ) -> None:
        while True:
            wanted = self._with_bases(chosen)
            keys = {key for _, key in wanted}
            named = [each for each in waiting if each.distribution in required or each.names_one_of(keys)]
            if not named:
                break
            self.take(named)
            waiting = [each for each in waiting if each not in named]
        if wanted <= {(type(each), each.key) for each in self._declared()}:
            self.left_alone = waiting
        else:
            self.take(waiting)
            self.only_looked_into = [each.origin for each in waiting]

    def frozen(self) -> PluginRegistry:
        outcomes = _without_rivals(self.own, self.taken)
        return PluginRegistry(
            (self.own, *sorted((each for each in outcomes if isinstance(each, LoadedPlugin)), key=_place)),
            tuple(sorted((each for each in outcomes if isinstance(each, RefusedPlugin)), key=_place)),
            tuple(map(UnusedPlugin, self.left_alone)),
        )

    def _declared(self) -> Iterator[Declaration]:
        yield from self.own.declarations
        for each in self.taken:
            if isinstance(each, LoadedPlugin):
                yield from each.declarations

    def _with_bases(self, chosen: frozenset[Choice]) -> frozenset[Choice]:
        """What was chosen, and what the chosen jurisdictions extend, as far as they are loaded."""
        bases = {each.key: each.extends for each in self._declared() if isinstance(each, JurisdictionRules)}
        wanted = set(chosen)
        for kind, key in chosen:
            base = bases.get(key) if kind is JurisdictionRules else None
            while base is not None and (kind, base) not in wanted:
                wanted.add((kind, base))
                base = bases.get(base)
        return frozenset(wanted)


def _without_rivals(own: LoadedPlugin, outcomes: list[Outcome]) -> list[Outcome]:
    claims: dict[tuple[str, str], list[LoadedPlugin]] = defaultdict(list)
    for plugin in (own, *(each for each in outcomes if isinstance(each, LoadedPlugin))):
        for declared in plugin.declarations:
            claims[declared.kind, declared.key].append(plugin)
    return [_refused_as_rival(each, claims) if isinstance(each, LoadedPlugin) else each for each in outcomes]


def _refused_as_rival(plugin: LoadedPlugin, claims: Claims) -> Outcome:
    faults = [
        Fault(f"{declared.kind} '{declared.key}'", f"declared by {rival.origin} as well", "one owner")
        for declared in plugin.declarations
        for rival in claims[declared.kind, declared.key]
        if rival is not plugin
    ]
    if not faults:
        return plugin
    message = f"{plugin.origin} declares what another plugin declares; uninstall one of them"
    return RefusedPlugin(plugin.origin, refusal(plugin.origin.distribution, message, faults))


def _answer_for(refused: Sequence[RefusedPlugin], on_plugin_error: OnPluginError) -> None:
    if not refused:
        return
    if on_plugin_error == "raise":
        first, *others = (each.error for each in refused)
        for other in others:
            first.add_note(f"another refused plugin: {other}")
        raise first
    for each in refused:
        warnings.warn(f"left out: {each.error}", PluginQuarantinedWarning, stacklevel=3)


def _check_required(registry: PluginRegistry, required: Iterable[str]) -> None:
    loaded = {normal_name(each.origin.distribution) for each in registry.plugins}
    refused = {normal_name(each.origin.distribution) for each in registry.refused}
    faults = [
        Fault(
            f"required plugin '{name}'",
            "quarantined, see the warning" if normal_name(name) in refused else "not installed",
            f"loaded: pip install --upgrade {name}",
        )
        for name in required
        if normal_name(name) not in loaded
    ]
    if faults:
        raise ConfigurationError("required plugins are missing", faults=faults)


def _place(outcome: Outcome) -> tuple[str, tuple[str, ...]]:
    return outcome.origin.distribution, outcome.origin.entry_points
