"""Reading the numbered audit log: which entry stands under which number.

Invariant: leaves and entries are read page by page, each page by two questions to the storage.
"""

from collections.abc import Sequence

from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.numbering import NumberedLeaf, damaged
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.ports.storage import SEQUENCE


def log_size(work: UnitOfWork) -> int:
    """How many entries are numbered."""
    last = work.last_entry(AUDIT_LOG)
    return 0 if last is None else last.version


def records_after(work: UnitOfWork, seq: int | None, *, limit: int) -> list[LogRecord]:
    """What stands in the log after a number, in order; from the first record there is, without one."""
    leaves = work.find(AUDIT_LOG, (SEQUENCE,), after=seq, limit=limit)
    return _with_entries(work, leaves)


def records_at(work: UnitOfWork, numbers: Sequence[int]) -> list[LogRecord]:
    """What stands under these numbers; raises InvariantError when one is gone, for none is ever removed."""
    leaves = work.get_each(AUDIT_LOG, numbers)
    there = [leaf for leaf in leaves if leaf is not None]
    if len(there) < len(leaves):
        raise damaged(f"record {numbers[leaves.index(None)]} is missing")
    records = _with_entries(work, there)
    lost = next((record for record in records if record.written is None), None)
    if lost is not None:
        raise damaged(f"the entry of record {lost.seq} is missing")
    return records


def _with_entries(work: UnitOfWork, leaves: Sequence[Kept[NumberedLeaf]]) -> list[LogRecord]:
    entries = work.get_each(AUDIT_ENTRIES, [(leaf.record.act, leaf.record.line) for leaf in leaves])
    return [
        LogRecord(leaf.version, leaf.record, None if entry is None else entry.record)
        for leaf, entry in zip(leaves, entries, strict=True)
    ]


def numbers_of(work: UnitOfWork, entries: Sequence[Kept[WrittenEntry]]) -> list[int | None]:
    """The numbers of entries, None for one that waits for its number."""
    found = (
        work.find(AUDIT_LOG, ("act", "line"), (entry.record.act, entry.version), limit=1) for entry in entries
    )
    return [leaves[0].version if leaves else None for leaves in found]
