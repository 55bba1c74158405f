"""Staff resets: one member of staff asks for somebody's password to be reset, another approves.

Decides who may take which step (OWASP ASVS 5.0.0, 2.3.5 and 6.4.6; IRS Pub. 1075, AC-5). Invariants:
requester, approver and the account's owner are three different people, judged by what they are at the
moment of the decision; one request waits for an account at a time; it is decided once, expires, and is
void once the password was changed otherwise; nobody of the staff ever sees or chooses the password: it is
random and goes to the address on file.
"""

from datetime import datetime
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.events import Event
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.errors import ConflictError, DcssError, NotPermittedError
from dcss_core.users.account import Account
from dcss_core.users.account_control import ControlReason
from dcss_core.users.events import PasswordReset
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.renewal import with_renewed_password
from dcss_core.users.recovery.events import (
    StaffResetApproved,
    StaffResetCancelled,
    StaffResetDeclined,
    StaffResetRefusal,
    StaffResetRequested,
)
from dcss_core.users.recovery.policy import RecoveryPolicy


class StaffResetState(Enum):
    """How far a reset that staff started has come."""

    PENDING = "pending"
    APPROVED = "approved"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    EXPIRED = "expired"  # told by the clock, never stored: one that expires is left as it is


class StaffResetAct(Enum):
    """What is done about a reset."""

    REQUEST = "request"
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    EXPIRE = "expire"


STAFF_RESET_STATES: Final = StateTable(
    "a staff reset",
    StaffResetState,
    StaffResetAct,
    (
        (None, StaffResetAct.REQUEST, StaffResetState.PENDING),
        (StaffResetState.PENDING, StaffResetAct.APPROVE, StaffResetState.APPROVED),
        (StaffResetState.PENDING, StaffResetAct.DECLINE, StaffResetState.DECLINED),
        (StaffResetState.PENDING, StaffResetAct.CANCEL, StaffResetState.CANCELLED),
        (StaffResetState.PENDING, StaffResetAct.EXPIRE, StaffResetState.EXPIRED),
    ),
)


@attrs.frozen
class StaffReset:
    """A reset that staff asked for. `requested_by` and `decided_by` are ids of accounts.

    `state` is what somebody decided; `state_at` tells besides whether its time is over.
    """

    request_id: str
    account_id: str
    credential_version: int
    requested_by: str
    reason: ControlReason
    requested_at: datetime
    expires_at: datetime
    state: StaffResetState = StaffResetState.PENDING
    decided_by: str | None = None
    decided_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        state, is_pending = self.state, self.state is StaffResetState.PENDING
        is_approvers = state in (StaffResetState.APPROVED, StaffResetState.DECLINED)
        check_invariants(
            self,
            (self.requested_by != self.account_id, "nobody asks for their own"),
            (self.requested_at < self.expires_at, "it expires after it was asked for"),
            (state is not StaffResetState.EXPIRED, "that it expired is told by the clock"),
            (is_pending is (self.decided_by is None), "somebody decided on it unless it waits"),
            (is_pending is (self.decided_at is None), "it was decided at some time unless it waits"),
            (
                not is_approvers or self.decided_by not in (self.requested_by, self.account_id),
                "a third person approves or declines it",
            ),
            (
                state is not StaffResetState.CANCELLED or self.decided_by == self.requested_by,
                "whoever asked for it takes it back",
            ),
            (self.credential_version >= 1, "passwords are numbered from 1"),
        )

    def state_at(self, now: datetime) -> StaffResetState:
        """How far it has come by an instant; a clock that steps back behind the request ends it too."""
        in_time = self.requested_at <= now < self.expires_at
        if in_time or not STAFF_RESET_STATES.allows(self.state, StaffResetAct.EXPIRE):
            return self.state
        return STAFF_RESET_STATES.next_state(self.state, StaffResetAct.EXPIRE)

    def is_pending(self, now: datetime) -> bool:
        """Whether it still waits for a decision."""
        return self.state_at(now) is StaffResetState.PENDING

    def decided(self, act: StaffResetAct, by: str, now: datetime) -> "StaffReset":
        """The request with the decision on it; raises ConflictError when it was decided or is over."""
        state = STAFF_RESET_STATES.next_state(self.state_at(now), act)
        return attrs.evolve(self, state=state, decided_by=by, decided_at=now)


@attrs.frozen
class Deciding:
    """Who decides, and whether the requester may still ask at that moment."""

    staff_id: str
    requester_is_entitled: bool


@attrs.frozen
class Approval:
    """What to save, to send and to record."""

    reset: StaffReset
    account: Account
    good_until: datetime
    events: tuple[Event, ...]


def refusal_of_request(
    account: Account, *, by: str, has_address: bool, is_pending: bool
) -> StaffResetRefusal | None:
    """Why a reset can't be asked for; None when it can. The caller has checked the requester's role.

    `is_pending` says that one for this account waits already and can still be approved.
    """
    if by == account.account_id:
        return StaffResetRefusal.REQUESTER_IS_SUBJECT
    refusal = _refusal_by_subject(account, has_address)
    if refusal is not None:
        return refusal
    return StaffResetRefusal.PENDING_ALREADY if is_pending else None


def request_reset(
    account: Account,
    request_id: str,
    *,
    by: str,
    reason: ControlReason,
    policy: RecoveryPolicy,
    now: datetime,
) -> tuple[StaffReset, StaffResetRequested]:
    """Ask for a reset that nothing stands against."""
    reset = StaffReset(
        request_id=request_id,
        account_id=account.account_id,
        credential_version=account.credential_version,
        requested_by=by,
        reason=reason,
        requested_at=now,
        expires_at=now + policy.staff_reset_for,
        state=STAFF_RESET_STATES.next_state(None, StaffResetAct.REQUEST),
    )
    return reset, StaffResetRequested(account.account_id, request_id, reason, reset.expires_at)


def refusal_of_approval(
    reset: StaffReset, account: Account, deciding: Deciding, *, has_address: bool, now: datetime
) -> StaffResetRefusal | None:
    """Why this member of staff can't approve the request now; None when they can."""
    refusal = _refusal_by_decider(reset, deciding) or _refusal_by_state(reset, StaffResetAct.APPROVE, now)
    if refusal is not None:
        return refusal
    return _refusal_by_change(reset, account, deciding.requester_is_entitled, has_address)


def can_be_approved(
    reset: StaffReset, account: Account, *, requester_is_entitled: bool, has_address: bool, now: datetime
) -> bool:
    """Whether anybody at all could still approve the request."""
    changed = _refusal_by_change(reset, account, requester_is_entitled, has_address)
    return reset.is_pending(now) and changed is None


def refusal_of_decline(reset: StaffReset, deciding: Deciding, *, now: datetime) -> StaffResetRefusal | None:
    """Why this member of staff can't decline the request now; None when they can."""
    return _refusal_by_decider(reset, deciding) or _refusal_by_state(reset, StaffResetAct.DECLINE, now)


def refusal_of_cancel(reset: StaffReset, *, by: str, now: datetime) -> StaffResetRefusal | None:
    """Why this member of staff can't take the request back; None when they can."""
    if by != reset.requested_by:
        return StaffResetRefusal.NOT_THE_REQUESTER
    return _refusal_by_state(reset, StaffResetAct.CANCEL, now)


def approve_reset(
    reset: StaffReset,
    account: Account,
    *,
    by: str,
    assigned_hash: PasswordHash,
    policy: RecoveryPolicy,
    history: int,
    now: datetime,
) -> Approval:
    """Approve a request that nothing stands against: the account gets an assigned password."""
    good_until = now + policy.assigned_for
    renewed = with_renewed_password(
        account, assigned_hash, history=history, now=now, assigned_until=good_until
    )
    approved = StaffResetApproved(account.account_id, reset.request_id, reset.requested_by)
    return Approval(
        reset=reset.decided(StaffResetAct.APPROVE, by, now),
        account=renewed,
        good_until=good_until,
        events=(approved, PasswordReset(account.account_id, good_until)),
    )


def decline_reset(
    reset: StaffReset, *, by: str, reason: ControlReason, now: datetime
) -> tuple[StaffReset, StaffResetDeclined]:
    """Decline a request that can be declined."""
    event = StaffResetDeclined(reset.account_id, reset.request_id, reset.requested_by, reason)
    return reset.decided(StaffResetAct.DECLINE, by, now), event


def cancel_reset(reset: StaffReset, *, by: str, now: datetime) -> tuple[StaffReset, StaffResetCancelled]:
    """Take a request back."""
    event = StaffResetCancelled(reset.account_id, reset.request_id, reset.requested_by)
    return reset.decided(StaffResetAct.CANCEL, by, now), event


def error_of(refusal: StaffResetRefusal) -> DcssError:
    """The error that says why a step was refused and what to do."""
    kind, sentence = _SENTENCES[refusal]
    return kind(sentence)


def _refusal_by_subject(account: Account, has_address: bool) -> StaffResetRefusal | None:
    if not account.is_active:
        return StaffResetRefusal.SUBJECT_NOT_ACTIVE
    # Without an address the old password would die and the new one go nowhere.
    return None if has_address else StaffResetRefusal.NO_ADDRESS


def _refusal_by_change(
    reset: StaffReset, account: Account, requester_is_entitled: bool, has_address: bool
) -> StaffResetRefusal | None:
    if not requester_is_entitled:
        return StaffResetRefusal.REQUESTER_NOT_ENTITLED
    refusal = _refusal_by_subject(account, has_address)
    if refusal is not None:
        return refusal
    is_other = account.credential_version != reset.credential_version
    return StaffResetRefusal.PASSWORD_CHANGED if is_other else None


def _refusal_by_decider(reset: StaffReset, deciding: Deciding) -> StaffResetRefusal | None:
    if deciding.staff_id == reset.requested_by:
        return StaffResetRefusal.DECIDER_IS_REQUESTER
    return StaffResetRefusal.DECIDER_IS_SUBJECT if deciding.staff_id == reset.account_id else None


def _refusal_by_state(reset: StaffReset, act: StaffResetAct, now: datetime) -> StaffResetRefusal | None:
    state = reset.state_at(now)
    if STAFF_RESET_STATES.allows(state, act):
        return None
    is_over = state is StaffResetState.EXPIRED
    return StaffResetRefusal.EXPIRED if is_over else StaffResetRefusal.DECIDED_ALREADY


_SENTENCES: Final[dict[StaffResetRefusal, tuple[type[NotPermittedError] | type[ConflictError], str]]] = {
    StaffResetRefusal.DECIDER_IS_REQUESTER: (
        NotPermittedError,
        "whoever asked for a reset can't decide on it; have somebody else decide, or cancel it",
    ),
    StaffResetRefusal.DECIDER_IS_SUBJECT: (
        NotPermittedError,
        "nobody decides on the reset of their own account; have somebody else decide",
    ),
    StaffResetRefusal.REQUESTER_IS_SUBJECT: (
        NotPermittedError,
        "nobody asks for a reset of their own account as staff; use the recovery page, or ask a colleague",
    ),
    StaffResetRefusal.NOT_THE_REQUESTER: (
        NotPermittedError,
        "only whoever asked for a reset can cancel it; an approver can decline it",
    ),
    StaffResetRefusal.REQUESTER_NOT_ENTITLED: (
        NotPermittedError,
        "whoever asked for this reset may not ask for one any more; decline it, and have it asked for anew",
    ),
    StaffResetRefusal.PENDING_ALREADY: (
        ConflictError,
        "a reset of this account waits for a decision already; have that one decided, or have whoever asked "
        "for it cancel it",
    ),
    StaffResetRefusal.DECIDED_ALREADY: (ConflictError, "this reset was decided on already; look at it again"),
    StaffResetRefusal.EXPIRED: (
        ConflictError,
        "nobody decided on this reset in time; have it asked for anew",
    ),
    StaffResetRefusal.SUBJECT_NOT_ACTIVE: (
        ConflictError,
        "the account is not in use; enable it before its password is reset",
    ),
    StaffResetRefusal.PASSWORD_CHANGED: (
        ConflictError,
        "the account's password or sessions were changed since this reset was asked for; if one is still "
        "needed, have it asked for anew",
    ),
    StaffResetRefusal.NO_ADDRESS: (
        ConflictError,
        "the account has no address on file, so an assigned password could go nowhere; put one on file first",
    ),
}
