"""What happens to remitters and their people, as the audit log has it: never a name nor an address."""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account_control import ControlReason
from dcss_core.users.events import AccountEvent


class InvitationRefusal(Enum):
    """Why an invitation was not accepted, or not sent."""

    UNKNOWN_CODE = "unknown_code"
    EXPIRED = "expired"
    TOO_MANY_TRIES = "too_many_tries"
    USER_ID_TAKEN = "user_id_taken"
    SOURCE_THROTTLED = "source_throttled"
    TOO_MANY_LETTERS = "too_many_letters"


@attrs.frozen
class _OfRemitter(Event):
    about: ClassVar[tuple[str, str]] = ("remitter", "remitter_id")
    remitter_id: str


@attrs.frozen
class RemitterOpened(_OfRemitter):
    """Staff opened accounts for an organisation; `sends_as` is under what it sends."""

    kind: ClassVar[str] = "remitter_opened"
    sends_as: tuple[str, ...]


@attrs.frozen
class RemitterChanged(_OfRemitter):
    """Staff changed an organisation's name, or under what it sends."""

    kind: ClassVar[str] = "remitter_changed"
    sends_as: tuple[str, ...]


@attrs.frozen
class RemitterEnded(_OfRemitter):
    """Staff ended a remitter; its accounts are closed."""

    kind: ClassVar[str] = "remitter_ended"
    reason: ControlReason
    accounts: int


@attrs.frozen
class RemitterSeen(_OfRemitter):
    """Somebody looked at who may sign in for a remitter."""

    kind: ClassVar[str] = "sensitive_read"


@attrs.frozen
class RemitterMemberInvited(_OfRemitter):
    """Somebody was invited to sign in for an organisation."""

    kind: ClassVar[str] = "remitter_member_invited"
    invitation_id: str
    is_administrator: bool
    good_until: datetime


@attrs.frozen
class InvitationWithdrawn(_OfRemitter):
    """An invitation was taken back before anybody accepted it."""

    kind: ClassVar[str] = "invitation_withdrawn"
    invitation_id: str


@attrs.frozen
class PayerInvited(Event):
    """Somebody who wants to pay for a payer asked for an account; a code went to the address they gave."""

    kind: ClassVar[str] = "payer_invited"
    about: ClassVar[tuple[str, str]] = ("invitation", "invitation_id")
    invitation_id: str
    good_until: datetime


@attrs.frozen
class InvitationNotAccepted(Event):
    """An invitation was not accepted, or none was sent; None where no invitation is known."""

    kind: ClassVar[str] = "invitation_not_accepted"
    about: ClassVar[tuple[str, str]] = ("invitation", "invitation_id")
    invitation_id: str | None
    reason: InvitationRefusal


@attrs.frozen
class RemitterMemberJoined(AccountEvent):
    """Somebody who was invited made their account."""

    kind: ClassVar[str] = "user_created"
    remitter_id: str
    is_administrator: bool


@attrs.frozen
class PayerJoined(AccountEvent):
    """Somebody who wants to pay for a payer made their account."""

    kind: ClassVar[str] = "user_created"
    remitter_id: str


@attrs.frozen
class RemitterMemberLimited(AccountEvent):
    """An administrator of the organisation changed what somebody of it may."""

    kind: ClassVar[str] = "authz_change"
    is_administrator: bool
    sees: tuple[str, ...]
    until: datetime | None
