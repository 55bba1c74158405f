"""Held shapes: how the collections that a storage holds differ from declared ones.

Invariant: nothing is made or changed by asking. A storage makes what is missing when it is asked to prepare
it, so it is asked for what it has to refuse: no version declares such a field, and no database holds one
collection in two shapes. What it says then is how its own shapes differ.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from dcss_core.errors import ConfigurationError, Fault, InvariantError
from dcss_core.ports.storage import Collection, Field, FieldKind, Storage

_NO_FIELD: Final = Field("field_of_no_version", FieldKind.TEXT, optional=True)
_IMPOSSIBLE: Final = tuple(
    Collection("collection_of_no_version", (Field(name, FieldKind.TEXT),), key=name)
    for name in ("one", "other")
)


def compared(storage: Storage, collections: Sequence[Collection]) -> tuple[set[str], tuple[Fault, ...]]:
    """The names of collections that are missing, and what differs in the others."""
    asked = [attrs.evolve(each, fields=(*each.fields, _NO_FIELD)) for each in collections]
    try:
        storage.prepare([*asked, *_IMPOSSIBLE])
    except ConfigurationError as refused:
        faults = [fault for fault in refused.faults if not fault.where.startswith(_IMPOSSIBLE[0].name)]
        if len(faults) == len(refused.faults):
            raise  # it refuses something else
    else:
        raise InvariantError("this storage prepares one collection in two shapes; run its conformance kit")
    held = {fault.where for fault in faults}
    missing = {each.name for each in collections if _asked_in(each) not in held}
    looked_for = {_asked_in(each) for each in collections}
    return missing, tuple(fault for fault in faults if fault.where not in looked_for)


def _asked_in(collection: Collection) -> str:
    return f"{collection.name}.{_NO_FIELD.name}"
