"""Payment history: what a parent sees of the money in a case.

Decides what each role may see. Invariants: a custodial parent sees what was received for the family
and when it is to be sent, a noncustodial parent what was received from them and how it was applied;
neither sees the other's employer, bank or address (requirement S-29).
"""

from collections.abc import Sequence
from datetime import date

import attrs

from dcss_core.base.money import Money
from dcss_core.cases.case import Role
from dcss_core.payments.distribution import DistributionLine
from dcss_core.payments.distribution_policy import Bucket
from dcss_core.payments.explanation import Explanation, what_for
from dcss_core.payments.receipt import Receipt


@attrs.frozen
class Applied:
    """A part of a payment and what it went toward, in words."""

    toward: str
    amount: Money


@attrs.frozen
class HistoryLine:
    """One payment as one parent sees it.

    `amount` is what was received, `to_family` the part that goes to the family now, `held` the part
    kept for months to come. `remitter` is None for the custodial parent.
    """

    receipt_id: str
    on: date
    amount: Money
    to_family: Money
    held: Money
    send_by: date | None
    remitter: str | None
    applied: tuple[Applied, ...]

    def __str__(self) -> str:
        parts = ", ".join(f"{each.amount.display()} {each.toward}" for each in self.applied)
        sent = f"; to be sent by {self.send_by}" if self.send_by and self.to_family else ""
        return f"{self.on}  {self.amount.display():>10}  {parts}{sent}"


def history_for(
    role: Role, receipts: Sequence[Receipt], lines: Sequence[DistributionLine]
) -> tuple[HistoryLine, ...]:
    """The payments of a case as a parent in this role sees them, newest first."""
    seen = [
        _line(
            Explanation(receipt, tuple(line for line in lines if line.receipt_id == receipt.receipt_id)), role
        )
        for receipt in receipts
    ]
    return tuple(sorted(seen, key=lambda line: (line.on, line.receipt_id), reverse=True))


def _line(told: Explanation, role: Role) -> HistoryLine:
    later = Money.total(line.amount for line in told.applied_later)
    held = Money.total(line.amount for line in told.at_receipt if not line.payee_id) - later
    applied = [Applied(what_for(line), line.amount) for line in told.lines if line.payee_id]
    if held:
        applied.append(Applied(f"held for {what_for(_held_line(told))}", held))
    return HistoryLine(
        receipt_id=told.receipt.receipt_id,
        on=told.receipt.received_on,
        amount=told.receipt.amount,
        to_family=told.receipt.amount - held,
        held=held,
        send_by=told.receipt.send_by,
        remitter=told.receipt.remitter if role is Role.NONCUSTODIAL_PARENT else None,
        applied=tuple(applied),
    )


def _held_line(told: Explanation) -> DistributionLine:
    return next(line for line in told.at_receipt if line.bucket is Bucket.FUTURE_SUPPORT)
