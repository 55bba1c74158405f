"""BatchControl: the record that closes a batch and sums it up (record type 8)."""

import attrs

from dcss_core.base.money import Money
from dcss_core.payments.nacha.batch_header import ServiceClass
from dcss_core.payments.nacha.field_kinds import Amount, Code, Constant, Digits, Number, Text
from dcss_core.payments.nacha.record_layout import Field, RecordLayout


@attrs.frozen(kw_only=True)
class BatchControl:
    """Counts, hash and totals of a batch; the rest repeats the batch header.

    `entry_hash` is the sum of the entries' eight-digit bank numbers, its rightmost ten digits;
    addenda count toward `entry_addenda_count` but are not hashed.
    """

    service_class: ServiceClass
    entry_addenda_count: int
    entry_hash: int
    total_debit: Money
    total_credit: Money
    company_identification: str
    message_authentication_code: str = ""
    originating_bank: str
    batch_number: int


BATCH_CONTROL = RecordLayout(
    "batch control",
    BatchControl,
    (
        Field(1, 1, "record_type", Constant("8")),
        Field(2, 4, "service_class", Code(ServiceClass)),
        Field(5, 10, "entry_addenda_count", Number()),
        Field(11, 20, "entry_hash", Number()),
        Field(21, 32, "total_debit", Amount()),
        Field(33, 44, "total_credit", Amount()),
        Field(45, 54, "company_identification", Text(required=True)),
        Field(55, 73, "message_authentication_code", Text()),
        Field(74, 79, "reserved", Constant(" " * 6)),
        Field(80, 87, "originating_bank", Digits()),
        Field(88, 94, "batch_number", Number()),
    ),
)
