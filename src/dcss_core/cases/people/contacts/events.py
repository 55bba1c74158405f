"""What happens to contact points, as the audit log has it: never the value itself."""

from datetime import datetime
from enum import Enum
from typing import ClassVar

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.users.account_control import ControlReason
from dcss_core.users.events import AccountEvent


class ContactRefusal(Enum):
    """Why a contact point was not taken or confirmed."""

    TOO_MANY_LETTERS = "too_many_letters"
    OF_ANOTHER_PARTY = "of_another_party"
    NONE_WAITS = "none_waits"
    EXPIRED = "expired"
    WRONG_CODE = "wrong_code"
    TEXTS_STOPPED = "texts_stopped"


@attrs.frozen
class ContactChangeAsked(AccountEvent):
    """The owner gave another contact point; it waits to be confirmed."""

    kind: ClassVar[str] = "contact_change_asked"
    contact_id: str
    way: ContactKind


@attrs.frozen
class ContactCodeSent(AccountEvent):
    """A code went to a contact point that waits to be confirmed; it is good until `code_until`."""

    kind: ClassVar[str] = "contact_code_sent"
    contact_id: str
    way: ContactKind
    code_until: datetime


@attrs.frozen
class ContactCodeNotSent(AccountEvent):
    """No code went to a contact point that was given: another party's, or a telephone that said STOP."""

    kind: ClassVar[str] = "contact_code_not_sent"
    contact_id: str
    way: ContactKind
    reason: ContactRefusal


@attrs.frozen
class ContactConfirmed(AccountEvent):
    """A contact point was confirmed with the code that went there, and is in force."""

    kind: ClassVar[str] = "contact_confirmed"
    contact_id: str
    way: ContactKind
    codes_from: datetime
    replaced: str | None


@attrs.frozen
class ContactNotConfirmed(AccountEvent):
    """A change of a contact point was refused, or a code for one not accepted."""

    kind: ClassVar[str] = "contact_not_confirmed"
    way: ContactKind
    reason: ContactRefusal


@attrs.frozen
class ContactDropped(AccountEvent):
    """A contact point that waited to be confirmed was dropped."""

    kind: ClassVar[str] = "contact_dropped"
    contact_id: str
    way: ContactKind


@attrs.frozen
class ContactRemoved(AccountEvent):
    """The owner took a contact point off."""

    kind: ClassVar[str] = "contact_removed"
    contact_id: str
    way: ContactKind


@attrs.frozen
class ContactReverted(AccountEvent):
    """Staff took back changes of a contact point; `restored` is in force again, where there was one."""

    kind: ClassVar[str] = "contact_reverted"
    way: ContactKind
    removed: int
    restored: str | None
    reason: ControlReason


@attrs.frozen
class TextsStopped(AccountEvent):
    """STOP came from a telephone, which gets no text message any more; whose it is may have no account."""

    kind: ClassVar[str] = "texts_stopped"
    contact_id: str


@attrs.frozen
class TextsStarted(AccountEvent):
    """START came from a telephone from which STOP had come."""

    kind: ClassVar[str] = "texts_started"
    contact_id: str
