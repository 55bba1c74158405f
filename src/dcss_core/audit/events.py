"""What the audit log says of itself: that it was pruned, that a part of it was handed out.

Decides what such an entry names. Invariant: the entry of a pruning says how far the log was pruned, so
that a verification can tell a pruning from an erasure nobody answers for.
"""

import json
from datetime import date
from typing import ClassVar

import attrs

from dcss_core.audit.entry import AuditEntry
from dcss_core.base.events import Event

_THE_LOG = "audit"


@attrs.frozen
class AuditLogPruned(Event):
    """Contents of the entries up to a number, all from before a day, were erased after their retention."""

    kind: ClassVar[str] = "sensitive_delete"
    about: ClassVar[tuple[str, str]] = ("log", "log")
    before: date
    through: int
    entries: int
    log: str = _THE_LOG


@attrs.frozen
class AuditLogExported(Event):
    """Entries were handed out, for a reason: those about a record, or of some days, or both."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("log", "log")
    reason: str
    about_record: str | None
    first_day: date | None
    end_day: date | None
    log: str = _THE_LOG

    @property
    def subject(self) -> str:
        """The record whose entries were handed out, so that whoever asks about it learns of the export."""
        return self.about_record or f"log:{self.log}"


def pruned_through(entry: AuditEntry) -> int:
    """How far the log was pruned, if this entry says so; otherwise 0."""
    if (entry.kind, entry.subject) != (AuditLogPruned.kind, f"log:{_THE_LOG}") or entry.details is None:
        return 0
    return int(json.loads(entry.details).get("through", 0))
