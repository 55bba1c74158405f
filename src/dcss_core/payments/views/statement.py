"""Statement: what was owed, fell due, was paid and is owed, month by month.

Decides how the debt book of a case is told to a parent. Invariants: opening balance + charged -
paid = closing balance, for each month and for the whole; every figure is a sum of postings effective
by the end of its month; it is of a hundred years at most, whoever asks for how many.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.html.table import html_notes, html_table
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.payments.ledger.ledger import HoldReason, Place, Posting

MOST_MONTHS: Final = 1_200


@attrs.frozen
class SumOfDay:
    """What the postings of one day in one place come to; the fields are those of a posting."""

    place: Place
    effective_date: date
    hold_reason: HoldReason | None
    amount: Money


@attrs.frozen
class StatementMonth:
    """One month: what fell due and what was paid in it, and what was owed at its end."""

    month: Month
    charged: Money
    paid: Money
    owed_at_end: Money


@attrs.frozen
class Statement:
    """A statement of a case's account.

    `held` is kept for months after the last one and belongs to no debt yet; `prepaid` was sent to the
    family for them already. What falls due after `charged_through` has not been charged and is not in it.
    """

    case_number: CaseNumber
    first: Month
    last: Month
    charged_through: Month
    owed_before: Money
    months: tuple[StatementMonth, ...]
    held: Money
    prepaid: Money

    @property
    def charged(self) -> Money:
        """All that fell due."""
        return Money.total(each.charged for each in self.months)

    @property
    def paid(self) -> Money:
        """All that was paid toward debts."""
        return Money.total(each.paid for each in self.months)

    @property
    def owed(self) -> Money:
        """What is owed at the end."""
        return self.owed_before + self.charged - self.paid

    def __str__(self) -> str:
        rows = [
            f"Statement of case {self.case_number}, {self.first} through {self.last}",
            f"{'month':<10}{'fell due':>14}{'paid':>14}{'owed':>14}",
            f"{'before':<10}{'':>14}{'':>14}{self.owed_before.display():>14}",
        ]
        rows += [
            f"{each.month!s:<10}{each.charged.display():>14}{each.paid.display():>14}"
            f"{each.owed_at_end.display():>14}"
            for each in self.months
        ]
        rows.append(
            f"{'total':<10}{self.charged.display():>14}{self.paid.display():>14}{self.owed.display():>14}"
        )
        return "\n".join([*rows, *self._notes()])

    def _notes(self) -> list[str]:
        notes = []
        if self.charged_through < self.last:
            notes.append(f"Charged through {self.charged_through}; what falls due later is not in it yet.")
        if self.held:
            notes.append(f"Held for months to come: {self.held.display()}")
        if self.prepaid:
            notes.append(f"Sent ahead for months to come: {self.prepaid.display()}")
        return notes

    def _repr_html_(self) -> str:
        table = html_table(
            f"Statement of case {self.case_number}, {self.first} through {self.last}",
            ("month", "fell due", "paid", "owed"),
            [
                ("before", None, None, self.owed_before),
                *((each.month, each.charged, each.paid, each.owed_at_end) for each in self.months),
            ],
            totals=("total", self.charged, self.paid, self.owed),
            has_row_headings=True,
        )
        return table + html_notes(self._notes())


def check_months(first: Month, last: Month) -> None:
    """Refuse a statement of no month or of more than MOST_MONTHS; raises InvalidInputError."""
    if last < first:
        raise InvalidInputError(
            "a statement is of one month or more",
            faults=[Fault("last", str(last), f"{first} or a month after it")],
        )
    if _number_of_months(first, last) > MOST_MONTHS:
        expected = f"{first.plus(MOST_MONTHS - 1)} or a month before it"
        raise InvalidInputError(
            "a statement is of a hundred years at most", faults=[Fault("last", str(last), expected)]
        )


def _number_of_months(first: Month, last: Month) -> int:
    return 12 * (last.year - first.year) + last.number - first.number + 1


def statement_of(
    case_number: CaseNumber,
    postings: Iterable[Posting | SumOfDay],
    *,
    first: Month,
    last: Month,
    charged_through: Month,
) -> Statement:
    """The statement of a case for some months, both included, from its postings or their sums.

    `charged_through` is the last month of the case that has been charged. Raises as `check_months` does.
    """
    check_months(first, last)
    moved: dict[tuple[Place, Month], int] = defaultdict(int)
    for posting in postings:
        if posting.place is not Place.HELD or posting.hold_reason is HoldReason.FUTURE_SUPPORT:
            moved[posting.place, Month.of(posting.effective_date)] += posting.amount.cents

    def before(end: Month, place: Place) -> int:
        return sum(cents for (at, month), cents in moved.items() if at is place and month < end)

    owed_before = Money.from_cents(before(first, Place.OWED))
    owed, months = owed_before, []
    for month in map(first.plus, range(_number_of_months(first, last))):
        charged = Money.from_cents(-moved[Place.CHARGED, month])
        paid = Money.from_cents(moved[Place.SATISFIED, month] + moved[Place.PREPAID, month])
        owed = owed + charged - paid
        months.append(StatementMonth(month, charged, paid, owed))
    return Statement(
        case_number,
        first,
        last,
        charged_through,
        owed_before,
        tuple(months),
        held=Money.from_cents(before(last, Place.HELD) + moved[Place.HELD, last]),
        prepaid=-Money.from_cents(before(last, Place.PREPAID) + moved[Place.PREPAID, last]),
    )
