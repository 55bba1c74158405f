"""What staff looked at and let through on accounts, for the audit log."""

from typing import ClassVar

import attrs

from dcss_core.base.events import Event
from dcss_core.users.account_control import ControlReason


@attrs.frozen
class AccountSeen(Event):
    """Staff looked at the state of an account."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("account", "account_id")
    account_id: str


@attrs.frozen
class IdentifiersDisclosed(Event):
    """Staff told a participant the identifiers to register with (IRN or Client ID)."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("person", "person_id")
    person_id: str
    reason: ControlReason


@attrs.frozen
class SourceReopened(Event):
    """Staff let a source that was throttled try again; which one stands beside the event."""

    kind: ClassVar[str] = "excess_rate_limit_lifted"
    about: ClassVar[tuple[str, str]] = ("flow", "flows")
    flows: str


@attrs.frozen
class RolesSeen(Event):
    """Staff looked at the roles that somebody holds."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("account", "account_id")
    account_id: str
