"""The order of records: 1, then one or more of (5, one or more of (6, 7...), 8), then 9.

Decides which record belongs to which batch and entry, and which stand in the wrong place. What
follows from one misplaced record is not reported again.
"""

from collections.abc import Sequence

import attrs

from dcss_core.payments.nacha.fault_log import FaultLog, shape
from dcss_core.payments.nacha.physical_records import FILLER, missing_filler


@attrs.define
class EntryPlace:
    """The number of an entry's record and those of its addenda."""

    number: int
    addenda: list[int] = attrs.Factory(list)


@attrs.define
class BatchPlace:
    """The numbers of a batch's records; None for a header or control that is missing."""

    header: int | None
    entries: list[EntryPlace] = attrs.Factory(list)
    control: int | None = None
    is_whole: bool = True


@attrs.define
class RecordOrder:
    """Where everything stands. Feed it every record once, then `finish`."""

    log: FaultLog
    header: int | None = None
    batches: list[BatchPlace] = attrs.Factory(list)
    control: int | None = None
    fillers: int = 0
    is_whole: bool = True
    _open: BatchPlace | None = None
    _is_lost: bool = False  # after a record of unknown type its addenda belong to nothing

    def place(self, number: int, text: str) -> None:
        """Find the place of the next record."""
        kind = text[:1]
        if kind == "9" and text == FILLER:
            self.fillers += 1
        elif self.control is not None or self.fillers:
            self._misplaced(number, text, "only filler records of 94 nines after the end of the batches")
        elif number == 1:
            self._place_first(text)
        elif kind == "5":
            self._open_batch(number, text)
        elif kind == "6":
            self._batch_for(number, text, "a batch header (5)").entries.append(EntryPlace(number))
            self._is_lost = False
        elif kind == "7":
            self._place_addenda(number, text)
        elif kind == "8":
            self._close_batch(number, text)
        elif kind == "9":
            self._place_control(number, text)
        else:
            self._misplaced(number, text, self._next_kinds())
            self._is_lost = True
            if self._open is not None:
                self._open.is_whole = False

    def finish(self, records: int) -> None:
        """Judge what is missing at the end, and the filler, once every record is placed."""
        if self.control is None:
            if self._open is not None and not self._is_lost:
                self._missing(records + 1, "the end of the file", "a batch control (8)")
            self._missing(records + 1, "the end of the file", "a file control (9)")
            if self._open is not None:
                self._open.is_whole = False
        elif not self.batches:
            self._missing(records + 1, "no batch", "at least one batch (5, 6, 8)")
        expected = missing_filler(records - self.fillers)
        if self.is_whole and self.fillers not in (0, expected):
            self.log.add(
                records + 1,
                "file",
                f"{self.fillers} filler records",
                f"{expected} or none" if expected else "none",
            )

    def _place_first(self, text: str) -> None:
        if text[:1] == "1":
            self.header = 1
        else:
            self._misplaced(1, text, "a file header (1)")

    def _open_batch(self, number: int, text: str) -> None:
        if self._open is not None:
            self._open.is_whole = False
            self._misplaced(number, text, "a batch control (8) before the next batch")
        self._open = BatchPlace(number)
        self.batches.append(self._open)
        self._is_lost = False

    def _batch_for(self, number: int, text: str, expected: str) -> BatchPlace:
        if self._open is None:
            if not self._is_lost:
                self._misplaced(number, text, expected)
            self._open = BatchPlace(None, is_whole=False)
            self.batches.append(self._open)
        return self._open

    def _place_addenda(self, number: int, text: str) -> None:
        if self._is_lost:
            return
        batch = self._batch_for(number, text, "a batch header (5)")
        if batch.entries:
            batch.entries[-1].addenda.append(number)
        else:
            if batch.is_whole:
                self._misplaced(number, text, "an entry (6) before its addenda")
            batch.is_whole = False

    def _close_batch(self, number: int, text: str) -> None:
        batch = self._batch_for(number, text, "a batch header (5)")
        if not batch.entries and batch.is_whole:
            self._misplaced(number, text, "at least one entry (6) before the batch control")
            batch.is_whole = False
        batch.control = number
        self._open = None
        self._is_lost = False

    def _place_control(self, number: int, text: str) -> None:
        if self._open is not None:
            if not self._is_lost:
                self._misplaced(number, text, "a batch control (8) before the file control")
            self._open.is_whole = False
            self._open = None
        self.control = number

    def _next_kinds(self) -> str:
        if self._open is None:
            return "a batch header (5) or the file control (9)"
        return "an entry (6), addenda (7) or the batch control (8)"

    def _misplaced(self, number: int, text: str, expected: str) -> None:
        self.is_whole = False
        self.log.add(number, f"record {number}, position 1, record type", shape(text[:1]), expected)

    def _missing(self, number: int, found: str, expected: str) -> None:
        self.is_whole = False
        self.log.add(number, "file", found, expected)


def order_records(records: Sequence[str], log: FaultLog) -> RecordOrder:
    """Find the place of every record; those in the wrong place are noted."""
    order = RecordOrder(log)
    for number, text in enumerate(records, 1):
        order.place(number, text)
    order.finish(len(records))
    return order
