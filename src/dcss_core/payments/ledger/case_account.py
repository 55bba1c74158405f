"""CaseAccount: what is owed and what is held in one case, as the postings add up to it.

Decides nothing by itself; charging and distribution return the next account together with the
postings that lead to it. Invariants: debts are open (more than zero), oldest month first; the
account equals the balances of the case's postings (a test recomputes it); money is set aside for
months to come only when nothing is owed.
"""

from collections.abc import Mapping

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.records.invariants import check_invariants
from dcss_core.errors import InvariantError


@attrs.frozen
class Debt:
    """What is still owed of one obligation's instalment for one month."""

    obligation_id: str
    month: Month
    owed: Money

    def __attrs_post_init__(self) -> None:
        check_invariants(self, (self.owed.cents > 0, "more than zero is owed"))


@attrs.frozen
class HeldSum:
    """What is still set aside, of one receipt, for months to come; `next_line` numbers its next line.

    `is_sent` says that the family got the money itself at once and only the credit is kept.
    """

    receipt_id: str
    amount: Money
    next_line: int
    is_sent: bool = False

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (self.amount.cents > 0, "more than zero is set aside"),
            (self.next_line >= 1, "lines are numbered from 1"),
        )


@attrs.frozen
class CaseAccount:
    """The open debts and held sums of a case, charged through a month."""

    case_number: CaseNumber
    payee_id: str
    charged_through: Month
    debts: tuple[Debt, ...] = ()
    held: tuple[HeldSum, ...] = ()

    @property
    def owed(self) -> Money:
        """Everything owed, arrears and current."""
        return Money.total(debt.owed for debt in self.debts)

    def charged(self, new: tuple[Debt, ...], through: Month) -> "CaseAccount":
        """The account after new debts fell due."""
        debts = (*self.debts, *sorted(new, key=_age))
        # What falls due is the youngest but in an account that was opened just now: sorting all debts each
        # month would take the square of the months.
        if self.debts and new and _age(debts[len(self.debts)]) < _age(self.debts[-1]):
            debts = tuple(sorted(debts, key=_age))
        return attrs.evolve(self, debts=debts, charged_through=through)

    def satisfied(self, paid: Mapping[tuple[str, Month], Money]) -> "CaseAccount":
        """The account after debts, by obligation and month, were paid.

        Raises InvariantError when one would be overpaid or is not owed at all.
        """
        unmet = dict(paid)
        left = []
        for debt in self.debts:
            amount = unmet.pop((debt.obligation_id, debt.month), None)
            rest = debt.owed if amount is None else debt.owed - amount
            if rest < Money.ZERO:
                raise InvariantError(f"{debt.obligation_id} of {debt.month} would be overpaid by {-rest}")
            if rest:
                left.append(debt if amount is None else attrs.evolve(debt, owed=rest))
        for (obligation_id, month), amount in unmet.items():
            raise InvariantError(f"{obligation_id} of {month} is not owed and can't be paid {amount}")
        return attrs.evolve(self, debts=tuple(left))

    def holding(self, held: HeldSum) -> "CaseAccount":
        """The account after money of a receipt was set aside for months to come."""
        return attrs.evolve(self, held=(*self.held, held))


def _age(debt: Debt) -> tuple[int, int, str]:
    return debt.month.year, debt.month.number, debt.obligation_id
