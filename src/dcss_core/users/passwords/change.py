"""Changing the password, the assigned one above all.

Decides from the verdict on the current password and every violation of the new one. Invariants: the
change opens a new, full session and ends every other; the new password is compared with the present and
earlier ones for whoever gave the current one, and for nobody else, so that no reason is a guess at them.
"""

from datetime import datetime
from typing import Final, TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.errors import InvariantError
from dcss_core.users.account import Account
from dcss_core.users.events import ChangeRefusal, PasswordChanged, PasswordChangeFailed, SessionEndReason
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.sign_in.reauthentication import Reauthentication
from dcss_core.users.sign_in.session import (
    Assurance,
    FactorStanding,
    Session,
    SessionPolicy,
    SessionScope,
    SessionToken,
    end_session,
    open_session,
)

# Verdicts of the hash: to somebody who can't give the current password, each would be a free guess at it.
_TELLING: Final = frozenset(
    {PasswordFault.SAME_AS_CURRENT, PasswordFault.SAME_AS_ASSIGNED, PasswordFault.USED_BEFORE}
)


def require_may_change(session: Session) -> None:
    """Raise NotPermittedError while the session owes the second factor."""
    if session.scope is not SessionScope.CHANGE_PASSWORD_ONLY:
        session.require(SessionScope.FULL)


@attrs.frozen
class PasswordChangeAccepted:
    """The new password is in force; the caller goes on in a new, full session.

    The token is shown this once.
    """

    session: Session
    token: SessionToken


@attrs.frozen
class PasswordChangeRefused:
    """Nothing changed: the current password was not accepted, or the new one breaks the policy, or both."""

    current_accepted: bool
    violations: tuple[PasswordViolation, ...]


PasswordChangeOutcome: TypeAlias = PasswordChangeAccepted | PasswordChangeRefused


@attrs.frozen
class PasswordChangeDecision:
    """What the caller sees, what to save and what to record; `opened` is None when nothing changed."""

    outcome: PasswordChangeOutcome
    account: Account
    session: Session
    opened: Session | None
    events: tuple[Event, ...]


def decide_password_change(
    account: Account,
    session: Session,
    *,
    checked: Reauthentication,
    new: WeighedPassword,
    token: SessionToken,
    history: int,
    sessions: SessionPolicy,
    now: datetime,
    factor_demanded: bool = False,
) -> PasswordChangeDecision:
    """Decide a change inside a session that is still good.

    `checked` is the verdict on the current password, and `new` holds what was found against the new one;
    `factor_demanded` says whether everybody must have a second factor. Raises InvariantError when the session
    is another account's, NotPermittedError while it still owes the second factor.
    """
    if session.account_id != account.account_id:
        raise InvariantError("the session belongs to another account")
    require_may_change(session)
    if checked.refusal is not None:
        # what was weighed for a password that is not the current one any more
        harmless = tuple(violation for violation in new.violations if violation.fault not in _TELLING)
        outcome = PasswordChangeRefused(current_accepted=False, violations=harmless)
        return _refused(checked.account, session, outcome, checked.refusal, checked.events)
    if new.violations:
        outcome = PasswordChangeRefused(current_accepted=True, violations=new.violations)
        return _refused(checked.account, session, outcome, ChangeRefusal.AGAINST_POLICY)
    changed = checked.account.with_password(new.usable_hash, history=history, now=now)
    ended, end_events = end_session(session, now, reason=SessionEndReason.REPLACED)
    opened, open_event = open_session(
        changed,
        token,
        sessions,
        now,
        factor=_standing(session, factor_demanded),
        source=session.source,
        on_shared_computer=session.is_on_shared_computer,
    )
    return PasswordChangeDecision(
        outcome=PasswordChangeAccepted(opened, token),
        account=changed,
        session=ended,
        opened=opened,
        events=(PasswordChanged(account.account_id, changed.credential_version), *end_events, open_event),
    )


def _standing(session: Session, factor_demanded: bool) -> FactorStanding:
    if session.assurance is Assurance.AAL2:
        return FactorStanding.GIVEN
    return FactorStanding.TO_ENROL if factor_demanded else FactorStanding.NOT_USED


def _refused(
    account: Account,
    session: Session,
    outcome: PasswordChangeRefused,
    reason: ChangeRefusal,
    events: tuple[Event, ...] = (),
) -> PasswordChangeDecision:
    failed = PasswordChangeFailed(account.account_id, reason)
    return PasswordChangeDecision(outcome, account, session, None, (failed, *events))
