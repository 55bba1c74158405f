"""`agency.sessions`: look at one's sessions, end them, give the password again.

Decides nothing that `users.session` does not decide. Invariants: somebody sees and ends the sessions of
their own account only; a token never comes back out of the storage, so a session is named by the id
that is kept in its place.
"""

from collections.abc import Iterable
from itertools import takewhile

import attrs

from dcss_core.agency.accounts.letters import tell_of_lock
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.found import fresh_session, good_session, owner
from dcss_core.agency.filing.accounts import ACCOUNTS, SESSIONS
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.source import written_source
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.expected_types import checked
from dcss_core.base.secret import Secret
from dcss_core.errors import NotFoundError
from dcss_core.users.account import Account
from dcss_core.users.events import SessionEndReason
from dcss_core.users.sign_in.reauthentication import ReauthenticationOutcome, decide_reauthentication
from dcss_core.users.sign_in.session import (
    LONGEST_SESSION,
    Session,
    SessionScope,
    SessionToken,
    end_session,
    session_fault,
)


@attrs.frozen(repr=False)
class Sessions:
    """The verbs on sessions."""

    _resources: Resources
    _passwords: PasswordChecks

    @checked
    def check(self, token: SessionToken) -> Session:
        """The session of a token, as a front end asks at each request; the use is noted.

        Raises NotPermittedError when it has ended, whatever ended it.
        """
        session = self._resources.read(lambda work: fresh_session(work, token))
        if session is not None:
            return session
        return self._resources.write(lambda work: good_session(work, token)[0].record)

    @checked
    def actor(self, token: SessionToken) -> Actor:
        """Who holds a full session, as verbs of staff ask for in `by`; raises NotPermittedError."""

        def verb(work: UnitOfWork) -> Actor:
            session, account = good_session(work, token)
            session.record.require(SessionScope.FULL)
            return owner(account.record)

        return self._resources.write(verb)

    @checked
    def own(self, token: SessionToken) -> tuple[Session, ...]:
        """Every session of one's account that is still good, newest first; one's own is among them.

        Raises NotPermittedError without a full session.
        """

        def verb(work: UnitOfWork) -> tuple[Session, ...]:
            _, account = _full_session(work, token)
            return tuple(kept.record for kept in good_sessions_of(work, account.record))

        return self._resources.write(verb)

    @checked
    def end(self, token: SessionToken, session_id: str, *, source: str | None = None) -> None:
        """End one of one's sessions; raises NotFoundError when it is no good session of one's own.

        Raises NotPermittedError without a full session.
        """

        def verb(work: UnitOfWork) -> None:
            _, account = _full_session(work, token)
            chosen = [
                kept
                for kept in good_sessions_of(work, account.record)
                if kept.record.session_id == session_id
            ]
            if not chosen:
                raise NotFoundError("no session of yours has this id; it may have ended already")
            actor = owner(account.record)
            end_sessions(work, chosen, SessionEndReason.ENDED_BY_OWNER, actor, written_source(source))

        self._resources.write(verb)

    @checked
    def end_others(self, token: SessionToken, *, source: str | None = None) -> int:
        """End every session of one's account but this one; how many there were (ASVS 5.0.0, 7.4.3).

        Raises NotPermittedError without a full session.
        """

        def verb(work: UnitOfWork) -> int:
            session, account = _full_session(work, token)
            others = [
                kept
                for kept in good_sessions_of(work, account.record)
                if kept.record.session_id != session.record.session_id
            ]
            actor = owner(account.record)
            end_sessions(work, others, SessionEndReason.ENDED_BY_OWNER, actor, written_source(source))
            return len(others)

        return self._resources.write(verb)

    @checked
    def reauthenticate(
        self, token: SessionToken, *, password: Secret, source: str | None = None
    ) -> ReauthenticationOutcome:
        """Give the password again; on success the caller goes on with a new token.

        For a front end that asks again before something of its own; a wrong password counts like a failed
        sign-in. Raises NotPermittedError without a full session.
        """
        policies = self._resources.account_policies()
        _, seen = self._resources.write(lambda work: good_session(work, token))
        matches = self._passwords.matches(self._passwords.typed_or_empty(password), seen.record)
        next_token = self._resources.new_token()

        def verb(work: UnitOfWork) -> ReauthenticationOutcome:
            session, account = good_session(work, token)
            decision = decide_reauthentication(
                account.record,
                session.record,
                password_matches=matches,
                token=next_token,
                lockout=policies.lockout,
                now=work.now,
            )
            work.replace(ACCOUNTS, account, decision.account)
            work.replace(SESSIONS, session, decision.session)
            work.insert(SESSIONS, [decision.opened] if decision.opened else [])
            tell_of_lock(work, self._resources, account.record, decision.events)
            work.audit(decision.events, owner(account.record), written_source(source))
            return decision.outcome

        return self._resources.write(verb)


def _full_session(work: UnitOfWork, token: SessionToken) -> tuple[Kept[Session], Kept[Account]]:
    session, account = good_session(work, token)
    session.record.require(SessionScope.FULL)
    return session, account


def good_sessions_of(work: UnitOfWork, account: Account) -> list[Kept[Session]]:
    """Every session of an account that is still good, newest first."""
    found = work.from_the_end(SESSIONS, ("account_id", "created_at"), (account.account_id,))
    recent = takewhile(lambda kept: work.now - kept.record.created_at <= LONGEST_SESSION, found)
    return [kept for kept in recent if session_fault(kept.record, account, work.now) is None]


def end_sessions(
    work: UnitOfWork,
    sessions: Iterable[Kept[Session]],
    reason: SessionEndReason,
    actor: Actor,
    source: str | None = None,
) -> None:
    """End sessions and record each."""
    for kept in sessions:
        ended, events = end_session(kept.record, work.now, reason=reason)
        work.replace(SESSIONS, kept, ended)
        work.audit(events, actor, source)
