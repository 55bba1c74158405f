"""Explanation: where every cent of a receipt went, and why.

Decides how a distribution is told. Invariants: the lines made at receipt sum to the receipt exactly;
money applied later out of what was held is told apart; what belongs to one parent alone (the bank,
the employer) is not merely left out of the text shown to the other: the explanation does not hold it.
"""

from datetime import date
from functools import lru_cache
from textwrap import wrap
from typing import Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.html.table import html_table
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.distribution.applied_line import AppliedLine
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import Bucket
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.views.hold_reasons import hold_reason_in_words
from dcss_core.payments.views.reasons import figures_in_words, instead_in_words

_WIDTH: Final = 96
_WORDS: Final = {
    Bucket.CURRENT_SUPPORT: "current support of {month}",
    Bucket.NEVER_ASSIGNED_ARREARS: "arrears of {month}",
    Bucket.FUTURE_SUPPORT: "support of months to come",
}


@attrs.frozen
class Explanation:
    """A receipt and its lines. `str()` tells it in plain sentences; a notebook shows a table.

    `remitter` is None when it is not for the reader to know.
    """

    receipt_id: str
    amount: Money
    received_on: date
    collected_on: date
    status: ReceiptStatus
    hold_reason: HoldReason | None
    send_by: date | None
    remitter: str | None
    lines: tuple[DistributionLine, ...]

    def __attrs_post_init__(self) -> None:
        total = Money.total(line.amount for line in self.at_receipt)
        if self.status is ReceiptStatus.DISTRIBUTED and total != self.amount:
            raise InvariantError(f"the lines of {self.receipt_id} sum to {total}, not to {self.amount}")

    @classmethod
    def of(
        cls, receipt: Receipt, lines: tuple[DistributionLine, ...], *, shows_remitter: bool = True
    ) -> "Explanation":
        """Explain a receipt by its lines."""
        return cls(
            receipt_id=receipt.receipt_id,
            amount=receipt.amount,
            received_on=receipt.received_on,
            collected_on=receipt.collected_on,
            status=receipt.status,
            hold_reason=receipt.hold_reason,
            send_by=receipt.send_by,
            remitter=receipt.remitter if shows_remitter else None,
            lines=lines,
        )

    @property
    def at_receipt(self) -> tuple[DistributionLine, ...]:
        """What the receipt was distributed to; sums to its amount."""
        return tuple(line for line in self.lines if not line.from_held)

    @property
    def applied_later(self) -> tuple[DistributionLine, ...]:
        """What was set aside at receipt and has been applied since."""
        return tuple(line for line in self.lines if line.from_held)

    def __str__(self) -> str:
        sent = f" from {self.remitter}" if self.remitter else ""
        told = [f"{self.amount.display()} received {self.received_on}{sent} (receipt {self.receipt_id})"]
        if self.hold_reason is not None:
            told.append(f"  {self.amount.display():>10}  held: {hold_reason_in_words(self.hold_reason)}")
        else:
            told.append(f"  {self._counts_from()}")
        for line in self.lines:
            told += self._told(line)
        if any(line.payee_id for line in self.at_receipt):
            told.append(f"  {self._when_to_send()}")
        return "\n".join(told)

    def _when_to_send(self) -> str:
        if self.send_by is not None:
            return f"The family's part is to be sent by {self.send_by}."
        return (
            "The last day to send the family's part is not known: the rules do not say yet on which days "
            "the state's offices are closed."
        )

    def _counts_from(self) -> str:
        if self.collected_on == self.received_on:
            return f"Counts from {self.collected_on}, the day it was received (45 CFR 302.51(a)(4)(i))."
        return (
            f"Counts from {self.collected_on}, the day it was withheld, since support of that month was "
            "still owed (45 CFR 302.51(a)(4)(ii))."
        )

    def _told(self, line: DistributionLine) -> list[str]:
        return [
            f"  {line.amount.display():>10}  {self._toward(line)}, {_to_whom(line)}",
            *_labelled("law", line.citation),
            *_labelled("rule", f"{line.rule}, {line.rules_version}"),
            *_labelled("figures", figures_in_words(line)),
            *_labelled("instead", instead_in_words(line)),
        ]

    def _toward(self, line: DistributionLine) -> str:
        words = what_for(line)
        others = [each for each in self.lines if each is not line and what_for(each) == words]
        shared = any(each.obligation_id != line.obligation_id for each in others)
        return f"{words}, obligation {line.obligation_id}" if shared else words

    def _repr_html_(self) -> str:
        rows: list[tuple[Money | str, ...]] = [
            (line.amount, self._toward(line), _to_whom(line), line.citation, instead_in_words(line))
            for line in self.lines
        ]
        if self.hold_reason is not None:
            rows.append((self.amount, "not known yet", "held", hold_reason_in_words(self.hold_reason), ""))
        headings = ("amount", "goes toward", "to", "because", "instead of")
        return html_table(f"{self.amount.display()} received {self.received_on}", headings, rows)


def _labelled(label: str, text: str) -> list[str]:
    return wrap(
        text,
        width=_WIDTH,
        initial_indent=f"{label:>21}  ",
        subsequent_indent=" " * 23,
        break_long_words=False,
        break_on_hyphens=False,
    )


def what_for(line: DistributionLine | AppliedLine) -> str:
    """What a line goes toward, in words."""
    if line.bucket is Bucket.FUTURE_SUPPORT and line.month is not None:
        return f"support of {line.month}"  # later than the collection counts from, yet fallen due
    return _words_of(line.bucket, line.month)


@lru_cache(maxsize=1_024)
def _words_of(bucket: Bucket, month: Month | None) -> str:
    return _WORDS[bucket].format(month=month)


def _to_whom(line: DistributionLine) -> str:
    if not line.from_held:
        return f"to the {line.payee.value}" if line.payee_id else "held"
    paid = f"to the {line.payee.value} out of what was held" if line.payee_id else "which was sent ahead"
    return f"{paid}, applied on {line.on}"
