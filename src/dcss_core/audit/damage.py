"""Damage: what was done to a log that is not as it was written.

Decides the name of what was done from what the records still say. A record's own leaf hash tells under
which number it was written, so a record that stands at another place is known for what it is. Invariant:
whoever is able to change every stored hash as well leaves no trace in the log itself; that is what signed
checkpoints are for, and the damage is called `REWRITTEN` then.
"""

from collections.abc import Iterable
from enum import Enum
from typing import Final

import attrs

from dcss_core.audit.merkle_tree import HASH_BYTES, leaf_hash
from dcss_core.audit.record import AuditRecord

_MORE_WERE_THERE: Final = 1_000  # removed ones, beyond all that are left, that are still recognised


class DamageKind(Enum):
    """What was done."""

    EDITED = "edited"
    REMOVED = "removed"
    INSERTED = "inserted"
    REORDERED = "reordered"
    ERASED = "erased"
    HASHES = "hashes changed"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"
    REPLACED = "replaced"
    FORKED = "forked"
    BAD_SIGNATURE = "bad signature"


@attrs.frozen
class Damage:
    """What was done, and the first record it was done to; None where it was done to a checkpoint."""

    kind: DamageKind
    seq: int | None
    what: str

    def __str__(self) -> str:
        where = "a checkpoint" if self.seq is None else f"record {self.seq}"
        return f"{where}: {self.kind.value}; {self.what}"


def name_damage(
    seq: int, record: AuditRecord, later: Iterable[tuple[int, AuditRecord | None]], signed_size: int
) -> Damage:
    """Name what was done where a record is not the one that was written there.

    `later` are the records after it. How long the log was is told by the records that are there and by what
    was signed, never by a number somebody stored: whoever did the damage could make the search endless.
    """
    older = _own_number(record, range(1, seq))
    if older is not None:
        return Damage(DamageKind.INSERTED, seq, f"a copy of record {older} stands here")
    place, count = _sought(seq, later)
    longest = 2 * max(seq + count, signed_size) + _MORE_WERE_THERE
    own_number = _own_number(record, range(seq + 1, longest + 1))
    if place is not None and own_number is not None:
        what = f"record {own_number} stands here, and record {seq} at {place}"
        return Damage(DamageKind.REORDERED, seq, what)
    if place is not None:
        return Damage(DamageKind.INSERTED, seq, f"the record that was written here stands at {place}")
    if own_number is not None:
        what = f"record {own_number} stands here; {own_number - seq} before it are gone"
        return Damage(DamageKind.REMOVED, seq, what)
    return Damage(DamageKind.EDITED, seq, "it does not say what was written")


def _sought(seq: int, later: Iterable[tuple[int, AuditRecord | None]]) -> tuple[int | None, int]:
    """Where the record that was written under a number stands now, and how many records were looked at."""
    place, count = None, 0
    for number, each in later:
        count += 1
        if place is None and is_whole(each, seq):
            place = number
    return place, count


def _own_number(record: AuditRecord, numbers: range) -> int | None:
    """The number among these under which a record was written, if it is whole."""
    return next((number for number in numbers if is_whole(record, number)), None)


def is_whole(record: AuditRecord | None, seq: int) -> bool:
    """Whether a record is what was written under this number, going by its own hashes."""
    # Values of other types than were written here come from whoever changed the database.
    try:
        return (
            record is not None
            and record.nodes[:HASH_BYTES] == leaf_hash(record.leaf(seq))
            and record.holds_what_it_commits_to()
        )
    except (AttributeError, TypeError, ValueError):
        return False
