"""Invitation: a code by which somebody makes an account for a remitter.

Decides whether an invitation is accepted, and what the account begins as. Invariants: only the SHA-256 of the
code is kept, and the invitation is found by it; whoever has no good code learns nothing, not even that a user
ID is taken; one invitation makes one account, of whoever reads the mail at the address it went to; so many
user IDs are tried with it and no more.
"""

import hashlib
from datetime import UTC, datetime
from typing import Final, TypeAlias

import attrs

from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault
from dcss_core.users.account import ACCOUNT_STATES, Account, AccountAct, AccountKind
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.letter_groups import letters_typed
from dcss_core.users.passwords.password import PasswordViolation
from dcss_core.users.registration.registration import UserIdTaken
from dcss_core.users.remitters.events import (
    InvitationNotAccepted,
    InvitationRefusal,
    PayerJoined,
    RemitterMemberJoined,
)
from dcss_core.users.remitters.member import RemitterMember, RemitterRights
from dcss_core.users.remitters.remitter import REMITTER_STATES, Remitter, RemitterAct, RemitterKind
from dcss_core.users.user_id import UserId

MOST_TRIES: Final = 5
"""So many user IDs that others have are tried with one invitation."""
MOST_WAITING: Final = 50
"""So many invitations of one organisation wait at a time, so that it floods nobody's mail."""
_PURPOSE: Final = "accept an invitation 1"


@attrs.frozen
class Invitation:
    """An invitation as it is stored; `invitation_id` is made from its code, and gives nothing of it away.

    `remitter_id` is None for somebody who asked for it themselves, to pay for a payer. `invited_by` is the
    account of whoever invited them.
    """

    invitation_id: str
    remitter_id: str | None
    email: Secret
    is_administrator: bool
    sees: tuple[str, ...]
    until: datetime | None
    invited_by: str | None
    invited_at: datetime
    expires_at: datetime
    tries: int = 0

    @classmethod
    def made(
        cls,
        code: Secret,
        email: Secret,
        rights: RemitterRights,
        *,
        remitter_id: str | None,
        invited_by: str | None,
        now: datetime,
        expires_at: datetime,
    ) -> "Invitation":
        """The invitation that a code accepts."""
        return cls(
            invitation_id_of(code),
            remitter_id,
            email,
            rights.is_administrator,
            rights.sees,
            rights.until.astimezone(UTC) if rights.until else None,
            invited_by,
            now,
            expires_at,
        )

    def refusal(self, now: datetime) -> InvitationRefusal | None:
        """Why nobody can accept it now; None while somebody can."""
        if not self.invited_at <= now < self.expires_at or (self.until is not None and now >= self.until):
            return InvitationRefusal.EXPIRED
        return InvitationRefusal.TOO_MANY_TRIES if self.tries >= MOST_TRIES else None


@attrs.frozen
class Joined:
    """The account exists; from now on its user ID and password are asked."""

    account_id: str


@attrs.frozen
class InvitationIncomplete:
    """Everything that is wrong with the user ID and the password; the invitation stays good."""

    faults: tuple[Fault, ...]
    password_violations: tuple[PasswordViolation, ...]


@attrs.frozen
class InvitationRefused:
    """Nobody joined, for whatever reason."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "This invitation is not good, or not any more. Ask whoever invited you for another one."


InvitationOutcome: TypeAlias = Joined | InvitationIncomplete | InvitationRefused | UserIdTaken


@attrs.frozen
class AcceptanceDecision:
    """What the caller sees, what to save and what to record.

    `counted` is the invitation with one more try; where somebody joined it is deleted.
    """

    outcome: InvitationOutcome
    event: Event
    counted: Invitation | None = None
    account: Account | None = None
    member: RemitterMember | None = None
    payer: Remitter | None = None


def invitation_id_of(code: Secret) -> str:
    """The id of the invitation that a code accepts, as it was typed."""
    bound = f"{_PURPOSE}:{letters_typed(code.reveal())}"
    return hashlib.sha256(bound.encode("utf-8", "surrogatepass")).hexdigest()


def refused(invitation: Invitation | None, reason: InvitationRefusal) -> AcceptanceDecision:
    """The one answer to whoever has no good code."""
    invitation_id = invitation.invitation_id if invitation else None
    return AcceptanceDecision(InvitationRefused(), InvitationNotAccepted(invitation_id, reason))


def decide_acceptance(
    invitation: Invitation,
    *,
    user_id: UserId,
    is_taken: bool,
    account_id: str,
    new_remitter_id: str,
    password_hash: PasswordHash,
    now: datetime,
) -> AcceptanceDecision:
    """Have somebody join with a good code; `is_taken` says that another has the user ID."""
    if is_taken:
        counted = attrs.evolve(invitation, tries=invitation.tries + 1)
        taken = InvitationNotAccepted(invitation.invitation_id, InvitationRefusal.USER_ID_TAKEN)
        return AcceptanceDecision(UserIdTaken(), taken, counted)
    account = _account(account_id, user_id, password_hash, now)
    remitter_id = invitation.remitter_id or new_remitter_id
    member = RemitterMember(
        account_id,
        remitter_id,
        invitation.email,
        invitation.is_administrator,
        invitation.sees,
        invitation.until,
        now,
    )
    joined = Joined(account_id)
    if invitation.remitter_id is not None:
        event = RemitterMemberJoined(account_id, remitter_id, invitation.is_administrator)
        return AcceptanceDecision(joined, event, account=account, member=member)
    payer = Remitter(
        remitter_id,
        RemitterKind.PRIVATE_PAYER,
        None,
        REMITTER_STATES.next_state(None, RemitterAct.OPEN),
        now,
    )
    return AcceptanceDecision(
        joined, PayerJoined(account_id, remitter_id), account=account, member=member, payer=payer
    )


def _account(account_id: str, user_id: UserId, password_hash: PasswordHash, now: datetime) -> Account:
    return Account(
        account_id=account_id,
        user_id=user_id.value,
        user_key=user_id.key,
        person_id=None,
        kind=AccountKind.REMITTER,
        state=ACCOUNT_STATES.next_state(None, AccountAct.REGISTER),
        password_hash=password_hash,
        created_at=now,
        password_set_at=now,
        idle_since=now,
    )
