"""Sensitive reads: what the audit log says of somebody who looked at records.

Decides what such an entry names: whose records were shown and in which view, never what they said. A
read that shows nobody's records, such as the balances over all cases, leaves no entry.
"""

from typing import ClassVar

import attrs

from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber


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
