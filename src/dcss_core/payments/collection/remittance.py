"""Remittances: payment files as employers and other remitters send them.

Decides which files are taken as money received and how their entries become receipts-to-be.
Invariants: a file is taken whole or refused whole with every fault; only credits are money received;
what makes two entries the same payment is the sending bank's trace number with all that was sent
beside it, never the place in a file, so that an entry sent again in another file posts nothing twice;
an entry that agrees with another in all but the effective entry date is known by its likeness.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Final

import attrs

from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.errors import Fault, RemittanceRefusedError
from dcss_core.payments.collection.remittance_entry import RemittanceEntry
from dcss_core.payments.collection.remittance_file import FILE_STATES, FileAct, RemittanceFile, file_id_of
from dcss_core.payments.nacha.batch_header import BatchHeader
from dcss_core.payments.nacha.ded import Ded, DedApplication
from dcss_core.payments.nacha.ded_segments import deds_of
from dcss_core.payments.nacha.entry import Entry
from dcss_core.payments.nacha.reader import CheckedFile, check_file
from dcss_core.payments.nacha.transaction_code import EntryPurpose

# Between agencies the segment also says: income withholding of another state, and its other collections.
_DISTRIBUTED_AS_SUPPORT: Final = frozenset(
    {
        DedApplication.INCOME_WITHHOLDING,
        DedApplication.INTERSTATE_INCOME_WITHHOLDING,
        DedApplication.INTERSTATE_OTHER,
    }
)

_KEPT: Final = 1_000
"""So many entries are kept as they were read the first time; they take about a megabyte."""


@attrs.frozen
class Remittance:
    """What a file says: who sent it, how many entries it has, their total, and to whom they are addressed.

    `entries` may be gone through as often as wanted; those of a large file are made anew each time, for all
    of them at once would take many times the memory of the file.
    """

    file_id: str
    remitter: str
    entries: "RemittanceEntries"
    total: Money
    addressed: Mapping[LocatorCode, int]


@attrs.frozen(eq=False)
class RemittanceEntries:
    """The entries of a file, in order."""

    _file: CheckedFile
    _count: int
    _kept: tuple[RemittanceEntry, ...] | None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[RemittanceEntry]:
        return iter(self._kept) if self._kept is not None else _counted(self._made_anew())

    def _made_anew(self) -> Iterator[RemittanceEntry]:
        for header, entry in self._file.entries():
            yield from _entries_of(header, entry)


def take(remittance: Remittance, *, size: int, at: datetime, on: date) -> RemittanceFile:
    """Take a file of so many bytes: nothing of it is posted yet."""
    return RemittanceFile(
        file_id=remittance.file_id,
        received_at=at,
        received_on=on,
        remitter=remittance.remitter,
        size=size,
        entries=len(remittance.entries),
        total=remittance.total,
        status=FILE_STATES.next_state(None, FileAct.TAKE),
    )


def read_remittance(content: bytes) -> Remittance:
    """Read a payment file; raises RemittanceRefusedError with every fault.

    Credits become entries, a deposit for several cases one for each; a zero-dollar entry is kept
    when it reports the end of employment; a prenote is passed over. Debits, returns and notifications
    of change are another road's: a file that holds one is refused.
    """
    seen = _Seen()
    file = check_file(content, seen.take)
    if seen.faults:
        raise RemittanceRefusedError("this file is no remittance; nothing was posted", faults=seen.faults)
    kept = None if seen.first is None else tuple(_counted(seen.first))
    return Remittance(
        file_id_of(content),
        file.header.origin_name,
        RemittanceEntries(file, seen.entries, kept),
        Money.from_cents(seen.cents),
        seen.addressed,
    )


@attrs.define
class _Seen:
    """What the entries read so far come to; `first` holds them all, as long as they are few."""

    faults: list[Fault] = attrs.field(factory=list)
    entries: int = 0
    cents: int = 0
    addressed: Counter[LocatorCode] = attrs.field(factory=Counter)
    first: list[RemittanceEntry] | None = attrs.field(factory=list)

    def take(self, header: BatchHeader, entry: Entry) -> None:
        fault = _why_no_remittance(entry)
        if fault is not None:
            self.faults.append(fault)
            return
        for made in _entries_of(header, entry):
            self.entries += 1
            self.cents += made.amount.cents
            if made.locator is not None:
                self.addressed[made.locator] += 1
            if self.first is not None:
                self.first.append(made)
        if self.first is not None and len(self.first) > _KEPT:
            self.first = None


def _why_no_remittance(entry: Entry) -> Fault | None:
    code, where = entry.transaction_code, f"entry with trace number {entry.trace_number}"
    if code.purpose is EntryPurpose.RETURN_OR_CHANGE:
        return Fault(where, f"a {code.purpose.value}", "a payment; neither of these is money received")
    if not code.is_credit:
        return Fault(where, f"a debit ({code.purpose.value})", "a credit; a debit takes money out")
    return None


def _entries_of(header: BatchHeader, entry: Entry) -> Iterator[RemittanceEntry]:
    if entry.transaction_code.purpose is EntryPurpose.PRENOTE:
        return
    deds = deds_of(entry, header.standard_entry_class)
    if len(deds) <= 1:
        yield _entry(header, entry, entry.amount, *deds)
        return
    parts = [_entry(header, entry, ded.amount, ded, part=part) for part, ded in enumerate(deds, start=1)]
    stated = Money.total(ded.amount for ded in deds)
    if stated == entry.amount:
        yield from parts
        return
    # Whose money it is can't be told; that employment ended can, in an entry of its own without money.
    yield attrs.evolve(_entry(header, entry, entry.amount), stated_amount=stated)
    for part, ded in enumerate(deds, start=1):
        if ded.is_employment_terminated:
            yield _entry(header, entry, Money.ZERO, ded, part=part)


def _entry(
    header: BatchHeader, entry: Entry, amount: Money, ded: Ded | None = None, *, part: int = 0
) -> RemittanceEntry:
    plain = RemittanceEntry(
        sameness="\n".join(_sameness(header, entry, amount, ded, part)),
        undated="\n".join(_sameness(header, entry, amount, ded, part, dated=False)),
        occurrence=1,
        trace_number=entry.trace_number,
        remitter=header.company_name,
        amount=amount,
        sent_as=header.company_identification.strip(),
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
    header: BatchHeader, entry: Entry, amount: Money, ded: Ded | None, part: int, *, dated: bool = True
) -> list[str]:
    # The SSN is left out: with all else known, a hash over nine digits could be tried out in minutes.
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


def _counted(entries: Iterable[RemittanceEntry]) -> Iterator[RemittanceEntry]:
    seen: Counter[bytes] = Counter()
    for entry in entries:
        # Of a large file the hashes take a fifth of what the texts would.
        text = hashlib.sha256(entry.sameness.encode()).digest()
        seen[text] += 1
        yield entry if seen[text] == 1 else attrs.evolve(entry, occurrence=seen[text])
