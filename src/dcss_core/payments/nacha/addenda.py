"""Addenda: what stands beside an entry (record type 7).

Three kinds, told apart by their addenda type: 05 says what a payment is for, in free form; 99 why a bank
sends an entry back; 98 what a bank asks to have corrected before the next entry.
"""

import re
from datetime import date

import attrs

from dcss_core.base.secret import Secret
from dcss_core.payments.nacha.field_kinds import Constant, Day, Digits, Number, SecretText, Shaped
from dcss_core.payments.nacha.record_layout import Field, RecordLayout


@attrs.frozen
class PaymentAddenda:
    """Eighty positions of payment related information; a Secret, since a DED segment holds an SSN."""

    payment_related_information: Secret


PAYMENT_ADDENDA = RecordLayout(
    "addenda",
    PaymentAddenda,
    (
        Field(1, 1, "record_type", Constant("7")),
        Field(2, 3, "addenda_type", Constant("05")),
        Field(4, 83, "payment_related_information", SecretText()),
        Field(84, 87, "addenda_sequence_number", Number(), derived=True),
        Field(88, 94, "entry_detail_sequence_number", Number(), derived=True),
    ),
)


@attrs.frozen(kw_only=True)
class ReturnAddenda:
    """The reason of a return and the entry it returns.

    `date_of_death` stands with reasons R14 and R15 only. `original_receiving_bank` is the first
    eight digits of the routing number of the bank that the returned entry went to.
    """

    reason_code: str
    original_trace_number: str
    date_of_death: date | None = None
    original_receiving_bank: str
    addenda_information: Secret = attrs.field(factory=lambda: Secret(""))


RETURN_ADDENDA = RecordLayout(
    "return addenda",
    ReturnAddenda,
    (
        Field(1, 1, "record_type", Constant("7")),
        Field(2, 3, "addenda_type", Constant("99")),
        Field(4, 6, "reason_code", Shaped(re.compile(r"R\d\d", re.ASCII), "R and two digits")),
        Field(7, 21, "original_trace_number", Digits()),
        Field(22, 27, "date_of_death", Day(blank_allowed=True)),
        Field(28, 35, "original_receiving_bank", Digits()),
        Field(36, 79, "addenda_information", SecretText()),
        Field(80, 94, "trace_number", Digits(), derived=True),
    ),
)


@attrs.frozen(kw_only=True)
class NotificationOfChange:
    """What to correct before the next entry; `corrected_data` may hold an account number.

    `original_receiving_bank` is the first eight digits of the routing number of the bank that the
    corrected entry went to.
    """

    change_code: str
    original_trace_number: str
    original_receiving_bank: str
    corrected_data: Secret


NOTIFICATION_OF_CHANGE = RecordLayout(
    "notification of change addenda",
    NotificationOfChange,
    (
        Field(1, 1, "record_type", Constant("7")),
        Field(2, 3, "addenda_type", Constant("98")),
        Field(4, 6, "change_code", Shaped(re.compile(r"C\d\d", re.ASCII), "C and two digits")),
        Field(7, 21, "original_trace_number", Digits()),
        Field(22, 27, "reserved", Constant(" " * 6)),
        Field(28, 35, "original_receiving_bank", Digits()),
        Field(36, 64, "corrected_data", SecretText(required=True)),
        Field(65, 79, "reserved", Constant(" " * 15)),
        Field(80, 94, "trace_number", Digits(), derived=True),
    ),
)
