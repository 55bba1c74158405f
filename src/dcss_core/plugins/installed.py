"""Installed: the entry points of this library's groups, read from the folders of `sys.path`.

Decides nothing: it reads what `importlib.metadata.entry_points()` reads, without importing that module, which
takes as long as the whole of pluggy, and leaves to it whatever is no plain folder. Invariants: no plugin is
imported; of two distributions of one name the first on the path counts; who stands behind an entry point is
read when somebody asks.
"""

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial, reduce
from importlib import import_module
from importlib.machinery import PathFinder
from io import FileIO
from typing import TYPE_CHECKING, Final

import attrs

from dcss_core.plugins.hookspecs import PROJECT

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_METADATA: Final = {".dist-info": "METADATA", ".egg-info": "PKG-INFO"}
_FOLDERS: Final = tuple(_METADATA)
_PROJECT_IN_FILES: Final = PROJECT.encode()
_OBJECT: Final = re.compile(r"([\w.]+)\s*(?::\s*([\w.]+)\s*)?(?:\[.*\]\s*)?")


@attrs.frozen
class NamedPlugin:
    """One entry point: a name in a group and the object it stands for.

    `distribution` is its normalized name (PEP 503); `owner` reads the name as its author writes it, and the
    version.
    """

    group: str
    name: str
    value: str
    distribution: str
    owner: Callable[[], tuple[str, str | None]] = attrs.field(eq=False, repr=False)


class _NoPlainFolder(Exception):  # noqa: N818  # no error: the standard library reads it
    """Something on the path is a zip file or an egg."""


def named_plugins() -> tuple[NamedPlugin, ...]:
    """Every installed entry point of a group of this library, whatever its version."""
    if any(hasattr(finder, "find_distributions") for finder in sys.meta_path if finder is not PathFinder):
        return _by_the_standard_library()
    try:
        return tuple(_in_folders(dict.fromkeys(sys.path)))
    except _NoPlainFolder:
        return _by_the_standard_library()


def as_named(found: "Iterable[EntryPoint]") -> tuple[NamedPlugin, ...]:
    """Entry points of the standard library, as they are found here."""
    return tuple(_as_named(each) for each in found)


def object_named(value: str) -> object:
    """Import what the value of an entry point names, as `my_state.plugin` or `my_state:plugin`."""
    found = _OBJECT.fullmatch(value)
    if found is None:
        raise ImportError(f"'{value}' is neither a module nor an object in one")
    attributes = filter(None, (found[2] or "").split("."))
    return reduce(getattr, attributes, import_module(found[1]))


def normal_name(distribution: str) -> str:
    """The one spelling of a distribution's name (PEP 503)."""
    name = distribution.lower().replace("_", "-").replace(".", "-")
    return re.sub("-+", "-", name) if "--" in name else name


def _by_the_standard_library() -> tuple[NamedPlugin, ...]:
    from importlib.metadata import entry_points

    found = entry_points()
    return as_named(each for group in found.groups if _is_ours(group) for each in found.select(group=group))


def _as_named(found: "EntryPoint") -> NamedPlugin:
    owner = found.dist
    if owner is None:
        name = f"unknown:{found.value}"
        return NamedPlugin(found.group, found.name, found.value, name, lambda: (name, None))
    normal = normal_name(owner.name)
    return NamedPlugin(found.group, found.name, found.value, normal, lambda: (owner.name, owner.version))


def _in_folders(path: Iterable[str]) -> Iterator[NamedPlugin]:
    seen: set[str] = set()
    for folder in path:
        for entry in _metadata_in(folder):
            distribution = normal_name(entry.rpartition(".")[0].partition("-")[0])
            if distribution not in seen:
                seen.add(distribution)
                metadata = f"{folder or os.curdir}{os.sep}{entry}"
                content = _content_of(f"{metadata}{os.sep}entry_points.txt")
                if _PROJECT_IN_FILES in content:
                    yield from _named_in(_text(content), distribution, partial(_owner, metadata))


def _metadata_in(folder: str) -> list[str]:
    if folder.lower().endswith(".egg"):
        raise _NoPlainFolder
    try:
        entries = os.listdir(folder or os.curdir)
    except NotADirectoryError:
        raise _NoPlainFolder from None
    except OSError:
        return []
    return [each for each in entries if each.endswith(_FOLDERS)]


def _named_in(
    text: str, distribution: str, owner: Callable[[], tuple[str, str | None]]
) -> Iterator[NamedPlugin]:
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line.strip("[]")
        elif _is_ours(group) and line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield NamedPlugin(group, name.strip(), value.strip(), distribution, owner)


def _owner(metadata: str) -> tuple[str, str | None]:
    stem, kind = os.path.splitext(metadata)
    headers: dict[str, str] = {}
    for line in _text(_content_of(os.path.join(metadata, _METADATA[kind]))).splitlines():
        if not line:  # the description begins
            break
        name, _, value = line.partition(":")
        headers.setdefault(name, value.strip())
    return headers.get("Name", os.path.basename(stem).partition("-")[0]), headers.get("Version")


def _is_ours(group: str) -> bool:
    return group.partition(".")[0] == PROJECT


def _content_of(file: str) -> bytes:
    try:
        with FileIO(file) as opened:
            return opened.readall()
    except OSError:
        return b""


def _text(content: bytes) -> str:
    return content.decode("utf-8", "replace")
