"""RemittanceEntry: one entry of a payment file, as it was sent.

Decides by what an entry is known: its id is made from what was sent, so that the same entry is the same
receipt however often it arrives, and its likeness from the same without the effective entry date.
"""

import base64
import hashlib
from datetime import date
from functools import cached_property

import attrs

from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.secret import Secret


@attrs.frozen
class RemittanceEntry:
    """One entry of a payment file, as it was sent.

    `sameness` is the text that makes two entries the same payment, `undated` that text without the
    effective entry date; `occurrence` counts equal entries within one file, from 1. `ssn` is what was
    sent, valid or not; `locator` the payment unit it is addressed to. `has_other_purpose` says that the
    sender calls it a tax offset or a recovery of costs, which support is not distributed like. `sent_as` is
    the identification under which it was sent: in an ACH file the company identification of the batch.
    """

    sameness: str
    undated: str
    occurrence: int
    trace_number: str
    remitter: str
    amount: Money
    case_as_sent: str | None = None
    pay_date: date | None = None
    stated_amount: Money | None = None
    ssn: Secret | None = None
    locator: LocatorCode | None = None
    employment_ended: bool = False
    has_other_purpose: bool = False
    sent_as: str | None = None

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (self.amount.cents >= 0, "its amount is zero or more"),
            (
                self.stated_amount is None or self.stated_amount.cents >= 0,
                "the amount stated beside it is zero or more",
            ),
            (self.occurrence >= 1, "it occurs once or more"),
        )

    @cached_property
    def receipt_id(self) -> str:
        """An id that is the same whenever and wherever this entry is read: `R` and 100 bits in base 32."""
        return "R" + _hundred_bits(f"{self.sameness}\n{self.occurrence}")

    @cached_property
    def likeness(self) -> str:
        """What entries have in common that agree in all but the effective entry date: 100 bits in base 32."""
        return _hundred_bits(self.undated)


@attrs.frozen
class Likeness:
    """The likeness of a receipt, and the first receipt that had it: the next one alike is held."""

    likeness: str
    receipt_id: str


def _hundred_bits(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest())[:20].decode()
