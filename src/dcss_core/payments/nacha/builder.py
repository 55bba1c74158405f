"""Build a new payment file from headers and entries.

Decides trace numbers, batch numbers, counts, hashes, totals and the block count, so that nobody
computes them by hand. Invariant: every sum comes from the Tally that the reader compares with.
"""

from collections.abc import Iterable, Sequence

import attrs

from dcss_core.base.money import Money
from dcss_core.payments.nacha.batch_control import BatchControl
from dcss_core.payments.nacha.batch_header import BatchHeader
from dcss_core.payments.nacha.control_totals import Tally
from dcss_core.payments.nacha.entry import Entry
from dcss_core.payments.nacha.file_control import FileControl
from dcss_core.payments.nacha.file_header import FileHeader
from dcss_core.payments.nacha.nacha_file import Batch, FileLayout, NachaFile
from dcss_core.payments.nacha.physical_records import BLOCKING_FACTOR, missing_filler


def build_file(
    header: FileHeader,
    batches: Iterable[tuple[BatchHeader, Sequence[Entry]]],
    *,
    layout: FileLayout = FileLayout(),  # noqa: B008 - a frozen value
) -> NachaFile:
    """Build a file: batches are numbered from 1, entries without a trace number are given the next one.

    What the parts hold is judged when the file is written.
    """
    built: list[Batch] = []
    total, entries_before, records = Tally(), 0, 2
    for number, (batch_header, entries) in enumerate(batches, 1):
        numbered_header = attrs.evolve(batch_header, batch_number=number)
        traced = _with_trace_numbers(entries, batch_header.originating_bank, entries_before)
        tally = _tally_of(traced)
        built.append(Batch(numbered_header, traced, _batch_control(numbered_header, tally)))
        total.add(tally)
        entries_before += len(traced)
        records += 2 + tally.entry_addenda_count
    control = FileControl(
        batch_count=len(built),
        block_count=(records + missing_filler(records)) // BLOCKING_FACTOR,
        entry_addenda_count=total.entry_addenda_count,
        entry_hash=total.entry_hash,
        total_debit=Money.from_cents(total.debit_cents),
        total_credit=Money.from_cents(total.credit_cents),
    )
    return NachaFile(header, tuple(built), control, layout)


def _with_trace_numbers(entries: Sequence[Entry], originating_bank: str, before: int) -> tuple[Entry, ...]:
    return tuple(
        entry
        if entry.trace_number
        else attrs.evolve(entry, trace_number=f"{originating_bank}{before + place:07d}")
        for place, entry in enumerate(entries, 1)
    )


def _tally_of(entries: Sequence[Entry]) -> Tally:
    tally = Tally()
    for entry in entries:
        tally.add_entry(entry.transaction_code, entry.receiving_bank, entry.amount, len(entry.addenda))
    return tally


def _batch_control(header: BatchHeader, tally: Tally) -> BatchControl:
    return BatchControl(
        service_class=header.service_class,
        entry_addenda_count=tally.entry_addenda_count,
        entry_hash=tally.entry_hash,
        total_debit=Money.from_cents(tally.debit_cents),
        total_credit=Money.from_cents(tally.credit_cents),
        company_identification=header.company_identification,
        originating_bank=header.originating_bank,
        batch_number=header.batch_number,
    )
