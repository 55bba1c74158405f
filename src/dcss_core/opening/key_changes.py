"""Key changes: how the keys of an agency change, in the file they are kept in.

Decides the order of a rotation. Invariants: a new key opens on every machine before it seals on one; a key
that is retired was resealed before, which `agency.keys.retire` sees to.
"""

from collections.abc import Callable
from pathlib import Path

from dcss_core.base.expected_types import checked_as
from dcss_core.errors import ConfigurationError
from dcss_core.opening.key_file import change_key_file, new_key
from dcss_core.opening.key_source import check_is_file
from dcss_core.ports.keys import KeyRing, RetiredKey


@checked_as(ConfigurationError)
def add_key(path: str | Path, key_id: str) -> KeyRing:
    """Put a new key into a key file, which opens and does not seal yet.

    Give the file to every machine and open the agency anew there; then `use_key`. Raises ConfigurationError,
    also for an id that was used before.
    """
    return _changed(path, lambda ring: ring.with_ready(new_key(key_id)))


@checked_as(ConfigurationError)
def use_key(path: str | Path, key_id: str) -> KeyRing:
    """Make a key of a key file the current one: what is written from the next opening on is sealed with it.

    Raises ConfigurationError for a key that the file does not hold.
    """
    return _changed(path, lambda ring: ring.with_current(key_id))


@checked_as(ConfigurationError)
def bound_key(path: str | Path, key_id: str, *, signs_nothing_after: int) -> KeyRing:
    """Have what a key signed count up to a size of the audit log alone: somebody else may have the key.

    From the next opening on a checkpoint of more entries that it signed is not believed. Raises
    ConfigurationError for the current key, and for one that the file does not hold.
    """
    return _changed(path, lambda ring: ring.with_bound(key_id, signs_nothing_after))


@checked_as(ConfigurationError)
def retire_key(path: str | Path, retired: RetiredKey) -> KeyRing:
    """Take a key out of a key file, for good, and leave what `agency.keys.retire` gave in its place.

    Raises ConfigurationError for the current key, and for one that the file does not hold.
    """
    return _changed(path, lambda ring: ring.with_retired(retired))


def _changed(path: str | Path, change: Callable[[KeyRing], KeyRing]) -> KeyRing:
    check_is_file(path)
    return change_key_file(path, change)
