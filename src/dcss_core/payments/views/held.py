"""HeldReceipt: money whose place is not known yet, as staff see it."""

import attrs

from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.ledger.ledger import HoldReason


@attrs.frozen
class HeldReceipt:
    """A receipt whose place is not known yet, and for how long it has been held."""

    receipt: Receipt
    reason: HoldReason
    days_held: int

    def __str__(self) -> str:
        return (
            f"{self.receipt.amount.display():>10}  {self.days_held} days  {self.receipt.receipt_id}  "
            f"{self.reason.sentence}"
        )
