"""Payment history: what a parent sees of the money in a case.

Decides what each role may see. Invariants: a custodial parent sees what was received for the family
and when it is to be sent, a noncustodial parent what was received from them and how it was applied;
neither sees the other's employer, bank or address (requirement S-29).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import attrs

from dcss_core.base.html.table import html_table
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.distribution.applied_line import AppliedLine
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.views.explanation import what_for


@attrs.frozen
class Applied:
    """A part of a payment and what it went toward, in words.

    `later_on` is the day on which money that had been held was applied; None for what was applied at once.
    """

    toward: str
    amount: Money
    later_on: date | None = None

    def __str__(self) -> str:
        later = f" on {self.later_on}" if self.later_on else ""
        return f"{self.amount.display()} {self.toward}{later}"


@attrs.frozen
class HistoryLine:
    """One payment of a case, as a parent in the case or a member of staff sees it.

    `amount` is what was received, `to_family` the part that goes to the family, `held` the part still
    kept for months to come. `send_by` is the last day to send what was for the family at once, None
    when that was nothing or the day is not known. `remitter` is None for the custodial parent.
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
        parts = [", ".join(str(each) for each in self.applied if each.later_on is None)]
        if self.send_by:
            parts.append(f"to be sent by {self.send_by}")
        parts += [str(each) for each in self.applied if each.later_on is not None]
        if self.held:
            parts.append(f"{self.held.display()} held for support of months to come")
        return f"{self.on}  {self.amount.display():>10}  {'; '.join(part for part in parts if part)}"


class PaymentHistory(tuple[HistoryLine, ...]):
    """The payments of a case, as one parent or staff see them, newest first: a tuple that shows itself.

    `str()` gives a line for each, a notebook a table.
    """

    __slots__ = ()

    def __str__(self) -> str:
        return "\n".join(map(str, self)) if self else "no payments yet"

    def __repr__(self) -> str:
        return f"PaymentHistory({super().__repr__()})"

    def _repr_html_(self) -> str:
        headings = ("received", "amount", "to the family", "held", "went toward", "send by", "from")
        rows = [
            (
                line.on,
                line.amount,
                line.to_family,
                line.held,
                ", ".join(map(str, line.applied)),
                line.send_by,
                line.remitter,
            )
            for line in self
        ]
        shows_remitter = any(line.remitter for line in self)
        columns = len(headings) if shows_remitter else len(headings) - 1
        shown = [row[:columns] for row in rows]
        return html_table("Payments, newest first", headings[:columns], shown, has_row_headings=True)


def history_of(
    receipts: Sequence[Receipt], lines: Sequence[AppliedLine | DistributionLine], *, shows_remitter: bool
) -> PaymentHistory:
    """The payments of a case, newest first; who remitted them only where it is for the reader to know.

    Raises InvariantError when the lines of a receipt do not sum to it.
    """
    lines_of: dict[str, list[AppliedLine | DistributionLine]] = defaultdict(list)
    for line in lines:
        lines_of[line.receipt_id].append(line)
    seen = [_line(receipt, lines_of[receipt.receipt_id], shows_remitter) for receipt in receipts]
    return PaymentHistory(sorted(seen, key=lambda line: (line.on, line.receipt_id), reverse=True))


def _line(
    receipt: Receipt, lines: Sequence[AppliedLine | DistributionLine], shows_remitter: bool
) -> HistoryLine:
    at_receipt = held = 0
    is_paid_at_once = False
    for line in lines:
        cents = line.amount.cents
        if not line.from_held:
            at_receipt += cents
            is_paid_at_once = is_paid_at_once or line.payee_id is not None
            held += cents if line.payee_id is None else 0
        elif line.payee_id is not None:
            held -= cents
    if at_receipt != receipt.amount.cents:
        raise InvariantError(f"the lines of {receipt.receipt_id} do not sum to it")
    return HistoryLine(
        receipt_id=receipt.receipt_id,
        on=receipt.received_on,
        amount=receipt.amount,
        to_family=Money.from_cents(receipt.amount.cents - held),
        held=Money.from_cents(held),
        send_by=receipt.send_by if is_paid_at_once else None,
        remitter=receipt.remitter if shows_remitter else None,
        applied=tuple(
            Applied(what_for(line), line.amount, line.on if line.from_held else None)
            for line in lines
            if line.payee_id is not None
        ),
    )
