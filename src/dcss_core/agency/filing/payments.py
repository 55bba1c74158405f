"""Filing of payments: in which collection receipts, postings and files are kept, and how they are found."""

from typing import Final

import attrs

from dcss_core.agency.work.records import Records, keep
from dcss_core.payments.collection.employment_end import EmploymentEndReport
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.collection.remittance_entry import Likeness
from dcss_core.payments.collection.remittance_file import RemittanceFile, RemittancePart
from dcss_core.payments.distribution.applied_line import AppliedLine
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.book_totals import BookTotals
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import Posting
from dcss_core.payments.posting.charges import ChargingRun

CASE_ACCOUNTS: Final = keep(CaseAccount, "case_accounts", key="case_number")
RECEIPTS: Final = keep(
    Receipt,
    "receipts",
    key="receipt_id",
    indexes=(
        ("file_id",),
        ("case_number", "received_on"),
        ("status", "received_on"),
        ("sent_as", "received_on"),
    ),
)
LIKENESSES: Final = keep(Likeness, "receipt_likenesses", key="likeness")
POSTINGS: Final = keep(
    Posting,
    "postings",
    unique=(("entry_id", "line"),),
    log=True,
    stream="stream",
)
DISTRIBUTION_LINES: Final = keep(
    DistributionLine,
    "distribution_lines",
    unique=(("receipt_id", "line"),),
    log=True,
    stream="case_number",
)
CHARGING_RUNS: Final = keep(ChargingRun, "charging_runs", key="through")
APPLIED_LINES: Final = Records(
    AppliedLine,
    DISTRIBUTION_LINES.collection,
    {field.name: DISTRIBUTION_LINES.columns[field.name] for field in attrs.fields(AppliedLine)},
)
BOOK_TOTALS: Final = keep(BookTotals, "book_totals", key="shard")
REMITTANCE_FILES: Final = keep(RemittanceFile, "remittance_files", key="file_id", indexes=(("received_at",),))
REMITTANCE_PARTS: Final = keep(
    RemittancePart, "remittance_parts", key="part_id", indexes=(("file_id", "number"),)
)
EMPLOYMENT_END_REPORTS: Final = keep(
    EmploymentEndReport,
    "employment_end_reports",
    key="report_id",
    indexes=(("file_id",), ("case_number", "received_on"), ("received_on", "report_id")),
)

EVERY_RECORD: Final = (
    CASE_ACCOUNTS,
    REMITTANCE_FILES,
    REMITTANCE_PARTS,
    RECEIPTS,
    LIKENESSES,
    EMPLOYMENT_END_REPORTS,
    POSTINGS,
    DISTRIBUTION_LINES,
    BOOK_TOTALS,
    CHARGING_RUNS,
)
