"""RemittanceBatch: what became of a payment file, as whoever sent it in is told.

Decides how much of a file is shown at once. Invariant: however large a file is, what is handed out of it
stays small: its figures, and no more than LONGEST_PAGE of its receipts, reports and ids.
"""

from datetime import date, datetime
from typing import Self

import attrs

from dcss_core.base.html.table import html_notes, html_table
from dcss_core.base.money import Money
from dcss_core.payments.collection.employment_end import EmploymentEndReport
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.collection.remark import Remark
from dcss_core.payments.collection.remittance_file import RemittanceFile
from dcss_core.payments.views.hold_reasons import hold_reason_in_words
from dcss_core.payments.views.remarks import remark_in_words


@attrs.frozen
class ReceivedFile:
    """A payment file that was taken, without its content, and what it brought.

    `file_id` is the SHA-256 of its bytes; `entries` counts what is posted or reported. `receipts` and
    `employment_ends` say how many it brought, `held` how much of the money was held when it came in, and
    `seen_before` how many entries an earlier file had brought already.
    """

    file_id: str
    received_at: datetime
    received_on: date
    remitter: str
    entries: int
    total: Money
    receipts: int
    held: Money
    employment_ends: int
    seen_before: int

    @classmethod
    def of(cls, file: RemittanceFile) -> Self:
        """What is shown of a file on record."""
        return cls(
            file_id=file.file_id,
            received_at=file.received_at,
            received_on=file.received_on,
            remitter=file.remitter,
            entries=file.entries,
            total=file.total,
            receipts=file.receipts,
            held=file.held,
            employment_ends=file.employment_ends,
            seen_before=file.seen_before,
        )


@attrs.frozen
class RemittanceBatch:
    """What became of a file.

    `receipts` are those it brought, `employment_ends` its reports: all of them when `is_whole`, else the
    first thousand of each by their ids, and `payments.of_file` gives the rest. `seen_before` are receipts of
    entries that an earlier file had brought already, those that this call came upon, a thousand at most.
    `already_received` says that this very file had been taken, and nothing was done. `remarks` are for
    staff; `remark_in_words` words each.
    """

    file: ReceivedFile
    receipts: tuple[Receipt, ...]
    employment_ends: tuple[EmploymentEndReport, ...] = ()
    seen_before: tuple[str, ...] = ()
    already_received: bool = False
    remarks: tuple[Remark, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether every receipt and report of the file is in it."""
        there = (len(self.receipts), len(self.employment_ends))
        return there == (self.file.receipts, self.file.employment_ends)

    def __str__(self) -> str:
        file = self.file
        told = [f"receipts: {file.receipts}, {file.held.display()} of them held"]
        if file.employment_ends:
            told.append(f"reports that employment ended: {file.employment_ends}")
        if file.seen_before:
            told.append(f"receipts that came before: {file.seen_before}")
        if self.already_received:
            told.append("this file was received before, nothing was posted")
        return f"{file.total.display()} from {file.remitter}, entries: {file.entries}; {'; '.join(told)}"

    def _repr_html_(self) -> str:
        rows = [
            (
                each.receipt_id,
                each.case_number or each.case_as_sent,
                each.amount,
                each.status.value,
                hold_reason_in_words(each.hold_reason) if each.hold_reason else None,
            )
            for each in self.receipts
        ]
        headings = ("receipt", "case", "amount", "status", "why held")
        notes = [remark_in_words(remark) for remark in self.remarks]
        if not self.is_whole:
            notes.insert(0, f"The first {len(rows)} of {self.file.receipts} receipts.")
        return html_table(str(self), headings, rows, has_row_headings=True) + html_notes(notes)
