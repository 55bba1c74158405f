"""Loader: takes plugins one at a time and turns them into a frozen registry.

Decides which plugins are in use. Invariants: a plugin is registered whole or not at all, with a
plugin manager of its own, so that no two loads and no two plugins share state; the result does not
depend on the order of entry points; where two plugins claim a key neither gets it; by default one bad
plugin refuses the load, and every fault of every plugin is known by then.
"""

import re
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint
from typing import Any, Final, Literal, TypeAlias

from pluggy import PluginManager

from dcss_core.errors import ConfigurationError, Fault, PluginError
from dcss_core.plugins import hookspecs
from dcss_core.plugins.checks import declaration_faults, hook_faults, returned_faults
from dcss_core.plugins.declarations import Declaration
from dcss_core.plugins.discovery import (
    Candidate,
    Origin,
    candidates,
    in_process,
    installed_entry_points,
    made_for_another_api,
)
from dcss_core.plugins.guard import refusal, while_loading
from dcss_core.plugins.hookspecs import API_VERSION, DECLARED_BY, PROJECT
from dcss_core.plugins.registry import PluginRegistry
from dcss_core.plugins.report import LoadedPlugin, PluginQuarantinedWarning, RefusedPlugin

OnPluginError: TypeAlias = Literal["raise", "quarantine"]
Outcome: TypeAlias = LoadedPlugin | RefusedPlugin
Claims: TypeAlias = Mapping[tuple[str, str], Sequence[LoadedPlugin]]
_ON_PLUGIN_ERROR: Final = ("raise", "quarantine")
_BUILT_IN: Final = Origin("dcss-core")
_STATED_API: Final = "DCSS_CORE_API"


def load_plugins(
    *,
    builtin: Iterable[Declaration] = (),
    extra: Iterable[object] = (),
    required: Iterable[str] = (),
    on_plugin_error: OnPluginError = "raise",
    entry_points: Iterable[EntryPoint] | None = None,
    timer: Callable[[], float] = time.perf_counter,
) -> PluginRegistry:
    """Load every installed plugin and those at hand, check them and freeze what they declare.

    `builtin` are the library's own declarations and `extra` are plugins at hand, modules or objects
    with hooks. `required` names distributions that must be among the loaded ones. With `"quarantine"`
    a bad plugin is left out with a PluginQuarantinedWarning instead of refusing the load.
    `entry_points` replaces the installed ones; `timer` gives seconds from any start.

    Raises PluginError for a plugin that breaks the contract (further ones are in its notes) and
    ConfigurationError where a required one is missing.
    """
    if on_plugin_error not in _ON_PLUGIN_ERROR:
        raise ConfigurationError(
            "a load either raises or quarantines",
            faults=[Fault("on_plugin_error", repr(on_plugin_error), "'raise' or 'quarantine'")],
        )
    own = LoadedPlugin(_BUILT_IN, tuple(builtin))
    found = installed_entry_points() if entry_points is None else entry_points
    every = [*candidates(found), *map(in_process, extra)]
    outcomes = _without_rivals(own, [_attempt(each, timer) for each in every])
    registry = PluginRegistry(
        (own, *sorted((each for each in outcomes if isinstance(each, LoadedPlugin)), key=_place)),
        tuple(sorted((each for each in outcomes if isinstance(each, RefusedPlugin)), key=_place)),
    )
    _answer_for(registry.refused, on_plugin_error)
    _check_required(registry, required)
    return registry


def _attempt(each: Candidate, timer: Callable[[], float]) -> Outcome:
    if each.refusal is not None:
        return RefusedPlugin(each.origin, each.refusal)
    distribution = each.origin.distribution
    began = timer()
    try:
        plugin = while_loading(distribution, "its import", each.load)
        seconds = timer() - began
        declared = _declared(distribution, plugin)
    except PluginError as error:
        return RefusedPlugin(each.origin, error)
    return LoadedPlugin(each.origin, declared, seconds)


def _declared(distribution: str, plugin: object) -> tuple[Declaration, ...]:
    stated = while_loading(distribution, _STATED_API, lambda: getattr(plugin, _STATED_API, API_VERSION))
    if stated != API_VERSION:
        raise made_for_another_api(distribution, f"v{stated!r}", f"its {_STATED_API}")
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    faults = while_loading(distribution, "reading its hooks", lambda: hook_faults(manager, plugin))
    if faults:
        raise refusal(distribution, "its hooks are not those of API v1; repair or uninstall it", faults)
    manager.register(plugin)
    declared: list[Declaration] = []
    for hook in DECLARED_BY:
        if getattr(manager.hook, hook).get_hookimpls():
            declared += _returned(distribution, manager, hook)
    return tuple(declared)


def _returned(distribution: str, manager: PluginManager, hook: str) -> list[Declaration]:
    what = f"its hook {hook}()"
    results = while_loading(distribution, what, getattr(manager.hook, hook))
    returned: Any = results[0] if results else None  # pluggy leaves None out
    faults = returned_faults(hook, returned)
    declared = [] if faults else while_loading(distribution, what, lambda: list(returned))
    faults += declaration_faults(hook, declared)
    if faults:
        raise refusal(distribution, "what it declares can't be used; repair or uninstall it", faults)
    return declared


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


def _answer_for(refused: tuple[RefusedPlugin, ...], on_plugin_error: OnPluginError) -> None:
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
    loaded = {_normal(each.origin.distribution) for each in registry.plugins}
    refused = {_normal(each.origin.distribution) for each in registry.refused}
    faults = [
        Fault(
            f"required plugin '{name}'",
            "quarantined, see the warning" if _normal(name) in refused else "not installed",
            f"loaded: pip install --upgrade {name}",
        )
        for name in required
        if _normal(name) not in loaded
    ]
    if faults:
        raise ConfigurationError("required plugins are missing", faults=faults)


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()  # PEP 503


def _place(outcome: Outcome) -> tuple[str, str]:
    return outcome.origin.distribution, outcome.origin.entry_point or ""
