"""Account: one person's (or one shared) way into the portal.

Decides what an account may be and hold. Invariants: a parent's account belongs to one person and no
other kind belongs to any, so that a shared account can never reach a case; a password is either
chosen by its owner or assigned by the agency, and an assigned one is good until an instant, for one
sign-in, and only for choosing another; every change of password raises `credential_version`, which
ends all sessions opened before.
"""

from datetime import datetime
from enum import Enum

import attrs

from dcss_core.errors import InvariantError
from dcss_core.users.password_hash import PasswordHash


class AccountKind(Enum):
    """Whose account it is."""

    PARENT = "parent"
    STAFF = "staff"
    SHARED = "shared"  # several people use one password; flagged, never with access to a case


class AccountState(Enum):
    """Whether the account may be used at all."""

    ACTIVE = "active"
    DISABLED = "disabled"
    CLOSED = "closed"


@attrs.frozen
class Account:
    """An account as it is stored; instants are aware and in UTC.

    `user_id` is the id as chosen, `user_key` its key, unique for ever. `assigned_until` is set while
    the password is one the agency assigned, `assigned_used_at` once that was used to sign in.
    `failed_sign_ins` are the failures that count towards the next lock; `consecutive_failures` counts
    all since the last right password.
    """

    account_id: str
    user_id: str
    user_key: str
    person_id: str | None
    kind: AccountKind
    state: AccountState
    password_hash: PasswordHash
    created_at: datetime
    credential_version: int = 1
    assigned_until: datetime | None = None
    assigned_used_at: datetime | None = None
    earlier_hashes: tuple[PasswordHash, ...] = ()
    failed_sign_ins: tuple[datetime, ...] = ()
    consecutive_failures: int = 0
    locked_until: datetime | None = None

    def __attrs_post_init__(self) -> None:
        if (self.kind is AccountKind.PARENT) is (self.person_id is None):
            raise InvariantError("a parent's account belongs to a person, and no other kind does")
        if self.assigned_used_at is not None and self.assigned_until is None:
            raise InvariantError("only an assigned password can have been used as one")

    @property
    def is_active(self) -> bool:
        """Whether the account is neither disabled nor closed."""
        return self.state is AccountState.ACTIVE

    @property
    def must_change_password(self) -> bool:
        """Whether the password was assigned, so that it allows nothing but choosing another."""
        return self.assigned_until is not None

    def is_locked(self, now: datetime) -> bool:
        """Whether sign-in is locked after too many failures; staff may see this."""
        return self.locked_until is not None and now < self.locked_until

    def with_password(
        self, password_hash: PasswordHash, *, history: int, assigned_until: datetime | None = None
    ) -> "Account":
        """The account with another password; the one before goes into the history, all sessions end."""
        return attrs.evolve(
            self,
            password_hash=password_hash,
            earlier_hashes=(self.password_hash, *self.earlier_hashes)[:history],
            credential_version=self.credential_version + 1,
            assigned_until=assigned_until,
            assigned_used_at=None,
        )
