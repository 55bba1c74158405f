"""RetentionSchedule: until when records are kept that no case needs any more.

Decides the instant up to which each kind may be deleted. Invariants: every kind is kept for a day at
least, an approval for longer than one may wait, and payment files for as long as the law has them kept; by a
clock that is behind nothing goes too soon.
"""

from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce

_BEYOND_ALL_WAITING: Final = 8  # an approval is good for seven days at most (permissions.approval_hours)
_DAYS_OF_A_YEAR: Final = 366  # of the longest, so that nothing goes a day too soon
_SESSIONS: Final = "retention.sessions_days"
_DELIVERED: Final = "retention.delivered_messages_days"
_DEAD: Final = "retention.dead_messages_days"
_APPROVALS: Final = "retention.approvals_days"
_CONTENTS: Final = "retention.file_contents_years"
_CLOSED: Final = "retention.closed_accounts_years"
_UNCONFIRMED: Final = "retention.unconfirmed_contacts_days"
_BEYOND_ALL_CODES: Final = (
    22  # a code by post is good for 21 days at most (accounts.contact_code_minutes_postal)
)
_BY_LAW_YEARS: Final = 3  # 45 CFR 75.361: three years from the report on the expenditure


@attrs.frozen
class RetentionSchedule:
    """How long each kind is kept, in days (years for the contents of files); raises RulesError."""

    sessions_days: int
    delivered_messages_days: int
    dead_messages_days: int
    approvals_days: int
    file_contents_years: int
    closed_accounts_years: int
    unconfirmed_contacts_days: int

    def __attrs_post_init__(self) -> None:
        kept = (
            (_SESSIONS, self.sessions_days, 1),
            (_DELIVERED, self.delivered_messages_days, 1),
            (_DEAD, self.dead_messages_days, 1),
            (_APPROVALS, self.approvals_days, _BEYOND_ALL_WAITING),
            (_CONTENTS, self.file_contents_years, _BY_LAW_YEARS),
            (_CLOSED, self.closed_accounts_years, 1),
            (_UNCONFIRMED, self.unconfirmed_contacts_days, _BEYOND_ALL_CODES),
        )
        faults = [
            Fault(name, shown_number(value), f"{least} or more")
            for name, value, least in kept
            if value < least
        ]
        if faults:
            raise RulesError("records must be kept for a time", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "RetentionSchedule":
        """Read the schedule in force."""
        return policy_of_rules(
            lambda _: cls(
                sessions_days=rules.integer(_SESSIONS),
                delivered_messages_days=rules.integer(_DELIVERED),
                dead_messages_days=rules.integer(_DEAD),
                approvals_days=rules.integer(_APPROVALS),
                file_contents_years=rules.integer(_CONTENTS),
                closed_accounts_years=rules.integer(_CLOSED),
                unconfirmed_contacts_days=rules.integer(_UNCONFIRMED),
            ),
            keys={},
        )

    def sessions_expired_by(self, now: datetime) -> datetime:
        """Sessions, and codes for recovery, that expired by then are deleted."""
        return _back(now, self.sessions_days)

    def delivered_by(self, now: datetime) -> datetime:
        """Messages delivered by then are deleted."""
        return _back(now, self.delivered_messages_days)

    def dead_by(self, now: datetime) -> datetime:
        """Messages that were given up by then are deleted, with their texts."""
        return _back(now, self.dead_messages_days)

    def approvals_asked_by(self, now: datetime) -> datetime:
        """Acts that took two people, and were asked for by then, are deleted."""
        return _back(now, self.approvals_days)

    def contents_received_by(self, now: datetime) -> datetime:
        """The bytes of payment files received by then are deleted."""
        return _back(now, self.file_contents_years * _DAYS_OF_A_YEAR)

    def unconfirmed_by(self, now: datetime) -> datetime:
        """Contact points that were given by then and not confirmed are deleted."""
        return _back(now, self.unconfirmed_contacts_days)

    def closed_by(self, now: datetime) -> datetime:
        """Accounts that were closed by then are forgotten."""
        return _back(now, self.closed_accounts_years * _DAYS_OF_A_YEAR)


def _back(now: datetime, days: int) -> datetime:
    try:
        return now - timedelta(days=days)
    except OverflowError:
        return datetime.min.replace(tzinfo=now.tzinfo)
