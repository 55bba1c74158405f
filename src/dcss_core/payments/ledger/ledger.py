"""The ledger: immutable, balanced postings.

Decides in which places money and debts can be. Invariants: a posting is never changed or removed;
the postings of one entry sum to zero in each book on each day; every cent received is at any moment
in exactly one place of the money book (undistributed, held or payable), whose balances sum to what
was collected; every posting has two times, the effective date and the instant it was recorded; what
was owed, held or payable on any earlier day is the sum of the postings effective by then.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.ordered_enum import OrderedEnum
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
    """Why money is held; the value is stable, `sentence` is for people."""

    FUTURE_SUPPORT = "future_support"
    CASE_UNKNOWN = "case_unknown"
    CASE_CLOSED = "case_closed"
    SSN_DOES_NOT_MATCH_CASE = "ssn_does_not_match_case"
    NO_CHILD_SUPPORT_ADDENDUM = "no_child_support_addendum"
    AMOUNTS_DIFFER = "amounts_differ"
    OTHER_PURPOSE = "other_purpose"
    POSSIBLE_DUPLICATE = "possible_duplicate"
    NO_DISTRIBUTION_RULE = "no_distribution_rule"

    @property
    def sentence(self) -> str:
        """The reason as one plain sentence."""
        return _SENTENCES[self]


_SENTENCES = {
    HoldReason.FUTURE_SUPPORT: "Paid for months to come; it is applied when they fall due.",
    HoldReason.CASE_UNKNOWN: "The case number the remitter gave is not one of ours.",
    HoldReason.CASE_CLOSED: "The case the remitter named is closed.",
    HoldReason.SSN_DOES_NOT_MATCH_CASE: "The SSN the remitter gave is not the noncustodial parent's.",
    HoldReason.NO_CHILD_SUPPORT_ADDENDUM: "The entry came without a child-support addendum (DED).",
    HoldReason.AMOUNTS_DIFFER: "The addendum states another amount than the entry pays.",
    HoldReason.OTHER_PURPOSE: "The addendum says that it is a tax offset or a recovery of costs.",
    HoldReason.POSSIBLE_DUPLICATE: (
        "The same entry was received already, in this file or under another effective entry date."
    ),
    HoldReason.NO_DISTRIBUTION_RULE: "The jurisdiction states no distribution order for this kind of case.",
}


@attrs.frozen
class Posting:
    """One line of an entry: so much moved into (or, negative, out of) a place.

    `entry_id` and `line` together are unique. `effective_date` is the day the law counts from,
    `recorded_at` the instant we wrote it down.
    """

    entry_id: str
    line: int
    book: Book
    place: Place
    amount: Money
    effective_date: date
    recorded_at: datetime
    case_number: CaseNumber | None = None
    receipt_id: str | None = None
    obligation_id: str | None = None
    month: Month | None = None
    payee_id: str | None = None
    hold_reason: HoldReason | None = None


@attrs.frozen
class Movement:
    """A posting to be: a place, an amount and what it is about.

    `on` is its effective date when that is not the date of the whole entry.
    """

    place: Place
    amount: Money
    receipt_id: str | None = None
    obligation_id: str | None = None
    month: Month | None = None
    payee_id: str | None = None
    hold_reason: HoldReason | None = None
    on: date | None = None


def post(
    entry_id: str,
    movements: Iterable[Movement],
    *,
    effective_date: date,
    recorded_at: datetime,
    case_number: CaseNumber | None,
) -> tuple[Posting, ...]:
    """Make the postings of one entry; raises InvariantError unless each book balances on each day."""
    postings = tuple(
        Posting(
            entry_id,
            line,
            each.place.book,
            each.place,
            each.amount,
            each.on or effective_date,
            recorded_at,
            case_number,
            each.receipt_id,
            each.obligation_id,
            each.month,
            each.payee_id,
            each.hold_reason,
        )
        for line, each in enumerate(movements, start=1)
        if each.amount
    )
    cents: dict[tuple[Book, date], int] = defaultdict(int)
    for posting in postings:
        cents[posting.book, posting.effective_date] += posting.amount.cents
    for (book, day), left_over in cents.items():
        if left_over:
            raise InvariantError(
                f"entry {entry_id}: the {book.value} book is out of balance by "
                f"{Money.from_cents(left_over)} on {day}"
            )
    return postings


def balances(postings: Iterable[Posting]) -> dict[Place, Money]:
    """Add up each place; places that were never posted to are zero."""
    cents: dict[Place, int] = defaultdict(int)
    for posting in postings:
        cents[posting.place] += posting.amount.cents
    return {place: Money.from_cents(cents[place]) for place in Place}
