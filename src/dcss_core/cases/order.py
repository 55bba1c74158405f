"""Orders for support and the obligations in them.

Invariants: an obligation is a monthly amount above zero (42 USC 657(c)(5)) and ends after it begins; it
falls due in a month when its due day of that month lies in the time the order runs.
"""

import calendar
from datetime import date

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.locator_code import STATE_NUMBERS
from dcss_core.base.money import Money
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.records.invariants import check_invariants


class ObligationKind(OrderedEnum):
    """What the money is owed for."""

    CHILD_SUPPORT = "child_support"


@attrs.frozen
class SupportOrder:
    """An order for support; `issuing_state` is the two-digit FIPS number of the tribunal's state."""

    order_id: str
    case_number: CaseNumber
    issued_on: date
    issuing_state: str

    def __attrs_post_init__(self) -> None:
        check_invariants(self, (self.issuing_state in STATE_NUMBERS, "a state issued it, by its FIPS number"))


@attrs.frozen
class Obligation:
    """A monthly amount owed under an order.

    `begins` is the first day on which it can fall due, `ends` the first on which it no longer can;
    `due_day` past the end of a month means its last day.
    """

    obligation_id: str
    order_id: str
    case_number: CaseNumber
    kind: ObligationKind
    monthly_amount: Money
    begins: date
    ends: date | None = None
    due_day: int = 1

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (self.monthly_amount.cents > 0, "its monthly amount is more than zero"),
            (1 <= self.due_day <= 31, "it falls due on a day of the month, 1 to 31"),
            (self.ends is None or self.ends > self.begins, "it ends after it begins"),
        )

    def due_date(self, month: Month) -> date:
        """The day of a month on which the obligation falls due."""
        last = calendar.monthrange(month.year, month.number)[1]
        return date(month.year, month.number, min(self.due_day, last))

    def due_in(self, month: Month) -> Money:
        """What falls due in a month: the monthly amount, or nothing outside the order's time."""
        due = self.due_date(month)
        runs = self.begins <= due and (self.ends is None or due < self.ends)
        return self.monthly_amount if runs else Money.ZERO
