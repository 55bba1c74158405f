"""Of no case: what is stored under a case, or a receipt, that is not there.

The books of a case are found by the case, so that what is left when a case is gone would never be looked at.
Decides what is looked for: accounts, obligations, postings, lines and likenesses. Invariants: a page is read
with the cases and receipts it speaks of on one snapshot; of a stream only the first entry is read.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import attrs

from dcss_core.agency.filing.cases import CASES, OBLIGATIONS
from dcss_core.agency.filing.payments import (
    CASE_ACCOUNTS,
    DISTRIBUTION_LINES,
    LIKENESSES,
    POSTINGS,
    RECEIPTS,
)
from dcss_core.agency.payments.readable import check_ascending
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.identifiers import CaseNumber
from dcss_core.cases.order import Obligation
from dcss_core.errors import InvalidInputError
from dcss_core.payments.collection.remittance_entry import Likeness
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import Posting
from dcss_core.payments.verification.finding import FindingKind, Found
from dcss_core.ports.storage import SEQUENCE

_PAGE: Final = 100
_BEHIND_ALL: Final = 2**63 - 1
"""No entry of a stream has a greater number."""


@attrs.frozen
class LookedThrough:
    """What was found on a page, and a look at the next one; None on the last."""

    found: list[Found]
    following: "Look | None"


Look: TypeAlias = Callable[[UnitOfWork], LookedThrough]


def looks() -> dict[str, Look]:
    """The first look at each sort of records, by how findings name them."""
    return {
        "accounts": lambda work: _accounts(work, None),
        "obligations": lambda work: _obligations(work, None),
        "postings": lambda work: _postings(work, None),
        "lines": lambda work: _lines(work, None),
        "likenesses": lambda work: _likenesses(work, None),
    }


def _accounts(work: UnitOfWork, after: Kept[CaseAccount] | None) -> LookedThrough:
    page = work.find(CASE_ACCOUNTS, ("case_number",), after=after, limit=_PAGE)
    check_ascending(CASE_ACCOUNTS, ("case_number",), page, after)
    found = _without_case(work, [kept.record.case_number for kept in page])
    return _looked(page, found, _accounts)


def _obligations(work: UnitOfWork, after: Kept[Obligation] | None) -> LookedThrough:
    page = work.find(OBLIGATIONS, ("case_number",), after=after, limit=_PAGE)
    check_ascending(OBLIGATIONS, ("case_number", "obligation_id"), page, after)
    found = _without_case(work, [kept.record.case_number for kept in page])
    return _looked(page, found, _obligations)


def _lines(work: UnitOfWork, after: Kept[DistributionLine] | None) -> LookedThrough:
    page = _streams(work, DISTRIBUTION_LINES, "case_number", after)
    found = _without_case(work, [kept.record.case_number for kept in page])
    return _looked(page, found, _lines)


def _postings(work: UnitOfWork, after: Kept[Posting] | None) -> LookedThrough:
    page = _streams(work, POSTINGS, "stream", after)
    firsts = [kept.record for kept in page]
    of_receipts = [first for first in firsts if first.is_of_no_case]
    numbers = [_case_number(first.stream) for first in firsts if not first.is_of_no_case]
    found = [
        *_without_case(work, [number for number in numbers if number is not None]),
        *((FindingKind.NO_CASE, "postings") for number in numbers if number is None),
        *_without_receipt(work, of_receipts),
    ]
    return _looked(page, found, _postings)


def _likenesses(work: UnitOfWork, after: Kept[Likeness] | None) -> LookedThrough:
    page = work.find(LIKENESSES, ("likeness",), after=after, limit=_PAGE)
    check_ascending(LIKENESSES, ("likeness",), page, after)
    likenesses = [kept.record for kept in page]
    receipts = work.get_each(RECEIPTS, [each.receipt_id for each in likenesses])
    found = [
        (FindingKind.LIKENESS, "a likeness")
        for likeness, receipt in zip(likenesses, receipts, strict=True)
        if receipt is None or receipt.record.likeness != likeness.likeness
    ]
    return _looked(page, found, _likenesses)


def _looked(
    page: Sequence[Kept[R]],
    found: Iterable[Found],
    next_look: Callable[[UnitOfWork, Kept[R]], LookedThrough],
) -> LookedThrough:
    if len(page) < _PAGE:
        return LookedThrough(list(found), None)
    last = page[-1]
    return LookedThrough(list(found), lambda work: next_look(work, last))


def _streams(work: UnitOfWork, records: Records[R], stream: str, after: Kept[R] | None) -> list[Kept[R]]:
    """The first entry of each of the next streams."""
    page: list[Kept[R]] = []
    while len(page) < _PAGE:
        last = None if after is None else Kept(after.record, _BEHIND_ALL)
        found = work.find(records, (stream, SEQUENCE), after=last, limit=1)
        if not found:
            break
        check_ascending(records, (stream,), found, after)
        [after] = found
        page.append(after)
    return page


def _without_case(work: UnitOfWork, numbers: Sequence[CaseNumber]) -> Iterator[Found]:
    cases = work.get_each(CASES, numbers)
    missing = (number for number, case in zip(numbers, cases, strict=True) if case is None)
    return ((FindingKind.NO_CASE, f"case {number}") for number in dict.fromkeys(missing))


def _without_receipt(work: UnitOfWork, firsts: Sequence[Posting]) -> Iterator[Found]:
    """Streams of receipts that are not there, or that do not begin as one does."""
    receipts = work.get_each(RECEIPTS, [first.stream for first in firsts])
    for first, receipt in zip(firsts, receipts, strict=True):
        if receipt is None or first.entry_id != f"{first.stream}/receipt":
            yield FindingKind.NO_CASE, "postings"


def _case_number(stream: str) -> CaseNumber | None:
    try:
        number = CaseNumber(stream)
    except InvalidInputError:
        return None
    return number if str(number) == stream else None
