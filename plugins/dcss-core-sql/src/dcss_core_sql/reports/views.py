"""The report views, each with its columns and what they mean.

Decides what a report sees. Invariants: nothing that is sealed, no name, no address, no secret, and nobody's
actions, which are counted alone; a name or a meaning here is promised, and a new column comes last; amounts
are whole cents.
"""

from typing import Final

import attrs


@attrs.frozen
class ReportColumn:
    """A column: its name, what it means, and how it is computed; `{day:x}` is the UTC day of an instant x."""

    name: str
    meaning: str
    computed: str | None = None


@attrs.frozen
class ReportView:
    """A view over one table, which is `t` in what is computed; `by` is what its rows are grouped by."""

    name: str
    meaning: str
    table: str
    columns: tuple[ReportColumn, ...]
    by: tuple[str, ...] = ()


_OWED: Final = """COALESCE((SELECT SUM(p."amount_cents") FROM "postings" p
\tWHERE p."stream" = t."case_number" AND p."place" = 'owed'), 0)"""

REPORT_VIEWS: Final = (
    ReportView(
        "receipts",
        "Money received: one row for each payment in a file",
        "receipts",
        (
            ReportColumn("receipt_id", "the receipt"),
            ReportColumn("file_id", "the file it came in"),
            ReportColumn("case_number", "the case it was received for; empty while that is not known"),
            ReportColumn("amount_cents", "the amount, in cents"),
            ReportColumn("received_on", "the day the agency received it"),
            ReportColumn("collected_on", "the day it was withheld or paid, by which it is distributed"),
            ReportColumn("recorded_at", "when it was recorded, in UTC"),
            ReportColumn("status", "where it stands, as `held` or `distributed`"),
            ReportColumn("hold_reason", "why it is held; empty otherwise"),
            ReportColumn("send_by", "the last day to send it on; empty where none is set"),
        ),
    ),
    ReportView(
        "distribution_lines",
        "Where each cent of a receipt went, and by which rule",
        "distribution_lines",
        (
            ReportColumn("receipt_id", "the receipt"),
            ReportColumn("line", "the line within its receipt, from 1"),
            ReportColumn("case_number", "the case"),
            ReportColumn("distributed_on", "the day of the distribution", '"on"'),
            ReportColumn("bucket", "what it was applied to, as `current_support`"),
            ReportColumn("payee", "who gets it, as `family` or `state`"),
            ReportColumn("obligation_id", "the obligation; empty where there is none"),
            ReportColumn("month", "the month it satisfies, as 2026-01; empty where there is none"),
            ReportColumn("amount_cents", "the amount, in cents"),
            ReportColumn("rule", "the rule that was applied"),
            ReportColumn("rules_version", "the version of the rules that were in force"),
            ReportColumn("citation", "the law or policy behind the rule"),
        ),
    ),
    ReportView(
        "postings",
        "The ledger: the lines of one entry add up to zero",
        "postings",
        (
            ReportColumn("entry_id", "the entry"),
            ReportColumn("line", "the line within its entry, from 1"),
            ReportColumn("stream", "the case number, or a stream of the agency's own"),
            ReportColumn("place", "where the money is counted, as `owed`, `held` or `payable`"),
            ReportColumn("amount_cents", "the amount, in cents; less than zero where it leaves the place"),
            ReportColumn("effective_date", "the day it counts for"),
            ReportColumn("recorded_at", "when it was recorded, in UTC"),
            ReportColumn("receipt_id", "the receipt; empty where there is none"),
            ReportColumn("obligation_id", "the obligation; empty where there is none"),
            ReportColumn("month", "the month, as 2026-01; empty where there is none"),
            ReportColumn("hold_reason", "why it is held; empty otherwise"),
        ),
    ),
    ReportView(
        "case_accounts",
        "What is owed in each case",
        "cases",
        (
            ReportColumn("case_number", "the case"),
            ReportColumn("status", "where the case stands, as `open`"),
            ReportColumn("assistance", "whether the family has or had assistance"),
            ReportColumn("opened_on", "the day it was opened"),
            ReportColumn("owed_cents", "what is owed and due, in cents, by the ledger", _OWED),
        ),
    ),
    ReportView(
        "obligations",
        "What an order says is to be paid",
        "obligations",
        (
            ReportColumn("obligation_id", "the obligation"),
            ReportColumn("order_id", "its order"),
            ReportColumn("case_number", "the case"),
            ReportColumn("kind", "what it is for"),
            ReportColumn("monthly_amount_cents", "the amount for each month, in cents"),
            ReportColumn("begins", "the first day"),
            ReportColumn("ends", "the last day; empty where none is set"),
            ReportColumn("due_day", "the day of the month on which it is due"),
        ),
    ),
    ReportView(
        "payment_files",
        "Files of payments, and how far each is posted",
        "remittance_files",
        (
            ReportColumn("file_id", "the file: the hash of its bytes"),
            ReportColumn("received_on", "the day it came in"),
            ReportColumn("received_at", "when it came in, in UTC"),
            ReportColumn("status", "how far it is, as `received`"),
            ReportColumn("entries", "payments and reports in it"),
            ReportColumn("total_cents", "what its payments add up to, in cents"),
            ReportColumn("receipts", "receipts that were made of it"),
            ReportColumn("received_cents", "what these add up to, in cents"),
            ReportColumn("held_cents", "what of it was held, in cents"),
            ReportColumn("seen_before", "payments that had come in another file already"),
        ),
    ),
    ReportView(
        "letters_by_day",
        "Letters by the day they were written and by their state; nobody is named",
        "outbox",
        (
            ReportColumn("written_on", "the day, in UTC", "{day:created_at}"),
            ReportColumn("state", "`pending`, `delivered` or `dead`"),
            ReportColumn("letters", "how many", "COUNT(*)"),
            ReportColumn("attempts", "how often they were tried, together", 'SUM(t."attempts")'),
        ),
        by=("{day:created_at}", 't."state"'),
    ),
    ReportView(
        "audit_entries_by_day",
        "Entries of the audit log by day and kind; who did what is not shown",
        "audit_entries",
        (
            ReportColumn("recorded_on", "the day, in UTC", "{day:at}"),
            ReportColumn("kind", "what was done, as `signed_in`"),
            ReportColumn("entries", "how many", "COUNT(*)"),
        ),
        by=("{day:at}", 't."kind"'),
    ),
)
