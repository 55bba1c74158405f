"""`agency.members`: somebody of a remitter sees what it sent; administrators invite, limit and end people.

Invariants: everything is about the remitter of whoever asks, and about nobody else's; the password is asked
again before somebody else gets, or loses, anything; nobody does it to themselves; whoever is limited or ended
hears of it.
"""

from datetime import datetime
from typing import Final

import attrs

from dcss_core.agency.accounts.asking_again import AskingAgain, by_member_with_factor
from dcss_core.agency.accounts.closing import close_now
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.callers.caller import written_source
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import existing, existing_account
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.filing.payments import RECEIPTS
from dcss_core.agency.filing.remitters import INVITATIONS, REMITTER_MEMBERS, REMITTERS
from dcss_core.agency.remitters.found import on_file, sends_as
from dcss_core.agency.sending.inviting import (
    invitations_of,
    send_invitation,
    take_back,
    take_back_those_of,
    waiting_at,
)
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.reads import ListSeen
from dcss_core.base.pages import LONGEST_PAGE, check_limit, not_of_this_list
from dcss_core.base.people.mail_address import faults_of_mail_address
from dcss_core.base.secret import Secret
from dcss_core.errors import InvalidInputError, NotPermittedError
from dcss_core.payments.collection.receipt import Receipt
from dcss_core.payments.views.sent import PaymentAsSent
from dcss_core.users.account import Account
from dcss_core.users.account_control import ControlReason
from dcss_core.users.permissions import not_permitted
from dcss_core.users.recovery.issued_code import CODE_BYTES, IssuedCode
from dcss_core.users.remitters.events import RemitterMemberInvited, RemitterMemberLimited, RemitterSeen
from dcss_core.users.remitters.invitation import MOST_WAITING, Invitation
from dcss_core.users.remitters.member import RemitterMember, RemitterRights, check_rights
from dcss_core.users.remitters.remitter import Remitter
from dcss_core.users.remitters.standing import (
    InvitationNotSent,
    Invited,
    OwnRemitter,
    RemitterOnFile,
)
from dcss_core.users.sign_in.reauthentication import ReauthenticationRefused
from dcss_core.users.sign_in.session import SessionToken

_INVITE: Final = "members.invite"
_LIMIT: Final = "members.limit"
_END: Final = "members.end"
_BY_SENDER: Final = ("sent_as", "received_on")


@attrs.frozen(repr=False)
class Members:
    """The verbs of those who sign in for a remitter. `source` is where a request comes from."""

    _resources: Resources
    _door: Door
    _asking: AskingAgain

    @verb
    def own(self, token: SessionToken) -> OwnRemitter:
        """For whom one signs in, and what one may. Raises NotPermittedError for whoever is of no remitter."""

        def act(work: UnitOfWork, caller: Admitted) -> OwnRemitter:
            member = caller.member
            remitter = existing(work, REMITTERS, member.remitter_id).record
            seen = member.sees_of(sends_as(work, member.remitter_id))
            return OwnRemitter(remitter.remitter_id, remitter.kind, remitter.name, seen, member.rights)

        return self._door.read("members.own", token, act)

    @verb
    def sent(
        self, token: SessionToken, *, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[PaymentAsSent, ...]:
        """What one's remitter sent, as far as one may see it; audited.

        By identification, and of each the newest first. `after` is the id of a receipt of this list: it
        continues after it. Whose case it was posted to, and whether it could be, is not shown. Raises
        NotPermittedError for whoever is of no remitter, InvalidInputError for another `after` or `limit`.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[Receipt]:
            check_limit(limit)
            seen = caller.member.sees_of(sends_as(work, caller.member.remitter_id))
            page = _page(work, seen, after, limit)
            work.audit([ListSeen("sent_payments", len(page))], caller.actor)
            return page

        def view(work: UnitOfWork, page: list[Receipt]) -> tuple[PaymentAsSent, ...]:
            return tuple(PaymentAsSent.of(each) for each in page)

        return self._door.show("members.sent", token, look, view)

    @verb
    def people(self, token: SessionToken) -> RemitterOnFile:
        """Who signs in for one's organisation, and who is invited; audited.

        Raises NotPermittedError for whoever does not administer one.
        """

        def look(work: UnitOfWork, caller: Admitted) -> str:
            work.audit([RemitterSeen(caller.member.remitter_id)], caller.actor)
            return caller.member.remitter_id

        return self._door.show("members.people", token, look, on_file)

    @verb
    def invite(
        self,
        token: SessionToken,
        password: Secret,
        email: Secret,
        rights: RemitterRights,
        *,
        source: str | None = None,
    ) -> Invited | InvitationNotSent | ReauthenticationRefused:
        """Invite somebody by mail to sign in for one's organisation; the password is asked again.

        Raises InvalidInputError with every fault, NotPermittedError for whoever does not administer one or
        gave no second factor that is in force, ConfigurationError where no letter goes out.
        """
        self._resources.check_letters_go_out()
        if faults := [*faults_of_mail_address("email", email)]:
            raise InvalidInputError("nobody can be invited there", faults=faults)
        policies, source = self._resources.account_policies(), written_source(source)
        code = IssuedCode.from_bytes(self._resources.randomness.token_bytes(CODE_BYTES))

        def invited(
            work: UnitOfWork, caller: Admitted, account: Kept[Account]
        ) -> Invited | InvitationNotSent:
            remitter = existing(work, REMITTERS, caller.member.remitter_id).record
            check_rights(rights, sends_as(work, remitter.remitter_id), work.now)
            if len(waiting_at(invitations_of(work, remitter.remitter_id), work.now)) >= MOST_WAITING:
                return InvitationNotSent()
            until = work.now + policies.recovery.assigned_for
            invitation = _sent(work, caller, remitter, (email, rights, code), until, source)
            return Invited(invitation.invitation_id, invitation.expires_at)

        return self._asking.before(
            invited,
            verb=_INVITE,
            token=token,
            password=password,
            source=source,
            policies=policies,
            allowed=by_member_with_factor,
        )

    @verb
    def limit(
        self,
        token: SessionToken,
        password: Secret,
        account_id: str,
        rights: RemitterRights,
        *,
        source: str | None = None,
    ) -> RemitterRights | ReauthenticationRefused:
        """Say what somebody of one's organisation may from now on; the password is asked again.

        Whoever may not administer any more has what they invited taken back. Raises InvalidInputError,
        NotPermittedError for whoever does not administer one, for oneself, and for anybody of another one.
        """
        policies, source = self._resources.account_policies(), written_source(source)

        def limited(work: UnitOfWork, caller: Admitted, _: Kept[Account]) -> RemitterRights:
            kept = _colleague(work, caller, account_id)
            check_rights(rights, sends_as(work, kept.record.remitter_id), work.now)
            changed = kept.record.with_rights(rights)
            work.replace(REMITTER_MEMBERS, kept, changed)
            event = RemitterMemberLimited(account_id, changed.is_administrator, changed.sees, changed.until)
            notify(work, existing_account(work, account_id).record, [event])
            work.audit([event], caller.actor, source)
            if not changed.is_administrator:
                take_back_those_of(work, account_id, kept.record.remitter_id, caller.actor)
            return changed.rights

        return self._asking.before(
            limited,
            verb=_LIMIT,
            token=token,
            password=password,
            source=source,
            policies=policies,
            allowed=by_member_with_factor,
        )

    @verb
    def end(
        self, token: SessionToken, password: Secret, account_id: str, *, source: str | None = None
    ) -> ReauthenticationRefused | None:
        """Close the account of somebody of one's organisation for good; the password is asked again.

        Every session of theirs ends. Raises NotPermittedError as `limit` does.
        """
        policies, source = self._resources.account_policies(), written_source(source)

        def ended(work: UnitOfWork, caller: Admitted, _: Kept[Account]) -> None:
            _colleague(work, caller, account_id)
            kept = existing(work, ACCOUNTS, account_id)
            close_now(work, kept, ControlReason.STAFF_CHANGE, caller.actor, source)

        return self._asking.before(
            ended,
            verb=_END,
            token=token,
            password=password,
            source=source,
            policies=policies,
            allowed=by_member_with_factor,
        )

    @verb
    def withdraw(self, token: SessionToken, invitation_id: str) -> bool:
        """Take back an invitation of one's organisation that nobody has accepted; whether there was one.

        Raises NotPermittedError for whoever does not administer one.
        """

        def act(work: UnitOfWork, caller: Admitted) -> bool:
            kept = work.get(INVITATIONS, invitation_id)
            if kept is None or kept.record.remitter_id != caller.member.remitter_id:
                return False
            take_back(work, [kept.record], caller.actor)
            return True

        return self._door.write("members.withdraw", token, act)


def _sent(
    work: UnitOfWork,
    caller: Admitted,
    remitter: Remitter,
    asked: tuple[Secret, RemitterRights, IssuedCode],
    until: datetime,
    source: str | None,
) -> Invitation:
    email, rights, code = asked
    invitation = Invitation.made(
        code,
        email,
        rights,
        remitter_id=remitter.remitter_id,
        invited_by=caller.member.account_id,
        now=work.now,
        expires_at=until,
    )
    event = RemitterMemberInvited(
        remitter.remitter_id, invitation.invitation_id, rights.is_administrator, until
    )
    send_invitation(work, invitation, event, code, remitter.name)
    work.audit([event], caller.actor, source)
    return invitation


def _colleague(work: UnitOfWork, caller: Admitted, account_id: str) -> Kept[RemitterMember]:
    """Somebody else of the caller's organisation; of anybody else nothing is said."""
    if account_id == caller.member.account_id:
        raise NotPermittedError(
            "nobody does this to themselves; ask another administrator", wanted="own account"
        )
    kept = work.get(REMITTER_MEMBERS, account_id)
    if kept is None or kept.record.remitter_id != caller.member.remitter_id:
        raise not_permitted(work.verb)
    return kept


def _page(work: UnitOfWork, seen: tuple[str, ...], after: str | None, limit: int) -> list[Receipt]:
    last = None if after is None else work.get(RECEIPTS, after)
    if after is not None and (last is None or last.record.sent_as not in seen):
        raise not_of_this_list("the id of a payment of this list")
    page: list[Receipt] = []
    for identification in seen:
        if last is not None and identification < str(last.record.sent_as):
            continue
        is_there = last if last is not None and last.record.sent_as == identification else None
        found = work.find(
            RECEIPTS,
            _BY_SENDER,
            (identification,),
            descending=True,
            after=is_there,
            limit=limit - len(page),
        )
        page += [kept.record for kept in found]
        if len(page) == limit:
            break
    return page
