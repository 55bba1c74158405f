"""Sequencing: acts of the audit log that wait get their numbers, a batch in one transaction.

Decides how much one batch numbers, and who may. Invariants: numbers, tree and queue change in one
transaction, so a sequencer that dies leaves no half; whatever is committed late, or under an id that sorts
first, waits in the queue until it is numbered, so nothing is ever passed over; two sequencers at once number
nothing twice, for numbers and leaves are unique. The lease only saves them the trouble.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

import attrs

from dcss_core.agency.work.lease import LeasedWork
from dcss_core.agency.work.trail.act import AUDIT_LOG, AUDIT_QUEUE
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.merkle_tree import HASH_BYTES
from dcss_core.audit.numbering import numbered
from dcss_core.errors import StaleVersionError
from dcss_core.ports.storage import Row

NUMBERING: Final = LeasedWork("sequencer", timedelta(seconds=30))
BATCH: Final = 5_000
"""Entries that a job numbers in one transaction: some 20 ms."""


@attrs.frozen
class Batch:
    """What one transaction numbered; `is_last` when nothing was left, `is_leased` when another is at it."""

    acts: int = 0
    numbered: int = 0
    is_last: bool = True
    is_leased: bool = False


def number_batch(work: UnitOfWork, *, most: int, holder: str | None = None) -> Batch:
    """Number what waits, oldest act first, about so many entries, and whole acts only.

    A job gives its name as the `holder` and keeps the lease; whoever numbers by the way gives none, and does
    nothing while a job is at it.
    """
    if NUMBERING.is_held_by_another(work) if holder is None else not NUMBERING.take(work, holder):
        return Batch(is_leased=True)
    # Rows, and no records: the fields of both are stored as they are, and each entry passes here.
    waiting = work.transaction.find(AUDIT_QUEUE.collection, ("act",), limit=most + 1)
    acts = _up_to(waiting, most)
    if not acts:
        return Batch()
    last = work.last_entry(AUDIT_LOG)
    leaves = numbered(None if last is None else (last.version, last.record), acts)
    work.transaction.append(AUDIT_LOG.collection, leaves)
    if work.delete(AUDIT_QUEUE, ("act",), at_most=acts[-1][0], limit=len(acts)) != len(acts):
        raise StaleVersionError("an act came between those that are being numbered; begin anew")
    return Batch(len(acts), len(leaves), is_last=len(acts) == len(waiting) <= most)


def _up_to(waiting: Sequence[Row], most: int) -> list[tuple[bytes, bytes]]:
    """The first acts with about so many entries together, one act at least; each with its hashes."""
    acts: list[tuple[bytes, bytes]] = []
    hashes = 0
    for row in waiting:
        act: Any = row["act"]
        leaves: Any = row["leaves"]
        hashes += len(leaves)
        if acts and hashes > most * HASH_BYTES:
            break
        acts.append((act, leaves))
    return acts
