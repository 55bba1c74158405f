"""A payment file compared with its bytes, and with the receipts and reports that it brought.

Decides whether what the record of a file says became of its entries did. Invariants: where its bytes are
kept, each entry that counts as done is looked for, unless there are as many receipts as entries, since
nothing else says of an entry that it came; bytes that are gone before their time are damage. A mark in the
record that says they went in time would be set by whoever deletes them, so that the day the file came
decides, which the audit log vouches for.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import attrs

from dcss_core.agency.filing.payments import (
    EMPLOYMENT_END_REPORTS,
    POSTINGS,
    RECEIPTS,
    REMITTANCE_FILES,
    REMITTANCE_PARTS,
)
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.errors import RemittanceRefusedError
from dcss_core.payments.collection.employment_end import EmploymentEndReport
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.collection.remittance import read_remittance
from dcss_core.payments.collection.remittance_entry import RemittanceEntry
from dcss_core.payments.collection.remittance_file import (
    FileStatus,
    RemittanceFile,
    RemittancePart,
    content_of,
)
from dcss_core.payments.verification.finding import FindingKind, Found
from dcss_core.ports.storage import SEQUENCE
from dcss_core.rules.retention_schedule import RetentionSchedule

_AT_ONCE: Final = 500
_OF_FILE: Final = ("file_id", "number")


def found_in_file(work: UnitOfWork, *, file: RemittanceFile) -> list[Found]:
    """What does not agree of a payment file."""
    kept = work.get(REMITTANCE_FILES, file.file_id)
    if kept is None:
        return []
    now = kept.record
    agrees = _is_counted(work, now) and _has_its_content(work, now)
    return [] if agrees else [(FindingKind.FILE, f"file {file.file_id}")]


def not_posted(work: UnitOfWork, entries: Iterable[RemittanceEntry]) -> int:
    """How many of these entries have neither a receipt nor a report, and so were never posted."""
    return sum(
        receipt is None and (bool(entry.amount) or (entry.employment_ended and report is None))
        for entry, receipt, report in _with_what_they_made(work, entries)
    )


def _is_counted(work: UnitOfWork, file: RemittanceFile) -> bool:
    of_file = (("file_id",), (file.file_id,))
    return (
        work.count(RECEIPTS, *of_file) == file.receipts
        and work.count(EMPLOYMENT_END_REPORTS, *of_file) == file.employment_ends
        and work.sum(RECEIPTS, "amount", *of_file).get((), 0) == file.received.cents
        and work.day_of(file.received_at) == file.received_on
        and file.receipts + file.seen_before <= file.done
    )


def _has_its_content(work: UnitOfWork, file: RemittanceFile) -> bool:
    stored = work.count(REMITTANCE_PARTS, _OF_FILE, (file.file_id,))
    if stored == file.parts:
        content = content_of(file, _parts(work, file.file_id))
        return content is not None and (_is_all_told(file) or _is_as_sent(work, file, content))
    first = work.find(REMITTANCE_PARTS, _OF_FILE, (file.file_id,), limit=1)
    if file.status is FileStatus.RECEIVING and not file.done:  # all of them come before anything is posted
        return not first or (stored < file.parts and first[0].record.number == 1)
    is_over = file.received_at <= RetentionSchedule.from_rules(work.rules).contents_received_by(work.now)
    goes_first = not first or first[0].record.number == file.parts - stored + 1
    return is_over and goes_first


def _is_all_told(file: RemittanceFile) -> bool:
    """Whether there is a receipt for each entry, so that number and total say it all; the log tells both."""
    is_received = file.status is FileStatus.RECEIVED
    return (
        is_received
        and file.receipts == file.entries
        and file.received == file.total
        and not (file.seen_before or file.employment_ends)
    )


def _parts(work: UnitOfWork, file_id: str) -> Iterator[RemittancePart]:
    last: Kept[RemittancePart] | None = None
    while True:
        found = work.find(REMITTANCE_PARTS, _OF_FILE, (file_id,), after=last, limit=1)
        if not found:
            return
        last = found[0]
        yield last.record


@attrs.define
class _Became:
    """What became of the entries that were looked at."""

    receipts: int = 0
    received: int = 0
    held: int = 0
    employment_ends: int = 0
    seen_before: int = 0


def _is_as_sent(work: UnitOfWork, file: RemittanceFile, content: bytes) -> bool:
    """Whether what the record says of a file became of the entries in its bytes."""
    try:
        remittance = read_remittance(content)
    except RemittanceRefusedError:  # it was read when it came; what is refused since then tells nothing
        return True
    became = _became(work, file, islice(remittance.entries, file.done))
    told = _Became(
        file.receipts, file.received.cents, file.held.cents, file.employment_ends, file.seen_before
    )
    if file.status is FileStatus.RECEIVED:
        told.held = 0  # the log says what was held when the last entry was posted
    sent = (remittance.remitter, len(remittance.entries), remittance.total)
    return sent == (file.remitter, file.entries, file.total) and became == told


def _became(work: UnitOfWork, file: RemittanceFile, entries: Iterable[RemittanceEntry]) -> _Became | None:
    """What became of these entries; None where one was not posted, or otherwise than it was sent."""
    became = _Became()
    for entry, receipt, report in _with_what_they_made(work, entries):
        if receipt is not None and (receipt.amount, receipt.likeness) != (entry.amount, entry.likeness):
            return None
        if receipt is None and entry.amount:
            return None
        if receipt is not None and receipt.file_id != file.file_id:
            became.seen_before += 1
            continue
        if receipt is not None:
            became.receipts += 1
            became.received += receipt.amount.cents
            if file.status is FileStatus.RECEIVING and _was_held(work, receipt):
                became.held += receipt.amount.cents
        if entry.employment_ended:
            if report is None:
                return None
            became.employment_ends += report.file_id == file.file_id
    return became


def _was_held(work: UnitOfWork, receipt: Receipt) -> bool:
    is_held = receipt.status is ReceiptStatus.HELD
    return is_held or bool(work.find(POSTINGS, ("stream", SEQUENCE), (receipt.receipt_id,), limit=1))


def _with_what_they_made(
    work: UnitOfWork, entries: Iterable[RemittanceEntry]
) -> Iterator[tuple[RemittanceEntry, Receipt | None, EmploymentEndReport | None]]:
    left = iter(entries)
    while some := list(islice(left, _AT_ONCE)):
        ids = [entry.receipt_id for entry in some]
        receipts = work.get_each(RECEIPTS, ids)
        reports = work.get_each(EMPLOYMENT_END_REPORTS, ids)
        for entry, receipt, report in zip(some, receipts, reports, strict=True):
            yield (
                entry,
                None if receipt is None else receipt.record,
                None if report is None else report.record,
            )
