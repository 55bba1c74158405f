"""Places: where in a row a master key is at work.

Decides which values name the key they were made with. Invariants: a sealed value says so itself, as do a
hash and a keyed digest, so that no key is counted that nothing needs; nothing is opened.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from dcss_core.agency.filing.accounts import ACCOUNTS, APPROVALS, PARTICULARS_THROTTLES, SECURITY_ANSWERS
from dcss_core.agency.filing.cases import CONTACT_POINTS, PEOPLE
from dcss_core.agency.filing.vouched import IDENTITY_LINKS
from dcss_core.agency.work.mapping.columns import Column
from dcss_core.agency.work.records import Records
from dcss_core.agency.work.sealing import key_of_envelope
from dcss_core.errors import InvariantError
from dcss_core.keys.report import RESEALED, KeyPurpose
from dcss_core.ports.keys import KeyRing
from dcss_core.ports.storage import Row
from dcss_core.users.hashing.password_hash import PasswordHash

_DIGEST: Final = re.compile(r"(?:^|/)([a-z0-9-]{1,16}):[0-9a-f]{64}", re.ASCII)
_UNREADABLE: Final = "(unreadable)"

DIGESTS: Final[dict[tuple[str, str], KeyPurpose]] = {
    (PEOPLE.collection.name, "ssn_index"): KeyPurpose.FOUND,
    (CONTACT_POINTS.collection.name, "number_index"): KeyPurpose.FOUND,
    (IDENTITY_LINKS.collection.name, "subject_index"): KeyPurpose.FOUND,
    (PARTICULARS_THROTTLES.collection.name, "index"): KeyPurpose.COUNTED,
    (APPROVALS.collection.name, "waits_as"): KeyPurpose.WAITING,
}
"""The fields that hold a keyed digest behind the id of its key, and what it is good for."""

HASHES: Final[dict[tuple[str, str], KeyPurpose]] = {
    (ACCOUNTS.collection.name, "password_hash"): KeyPurpose.PASSWORDS,
    (ACCOUNTS.collection.name, "earlier_hashes"): KeyPurpose.EARLIER_PASSWORDS,
    (SECURITY_ANSWERS.collection.name, "answers_hash"): KeyPurpose.ANSWERS,
}
"""The fields that hold a peppered hash, or several."""


def keys_at_work(records: Records[Any], row: Row) -> Iterator[tuple[str, KeyPurpose, str]]:
    """Each key that a row needs, for what, and in which field."""
    for column in records.columns.values():
        value = row[column.field.name]
        if value is None:
            continue
        place = column.place(records.collection.name)
        for key_id, purpose in _keys_in(records.collection.name, column, value):
            yield key_id, purpose, place


def is_settled(records: Records[Any], row: Row, ring: KeyRing) -> bool:
    """Whether all of a row that can be is under the current key, and nothing is counted by a retired one."""
    return not any(
        key_id != ring.current.key_id if purpose in RESEALED else _is_out_of_reach(key_id, purpose, ring)
        for key_id, purpose, _ in keys_at_work(records, row)
    )


def to_be_settled(classes: Iterable[Records[Any]]) -> tuple[Records[Any], ...]:
    """Those of the record classes that can hold anything that is not settled."""
    return tuple(each for each in classes if not _purposes(each).isdisjoint((*RESEALED, KeyPurpose.COUNTED)))


def needs_keys(records: Records[Any]) -> bool:
    """Whether records of this class hold anything that was made with a key."""
    return bool(_purposes(records))


def _is_out_of_reach(key_id: str, purpose: KeyPurpose, ring: KeyRing) -> bool:
    return purpose is KeyPurpose.COUNTED and ring.was_retired(key_id)


def _purposes(records: Records[Any]) -> set[KeyPurpose]:
    name = records.collection.name
    named = [(DIGESTS | HASHES).get((name, column.field.name)) for column in records.columns.values()]
    sealed = KeyPurpose.SEALED if any(column.sealed for column in records.columns.values()) else None
    return {purpose for purpose in (sealed, *named) if purpose is not None}


def _keys_in(collection: str, column: Column, value: Any) -> Iterator[tuple[str, KeyPurpose]]:
    field = (collection, column.field.name)
    if column.sealed:
        yield key_of_envelope(value) or _UNREADABLE, KeyPurpose.SEALED
    elif field in DIGESTS:
        found = _DIGEST.search(value)
        if found:
            yield found[1], DIGESTS[field]
    elif field in HASHES:
        for pepper_id in _peppers_in(column, value):
            yield pepper_id, HASHES[field]


def _peppers_in(column: Column, value: Any) -> list[str]:
    try:
        read = column.read(value)
    except InvariantError:  # one damaged row keeps nobody from learning of all the others
        return [_UNREADABLE]
    hashes: tuple[PasswordHash, ...] = read if isinstance(read, tuple) else (read,)
    return [each.pepper_id for each in hashes if each.pepper_id is not None]
