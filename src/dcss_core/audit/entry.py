"""AuditEntry: one event as the log keeps it.

Decides the canonical text of an event. Invariants: an entry is written in the same transaction as
the change it records, so what can't be audited does not happen; its details are canonical JSON
(sorted keys, no spaces, no floats, NFC); it holds ids and amounts and never a name or a secret.
"""

import json
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Final

import attrs

from dcss_core.audit.actor import Actor
from dcss_core.base.events import Detail, Event

_LONGEST_SOURCE: Final = 200


@attrs.frozen
class AuditEntry:
    """One line of the audit log; its number is given by the log.

    `source` is where the request came from, such as an IP address: 200 printable characters at most,
    since a front end may have it from a stranger.
    """

    at: datetime
    kind: str
    actor: str
    subject: str
    source: str | None
    details: str

    @classmethod
    def of(cls, event: Event, *, at: datetime, actor: Actor, source: str | None = None) -> "AuditEntry":
        """Write an event down."""
        return cls(
            at=at,
            kind=event.kind,
            actor=str(actor),
            subject=event.subject,
            source=None if source is None else _printable(source[:_LONGEST_SOURCE]),
            details=canonical_json(event.details()),
        )


def canonical_json(details: Mapping[str, Detail]) -> str:
    """Write plain values as JSON that is the same on every machine and run."""
    text = json.dumps(details, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return unicodedata.normalize("NFC", text)


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "\ufffd" for character in text)
