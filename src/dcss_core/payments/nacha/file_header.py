"""FileHeader: the first record of a payment file (record type 1)."""

import re
from datetime import date, time

import attrs

from dcss_core.payments.nacha.field_kinds import Constant, Day, Destination, Shaped, Text, TimeOfDay
from dcss_core.payments.nacha.record_layout import Field, RecordLayout


@attrs.frozen(kw_only=True)
class FileHeader:
    """Where a file comes from and goes to, and when it was made.

    `immediate_destination` and `immediate_origin` are ten positions kept as they stand; a bank is
    named by a blank and its nine-digit routing number.
    """

    immediate_destination: str
    immediate_origin: str
    creation_date: date
    creation_time: time | None = None
    file_id_modifier: str = "A"
    destination_name: str = ""
    origin_name: str = ""
    reference_code: str = ""


FILE_HEADER = RecordLayout(
    "file header",
    FileHeader,
    (
        Field(1, 1, "record_type", Constant("1")),
        Field(2, 3, "priority_code", Constant("01")),
        Field(4, 13, "immediate_destination", Destination()),
        Field(14, 23, "immediate_origin", Text(required=True)),
        Field(24, 29, "creation_date", Day()),
        Field(30, 33, "creation_time", TimeOfDay()),
        Field(34, 34, "file_id_modifier", Shaped(re.compile("[A-Z0-9]"), "a capital letter or a digit")),
        Field(35, 37, "record_size", Constant("094")),
        Field(38, 39, "blocking_factor", Constant("10")),
        Field(40, 40, "format_code", Constant("1")),
        Field(41, 63, "destination_name", Text()),
        Field(64, 86, "origin_name", Text()),
        Field(87, 94, "reference_code", Text()),
    ),
)
