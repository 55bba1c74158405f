"""Filing: in which collection each record is kept, under which key, and how it is found."""

from typing import Final

from dcss_core.agency.records import keep
from dcss_core.cases.case import Case, Participation
from dcss_core.cases.order import Obligation, SupportOrder
from dcss_core.cases.person import Person
from dcss_core.payments.case_account import CaseAccount
from dcss_core.payments.distribution import DistributionLine
from dcss_core.payments.ledger import Posting
from dcss_core.payments.receipt import Receipt
from dcss_core.payments.remittance import EmploymentEndReport, RemittanceFile

PEOPLE: Final = keep(Person, "people", key="person_id", unique=(("ssn_index",), ("irn",), ("client_id",)))
CASES: Final = keep(Case, "cases", key="case_number", indexes=(("status", "case_number"),))
PARTICIPATIONS: Final = keep(
    Participation,
    "participations",
    key="participation_id",
    indexes=(("case_number", "role"), ("person_id", "case_number")),
)
ORDERS: Final = keep(SupportOrder, "support_orders", key="order_id", indexes=(("case_number",),))
OBLIGATIONS: Final = keep(Obligation, "obligations", key="obligation_id", indexes=(("case_number",),))
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
    PEOPLE,
    CASES,
    PARTICIPATIONS,
    ORDERS,
    OBLIGATIONS,
    CASE_ACCOUNTS,
    REMITTANCE_FILES,
    RECEIPTS,
    EMPLOYMENT_END_REPORTS,
    POSTINGS,
    DISTRIBUTION_LINES,
)
