"""`agency.second_factors`: set second factors up, give one at sign-in, add and remove them.

Invariants: what a code uses up is saved in the transaction that accepts it, so that of many at once one
gets in; a wrong code counts like a wrong password; one run of the slow hash wherever the password is asked
again, whatever the outcome; the owner is told of every change.
"""

from collections.abc import Callable
from typing import TypeVar

import attrs

from dcss_core.agency.accounts.asking_again import AskingAgain
from dcss_core.agency.accounts.giving_factor import GivingFactor
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.own_factors import Methods, Own, Wanted, begin_factor, listed
from dcss_core.agency.accounts.sessions import end_other_sessions, end_sessions, good_sessions_of
from dcss_core.agency.callers.caller import Caller, written_source
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import account_of_another
from dcss_core.agency.callers.two_people import second_word
from dcss_core.agency.filing.accounts import SECOND_FACTORS, SESSIONS
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.reads import NothingToDo
from dcss_core.base.secret import Secret
from dcss_core.users.account_control import ControlReason
from dcss_core.users.approvals.approval import AskedAct
from dcss_core.users.approvals.due import ApprovalDue
from dcss_core.users.events import SessionEndReason
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
    require_is_there,
    require_may_remove,
    require_may_renew_codes,
)
from dcss_core.users.second_factor.events import (
    SecondFactorBegun,
    SecondFactorRemovedByStaff,
)
from dcss_core.users.second_factor.factor import (
    SecondFactor,
    methods_at_hand,
    require_may_set_up,
)
from dcss_core.users.second_factor.on_file import FactorAsked, SecondFactorOnFile
from dcss_core.users.second_factor.saved_codes import RANDOM_BYTES, SavedCodes, make_saved_codes
from dcss_core.users.sign_in.reauthentication import ReauthenticationRefused
from dcss_core.users.sign_in.session import Session, SessionScope, SessionToken
from dcss_core.users.sign_in.sign_in import (
    SecondFactorOutcome,
)

T = TypeVar("T")


@attrs.frozen(repr=False)
class SecondFactors:
    """The verbs on second factors. `source` is where a request comes from, such as an IP address."""

    _resources: Resources
    _door: Door
    _asking: AskingAgain
    _methods: Methods

    @verb
    def standing(self, token: SessionToken) -> SecondFactorOnFile:
        """Which second factors one has and how many saved codes are left.

        Raises NotPermittedError while the session owes the second factor, or a change of password.
        """
        demanded = self._resources.account_policies().second_factor_demanded

        def act(work: UnitOfWork, caller: Admitted) -> SecondFactorOnFile:
            own = Own.of(work, caller)
            if own.session.record.scope is not SessionScope.ENROL_SECOND_FACTOR_ONLY:
                own.session.record.require(SessionScope.FULL)
            factor = own.factor
            return SecondFactorOnFile(demanded, factor.enrolled_at, factor.saved_codes.left, listed(factor))

        return self._door.read("second_factors.standing", token, act)

    @verb
    def begin(
        self,
        token: SessionToken,
        password: Secret,
        *,
        method: str | None = None,
        name: str | None = None,
        source: str | None = None,
    ) -> SetUpBegun | ReauthenticationRefused:
        """Begin to set up a second factor, the first or a further one; then `confirm`.

        `method` is one that the agency was opened with, the first unless it is named; `name` is how the owner
        calls it, up to 40 characters. The password is asked again. Raises InvalidInputError for either, and
        NotPermittedError when the session owes anything else, when it was opened without a factor that is in
        force, and for an eleventh one.
        """
        wanted = Wanted.checked(method, name, self._methods)

        def allowed(session: Session, factor: SecondFactor) -> None:
            require_may_set_up(session, factor)
            wanted.require_new_name(factor)

        def begun(work: UnitOfWork, own: Own) -> SetUpBegun:
            shown = begin_factor(work, own, wanted, self._methods, self._resources)
            event = SecondFactorBegun(own.account_id, wanted.method)
            work.audit([event], own.caller.actor, written_source(source))
            return shown

        return self._after_password("second_factors.begin", token, password, source, allowed, begun)

    @verb
    def confirm(self, token: SessionToken, code: Secret, *, source: str | None = None) -> EnrolmentOutcome:
        """Answer with the factor just set up; it is in force then, and every other session ends.

        The first one comes with saved codes, which stand in for every factor.

        Raises NotPermittedError as `begin` does.
        """
        within = self._resources.account_policies().sessions.factor_within
        next_token, codes = self._resources.new_token(), self._new_codes()

        def act(work: UnitOfWork, caller: Admitted) -> EnrolmentOutcome:
            own = Own.of(work, caller)
            decision = decide_enrolment(
                own.factor,
                own.session.record,
                code,
                methods=self._methods,
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
            shown = () if own.factor.is_enrolled else codes
            return EnrolmentAccepted(decision.opened, next_token, shown)

        return self._door.write("second_factors.confirm", token, act)

    @verb
    def ask(self, token: SessionToken) -> tuple[FactorAsked, ...]:
        """What the browser needs to answer with, for each method that one has a factor of.

        Raises NotPermittedError when the session waits for no second factor, ConfigurationError when each of
        them was set up by a method that the agency was opened without.
        """

        def act(work: UnitOfWork, caller: Admitted) -> tuple[FactorAsked, ...]:
            own = Own.of(work, caller)
            session = own.session.record
            session.require(SessionScope.SECOND_FACTOR_ONLY)
            return tuple(
                FactorAsked(
                    key, self._methods[key].ask(own.factor.keys_of(key), challenge=session.session_id)
                )
                for key in methods_at_hand(own.factor, self._methods)
            )

        return self._door.read("second_factors.ask", token, act)

    @verb
    def give(self, token: SessionToken, code: Secret, *, source: str | None = None) -> SecondFactorOutcome:
        """Give a second factor after the password: the second half of a sign-in.

        `code` is what was typed, or the browser's answer to `ask`. A saved code does as well, once.
        Raises NotPermittedError when the session waits for no second factor, or has ended by then.
        """
        giving = GivingFactor(
            code,
            self._resources.new_token(),
            written_source(source),
            self._methods,
            self._resources.account_policies(),
        )
        return self._door.write(
            "second_factors.give", token, lambda work, caller: giving.outcome(work, Own.of(work, caller))
        )

    @verb
    def new_codes(
        self, token: SessionToken, password: Secret, *, source: str | None = None
    ) -> SavedCodesIssued | ReauthenticationRefused:
        """Replace all saved codes by new ones; the password is asked again.

        Raises NotPermittedError unless the session was opened with the second factor.
        """
        next_token, codes = self._resources.new_token(), self._new_codes()

        def renewed(work: UnitOfWork, own: Own) -> SavedCodesIssued:
            change = renew_codes(
                own.factor, own.session.record, SavedCodes.of(codes), token=next_token, now=work.now
            )
            self._save(work, own, change, source)
            return SavedCodesIssued(change.opened, next_token, codes)

        required = require_may_renew_codes
        return self._after_password("second_factors.new_codes", token, password, source, required, renewed)

    @verb
    def remove(
        self,
        token: SessionToken,
        password: Secret,
        *,
        factor_id: str | None = None,
        source: str | None = None,
    ) -> RemovalAccepted | ReauthenticationRefused:
        """Do without a second factor from now on, or without any; the password is asked again.

        Every other session ends; the saved codes go with the last factor. Raises NotFoundError for an id that
        `standing` does not have; NotPermittedError unless the session was opened with a second factor, and
        for the last one where the jurisdiction demands one.
        """
        demanded = self._resources.account_policies().second_factor_demanded
        next_token = self._resources.new_token()

        def allowed(session: Session, factor: SecondFactor) -> None:
            require_may_remove(session, factor, factor_id, demanded=demanded)

        def removed(work: UnitOfWork, own: Own) -> RemovalAccepted:
            change = remove_factor(own.factor, own.session.record, factor_id, token=next_token, now=work.now)
            end_other_sessions(work, own.caller, source)
            self._save(work, own, change, source)
            return RemovalAccepted(change.opened, next_token)

        return self._after_password("second_factors.remove", token, password, source, allowed, removed)

    @verb
    def remove_for(
        self, account_id: str, *, by: Caller, reason: ControlReason, factor_id: str | None = None
    ) -> bool | ApprovalDue:
        """Remove second factors of somebody who has lost them, one or all; whether there were any.

        For two account administrators, once the owner has proved anew who they are (NIST SP 800-63B-4
        §4.2.2.2): the first is given an ApprovalDue, which is good for the factors of that moment. All
        sessions of the account end. Raises NotPermittedError, NotFoundError.
        """

        def act(work: UnitOfWork, caller: Admitted) -> bool | ApprovalDue:
            by = caller.actor
            account = account_of_another(work, account_id, by)
            kept = work.get(SECOND_FACTORS, account_id)
            if kept is None or not kept.record.is_enrolled:
                work.audit([NothingToDo("second_factors.remove_for")], by)
                return False
            require_is_there(kept.record, factor_id)
            asked = AskedAct.of(
                "second_factors.remove_for",
                f"account:{account_id}",
                user_id=account.record.user_id,
                reason=reason.value,
                **({} if factor_id is None else {"which": f"the second factor {factor_id}"}),
            )
            # Of these factors: one that the owner has set up since is not what the first word was about.
            of_these = [Secret(f"{each.factor_id} {each.enrolled_at}") for each in kept.record.factors]
            if due := second_word(self._door, work, caller, asked, of_these):
                return due
            changed = kept.record.without(factor_id)
            work.replace(SECOND_FACTORS, kept, changed)
            removed = SecondFactorRemovedByStaff(account_id, reason, factor_id, len(changed.factors))
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
        change: Callable[[UnitOfWork, Own], T],
    ) -> T | ReauthenticationRefused:
        """Make a change once the password was given again."""

        def allowed(work: UnitOfWork, caller: Admitted) -> None:
            own = Own.of(work, caller)
            require(own.session.record, own.factor)

        return self._asking.before(
            lambda work, caller, _: change(work, Own.of(work, caller)),
            verb=verb,
            token=token,
            password=password,
            source=written_source(source),
            policies=self._resources.account_policies(),
            allowed=allowed,
        )

    def _save(self, work: UnitOfWork, own: Own, change: FactorChange, source: str | None) -> None:
        own.save(work, change.factor)
        work.replace(SESSIONS, own.session, change.session)
        work.insert(SESSIONS, [change.opened])
        notify(work, own.account.record, change.events)
        work.audit(change.events, own.caller.actor, written_source(source))

    def _new_codes(self) -> tuple[Secret, ...]:
        return make_saved_codes(self._resources.randomness.token_bytes(RANDOM_BYTES))
