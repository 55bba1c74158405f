"""Giving a factor: the second half of one sign-in, from the answer to what is saved.

Invariants: what an answer uses up is saved in the transaction that accepts it; a wrong one counts as a wrong
password, and for the factors besides; the source is counted in the same ways as the first half is.
"""

import attrs

from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.own_factors import Methods, Own
from dcss_core.agency.callers.throttling import TypedId, WatchedSource, sign_in_ways, watched
from dcss_core.agency.filing.accounts import ACCOUNTS, SESSIONS
from dcss_core.agency.sending.owing import forget_owed
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.second_factor.events import SavedCodeUsed, SecondFactorCopied
from dcss_core.users.second_factor.factor import AcceptedCode, CopiedDevice, accept_code
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.session import SessionScope, SessionToken
from dcss_core.users.sign_in.sign_in import (
    SecondFactorDecision,
    SecondFactorOutcome,
    SignInRequest,
    decide_second_factor,
)


@attrs.frozen(repr=False)
class GivingFactor:
    """One answer, and what it is judged by."""

    answer: Secret
    next_token: SessionToken
    source: str | None
    methods: Methods
    policies: AccountPolicies

    def outcome(self, work: UnitOfWork, own: Own) -> SecondFactorOutcome:
        """Judge the answer in a session that waits for it, and save what became of it."""
        session, policies = own.session.record, self.policies
        session.require(SessionScope.SECOND_FACTOR_ONLY)
        judged = accept_code(
            own.factor,
            self.answer,
            self.methods,
            challenge=session.session_id,
            limit=policies.lockout.hard_limit,
            now=work.now,
        )
        accepted = judged if isinstance(judged, AcceptedCode) else None
        typed = TypedId(work.sealer.typed_id(own.account.record.user_key), own.account_id)
        counts = watched(work, self.source, *sign_in_ways(typed))
        throttled = counts.is_closed(work)
        decision = decide_second_factor(
            own.account.record,
            session,
            SignInRequest(self.next_token, self.source, is_throttled=throttled),
            code_matches=accepted is not None,
            lockout=policies.lockout,
            sessions=policies.sessions,
            now=work.now,
        )
        work.replace(ACCOUNTS, own.account, decision.account)
        work.replace(SESSIONS, own.session, decision.session)
        work.insert(SESSIONS, [decision.opened] if decision.opened else [])
        if accepted is not None and decision.opened is not None:
            self._save_accepted(work, own, accepted, decision)
        else:
            self._save_refused(work, own, judged, decision, counts)
        return decision.outcome

    def _save_accepted(
        self, work: UnitOfWork, own: Own, accepted: AcceptedCode, decision: SecondFactorDecision
    ) -> None:
        events = (*used(work, own, accepted), *decision.events)
        notify(work, own.account.record, decision.events)
        forget_owed(work, own.session.record)
        work.audit(events, own.caller.actor, self.source)

    def _save_refused(
        self,
        work: UnitOfWork,
        own: Own,
        judged: AcceptedCode | CopiedDevice | None,
        decision: SecondFactorDecision,
        counts: WatchedSource,
    ) -> None:
        wrong = _counted(work, own, judged, self.policies.lockout) if decision.is_wrong_code else ()
        events = (*decision.events, *wrong)
        notify(work, own.account.record, events)
        counted = counts.count_failure(work, self.policies.throttles)
        work.audit((*events, *counted), Actor.public(), self.source)


def used(work: UnitOfWork, own: Own, accepted: AcceptedCode) -> tuple[Event, ...]:
    """Save what an answer used up; the owner is told of a saved code."""
    own.save(work, accepted.factor)
    if not accepted.is_saved_code:
        return ()
    saved_code = SavedCodeUsed(own.account_id, accepted.factor.saved_codes.left)
    notify(work, own.account.record, [saved_code])
    return (saved_code,)


def _counted(
    work: UnitOfWork, own: Own, judged: AcceptedCode | CopiedDevice | None, lockout: LockoutPolicy
) -> tuple[Event, ...]:
    """Count an answer that was judged and was wrong, for the factors themselves."""
    counted, events = own.factor.after_wrong_code(lockout.hard_limit)
    own.save(work, counted)
    if isinstance(judged, CopiedDevice):
        return (SecondFactorCopied(own.account_id, judged.factor_id), *events)
    return events
