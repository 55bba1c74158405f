"""The table of docs/reference/retention.md: how long each kind of record is kept, as the rules have it.

`python docs/retention_page.py` writes it anew; tests/house/test_retention_page.py says when it is due, and
that every collection of an agency stands in it. Run it on the library as it stands in this work tree.
"""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

import attrs

from dcss_core.agency.retention.kinds import EXPIRING, FORGOTTEN
from dcss_core.rules.federal import baseline

PAGE = Path(__file__).parent / "reference" / "retention.md"
DAY: Final = date(2026, 11, 28)
_DRAWN = re.compile(r"^% drawn: kinds\n\n.*?^% end of what is drawn$", re.MULTILINE | re.DOTALL)


@attrs.frozen
class Kind:
    """A row: what is kept, in which collections, for how long; `{}` is the figure of the first rule."""

    what: str
    collections: str
    kept_for: str
    rules: str = ""

    def line(self) -> str:
        """The row as the page shows it."""
        figures = (
            [baseline().on(DAY).integer(rule) for rule in self.rules.split()] if "{" in self.kept_for else []
        )
        shown = [
            ", ".join(f"`{each}`" for each in words.split()) or "–"
            for words in (self.collections, self.rules)
        ]
        return f"| {self.what} | {shown[0]} | {self.kept_for.format(*figures)} | {shown[1]} |"


DELETED: Final = (
    Kind("sessions", "sessions", "{} days after they expired", "retention.sessions_days"),
    Kind("codes for recovery", "outstanding_codes", "{} days after they expired", "retention.sessions_days"),
    Kind(
        "vouched identities that waited for their owner's word, and assertions that came",
        "due_links used_assertions",
        "{} days after they expired",
        "retention.sessions_days",
    ),
    Kind(
        "invitations that nobody accepted",
        "invitations",
        "{} days after they expired",
        "retention.sessions_days",
    ),
    Kind(
        "messages that were delivered",
        "outbox",
        "{} days after they were due",
        "retention.delivered_messages_days",
    ),
    Kind(
        "messages that were given up, with their texts",
        "outbox",
        "{} days after they were given up",
        "retention.dead_messages_days",
    ),
    Kind(
        "acts that waited for a second person, however they ended",
        "approvals",
        "{} days after they were asked for",
        "retention.approvals_days",
    ),
    Kind(
        "contact points that were given and not confirmed",
        "contact_points",
        "{} days after they were given",
        "retention.unconfirmed_contacts_days",
    ),
    Kind(
        "password resets by staff, however they ended",
        "staff_resets",
        "{} days after they were asked for",
        "retention.approvals_days",
    ),
    Kind(
        "counts of failures: by source, by account, by Social Security number",
        "throttles particulars_throttles",
        "as long as they count or close a way in",
        "accounts.throttles accounts.recovery_failure_window_hours",
    ),
    Kind(
        "counts of letters for recovery",
        "recovery_letters",
        "as long as they count",
        "accounts.recovery_letter_window_minutes",
    ),
)
"""What `EXPIRING` and `FORGOTTEN` of the job name."""

OTHERS: Final = (
    Kind(
        "the bytes of payment files",
        "remittance_parts",
        "{} years after they came",
        "retention.file_contents_years",
    ),
    Kind(
        "what an account is opened with: answers, second factors, links, hashes",
        "security_answers second_factors identity_links",
        "until the account is closed",
    ),
    Kind(
        "closed accounts: whose they were, what was agreed to, the address of staff",
        "accounts banner_acceptances staff_members",
        "{} years after they were closed; the user ID always",
        "retention.closed_accounts_years",
    ),
    Kind("who signs in for a remitter", "remitter_members", "until their account is closed"),
    Kind("remitters that were opened", "remitters remitter_identifications", "always"),
    Kind("letters that are still to be written", "owed_letters", "until they are written"),
    Kind(
        "contents of the audit log",
        "audit_entries",
        "{} years, by `agency.audit.prune`",
        "audit.retention_years",
    ),
    Kind("the tree of the audit log", "audit_log audit_queue", "always"),
    Kind(
        "people, with how they are and were reached, cases and orders",
        "people cases participations support_orders obligations",
        "always",
    ),
    Kind(
        "the ledger, receipts and files without their bytes",
        "book_totals case_accounts charging_runs distribution_lines employment_end_reports postings "
        "receipt_likenesses receipts remittance_files",
        "always",
    ),
    Kind(
        "whose database it is, and how far its jobs are",
        "agency_identity leases subscriber_positions",
        "always",
    ),
)


def drawn(page: str) -> str:
    """The page with its table as it has to be."""
    return _DRAWN.sub(lambda _: "\n".join(_table()), page)


def collections_of(kinds: tuple[Kind, ...]) -> set[str]:
    """The collections that some rows name."""
    return {name for kind in kinds for name in kind.collections.split()}


def deleted_by_the_job() -> set[str]:
    """The collections whose records the job finds and deletes."""
    return {each.records.collection.name for each in (*EXPIRING, *FORGOTTEN)}


def _table() -> Iterator[str]:
    yield "% drawn: kinds\n"
    yield "| kind | collections | kept for | rule |\n| --- | --- | --- | --- |"
    for kind in (*DELETED, *OTHERS):
        yield kind.line()
    yield "\n% end of what is drawn"


if __name__ == "__main__":
    PAGE.write_text(drawn(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
