"""Layouts: where a gateway puts what a report and a text hold.

Decides which fields make a value. Invariants: every field that lacks is told, and none is guessed; what a
status is called is the gateway's, what it means is the file's, and a word that the file does not know
means "on the way".
"""

from collections.abc import Collection
from datetime import datetime
from typing import Final, Self

import attrs

from dcss_core import Secret
from dcss_core.errors import Fault
from dcss_core_sms_http.callbacks.fields import Fields
from dcss_core_sms_http.callbacks.keywords import wish_in
from dcss_core_sms_http.callbacks.values import DeliveryReport, DeliveryStatus, IncomingText
from dcss_core_sms_http.file.table import Table
from dcss_core_sms_http.phone_number import as_e164

_LONGEST: Final = 200  # characters of an id, a status or a sender
_WORDS: Final = 'a list of words, as ["delivered"]'
_KINDS: Final = 'a list of what stands in the field `kind`, as ["report"]'


@attrs.frozen
class ReportLayout:
    """Where a report says which text it is about and what became of it; an empty place is none."""

    kinds: Collection[str]
    reference: str
    gateway_id: str
    status: str
    delivered: Collection[str]
    failed: Collection[str]
    at: str

    @classmethod
    def read(cls, table: Table, *, has_kind: bool) -> Self:
        """Read `[callback.report]`; what is wrong is noted."""
        layout = cls(
            kinds=_kinds(table) if has_kind else (),
            reference=table.text("reference", ""),
            gateway_id=table.text("gateway_id", ""),
            status=table.text("status"),
            delivered=table.several("delivered", str, None, expected=_WORDS, least=1),
            failed=table.several("failed", str, None, expected=_WORDS),
            at=table.text("at", ""),
        )
        table.ended()
        if not (layout.reference or layout.gateway_id):
            table.fault("", "neither 'reference' nor 'gateway_id'", "the field that says which text it was")
        if set(layout.delivered) & set(layout.failed):
            table.fault("failed", "a word that means delivered, too", "each in one of the two")
        return layout

    def value(self, fields: Fields, now: datetime, faults: list[Fault]) -> DeliveryReport | None:
        """The report; None where a field lacks, which is noted."""
        reference = _short(fields, self.reference, faults) if self.reference else None
        gateway_id = _short(fields, self.gateway_id, faults) if self.gateway_id else None
        said = _short(fields, self.status, faults)
        at = fields.instant(self.at) if self.at else now
        if at is None:
            faults.append(Fault(self.at, "no instant", "ISO 8601 with a time zone, or seconds since 1970"))
        if faults or said is None or at is None:
            return None
        return DeliveryReport(reference, gateway_id, self._meaning_of(said), said, at)

    def _meaning_of(self, said: str) -> DeliveryStatus:
        if said in self.delivered:
            return DeliveryStatus.DELIVERED
        return DeliveryStatus.FAILED if said in self.failed else DeliveryStatus.ON_THE_WAY


@attrs.frozen
class TextLayout:
    """Where an incoming text says whose it is, what it says and which it is."""

    kinds: Collection[str]
    sender: str
    text: str
    gateway_id: str

    @classmethod
    def read(cls, table: Table, *, has_kind: bool) -> Self:
        """Read `[callback.text]`; what is wrong is noted."""
        layout = cls(
            kinds=_kinds(table) if has_kind else (),
            sender=table.text("sender"),
            text=table.text("text"),
            gateway_id=table.text("gateway_id"),
        )
        table.ended()
        return layout

    def value(self, fields: Fields, _now: datetime, faults: list[Fault]) -> IncomingText | None:
        """The text; None where a field lacks, which is noted."""
        sender = _short(fields, self.sender, faults)
        gateway_id = _short(fields, self.gateway_id, faults)
        text = fields.text(self.text)
        if text is None:
            faults.append(Fault(self.text, "nothing", "a text"))
        if sender is None or gateway_id is None or text is None:
            return None
        return IncomingText(Secret(as_e164(sender)), Secret(text), wish_in(text), gateway_id)


def _kinds(table: Table) -> tuple[str, ...]:
    return table.several("kind", str, None, expected=_KINDS, least=1)


def _short(fields: Fields, place: str, faults: list[Fault]) -> str | None:
    text = fields.text(place)
    if text and len(text) <= _LONGEST:
        return text
    faults.append(
        Fault(place, "nothing, or what is too long", f"a text or whole number of 1 to {_LONGEST} characters")
    )
    return None
