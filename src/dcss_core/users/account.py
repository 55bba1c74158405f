"""Account: one person's (or one shared) way into the portal.

Decides what an account may be and hold. Invariants: a parent's account belongs to one person until it
is closed, and no other kind belongs to any, so that a shared account can never reach a case; a
password is either chosen by its owner or assigned by the agency, and an assigned one is good until an
instant, for one sign-in, and only for choosing another; a password that no longer satisfies the policy
locks nobody out, but has to be changed next; every change of password raises `credential_version`,
which ends all sessions opened before; a closed account keeps its user id for ever (IRS Pub. 1075, IA-4), and
nothing else once it is forgotten.
"""

from datetime import datetime, timedelta
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.users.hashing.password_hash import PasswordHash

_A_DAY: Final = timedelta(days=1)
_CLOCKS_MAY_DIFFER: Final = timedelta(minutes=1)  # two machines, or one whose clock is being set


class AccountState(Enum):
    """Whether the account may be used at all."""

    ACTIVE = "active"
    DISABLED = "disabled"
    CLOSED = "closed"
    FORGOTTEN = "forgotten"  # of a closed one nothing is left but its user id, which nobody gets again


class AccountAct(Enum):
    """What is done to an account, as far as it depends on whether the account may be used."""

    REGISTER = "register"
    APPOINT = "appoint"
    DEMAND_PASSWORD_CHANGE = "demand_password_change"
    DISABLE = "disable"
    ENABLE = "enable"
    CLOSE = "close"
    FORGET = "forget"


ACCOUNT_STATES: Final = StateTable(
    "an account",
    AccountState,
    AccountAct,
    (
        (None, AccountAct.REGISTER, AccountState.ACTIVE),
        (None, AccountAct.APPOINT, AccountState.ACTIVE),
        (AccountState.ACTIVE, AccountAct.DEMAND_PASSWORD_CHANGE, AccountState.ACTIVE),
        (AccountState.ACTIVE, AccountAct.DISABLE, AccountState.DISABLED),
        (AccountState.DISABLED, AccountAct.ENABLE, AccountState.ACTIVE),
        (AccountState.ACTIVE, AccountAct.CLOSE, AccountState.CLOSED),
        (AccountState.DISABLED, AccountAct.CLOSE, AccountState.CLOSED),
        (AccountState.CLOSED, AccountAct.FORGET, AccountState.FORGOTTEN),
    ),
)


class AccountKind(Enum):
    """Whose account it is."""

    PARENT = "parent"
    STAFF = "staff"
    SHARED = "shared"  # several people use one password; flagged, never with access to a case
    REMITTER = "remitter"  # of an organisation, or a private payer: they see what was sent, and no case


class ChangeReason(Enum):
    """Why the password has to be changed before anything else."""

    ASSIGNED = "assigned"
    EXPIRED = "expired"
    AGAINST_POLICY = "against_policy"
    COMPROMISED = "compromised"


@attrs.frozen
class Account:
    """An account as it is stored; instants are aware and in UTC.

    `user_id` is the id as chosen, `user_key` its key, unique for ever. `person_id` is None once the
    account is closed, so that the person can register anew; `closed_person_id` is whose it was.
    `password_set_at` is when the present password was set. `assigned_until` is set while it is one the
    agency assigned, `assigned_used_at` once that was used to sign in; `change_due` says why one the owner
    chose has to be changed; `judged_under` is the fingerprint of the policy that said so, or that found
    it good. `accepted_banner` is the version of the notice agreed to last. `failed_sign_ins` are the
    failures that count towards the next lock; `consecutive_failures` counts all since the last finished
    sign-in. `idle_since` is, to the day, when the account was last used or put into use, None where that was
    not counted yet; `idle_warned_at` is when its owner was written to that it will be disabled for that.
    `closed_at` is when it was closed.
    """

    account_id: str
    user_id: str
    user_key: str
    person_id: str | None
    kind: AccountKind
    state: AccountState
    password_hash: PasswordHash
    created_at: datetime
    password_set_at: datetime
    credential_version: int = 1
    assigned_until: datetime | None = None
    assigned_used_at: datetime | None = None
    change_due: ChangeReason | None = None
    closed_person_id: str | None = None
    judged_under: str | None = None
    accepted_banner: str | None = None
    earlier_hashes: tuple[PasswordHash, ...] = ()
    failed_sign_ins: tuple[datetime, ...] = ()
    consecutive_failures: int = 0
    locked_until: datetime | None = None
    idle_since: datetime | None = None
    idle_warned_at: datetime | None = None
    closed_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        is_parents = self.kind is AccountKind.PARENT
        is_closed = self.state in (AccountState.CLOSED, AccountState.FORGOTTEN)
        has_owner, had_owner = is_parents and not is_closed, is_parents and is_closed
        check_invariants(
            self,
            (
                has_owner is (self.person_id is not None),
                "a parent's account that is not closed belongs to a person; no other does",
            ),
            (had_owner or self.closed_person_id is None, "a parent's account that is closed was a person's"),
            (not (is_closed and self.earlier_hashes), "a closed one keeps no earlier password"),
            (
                self.assigned_until is not None or self.assigned_used_at is None,
                "only an assigned password can have been used as one",
            ),
            (
                self.change_due is not ChangeReason.ASSIGNED,
                "that a password was assigned is said by until when it is good",
            ),
            (is_closed or self.closed_at is None, "what is in use was not closed"),
            (
                self.state is not AccountState.FORGOTTEN or self.closed_person_id is None,
                "a forgotten one was nobody's",
            ),
            (self.credential_version >= 1, "passwords are numbered from 1"),
            (self.consecutive_failures >= 0, "failures are counted from 0"),
        )

    @property
    def is_active(self) -> bool:
        """Whether the account is neither disabled nor closed."""
        return self.state is AccountState.ACTIVE

    @property
    def change_reason(self) -> ChangeReason | None:
        """Why the password allows nothing but choosing another; None where it allows everything."""
        return self.change_due if self.assigned_until is None else ChangeReason.ASSIGNED

    def is_locked(self, now: datetime) -> bool:
        """Whether sign-in is locked after too many failures; staff may see this."""
        return self.locked_until is not None and now < self.locked_until

    def used(self, now: datetime) -> "Account":
        """The account after it was used, or put into use; its days of idleness are counted anew.

        To the day, so that most sign-ins change nothing here.
        """
        since = self.idle_since
        if since is not None and since <= now < since + _A_DAY and self.idle_warned_at is None:
            return self
        return attrs.evolve(self, idle_since=now, idle_warned_at=None)

    def has_assigned_expired(self, now: datetime) -> bool:
        """Whether the password was assigned, and is good no more.

        A clock that steps back behind the assignment makes it last no longer.
        """
        until = self.assigned_until
        return until is not None and not self.password_set_at - _CLOCKS_MAY_DIFFER <= now < until

    def with_password(
        self,
        password_hash: PasswordHash,
        *,
        history: int,
        now: datetime,
        assigned_until: datetime | None = None,
    ) -> "Account":
        """The account with another password; the one before goes into the history, all sessions end."""
        return attrs.evolve(
            self,
            password_hash=password_hash,
            password_set_at=now,
            earlier_hashes=(self.password_hash, *self.earlier_hashes)[:history],
            credential_version=self.credential_version + 1,
            assigned_until=assigned_until,
            assigned_used_at=None,
            change_due=None,
            judged_under=None,
        )
