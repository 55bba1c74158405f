"""What the audit log says of itself: that it was pruned, that a part of it was handed out.

Decides what such an entry names, and when an entry is one. Invariants: the entry of a pruning says how far
the log was pruned, so that a verification can tell a pruning from an erasure nobody answers for; the entry
of an export says which entries were handed out; an entry whose contents the library would have written
otherwise, by a letter only, is neither.
"""

import json
from datetime import date
from typing import Any, ClassVar, Self

import attrs

from dcss_core.audit.entry import AuditEntry, canonical_json
from dcss_core.audit.export_request import ExportReason
from dcss_core.base.events import Event
from dcss_core.base.expected_types import check_fields
from dcss_core.errors import InvalidInputError

_LOG = "audit"
THE_LOG = f"log:{_LOG}"
"""The subject of what the log says of itself."""


@attrs.frozen
class AuditLogPruned(Event):
    """Contents of the entries up to a number, all from before a day, were erased after their retention."""

    kind: ClassVar[str] = "sensitive_delete"
    about: ClassVar[tuple[str, str]] = ("log", "log")
    before: date
    through: int
    entries: int
    log: str = _LOG

    def __attrs_post_init__(self) -> None:
        check_fields(self)

    @classmethod
    def told_by(cls, entry: AuditEntry) -> Self | None:
        """The pruning an entry tells of; None for any other entry."""
        if entry.kind != cls.kind or entry.details is None:
            return None
        try:
            values = _values(entry.details)
            told = cls(**values | {"before": date.fromisoformat(values["before"])})
        except (InvalidInputError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return told if _is_in(entry, told) else None


@attrs.frozen
class RecordsDeleted(Event):
    """Records of a collection were deleted, for their time was over; `count` says how many."""

    kind: ClassVar[str] = "sensitive_delete"
    about: ClassVar[tuple[str, str]] = ("records", "collection")
    collection: str
    count: int


@attrs.frozen
class RecordsResealed(Event):
    """Records of a collection were brought under the key of this id; `count` says how many."""

    kind: ClassVar[str] = "sys_records_resealed"
    about: ClassVar[tuple[str, str]] = ("records", "collection")
    collection: str
    count: int
    key_id: str


@attrs.frozen
class KeyRetired(Event):
    """A master key was retired: it opens nothing, and signed nothing after so many records of this log.

    `is_leaked` says that somebody else may have it; `ended` how many passwords and sets of answers fit
    nothing any more.
    """

    kind: ClassVar[str] = "sys_key_retired"
    about: ClassVar[tuple[str, str]] = ("key", "key_id")
    key_id: str
    signs_nothing_after: int
    is_leaked: bool
    ended: int


@attrs.frozen
class CommitUnanswered(Event):
    """The storage did not answer a commit, and what was to be saved under this act was given up."""

    kind: ClassVar[str] = "sys_commit_unanswered"
    about: ClassVar[tuple[str, str]] = ("act", "act")
    act: str


@attrs.frozen
class AuditLogExported(Event):
    """Entries were handed out, for a reason: those about a record, or of some days, or both.

    They were chosen among the entries up to `through`; `entries` says how many, `digest` which (SHA-256 over
    a line for each, as `handed_out` tells). `reference` is the number under which the reason is filed.
    """

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("log", "log")
    reason: ExportReason
    reference: str
    about_record: str | None
    first_day: date | None
    end_day: date | None
    through: int
    entries: int
    digest: str
    log: str = _LOG

    def __attrs_post_init__(self) -> None:
        check_fields(self)

    @property
    def subject(self) -> str:
        """The record whose entries were handed out, so that whoever asks about it learns of the export."""
        return self.about_record or THE_LOG

    @classmethod
    def told_by(cls, entry: AuditEntry) -> Self | None:
        """The export an entry tells of; None for any other entry."""
        if entry.kind != cls.kind or entry.details is None:
            return None
        try:
            values = _values(entry.details)
            days = {name: _day(values[name]) for name in ("first_day", "end_day")}
            told = cls(**values | days | {"reason": ExportReason(values["reason"])})
        except (InvalidInputError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return told if _is_in(entry, told) else None


def _values(details: str) -> dict[str, Any]:
    values = json.loads(details)
    if not isinstance(values, dict):
        raise TypeError("details are an object")
    return values


def _day(text: Any) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _is_in(entry: AuditEntry, event: Event) -> bool:
    """Whether an entry is what the library writes for an event."""
    return (entry.subject, entry.details) == (event.subject, canonical_json(event.details()))
