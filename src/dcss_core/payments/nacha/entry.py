"""Entry: one payment, prenote, remittance notice or return (record type 6).

A CTX entry has the receiver's name in 16 positions and says how many addenda follow; the other
classes have 22 positions for the name. Invariant: the addenda indicator and the number of addenda
follow from the addenda and are stored nowhere.
"""

import attrs

from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.base.secret import Secret
from dcss_core.payments.nacha.addenda import NotificationOfChange, PaymentAddenda, ReturnAddenda
from dcss_core.payments.nacha.field_kinds import (
    Amount,
    BankNumber,
    Code,
    Constant,
    Digits,
    Number,
    SecretText,
    Text,
)
from dcss_core.payments.nacha.record_layout import Field, RecordLayout
from dcss_core.payments.nacha.standard_entry_class import StandardEntryClass
from dcss_core.payments.nacha.transaction_code import TransactionCode

Addenda = PaymentAddenda | NotificationOfChange | ReturnAddenda


@attrs.frozen(kw_only=True)
class Entry:
    """One entry with its addenda.

    `identification_number` is what the originator calls the receiver; some put a Social Security
    number there, so neither it nor the name is shown in a repr. `trace_number` is the ODFI's eight
    digits and a sequence number; left empty, `build_file` gives it one.
    """

    transaction_code: TransactionCode
    receiving_bank: RoutingNumber
    account_number: Secret
    amount: Money
    identification_number: str = attrs.field(default="", repr=False)
    receiver_name: str = attrs.field(repr=False)
    discretionary_data: str = ""
    trace_number: str = ""
    addenda: tuple[Addenda, ...] = ()


_BEFORE_THE_NAME = (
    Field(1, 1, "record_type", Constant("6")),
    Field(2, 3, "transaction_code", Code(TransactionCode, expected="a transaction code from 21 to 56")),
    Field(4, 12, "receiving_bank", BankNumber()),
    Field(13, 29, "account_number", SecretText()),
    Field(30, 39, "amount", Amount()),
    Field(40, 54, "identification_number", Text()),
)
_AFTER_THE_NAME = (
    Field(77, 78, "discretionary_data", Text()),
    Field(79, 79, "addenda_indicator", Number(largest=1), derived=True),
    Field(80, 94, "trace_number", Digits()),
)

ENTRY = RecordLayout(
    "entry detail", Entry, (*_BEFORE_THE_NAME, Field(55, 76, "receiver_name", Text()), *_AFTER_THE_NAME)
)
CTX_ENTRY = RecordLayout(
    "entry detail",
    Entry,
    (
        *_BEFORE_THE_NAME,
        Field(55, 58, "number_of_addenda", Number(), derived=True),
        Field(59, 74, "receiver_name", Text()),
        Field(75, 76, "reserved", Constant("  ")),
        *_AFTER_THE_NAME,
    ),
)


def entry_layout(standard_entry_class: StandardEntryClass | None) -> RecordLayout[Entry]:
    """The layout of entries in batches of a class; the usual one where the class can't be read."""
    return CTX_ENTRY if standard_entry_class is StandardEntryClass.CTX else ENTRY
