"""Payments as they were sent: what a remitter is shown of what it sent.

Invariant: it shows what the remitter said itself, and the day it came. Whose case it was posted to, whether
it could be and what became of it is the family's to know.
"""

from datetime import date

import attrs

from dcss_core.base.money import Money
from dcss_core.payments.collection.receipt import Receipt


@attrs.frozen
class PaymentAsSent:
    """A payment as its remitter sent it; `received_on` is the day the file came."""

    receipt_id: str
    sent_as: str | None
    trace_number: str
    amount: Money
    case_as_sent: str | None
    pay_date: date | None
    received_on: date

    @classmethod
    def of(cls, receipt: Receipt) -> "PaymentAsSent":
        """What the remitter of a receipt is shown of it."""
        return cls(
            receipt.receipt_id,
            receipt.sent_as,
            receipt.trace_number,
            receipt.amount,
            receipt.case_as_sent,
            receipt.pay_date,
            receipt.received_on,
        )
