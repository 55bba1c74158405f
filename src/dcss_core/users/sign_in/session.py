"""Session: what a signed-in caller holds, and for how long.

Decides when a session opens, what it allows, when it is good and when it ends. Invariants: the token
has 256 bits and is never stored, only its SHA-256; both limits are enforced here and a session never
outlives the second; one that still owes a second factor, or a change of password, allows nothing but
that; a changed password, a disabled account or a clock that steps back never lengthens a session.
"""

import base64
import hashlib
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final, Self

import attrs

from dcss_core.base.events import Event
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvariantError, NotPermittedError, RulesError
from dcss_core.rules.gathering import policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.users.account import Account, ChangeReason

if TYPE_CHECKING:  # the policy is read, and a session looked at, without events
    from dcss_core.users.events import SessionEnded, SessionEndReason, SessionOpened

TOKEN_BYTES: Final = 32  # 256 bits; ASVS 5.0.0, 7.2.3 asks for 128
LONGEST_SESSION: Final = timedelta(days=30)  # NIST SP 800-63B-4 §2.1.3
_KEYS: Final = {
    "session": "accounts.session_idle_minutes",
    "second_factor_minutes": "accounts.second_factor_minutes",
}
_LONGEST_TOUCH: Final = timedelta(minutes=1)
_CLOCKS_MAY_DIFFER: Final = timedelta(minutes=1)  # two machines, or one whose clock is being set


class SessionState(Enum):
    """Whether a session was ended; time ends it too, and no table says when (`session_fault`)."""

    OPEN = "open"
    ENDED = "ended"


class SessionAct(Enum):
    """What is done to a session."""

    OPEN = "open"
    TOUCH = "touch"
    RENEW = "renew"
    END = "end"


SESSION_STATES: Final = StateTable(
    "a session",
    SessionState,
    SessionAct,
    (
        (None, SessionAct.OPEN, SessionState.OPEN),
        (SessionState.OPEN, SessionAct.TOUCH, SessionState.OPEN),
        (SessionState.OPEN, SessionAct.RENEW, SessionState.ENDED),  # another takes its place
        (SessionState.OPEN, SessionAct.END, SessionState.ENDED),
        (SessionState.ENDED, SessionAct.END, SessionState.ENDED),  # ending twice changes nothing
    ),
)


class SessionScope(Enum):
    """What a session allows."""

    FULL = "full"
    SECOND_FACTOR_ONLY = "second_factor_only"
    CHANGE_PASSWORD_ONLY = "change_password_only"
    ENROL_SECOND_FACTOR_ONLY = "enrol_second_factor_only"


class Assurance(Enum):
    """How sure it is that the owner is at the other end (NIST SP 800-63B-4 §2)."""

    AAL1 = "aal1"
    AAL2 = "aal2"


class FactorStanding(Enum):
    """How an account stands with its second factor when a session opens."""

    NOT_USED = "not_used"
    DUE = "due"
    GIVEN = "given"
    TO_ENROL = "to_enrol"  # the jurisdiction demands one and there is none yet


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
    """How long a session may rest and how long it may last; raises RulesError.

    `shared_idle` holds on a computer that others use too; `factor_within` is how long the second factor
    may take after the password.
    """

    idle: timedelta
    absolute: timedelta
    shared_idle: timedelta
    factor_within: timedelta

    def __attrs_post_init__(self) -> None:
        spans = f"shared {self.shared_idle}, idle {self.idle}, absolute {self.absolute}"
        faults = []
        if not timedelta(0) < self.shared_idle <= self.idle <= self.absolute <= LONGEST_SESSION:
            expected = f"0 < shared <= idle <= absolute <= {LONGEST_SESSION.days} days"
            faults.append(Fault("session", spans, expected))
        if not timedelta(0) < self.factor_within <= self.absolute:
            faults.append(Fault("second_factor_minutes", str(self.factor_within), "0 < time <= absolute"))
        if faults:
            raise RulesError("sessions can't last like this", faults=faults)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> Self:
        """Read the policy in force."""
        return policy_of_rules(
            lambda read: cls(
                idle=read.span(rules, "accounts.session_idle_minutes"),
                absolute=read.span(rules, "accounts.session_absolute_minutes"),
                shared_idle=read.span(rules, "accounts.shared_computer_idle_minutes"),
                factor_within=read.span(rules, "accounts.second_factor_minutes"),
            ),
            keys=_KEYS,
            follows=_KEYS,
        )


@attrs.frozen
class Session:
    """A session as it is stored. It ends at `expires_at`, and after `idle_seconds` without use.

    `authenticated_at` is when the password was last given, `change_reason` why it has to be changed
    first, `source` where the session was opened from.
    """

    session_id: str
    account_id: str
    person_id: str | None
    scope: SessionScope
    assurance: Assurance
    credential_version: int
    created_at: datetime
    authenticated_at: datetime
    last_seen_at: datetime
    idle_seconds: int
    expires_at: datetime
    change_reason: ChangeReason | None = None
    source: str | None = None
    is_on_shared_computer: bool = False
    ended_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        scope, has_reason = self.scope, self.change_reason is not None
        check_invariants(
            self,
            (
                0 < self.idle_seconds <= LONGEST_SESSION.total_seconds(),
                "it may rest for a while, and no longer than any lasts",
            ),
            (self.created_at < self.expires_at, "it expires after it began"),
            (self.expires_at - self.created_at <= LONGEST_SESSION, "it lasts no longer than any may"),
            (
                scope is SessionScope.SECOND_FACTOR_ONLY
                or (scope is SessionScope.CHANGE_PASSWORD_ONLY) is has_reason,
                "it allows nothing but a change of password while that is due, and only then",
            ),
            (
                scope not in _WITHOUT_A_SECOND_FACTOR or self.assurance is Assurance.AAL1,
                "a second factor that is still to be given or set up was not given",
            ),
            (self.credential_version >= 1, "passwords are numbered from 1"),
        )

    @property
    def state(self) -> SessionState:
        """Whether it was ended."""
        return SessionState.OPEN if self.ended_at is None else SessionState.ENDED

    @property
    def good_until(self) -> datetime:
        """The instant at which the session ends unless it is used before."""
        idle = timedelta(seconds=self.idle_seconds)
        # their difference is compared, for near the last instant there is their sum would be none
        return self.expires_at if self.expires_at - self.last_seen_at <= idle else self.last_seen_at + idle

    def require(self, scope: SessionScope) -> None:
        """Raise NotPermittedError unless this is what the session allows; the message says what it owes."""
        if self.scope is not scope:
            raise NotPermittedError(_OWED[self.scope], wanted=scope.value)

    def require_assurance(self, needed: Assurance) -> None:
        """Raise NotPermittedError when a second factor is needed and was not given.

        IRS Pub. 1075, 3.3.8(c): a portal that shows federal tax information asks for AAL2 at each sign-in.
        """
        if needed is Assurance.AAL2 and self.assurance is not Assurance.AAL2:
            raise NotPermittedError(
                "this needs a sign-in with a second factor; sign in again with one", wanted=needed.value
            )

    def person_with_cases(self) -> str:
        """The person whose cases this session opens.

        Raises NotPermittedError while the session owes something, and for an account of nobody's.
        """
        self.require(SessionScope.FULL)
        if self.person_id is None:
            raise NotPermittedError(
                "this account belongs to no participant; sign in with your own", wanted="cases"
            )
        return self.person_id


_WITHOUT_A_SECOND_FACTOR: Final = (SessionScope.SECOND_FACTOR_ONLY, SessionScope.ENROL_SECOND_FACTOR_ONLY)
_OWED: Final = {
    SessionScope.FULL: "this has been done in this session already; there is nothing to do",
    SessionScope.SECOND_FACTOR_ONLY: "give the second factor first; the password alone allows nothing else",
    SessionScope.CHANGE_PASSWORD_ONLY: "choose your own password first; this one allows nothing else",
    SessionScope.ENROL_SECOND_FACTOR_ONLY: "set up a second factor first; this portal demands one",
}


def open_session(
    account: Account,
    token: SessionToken,
    policy: SessionPolicy,
    now: datetime,
    *,
    factor: FactorStanding = FactorStanding.NOT_USED,
    source: str | None = None,
    on_shared_computer: bool = False,
) -> "tuple[Session, SessionOpened]":
    """Open a session for an account whose password was just verified."""
    scope = _scope(account, factor)
    lasts = policy.factor_within if scope is SessionScope.SECOND_FACTOR_ONLY else policy.absolute
    ends = [now + lasts, *([account.assigned_until] if account.assigned_until is not None else [])]
    idle = policy.shared_idle if on_shared_computer else policy.idle
    session = Session(
        session_id=token.session_id,
        account_id=account.account_id,
        person_id=account.person_id,
        scope=scope,
        assurance=Assurance.AAL2 if factor is FactorStanding.GIVEN else Assurance.AAL1,
        credential_version=account.credential_version,
        created_at=now,
        authenticated_at=now,
        last_seen_at=now,
        idle_seconds=int(idle.total_seconds()),
        expires_at=min(ends),
        change_reason=account.change_reason,
        source=source,
        is_on_shared_computer=on_shared_computer,
    )
    return session, _opened(session)


def renew_session(
    session: Session,
    token: SessionToken,
    now: datetime,
    *,
    scope: SessionScope | None = None,
    assurance: Assurance | None = None,
) -> tuple[Session, Session, tuple[Event, ...]]:
    """The session, ended, and one with another token in its place, after its holder has shown more.

    ASVS 5.0.0, 7.2.4: another token at re-authentication. The new session ends when the old one would
    have; its scope and assurance are the old one's unless they are given. Raises ConflictError for a
    session that was ended.
    """
    from dcss_core.users.events import SessionEndReason

    SESSION_STATES.next_state(session.state, SessionAct.RENEW)
    ended, end_events = end_session(session, now, reason=SessionEndReason.REPLACED)
    renewed = attrs.evolve(
        session,
        session_id=token.session_id,
        scope=scope or session.scope,
        assurance=assurance or session.assurance,
        authenticated_at=now,
        last_seen_at=now,
    )
    return ended, renewed, (*end_events, _opened(renewed))


def _opened(session: Session) -> "SessionOpened":
    from dcss_core.users.events import SessionOpened

    return SessionOpened(session.account_id, session.session_id, session.scope.value, session.assurance.value)


def _scope(account: Account, factor: FactorStanding) -> SessionScope:
    if factor is FactorStanding.DUE:
        return SessionScope.SECOND_FACTOR_ONLY
    if account.change_reason is not None:
        return SessionScope.CHANGE_PASSWORD_ONLY
    return SessionScope.ENROL_SECOND_FACTOR_ONLY if factor is FactorStanding.TO_ENROL else SessionScope.FULL


def session_fault(session: Session, account: Account, now: datetime) -> SessionFault | None:
    """Why the session is no longer good; None while it is."""
    if session.account_id != account.account_id:
        raise InvariantError("the session was checked against another account")
    if session.state is SessionState.ENDED:
        return SessionFault.ENDED
    if not account.is_active:
        return SessionFault.ACCOUNT_NOT_ACTIVE
    if session.credential_version != account.credential_version:
        return SessionFault.SUPERSEDED
    # A clock set back would lengthen the session, so how long it has rested is not known any more.
    if now >= session.expires_at or now < session.last_seen_at - _CLOCKS_MAY_DIFFER:
        return SessionFault.EXPIRED
    return SessionFault.IDLE if now >= session.good_until else None


def touch_session(session: Session, now: datetime) -> Session:
    """Note that a good session was used.

    Uses closer together than a tenth of the idle limit, or a minute, are not noted, so that looking costs
    no write; a session may end that much before its idle limit, never after it. Raises ConflictError for
    a session that was ended.
    """
    SESSION_STATES.next_state(session.state, SessionAct.TOUCH)
    pause = min(_LONGEST_TOUCH, timedelta(seconds=session.idle_seconds) // 10)
    return session if now - session.last_seen_at < pause else attrs.evolve(session, last_seen_at=now)


def end_session(
    session: Session, now: datetime, *, reason: "SessionEndReason"
) -> "tuple[Session, tuple[SessionEnded, ...]]":
    """End a session; ending twice changes nothing."""
    if SESSION_STATES.next_state(session.state, SessionAct.END) is session.state:
        return session, ()
    from dcss_core.users.events import SessionEnded

    ended = SessionEnded(session.account_id, session.session_id, reason)
    return attrs.evolve(session, ended_at=now), (ended,)
