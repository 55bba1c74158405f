"""Discovery: which plugins there are and which keys they offer, before any of them is imported.

Decides who stands behind each plugin, what its entry points promise and whether it was made for this API.
Invariants: nothing is imported here; the order in which entry points are found has no effect.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from functools import cached_property, partial
from types import ModuleType
from typing import Final

import attrs

from dcss_core.errors import PluginError
from dcss_core.plugins.guard import refusal
from dcss_core.plugins.hookspecs import API_VERSION, ENTRY_POINT_GROUP, PROJECT
from dcss_core.plugins.installed import NamedPlugin, object_named

_VERSIONED_GROUP: Final = re.compile(rf"{PROJECT}\.v(\d+)", re.ASCII)


@attrs.frozen
class Origin:
    """Who stands behind a plugin: a distribution and the entry points that name it."""

    distribution: str
    version: str | None = None
    entry_points: tuple[str, ...] = ()

    def __str__(self) -> str:
        named = f"{self.distribution} {self.version}" if self.version else self.distribution
        if not self.entry_points:
            return named
        word = "entry point" if len(self.entry_points) == 1 else "entry points"
        return f"{named} ({word} {', '.join(map(repr, self.entry_points))})"


@attrs.frozen
class Candidate:
    """A plugin that was found: `keys` are what its entry points promise, None for one at hand.

    `load` imports it; `distribution` is its normalized name.
    """

    distribution: str
    load: Callable[[], object]
    keys: tuple[str, ...] | None = None
    value: str = ""
    group: str = ENTRY_POINT_GROUP
    owner: Callable[[], tuple[str, str | None]] | None = attrs.field(default=None, eq=False, repr=False)

    @cached_property
    def origin(self) -> Origin:
        """Who stands behind it, read when it is first asked."""
        name, version = self.owner() if self.owner else (self.distribution, None)
        return Origin(name, version, self.keys or ())

    def names_one_of(self, keys: Collection[str]) -> bool:
        """Whether an entry point of it is named as one of these keys."""
        return any(key in keys for key in self.keys or ())

    @property
    def refusal(self) -> PluginError | None:
        """Why it is not even imported: it is made for another API; None for any other."""
        if self.group == ENTRY_POINT_GROUP:
            return None
        versioned = _VERSIONED_GROUP.fullmatch(self.group)
        version = f"v{versioned[1]}" if versioned else "of no version"
        return made_for_another_api(self.origin.distribution, version, f"entry point group '{self.group}'")


def candidates(named: Iterable[NamedPlugin]) -> list[Candidate]:
    """The plugins behind entry points; a distribution may offer another API something beside this one.

    Several entry points of a distribution that stand for one object are one plugin.
    """
    found = sorted(named, key=lambda each: (each.distribution, each.group, each.name))
    here = {each.distribution for each in found if each.group == ENTRY_POINT_GROUP}
    plugins: dict[tuple[str, str, str], list[NamedPlugin]] = defaultdict(list)
    for each in found:
        if each.group == ENTRY_POINT_GROUP or each.distribution not in here:
            plugins[each.distribution, each.group, each.value].append(each)
    return [
        Candidate(
            distribution,
            partial(object_named, value),
            tuple(each.name for each in names),
            value,
            group,
            names[0].owner,
        )
        for (distribution, group, value), names in plugins.items()
    ]


def in_process(plugin: object) -> Candidate:
    """The plugin that is a module or object at hand."""
    if isinstance(plugin, ModuleType):
        name = plugin.__name__
    else:
        name = f"{type(plugin).__module__}.{type(plugin).__qualname__}"
    return Candidate(f"in-process:{name}", lambda: plugin)


def made_for_another_api(distribution: str, version: str, where: str) -> PluginError:
    """The refusal of a plugin that was made for another API; `where` is the place that says so."""
    return refusal(
        distribution,
        f"it is made for API {version} ({where}); this library offers v{API_VERSION} "
        f"(entry point group '{ENTRY_POINT_GROUP}'). "
        f"Install a version of it made for v{API_VERSION}, or uninstall it",
    )
