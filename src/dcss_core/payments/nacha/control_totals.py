"""Counts, hash and totals: what the control records of a batch and of a file must say.

One Tally computes them for the reader, which compares, and for the builder, which fills them in.
Invariant: what depends on a field that could not be read is unknown, and an unknown is never compared.
"""

from typing import Any, Final

import attrs

from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.payments.nacha.record_layout import Reading
from dcss_core.payments.nacha.transaction_code import TransactionCode

_HASH_DIGITS: Final = 10**10
_TOTAL_LIMIT_CENTS: Final = 10**12


@attrs.define
class Tally:
    """Sums over entries, of a batch or of a whole file; amounts in cents."""

    entry_addenda_count: int = 0
    bank_numbers: int = 0
    debit_cents: int = 0
    credit_cents: int = 0
    is_count_known: bool = True
    is_hash_known: bool = True
    are_totals_known: bool = True
    is_certain: bool = True  # no entry that was counted is damaged

    @property
    def entry_hash(self) -> int:
        """The rightmost ten digits of the sum of the eight-digit bank numbers."""
        return self.bank_numbers % _HASH_DIGITS

    def add_entry(
        self,
        code: TransactionCode | None,
        bank: RoutingNumber | None,
        amount: Money | None,
        addenda: int,
        *,
        is_damaged: bool = False,
    ) -> None:
        """Count one entry; None stands for a field that could not be read."""
        self.is_certain &= not is_damaged
        self.entry_addenda_count += 1 + addenda
        if bank is None:
            self.is_hash_known = False
        else:
            self.bank_numbers += int(bank.value[:8])
        if code is None or amount is None:
            self.are_totals_known = False
        elif code.is_credit:
            self.credit_cents += amount.cents
        else:
            self.debit_cents += amount.cents

    def add(self, batch: "Tally") -> None:
        """Count a whole batch."""
        self.entry_addenda_count += batch.entry_addenda_count
        self.bank_numbers += batch.bank_numbers
        self.debit_cents += batch.debit_cents
        self.credit_cents += batch.credit_cents
        self.is_certain &= batch.is_certain
        self.is_count_known &= batch.is_count_known
        self.is_hash_known &= batch.is_hash_known
        self.are_totals_known &= batch.are_totals_known

    def forget(self) -> None:
        """Treat everything as unknown: some records could not be attributed."""
        self.is_count_known = self.is_hash_known = self.are_totals_known = False


def compare_with_tally(control: Reading[Any], tally: Tally, *, of: str) -> None:
    """Note where a control record differs from the sums of its batch or file; `of` names which."""
    if tally.is_count_known:
        control.expect(
            "entry_addenda_count", tally.entry_addenda_count, why=f"the records 6 and 7 of the {of}"
        )
    if tally.is_hash_known:
        hashed = f"the hash over the {of}"
        control.expect("entry_hash", tally.entry_hash, why=hashed, is_certain=tally.is_certain)
    if tally.are_totals_known:
        for name, cents in (("debit", tally.debit_cents), ("credit", tally.credit_cents)):
            _compare_amount(control, f"total_{name}", cents, f"the {name}s of the {of}", tally.is_certain)


def _compare_amount(control: Reading[Any], name: str, cents: int, why: str, is_certain: bool) -> None:
    # twelve digits hold every sum that can be right, and fewer than Money can
    if cents >= _TOTAL_LIMIT_CENTS:
        control.fault(name, "a total of twelve digits", f"more than they hold, {why}")
    else:
        control.expect(name, Money.from_cents(cents), why=why, is_certain=is_certain)
