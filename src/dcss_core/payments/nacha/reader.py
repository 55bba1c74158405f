"""Read a payment file: bytes in, a NachaFile or one refusal out.

Decides whether a file is whole. A file with any fault is refused whole, and the refusal lists every
fault with its record and position, so that the sender can mend them all at once. Invariants: for any
bytes the outcome is a NachaFile, or a CheckedFile, or a RemittanceRefusedError; no part of a damaged file
is posted; no fault quotes what may be a Social Security or account number. A CheckedFile holds the text of
its records and no entry, so that a large file takes little more memory than its bytes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import attrs

from dcss_core.errors import RemittanceRefusedError
from dcss_core.payments.nacha.addenda import PAYMENT_ADDENDA
from dcss_core.payments.nacha.batch_control import BATCH_CONTROL, BatchControl
from dcss_core.payments.nacha.batch_header import BATCH_HEADER, BatchHeader
from dcss_core.payments.nacha.control_totals import Tally, compare_with_tally
from dcss_core.payments.nacha.ded import Ded
from dcss_core.payments.nacha.ded_segments import read_segments
from dcss_core.payments.nacha.entry import Addenda, Entry, entry_layout
from dcss_core.payments.nacha.entry_checks import ADDENDA_LAYOUTS, check_entry
from dcss_core.payments.nacha.fault_log import FaultLog, shape
from dcss_core.payments.nacha.file_control import FILE_CONTROL, FileControl
from dcss_core.payments.nacha.file_header import FILE_HEADER, FileHeader
from dcss_core.payments.nacha.nacha_file import Batch, FileLayout, NachaFile
from dcss_core.payments.nacha.physical_records import (
    BLOCKING_FACTOR,
    LARGEST_FILE_BYTES,
    PhysicalRecords,
    missing_filler,
    split_records,
)
from dcss_core.payments.nacha.record_layout import Reading, Record, RecordLayout
from dcss_core.payments.nacha.record_order import BatchPlace, EntryPlace, RecordOrder, order_records
from dcss_core.payments.nacha.standard_entry_class import (
    EXPECTED_CLASSES,
    UNSUPPORTED_CLASSES,
    StandardEntryClass,
)

_Ends: TypeAlias = tuple[BatchHeader, BatchControl]
Take: TypeAlias = Callable[[int, BatchHeader, Entry], None]
"""Given each entry of a file that has no fault so far, with the place of its batch and the header of that."""


@attrs.frozen
class CheckedFile:
    """A whole file: its header, and the records from which its entries are made anew whenever asked for."""

    header: FileHeader
    _records: Sequence[str]
    _batches: Sequence[BatchPlace]

    def entries(self) -> Iterator[tuple[BatchHeader, Entry]]:
        """Every entry with the header of its batch, in order; only the one that is given is held."""
        for place in self._batches:
            header = self._made(BATCH_HEADER, place.header)
            layout = entry_layout(header.standard_entry_class)
            for entry in place.entries:
                addenda = tuple(self._addenda(number) for number in entry.addenda)
                yield header, self._made(layout, entry.number, addenda=addenda)

    def _addenda(self, number: int) -> Addenda:
        made: Addenda = self._made(ADDENDA_LAYOUTS[self._records[number - 1][1:3]], number)
        return made

    def _made(self, layout: RecordLayout[Record], number: int | None, **more: object) -> Record:
        number = number or 0  # no record of a whole file is missing
        return layout.read(self._records[number - 1], number, FaultLog()).make(**more)


def read_file(content: bytes, *, largest_bytes: int = LARGEST_FILE_BYTES) -> NachaFile:
    """Read a Nacha file; `write_file` gives the same bytes again.

    Raises RemittanceRefusedError with every fault. Source: Nacha Operating Rules, App. 1-3.
    """
    entries: dict[int, list[Entry]] = defaultdict(list)
    return _reading(content, largest_bytes, lambda batch, _, entry: entries[batch].append(entry)).read(
        entries
    )


def check_file(
    content: bytes, take: Callable[[BatchHeader, Entry], None], *, largest_bytes: int = LARGEST_FILE_BYTES
) -> CheckedFile:
    """Read a Nacha file without keeping its entries; `take` is given each in turn, as long as all is well.

    Raises RemittanceRefusedError with every fault, as `read_file` does.
    """
    return _reading(content, largest_bytes, lambda _, header, entry: take(header, entry)).checked()


def _reading(content: bytes, largest_bytes: int, take: Take) -> "_FileReading":
    log = FaultLog()
    physical = split_records(content, largest_bytes, log)
    return _FileReading(physical, order_records(physical.records, log), log, take)


@attrs.frozen
class _FileReading:
    physical: PhysicalRecords
    order: RecordOrder
    log: FaultLog
    take: Take
    total: Tally = attrs.field(factory=Tally)

    def read(self, entries: Mapping[int, list[Entry]]) -> NachaFile:
        header, ends, control = self._read_whole()
        batches = tuple(Batch(first, tuple(entries[place]), last) for place, (first, last) in enumerate(ends))
        return NachaFile(header, batches, control, self._layout())

    def checked(self) -> CheckedFile:
        header, _, _ = self._read_whole()
        return CheckedFile(header, self.physical.records, self.order.batches)

    def _read_whole(self) -> tuple[FileHeader, list[_Ends], FileControl]:
        header = self._read_record(FILE_HEADER, self.order.header)
        ends = [self._read_batch(number, place) for number, place in enumerate(self.order.batches)]
        control = self._read_record(FILE_CONTROL, None if self._is_adv() else self.order.control)
        self._check_file_control(control)
        if len(self.log):
            raise RemittanceRefusedError(
                "this payment file is damaged and was refused whole, nothing of it was posted; "
                "have the sender mend every fault listed and send it again",
                faults=self.log.in_order(),
            )
        return header.make(), [each for each in ends if each], control.make()

    def _read_batch(self, number: int, place: BatchPlace) -> _Ends | None:
        if self._is_unsupported(place):
            self.total.forget()
            return None
        header = self._read_record(BATCH_HEADER, place.header)
        made = None if self.log else header.make()
        tally, last_trace = Tally(), ""
        for entry_place in place.entries:
            entry, addenda = self._read_entry(entry_place, header, tally)
            last_trace = _check_trace(entry, last_trace)
            if not self.log and made is not None:
                whole = tuple(one.make() for one in addenda if one is not None)
                self.take(number, made, entry.make(addenda=whole))
        if not place.is_whole:
            tally.forget()
        control = self._read_record(BATCH_CONTROL, place.control)
        compare_with_tally(control, tally, of="batch")
        _compare_with_header(control, header)
        self.total.add(tally)
        return (made, control.make()) if not self.log and made is not None else None

    def _read_entry(
        self, place: EntryPlace, header: Reading[BatchHeader], tally: Tally
    ) -> tuple[Reading[Entry], list[Reading[Any] | None]]:
        entry_class = header.values.get("standard_entry_class")
        entry = self._read_record(entry_layout(entry_class), place.number)
        addenda = [self._read_addenda(number) for number in place.addenda]
        check_entry(entry, addenda, entry_class, header.values.get("service_class"))
        self._check_segments(addenda, entry_class)
        tally.add_entry(
            entry.values.get("transaction_code"),
            entry.values.get("receiving_bank"),
            entry.values.get("amount"),
            len(addenda),
            is_damaged=entry.is_damaged,
        )
        return entry, addenda

    def _read_addenda(self, number: int) -> Reading[Any] | None:
        addenda_type = self.physical.records[number - 1][1:3]
        layout = ADDENDA_LAYOUTS.get(addenda_type)
        if layout is None:
            where = f"record {number} (addenda), positions 2-3, addenda type"
            self.log.add(number, where, shape(addenda_type), f"one of {', '.join(ADDENDA_LAYOUTS)}")
            return None
        return self._read_record(layout, number)

    def _check_segments(
        self, addenda: list[Reading[Any] | None], entry_class: StandardEntryClass | None
    ) -> None:
        readings = [one for one in addenda if one is not None and one.layout is PAYMENT_ADDENDA]
        if any("payment_related_information" not in one.values for one in readings):
            return
        for place, ded in read_segments([one.make() for one in readings], entry_class):
            if isinstance(ded, Ded):
                continue
            number = readings[place].number
            for fault in ded:
                where = f"{PAYMENT_ADDENDA.where(number)}, {fault.where}"
                self.log.add(number, where, fault.found, fault.expected)

    def _check_file_control(self, control: Reading[Any]) -> None:
        if self.order.is_whole:
            records = self._records_without_filler()
            blocks = (records + missing_filler(records)) // BLOCKING_FACTOR
            control.expect("batch_count", len(self.order.batches), why="the number of batches")
            control.expect("block_count", blocks, why=f"the blocks that {records} records fill")
        else:
            self.total.forget()
        compare_with_tally(control, self.total, of="file")

    def _read_record(self, layout: RecordLayout[Record], number: int | None) -> Reading[Record]:
        if number is None or number in self.physical.unusable:
            return Reading(number or 0, layout, self.log)
        return layout.read(self.physical.records[number - 1], number, self.log)

    def _is_unsupported(self, place: BatchPlace) -> bool:
        found = self._entry_class_text(place)
        if place.header is None or found not in UNSUPPORTED_CLASSES:
            return False
        where = BATCH_HEADER.where(place.header, "standard_entry_class")
        self.log.add(place.header, where, shape(found), EXPECTED_CLASSES)
        return True

    def _is_adv(self) -> bool:
        return any(self._entry_class_text(place) == "ADV" for place in self.order.batches)

    def _entry_class_text(self, place: BatchPlace) -> str:
        return self.physical.records[place.header - 1][50:53] if place.header else ""

    def _records_without_filler(self) -> int:
        return len(self.physical.records) - self.order.fillers

    def _layout(self) -> FileLayout:
        physical, order = self.physical, self.order
        is_filled = order.fillers == missing_filler(self._records_without_filler())
        return FileLayout(physical.separator, physical.ending, is_filled, physical.trimmed)


def _check_trace(entry: Reading[Entry], last_trace: str) -> str:
    trace: str = entry.values.get("trace_number", last_trace)
    if last_trace and "trace_number" in entry.values and trace <= last_trace:
        entry.fault("trace_number", "one not above that of the entry before", "ascending numbers in a batch")
    return max(trace, last_trace)


def _compare_with_header(control: Reading[Any], header: Reading[BatchHeader]) -> None:
    for name in ("service_class", "originating_bank", "batch_number"):
        if name in header.values:
            control.expect(
                name, header.values[name], why="as in the batch header", is_certain=not header.is_damaged
            )
    # Some banks justify it to the right here and to the left in the header; the company is the same.
    name = "company_identification"
    ours, theirs = control.values.get(name), header.values.get(name)
    if ours and theirs and ours.strip() != theirs.strip():
        control.fault(name, "another company", "the one of the batch header")
