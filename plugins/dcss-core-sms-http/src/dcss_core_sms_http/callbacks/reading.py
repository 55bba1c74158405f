"""SmsCallbacks: reads what a gateway posts to the portal.

Decides whether a callback is the gateway's, what it is about and what it says, by the file. Invariants:
nothing of a callback is read before its signature holds; one error for everything that is not taken; no
state is kept, so that whoever takes a callback keeps its `idempotency_key` and knows it again.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import ClassVar, Final, Self, TypeAlias

import attrs

from dcss_core.errors import ConfigurationError, Fault, InvalidInputError
from dcss_core_sms_http.callbacks.fields import Fields
from dcss_core_sms_http.callbacks.layouts import ReportLayout, TextLayout
from dcss_core_sms_http.callbacks.signature import Signature
from dcss_core_sms_http.callbacks.values import CallbackRefusedError, DeliveryReport, IncomingText
from dcss_core_sms_http.content_type import FORM, JSON
from dcss_core_sms_http.file.table import Table
from dcss_core_sms_http.file.toml_file import read_toml

_LARGEST: Final = 65_536  # bytes
_MOST_HEADERS: Final = 200

Headers: TypeAlias = Mapping[str, str] | Iterable[tuple[str, str]]


@attrs.frozen
class SmsCallbacks:
    """What one gateway posts. Safe to use from several threads; nothing is kept between two callbacks."""

    content_type: str
    signature: Signature = attrs.field(repr=False)
    kind: str
    report: ReportLayout | None
    text: TextLayout | None

    largest_bytes: ClassVar[int] = _LARGEST
    """A larger body is refused; a portal need not even read it."""

    @classmethod
    def from_config(cls, path: str) -> Self:
        """Read `[callback]` of the file at a path; raises ConfigurationError with every fault."""
        faults: list[Fault] = []
        file = read_toml(path, faults)
        callbacks = cls._written_in(file.table("callback", is_required=True)) if file is not None else None
        if callbacks is None or faults:
            raise ConfigurationError("callbacks can't be read by this file", faults=faults)
        return callbacks

    def read(self, headers: Headers, body: bytes, url: str, now: datetime) -> DeliveryReport | IncomingText:
        """Read one callback: headers and body as they came, and the URL as the gateway knows it.

        Raises CallbackRefusedError for whatever is not the gateway's, not whole or not of this time, and
        InvalidInputError where `now` has no time zone.
        """
        if now.tzinfo is None:
            raise InvalidInputError(
                "a callback is read at an instant",
                faults=[Fault("now", "a time without a zone", "an aware datetime")],
            )
        given = _pairs(headers)
        is_genuine = (
            given is not None and len(body) <= _LARGEST and self.signature.holds(given, body, url, now)
        )
        if not is_genuine:
            raise CallbackRefusedError.because()
        faults: list[Fault] = []
        value = self._value(body, now, faults)
        if value is None:
            raise CallbackRefusedError.because(faults)
        return value

    @classmethod
    def _written_in(cls, table: Table) -> Self:
        has_report, has_text = "report" in table, "text" in table
        has_kind = "kind" in table or (has_report and has_text)
        callbacks = cls(
            content_type=table.choice("content_type", (JSON, FORM)),
            signature=Signature.read(table.table("signature", is_required=True)),
            kind=table.text("kind", None if has_kind else ""),
            report=ReportLayout.read(table.table("report"), has_kind=has_kind) if has_report else None,
            text=TextLayout.read(table.table("text"), has_kind=has_kind) if has_text else None,
        )
        table.ended("report", "text")
        if callbacks.report is None and callbacks.text is None:
            table.fault("", "neither 'report' nor 'text'", "the tables of what the gateway posts")
        if callbacks.report and callbacks.text and set(callbacks.report.kinds) & set(callbacks.text.kinds):
            table.fault("kind", "a value that is in both lists of kinds", "each in one of the two")
        return callbacks

    def _value(self, body: bytes, now: datetime, faults: list[Fault]) -> DeliveryReport | IncomingText | None:
        fields = Fields.read(body, self.content_type)
        if fields is None:
            faults.append(Fault("the body", "something else", self.content_type))
            return None
        layout = self._layout_of(fields)
        if layout is None:
            faults.append(Fault(self.kind, "another kind", "one that the file lists"))
            return None
        return layout.value(fields, now, faults)

    def _layout_of(self, fields: Fields) -> ReportLayout | TextLayout | None:
        layouts = [layout for layout in (self.report, self.text) if layout is not None]
        kind = fields.text(self.kind) if self.kind else None
        return next((layout for layout in layouts if not self.kind or kind in layout.kinds), None)


def _pairs(headers: Headers) -> list[tuple[str, str]] | None:
    """The headers as names and values; None where they are something else."""
    try:
        given = list(headers.items() if isinstance(headers, Mapping) else headers)
        pairs = [(name, value) for name, value in given]
    except (TypeError, ValueError):
        return None
    are_texts = all(isinstance(part, str) for pair in pairs for part in pair)
    return pairs if are_texts and len(pairs) <= _MOST_HEADERS else None
