"""Discovery: which plugins there are, before any of them is imported.

Decides who stands behind each plugin and whether it was made for this API. Invariant: nothing is
imported here; the order in which entry points are found has no effect on what is found.
"""

import importlib.metadata
import re
from collections.abc import Callable, Iterable
from importlib.metadata import EntryPoint
from types import ModuleType
from typing import Final

import attrs

from dcss_core.errors import PluginError
from dcss_core.plugins.guard import refusal
from dcss_core.plugins.hookspecs import API_VERSION, ENTRY_POINT_GROUP, PROJECT

_VERSIONED_GROUP: Final = re.compile(rf"{PROJECT}\.v(\d+)", re.ASCII)


@attrs.frozen
class Origin:
    """Who stands behind a plugin: a distribution and one of its entry points."""

    distribution: str
    version: str | None = None
    entry_point: str | None = None

    def __str__(self) -> str:
        named = f"{self.distribution} {self.version}" if self.version else self.distribution
        return f"{named} (entry point '{self.entry_point}')" if self.entry_point else named


@attrs.frozen
class Candidate:
    """A plugin that was found; `load` imports it, unless `refusal` says that it was made for another API."""

    origin: Origin
    load: Callable[[], object]
    refusal: PluginError | None = None


def installed_entry_points() -> tuple[EntryPoint, ...]:
    """Every entry point of a group of this library, whatever its version."""
    found = importlib.metadata.entry_points()
    groups = [group for group in found.groups if group.partition(".")[0] == PROJECT]
    return tuple(each for group in groups for each in found.select(group=group))


def candidates(entry_points: Iterable[EntryPoint]) -> list[Candidate]:
    """The plugins behind entry points; a distribution may offer another API something beside this one."""
    found = [(_origin(each), each) for each in entry_points]
    here = {origin.distribution for origin, each in found if each.group == ENTRY_POINT_GROUP}
    return [
        Candidate(origin, each.load, _group_refusal(origin.distribution, each.group))
        for origin, each in found
        if each.group == ENTRY_POINT_GROUP or origin.distribution not in here
    ]


def in_process(plugin: object) -> Candidate:
    """The plugin that is a module or object at hand."""
    if isinstance(plugin, ModuleType):
        name = plugin.__name__
    else:
        name = f"{type(plugin).__module__}.{type(plugin).__qualname__}"
    return Candidate(Origin(f"in-process:{name}"), lambda: plugin)


def made_for_another_api(distribution: str, version: str, where: str) -> PluginError:
    """The refusal of a plugin that was made for another API; `where` is the place that says so."""
    return refusal(
        distribution,
        f"it is made for API {version} ({where}); this library offers v{API_VERSION} "
        f"(entry point group '{ENTRY_POINT_GROUP}'). "
        f"Install a version of it made for v{API_VERSION}, or uninstall it",
    )


def _group_refusal(distribution: str, group: str) -> PluginError | None:
    if group == ENTRY_POINT_GROUP:
        return None
    versioned = _VERSIONED_GROUP.fullmatch(group)
    version = f"v{versioned[1]}" if versioned else "of no version"
    return made_for_another_api(distribution, version, f"entry point group '{group}'")


def _origin(entry_point: EntryPoint) -> Origin:
    if entry_point.dist is None:
        return Origin(f"unknown:{entry_point.value}", entry_point=entry_point.name)
    return Origin(entry_point.dist.name, entry_point.dist.version, entry_point.name)
