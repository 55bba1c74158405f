"""Write a payment file: a NachaFile in, bytes out.

Invariants: a file that was read gives the same bytes again; nothing is truncated; no file leaves
that `read_file` would refuse, since what is written is read back before it is given out.
"""

from collections.abc import Mapping

from dcss_core.errors import InvalidInputError, RemittanceRefusedError
from dcss_core.payments.nacha.addenda import (
    NOTIFICATION_OF_CHANGE,
    PAYMENT_ADDENDA,
    RETURN_ADDENDA,
    NotificationOfChange,
    PaymentAddenda,
)
from dcss_core.payments.nacha.batch_control import BATCH_CONTROL
from dcss_core.payments.nacha.batch_header import BATCH_HEADER
from dcss_core.payments.nacha.entry import Addenda, Entry, entry_layout
from dcss_core.payments.nacha.fault_log import FaultLog
from dcss_core.payments.nacha.file_control import FILE_CONTROL
from dcss_core.payments.nacha.file_header import FILE_HEADER
from dcss_core.payments.nacha.nacha_file import Batch, NachaFile
from dcss_core.payments.nacha.physical_records import join_records
from dcss_core.payments.nacha.reader import read_file
from dcss_core.payments.nacha.record_layout import Record, RecordLayout
from dcss_core.payments.nacha.standard_entry_class import StandardEntryClass

_NOT_WRITABLE = "this payment file can't be written as it stands"


def write_file(file: NachaFile) -> bytes:
    """Write a Nacha file; raises InvalidInputError with every fault.

    A text that is too long, a control that does not match its entries or a broken DED segment is a
    fault; `build_file` computes the controls.
    """
    records = _Records()
    records.write(FILE_HEADER, file.header)
    for batch in file.batches:
        _write_batch(batch, records)
    records.write(FILE_CONTROL, file.control)
    if records.log:
        raise InvalidInputError(_NOT_WRITABLE, faults=records.log.in_order())
    content = join_records(records.lines, file.layout)
    try:
        read_file(content, largest_bytes=len(content))
    except RemittanceRefusedError as refused:
        raise InvalidInputError(_NOT_WRITABLE, faults=refused.faults) from refused
    return content


class _Records:
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.log = FaultLog()

    def write(
        self, layout: RecordLayout[Record], record: Record, derived: Mapping[str, object] | None = None
    ) -> None:
        self.lines.append(layout.write(record, len(self.lines) + 1, self.log, derived or {}))


def _write_batch(batch: Batch, records: _Records) -> None:
    records.write(BATCH_HEADER, batch.header)
    for entry in batch.entries:
        _write_entry(entry, batch.header.standard_entry_class, records)
    records.write(BATCH_CONTROL, batch.control)


def _write_entry(entry: Entry, entry_class: StandardEntryClass, records: _Records) -> None:
    count = len(entry.addenda)
    derived = {"addenda_indicator": min(count, 1), "number_of_addenda": count}
    records.write(entry_layout(entry_class), entry, derived)
    for place, addenda in enumerate(entry.addenda, 1):
        _write_addenda(addenda, place, entry.trace_number, records)


def _write_addenda(addenda: Addenda, place: int, trace_number: str, records: _Records) -> None:
    if isinstance(addenda, PaymentAddenda):
        sequence = trace_number[-7:]
        derived = {
            "addenda_sequence_number": place,
            # a trace number that is no number is a fault of the entry, and noted there
            "entry_detail_sequence_number": int(sequence) if sequence.isdecimal() else 0,
        }
        records.write(PAYMENT_ADDENDA, addenda, derived)
    elif isinstance(addenda, NotificationOfChange):
        records.write(NOTIFICATION_OF_CHANGE, addenda, {"trace_number": trace_number})
    else:
        records.write(RETURN_ADDENDA, addenda, {"trace_number": trace_number})
