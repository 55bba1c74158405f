"""Registering: imports one plugin after another, checks each and takes what it declares.

Decides whether a plugin keeps the contract. Invariants: a plugin is taken whole or not at all; it is alone in
the plugin manager while its hooks are called, so that no two share state; whatever it raises names it.
"""

import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import attrs
from pluggy import PluginManager

import dcss_core.plugins.hookspecs as hookspecs
from dcss_core.errors import PluginError
from dcss_core.plugins.checks import declaration_faults, hook_faults, name_faults, returned_faults
from dcss_core.plugins.declarations import Declaration
from dcss_core.plugins.discovery import Candidate, made_for_another_api
from dcss_core.plugins.guard import refusal, while_loading
from dcss_core.plugins.hookspecs import API_VERSION, DECLARED_BY, PROJECT
from dcss_core.plugins.report import LoadedPlugin, RefusedPlugin

Outcome: TypeAlias = LoadedPlugin | RefusedPlugin
_STATED_API: Final = "DCSS_CORE_API"


def _manager() -> PluginManager:
    manager = PluginManager(PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


@attrs.frozen(eq=False, repr=False)
class Registrar:
    """Takes plugins into one load; `timer` gives seconds from any start."""

    timer: Callable[[], float] = time.perf_counter
    _manager: PluginManager = attrs.field(factory=_manager, init=False)

    def attempt(self, candidate: Candidate) -> Outcome:
        """Import a plugin and take what it declares, or say what is wrong with it."""
        if candidate.refusal is not None:
            return RefusedPlugin(candidate.origin, candidate.refusal)
        distribution = candidate.origin.distribution
        began = self.timer()
        try:
            plugin = while_loading(distribution, "its import", candidate.load)
            seconds = self.timer() - began
            declared = self._declared(distribution, plugin)
            _check_names(candidate, declared)
        except PluginError as error:
            return RefusedPlugin(candidate.origin, error)
        return LoadedPlugin(candidate.origin, declared, seconds)

    def _declared(self, distribution: str, plugin: object) -> tuple[Declaration, ...]:
        stated = while_loading(distribution, _STATED_API, lambda: getattr(plugin, _STATED_API, API_VERSION))
        if stated != API_VERSION:
            raise made_for_another_api(distribution, f"v{stated!r}", f"its {_STATED_API}")
        faults = while_loading(distribution, "reading its hooks", lambda: hook_faults(self._manager, plugin))
        if faults:
            raise refusal(distribution, "its hooks are not those of API v1; repair or uninstall it", faults)
        self._manager.register(plugin)
        try:
            return tuple(each for hook in DECLARED_BY for each in self._returned(distribution, hook))
        finally:
            self._manager.unregister(plugin)

    def _returned(self, distribution: str, hook: str) -> list[Declaration]:
        caller = getattr(self._manager.hook, hook)
        if not caller.get_hookimpls():
            return []
        what = f"its hook {hook}()"
        results = while_loading(distribution, what, caller)
        returned: Any = results[0] if results else None  # pluggy leaves None out
        faults = returned_faults(hook, returned)
        declared = [] if faults else while_loading(distribution, what, lambda: list(returned))
        faults += declaration_faults(hook, declared)
        if faults:
            raise refusal(distribution, "what it declares can't be used; repair or uninstall it", faults)
        return declared


def _check_names(candidate: Candidate, declared: tuple[Declaration, ...]) -> None:
    if candidate.keys is None:  # at hand: somebody chose it by giving it
        return
    faults = name_faults(candidate.keys, candidate.value, declared)
    if faults:
        raise refusal(
            candidate.origin.distribution,
            "its entry points do not name the keys it declares, so nobody can choose it by them; mend its "
            "pyproject.toml and install it again",
            faults,
        )
