"""Verifying: the books are gone through once, and what does not agree is named.

Decides what is compared with what, and in which order. Invariants: each case, receipt, file and page of the
log is read on a snapshot of its own, so that nobody waits and what changes meanwhile is no finding; memory
does not grow with the agency, but with the longest of its cases and the largest of its files; what can't be
read is a finding, no error; a storage that fails is an error; it ends, whatever is stored.
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Final

import attrs

from dcss_core.agency.filing.cases import CASES, OBLIGATIONS, PARTICIPATIONS
from dcss_core.agency.filing.payments import (
    BOOK_TOTALS,
    CASE_ACCOUNTS,
    CHARGING_RUNS,
    DISTRIBUTION_LINES,
    LIKENESSES,
    POSTINGS,
    RECEIPTS,
    REMITTANCE_FILES,
)
from dcss_core.agency.payments.file_compared import found_in_file
from dcss_core.agency.payments.log_compared import ComparedEntries, compared
from dcss_core.agency.payments.of_no_case import Look, looks
from dcss_core.agency.payments.readable import check_ascending, readable
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG, AUDIT_QUEUE
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.dates import Month
from dcss_core.cases.case import Case, Role
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.collection.remittance_file import FileStatus
from dcss_core.payments.ledger.book_totals import balances_of
from dcss_core.payments.ledger.ledger import Place, Posting
from dcss_core.payments.posting.charges import ChargingRun
from dcss_core.payments.posting.pace import Progress
from dcss_core.payments.verification.case_books import CaseBooks, found_in_case, found_in_held
from dcss_core.payments.verification.finding import FindingKind, Findings, Found
from dcss_core.payments.views.findings import BooksVerification
from dcss_core.ports.storage import SEQUENCE

_PAGE: Final = 100


def verify(resources: Resources, progress: Progress | None) -> BooksVerification:
    """Compare everything that is stored of the money; see the verb."""
    resources.number_what_waits()
    return _Verifying(resources, progress).verified()


@attrs.define
class _Verifying:
    """One verification: what it has looked at and found so far."""

    resources: Resources
    progress: Progress | None
    findings: Findings = attrs.field(factory=Findings, init=False)
    entries: int = attrs.field(default=0, init=False)
    cases: int = attrs.field(default=0, init=False)
    held: int = attrs.field(default=0, init=False)
    files: int = attrs.field(default=0, init=False)
    unfinished: int = attrs.field(default=0, init=False)
    in_log_since: datetime | None = attrs.field(default=None, init=False)
    _in_log: int = attrs.field(default=0, init=False)
    _steps: int = attrs.field(default=0, init=False)

    def verified(self) -> BooksVerification:
        self._in_log = self.resources.read(lambda work: work.count(AUDIT_LOG, (SEQUENCE,)))
        self._steps = self._in_log + self.resources.read(_steps)
        self._compare_with_log()
        self._go_through_books()
        for where, look in looks().items():
            self._look_through(where, look)
        for runs in self._pages(CHARGING_RUNS, ("through",), (), "runs that charged"):
            for run in runs:
                self._note("a run that charged", partial(_found_in_run, run=run.record))
        self._note("totals", _found_in_totals, FindingKind.TOTALS)
        return BooksVerification(
            self.cases,
            self.held,
            self.files,
            self.entries,
            self.unfinished,
            self.findings.found(),
            self.resources.read(lambda work: work.count(AUDIT_QUEUE, ("act",))),
        )

    def _go_through_books(self) -> None:
        for page in self._pages(CASES, ("case_number",), (), "cases"):
            for kept in page:
                where = f"case {kept.record.case_number}"
                self._note(where, partial(_found_in_case, case=kept.record, since=self.in_log_since))
            self.cases += len(page)
            self._tell()
        for held in self._pages(RECEIPTS, ("status", "received_on"), (ReceiptStatus.HELD,), "receipts"):
            for receipt in held:
                where = f"receipt {receipt.record.receipt_id}"
                self._note(where, partial(_found_in_held, receipt=receipt.record, since=self.in_log_since))
            self.held += len(held)
            self._tell()
        for files in self._pages(REMITTANCE_FILES, ("received_at",), (), "payment files"):
            for file in files:
                self._note(f"file {file.record.file_id}", partial(found_in_file, file=file.record))
                self.unfinished += file.record.status is FileStatus.RECEIVING
            self.files += len(files)
            self._tell()

    def _compare_with_log(self) -> None:
        last, size = 0, _PAGE
        while self.entries < self._in_log:
            page = readable(self.resources, partial(compared, after=last, limit=size))
            if page is not None:
                self._note_entries(page)
                if page.entries < size:
                    return
                last, size = page.last, _PAGE
            elif size > 1:
                size = 1  # up to the very entry that can't be read, or whose rows can't
            else:
                last += 1
                self.entries += 1
                self.findings.add(FindingKind.UNREADABLE, f"record {last} of the audit log")

    def _note_entries(self, page: ComparedEntries) -> None:
        self.entries += page.entries
        self.in_log_since = self.in_log_since or page.whole_since
        for kind, where in page.found:
            self.findings.add(kind, where)
        self._tell()

    def _pages(
        self, records: Records[R], index: tuple[str, ...], equal_to: tuple[object, ...], where: str
    ) -> Iterator[list[Kept[R]]]:
        last: Kept[R] | None = None
        size = _PAGE
        while True:
            read = partial(_page, records=records, index=index, equal_to=equal_to, after=last, limit=size)
            page = readable(self.resources, read)
            if page is not None:
                yield page
                if len(page) < size:
                    return
                last = page[-1]
            elif size > 1:
                size = 1
            else:  # what follows can't be reached past it
                self.findings.add(FindingKind.UNREADABLE, where)
                return

    def _note(
        self,
        where: str,
        look: Callable[[UnitOfWork], list[Found]],
        unreadable: FindingKind = FindingKind.UNREADABLE,
    ) -> None:
        found = readable(self.resources, look)
        for kind, place in [(unreadable, where)] if found is None else found:
            self.findings.add(kind, place)

    def _look_through(self, where: str, look: Look) -> None:
        following: Look | None = look
        while following is not None:
            looked = readable(self.resources, following)
            if looked is None:  # what follows can't be reached past it
                self.findings.add(FindingKind.UNREADABLE, where)
                return
            for kind, place in looked.found:
                self.findings.add(kind, place)
            following = looked.following

    def _tell(self) -> None:
        if self.progress is not None:
            done = self.entries + self.cases + self.held + self.files
            self.progress(done, max(done, self._steps))


def _steps(work: UnitOfWork) -> int:
    held = work.count(RECEIPTS, ("status", "received_on"), (ReceiptStatus.HELD,))
    cases, files = work.count(CASES, ("case_number",)), work.count(REMITTANCE_FILES, ("received_at",))
    return cases + held + files


def _page(
    work: UnitOfWork,
    *,
    records: Records[R],
    index: tuple[str, ...],
    equal_to: tuple[object, ...],
    after: Kept[R] | None,
    limit: int,
) -> list[Kept[R]]:
    page = work.find(records, index, equal_to, after=after, limit=limit)
    check_ascending(records, (*index, records.key_attribute), page, after)
    return page


def _found_in_case(work: UnitOfWork, *, case: Case, since: datetime | None) -> list[Found]:
    number = case.case_number
    account = work.get(CASE_ACCOUNTS, number)
    if account is None:
        return [(FindingKind.ACCOUNT, f"case {number}")]
    payees = work.find(PARTICIPATIONS, ("case_number", "role"), (number, Role.CUSTODIAL_PARENT))
    obligations = work.find(OBLIGATIONS, ("case_number",), (number,))
    receipts = [kept.record for kept in work.find(RECEIPTS, ("case_number", "received_on"), (number,))]
    postings = _stream(work, str(number))
    lines = work.find(DISTRIBUTION_LINES, ("case_number", SEQUENCE), (number,))
    taken_in = {posting.entry_id for posting in postings.values()}
    ids = (receipt.receipt_id for receipt in receipts)
    held_before = {name: _stream(work, name) for name in ids if f"{name}/receipt" not in taken_in}
    books = CaseBooks(
        case,
        account.record,
        [kept.record.person_id for kept in payees],
        [kept.record for kept in obligations],
        receipts,
        postings,
        {kept.version: kept.record for kept in lines},
        {name: tuple(stream.values()) for name, stream in held_before.items()},
    )
    return [*found_in_case(books), *_not_known(work, receipts, since)]


def _found_in_held(work: UnitOfWork, *, receipt: Receipt, since: datetime | None) -> list[Found]:
    now = work.get(RECEIPTS, receipt.receipt_id)
    if now is None or now.record.status is not ReceiptStatus.HELD:  # it was identified meanwhile
        return []
    postings = _stream(work, receipt.receipt_id)
    return [*found_in_held(now.record, postings), *_not_known(work, [now.record], since)]


def _stream(work: UnitOfWork, stream: str) -> dict[int, Posting]:
    found = work.find(POSTINGS, ("stream", SEQUENCE), (stream,))
    return {kept.version: kept.record for kept in found}


def _not_known(work: UnitOfWork, receipts: list[Receipt], since: datetime | None) -> Iterator[Found]:
    """Receipts that the log does not speak of, or that an entry alike would not be held for."""
    likenesses = work.get_each(LIKENESSES, [receipt.likeness for receipt in receipts])
    for receipt, likeness in zip(receipts, likenesses, strict=True):
        where = f"receipt {receipt.receipt_id}"
        if likeness is None:
            yield FindingKind.LIKENESS, where
        is_kept = since is not None and receipt.recorded_at >= since
        if is_kept and not work.find(
            AUDIT_ENTRIES, ("subject",), (f"receipt:{receipt.receipt_id}",), limit=1
        ):
            yield FindingKind.NOT_IN_LOG, where


def _found_in_run(work: UnitOfWork, *, run: ChargingRun) -> list[Found]:
    is_of_its_time = run.through <= Month.of(work.day_of(run.begun_at))
    return [] if is_of_its_time else [(FindingKind.CHARGES, f"the run through {run.through}")]


def _found_in_totals(work: UnitOfWork) -> list[Found]:
    totals = balances_of(kept.record for kept in work.find(BOOK_TOTALS, ("shard",)))
    sums = work.sum(POSTINGS, "amount", ("stream", SEQUENCE), by=("place",))
    agrees = all(totals[place].cents == sums.get((place.value,), 0) for place in Place)
    return [] if agrees else [(FindingKind.TOTALS, "totals")]
