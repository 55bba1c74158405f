"""Payments: files, receipts and postings of version 1 in the shape of the present one.

Decides what the present version keeps besides, from what stands in the old rows: the parts of a file and what
its entries came to, the first receipt of each likeness, the totals of the books. Invariants: no amount is
changed; postings keep their order within their stream; books that do not sum to zero are an error.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import attrs

from dcss_core.agency.filing.payments import (
    BOOK_TOTALS,
    LIKENESSES,
    POSTINGS,
    RECEIPTS,
    REMITTANCE_FILES,
    REMITTANCE_PARTS,
)
from dcss_core.base.money import Money
from dcss_core.command.upgrade import version_1
from dcss_core.command.upgrade.conversion import PresentRows
from dcss_core.command.upgrade.shapes import MOST_AT_ONCE, FormerCollection
from dcss_core.payments.collection.remittance_file import PART_BYTES, FileStatus
from dcss_core.payments.ledger.ledger import Place
from dcss_core.ports.storage import Row, Scalar, Transaction

_ONE_SHARD: Final = 0
"""The totals of all old postings stand in one of the records that share them, as if posted at once."""


@attrs.frozen
class FilesInParts:
    """Payment files that held their bytes in their own row, and not what their entries came to."""

    old: Transaction
    former: FormerCollection = version_1.REMITTANCE_FILES

    def converted(self, page: Sequence[Row]) -> PresentRows:
        """Each file, and its bytes in parts."""
        for row in page:
            yield REMITTANCE_FILES, [self._file(row)]
            content, file_id = str(row["content"]), str(row["file_id"])
            for number, start in enumerate(range(0, len(content), PART_BYTES), start=1):
                part = content[start : start + PART_BYTES]
                named: dict[str, Scalar] = {"part_id": f"{file_id}/{number}", "file_id": file_id}
                yield REMITTANCE_PARTS, [{**named, "number": number, "content": part}]

    def at_the_end(self) -> PresentRows:
        """Nothing more."""
        return ()

    def _file(self, row: Row) -> dict[str, Scalar]:
        file_id, entries, total = row["file_id"], _integer(row["entries"]), _integer(row["total_cents"])
        receipts = received = held = 0
        for receipt in _found(self.old, version_1.RECEIPTS, "file_id", file_id):
            amount = _integer(receipt["amount_cents"])
            receipts += 1
            received += amount
            held += amount if self._was_held(receipt) else 0
        reports = list(_found(self.old, version_1.EMPLOYMENT_END_REPORTS, "file_id", file_id))
        alone = sum(not self._has_receipt(report) for report in reports)
        return {
            **{name: value for name, value in row.items() if name not in ("content", "version")},
            "size": len(str(row["content"])),
            "status": FileStatus.RECEIVED.value,
            "done": entries,
            "receipts": receipts,
            "received_cents": received,
            "held_cents": held,
            "employment_ends": len(reports),
            # what another file had brought was not kept; it is what is left, unless all the money is here
            "seen_before": 0 if received == total else entries - receipts - alone,
        }

    def _was_held(self, receipt: Row) -> bool:
        index, receipt_id = ("receipt_id",), receipt["receipt_id"]
        first = self.old.find(version_1.POSTINGS.collection, index, (receipt_id,), limit=1)
        return bool(first) and first[0]["case_number"] is None

    def _has_receipt(self, report: Row) -> bool:
        receipt = self.old.get(version_1.RECEIPTS.collection, report["report_id"])
        return receipt is not None and receipt["file_id"] == report["file_id"]


@attrs.define
class ReceiptsAlike:
    """Receipts that were found by their likeness; now the first of each likeness is kept beside them."""

    old: Transaction
    former: FormerCollection = version_1.RECEIPTS
    _first_of_several: dict[Scalar, Scalar] = attrs.field(factory=dict, init=False)

    def converted(self, page: Sequence[Row]) -> PresentRows:
        """The same receipts, and the likenesses of those that were first."""
        first = [row for row in page if self._is_first(row)]
        yield LIKENESSES, [{name: row[name] for name in ("likeness", "receipt_id")} for row in first]
        yield RECEIPTS, [{**_only(self.former, row), "sent_as": None} for row in page]

    def at_the_end(self) -> PresentRows:
        """Nothing more."""
        return ()

    def _is_first(self, row: Row) -> bool:
        likeness, receipt_id = row["likeness"], row["receipt_id"]
        index = ("likeness",)
        if len(self.old.find(self.former.collection, index, (likeness,), limit=2)) == 1:
            return True
        if likeness not in self._first_of_several:
            alike = _found(self.old, self.former, "likeness", likeness)
            self._first_of_several[likeness] = min(alike, key=_when_recorded)["receipt_id"]
        return self._first_of_several[likeness] == receipt_id


@attrs.frozen
class PostingsInStreams:
    """Postings that were numbered over the agency; now each case has its own numbers, and the books totals.

    Money whose case was not known is in the stream of its receipt.
    """

    former: FormerCollection = version_1.POSTINGS
    _totals: Counter[str] = attrs.field(factory=Counter, init=False)

    def converted(self, page: Sequence[Row]) -> PresentRows:
        """The same postings, in their streams."""
        for row in page:
            self._totals[str(row["place"])] += _integer(row["amount_cents"])
        yield POSTINGS, [self._posting(row) for row in page]

    def at_the_end(self) -> PresentRows:
        """The totals of the books; raises InvariantError when one does not sum to zero."""
        if self._totals:
            amounts = {place.value: Money.from_cents(self._totals[place.value]) for place in Place}
            BOOK_TOTALS.record(_ONE_SHARD, **amounts)
            cents = {f"{name}_cents": amount.cents for name, amount in amounts.items()}
            yield BOOK_TOTALS, [{"shard": _ONE_SHARD, **cents}]

    def _posting(self, row: Row) -> dict[str, Scalar]:
        posting = _only(self.former, row)
        case_number = posting.pop("case_number")
        return {**posting, "stream": posting["receipt_id"] if case_number is None else case_number}


def _found(old: Transaction, former: FormerCollection, field: str, value: Scalar) -> Iterator[Row]:
    last: Row | None = None
    while page := old.find(former.collection, (field,), (value,), after=last, limit=MOST_AT_ONCE):
        yield from page
        last = page[-1]


def _only(former: FormerCollection, row: Row) -> dict[str, Scalar]:
    return {field.name: row[field.name] for field in former.collection.fields}


def _when_recorded(row: Row) -> Any:
    return row["recorded_at"], row["receipt_id"]


def _integer(value: Scalar) -> int:
    assert isinstance(value, int)
    return value
