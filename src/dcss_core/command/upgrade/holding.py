"""Holding: what a storage holds, before anything is done with it.

Decides which version a database is of. Invariant: nothing is made or changed by asking.
"""

from enum import Enum

import attrs

from dcss_core.command.upgrade.version_1 import EVERY_COLLECTION
from dcss_core.errors import Fault
from dcss_core.moving.every_record import every_record
from dcss_core.moving.held_shapes import compared
from dcss_core.ports.storage import Storage


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
    missing, differences = compared(storage, present)
    if not differences and len(missing) < len(present):
        return Holding(Version.PRESENT)
    missing_before, differences_before = compared(storage, before)
    if not differences_before and not missing_before:
        return Holding(Version.BEFORE)
    if not differences and len(missing_before) == len(before):
        return Holding(Version.NONE)
    return Holding(Version.UNKNOWN, differences)
