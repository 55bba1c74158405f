"""`agency.sessions`: look at one's sessions, end them, give the password again.

Invariants: somebody sees and ends the sessions of their own account only; a token never comes back out of
the storage, so a session is named by the id that is kept in its place.
"""

from collections.abc import Iterable, Iterator
from itertools import takewhile

import attrs

from dcss_core.agency.accounts.asking_again import AskingAgain
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.callers.caller import written_source
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import ACCOUNTS, SESSIONS
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.pages import LONGEST_PAGE, page_of
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
    _door: Door
    _asking: AskingAgain

    @verb
    def check(self, token: SessionToken) -> Session:
        """The session of a token, as a front end asks at each request; the use is noted.

        Raises SessionEndedError when it has ended, whatever ended it.
        """
        return self._door.read("sessions.check", token, lambda _, caller: caller.holder.session.record)

    @verb
    def own(
        self, token: SessionToken, *, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[Session, ...]:
        """The sessions of one's account that are still good, newest first; one's own is among them.

        `after` is the id of a session: the list continues after it. Raises NotPermittedError without a full
        session.
        """

        def act(work: UnitOfWork, caller: Admitted) -> tuple[Session, ...]:
            return page_of(
                _with_this_one(caller, good_sessions_of(work, _full(caller).record)),
                after=after,
                limit=limit,
                key=lambda session: session.session_id,
                expected="the id of one of one's own good sessions",
            )

        return self._door.read("sessions.own", token, act)

    @verb
    def end(self, token: SessionToken, session_id: str, *, source: str | None = None) -> None:
        """End one of one's sessions; raises NotFoundError when it is no good session of one's own.

        Raises NotPermittedError without a full session.
        """

        def act(work: UnitOfWork, caller: Admitted) -> None:
            chosen = [
                kept
                for kept in good_sessions_of(work, _full(caller).record)
                if kept.record.session_id == session_id
            ]
            if not chosen:
                raise NotFoundError("no session of yours has this id; it may have ended already")
            reason = SessionEndReason.ENDED_BY_OWNER
            end_sessions(work, chosen, reason, caller.actor, written_source(source))

        self._door.write("sessions.end", token, act)

    @verb
    def end_others(self, token: SessionToken, *, source: str | None = None) -> int:
        """End every session of one's account but this one; how many there were (ASVS 5.0.0, 7.4.3).

        Raises NotPermittedError without a full session.
        """

        def act(work: UnitOfWork, caller: Admitted) -> int:
            _full(caller)
            return end_other_sessions(work, caller, source)

        return self._door.write("sessions.end_others", token, act)

    @verb
    def reauthenticate(
        self, token: SessionToken, *, password: Secret, source: str | None = None
    ) -> ReauthenticationOutcome:
        """Give the password again; on success the caller goes on with a new token.

        For a front end that asks again before something of its own; a wrong password counts like a failed
        sign-in. Raises NotPermittedError without a full session.
        """
        policies, source = self._resources.account_policies(), written_source(source)
        asked = self._asking.asked(
            "sessions.reauthenticate", token, password, source, policies, allowed=lambda _, own: _full(own)
        )
        next_token = self._resources.new_token()

        def act(work: UnitOfWork, caller: Admitted) -> ReauthenticationOutcome:
            session, account = caller.holder.session, caller.holder.account
            decision = decide_reauthentication(
                account.record,
                session.record,
                checked=asked.judged(work, account.record),
                token=next_token,
                now=work.now,
            )
            work.replace(ACCOUNTS, account, decision.account)
            work.replace(SESSIONS, session, decision.session)
            work.insert(SESSIONS, [decision.opened] if decision.opened else [])
            notify(work, account.record, decision.events)
            work.audit(decision.events, caller.actor, source)
            return decision.outcome

        return self._door.write("sessions.reauthenticate", token, act)


def _with_this_one(caller: Admitted, sessions: Iterable[Kept[Session]]) -> Iterator[Session]:
    """The sessions, the caller's own as it is to be: its use is noted when the list is read."""
    own = caller.holder.session.record
    return (own if kept.record.session_id == own.session_id else kept.record for kept in sessions)


def _full(caller: Admitted) -> Kept[Account]:
    caller.holder.session.record.require(SessionScope.FULL)
    return caller.holder.account


def good_sessions_of(work: UnitOfWork, account: Account) -> list[Kept[Session]]:
    """Every session of an account that is still good, newest first."""
    found = work.from_the_end(SESSIONS, ("account_id", "created_at"), (account.account_id,))
    recent = takewhile(lambda kept: work.now - kept.record.created_at <= LONGEST_SESSION, found)
    return [kept for kept in recent if session_fault(kept.record, account, work.now) is None]


def end_other_sessions(work: UnitOfWork, caller: Admitted, source: str | None) -> int:
    """End every good session of the caller's account but their own; how many there were."""
    mine = caller.holder.session.record.session_id
    others = [
        kept
        for kept in good_sessions_of(work, caller.holder.account.record)
        if kept.record.session_id != mine
    ]
    end_sessions(work, others, SessionEndReason.ENDED_BY_OWNER, caller.actor, written_source(source))
    return len(others)


def end_sessions(
    work: UnitOfWork,
    sessions: Iterable[Kept[Session]],
    reason: SessionEndReason,
    actor: Actor,
    source: str | None = None,
) -> tuple[Event, ...]:
    """End sessions and record each; what happened."""
    happened: list[Event] = []
    for kept in sessions:
        ended, events = end_session(kept.record, work.now, reason=reason)
        work.replace(SESSIONS, kept, ended)
        work.audit(events, actor, source)
        happened += events
    return tuple(happened)
