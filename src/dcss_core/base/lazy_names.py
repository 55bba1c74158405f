"""Lazy names: how a public module offers a name without importing where it stands until it is used.

Decides what a public module answers when it is asked for a name. Invariants: a name is looked up once and
then kept; a name that another public module promises is refused with the place where it stands now.
"""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, Final, TypeAlias

Answer: TypeAlias = tuple[list[str], Callable[[str], Any], Callable[[], list[str]]]

PUBLIC_MODULES: Final = (
    "dcss_core",
    "dcss_core.users",
    "dcss_core.cases",
    "dcss_core.payments",
    "dcss_core.letters",
    "dcss_core.audit",
    "dcss_core.moving",
    "dcss_core.running",
    "dcss_core.errors",
    "dcss_core.plugins",
    "dcss_core.testing",
)
"""What the library promises: the names in `__all__` of these modules, each in one of them."""


def lazy_names(
    module: str, places: Mapping[str, str], *, before: Callable[[str], None] | None = None
) -> Answer:
    """What a public module needs: its `__all__`, `__getattr__` and `__dir__`.

    `places` maps where names stand, below the module itself, to the names with a space between; an empty
    place is a module of that name, and one that begins with a dot stands beside the module. `before` is
    called with the full path of a place before its first import. A name that moved raises ImportError, which
    `from … import` passes on with its message; any other unknown name raises AttributeError.
    """
    stands_in = {name: place for place, names in places.items() for name in names.split()}

    def read(name: str) -> Any:
        place = stands_in.get(name)
        if place is None:
            raise _unknown(module, name)
        path = _path(module, place or name)
        if before is not None and path not in sys.modules:
            before(path)
        found = import_module(path)
        value = getattr(found, name) if place else found
        setattr(sys.modules[module], name, value)
        return value

    def offered() -> list[str]:
        return sorted({*vars(sys.modules[module]), *stands_in})

    return sorted(stands_in, key=_constants_then_classes), read, offered


def _path(module: str, place: str) -> str:
    return f"{module.rpartition('.')[0]}{place}" if place.startswith(".") else f"{module}.{place}"


def _constants_then_classes(name: str) -> tuple[bool, bool, str]:
    return not name.isupper(), not name[0].isupper(), name


def _unknown(module: str, name: str) -> ImportError | AttributeError:
    sentence = f"module '{module}' has no name '{name}'"
    if name.startswith("_") or _is_below(module, name):
        return AttributeError(sentence)
    new_place = next((each for each in PUBLIC_MODULES if each != module and _promises(each, name)), None)
    if new_place is None:
        return AttributeError(sentence)
    return ImportError(f"{sentence}; it stands in {new_place}: from {new_place} import {name}")


def _is_below(module: str, name: str) -> bool:
    # `from … import` asks for the name before it imports the module; that need not load all the others.
    from importlib.util import find_spec

    return find_spec(f"{module}.{name}") is not None


def _promises(module: str, name: str) -> bool:
    try:
        found: ModuleType = import_module(module)
    except ImportError:  # what the kits need may not be installed
        return False
    return name in getattr(found, "__all__", ())
