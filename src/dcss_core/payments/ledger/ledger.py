"""The ledger: immutable, balanced postings.

Decides in which places money and debts can be; the place tells the book. Invariants: a posting is never
changed or removed; it names what its place asks for; the postings of one entry stand in one stream and sum to
zero in each book on each day; every cent received is at any moment in exactly one place of the money book
(undistributed, held or payable), whose balances sum to what was collected; every posting has two times, the
effective date and the instant it was recorded; what was owed, held or payable on any earlier day is the sum
of the postings effective by then.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.records.invariants import check_invariants
from dcss_core.errors import InvariantError


class Book(OrderedEnum):
    """The two books: where the money is, and what is owed."""

    MONEY = "money"
    DEBT = "debt"


class Place(OrderedEnum):
    """A place in one of the books; COLLECTED and CHARGED are where money and debts come from.

    PREPAID (zero or negative) is credit for months to come whose money the family has already.
    """

    COLLECTED = "collected"
    UNDISTRIBUTED = "undistributed"
    HELD = "held"
    PAYABLE = "payable"
    CHARGED = "charged"
    OWED = "owed"
    SATISFIED = "satisfied"
    PREPAID = "prepaid"

    @property
    def book(self) -> Book:
        """The book the place stands in."""
        return Book.DEBT if self in _PLACES_OF_DEBT else Book.MONEY


_PLACES_OF_DEBT = frozenset({Place.CHARGED, Place.OWED, Place.SATISFIED, Place.PREPAID})


class HoldReason(OrderedEnum):
    """Why money is held; the value is stable. `payments.views.hold_reasons` words it for people."""

    FUTURE_SUPPORT = "future_support"
    CASE_UNKNOWN = "case_unknown"
    CASE_CLOSED = "case_closed"
    SSN_DOES_NOT_MATCH_CASE = "ssn_does_not_match_case"
    NO_CHILD_SUPPORT_ADDENDUM = "no_child_support_addendum"
    AMOUNTS_DIFFER = "amounts_differ"
    OTHER_PURPOSE = "other_purpose"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    NO_DISTRIBUTION_RULE = "no_distribution_rule"


# What a line is about, by its place: the fields it names, in the order of `_named`.
_RECEIPT: Final = (True, False, False, False)
_DEBT: Final = (False, True, False, False)
_RECEIPT_AND_DEBT: Final = (True, True, False, False)
_RECEIPT_AND_PAYEE: Final = (True, False, True, False)
_RECEIPT_AND_REASON: Final = (True, False, False, True)
_NAMED_IN: Final[Mapping[Place, frozenset[tuple[bool | None, ...]]]] = {
    Place.COLLECTED: frozenset({_RECEIPT}),
    Place.UNDISTRIBUTED: frozenset({_RECEIPT}),
    Place.HELD: frozenset({_RECEIPT_AND_REASON}),
    Place.PAYABLE: frozenset({_RECEIPT_AND_PAYEE}),
    Place.CHARGED: frozenset({_DEBT}),
    Place.OWED: frozenset({_DEBT, _RECEIPT_AND_DEBT}),
    Place.SATISFIED: frozenset({_RECEIPT_AND_DEBT, _RECEIPT}),  # without a debt: credit for months to come
    Place.PREPAID: frozenset({_RECEIPT_AND_DEBT, _RECEIPT}),
}
_WITHOUT_A_CASE: Final = (Place.COLLECTED, Place.HELD)  # money whose case is not known yet


@attrs.frozen
class Posting:
    """One line of an entry: so much moved into (or, negative, out of) a place.

    `entry_id` and `line` together are unique. `effective_date` is the day the law counts from,
    `recorded_at` the instant we wrote it down. `stream` says whose postings it is numbered among: those of
    its case, or of the receipt whose case is not known yet.
    """

    entry_id: str
    line: int
    place: Place
    amount: Money
    effective_date: date
    recorded_at: datetime
    stream: str
    receipt_id: str | None = None
    obligation_id: str | None = None
    month: Month | None = None
    payee_id: str | None = None
    hold_reason: HoldReason | None = None

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (self.amount.cents != 0, _MOVES_SOMETHING),
            (_named(self) in _NAMED_IN[self.place], _NAMES_WHAT_ITS_PLACE_ASKS),
            (self.line >= 1, "lines are numbered from 1"),
            (bool(self.stream), "it stands in a stream"),
            (not self.is_of_no_case or self.place in _WITHOUT_A_CASE, "it is of a case in this place"),
        )

    @property
    def is_of_no_case(self) -> bool:
        """Whether its case was not known; it stands in a stream of the receipt then, which has nothing else.

        No case number is as long as the id of a receipt.
        """
        return self.stream == self.receipt_id

    @property
    def case_number(self) -> CaseNumber | None:
        """The case it is of; None for money whose case was not known."""
        return None if self.is_of_no_case else CaseNumber(self.stream)


@attrs.frozen
class Movement:
    """A posting to be: a place, an amount and what it is about.

    `on` is its effective date when that is not the date of the whole entry. It names what its place asks
    for: a held sum its receipt and the reason, a payable one its receipt and the payee, a debt its
    obligation and month.
    """

    place: Place
    amount: Money
    receipt_id: str | None = None
    obligation_id: str | None = None
    month: Month | None = None
    payee_id: str | None = None
    hold_reason: HoldReason | None = None
    on: date | None = None

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (self.amount.cents != 0, _MOVES_SOMETHING),
            (_named(self) in _NAMED_IN[self.place], _NAMES_WHAT_ITS_PLACE_ASKS),
        )


_MOVES_SOMETHING: Final = "it moves more than nothing"
_NAMES_WHAT_ITS_PLACE_ASKS: Final = "it names what its place asks for, and nothing else"


def _named(line: Posting | Movement) -> tuple[bool | None, ...]:
    of_debt = line.obligation_id is not None
    return (
        line.receipt_id is not None,
        of_debt if of_debt is (line.month is not None) else None,  # None: one without the other
        line.payee_id is not None,
        line.hold_reason is not None,
    )


def post(
    entry_id: str,
    movements: Iterable[Movement],
    *,
    effective_date: date,
    recorded_at: datetime,
    case_number: CaseNumber | None,
) -> tuple[Posting, ...]:
    """Make the postings of one entry; raises InvariantError unless each book balances on each day.

    Without a case they stand in the stream of the receipt that each of them names.
    """
    postings = tuple(
        Posting(
            entry_id,
            line,
            each.place,
            each.amount,
            each.on or effective_date,
            recorded_at,
            _stream(case_number, each.receipt_id),
            each.receipt_id,
            each.obligation_id,
            each.month,
            each.payee_id,
            each.hold_reason,
        )
        for line, each in enumerate(movements, start=1)
    )
    cents: dict[tuple[Book, date], int] = defaultdict(int)
    for posting in postings:
        cents[posting.place.book, posting.effective_date] += posting.amount.cents
    for (book, day), left_over in cents.items():
        if left_over:
            raise InvariantError(
                f"entry {entry_id}: the {book.value} book is out of balance by "
                f"{Money.from_cents(left_over)} on {day}"
            )
    return postings


def _stream(case_number: CaseNumber | None, receipt_id: str | None) -> str:
    return str(case_number) if case_number is not None else receipt_id or ""


def balances(postings: Iterable[Posting]) -> dict[Place, Money]:
    """Add up each place; places that were never posted to are zero."""
    cents: dict[Place, int] = defaultdict(int)
    for posting in postings:
        cents[posting.place] += posting.amount.cents
    return {place: Money.from_cents(cents[place]) for place in Place}
