"""`agency.second_factors`: set a second factor up, give it at sign-in, replace and remove it.

Invariants: what a code uses up is saved in the transaction that accepts it, so that of many at once one
gets in; a wrong code counts like a wrong password; one run of the slow hash wherever the password is asked
again, whatever the outcome; the owner is told of every change.
"""

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import attrs

from dcss_core.agency.accounts.asking_again import AskingAgain
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.sessions import end_other_sessions, end_sessions, good_sessions_of
from dcss_core.agency.callers.caller import Caller, written_source
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import account_of_another
from dcss_core.agency.callers.throttling import TypedId, sign_in_ways, watched
from dcss_core.agency.callers.two_people import second_word
from dcss_core.agency.filing.accounts import ACCOUNTS, SECOND_FACTORS, SESSIONS
from dcss_core.agency.sending.owing import forget_owed
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.reads import NothingToDo
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.letters.letterhead import letterhead
from dcss_core.users.account import Account
from dcss_core.users.account_control import ControlReason
from dcss_core.users.approvals.approval import AskedAct
from dcss_core.users.approvals.due import ApprovalDue
from dcss_core.users.events import ReauthenticationFailed, SessionEndReason
from dcss_core.users.second_factor.changes import (
    EnrolmentAccepted,
    EnrolmentOutcome,
    FactorChange,
    NotEnrolled,
    RemovalAccepted,
    SavedCodesIssued,
    SetUpBegun,
    decide_enrolment,
    remove_factor,
    renew_codes,
    require_may_remove,
    require_may_renew_codes,
)
from dcss_core.users.second_factor.events import (
    SavedCodeUsed,
    SecondFactorBegun,
    SecondFactorRemovedByStaff,
)
from dcss_core.users.second_factor.factor import (
    AcceptedCode,
    FactorKey,
    SecondFactor,
    accept_code,
    require_may_set_up,
)
from dcss_core.users.second_factor.method import NEW_FACTOR_BYTES, SecondFactorMethod
from dcss_core.users.second_factor.on_file import SecondFactorOnFile
from dcss_core.users.second_factor.saved_codes import RANDOM_BYTES, SavedCodes, make_saved_codes
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.reauthentication import ReauthenticationRefused
from dcss_core.users.sign_in.session import Session, SessionScope, SessionToken
from dcss_core.users.sign_in.sign_in import (
    SecondFactorDecision,
    SecondFactorOutcome,
    SignInRequest,
    decide_second_factor,
)

T = TypeVar("T")


@attrs.frozen
class _Own:
    """The session of a token, its account and what is kept of its second factor."""

    caller: Admitted
    kept: Kept[SecondFactor] | None

    @property
    def session(self) -> Kept[Session]:
        return self.caller.holder.session

    @property
    def account(self) -> Kept[Account]:
        return self.caller.holder.account

    @property
    def account_id(self) -> str:
        return self.account.record.account_id

    @property
    def factor(self) -> SecondFactor:
        return self.kept.record if self.kept else SecondFactor(self.account_id)

    def save(self, work: UnitOfWork, factor: SecondFactor) -> None:
        work.put(SECOND_FACTORS, self.kept, factor)


@attrs.frozen(repr=False)
class SecondFactors:
    """The verbs on second factors. `source` is where a request comes from, such as an IP address."""

    _resources: Resources
    _door: Door
    _asking: AskingAgain
    _method: SecondFactorMethod

    @verb
    def standing(self, token: SessionToken) -> SecondFactorOnFile:
        """Whether one has a second factor and how many saved codes are left.

        Raises NotPermittedError while the session owes the second factor, or a change of password.
        """
        demanded = self._resources.account_policies().second_factor_demanded

        def act(work: UnitOfWork, caller: Admitted) -> SecondFactorOnFile:
            own = _own(work, caller)
            if own.session.record.scope is not SessionScope.ENROL_SECOND_FACTOR_ONLY:
                own.session.record.require(SessionScope.FULL)
            return SecondFactorOnFile(demanded, own.factor.enrolled_at, own.factor.saved_codes.left)

        return self._door.read("second_factors.standing", token, act)

    @verb
    def begin(
        self, token: SessionToken, password: Secret, *, source: str | None = None
    ) -> SetUpBegun | ReauthenticationRefused:
        """Begin to set up a second factor, or another in place of the one in force; then `confirm`.

        The password is asked again. Raises NotPermittedError when the session owes anything else, and
        when it was opened without the factor that is in force.
        """
        within = self._resources.account_policies().sessions.factor_within

        def begun(work: UnitOfWork, own: _Own) -> SetUpBegun:
            # What it is made from stands in no variable: a traceback may show those.
            new = self._method.begin(
                self._resources.randomness.token_bytes(NEW_FACTOR_BYTES),
                issuer=letterhead(work.rules).agency,
                account_name=own.account.record.user_id,
            )
            own.save(work, own.factor.beginning(FactorKey(self._method.key, new.secret), work.now))
            event = SecondFactorBegun(own.account_id, self._method.key)
            work.audit([event], own.caller.actor, written_source(source))
            return SetUpBegun(new.shown, new.typed, work.now + within)

        return self._after_password(
            "second_factors.begin", token, password, source, require_may_set_up, begun
        )

    @verb
    def confirm(self, token: SessionToken, code: Secret, *, source: str | None = None) -> EnrolmentOutcome:
        """Show a code of the factor just set up; it is in force then, and every other session ends.

        Raises NotPermittedError as `begin` does.
        """
        within = self._resources.account_policies().sessions.factor_within
        next_token, codes = self._resources.new_token(), self._new_codes()

        def act(work: UnitOfWork, caller: Admitted) -> EnrolmentOutcome:
            own = _own(work, caller)
            decision = decide_enrolment(
                own.factor,
                own.session.record,
                code,
                method=self._method,
                saved_codes=SavedCodes.of(codes),
                token=next_token,
                within=within,
                now=work.now,
            )
            if isinstance(decision, NotEnrolled):
                work.audit(decision.events, own.caller.actor, written_source(source))
                return decision.outcome
            end_other_sessions(work, own.caller, source)
            self._save(work, own, decision, source)
            return EnrolmentAccepted(decision.opened, next_token, codes)

        return self._door.write("second_factors.confirm", token, act)

    @verb
    def give(self, token: SessionToken, code: Secret, *, source: str | None = None) -> SecondFactorOutcome:
        """Give the second factor after the password: the second half of a sign-in.

        A saved code does as well, once. Raises NotPermittedError when the session waits for no second
        factor, or has ended because this took too long.
        """
        policies, source = self._resources.account_policies(), written_source(source)
        next_token = self._resources.new_token()

        def act(work: UnitOfWork, caller: Admitted) -> SecondFactorOutcome:
            own = _own(work, caller)
            session = own.session.record
            session.require(SessionScope.SECOND_FACTOR_ONLY)
            accepted = accept_code(
                own.factor,
                code,
                self._method,
                challenge=session.session_id,
                limit=policies.lockout.hard_limit,
                now=work.now,
            )
            typed = TypedId(work.sealer.typed_id(own.account.record.user_key), own.account_id)
            counts = watched(work, source, *sign_in_ways(typed))
            throttled = counts.is_closed(work)
            decision = decide_second_factor(
                own.account.record,
                session,
                SignInRequest(next_token, source, is_throttled=throttled),
                code_matches=accepted is not None,
                lockout=policies.lockout,
                sessions=policies.sessions,
                now=work.now,
            )
            work.replace(ACCOUNTS, own.account, decision.account)
            work.replace(SESSIONS, own.session, decision.session)
            work.insert(SESSIONS, [decision.opened] if decision.opened else [])
            if accepted is not None and decision.opened is not None:
                events = (*self._used(work, own, accepted), *decision.events)
                notify(work, own.account.record, decision.events)
                forget_owed(work, session)
                work.audit(events, own.caller.actor, source)
            else:
                events = (*decision.events, *_wrong_code_counted(work, own, decision, policies.lockout))
                notify(work, own.account.record, events)
                counted = counts.count_failure(work, policies.throttles)
                work.audit((*events, *counted), Actor.public(), source)
            return decision.outcome

        return self._door.write("second_factors.give", token, act)

    @verb
    def new_codes(
        self, token: SessionToken, password: Secret, *, source: str | None = None
    ) -> SavedCodesIssued | ReauthenticationRefused:
        """Replace all saved codes by new ones; the password is asked again.

        Raises NotPermittedError unless the session was opened with the second factor.
        """
        next_token, codes = self._resources.new_token(), self._new_codes()

        def renewed(work: UnitOfWork, own: _Own) -> SavedCodesIssued:
            change = renew_codes(
                own.factor, own.session.record, SavedCodes.of(codes), token=next_token, now=work.now
            )
            self._save(work, own, change, source)
            return SavedCodesIssued(change.opened, next_token, codes)

        required = require_may_renew_codes
        return self._after_password("second_factors.new_codes", token, password, source, required, renewed)

    @verb
    def remove(
        self, token: SessionToken, password: Secret, *, source: str | None = None
    ) -> RemovalAccepted | ReauthenticationRefused:
        """Do without a second factor from now on; the password is asked again, every other session ends.

        Raises NotPermittedError unless the session was opened with the second factor, and where the
        jurisdiction demands one.
        """
        demanded = self._resources.account_policies().second_factor_demanded
        next_token = self._resources.new_token()

        def removed(work: UnitOfWork, own: _Own) -> RemovalAccepted:
            change = remove_factor(own.factor, own.session.record, token=next_token, now=work.now)
            end_other_sessions(work, own.caller, source)
            self._save(work, own, change, source)
            return RemovalAccepted(change.opened, next_token)

        required = partial(require_may_remove, demanded=demanded)
        return self._after_password("second_factors.remove", token, password, source, required, removed)

    @verb
    def remove_for(self, account_id: str, *, by: Caller, reason: ControlReason) -> bool | ApprovalDue:
        """Remove the second factor of somebody who has lost it; whether there was one.

        For two account administrators, once the owner has proved anew who they are (NIST SP 800-63B-4
        §4.2.2.2): the first is given an ApprovalDue, which is good for the factor of that moment. All
        sessions of the account end. Raises NotPermittedError, NotFoundError.
        """

        def act(work: UnitOfWork, caller: Admitted) -> bool | ApprovalDue:
            by = caller.actor
            account = account_of_another(work, account_id, by)
            kept = work.get(SECOND_FACTORS, account_id)
            if kept is None or not kept.record.is_enrolled:
                work.audit([NothingToDo("second_factors.remove_for")], by)
                return False
            asked = AskedAct.of(
                "second_factors.remove_for",
                f"account:{account_id}",
                user_id=account.record.user_id,
                reason=reason.value,
            )
            # Of this factor: one that the owner has set up since is not what the first word was about.
            of_this = Secret(str(kept.record.enrolled_at))
            if due := second_word(self._door, work, caller, asked, [of_this]):
                return due
            work.replace(SECOND_FACTORS, kept, kept.record.removed())
            removed = SecondFactorRemovedByStaff(account_id, reason)
            notify(work, account.record, [removed])
            work.audit([removed], by)
            sessions = good_sessions_of(work, account.record)
            end_sessions(work, sessions, SessionEndReason.ENDED_BY_STAFF, by)
            return True

        return self._door.write("second_factors.remove_for", by, act)

    def _after_password(
        self,
        verb: str,
        token: SessionToken,
        password: Secret,
        source: str | None,
        require: Callable[[Session, SecondFactor], None],
        change: Callable[[UnitOfWork, _Own], T],
    ) -> T | ReauthenticationRefused:
        """Make a change once the password was given again."""
        policies, source = self._resources.account_policies(), written_source(source)

        def allowed(work: UnitOfWork, caller: Admitted) -> _Own:
            own = _own(work, caller)
            require(own.session.record, own.factor)
            return own

        asked = self._asking.asked(verb, token, password, source, policies, allowed=allowed)

        def changed(work: UnitOfWork, caller: Admitted) -> T | ReauthenticationRefused:
            own = allowed(work, caller)
            judged = asked.judged(work, own.account.record)
            work.replace(ACCOUNTS, own.account, judged.account)
            if judged.refusal is None:
                return change(work, own)
            failed = ReauthenticationFailed(own.account_id, judged.refusal)
            notify(work, judged.account, judged.events)
            work.audit((failed, *judged.events), caller.actor, source)
            return ReauthenticationRefused()

        return self._door.write(verb, token, changed)

    def _save(self, work: UnitOfWork, own: _Own, change: FactorChange, source: str | None) -> None:
        own.save(work, change.factor)
        work.replace(SESSIONS, own.session, change.session)
        work.insert(SESSIONS, [change.opened])
        notify(work, own.account.record, change.events)
        work.audit(change.events, own.caller.actor, written_source(source))

    def _used(self, work: UnitOfWork, own: _Own, accepted: AcceptedCode) -> tuple[Event, ...]:
        own.save(work, accepted.factor)
        if not accepted.is_saved_code:
            return ()
        used = SavedCodeUsed(own.account_id, accepted.factor.saved_codes.left)
        notify(work, own.account.record, [used])
        return (used,)

    def _new_codes(self) -> tuple[Secret, ...]:
        return make_saved_codes(self._resources.randomness.token_bytes(RANDOM_BYTES))


def _own(work: UnitOfWork, caller: Admitted) -> _Own:
    return _Own(caller, work.get(SECOND_FACTORS, caller.holder.account.record.account_id))


def _wrong_code_counted(
    work: UnitOfWork, own: _Own, decision: SecondFactorDecision, lockout: LockoutPolicy
) -> tuple[Event, ...]:
    """Count a code that was judged and was wrong, for the factor itself."""
    if not decision.is_wrong_code:
        return ()
    counted, events = own.factor.after_wrong_code(lockout.hard_limit)
    own.save(work, counted)
    return events
