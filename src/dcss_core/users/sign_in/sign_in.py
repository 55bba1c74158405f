"""Sign-in with user id and password, and the second factor after them.

Decides from the account, the verdict of the hash, the throttles and the clock. Invariants: the public
outcome is the same for an unknown id, a wrong password, a lock, a throttled source, a disabled account
and an assigned password that is used up; only the event tells them apart. An assigned password opens
one session, which allows nothing but choosing another (IRS Pub. 1075, IA-5(1) h7). Where a second
factor is due, the counts of failures are set back only by giving it, so that the password alone buys
no guesses at the code.
"""

from datetime import datetime
from typing import TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account import Account, ChangeReason
from dcss_core.users.events import (
    PasswordChangeDue,
    SessionEndReason,
    SignedInAfterFailures,
    SignInFailed,
    SignInRefusal,
    SignInSucceeded,
)
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.banner import BannerNotAccepted
from dcss_core.users.sign_in.lockout import LockoutPolicy, after_success
from dcss_core.users.sign_in.session import (
    FactorStanding,
    Session,
    SessionPolicy,
    SessionToken,
    end_session,
    open_session,
)


@attrs.frozen
class SignedIn:
    """The caller is in; the token is shown this once. `session.scope` says what it allows."""

    session: Session
    token: SessionToken


@attrs.frozen
class SecondFactorDue:
    """The password is right, and nobody is in yet: give the second factor with this token."""

    session: Session
    token: SessionToken


@attrs.frozen
class SignInRefused:
    """The caller is not in, for whatever reason."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "The user ID or the password is not right, or sign-in is not possible now."


@attrs.frozen
class SecondFactorRefused:
    """The second factor was not accepted, for whatever reason; nobody is in."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "The code is not right, or sign-in is not possible now."


SignInOutcome: TypeAlias = SignedIn | SecondFactorDue | SignInRefused | BannerNotAccepted
SecondFactorOutcome: TypeAlias = SignedIn | SecondFactorRefused


@attrs.frozen
class SignInRequest:
    """What a sign-in comes with besides user id and password; `source` is where it comes from."""

    token: SessionToken
    source: str | None = None
    on_shared_computer: bool = False
    is_throttled: bool = False


@attrs.frozen
class Upkeep:
    """What is to be kept of the right password.

    `change_due` says why it has to be changed first, `judged_under` by which policy. `rehashed` is the same
    password hashed anew where the hasher wanted it; it replaces the stored hash and is no change of
    password. `banner` is the version of the notice that was agreed to.
    """

    change_due: ChangeReason | None
    judged_under: str
    banner: str
    rehashed: PasswordHash | None = None


@attrs.frozen
class SignInDecision:
    """What the caller sees, what to save and what to record; `account` is None when there is none."""

    outcome: SignInOutcome
    account: Account | None
    session: Session | None
    events: tuple[Event, ...]


@attrs.frozen
class SecondFactorDecision:
    """What the caller sees, what to save and what to record."""

    outcome: SecondFactorOutcome
    account: Account
    session: Session
    opened: Session | None
    events: tuple[Event, ...]
    is_wrong_code: bool = False


def decide_sign_in(
    account: Account | None,
    request: SignInRequest,
    *,
    password_matches: bool,
    lockout: LockoutPolicy,
    sessions: SessionPolicy,
    now: datetime,
    factor: FactorStanding = FactorStanding.NOT_USED,
    upkeep: Upkeep | None = None,
) -> SignInDecision:
    """Decide a sign-in; `upkeep` is what was found out about the right password besides."""
    refused = refusal(account, request, password_matches=password_matches, lockout=lockout, now=now)
    if refused is not None or account is None:
        return refused or _refused(None, SignInRefusal.UNKNOWN_USER)
    return let_in(account, request, lockout=lockout, sessions=sessions, now=now, factor=factor, upkeep=upkeep)


def refusal(
    account: Account | None,
    request: SignInRequest,
    *,
    password_matches: bool,
    lockout: LockoutPolicy,
    now: datetime,
) -> SignInDecision | None:
    """The decision to keep somebody out; None when there is an account, and nothing keeps its owner out."""
    if request.is_throttled:
        return _refused(account, SignInRefusal.SOURCE_THROTTLED)
    if account is None:
        return _refused(None, SignInRefusal.UNKNOWN_USER)
    barrier = _barrier(account, lockout, now)
    if barrier is not None:
        locked_on = barrier is SignInRefusal.LOCKED and not password_matches
        return _refused(lockout.while_locked(account, now) if locked_on else account, barrier)
    if not password_matches:
        counted, events = lockout.after_failure(account, now)
        return _refused(counted, SignInRefusal.WRONG_PASSWORD, events)
    exhausted = _exhausted(account, now)
    return None if exhausted is None else _refused(account, exhausted)


def let_in(
    account: Account,
    request: SignInRequest,
    *,
    lockout: LockoutPolicy,
    sessions: SessionPolicy,
    now: datetime,
    factor: FactorStanding = FactorStanding.NOT_USED,
    upkeep: Upkeep | None = None,
) -> SignInDecision:
    """Decide how somebody whom nothing keeps out is let in: wholly, or to give the second factor."""
    account = _kept_up(account, upkeep)
    session, opened = _opened(account, request, sessions, now, factor)
    if factor is FactorStanding.DUE:
        return SignInDecision(SecondFactorDue(session, request.token), account, session, (opened,))
    events = (*succeeded(account, lockout), opened)
    return SignInDecision(SignedIn(session, request.token), signed_in(account, now), session, events)


def decide_second_factor(
    account: Account,
    session: Session,
    request: SignInRequest,
    *,
    code_matches: bool,
    lockout: LockoutPolicy,
    sessions: SessionPolicy,
    now: datetime,
) -> SecondFactorDecision:
    """Decide the second half of a sign-in, inside a session that waits for it and is still good.

    A wrong code counts exactly like a wrong password, and for the factor besides (NIST SP 800-63B-4 §3.2.2).
    """
    barrier = SignInRefusal.SOURCE_THROTTLED if request.is_throttled else _barrier(account, lockout, now)
    if barrier is None and not code_matches:
        counted, events = lockout.after_failure(account, now)
        wrong = _second_factor_refused(counted, session, SignInRefusal.WRONG_SECOND_FACTOR, events)
        return attrs.evolve(wrong, is_wrong_code=True)
    refusal = barrier or _exhausted(account, now)
    if refusal is not None:
        return _second_factor_refused(account, session, refusal)
    ended, end_events = end_session(session, now, reason=SessionEndReason.REPLACED)
    opened, open_event = open_session(
        account,
        request.token,
        sessions,
        now,
        factor=FactorStanding.GIVEN,
        source=session.source,
        on_shared_computer=session.is_on_shared_computer,
    )
    return SecondFactorDecision(
        outcome=SignedIn(opened, request.token),
        account=signed_in(account, now),
        session=ended,
        opened=opened,
        events=(*succeeded(account, lockout), *end_events, open_event),
    )


def what_keeps_out(account: Account, lockout: LockoutPolicy, now: datetime) -> SignInRefusal | None:
    """Why the owner of an account is kept out whatever they give; None where nothing does."""
    return _barrier(account, lockout, now) or _exhausted(account, now)


def _barrier(account: Account, lockout: LockoutPolicy, now: datetime) -> SignInRefusal | None:
    if not account.is_active:
        return SignInRefusal.ACCOUNT_NOT_ACTIVE
    if lockout.keeps_out(account, now):
        return SignInRefusal.LOCKED
    return SignInRefusal.PASSWORD_DISABLED if lockout.has_disabled(account) else None


def _exhausted(account: Account, now: datetime) -> SignInRefusal | None:
    if account.assigned_until is None:
        return None
    if account.has_assigned_expired(now):
        return SignInRefusal.ASSIGNED_PASSWORD_EXPIRED
    return SignInRefusal.ASSIGNED_PASSWORD_USED if account.assigned_used_at is not None else None


def _kept_up(account: Account, upkeep: Upkeep | None) -> Account:
    if upkeep is None:
        return account
    change_due = upkeep.change_due if account.assigned_until is None else None
    if account.change_due is ChangeReason.COMPROMISED:  # only a new password ends that
        change_due = account.change_due
    return attrs.evolve(
        account,
        change_due=change_due,
        judged_under=upkeep.judged_under,
        accepted_banner=upkeep.banner,
        password_hash=upkeep.rehashed or account.password_hash,
    )


def signed_in(account: Account, now: datetime) -> Account:
    """The account after its owner got in: no failure counts, and an assigned password is used up."""
    cleared = after_success(account).used(now)
    return cleared if account.assigned_until is None else attrs.evolve(cleared, assigned_used_at=now)


def succeeded(account: Account, lockout: LockoutPolicy) -> tuple[Event, ...]:
    """What is recorded of somebody who got in."""
    account_id, failures = account.account_id, account.consecutive_failures
    events: list[Event] = [SignInSucceeded(account_id, failures)]
    if failures >= lockout.failure_limit:
        events.append(SignedInAfterFailures(account_id, failures))
    if account.change_reason is not None:
        events.append(PasswordChangeDue(account_id, account.change_reason.value))
    return tuple(events)


def _opened(
    account: Account, request: SignInRequest, sessions: SessionPolicy, now: datetime, factor: FactorStanding
) -> tuple[Session, Event]:
    return open_session(
        account,
        request.token,
        sessions,
        now,
        factor=factor,
        source=request.source,
        on_shared_computer=request.on_shared_computer,
    )


def _refused(
    account: Account | None, reason: SignInRefusal, events: tuple[Event, ...] = ()
) -> SignInDecision:
    failed = SignInFailed(account.account_id if account else None, reason)
    return SignInDecision(SignInRefused(), account, None, (failed, *events))


def _second_factor_refused(
    account: Account, session: Session, reason: SignInRefusal, events: tuple[Event, ...] = ()
) -> SecondFactorDecision:
    failed = SignInFailed(account.account_id, reason)
    return SecondFactorDecision(SecondFactorRefused(), account, session, None, (failed, *events))
