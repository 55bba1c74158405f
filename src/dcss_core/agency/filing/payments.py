"""Filing of payments: in which collection receipts, postings and files are kept, and how they are found."""

from typing import Final

from dcss_core.agency.work.records import keep
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.collection.remittance import EmploymentEndReport, RemittanceFile
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import Posting

CASE_ACCOUNTS: Final = keep(CaseAccount, "case_accounts", key="case_number")
RECEIPTS: Final = keep(
    Receipt,
    "receipts",
    key="receipt_id",
    indexes=(("file_id",), ("case_number", "received_on"), ("status", "received_on"), ("likeness",)),
)
POSTINGS: Final = keep(
    Posting,
    "postings",
    unique=(("entry_id", "line"),),
    indexes=(("case_number",), ("receipt_id",)),
    log=True,
)
DISTRIBUTION_LINES: Final = keep(
    DistributionLine,
    "distribution_lines",
    unique=(("receipt_id", "line"),),
    indexes=(("case_number",),),
    log=True,
)
REMITTANCE_FILES: Final = keep(RemittanceFile, "remittance_files", key="file_id", indexes=(("received_at",),))
EMPLOYMENT_END_REPORTS: Final = keep(
    EmploymentEndReport,
    "employment_end_reports",
    key="report_id",
    indexes=(("file_id",), ("case_number", "received_on"), ("received_on", "report_id")),
)

EVERY_RECORD: Final = (
    CASE_ACCOUNTS,
    REMITTANCE_FILES,
    RECEIPTS,
    EMPLOYMENT_END_REPORTS,
    POSTINGS,
    DISTRIBUTION_LINES,
)
