"""`agency.invitations`: whoever was invited makes their account; whoever pays for a payer asks for one.

Invariants: whoever has no good code costs no run of the slow hash, and learns nothing; to ask for an account
looks at nobody's file, so the one answer has nothing to hide; what anybody can have sent is bounded by
address and by source.
"""

from typing import Final

import attrs

from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.accounts.password_checks import PasswordChecks
from dcss_core.agency.callers.caller import written_source
from dcss_core.agency.callers.counted import letters_of, save_letters
from dcss_core.agency.callers.door import Door
from dcss_core.agency.callers.found import account_of_user, existing_account
from dcss_core.agency.callers.throttling import count_failure, is_throttled, is_turned_away
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.filing.remitters import INVITATIONS, REMITTER_MEMBERS, REMITTERS
from dcss_core.agency.remitters.found import members_of
from dcss_core.agency.sending.inviting import forget_invitation, send_invitation
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.people.mail_address import faults_of_mail_address
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvalidInputError, NotPermittedError
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password, PasswordViolation
from dcss_core.users.passwords.policy import PasswordContext
from dcss_core.users.policies import AccountPolicies
from dcss_core.users.recovery.issued_code import CODE_BYTES, IssuedCode
from dcss_core.users.recovery.letter_count import LetterSort
from dcss_core.users.remitters.events import InvitationNotAccepted, InvitationRefusal, PayerInvited
from dcss_core.users.remitters.invitation import (
    AcceptanceDecision,
    Invitation,
    InvitationIncomplete,
    InvitationOutcome,
    InvitationRefused,
    decide_acceptance,
    invitation_id_of,
    refused,
)
from dcss_core.users.remitters.member import RemitterRights
from dcss_core.users.remitters.standing import PayerAsked
from dcss_core.users.sign_in.throttle import ThrottledFlow
from dcss_core.users.user_id import UserId

_BY_SOURCE: Final = ThrottledFlow.REGISTRATION_BY_SOURCE


@attrs.frozen(repr=False)
class Invitations:
    """The verbs for whoever has no account yet. `source` is where a request comes from."""

    _resources: Resources
    _door: Door
    _passwords: PasswordChecks

    @verb
    def ask_to_pay(self, email: Secret, *, source: str | None = None) -> PayerAsked:
        """Have a code sent with which somebody makes an account to pay for a payer; the one answer.

        The account sees what was paid with it, and no case. Raises InvalidInputError for what is no address,
        NotPermittedError where the jurisdiction has no such accounts (`accounts.private_payers_register`),
        ConfigurationError where no letter goes out.
        """
        policies, source = self._resources.account_policies(), written_source(source)
        if not policies.private_payers_register:
            raise NotPermittedError("nobody makes an account here to pay for somebody else")
        self._resources.check_letters_go_out()
        if faults := [*faults_of_mail_address("email", email)]:
            raise InvalidInputError("no code can be sent there", faults=faults)
        turned_away = InvitationNotAccepted(None, InvitationRefusal.SOURCE_THROTTLED)
        if is_turned_away(self._resources, _BY_SOURCE, source, policies.throttles, turned_away):
            return PayerAsked()
        code = IssuedCode.from_bytes(self._resources.randomness.token_bytes(CODE_BYTES))

        def act(work: UnitOfWork) -> PayerAsked:
            counted = count_failure(work, _BY_SOURCE, source, policies.throttles)
            digest = work.sealer.typed_id(email.reveal().lower())
            letters = letters_of(work, LetterSort.INVITATION, digest)
            if not letters.may_send(policies.recovery, work.now):
                too_many = InvitationNotAccepted(None, InvitationRefusal.TOO_MANY_LETTERS)
                work.audit([too_many, *counted], Actor.public(), source)
                return PayerAsked()
            save_letters(work, letters.after_letter(policies.recovery, work.now))
            invitation = Invitation.made(
                code,
                email,
                RemitterRights(),
                remitter_id=None,
                invited_by=None,
                now=work.now,
                expires_at=work.now + policies.recovery.assigned_for,
            )
            event = PayerInvited(invitation.invitation_id, invitation.expires_at)
            send_invitation(work, invitation, event, code, None)
            work.audit([event, *counted], Actor.public(), source)
            return PayerAsked()

        return self._resources.write(act)

    @verb
    def accept(
        self, code: Secret, user_id: str, password: Secret, *, source: str | None = None
    ) -> InvitationOutcome:
        """Make the account that an invitation is for; whoever administers the organisation is told.

        InvitationIncomplete lists everything that is wrong with user ID and password; InvitationRefused is
        the one answer to a code that is not good, and where too many came from this source.
        """
        policies, source = self._resources.account_policies(), written_source(source)
        turned_away = InvitationNotAccepted(None, InvitationRefusal.SOURCE_THROTTLED)
        if is_turned_away(self._resources, _BY_SOURCE, source, policies.throttles, turned_away):
            return InvitationRefused()
        invitation_id = invitation_id_of(code)
        kept = self._resources.read(lambda work: work.get(INVITATIONS, invitation_id))
        now = self._resources.now()
        chosen, faults = _read(user_id)
        password_hash: PasswordHash | None = None
        violations: tuple[PasswordViolation, ...] = ()
        if kept is not None and kept.record.refusal(now) is None:
            password_hash, violations = self._weighed(password, chosen, policies)
            if faults or violations:
                return InvitationIncomplete(faults, violations)

        def act(work: UnitOfWork) -> InvitationOutcome:
            invitation = work.get(INVITATIONS, invitation_id)
            decision = self._decided(work, invitation, chosen, password_hash, source)
            events: tuple[Event, ...] = (decision.event,)
            if decision.counted is not None or decision.account is None:
                events += count_failure(work, _BY_SOURCE, source, policies.throttles)
            _save(work, invitation, decision)
            work.audit(events, Actor.public(), source)
            return decision.outcome

        return self._resources.write(act)

    def _weighed(
        self, password: Secret, chosen: UserId | None, policies: AccountPolicies
    ) -> tuple[PasswordHash | None, tuple[PasswordViolation, ...]]:
        prepared = self._passwords.typed(password)
        if not isinstance(prepared, Password):
            return None, (prepared,)
        context = PasswordContext(
            chosen.value if chosen is not None else "",  # what can't be one may be of any length
            agency_names=policies.agency_names,
            with_mfa=policies.second_factor_demanded,
            breach_count=0,
        )
        violations = policies.passwords.violations(prepared, context)
        violations = violations or self._passwords.breach_violations(prepared, policies)
        return self._passwords.hashed(prepared) if chosen is not None and not violations else None, violations

    def _decided(
        self,
        work: UnitOfWork,
        invitation: Kept[Invitation] | None,
        chosen: UserId | None,
        password_hash: PasswordHash | None,
        source: str | None,
    ) -> AcceptanceDecision:
        if is_throttled(work, _BY_SOURCE, source):
            return refused(None, InvitationRefusal.SOURCE_THROTTLED)
        if invitation is None:
            return refused(None, InvitationRefusal.UNKNOWN_CODE)
        fault = invitation.record.refusal(work.now)
        # A code that was bad a moment ago found no password weighed, so it stays bad.
        if fault is not None or chosen is None or password_hash is None:
            return refused(invitation.record, fault or InvitationRefusal.EXPIRED)
        return decide_acceptance(
            invitation.record,
            user_id=chosen,
            is_taken=account_of_user(work, chosen.key) is not None,
            account_id=work.new_id(),
            new_remitter_id=work.new_id(),
            password_hash=password_hash,
            now=work.now,
        )


def _read(user_id: str) -> tuple[UserId | None, tuple[Fault, ...]]:
    try:
        return UserId(user_id), ()
    except InvalidInputError as refusal:
        return None, refusal.faults


def _save(work: UnitOfWork, invitation: Kept[Invitation] | None, decision: AcceptanceDecision) -> None:
    if invitation is not None and decision.counted is not None:
        work.replace(INVITATIONS, invitation, decision.counted)
    if invitation is None or decision.account is None or decision.member is None:
        return
    forget_invitation(work, invitation.record)
    work.insert(ACCOUNTS, [decision.account])
    work.insert(REMITTERS, [decision.payer] if decision.payer else [])
    for each in members_of(work, decision.member.remitter_id):
        if each.is_administrator:
            notify(work, existing_account(work, each.account_id).record, [decision.event])
    work.insert(REMITTER_MEMBERS, [decision.member])
