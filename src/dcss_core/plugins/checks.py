"""Checks: whether a plugin keeps the contract, all faults at once.

Decides two things. Before a plugin is registered: are its hooks known, marked and without arguments.
After its hooks were called: are the declarations of the right type, keyed, described and callable.
Invariant: a check changes nothing and returns faults as values.
"""

import inspect
import re
from collections.abc import Iterable
from types import ModuleType
from typing import Final

from pluggy import PluginManager

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.errors import Fault
from dcss_core.plugins.declarations import Declaration, JurisdictionRules, NotificationChannel
from dcss_core.plugins.hookspecs import DECLARED_BY, ENTRY_POINT_GROUP
from dcss_core.plugins.nearest import did_you_mean
from dcss_core.rules.federal import FEDERAL_KEY

_PREFIX: Final = "dcss_"
_GROUP_IN_TOML: Final = f'project.entry-points."{ENTRY_POINT_GROUP}"'
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]{0,63}", re.ASCII)  # RFC 3986 section 3.1, in lower case
_JURISDICTION: Final = re.compile(r"[A-Z]{2}(-[A-Z0-9]{1,32}){0,7}", re.ASCII)


def hook_faults(manager: PluginManager, plugin: object) -> list[Fault]:
    """What is wrong with the hooks of a plugin, seen before it is registered."""
    faults: list[Fault] = []
    marked = 0
    for name in _names_to_look_at(plugin):
        options = manager.parse_hookimpl_opts(plugin, name)
        if options is None:
            faults += _faults_of_unmarked(plugin, name)
            continue
        marked += 1
        faults += [
            Fault(name, f"@hookimpl({option}=…)", "@hookimpl without options: plugins have no order")
            for option, value in options.items()
            if value
        ]
        faults += _faults_of_function(plugin, name)
    if not marked and not faults:
        faults.append(Fault("the plugin", "no hook", f"one of {', '.join(DECLARED_BY)}, marked @hookimpl"))
    return faults


def _names_to_look_at(plugin: object) -> list[str]:
    names = [name for name in dir(plugin) if not name.startswith("__")]
    if not isinstance(plugin, ModuleType):
        return names
    return [each for each in names if each.startswith(_PREFIX) or inspect.isroutine(vars(plugin).get(each))]


def _faults_of_unmarked(plugin: object, name: str) -> list[Fault]:
    if not name.startswith(_PREFIX):
        return []
    value = getattr(plugin, name)
    if name in DECLARED_BY:
        found = "no @hookimpl" if callable(value) else f"a {type(value).__name__}, which can't be called"
        return [Fault(name, found, "a function without arguments, marked @hookimpl")]
    return [_unknown(name)] if inspect.isroutine(value) else []


def _faults_of_function(plugin: object, name: str) -> list[Fault]:
    if name not in DECLARED_BY:
        return [_unknown(name)]
    function = getattr(plugin, name)
    faults = [
        Fault(
            f"{name}()",
            f"the argument '{argument.name}'"
            + ("" if argument.default is argument.empty else " with a default"),
            "no arguments: a hook declares, and the factory gets what it needs",
        )
        for argument in inspect.signature(function).parameters.values()
    ]
    if inspect.iscoroutinefunction(function):
        faults.append(Fault(f"{name}()", "an async function", "a plain function or a generator"))
    return faults


def _unknown(name: str) -> Fault:
    return Fault(
        name, "an unknown hook" + did_you_mean(name, DECLARED_BY), f"one of {', '.join(DECLARED_BY)}"
    )


def returned_faults(hook: str, returned: object) -> list[Fault]:
    """What is wrong with the value a hook returned, before it is iterated over."""
    expected = f"an iterable of {DECLARED_BY[hook].__name__}"
    if isinstance(returned, tuple(DECLARED_BY.values())):
        return [Fault(f"{hook}()", f"a single {type(returned).__name__}", f"{expected}: put it in a list")]
    if returned is None or isinstance(returned, str | bytes) or not isinstance(returned, Iterable):
        return [Fault(f"{hook}()", f"a {type(returned).__name__}", expected)]
    return []


def declaration_faults(hook: str, declared: Iterable[object]) -> list[Fault]:
    """What is wrong with the declarations that came out of one hook."""
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, each in enumerate(declared):
        where = f"{hook}()[{number}]"
        if type(each) is not DECLARED_BY[hook]:  # a subclass need not be frozen
            faults.append(Fault(where, f"a {type(each).__name__}", f"a {DECLARED_BY[hook].__name__}"))
            continue
        faults += _faults_of_declaration(where, each)
        if isinstance(each.key, str) and each.key in seen:
            faults.append(Fault(f"{where}.key", f"'{each.key}' a second time", "each key once"))
        seen |= {each.key} if isinstance(each.key, str) else set()
    return faults


def _faults_of_declaration(where: str, each: Declaration) -> list[Fault]:
    faults: list[Fault] = []
    if isinstance(each, JurisdictionRules):
        faults += _key_faults(f"{where}.key", each.key, _JURISDICTION, "a jurisdiction, as US-GA")
        if each.extends is not None:
            faults += _key_faults(f"{where}.extends", each.extends, _JURISDICTION, "a jurisdiction, as US")
        if (each.extends is None) != (each.key == FEDERAL_KEY):
            faults.append(
                Fault(f"{where}.extends", f"{each.extends}", f"None for '{FEDERAL_KEY}', a key for any other")
            )
    else:
        faults += _key_faults(f"{where}.key", each.key, _SCHEME, "a URL scheme in lower case, as sqlite")
    if not (isinstance(each.summary, str) and each.summary.strip()):
        faults.append(Fault(f"{where}.summary", "no text", "one line that says what it is"))
    if isinstance(each, NotificationChannel):
        faults += _faults_of_takes(f"{where}.takes", each.takes)
    if not callable(each.factory):
        faults.append(Fault(f"{where}.factory", f"a {type(each.factory).__name__}", "something to call"))
    return faults


def _faults_of_takes(where: str, takes: object) -> list[Fault]:
    expected = f"a frozenset of {', '.join(f'ContactKind.{each.name}' for each in ContactKind)}, one or more"
    if not isinstance(takes, frozenset):
        return [Fault(where, f"a {type(takes).__name__}", expected)]
    if not takes or not all(isinstance(each, ContactKind) for each in takes):
        return [Fault(where, "something else in it" if takes else "nothing", expected)]
    return []


def name_faults(names: Iterable[str], value: str, declared: Iterable[Declaration]) -> list[Fault]:
    """Where the entry points of a plugin and the keys it declares are not the same.

    `value` is what the entry points stand for, as `my_state.plugin`.
    """
    promised, offered = set(names), {each.key: each.kind for each in declared}
    faults = [
        Fault(f"{kind} '{key}'", "no entry point of this name", f'"{key}" = "{value}" in [{_GROUP_IN_TOML}]')
        for key, kind in sorted(offered.items())
        if key not in promised
    ]
    return faults + [
        Fault(f"entry point '{name}'", "a key that the plugin does not declare", "a key that it declares")
        for name in sorted(promised - offered.keys())
    ]


def _key_faults(where: str, key: object, shape: re.Pattern[str], expected: str) -> list[Fault]:
    if isinstance(key, str) and shape.fullmatch(key):
        return []
    return [Fault(where, repr(key)[:60], expected)]
