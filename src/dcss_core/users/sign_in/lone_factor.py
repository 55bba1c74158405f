"""Sign-in with a passkey alone: no user ID, no password.

Decides from the account that the answer led to, the verdict on it, the throttle and the clock. A device that
verifies its owner is both factors (NIST SP 800-63B-4 §2.2, §3.1.6), so the session is one of AAL2.
Invariants: the public outcome is the same whatever keeps somebody out; what keeps the owner out with the
password keeps them out here; a password that ran out, or that the policy has come to refuse, is not asked for
and stands in nobody's way, but one that others know is changed first; a challenge counts only if it was asked
for after the last one that did, so that none counts twice.
"""

from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.users.account import Account, ChangeReason
from dcss_core.users.events import SignInFailed, SignInRefusal
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.session import FactorStanding, Session, SessionPolicy, open_session
from dcss_core.users.sign_in.sign_in import (
    SignedIn,
    SignInRefused,
    SignInRequest,
    signed_in,
    succeeded,
    what_keeps_out,
)

_OF_THE_PASSWORD_ALONE: Final = (ChangeReason.EXPIRED, ChangeReason.AGAINST_POLICY)


@attrs.frozen
class PasskeyAsked:
    """What the browser needs, and the challenge to hand back with its answer before `good_until`, once.

    Keep the challenge with whoever asked, as in a cookie or a field of the form.
    """

    shown: Secret
    challenge: Secret
    good_until: datetime


@attrs.frozen
class PasskeyDecision:
    """What the caller sees, what to save and what to record; a wrong answer is counted for the factors."""

    outcome: SignedIn | SignInRefused
    account: Account | None
    session: Session | None
    events: tuple[Event, ...]
    is_wrong_answer: bool = False


def is_fresh(asked_at: datetime, last: datetime | None, within: timedelta, now: datetime) -> bool:
    """Whether a challenge that was asked for at an instant counts: in time, and after the last that did."""
    return asked_at <= now < asked_at + within and (last is None or asked_at > last)


def decide_passkey_sign_in(
    account: Account | None,
    request: SignInRequest,
    *,
    answer_counts: bool,
    lockout: LockoutPolicy,
    sessions: SessionPolicy,
    banner: str,
    now: datetime,
) -> PasskeyDecision:
    """Decide a sign-in by an answer that was judged."""
    if request.is_throttled:
        return _refused(account, SignInRefusal.SOURCE_THROTTLED)
    if account is None:
        return _refused(None, SignInRefusal.UNKNOWN_USER)
    barrier = what_keeps_out(account, lockout, now)
    if barrier is not None:
        return _refused(account, barrier)
    if not answer_counts:
        counted, events = lockout.after_failure(account, now)
        wrong = _refused(counted, SignInRefusal.WRONG_PASSKEY, events)
        return attrs.evolve(wrong, is_wrong_answer=True)
    return _let_in(attrs.evolve(account, accepted_banner=banner), request, lockout, sessions, now)


def _let_in(
    account: Account, request: SignInRequest, lockout: LockoutPolicy, sessions: SessionPolicy, now: datetime
) -> PasskeyDecision:
    of_password = account.change_reason in _OF_THE_PASSWORD_ALONE
    seen = attrs.evolve(account, change_due=None) if of_password else account
    session, opened = open_session(
        seen,
        request.token,
        sessions,
        now,
        factor=FactorStanding.GIVEN,
        source=request.source,
        on_shared_computer=request.on_shared_computer,
    )
    events = (*succeeded(seen, lockout), opened)
    return PasskeyDecision(SignedIn(session, request.token), signed_in(account, now), session, events)


def _refused(
    account: Account | None, reason: SignInRefusal, events: tuple[Event, ...] = ()
) -> PasskeyDecision:
    failed = SignInFailed(account.account_id if account else None, reason)
    return PasskeyDecision(SignInRefused(), account, None, (failed, *events))
