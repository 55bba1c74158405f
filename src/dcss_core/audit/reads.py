"""Reads: what the audit log says of somebody who looked, was refused, or found nothing.

Decides what such an entry names: whose records were shown and in which view, or what was wanted, never
what the records said nor what was typed, since an SSN or a name is typed into the wrong field now and
then. A read that shows nobody's records, such as the balances over all cases, leaves no entry.
"""

from datetime import datetime
from typing import ClassVar

import attrs

from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber


@attrs.frozen
class AccessDenied(Event):
    """Somebody was refused (OWASP ASVS 5.0.0, 16.3.2); `wanted` is a verb, or what a session owes."""

    kind: ClassVar[str] = "authz_fail"
    about: ClassVar[tuple[str, str]] = ("actor", "actor_id")
    actor_id: str
    wanted: str


@attrs.frozen
class CaseSeen(Event):
    """Somebody looked at a case (what they saw of it: `view`)."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("case", "case_number")
    case_number: CaseNumber
    view: str


@attrs.frozen
class ReceiptSeen(Event):
    """Somebody looked at a receipt whose case is not known."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("receipt", "receipt_id")
    receipt_id: str
    view: str


@attrs.frozen
class ListSeen(Event):
    """Somebody looked at a list over all cases; `count` says how many lines it had."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("list", "view")
    view: str
    count: int


@attrs.frozen
class NothingFound(Event):
    """Staff named somebody, or something, that there is not; `sought` says what, as `account`."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("search", "sought")
    sought: str
    count: int = 0


@attrs.frozen
class NothingToDo(Event):
    """Staff acted where there was nothing to do; `act` is the verb."""

    kind: ClassVar[str] = "staff_act_without_effect"
    about: ClassVar[tuple[str, str]] = ("act", "act")
    act: str


@attrs.frozen
class ActRefused(Event):
    """A parent asked for what could not be done; `act` is the verb, `code` the error's."""

    kind: ClassVar[str] = "act_refused"
    about: ClassVar[tuple[str, str]] = ("act", "act")
    act: str
    code: str


@attrs.frozen
class RefusalsLeftOut(Event):
    """Somebody was refused so often that more of it, until an instant, leaves no entry."""

    kind: ClassVar[str] = "authz_fail_max"
    about: ClassVar[tuple[str, str]] = ("actor", "actor_id")
    actor_id: str
    until: datetime


@attrs.frozen
class StaffActRefused(Event):
    """A member of staff asked for what could not be done; `act` is the verb, `code` the error's."""

    kind: ClassVar[str] = "staff_act_refused"
    about: ClassVar[tuple[str, str]] = ("act", "act")
    act: str
    code: str
