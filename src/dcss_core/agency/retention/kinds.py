"""Kinds: which records are deleted, and when each may be.

Decides by the schedule of the rules, or, for counts of failures, by whether they count for anything still.
Invariants: nothing in another collection refers to a record of these kinds; what still closes a way in, or
counts against one, is kept.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import attrs

from dcss_core.agency.filing.accounts import (
    APPROVALS,
    OUTSTANDING_CODES,
    PARTICULARS_THROTTLES,
    RECOVERY_LETTERS,
    SESSIONS,
    STAFF_RESETS,
    THROTTLES,
)
from dcss_core.agency.filing.cases import CONTACT_POINTS
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.agency.filing.remitters import INVITATIONS
from dcss_core.agency.filing.vouched import DUE_LINKS, USED_ASSERTIONS
from dcss_core.agency.work.records import Records
from dcss_core.cases.people.contacts.point import ContactState
from dcss_core.letters.outgoing.outbox_message import MessageState
from dcss_core.rules.retention_schedule import RetentionSchedule
from dcss_core.users.approvals.approval import ApprovalState
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.staff_reset import StaffResetState
from dcss_core.users.sign_in.attempts_at_nobody import are_attempts_at_nobody, are_forgotten
from dcss_core.users.sign_in.throttle import Throttle

STEP: Final = 500
"""Records that one transaction deletes: some milliseconds."""


@attrs.frozen
class Expiring:
    """Records that an index finds by the instant from which their time counts."""

    records: Records[Any]
    index: tuple[str, ...]
    equal_to: tuple[object, ...]
    through: Callable[[RetentionSchedule, datetime], datetime]


@attrs.frozen
class Forgotten:
    """Records that say themselves whether they count for anything still; `key` is the field of their key."""

    records: Records[Any]
    key: str
    is_forgotten: Callable[[Any, AccountPolicies, datetime], bool]


def _is_forgotten(throttle: Throttle, policies: AccountPolicies, now: datetime) -> bool:
    if are_attempts_at_nobody(throttle):
        return are_forgotten(throttle, policies.lockout, now)
    return policies.throttles.is_forgotten(throttle, now)


EXPIRING: Final = (
    Expiring(SESSIONS, ("expires_at",), (), RetentionSchedule.sessions_expired_by),
    Expiring(OUTSTANDING_CODES, ("expires_at",), (), RetentionSchedule.sessions_expired_by),
    Expiring(DUE_LINKS, ("expires_at",), (), RetentionSchedule.sessions_expired_by),
    Expiring(USED_ASSERTIONS, ("expires_at",), (), RetentionSchedule.sessions_expired_by),
    Expiring(INVITATIONS, ("expires_at",), (), RetentionSchedule.sessions_expired_by),
    Expiring(OUTBOX, ("state", "due_at"), (MessageState.DELIVERED,), RetentionSchedule.delivered_by),
    Expiring(OUTBOX, ("state", "due_at"), (MessageState.DEAD,), RetentionSchedule.dead_by),
    *(
        Expiring(APPROVALS, ("state", "asked_at"), (state,), RetentionSchedule.approvals_asked_by)
        for state in ApprovalState
    ),
    *(
        Expiring(CONTACT_POINTS, ("state", "recorded_at"), (state,), RetentionSchedule.unconfirmed_by)
        for state in (ContactState.TO_CONFIRM, ContactState.DROPPED)
    ),
    *(
        Expiring(STAFF_RESETS, ("state", "requested_at"), (state,), RetentionSchedule.approvals_asked_by)
        for state in StaffResetState
    ),
)
FORGOTTEN: Final = (
    Forgotten(THROTTLES, "key", _is_forgotten),
    Forgotten(
        PARTICULARS_THROTTLES,
        "index",
        lambda throttle, policies, now: throttle.is_forgotten(policies.recovery.particulars, now),
    ),
    Forgotten(
        RECOVERY_LETTERS, "key", lambda letters, policies, now: letters.is_forgotten(policies.recovery, now)
    ),
)
