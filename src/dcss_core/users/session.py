"""Session: what a signed-in caller holds, and for how long.

Decides when a session opens, is good, and ends. Invariants: the token has 256 bits and is never
stored, only its SHA-256; both limits are enforced here and a session never outlives the second; one
opened with an assigned password allows nothing but changing it; a changed password, a disabled
account or a clock that steps back never lengthens a session.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from enum import Enum
from typing import Final, Self

import attrs

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvariantError, NotPermittedError, RulesError
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.account import Account
from dcss_core.users.events import SessionEnded, SessionEndReason, SessionOpened

TOKEN_BYTES: Final = 32  # 256 bits; ASVS 5.0.0, 7.2.3 asks for 128
_LONGEST: Final = timedelta(days=30)  # NIST SP 800-63B-4 §2.1.3


class SessionScope(Enum):
    """What a session allows."""

    FULL = "full"
    CHANGE_PASSWORD_ONLY = "change_password_only"


class SessionFault(Enum):
    """Why a session is no longer good."""

    ENDED = "ended"
    IDLE = "idle"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"  # the password was changed or reset since
    ACCOUNT_NOT_ACTIVE = "account_not_active"


class SessionToken(Secret):
    """The text by which a caller shows that a session is theirs."""

    __slots__ = ()

    @classmethod
    def from_bytes(cls, random: bytes) -> Self:
        """Make a token from 32 random bytes; raises InvariantError for another number."""
        if len(random) != TOKEN_BYTES:
            raise InvariantError(f"a session token is made from {TOKEN_BYTES} bytes, not {len(random)}")
        return cls(base64.urlsafe_b64encode(random).rstrip(b"=").decode())

    @property
    def session_id(self) -> str:
        """The id under which the session is stored: SHA-256 of the token, as hex."""
        return hashlib.sha256(self.reveal().encode("utf-8", "surrogatepass")).hexdigest()


@attrs.frozen
class SessionPolicy:
    """How long a session may rest and how long it may last; raises RulesError."""

    idle: timedelta
    absolute: timedelta

    def __attrs_post_init__(self) -> None:
        if not timedelta(0) < self.idle <= self.absolute <= _LONGEST:
            found = f"idle {self.idle}, absolute {self.absolute}"
            expected = f"0 < idle <= absolute <= {_LONGEST.days} days"
            raise RulesError("sessions can't last like this", faults=[Fault("session", found, expected)])

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self:
        """Read the policy in force."""
        return cls(
            idle=timedelta(minutes=rules.integer("accounts.session_idle_minutes")),
            absolute=timedelta(minutes=rules.integer("accounts.session_absolute_minutes")),
        )


@attrs.frozen
class Session:
    """A session as it is stored. It ends at `expires_at`, and after `idle_seconds` without use."""

    session_id: str
    account_id: str
    person_id: str | None
    scope: SessionScope
    credential_version: int
    created_at: datetime
    last_seen_at: datetime
    idle_seconds: int
    expires_at: datetime
    ended_at: datetime | None = None

    @property
    def good_until(self) -> datetime:
        """The instant at which the session ends unless it is used before."""
        return min(self.expires_at, self.last_seen_at + timedelta(seconds=self.idle_seconds))

    def person_with_cases(self) -> str:
        """The person whose cases this session opens.

        Raises NotPermittedError before an assigned password is changed, and for an account of nobody's.
        """
        if self.scope is not SessionScope.FULL:
            raise NotPermittedError("choose your own password first; the assigned one allows nothing else")
        if self.person_id is None:
            raise NotPermittedError("this account belongs to no participant; sign in with your own")
        return self.person_id


def open_session(
    account: Account, token: SessionToken, policy: SessionPolicy, now: datetime
) -> tuple[Session, SessionOpened]:
    """Open a session for an account whose password was just verified."""
    expires_at = now + policy.absolute
    if account.assigned_until is not None:
        expires_at = min(expires_at, account.assigned_until)
    scope = SessionScope.CHANGE_PASSWORD_ONLY if account.must_change_password else SessionScope.FULL
    session = Session(
        session_id=token.session_id,
        account_id=account.account_id,
        person_id=account.person_id,
        scope=scope,
        credential_version=account.credential_version,
        created_at=now,
        last_seen_at=now,
        idle_seconds=int(policy.idle.total_seconds()),
        expires_at=expires_at,
    )
    return session, SessionOpened(
        account.account_id, session.session_id, change_password_only=account.must_change_password
    )


def session_fault(session: Session, account: Account, now: datetime) -> SessionFault | None:
    """Why the session is no longer good; None while it is."""
    if session.account_id != account.account_id:
        raise InvariantError("the session was checked against another account")
    if session.ended_at is not None:
        return SessionFault.ENDED
    if not account.is_active:
        return SessionFault.ACCOUNT_NOT_ACTIVE
    if session.credential_version != account.credential_version:
        return SessionFault.SUPERSEDED
    if now >= session.expires_at:
        return SessionFault.EXPIRED
    return SessionFault.IDLE if now >= session.good_until else None


def touch_session(session: Session, now: datetime) -> Session:
    """Note that a good session was used."""
    return attrs.evolve(session, last_seen_at=max(session.last_seen_at, now))


def end_session(
    session: Session, now: datetime, *, reason: SessionEndReason
) -> tuple[Session, tuple[SessionEnded, ...]]:
    """End a session; ending twice changes nothing."""
    if session.ended_at is not None:
        return session, ()
    ended = SessionEnded(session.account_id, session.session_id, reason)
    return attrs.evolve(session, ended_at=now), (ended,)
