"""Version 2 of the stored collections: from the sequenced audit log until dispatchers shared an outbox.

What stands here is what databases of that version hold, and never changes. A message named the person it
went to, and whoever numbered the audit log had a lease in a collection of its own.
"""

from typing import Final

from dcss_core.command.upgrade.shapes import former

ACCOUNTS: Final = former(
    "accounts",
    "account_id:text user_id:text user_key:text person_id:text? kind:text state:text password_hash:text "
    "created_at:instant password_set_at:instant credential_version:integer assigned_until:instant? "
    "assigned_used_at:instant? change_due:text? closed_person_id:text? judged_under:text? "
    "accepted_banner:text? earlier_hashes:text failed_sign_ins:text consecutive_failures:integer "
    "locked_until:instant?",
    key="account_id",
    unique=["user_key", "person_id"],
    indexes=["locked_until"],
)
AGENCY_IDENTITY: Final = former(
    "agency_identity",
    "name:text jurisdiction:text sealed:sealed",
    key="name",
)
AUDIT_ENTRIES: Final = former(
    "audit_entries",
    "act:bytes at:instant kind:text actor:text? subject:text? source:text? details:text? salt:bytes? "
    "commitment:bytes leaf_version:integer",
    stream="act",
    indexes=["subject"],
)
AUDIT_LOG: Final = former(
    "audit_log",
    "act:bytes line:integer nodes:bytes peaks:bytes?",
    unique=["act line"],
)
AUDIT_QUEUE: Final = former(
    "audit_queue",
    "act:bytes leaves:bytes",
    key="act",
)
BANNER_ACCEPTANCES: Final = former(
    "banner_acceptances",
    "acceptance_id:text account_id:text banner_version:text accepted_at:instant",
    key="acceptance_id",
    indexes=["account_id accepted_at"],
)
BOOK_TOTALS: Final = former(
    "book_totals",
    "shard:integer collected_cents:integer undistributed_cents:integer held_cents:integer "
    "payable_cents:integer charged_cents:integer owed_cents:integer satisfied_cents:integer "
    "prepaid_cents:integer",
    key="shard",
)
CASE_ACCOUNTS: Final = former(
    "case_accounts",
    "case_number:text payee_id:text charged_through:text debts:text held:text",
    key="case_number",
)
CASES: Final = former(
    "cases",
    "case_number:text assistance:text status:text opened_on:date",
    key="case_number",
    indexes=["status case_number"],
)
CHARGING_RUNS: Final = former(
    "charging_runs",
    "through:text begun_at:instant",
    key="through",
)
DISTRIBUTION_LINES: Final = former(
    "distribution_lines",
    "receipt_id:text line:integer case_number:text on:date bucket:text payee:text payee_id:text? "
    "obligation_id:text? month:text? amount_cents:integer from_held:boolean rule:text "
    "rules_version:text citation:text inputs:text not_taken:text",
    stream="case_number",
    unique=["receipt_id line"],
)
EMPLOYMENT_END_REPORTS: Final = former(
    "employment_end_reports",
    "report_id:text file_id:text received_on:date remitter:text case_as_sent:text? case_number:text? "
    "pay_date:date?",
    key="report_id",
    indexes=["file_id", "case_number received_on", "received_on report_id"],
)
IMPORT_UNDER_WAY: Final = former(
    "import_under_way",
    "name:text export:text collection:text rows:integer",
    key="name",
)
OBLIGATIONS: Final = former(
    "obligations",
    "obligation_id:text order_id:text case_number:text kind:text monthly_amount_cents:integer "
    "begins:date ends:date? due_day:integer",
    key="obligation_id",
    indexes=["case_number"],
)
OUTBOX: Final = former(
    "outbox",
    "message_id:text person_id:text? address:sealed subject:text body:sealed? state:text "
    "created_at:instant due_at:instant attempts:integer last_failure:text? useless_after:instant?",
    key="message_id",
    indexes=["state due_at", "person_id created_at"],
)
OUTSTANDING_CODES: Final = former(
    "outstanding_codes",
    "account_id:text code_hash:text credential_version:integer address:sealed issued_at:instant "
    "expires_at:instant failures:integer used_at:instant?",
    key="account_id",
)
PARTICIPATIONS: Final = former(
    "participations",
    "participation_id:text case_number:text person_id:text role:text",
    key="participation_id",
    indexes=["case_number role", "person_id case_number"],
)
PARTICULARS_THROTTLES: Final = former(
    "particulars_throttles",
    "index:text failures:text closed_at:instant?",
    key="index",
)
PEOPLE: Final = former(
    "people",
    "person_id:text name:text birth_date:date ssn:sealed? ssn_index:text? irn:text? client_id:text? "
    "email:sealed?",
    key="person_id",
    unique=["ssn_index", "irn", "client_id"],
)
POSTINGS: Final = former(
    "postings",
    "entry_id:text line:integer place:text amount_cents:integer effective_date:date recorded_at:instant "
    "stream:text receipt_id:text? obligation_id:text? month:text? payee_id:text? hold_reason:text?",
    stream="stream",
    unique=["entry_id line"],
)
RECEIPT_LIKENESSES: Final = former(
    "receipt_likenesses",
    "likeness:text receipt_id:text",
    key="likeness",
)
RECEIPTS: Final = former(
    "receipts",
    "receipt_id:text likeness:text file_id:text trace_number:text remitter:text amount_cents:integer "
    "case_as_sent:text? pay_date:date? received_on:date collected_on:date recorded_at:instant "
    "status:text case_number:text? hold_reason:text? send_by:date?",
    key="receipt_id",
    indexes=["file_id", "case_number received_on", "status received_on"],
)
RECOVERY_LETTERS: Final = former(
    "recovery_letters",
    "key:text sent:text",
    key="key",
)
REMITTANCE_FILES: Final = former(
    "remittance_files",
    "file_id:text received_at:instant received_on:date remitter:text size:integer entries:integer "
    "total_cents:integer status:text done:integer receipts:integer received_cents:integer "
    "held_cents:integer employment_ends:integer seen_before:integer",
    key="file_id",
    indexes=["received_at"],
)
REMITTANCE_PARTS: Final = former(
    "remittance_parts",
    "part_id:text file_id:text number:integer content:sealed",
    key="part_id",
    indexes=["file_id number"],
    at_once=4,
)
SECOND_FACTORS: Final = former(
    "second_factors",
    "account_id:text in_force:sealed? enrolled_at:instant? begun:sealed? begun_at:instant? saved_codes:text",
    key="account_id",
)
SECURITY_ANSWERS: Final = former(
    "security_answers",
    "account_id:text question_ids:text answers_hash:text enrolled_at:instant",
    key="account_id",
)
SEQUENCER_LEASE: Final = former(
    "sequencer_lease",
    "name:text holder:text until:instant",
    key="name",
)
SESSIONS: Final = former(
    "sessions",
    "session_id:text account_id:text person_id:text? scope:text assurance:text "
    "credential_version:integer created_at:instant authenticated_at:instant last_seen_at:instant "
    "idle_seconds:integer expires_at:instant change_reason:text? source:text? "
    "is_on_shared_computer:boolean ended_at:instant?",
    key="session_id",
    indexes=["account_id created_at", "expires_at"],
)
STAFF_MEMBERS: Final = former(
    "staff_members",
    "account_id:text roles:text email:sealed",
    key="account_id",
)
STAFF_RESETS: Final = former(
    "staff_resets",
    "request_id:text account_id:text credential_version:integer requested_by:text reason:text "
    "requested_at:instant expires_at:instant state:text decided_by:text? decided_at:instant?",
    key="request_id",
    indexes=["state requested_at", "account_id requested_at"],
)
SUBSCRIBER_POSITIONS: Final = former(
    "subscriber_positions",
    "subscriber:text sequence:integer",
    key="subscriber",
)
SUPPORT_ORDERS: Final = former(
    "support_orders",
    "order_id:text case_number:text issued_on:date issuing_state:text",
    key="order_id",
    indexes=["case_number"],
)
THROTTLES: Final = former(
    "throttles",
    "key:text account_id:text? failures:text closed_until:instant?",
    key="key",
    indexes=["account_id"],
)
EVERY_COLLECTION: Final = (
    ACCOUNTS,
    AGENCY_IDENTITY,
    AUDIT_ENTRIES,
    AUDIT_LOG,
    AUDIT_QUEUE,
    BANNER_ACCEPTANCES,
    BOOK_TOTALS,
    CASE_ACCOUNTS,
    CASES,
    CHARGING_RUNS,
    DISTRIBUTION_LINES,
    EMPLOYMENT_END_REPORTS,
    IMPORT_UNDER_WAY,
    OBLIGATIONS,
    OUTBOX,
    OUTSTANDING_CODES,
    PARTICIPATIONS,
    PARTICULARS_THROTTLES,
    PEOPLE,
    POSTINGS,
    RECEIPT_LIKENESSES,
    RECEIPTS,
    RECOVERY_LETTERS,
    REMITTANCE_FILES,
    REMITTANCE_PARTS,
    SECOND_FACTORS,
    SECURITY_ANSWERS,
    SEQUENCER_LEASE,
    SESSIONS,
    STAFF_MEMBERS,
    STAFF_RESETS,
    SUBSCRIBER_POSITIONS,
    SUPPORT_ORDERS,
    THROTTLES,
)
