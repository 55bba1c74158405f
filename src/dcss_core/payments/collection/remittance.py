"""Remittances: payment files as employers and other remitters send them.

Decides which files are taken as money received and how their entries become receipts-to-be.
Invariants: a file is taken whole or refused whole with every fault; only credits are money received;
what makes two entries the same payment is the sending bank's trace number with all that was sent
beside it, never the place in a file, so that an entry sent again in another file posts nothing twice;
an entry that agrees with another in all but the effective entry date is known by its likeness.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from typing import ClassVar

import attrs

from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, RemittanceRefusedError
from dcss_core.payments.collection.receipt import RemittanceEntry
from dcss_core.payments.nacha.ded import Ded, DedApplication
from dcss_core.payments.nacha.ded_segments import deds_of
from dcss_core.payments.nacha.entry import Entry
from dcss_core.payments.nacha.nacha_file import Batch
from dcss_core.payments.nacha.reader import read_file
from dcss_core.payments.nacha.transaction_code import EntryPurpose

# Between agencies the segment also says: income withholding of another state, and its other collections.
_DISTRIBUTED_AS_SUPPORT = frozenset(
    {
        DedApplication.INCOME_WITHHOLDING,
        DedApplication.INTERSTATE_INCOME_WITHHOLDING,
        DedApplication.INTERSTATE_OTHER,
    }
)


@attrs.frozen
class RemittanceFile:
    """A file that was taken. `file_id` is the SHA-256 of its bytes; the bytes are kept as evidence.

    `entries` counts what is posted or reported: one deposit for two cases is two.
    """

    file_id: str
    received_at: datetime
    received_on: date
    remitter: str
    entries: int
    total: Money
    content: Secret

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (self.total.cents >= 0, "its total is zero or more"),
            (self.entries >= 0, "the number of its entries is zero or more"),
            (self.entries > 0 or not self.total, "without an entry it brings nothing"),
            (self.file_id == file_id_of(self.content.reveal().encode()), "its id is the hash of its content"),
        )


@attrs.frozen
class EmploymentEndReport:
    """An employer's word that a parent no longer works there (DED09 = Y)."""

    report_id: str
    file_id: str
    received_on: date
    remitter: str
    case_as_sent: str | None
    case_number: CaseNumber | None
    pay_date: date | None


@attrs.frozen
class RemittanceReceived(Event):
    """A file was taken and its entries posted."""

    kind: ClassVar[str] = "remittance_received"
    about: ClassVar[tuple[str, str]] = ("remittance", "file_id")
    file_id: str
    entries: int
    total: Money


@attrs.frozen
class RemittanceReceivedAgain(Event):
    """A file that was taken before came once more; nothing was posted."""

    kind: ClassVar[str] = "remittance_received_again"
    about: ClassVar[tuple[str, str]] = ("remittance", "file_id")
    file_id: str


@attrs.frozen
class RemittanceRefused(Event):
    """A file was refused whole; nothing was posted."""

    kind: ClassVar[str] = "remittance_refused"
    about: ClassVar[tuple[str, str]] = ("remittance", "file_id")
    file_id: str
    faults: int


@attrs.frozen
class EmploymentEndReported(Event):
    """An employer reported that employment ended."""

    kind: ClassVar[str] = "employment_end_reported"
    about: ClassVar[tuple[str, str]] = ("report", "report_id")
    report_id: str
    case_number: CaseNumber | None


@attrs.frozen
class Remittance:
    """What a file says: who sent it, its entries and their total."""

    file_id: str
    remitter: str
    entries: tuple[RemittanceEntry, ...]
    total: Money


def file_id_of(content: bytes) -> str:
    """The id of a file: SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def read_remittance(content: bytes) -> Remittance:
    """Read a payment file; raises RemittanceRefusedError with every fault.

    Credits become entries, a deposit for several cases one for each; a zero-dollar entry is kept
    when it reports the end of employment; a prenote is passed over. Debits, returns and notifications
    of change are another road's: a file that holds one is refused.
    """
    file = read_file(content)
    faults = [
        fault for batch in file.batches for entry in batch.entries if (fault := _why_no_remittance(entry))
    ]
    if faults:
        raise RemittanceRefusedError("this file is no remittance; nothing was posted", faults=faults)
    sent = [
        each
        for batch in file.batches
        for entry in batch.entries
        if entry.transaction_code.purpose is not EntryPurpose.PRENOTE
        for each in _entries_of(batch, entry)
    ]
    entries = tuple(_counted(sent))
    total = Money.total(entry.amount for entry in entries)
    return Remittance(file_id_of(content), file.header.origin_name, entries, total)


def _why_no_remittance(entry: Entry) -> Fault | None:
    code, where = entry.transaction_code, f"entry with trace number {entry.trace_number}"
    if code.purpose is EntryPurpose.RETURN_OR_CHANGE:
        return Fault(where, f"a {code.purpose.value}", "a payment; neither of these is money received")
    if not code.is_credit:
        return Fault(where, f"a debit ({code.purpose.value})", "a credit; a debit takes money out")
    return None


def _entries_of(batch: Batch, entry: Entry) -> Iterator[RemittanceEntry]:
    deds = deds_of(entry, batch.header.standard_entry_class)
    if len(deds) <= 1:
        yield _entry(batch, entry, entry.amount, *deds)
        return
    parts = [_entry(batch, entry, ded.amount, ded, part=part) for part, ded in enumerate(deds, start=1)]
    stated = Money.total(ded.amount for ded in deds)
    if stated == entry.amount:
        yield from parts
        return
    # Whose money it is can't be told; that employment ended can.
    yield attrs.evolve(_entry(batch, entry, entry.amount), stated_amount=stated)
    for reported in parts:
        if reported.employment_ended:
            yield attrs.evolve(reported, amount=Money.ZERO)


def _entry(
    batch: Batch, entry: Entry, amount: Money, ded: Ded | None = None, *, part: int = 0
) -> RemittanceEntry:
    plain = RemittanceEntry(
        sameness="\n".join(_sameness(batch, entry, amount, ded, part)),
        undated="\n".join(_sameness(batch, entry, amount, ded, part, dated=False)),
        occurrence=1,
        trace_number=entry.trace_number,
        remitter=batch.header.company_name,
        amount=amount,
    )
    if ded is None:
        return plain
    return attrs.evolve(
        plain,
        case_as_sent=ded.case_identifier,
        pay_date=ded.pay_date,
        stated_amount=ded.amount,
        ssn=ded.ssn,
        locator=ded.fips,
        employment_ended=ded.is_employment_terminated,
        has_other_purpose=ded.application not in _DISTRIBUTED_AS_SUPPORT,
    )


def _sameness(
    batch: Batch, entry: Entry, amount: Money, ded: Ded | None, part: int, *, dated: bool = True
) -> list[str]:
    # The SSN is left out: with all else known, a hash over nine digits could be tried out in minutes.
    header = batch.header
    parts = [
        header.originating_bank,
        header.company_identification,
        *([str(header.effective_entry_date)] if dated else []),
        entry.trace_number,
        str(amount),
        ded.case_identifier if ded else "",
        str(ded.pay_date) if ded else "",
    ]
    return [*parts, str(part)] if part else parts


def _counted(entries: list[RemittanceEntry]) -> Iterator[RemittanceEntry]:
    seen: Counter[str] = Counter()
    for entry in entries:
        seen[entry.sameness] += 1
        count = seen[entry.sameness]
        yield entry if count == 1 else attrs.evolve(entry, occurrence=count)
