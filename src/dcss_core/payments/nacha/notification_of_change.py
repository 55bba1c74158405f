"""NotificationOfChange: a bank's correction of an earlier entry (record type 7, addenda type 98)."""

import re

import attrs

from dcss_core.base.secret import Secret
from dcss_core.payments.nacha.field_kinds import Constant, Digits, SecretText, Shaped
from dcss_core.payments.nacha.record_layout import Field, RecordLayout


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
