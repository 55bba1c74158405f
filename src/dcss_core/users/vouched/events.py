"""What happens to vouched identities, as the audit log has it: never the issuer's id of a person."""

from enum import Enum
from typing import ClassVar

import attrs

from dcss_core.base.events import Event
from dcss_core.users.events import AccountEvent


class VouchingRefusal(Enum):
    """Why a vouched identity let nobody in."""

    STALE = "stale"
    REPLAYED = "replayed"
    NOBODY = "nobody"
    TWO_PERSONS = "two_persons"
    OTHER_PARTICULARS = "other_particulars"
    MAKES_NO_ACCOUNTS = "makes_no_accounts"
    KEPT_OUT = "kept_out"
    LINKED_ALREADY = "linked_already"
    NO_LINK_DUE = "no_link_due"


@attrs.frozen
class VouchedRefused(Event):
    """A vouched identity let nobody in; `persons` are those whom it could have meant, for staff to look."""

    kind: ClassVar[str] = "vouched_identity_refused"
    about: ClassVar[tuple[str, str]] = ("issuer", "issuer")
    issuer: str
    reason: VouchingRefusal
    persons: tuple[str, ...] = ()


@attrs.frozen
class IdentityLinked(AccountEvent):
    """An account is opened by an issuer outside from now on; `made_account` says that it is new."""

    kind: ClassVar[str] = "identity_linked"
    issuer: str
    made_account: bool


@attrs.frozen
class IdentityLinkDue(AccountEvent):
    """Somebody came vouched for to an account that is not linked; its owner has to say so first."""

    kind: ClassVar[str] = "identity_link_due"
    issuer: str


@attrs.frozen
class IdentityUnlinked(AccountEvent):
    """An account is not opened by an issuer outside any more."""

    kind: ClassVar[str] = "identity_unlinked"
    issuer: str
