"""FileControl: the record that closes a file and sums up its batches (record type 9)."""

import attrs

from dcss_core.base.money import Money
from dcss_core.payments.nacha.field_kinds import Amount, Constant, Number
from dcss_core.payments.nacha.record_layout import Field, RecordLayout


@attrs.frozen(kw_only=True)
class FileControl:
    """Counts, hash and totals of a file.

    `block_count` is the number of blocks of ten records, the first and the last record included.
    """

    batch_count: int
    block_count: int
    entry_addenda_count: int
    entry_hash: int
    total_debit: Money
    total_credit: Money


FILE_CONTROL = RecordLayout(
    "file control",
    FileControl,
    (
        Field(1, 1, "record_type", Constant("9")),
        Field(2, 7, "batch_count", Number()),
        Field(8, 13, "block_count", Number()),
        Field(14, 21, "entry_addenda_count", Number()),
        Field(22, 31, "entry_hash", Number()),
        Field(32, 43, "total_debit", Amount()),
        Field(44, 55, "total_credit", Amount()),
        Field(56, 94, "reserved", Constant(" " * 39)),
    ),
)
