"""The audit log compared with the books: every entry that speaks of money, and the rows it speaks of.

Invariant: an entry and its rows are read on one snapshot.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from typing import Any, Final

import attrs

from dcss_core.agency.filing.cases import CASES, OBLIGATIONS, ORDERS, PARTICIPATIONS
from dcss_core.agency.filing.payments import (
    DISTRIBUTION_LINES,
    EMPLOYMENT_END_REPORTS,
    POSTINGS,
    RECEIPTS,
    REMITTANCE_FILES,
)
from dcss_core.agency.payments.found import lines_of
from dcss_core.agency.work.trail.reading import records_after
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.entry import AuditEntry
from dcss_core.base.identifiers import CaseNumber
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.ledger import Posting
from dcss_core.payments.verification.finding import FindingKind, Found
from dcss_core.payments.verification.log_entries import (
    CHARGED,
    FILES,
    JOURNAL_ENTRIES,
    OPENED,
    REPORTED,
    Details,
    case_of,
    is_charged_as_told,
    is_file_as_told,
    is_of_opening,
    is_opened_as_told,
    is_receipt_as_told,
    is_report_as_told,
    months_charged,
)
from dcss_core.ports.storage import SEQUENCE

_PAGE: Final = 100
_PRUNED_BY_DAYS: Final = timedelta(days=1)
"""Pruning goes by whole days: another entry of the first day that is left may be gone."""


@attrs.frozen
class ComparedEntries:
    """Some entries of the log, the number of the last one, and what does not agree with them.

    What was recorded from `whole_since` on has an entry whose contents are there; None where all are pruned.
    """

    entries: int
    last: int
    found: tuple[Found, ...]
    whole_since: datetime | None


def compared(work: UnitOfWork, *, after: int, limit: int) -> ComparedEntries:
    """Compare the entries after a number with what they speak of."""
    records = records_after(work, after, limit=limit)
    told = [(record.seq, entry) for record in records if (entry := record.entry) and not entry.is_pruned]
    found = tuple(each for _, entry in told for each in _found(work, entry))
    last = records[-1].seq if records else after
    return ComparedEntries(len(records), last, found, _whole_since(told))


def _whole_since(told: Sequence[tuple[int, AuditEntry]]) -> datetime | None:
    if not told:
        return None
    number, first = told[0]
    return datetime.min.replace(tzinfo=UTC) if number == 1 else first.at + _PRUNED_BY_DAYS


def _found(work: UnitOfWork, entry: AuditEntry) -> Iterator[Found]:
    details = _details(entry)
    if entry.kind in JOURNAL_ENTRIES:
        yield from _of_receipt(work, entry.kind, details)
    elif entry.kind == OPENED:
        yield from _of_opening(work, entry, details)
    elif entry.kind == CHARGED:
        yield from _of_charge(work, details)
    elif entry.kind == REPORTED:
        yield from _of_report(work, details)
    elif entry.kind in FILES:
        yield from _of_file(work, entry.kind, details)


def _details(entry: AuditEntry) -> Details:
    try:
        read: Any = json.loads(entry.details or "")
    except ValueError:  # the log was changed by hand, which verifying the log names
        read = None
    return read if isinstance(read, dict) else {}


def _of_receipt(work: UnitOfWork, kind: str, details: Details) -> Iterator[Found]:
    name = str(details.get("receipt_id"))
    kept = work.get(RECEIPTS, name)
    if kept is None:
        yield FindingKind.MISSING, f"receipt {name}"
        return
    postings = _journal(work, [f"{name}/{each}" for each in JOURNAL_ENTRIES[kind]])
    if not is_receipt_as_told(kind, details, kept.record, postings, lines_of(work, name)):
        yield FindingKind.CHANGED, f"receipt {name}"


def _of_opening(work: UnitOfWork, entry: AuditEntry, details: Details) -> Iterator[Found]:
    number = case_of(details)
    kept = None if number is None else work.get(CASES, number)
    if number is None:
        yield FindingKind.CHANGED, "a case without a number"
    elif kept is None:
        yield FindingKind.MISSING, f"case {number}"
    elif not is_opened_as_told(
        details,
        entry.at,
        kept.record,
        [each.record for each in work.find(PARTICIPATIONS, ("case_number", "role"), (number,))],
        [each.record for each in work.find(ORDERS, ("case_number",), (number,))],
        [each.record for each in work.find(OBLIGATIONS, ("case_number",), (number,))],
        _entered_at_opening(work, number),
    ):
        yield FindingKind.CHANGED, f"case {number}"


def _entered_at_opening(work: UnitOfWork, number: CaseNumber) -> list[Posting]:
    """The first postings of a case, as far as they are of what was owed before it was opened."""
    found: list[Posting] = []
    last = 0
    while True:
        page = work.find(POSTINGS, ("stream", SEQUENCE), (str(number),), after=last, limit=_PAGE)
        entered = list(takewhile(is_of_opening, (kept.record for kept in page)))
        found += entered
        if len(entered) < _PAGE:
            return found
        last = page[-1].version


def _of_charge(work: UnitOfWork, details: Details) -> Iterator[Found]:
    case_number = case_of(details)
    if case_number is None:
        yield FindingKind.CHANGED, "a case without a number"
        return
    obligations = [kept.record for kept in work.find(OBLIGATIONS, ("case_number",), (case_number,))]
    months = months_charged(details)
    charges = [f"charge/{each.obligation_id}/{month}" for month in months for each in obligations]
    applied = _journal(work, [f"held/{case_number}/{month}" for month in months])
    postings = [*_journal(work, charges), *applied]
    receipts = sorted({posting.receipt_id for posting in applied if posting.receipt_id is not None})
    if not is_charged_as_told(details, case_number, postings, _lines(work, receipts)):
        yield FindingKind.CHANGED, f"case {case_number}"


def _of_report(work: UnitOfWork, details: Details) -> Iterator[Found]:
    name = str(details.get("report_id"))
    kept = work.get(EMPLOYMENT_END_REPORTS, name)
    if kept is None:
        yield FindingKind.MISSING, f"report {name}"
    elif not is_report_as_told(details, kept.record):
        yield FindingKind.CHANGED, f"report {name}"


def _of_file(work: UnitOfWork, kind: str, details: Details) -> Iterator[Found]:
    name = str(details.get("file_id"))
    kept = work.get(REMITTANCE_FILES, name)
    if kept is None:
        yield FindingKind.MISSING, f"file {name}"
    elif not is_file_as_told(kind, details, kept.record):
        yield FindingKind.CHANGED, f"file {name}"


def _journal(work: UnitOfWork, entry_ids: Sequence[str]) -> list[Posting]:
    found = work.find_each(POSTINGS, ("entry_id", "line"), entry_ids)
    return [kept.record for postings in found for kept in postings]


def _lines(work: UnitOfWork, receipt_ids: Sequence[str]) -> list[DistributionLine]:
    found = work.find_each(DISTRIBUTION_LINES, ("receipt_id", "line"), receipt_ids)
    return [kept.record for lines in found for kept in lines]
