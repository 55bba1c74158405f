"""`agency.remitters`: staff open accounts for an organisation that sends support, and end them.

Invariants: whose payments an organisation sees takes the word of two; one identification is one remitter's;
to end takes one, for it takes away.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from dcss_core.agency.accounts.closing import close_now
from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import existing_account, nothing_found
from dcss_core.agency.callers.two_people import second_word
from dcss_core.agency.filing.remitters import REMITTER_IDENTIFICATIONS, REMITTERS
from dcss_core.agency.remitters.found import (
    check_free,
    members_of,
    on_file,
    remitter_named,
    save_identifications,
)
from dcss_core.agency.sending.inviting import invitations_of, send_invitation, take_back
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.people.mail_address import faults_of_mail_address
from dcss_core.base.secret import Secret
from dcss_core.errors import InvalidInputError
from dcss_core.users.account_control import ControlReason
from dcss_core.users.approvals.approval import AskedAct
from dcss_core.users.approvals.due import ApprovalDue
from dcss_core.users.recovery.issued_code import CODE_BYTES, IssuedCode
from dcss_core.users.remitters.events import (
    RemitterChanged,
    RemitterEnded,
    RemitterMemberInvited,
    RemitterOpened,
    RemitterSeen,
)
from dcss_core.users.remitters.invitation import Invitation
from dcss_core.users.remitters.member import RemitterRights
from dcss_core.users.remitters.remitter import (
    REMITTER_STATES,
    Remitter,
    RemitterAct,
    RemitterKind,
    after,
    read_identifications,
)
from dcss_core.users.remitters.standing import Invited, OpenedForRemitter, RemitterOnFile

_OPEN: Final = "remitters.open"
_CHANGE: Final = "remitters.change"
_INVITE: Final = "remitters.invite_administrator"


@attrs.frozen(repr=False)
class Remitters:
    """The verbs of staff on remitters."""

    _resources: Resources
    _door: Door

    @verb
    def open(
        self, name: str, *, sends_as: Sequence[str], administrator: Secret, by: Caller
    ) -> OpenedForRemitter | ApprovalDue:
        """Open accounts for an organisation, and invite its first administrator by mail.

        `sends_as` are the company identifications of its ACH batches; whoever signs in for it sees what was
        sent under them. It takes two people, and the first is given an ApprovalDue. Raises InvalidInputError
        with every fault, ConflictError where another remitter sends under one of them, ConfigurationError
        where no letter goes out.
        """
        self._door.pass_through(_OPEN, by)
        self._resources.check_letters_go_out()
        identifications = _read(name, sends_as, administrator)
        invited = _Invited.by(self._resources)

        def act(work: UnitOfWork, caller: Admitted) -> OpenedForRemitter | ApprovalDue:
            check_free(work, identifications)
            said = ", ".join(identifications)
            asked = AskedAct.of(_OPEN, "remitter:unknown", name=name.strip(), sends_as=said)
            if due := second_word(self._door, work, caller, asked, [administrator]):
                return due
            remitter = Remitter(
                work.new_id(),
                RemitterKind.ORGANISATION,
                Secret(name.strip()),
                REMITTER_STATES.next_state(None, RemitterAct.OPEN),
                work.now,
            )
            work.insert(REMITTERS, [remitter])
            save_identifications(work, remitter.remitter_id, identifications)
            work.audit([RemitterOpened(remitter.remitter_id, identifications)], caller.actor)
            sent = invited.to_administer(work, remitter, administrator, caller.actor)
            return OpenedForRemitter(remitter.remitter_id, sent.good_until)

        return self._door.write(_OPEN, by, act)

    @verb
    def change(
        self, remitter_id: str, *, name: str, sends_as: Sequence[str], by: Caller
    ) -> ApprovalDue | None:
        """Say what an organisation is called and under what it sends from now on.

        It takes two people, and the first is given an ApprovalDue. Its administrators are told. Raises
        NotFoundError, InvalidInputError, and ConflictError for one that ended, for a private payer, and where
        another remitter sends under one of them.
        """

        def act(work: UnitOfWork, caller: Admitted) -> ApprovalDue | None:
            identifications = read_identifications(sends_as, name)
            kept = remitter_named(work, remitter_id)
            state = after(kept.record, RemitterAct.CHANGE)
            check_free(work, identifications, of=remitter_id)
            said = ", ".join(identifications)
            acts_on = f"remitter:{remitter_id}"
            asked = AskedAct.of(_CHANGE, acts_on, name=name.strip(), sends_as=said)
            if due := second_word(self._door, work, caller, asked):
                return due
            called = Secret(name.strip())
            work.replace(REMITTERS, kept, attrs.evolve(kept.record, state=state, name=called))
            save_identifications(work, remitter_id, identifications)
            event = RemitterChanged(remitter_id, identifications)
            for each in members_of(work, remitter_id):
                if each.is_administrator:
                    notify(work, existing_account(work, each.account_id).record, [event])
            work.audit([event], caller.actor)
            return None

        return self._door.write(_CHANGE, by, act)

    @verb
    def invite_administrator(
        self, remitter_id: str, administrator: Secret, *, by: Caller
    ) -> Invited | ApprovalDue:
        """Invite one more administrator of an organisation, as when it has lost its last.

        It takes two people, and the first is given an ApprovalDue. Raises NotFoundError, InvalidInputError,
        and ConflictError for one that ended, and for a private payer.
        """
        self._door.pass_through(_INVITE, by)
        self._resources.check_letters_go_out()
        _check_address(administrator)
        invited = _Invited.by(self._resources)

        def act(work: UnitOfWork, caller: Admitted) -> Invited | ApprovalDue:
            remitter = remitter_named(work, remitter_id).record
            after(remitter, RemitterAct.INVITE)
            called = remitter.name.reveal() if remitter.name else ""
            asked = AskedAct.of(_INVITE, f"remitter:{remitter_id}", name=called)
            if due := second_word(self._door, work, caller, asked, [administrator]):
                return due
            return invited.to_administer(work, remitter, administrator, caller.actor)

        return self._door.write(_INVITE, by, act)

    @verb
    def end(self, remitter_id: str, *, by: Caller, reason: ControlReason) -> int:
        """End a remitter: its accounts are closed and its invitations taken back; how many accounts.

        What it sends is taken as before, and what it sent stays. Its identifications are free. Raises
        NotFoundError, and ConflictError for one that ended already.
        """

        def act(work: UnitOfWork, caller: Admitted) -> int:
            kept = remitter_named(work, remitter_id)
            state = after(kept.record, RemitterAct.END)
            take_back(work, [each.record for each in invitations_of(work, remitter_id)], caller.actor)
            members = members_of(work, remitter_id)
            accounts = [existing_account(work, each.account_id) for each in members]
            for account in accounts:
                close_now(work, account, reason, caller.actor)
            work.replace(REMITTERS, kept, attrs.evolve(kept.record, state=state, ended_at=work.now))
            save_identifications(work, remitter_id, ())
            work.audit([RemitterEnded(remitter_id, reason, len(accounts))], caller.actor)
            return len(accounts)

        return self._door.write("remitters.end", by, act)

    @verb
    def find(self, identification: str, *, by: Caller) -> str:
        """The id of the remitter that sends under an identification; raises NotFoundError."""

        def act(work: UnitOfWork, caller: Admitted) -> str:
            kept = work.get(REMITTER_IDENTIFICATIONS, identification.strip())
            if kept is None:
                raise nothing_found(work, "remitter", "no remitter sends under this identification")
            work.audit([RemitterSeen(kept.record.remitter_id)], caller.actor)
            return kept.record.remitter_id

        return self._door.write("remitters.find", by, act)

    @verb
    def standing(self, remitter_id: str, *, by: Caller) -> RemitterOnFile:
        """What is on file of a remitter, with its people and who is invited; audited. NotFoundError."""

        def look(work: UnitOfWork, caller: Admitted) -> None:
            remitter_named(work, remitter_id)
            work.audit([RemitterSeen(remitter_id)], caller.actor)

        return self._door.show("remitters.standing", by, look, lambda work, _: on_file(work, remitter_id))


@attrs.frozen(repr=False)
class _Invited:
    """An invitation to administer, once it is known that it may be sent."""

    _code: IssuedCode
    _resources: Resources

    @classmethod
    def by(cls, resources: Resources) -> "_Invited":
        return cls(IssuedCode.from_bytes(resources.randomness.token_bytes(CODE_BYTES)), resources)

    def to_administer(self, work: UnitOfWork, remitter: Remitter, email: Secret, actor: Actor) -> Invited:
        good_until = work.now + self._resources.account_policies().recovery.assigned_for
        invitation = Invitation.made(
            self._code,
            email,
            RemitterRights(is_administrator=True),
            remitter_id=remitter.remitter_id,
            invited_by=actor.actor_id,
            now=work.now,
            expires_at=good_until,
        )
        event = RemitterMemberInvited(remitter.remitter_id, invitation.invitation_id, True, good_until)
        send_invitation(work, invitation, event, self._code, remitter.name)
        work.audit([event], actor)
        return Invited(invitation.invitation_id, good_until)


def _read(name: str, sends_as: Sequence[str], administrator: Secret) -> tuple[str, ...]:
    faults = [*faults_of_mail_address("administrator", administrator)]
    try:
        identifications = read_identifications(sends_as, name)
    except InvalidInputError as refusal:
        faults += refusal.faults
    if faults:
        raise InvalidInputError("accounts can't be opened for this organisation", faults=faults)
    return identifications


def _check_address(address: Secret) -> None:
    faults = [*faults_of_mail_address("administrator", address)]
    if faults:
        raise InvalidInputError("nobody can be invited there", faults=faults)
