"""Explanation: where every cent of a receipt went, and why.

Decides how a distribution is told. Invariants: the lines made at receipt sum to the receipt exactly;
money applied later out of what was held is told apart; nothing is shown to one parent that belongs
to the other (bank, address, employer).
"""

from html import escape

import attrs

from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.distribution import DistributionLine
from dcss_core.payments.distribution_policy import Bucket
from dcss_core.payments.receipt import Receipt, ReceiptStatus

_WORDS = {
    Bucket.CURRENT_SUPPORT: "current support of {month}",
    Bucket.NEVER_ASSIGNED_ARREARS: "arrears of {month}",
    Bucket.FUTURE_SUPPORT: "support of months to come",
}


@attrs.frozen
class Explanation:
    """A receipt and its lines. `str()` tells it in plain sentences; a notebook shows a table."""

    receipt: Receipt
    lines: tuple[DistributionLine, ...]
    shows_remitter: bool = True

    def __attrs_post_init__(self) -> None:
        total = Money.total(line.amount for line in self.at_receipt)
        if self.receipt.status is ReceiptStatus.DISTRIBUTED and total != self.receipt.amount:
            raise InvariantError(
                f"the lines of {self.receipt.receipt_id} sum to {total}, not to {self.receipt.amount}"
            )

    @property
    def at_receipt(self) -> tuple[DistributionLine, ...]:
        """What the receipt was distributed to; sums to its amount."""
        return tuple(line for line in self.lines if not line.from_held)

    @property
    def applied_later(self) -> tuple[DistributionLine, ...]:
        """What was held at receipt and has been applied since."""
        return tuple(line for line in self.lines if line.from_held)

    def __str__(self) -> str:
        receipt = self.receipt
        sent = f" from {receipt.remitter}" if self.shows_remitter else ""
        told = [
            f"{receipt.amount.display()} received {receipt.received_on}{sent} (receipt {receipt.receipt_id})"
        ]
        if receipt.status is ReceiptStatus.HELD and receipt.hold_reason is not None:
            told.append(f"  {receipt.amount.display():>10}  held: {receipt.hold_reason.sentence}")
        for line in self.lines:
            told += self._told(line)
        if receipt.send_by is not None and any(line.payee_id for line in self.at_receipt):
            told.append(f"  The family's part is to be sent by {receipt.send_by}.")
        return "\n".join(told)

    def _told(self, line: DistributionLine) -> list[str]:
        to = f"to the {line.payee.value}" if line.payee_id else "held"
        later = f", applied on {line.on}" if line.from_held else ""
        inputs = "; ".join(f"{each.name}: {each.value}" for each in line.inputs)
        return [
            f"  {line.amount.display():>10}  {what_for(line)}, {to}{later}",
            f"              because {line.citation} [{line.rule}, {line.rules_version}]",
            f"              {inputs}",
            f"              {line.alternative}",
        ]

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td style='text-align:right'>{line.amount.display()}</td><td>{escape(what_for(line))}</td>"
            f"<td>{escape(line.payee.value if line.payee_id else 'held')}</td>"
            f"<td>{escape(line.citation)}</td><td>{escape(line.alternative)}</td></tr>"
            for line in self.lines
        )
        head = "<tr><th>amount</th><th>goes toward</th><th>to</th><th>because</th><th>instead of</th></tr>"
        title = f"{self.receipt.amount.display()} received {self.receipt.received_on}"
        return f"<table><caption>{title}</caption>{head}{rows}</table>"


def what_for(line: DistributionLine) -> str:
    """What a line goes toward, in words."""
    words = _WORDS[Bucket.CURRENT_SUPPORT if line.from_held else line.bucket]
    return words.format(month=line.month)
