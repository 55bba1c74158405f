"""PaymentAddenda: what an entry's money is for, in free form (record type 7, addenda type 05)."""

import attrs

from dcss_core.base.secret import Secret
from dcss_core.payments.nacha.field_kinds import Constant, Number, SecretText
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
