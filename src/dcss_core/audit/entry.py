"""AuditEntry: one event as the log shows it.

Decides the canonical text of an event. Invariants: an entry is written in the same transaction as
the change it records, so what can't be audited does not happen; its details are canonical JSON
(sorted keys, no spaces, no floats, NFC); it holds ids and amounts and never a name or a secret.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

import attrs

from dcss_core.audit.actor import Actor
from dcss_core.base.events import Detail, Event
from dcss_core.base.json.canonical import canonical
from dcss_core.base.printable import printable

_LONGEST_SOURCE: Final = 200


@attrs.frozen
class AuditEntry:
    """One line of the audit log; its number is given by the log.

    `entry_id` is the id under which it was written, and stands where an entry was read from the log.
    `source` is where the request came from, such as an IP address: 200 printable characters at most,
    since a front end may have it from a stranger. Once an entry is pruned, only `at` and `kind` are left
    and the others are None.
    """

    at: datetime
    kind: str
    actor: str | None
    subject: str | None
    source: str | None
    details: str | None
    entry_id: str | None = attrs.field(default=None, eq=False)

    @classmethod
    def of(cls, event: Event, *, at: datetime, actor: Actor, source: str | None = None) -> "AuditEntry":
        """Write an event down."""
        [entry] = cls.of_each([event], at=at, actor=actor, source=source)
        return entry

    @classmethod
    def of_each(
        cls, events: Iterable[Event], *, at: datetime, actor: Actor, source: str | None = None
    ) -> "list[AuditEntry]":
        """Write events down that one actor made at once."""
        who, where = str(actor), None if source is None else printable(source, _LONGEST_SOURCE)
        return [
            cls(at, event.kind, who, event.subject, where, canonical_json(event.details()))
            for event in events
        ]

    @property
    def is_pruned(self) -> bool:
        """Whether its contents were erased when their retention ended."""
        return self.details is None


def canonical_json(value: Mapping[str, Detail] | str | None) -> str:
    """Write plain values as JSON that is the same on every machine and run."""
    return composed(canonical(value))


def composed(text: str) -> str:
    """The one spelling, NFC, of a text whose accents may be letters of their own."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)
