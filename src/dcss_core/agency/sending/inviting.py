"""Inviting: an invitation is kept and sent, and taken back before anybody accepts it.

Invariant: what was taken back goes to nobody any more, also where its letter waits in the outbox.
"""

from collections.abc import Iterable
from datetime import datetime

from dcss_core.agency.filing.remitters import INVITATIONS
from dcss_core.agency.sending.outbox import put_in_outbox
from dcss_core.agency.sending.withdrawing import withdraw_from
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.letters.about import letters_about
from dcss_core.letters.carried import CarriedInvitation
from dcss_core.letters.letterhead import letterhead
from dcss_core.letters.recipient import Recipient
from dcss_core.users.remitters.events import InvitationWithdrawn
from dcss_core.users.remitters.invitation import Invitation


def send_invitation(
    work: UnitOfWork, invitation: Invitation, event: Event, code: Secret, of_organisation: Secret | None
) -> None:
    """Keep an invitation and put its letter in the outbox."""
    work.insert(INVITATIONS, [invitation])
    carried = CarriedInvitation(code, work.local_time(invitation.expires_at), of_organisation)
    recipient = Recipient.invited(invitation.invitation_id)
    for letter in letters_about([event], letterhead(work.rules), carried):
        message_id = f"invitation/{invitation.invitation_id}"
        put_in_outbox(work, letter, message_id=message_id, recipient=recipient, address=invitation.email)


def invitations_of(work: UnitOfWork, remitter_id: str) -> list[Kept[Invitation]]:
    """The invitations of a remitter that nobody has accepted, the oldest first."""
    return work.find(INVITATIONS, ("remitter_id", "invited_at"), (remitter_id,))


def waiting_at(invitations: Iterable[Kept[Invitation]], now: datetime) -> tuple[Invitation, ...]:
    """Those of them that somebody can still accept."""
    return tuple(kept.record for kept in invitations if kept.record.refusal(now) is None)


def take_back(work: UnitOfWork, invitations: Iterable[Invitation], actor: Actor) -> None:
    """Have invitations accepted by nobody."""
    for each in invitations:
        forget_invitation(work, each)
        withdraw_from(work, Recipient.invited(each.invitation_id), [each.email])
        if each.remitter_id is not None:
            work.audit([InvitationWithdrawn(each.remitter_id, each.invitation_id)], actor)


def take_back_those_of(work: UnitOfWork, account_id: str, remitter_id: str, actor: Actor) -> None:
    """Take back what somebody invited who may invite nobody any more."""
    sent = (kept.record for kept in invitations_of(work, remitter_id))
    take_back(work, [each for each in sent if each.invited_by == account_id], actor)


def forget_invitation(work: UnitOfWork, invitation: Invitation) -> None:
    """Delete an invitation, accepted or not."""
    work.delete(INVITATIONS, ("invitation_id",), (invitation.invitation_id,), limit=1)
