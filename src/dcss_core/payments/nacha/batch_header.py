"""BatchHeader: the record that opens a batch of entries of one originator (record type 5)."""

import re
from datetime import date
from enum import Enum

import attrs

from dcss_core.payments.nacha.field_kinds import Code, Constant, Day, Digits, Number, Shaped, Text
from dcss_core.payments.nacha.record_layout import Field, RecordLayout
from dcss_core.payments.nacha.standard_entry_class import EXPECTED_CLASSES, StandardEntryClass


class ServiceClass(Enum):
    """The three digits of a batch that say which entries it may hold (Nacha Operating Rules, App. 3).

    Class 280 belongs to ADV files, which are not read here.
    """

    MIXED = "200"
    CREDITS = "220"
    DEBITS = "225"

    def admits(self, *, credit: bool) -> bool:
        """Whether an entry of this direction may stand in the batch."""
        return self is ServiceClass.MIXED or (self is ServiceClass.CREDITS) == credit


@attrs.frozen(kw_only=True)
class BatchHeader:
    """Who sends the entries of a batch, what they are for and when they are to settle.

    `effective_entry_date` is the day the originator intends; None where it is blank, because the
    ACH operator sets it then. `settlement_day` is the day of the year that the operator filled in,
    None before that. `originating_bank` is the first eight digits of the ODFI's routing number.
    `batch_number` is set by `build_file`.
    """

    service_class: ServiceClass
    company_name: str
    company_discretionary_data: str = ""
    company_identification: str
    standard_entry_class: StandardEntryClass
    company_entry_description: str
    company_descriptive_date: str = ""
    effective_entry_date: date | None
    settlement_day: int | None = None
    originator_status: str = "1"
    originating_bank: str
    batch_number: int = 0


BATCH_HEADER = RecordLayout(
    "batch header",
    BatchHeader,
    (
        Field(1, 1, "record_type", Constant("5")),
        Field(2, 4, "service_class", Code(ServiceClass)),
        Field(5, 20, "company_name", Text(required=True)),
        Field(21, 40, "company_discretionary_data", Text()),
        Field(41, 50, "company_identification", Text(required=True)),
        Field(51, 53, "standard_entry_class", Code(StandardEntryClass, expected=EXPECTED_CLASSES)),
        Field(54, 63, "company_entry_description", Text(required=True)),
        Field(64, 69, "company_descriptive_date", Text()),
        Field(70, 75, "effective_entry_date", Day(blank_allowed=True)),
        Field(76, 78, "settlement_day", Number(blank_allowed=True, largest=366)),
        Field(79, 79, "originator_status", Shaped(re.compile("[12]"), "1 (a bank) or 2 (a government)")),
        Field(80, 87, "originating_bank", Digits()),
        Field(88, 94, "batch_number", Number()),
    ),
)
