"""Holding: what a storage holds, before anything is done with it.

Decides which version a database is of. Invariant: nothing is made or changed by asking. A storage makes what
is missing when it is asked to prepare it, so it is asked for what it has to refuse: no version declares such
a field, and no database holds one collection in two shapes. What it says then is how its own shapes differ.
"""

from collections.abc import Sequence
from enum import Enum
from typing import Final

import attrs

from dcss_core.command.upgrade.present import every_record
from dcss_core.command.upgrade.version_1 import EVERY_COLLECTION
from dcss_core.errors import ConfigurationError, Fault, InvariantError
from dcss_core.ports.storage import Collection, Field, FieldKind, Storage

_NO_FIELD: Final = Field("field_of_no_version", FieldKind.TEXT, optional=True)
_IMPOSSIBLE: Final = tuple(
    Collection("collection_of_no_version", (Field(name, FieldKind.TEXT),), key=name)
    for name in ("one", "other")
)


class Version(Enum):
    """The version a database was made by."""

    PRESENT = "present"
    BEFORE = "before"
    NONE = "none"  # it holds nothing of this library
    UNKNOWN = "unknown"  # a later one, one before the first that is known, or somebody else's


@attrs.frozen
class Holding:
    """What a storage holds, and for an unknown version in what it differs from the present one."""

    version: Version
    differences: tuple[Fault, ...] = ()


def holding_of(storage: Storage) -> Holding:
    """Find out which version a database is of."""
    present = [records.collection for records in every_record()]
    before = [former.collection for former in EVERY_COLLECTION]
    missing, differences = _compared(storage, present)
    if not differences and len(missing) < len(present):
        return Holding(Version.PRESENT)
    missing_before, differences_before = _compared(storage, before)
    if not differences_before and not missing_before:
        return Holding(Version.BEFORE)
    if not differences and len(missing_before) == len(before):
        return Holding(Version.NONE)
    return Holding(Version.UNKNOWN, differences)


def _compared(storage: Storage, collections: Sequence[Collection]) -> tuple[set[str], tuple[Fault, ...]]:
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
