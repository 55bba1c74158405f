"""ReturnAddenda: why a bank sends an entry back (record type 7, addenda type 99)."""

import re
from datetime import date

import attrs

from dcss_core.base.secret import Secret
from dcss_core.payments.nacha.field_kinds import Constant, Day, Digits, SecretText, Shaped
from dcss_core.payments.nacha.record_layout import Field, RecordLayout


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
