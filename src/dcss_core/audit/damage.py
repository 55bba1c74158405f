"""Damage: what was done to a log that is not as it was written.

Decides the name of what was done from what the records still say: the entry tells under which id it was
written, and the number of hashes that end with a leaf tells, over a few neighbours, which number it had.
Invariant: whoever is able to change every stored hash as well leaves no trace in the log itself; that is what
signed checkpoints are for, and the damage is called `REWRITTEN` then.
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from itertools import islice
from typing import Final

import attrs

from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.merkle_tree import HASH_BYTES

_NEIGHBOURS: Final = 2_048
"""So many records after a damaged one are looked at; what was stored can't make it more."""


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
    NOT_NUMBERED = "never numbered"
    NUMBERED_TWICE = "numbered twice"
    LATE = "late"
    QUEUE = "queue changed"


@attrs.frozen
class Damage:
    """What was done, and the first record it was done to; None where it has no number, as a checkpoint.

    `entry_id` names an entry that has no number.
    """

    kind: DamageKind
    seq: int | None
    what: str
    entry_id: str | None = None

    def __str__(self) -> str:
        return f"{self._where()}: {self.kind.value}; {self.what}"

    def _where(self) -> str:
        if self.seq is not None:
            return f"record {self.seq}"
        return "a checkpoint" if self.entry_id is None else f"entry {self.entry_id}"


def name_damage(record: LogRecord, later: Iterable[LogRecord]) -> Damage:
    """Name what was done where a record is not the one that was written there. `later` are those after it."""
    if record.leaf is None or not record.is_readable:
        return Damage(DamageKind.EDITED, record.seq, "what is stored can't be read")
    if record.written is None:
        return Damage(DamageKind.REMOVED, record.seq, "the entry that stands here is gone")
    after = list(islice(later, _NEIGHBOURS))
    shifted = _shifted(record.seq, after or [record])  # what stands here may be anything
    if shifted is not None:
        return shifted
    place = _exchanged_with(record, after) if record.holds_what_it_commits_to() else None
    if place is not None:
        return Damage(
            DamageKind.REORDERED, record.seq, f"its entry and that of record {place} were exchanged"
        )
    return Damage(DamageKind.EDITED, record.seq, "it does not say what was written")


def name_misfit(record: LogRecord, later: Iterable[LogRecord]) -> Damage:
    """Name what was done where a record is whole and its hashes do not continue the tree before it."""
    shifted = _shifted(record.seq, [record, *islice(later, _NEIGHBOURS)])
    if shifted is not None:
        return shifted
    what = (
        "a hash stored over it and records before it does not fit; one of them was given another hash, or "
        "two were exchanged"
    )
    return Damage(DamageKind.HASHES, record.seq, what)


def _shifted(seq: int, neighbours: Sequence[LogRecord]) -> Damage | None:
    """What was done at a number, going by neighbours from there on; None when they stand rightly."""
    shift, at = _shift(neighbours), neighbours[0].seq
    if shift > 0:
        what = f"record {at + shift} stands at {at}; {shift} before it are gone"
        return Damage(DamageKind.REMOVED, seq, what)
    if shift < 0:
        what = f"record {at + shift} stands at {at}; {-shift} were put in here or shortly before"
        return Damage(DamageKind.INSERTED, seq, what)
    return None


def _exchanged_with(record: LogRecord, later: Sequence[LogRecord]) -> int | None:
    """The number whose leaf has the hash of this record's entry, or which this record's own leaf names."""
    own, stored = record.own_hash(), record.stored_hash()
    for each in later:
        if own == each.stored_hash() or stored == record.hash_at(each.seq):
            return each.seq
    return None


def _shift(neighbours: Sequence[LogRecord]) -> int:
    """By how many numbers records stand elsewhere than they were written, going by how many hashes they hold.

    0 where they stand rightly, or where that can't be told.
    """
    heights = [_height(each) for each in neighbours]
    first = neighbours[0].seq
    if _stands_at(heights, first):
        return 0
    for distance in range(1, len(heights)):
        for shift in (distance, -distance):
            if first + shift > 0 and _stands_at(heights, first + shift):
                return shift
    return 0


def _stands_at(heights: Sequence[int], first: int) -> bool:
    return all(height == _zeros(number) + 1 for number, height in enumerate(heights, first))


def _height(record: LogRecord) -> int:
    return len(record.leaf.nodes) // HASH_BYTES if record.leaf is not None else 0


def _zeros(number: int) -> int:
    """How many perfect subtrees above the leaf end with this number."""
    return (number & -number).bit_length() - 1
