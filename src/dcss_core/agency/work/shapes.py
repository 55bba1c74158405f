"""Shapes: every collection as a storage sees it, written down beside the records it is made from.

Decides nothing: `shapes.json` is written from the record classes by `docs/shapes.py`, so that an agency
prepares its storage without importing them, and whoever reviews a change sees what becomes of the tables.
Invariants: it is what the classes say, each collection in full (`tests/agency/work/test_shapes.py`); where it
was not, the storage refuses the collection of the class, which it was not prepared for.
"""

import json
from collections.abc import Mapping
from functools import cache
from pkgutil import get_data
from types import MappingProxyType
from typing import Any, Final

from dcss_core.errors import ConfigurationError
from dcss_core.ports.collection import Collection
from dcss_core.ports.field import Field, FieldKind

FILE: Final = "shapes.json"
_OPTIONAL: Final = "optional "  # as a field writes itself


@cache
def written_collections() -> Mapping[str, Collection]:
    """Every collection that an agency keeps, by name and in the order of the names."""
    text = get_data(__package__, FILE)
    if text is None:
        raise ConfigurationError(f"{FILE} can't be read from where dcss_core is installed; install it again")
    return MappingProxyType({each["name"]: collection_of(each) for each in json.loads(text)})


def as_written(declared: Collection) -> Collection:
    """The equal collection that a storage is prepared with, which it knows at a glance at each call."""
    written = written_collections().get(declared.name)
    return written if written is not None and written == declared else declared


def collection_of(written: Mapping[str, Any]) -> Collection:
    """A collection from its shape as JSON; raises what Collection raises, LookupError for what is missing."""
    return Collection(
        written["name"],
        tuple(
            Field(name, FieldKind(kind.removeprefix(_OPTIONAL)), kind.startswith(_OPTIONAL))
            for name, kind in written["fields"].items()
        ),
        key=written["key"],
        unique=tuple(map(tuple, written["unique"])),
        indexes=tuple(map(tuple, written["indexes"])),
        log=written["log"],
        stream=written["stream"],
    )
