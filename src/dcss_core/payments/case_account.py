"""CaseAccount: what is owed and what is held in one case, as the postings add up to it.

Decides nothing by itself; charging and distribution return the next account together with the
postings that lead to it. Invariants: debts are open (more than zero), oldest month first; the
account equals the balances of the case's postings (a test recomputes it).
"""

from collections.abc import Mapping

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError


@attrs.frozen
class Debt:
    """What is still owed of one obligation's instalment for one month."""

    obligation_id: str
    month: Month
    owed: Money


@attrs.frozen
class HeldSum:
    """What is still held, of one receipt, for months to come; `next_line` numbers its next line."""

    receipt_id: str
    amount: Money
    next_line: int


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

    def owed_before(self, month: Month) -> Money:
        """The arrears: what is owed from months before this one."""
        return Money.total(debt.owed for debt in self.debts if debt.month < month)

    @property
    def held_total(self) -> Money:
        """What is held for months to come."""
        return Money.total(each.amount for each in self.held)

    def charged(self, new: tuple[Debt, ...], through: Month) -> "CaseAccount":
        """The account after new debts fell due."""
        debts = sorted((*self.debts, *new), key=lambda debt: (debt.month, debt.obligation_id))
        return attrs.evolve(self, debts=tuple(debts), charged_through=through)

    def satisfied(self, paid: Mapping[tuple[str, Month], Money]) -> "CaseAccount":
        """The account after debts, by obligation and month, were paid; raises InvariantError if overpaid."""
        left = []
        for debt in self.debts:
            rest = debt.owed - paid.get((debt.obligation_id, debt.month), Money.ZERO)
            if rest < Money.ZERO:
                raise InvariantError(f"{debt.obligation_id} of {debt.month} would be overpaid by {-rest}")
            if rest:
                left.append(attrs.evolve(debt, owed=rest))
        return attrs.evolve(self, debts=tuple(left))

    def holding(self, held: HeldSum) -> "CaseAccount":
        """The account after money of a receipt was set aside for months to come."""
        return attrs.evolve(self, held=(*self.held, held))
