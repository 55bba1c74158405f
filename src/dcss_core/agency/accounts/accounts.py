"""`agency.accounts`: register, sign in and out.

Invariants: the slow hash runs outside the writing transaction and as often whatever the outcome (once more
only for somebody let in, whose hash is made anew); its verdict counts only for the password it was given
for; every attempt is in the audit log, in the transaction that counts it.
"""

from typing import Final, cast

import attrs

from dcss_core.agency.accounts.asking_again import AskingAgain, by_owner_with_factor
from dcss_core.agency.accounts.closing import close_now
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.own_factors import Methods
from dcss_core.agency.accounts.passkey_alone import LoneMethod, PasskeyAlone, asked_anybody
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.accounts.sessions import end_sessions, good_sessions_of
from dcss_core.agency.accounts.signing_in import SigningIn
from dcss_core.agency.callers.caller import written_source
from dcss_core.agency.callers.counted import save_throttle, throttles_of_registration
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import (
    NOBODY,
    account_of_person,
    account_of_user,
    on_file,
    owner,
    person_named,
)
from dcss_core.agency.callers.throttling import count_failure, is_throttled, is_turned_away
from dcss_core.agency.filing.accounts import ACCOUNTS, SECURITY_ANSWERS, SESSIONS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.errors import ConfigurationError, NotPermittedError
from dcss_core.users.account import Account
from dcss_core.users.account_control import ClosedByOwner, ControlReason
from dcss_core.users.events import (
    RegistrationFailed,
    RegistrationRefusal,
    SessionEndReason,
    SignInFailed,
    SignInRefusal,
)
from dcss_core.users.passwords.password import Password
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.answers import enrolled_secret
from dcss_core.users.registration.form import (
    Registration,
    RegistrationForm,
    RegistrationIncomplete,
    read_registration,
)
from dcss_core.users.registration.registration import (
    RegisteredUntold,
    RegistrationDecision,
    RegistrationHashes,
    RegistrationOutcome,
    RegistrationRefused,
    decide_registration,
)
from dcss_core.users.second_factor.method import LoneFactorMethod
from dcss_core.users.sign_in.banner import Banner, BannerNotAccepted
from dcss_core.users.sign_in.lone_factor import PasskeyAsked
from dcss_core.users.sign_in.reauthentication import ReauthenticationRefused
from dcss_core.users.sign_in.session import SessionToken, end_session
from dcss_core.users.sign_in.sign_in import SignInOutcome, SignInRefused, SignInRequest
from dcss_core.users.sign_in.throttle import ThrottledFlow
from dcss_core.users.user_id import key_of

_BY_SOURCE: Final = ThrottledFlow.REGISTRATION_BY_SOURCE
_SIGN_IN_BY_SOURCE: Final = ThrottledFlow.SIGN_IN_BY_SOURCE


@attrs.frozen(repr=False)
class Accounts:
    """The verbs on accounts. `source` is where a request comes from, such as an IP address."""

    _resources: Resources
    _door: Door
    _passwords: PasswordChecks
    _asking: AskingAgain
    _methods: Methods

    def policies(self) -> AccountPolicies:
        """The policies in force today: help texts, questions to choose from, limits."""
        return self._resources.account_policies()

    def banner(self) -> Banner:
        """The notice to show before sign-in; its `version` is what `sign_in` wants to have accepted."""
        return self.policies().banner

    @verb
    def register(self, form: RegistrationForm, *, source: str | None = None) -> RegistrationOutcome:
        """Make an account for a participant, once.

        RegistrationIncomplete lists everything missing or bad; RegistrationRefused is the one answer to
        wrong particulars, an unknown identifier and a person who has an account already, and where too many
        of them came: from this source, for this SSN or ITIN, or for whom the identifier names.
        """
        policies, source = self.policies(), written_source(source)
        read = read_registration(
            form,
            passwords=policies.passwords,
            questions=policies.questions,
            accepted=policies.registration.identified_by,
            agency_names=policies.agency_names,
            with_mfa=policies.second_factor_demanded,
        )
        if isinstance(read, RegistrationIncomplete):
            return read
        turned_away = RegistrationFailed(None, RegistrationRefusal.SOURCE_THROTTLED)
        if is_turned_away(self._resources, _BY_SOURCE, source, policies.throttles, turned_away):
            return RegistrationRefused()
        breached = self._passwords.breach_violations(read.password, policies)
        if breached:
            return RegistrationIncomplete((), breached, ())
        password_hash, answers_hash = self._passwords.hashed(read.password), None
        if policies.questions is not None:
            answers_hash = self._passwords.hashed(enrolled_secret(read.answers))
        hashes = RegistrationHashes(password_hash, answers_hash)

        def act(work: UnitOfWork) -> RegistrationOutcome:
            throttled = is_throttled(work, _BY_SOURCE, source)
            decision = self._decide_registration(work, read, hashes, throttled)
            events = (*decision.events, *self._save_registration(work, decision))
            if isinstance(decision.outcome, RegistrationRefused):
                events += count_failure(work, _BY_SOURCE, source, policies.throttles)
            work.audit(events, Actor.public(), source)
            return decision.outcome

        return self._resources.write(act)

    @verb
    def sign_in(
        self,
        user_id: str,
        password: Secret,
        *,
        banner: str | None,
        source: str | None = None,
        on_shared_computer: bool = False,
    ) -> SignInOutcome:
        """Sign in; one public answer, SignInRefused, to everything that goes wrong.

        `banner` is the version of the notice the caller accepted; without the one in force the attempt ends
        in BannerNotAccepted before the password is looked at. SecondFactorDue asks for the second factor.
        """
        policies, source = self.policies(), written_source(source)
        if banner != policies.banner.version:
            return self._ask_to_accept(policies, source)
        key = key_of(user_id)
        prepared = self._passwords.typed(password)
        if not isinstance(prepared, Password):
            prepared, key = Password(""), ""  # can't be anybody's; goes the whole way all the same
        request = SignInRequest(self._resources.new_token(), source, on_shared_computer)
        return SigningIn(
            self._resources, self._passwords, policies, user_key=key, password=prepared, request=request
        ).outcome()

    @verb
    def ask_for_passkey(self) -> PasskeyAsked:
        """What the browser needs to sign in with a passkey alone, by whoever comes; kept nowhere.

        Raises NotPermittedError where the jurisdiction does not let a passkey sign in alone
        (`accounts.passkey_sign_in`), ConfigurationError where no method of the agency can.
        """
        return asked_anybody(self._resources, self._lone_method())

    @verb
    def sign_in_with_passkey(
        self,
        challenge: Secret,
        answer: Secret,
        *,
        banner: str | None,
        source: str | None = None,
        on_shared_computer: bool = False,
    ) -> SignInOutcome:
        """Sign in with a passkey alone; one public answer, SignInRefused, to everything that goes wrong.

        `challenge` is that of `ask_for_passkey`, `answer` the browser's. The device has verified its owner,
        so the session is one of AAL2. `banner` is as for `sign_in`. Raises as `ask_for_passkey` does.
        """
        lone, policies, source = self._lone_method(), self.policies(), written_source(source)
        if banner != policies.banner.version:
            return self._ask_to_accept(policies, source)
        turned_away = SignInFailed(None, SignInRefusal.SOURCE_THROTTLED)
        if is_turned_away(self._resources, _SIGN_IN_BY_SOURCE, source, policies.throttles, turned_away):
            return SignInRefused()
        request = SignInRequest(self._resources.new_token(), source, on_shared_computer)
        attempt = PasskeyAlone(challenge, answer, request, lone, policies)
        return self._resources.write(attempt.outcome)

    @verb
    def sign_out(self, token: SessionToken, *, source: str | None = None) -> None:
        """End a session; ending one that has ended already changes nothing."""
        source = written_source(source)

        def act(work: UnitOfWork) -> None:
            kept = work.get(SESSIONS, token.session_id)
            account = work.get(ACCOUNTS, kept.record.account_id) if kept else None
            if kept is not None and account is not None:
                ended, events = end_session(kept.record, work.now, reason=SessionEndReason.SIGNED_OUT)
                work.replace(SESSIONS, kept, ended)
                work.audit(events, owner(account.record), source)

        self._resources.write(act)

    @verb
    def display_name(self, token: SessionToken) -> str:
        """How to greet the person who is signed in; raises NotPermittedError without a full session."""

        def act(work: UnitOfWork, caller: Admitted) -> str:
            person = work.get(PEOPLE, caller.holder.session.record.person_with_cases())
            return person.record.name.full if person else ""

        return self._door.read("accounts.display_name", token, act)

    @verb
    def close(
        self, token: SessionToken, password: Secret, *, source: str | None = None
    ) -> ClosedByOwner | ReauthenticationRefused:
        """Close one's own account for good; the password is asked again.

        What it was opened with is deleted and every session ends. The case goes on, and the person may
        register anew, with another user ID. Raises NotPermittedError without a full session of a parent or of
        somebody of a remitter, and when it was opened without the second factor that is in force.
        """
        source = written_source(source)

        def closed(work: UnitOfWork, caller: Admitted, kept: Kept[Account]) -> ClosedByOwner:
            sessions = good_sessions_of(work, kept.record)
            end_sessions(work, sessions, SessionEndReason.ENDED_BY_OWNER, caller.actor, source)
            close_now(work, kept, ControlReason.OWNER_ASKED, caller.actor, source)
            return ClosedByOwner()

        return self._asking.before(
            closed,
            verb="accounts.close",
            token=token,
            password=password,
            source=source,
            policies=self.policies(),
            allowed=by_owner_with_factor,
        )

    def _lone_method(self) -> LoneMethod:
        if not self.policies().passkey_sign_in:
            raise NotPermittedError("this portal lets nobody sign in with a passkey alone")
        for key, method in self._methods.items():
            if hasattr(method, "check_alone"):
                return LoneMethod(key, cast(LoneFactorMethod, method))
        raise ConfigurationError(
            "the rules let a passkey sign in alone, and the agency was opened without a method that can; "
            "name one, as in second_factors=['passkey:…']"
        )

    def _ask_to_accept(self, policies: AccountPolicies, source: str | None) -> BannerNotAccepted:
        refused = SignInFailed(None, SignInRefusal.BANNER_NOT_ACCEPTED)
        throttles = policies.throttles

        def act(work: UnitOfWork) -> None:
            counted = count_failure(work, _SIGN_IN_BY_SOURCE, source, throttles)
            work.audit([refused, *counted], Actor.public(), source)

        if not is_turned_away(self._resources, _SIGN_IN_BY_SOURCE, source, throttles, refused):
            self._resources.write(act)
        return BannerNotAccepted(policies.banner)

    def _decide_registration(
        self,
        work: UnitOfWork,
        read: Registration,
        hashes: RegistrationHashes,
        throttled: bool,
    ) -> RegistrationDecision:
        person = person_named(work, read.identifier)
        person_id = person.person_id if person else None
        kept = throttles_of_registration(work, read.ssn or read.identifier, person_id)
        decision = decide_registration(
            read,
            participant=on_file(person) if person else None,
            has_account=account_of_person(work, person_id or NOBODY) is not None,  # as much read for nobody
            user_id_taken=account_of_user(work, read.user_id.key) is not None,
            account_id=work.new_id(),
            hashes=hashes,
            throttles=tuple(throttle.record for throttle in kept),
            limit=self.policies().recovery.particulars,
            now=work.now,
            is_throttled=throttled,
        )
        for throttle, counted in zip(kept, decision.throttles, strict=True):
            save_throttle(work, throttle, counted)
        return decision

    def _save_registration(self, work: UnitOfWork, decision: RegistrationDecision) -> tuple[Event, ...]:
        account = decision.account
        if account is None:
            return ()
        work.insert(ACCOUNTS, [account])
        work.insert(SECURITY_ANSWERS, [decision.answers] if decision.answers else [])
        is_told = notify(work, account, decision.events)
        return () if is_told else (RegisteredUntold(account.person_id, account.account_id),)
