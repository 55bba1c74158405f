"""Standing: what somebody of a remitter, and staff, are shown of it and of its people."""

from datetime import datetime

import attrs

from dcss_core.base.secret import Secret
from dcss_core.users.remitters.invitation import Invitation
from dcss_core.users.remitters.member import RemitterMember, RemitterRights
from dcss_core.users.remitters.remitter import Remitter, RemitterKind, RemitterState


@attrs.frozen
class OwnRemitter:
    """For whom somebody signs in, and what they may; `sends_as` is what they see of it."""

    remitter_id: str
    kind: RemitterKind
    name: Secret | None
    sends_as: tuple[str, ...]
    rights: RemitterRights


@attrs.frozen
class MemberOnFile:
    """Somebody of a remitter, as its administrators see them."""

    account_id: str
    email: Secret
    rights: RemitterRights
    joined_at: datetime

    @classmethod
    def of(cls, member: RemitterMember) -> "MemberOnFile":
        """A member as others see them."""
        return cls(member.account_id, member.email, member.rights, member.joined_at)


@attrs.frozen
class WaitingInvitation:
    """An invitation that nobody has accepted yet."""

    invitation_id: str
    email: Secret
    rights: RemitterRights
    good_until: datetime

    @classmethod
    def of(cls, invitation: Invitation) -> "WaitingInvitation":
        """An invitation as others see it."""
        rights = RemitterRights(invitation.is_administrator, invitation.sees, invitation.until)
        return cls(invitation.invitation_id, invitation.email, rights, invitation.expires_at)


@attrs.frozen
class RemitterOnFile:
    """A remitter with its people and the invitations that wait, as its administrators and staff see it."""

    remitter_id: str
    kind: RemitterKind
    name: Secret | None
    state: RemitterState
    sends_as: tuple[str, ...]
    members: tuple[MemberOnFile, ...]
    invitations: tuple[WaitingInvitation, ...]

    @classmethod
    def of(
        cls,
        remitter: Remitter,
        sends_as: tuple[str, ...],
        members: tuple[RemitterMember, ...],
        invitations: tuple[Invitation, ...],
    ) -> "RemitterOnFile":
        """What is on file of a remitter."""
        return cls(
            remitter.remitter_id,
            remitter.kind,
            remitter.name,
            remitter.state,
            sends_as,
            tuple(MemberOnFile.of(each) for each in members),
            tuple(WaitingInvitation.of(each) for each in invitations),
        )


@attrs.frozen
class Invited:
    """An invitation is on its way; it is good until `good_until`."""

    invitation_id: str
    good_until: datetime


@attrs.frozen
class OpenedForRemitter:
    """A remitter is on file, and its first administrator is invited."""

    remitter_id: str
    good_until: datetime


@attrs.frozen
class PayerAsked:
    """The one answer to whoever asks for an account to pay for somebody."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "A code to go on with is on its way to this address. It works for a short time."


@attrs.frozen
class InvitationNotSent:
    """Too many invitations wait; withdraw one, or wait until one is accepted or over."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "Too many invitations wait to be accepted. Withdraw one first."
