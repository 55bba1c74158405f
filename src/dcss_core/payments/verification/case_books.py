"""The books of one case: whether postings, lines, receipts, account and obligations agree.

Decides by working each out from another: journal entries sum to zero; debts and held sums are what the
postings come to; the months charged are what the obligations say; each line stands in the postings and each
receipt in its lines. Invariant: a single amount or day that is changed anywhere in them is found.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from typing import Final, TypeAlias

import attrs

from dcss_core.base.dates import Month
from dcss_core.cases.case import Case
from dcss_core.cases.order import Obligation
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.distribution.distribution import DistributionLine, movements_of
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import Book, HoldReason, Movement, Place, Posting
from dcss_core.payments.verification.finding import FindingKind, Found

Numbered: TypeAlias = Mapping[int, Posting] | Mapping[int, DistributionLine]
_Debt: TypeAlias = tuple[str | None, Month | None]
_Moved: TypeAlias = tuple[Place, str | None, str | None, Month | None, str | None, date | None]

_TOLD_BY_LINES: Final = frozenset({Place.HELD, Place.PAYABLE, Place.OWED, Place.SATISFIED, Place.PREPAID})


@attrs.frozen
class CaseBooks:
    """All that is stored of the money of one case; postings and lines under their numbers.

    `custodial_parents` are those who have that role in the case; money for the family is for them.
    `held_before` are the postings of receipts of the case that were held when they came in, by receipt.
    """

    case: Case
    account: CaseAccount
    custodial_parents: Sequence[str]
    obligations: Sequence[Obligation]
    receipts: Sequence[Receipt]
    postings: Mapping[int, Posting]
    lines: Mapping[int, DistributionLine]
    held_before: Mapping[str, Sequence[Posting]]

    @property
    def where(self) -> str:
        """The case, as findings name it."""
        return f"case {self.case.case_number}"

    @cached_property
    def journal(self) -> Mapping[str, Sequence[Posting]]:
        """The postings of each journal entry."""
        return journal_of(self.postings.values())

    @cached_property
    def lines_of(self) -> Mapping[str, Sequence[DistributionLine]]:
        """The lines of each receipt."""
        by_receipt: dict[str, list[DistributionLine]] = defaultdict(list)
        for line in self.lines.values():
            by_receipt[line.receipt_id].append(line)
        return by_receipt


def found_in_case(books: CaseBooks) -> Iterator[Found]:
    """What does not agree in the books of a case."""
    for numbered in (books.postings, books.lines):
        if has_gap(numbered):
            yield FindingKind.GAP, books.where
    yield from unbalanced(books.journal, books.where)
    if not _is_account_of(books.account, books):
        yield FindingKind.ACCOUNT, books.where
    if _charged(books.journal) != _due(books):
        yield FindingKind.CHARGES, books.where
    yield from _found_in_lines(books)
    for receipt in books.receipts:
        if not _is_received(receipt, books):
            yield FindingKind.RECEIPT, f"receipt {receipt.receipt_id}"


def found_in_held(receipt: Receipt, postings: Mapping[int, Posting]) -> Iterator[Found]:
    """What does not agree of a receipt whose case is not known."""
    where = f"receipt {receipt.receipt_id}"
    if has_gap(postings):
        yield FindingKind.GAP, where
    journal = journal_of(postings.values())
    yield from unbalanced(journal, where)
    if _told(list(postings.values())) != _held(receipt, receipt.hold_reason):
        yield FindingKind.RECEIPT, where


def has_gap(numbered: Numbered) -> bool:
    """Whether a stream is not numbered through from 1."""
    return list(numbered) != list(range(1, len(numbered) + 1))


def journal_of(postings: Iterable[Posting]) -> Mapping[str, Sequence[Posting]]:
    """Postings by journal entry."""
    journal: dict[str, list[Posting]] = defaultdict(list)
    for posting in postings:
        journal[posting.entry_id].append(posting)
    return journal


def unbalanced(journal: Mapping[str, Sequence[Posting]], where: str) -> Iterator[Found]:
    """The journal entries that do not sum to zero, or whose postings were not made together."""
    for postings in journal.values():
        sums: Counter[tuple[Book, date]] = Counter()
        for posting in postings:
            sums[posting.place.book, posting.effective_date] += posting.amount.cents
        lines = [posting.line for posting in postings]
        is_whole = lines == list(range(1, len(lines) + 1))
        if any(sums.values()) or not is_whole or len({posting.recorded_at for posting in postings}) > 1:
            yield FindingKind.UNBALANCED, where


def _is_account_of(account: CaseAccount, books: CaseBooks) -> bool:
    owed: Counter[_Debt] = Counter()
    set_aside: Counter[tuple[str | None, bool]] = Counter()
    for posting in books.postings.values():
        if posting.place is Place.OWED:
            owed[posting.obligation_id, posting.month] += posting.amount.cents
        elif posting.place is Place.PREPAID:
            set_aside[posting.receipt_id, True] -= posting.amount.cents
        elif posting.hold_reason is HoldReason.FUTURE_SUPPORT:
            set_aside[posting.receipt_id, False] += posting.amount.cents
    debts: Counter[_Debt] = Counter()
    held: Counter[tuple[str | None, bool]] = Counter()
    for debt in account.debts:
        debts[debt.obligation_id, debt.month] += debt.owed.cents
    for each in account.held:
        held[each.receipt_id, each.is_sent] += each.amount.cents
    is_payee = list(books.custodial_parents) == [account.payee_id]
    is_next = all(each.next_line == len(books.lines_of[each.receipt_id]) + 1 for each in account.held)
    return is_payee and is_next and _without_zeros(owed) == debts and _without_zeros(set_aside) == held


def _without_zeros(sums: Counter[_Debt] | Counter[tuple[str | None, bool]]) -> dict[object, int]:
    return {key: cents for key, cents in sums.items() if cents}


def _charged(journal: Mapping[str, Sequence[Posting]]) -> dict[_Debt, int]:
    charged: Counter[_Debt] = Counter()
    for entry_id, postings in journal.items():
        for posting in postings:
            is_charge = entry_id == f"charge/{posting.obligation_id}/{posting.month}"
            if is_charge and posting.place is Place.CHARGED and _is_of_its_month(posting):
                charged[posting.obligation_id, posting.month] -= posting.amount.cents
    return dict(charged)


def _is_of_its_month(posting: Posting) -> bool:
    return posting.month is not None and posting.effective_date == posting.month.first_day


def _due(books: CaseBooks) -> dict[_Debt, int]:
    due: dict[_Debt, int] = {}
    month = Month.of(books.case.opened_on)
    while month <= books.account.charged_through:
        for obligation in books.obligations:
            amount = obligation.due_in(month)
            if amount:
                due[obligation.obligation_id, month] = amount.cents
        month = month.plus(1)
    return due


def _found_in_lines(books: CaseBooks) -> Iterator[Found]:
    told: Counter[_Moved] = Counter()
    for line in books.lines.values():
        for movement in movements_of(line):
            told[_moved(movement, movement.on)] += movement.amount.cents
    moved: Counter[_Moved] = Counter()
    for posting in books.postings.values():
        if posting.receipt_id is not None and _is_told_by_a_line(posting):
            on = posting.effective_date if posting.place.book is Book.DEBT else None
            moved[_moved(posting, on)] += posting.amount.cents
    differ = {key[1] for key in told.keys() | moved.keys() if told[key] != moved[key]}
    differ |= {line.receipt_id for line in books.lines.values() if _goes_elsewhere(line, books)}
    differ |= books.lines_of.keys() - {receipt.receipt_id for receipt in books.receipts}
    for receipt_id in sorted(filter(None, differ)):
        yield FindingKind.LINES, f"receipt {receipt_id}"


def _is_told_by_a_line(posting: Posting) -> bool:
    is_of_a_line = posting.place in _TOLD_BY_LINES
    return is_of_a_line and posting.hold_reason in (None, HoldReason.FUTURE_SUPPORT)


def _goes_elsewhere(line: DistributionLine, books: CaseBooks) -> bool:
    return line.payee_id is not None and line.payee_id not in books.custodial_parents


def _moved(line: Movement | Posting, on: date | None) -> _Moved:
    return line.place, line.receipt_id, line.obligation_id, line.month, line.payee_id, on


def _is_received(receipt: Receipt, books: CaseBooks) -> bool:
    name = receipt.receipt_id
    lines = books.lines_of[name]
    at_receipt = [line for line in lines if not line.from_held]
    return (
        sum(line.amount.cents for line in at_receipt) == receipt.amount.cents
        and [line.line for line in lines] == list(range(1, len(lines) + 1))
        and all(line.on == _satisfied_on(line, receipt) for line in lines)
        and receipt.collected_on in (receipt.received_on, receipt.pay_date)
        and _is_taken_in(receipt, books)
        and _is_given_out(receipt, books.journal.get(f"{name}/distribution", ()))
    )


def _satisfied_on(line: DistributionLine, receipt: Receipt) -> date:
    if line.month is None:
        return receipt.collected_on
    return line.month.first_day if line.from_held else max(receipt.collected_on, line.month.first_day)


def _is_taken_in(receipt: Receipt, books: CaseBooks) -> bool:
    """Whether money that came in stands in the books as the receipt says, or came out of what was held."""
    name, cents = receipt.receipt_id, receipt.amount.cents
    day, at = receipt.received_on, receipt.recorded_at
    held = books.held_before.get(name)
    if not held:
        expected = [(Place.COLLECTED, -cents, day, at, None), (Place.UNDISTRIBUTED, cents, day, at, None)]
        return _told(books.journal.get(f"{name}/receipt", ())) == expected
    reason = held[-1].hold_reason
    found = books.journal.get(f"{name}/identified", ())
    at = found[0].recorded_at if found else at
    released = [(Place.HELD, -cents, day, at, reason), (Place.UNDISTRIBUTED, cents, day, at, None)]
    return _told(held) == _held(receipt, reason) and _told(found) == released


def _is_given_out(receipt: Receipt, postings: Sequence[Posting]) -> bool:
    money = [posting for posting in postings if posting.place.book is Book.MONEY]
    taken = [posting.amount.cents for posting in money if posting.place is Place.UNDISTRIBUTED]
    return taken == [-receipt.amount.cents] and all(
        posting.effective_date == receipt.received_on for posting in money
    )


_Told: TypeAlias = list[tuple[object, ...]]


def _told(postings: Sequence[Posting]) -> _Told:
    return [
        (each.place, each.amount.cents, each.effective_date, each.recorded_at, each.hold_reason)
        for each in postings
    ]


def _held(receipt: Receipt, reason: HoldReason | None) -> _Told:
    cents, day, at = receipt.amount.cents, receipt.received_on, receipt.recorded_at
    return [(Place.COLLECTED, -cents, day, at, None), (Place.HELD, cents, day, at, reason)]
