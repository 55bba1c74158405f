"""Finding receipts and their lines, for the verbs that show them."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from dcss_core.agency.callers.found import nothing_found
from dcss_core.agency.filing.payments import APPLIED_LINES, DISTRIBUTION_LINES, POSTINGS, RECEIPTS
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.pages import not_of_this_list
from dcss_core.errors import InvariantError
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.distribution.applied_line import AppliedLine
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.ledger import HoldReason, Place
from dcss_core.payments.views.statement import SumOfDay
from dcss_core.ports.storage import SEQUENCE, Scalar

_PLACES: Final[Mapping[Scalar, Place]] = {place.value: place for place in Place}
_REASONS: Final[Mapping[Scalar, HoldReason | None]] = {
    None: None,
    **{each.value: each for each in HoldReason},
}


def receipt_named(work: UnitOfWork, receipt_id: str) -> Kept[Receipt]:
    """The receipt that staff named; raises NotFoundError, and that they named none stands in the log."""
    kept = work.get(RECEIPTS, receipt_id)
    if kept is None:
        expected = "give the id of a receipt, 'R' with 20 letters and digits"
        raise nothing_found(work, "receipt", f"there is no such receipt; {expected}")
    return kept


def lines_of(work: UnitOfWork, receipt_id: str) -> tuple[DistributionLine, ...]:
    """What a receipt was distributed to."""
    kept = work.find(DISTRIBUTION_LINES, ("receipt_id", "line"), (receipt_id,))
    return tuple(each.record for each in kept)


def applied_lines(
    work: UnitOfWork, receipts: Sequence[Receipt], *, of_whole_case: CaseNumber | None
) -> list[AppliedLine]:
    """What these receipts were applied to; where they are all of a case, its stream is read at once."""
    if of_whole_case is not None:
        return [kept.record for kept in work.find(APPLIED_LINES, ("case_number", SEQUENCE), (of_whole_case,))]
    receipt_ids = [receipt.receipt_id for receipt in receipts]
    found = work.find_each(APPLIED_LINES, ("receipt_id", "line"), receipt_ids)
    return [kept.record for lines in found for kept in lines]


def sums_of_days(work: UnitOfWork, case_number: CaseNumber) -> list[SumOfDay]:
    """What the postings of a case come to, day by day and place by place; the storage adds them up."""
    sums = work.sum(
        POSTINGS,
        "amount",
        ("stream", SEQUENCE),
        (str(case_number),),
        by=("place", "effective_date", "hold_reason"),
    )
    return [_sum_of_day(by, cents) for by, cents in sums.items()]


def _sum_of_day(by: tuple[Scalar, ...], cents: int) -> SumOfDay:
    place, day, reason = by
    if not isinstance(day, date) or place not in _PLACES or reason not in _REASONS:
        raise InvariantError("what is stored of a posting can't be read; was it changed by hand?")
    return SumOfDay(_PLACES[place], day, _REASONS[reason], Money.from_cents(cents))


def last_held(work: UnitOfWork, after: str | None) -> Kept[Receipt] | None:
    """The receipt behind which the list of those that are held goes on; raises InvalidInputError."""
    expected = "the id of a receipt that is or was held"
    last = last_of_page(work, RECEIPTS, after, expected)
    if last is None or last.record.status is ReceiptStatus.HELD:
        return last
    if not work.find(POSTINGS, ("stream", SEQUENCE), (after,), limit=1):  # its case was known from the first
        raise not_of_this_list(expected)
    return last


def last_of_case(work: UnitOfWork, after: str | None, case_number: CaseNumber) -> Kept[Receipt] | None:
    """The receipt behind which the list of a case goes on; raises InvalidInputError."""
    expected = "the id of a receipt of this case"
    last = last_of_page(work, RECEIPTS, after, expected)
    if last is not None and last.record.case_number != case_number:
        raise not_of_this_list(expected)
    return last


def last_of_file(work: UnitOfWork, after: str | None, file_id: str) -> Kept[Receipt] | None:
    """The receipt behind which the list of a payment file goes on; raises InvalidInputError."""
    expected = "the id of a receipt of this file"
    last = last_of_page(work, RECEIPTS, after, expected)
    if last is not None and last.record.file_id != file_id:
        raise not_of_this_list(expected)
    return last


def last_of_page(work: UnitOfWork, records: Records[R], after: str | None, expected: str) -> Kept[R] | None:
    """The record behind which a list goes on; raises InvalidInputError, saying what was expected."""
    if after is None:
        return None
    kept = work.get(records, after)
    if kept is None:
        raise not_of_this_list(expected)
    return kept
