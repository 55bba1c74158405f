"""RemittanceBatch: what became of a payment file, as whoever sent it in is told."""

from datetime import date, datetime
from typing import Self

import attrs

from dcss_core.base.html.table import html_notes, html_table
from dcss_core.base.money import Money
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.collection.remark import Remark
from dcss_core.payments.collection.remittance import EmploymentEndReport, RemittanceFile
from dcss_core.payments.views.hold_reasons import hold_reason_in_words
from dcss_core.payments.views.remarks import remark_in_words


@attrs.frozen
class ReceivedFile:
    """A payment file that was taken, without its content.

    `file_id` is the SHA-256 of its bytes; `entries` counts what is posted or reported.
    """

    file_id: str
    received_at: datetime
    received_on: date
    remitter: str
    entries: int
    total: Money

    @classmethod
    def of(cls, file: RemittanceFile) -> Self:
        """What is shown of a file on record."""
        return cls(file.file_id, file.received_at, file.received_on, file.remitter, file.entries, file.total)


@attrs.frozen
class RemittanceBatch:
    """What became of a file.

    `receipts` are those it brought; `seen_before` are receipts of entries that an earlier file had
    brought already. `already_received` says that this very file had been taken, and nothing was done.
    `remarks` are for staff; `remark_in_words` words each.
    """

    file: ReceivedFile
    receipts: tuple[Receipt, ...]
    employment_ends: tuple[EmploymentEndReport, ...] = ()
    seen_before: tuple[str, ...] = ()
    already_received: bool = False
    remarks: tuple[Remark, ...] = ()

    def __str__(self) -> str:
        held = Money.total(each.amount for each in self.receipts if each.hold_reason)
        told = [f"receipts: {len(self.receipts)}, {held.display()} of them held"]
        if self.employment_ends:
            told.append(f"reports that employment ended: {len(self.employment_ends)}")
        if self.seen_before:
            told.append(f"receipts that came before: {len(self.seen_before)}")
        if self.already_received:
            told.append("this file was received before, nothing was posted")
        return (
            f"{self.file.total.display()} from {self.file.remitter}, entries: {self.file.entries}; "
            f"{'; '.join(told)}"
        )

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
        return html_table(str(self), headings, rows, has_row_headings=True) + html_notes(
            map(remark_in_words, self.remarks)
        )
