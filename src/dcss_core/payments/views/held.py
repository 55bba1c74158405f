"""HeldReceipt: money whose place is not known yet, as staff see it."""

from datetime import date

import attrs

from dcss_core.errors import InvariantError
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.views.hold_reasons import hold_reason_in_words


@attrs.frozen
class HeldReceipt:
    """A receipt whose place is not known yet, and for how long it has been held."""

    receipt: Receipt
    reason: HoldReason
    days_held: int

    @classmethod
    def of(cls, receipt: Receipt, today: date) -> "HeldReceipt":
        """A held receipt as it stands today; raises InvariantError for one that is not held."""
        if receipt.hold_reason is None:
            raise InvariantError(f"receipt {receipt.receipt_id} is held without a reason")
        return cls(receipt, receipt.hold_reason, (today - receipt.received_on).days)

    def __str__(self) -> str:
        return (
            f"{self.receipt.amount.display():>10}  {self.days_held} days  {self.receipt.receipt_id}  "
            f"{hold_reason_in_words(self.reason)}"
        )
