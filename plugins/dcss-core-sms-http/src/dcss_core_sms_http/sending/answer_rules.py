"""AnswerRules: what a gateway's answer means.

Decides, by the file, whether the gateway took the text, and else whether another try can help.
Invariants: whoever answers but does not answer as the gateway does, as the page of a proxy, never counts
as having taken it; only what the file calls final is final, since anything else may be the set-up's fault
and no notice is lost by it; a reason holds a status and a code that stands in the file, and no word of
the gateway's, for it may repeat number and text.
"""

from collections.abc import Mapping
from typing import Final, Self

import attrs

from dcss_core.plugins import Delivered, Delivery, DeliveryFailed, HttpAnswer
from dcss_core_sms_http.file.table import Table
from dcss_core_sms_http.json_value import NOTHING, is_same, read_json, text_of, value_at

_EVERY_2XX: Final = tuple(range(200, 300))
_ABOUT_THE_MESSAGE: Final = (400, 422)  # RFC 9110 sections 15.5.1 and 15.5.21
_STATUSES: Final = "a list of HTTP statuses, as [200, 202]"
_PATHS: Final = 'a list of paths, as ["message.id"]'
_VALUES: Final = 'a list of texts and numbers, as ["0", "queued"]'
_LONGEST_RECEIPT: Final = 200


@attrs.frozen
class AnswerRules:
    """How one gateway says that it took a text, and that it never will."""

    accepted: tuple[int, ...]
    final: tuple[int, ...]
    present: tuple[str, ...]
    absent: tuple[str, ...]
    values: Mapping[str, tuple[str | int, ...]]
    code: str
    final_codes: tuple[str | int, ...]
    receipt: str

    @classmethod
    def read(cls, table: Table) -> Self:
        """Read `[answer]`; what is wrong is noted."""
        values = table.table("values")
        rules = cls(
            accepted=table.several("accepted", int, _EVERY_2XX, expected=_STATUSES, least=1),
            final=table.several("final", int, _ABOUT_THE_MESSAGE, expected=_STATUSES),
            present=table.several("present", str, (), expected=_PATHS),
            absent=table.several("absent", str, (), expected=_PATHS),
            values={
                path: values.several(path, (str, int), None, expected=_VALUES, least=1)
                for path in values.whole()
            },
            code=table.text("code", ""),
            final_codes=table.several("final_codes", (str, int), (), expected=_VALUES),
            receipt=table.text("receipt", ""),
        )
        for key in ("accepted", "final"):
            if not all(200 <= status <= 599 for status in getattr(rules, key)):
                table.fault(key, "a number that is no status of an answer", "200 to 599")
        if set(rules.accepted) & set(rules.final):
            table.fault("final", "a status that is accepted too", "each in one of the two")
        if bool(rules.code) != bool(rules.final_codes):
            table.fault("code", "'code' without 'final_codes', or these without it", "both or neither")
        table.ended()
        return rules

    @property
    def reads_body(self) -> bool:
        """Whether anything of the body says what it means."""
        return bool(self.present or self.absent or self.values or self.code or self.receipt)

    def judge(self, answer: HttpAnswer, *, reference: str, number: str) -> Delivery:
        """What an answer means for the message of this reference that went to this number."""
        document = NOTHING if answer.body is None else read_json(answer.body)
        if answer.status not in self.accepted:
            return self._refused(answer.status, document)
        if (self.reads_body and document is NOTHING) or _is_web_page(answer):
            return DeliveryFailed(
                f"the answer ({answer.status}) can't be read as the gateway's", retryable=True
            )
        if not self._says_taken(document):
            return self._refused(answer.status, document)
        said = text_of(value_at(self.receipt, document)) if self.receipt else None
        return Delivered(said if said is not None and _may_be_shown(said, number) else reference)

    def _says_taken(self, document: object) -> bool:
        return (
            all(value_at(path, document) is not NOTHING for path in self.present)
            and all(value_at(path, document) is NOTHING for path in self.absent)
            and all(_is_one_of(value_at(path, document), few) for path, few in self.values.items())
        )

    def _refused(self, status: int, document: object) -> DeliveryFailed:
        code = value_at(self.code, document) if self.code else NOTHING
        if _is_one_of(code, self.final_codes):
            return DeliveryFailed(f"the gateway refused the message ({status}, code {code})", retryable=False)
        if status in self.accepted:
            return DeliveryFailed(
                f"the gateway answered {status} and that it did not take it", retryable=True
            )
        return DeliveryFailed(f"the gateway answered {status}", retryable=status not in self.final)


def _is_one_of(found: object, few: tuple[str | int, ...]) -> bool:
    return any(is_same(found, each) for each in few)


def _is_web_page(answer: HttpAnswer) -> bool:
    return (
        answer.headers.get("content-type", "").strip().lower().startswith(("text/html", "application/xhtml"))
    )


def _may_be_shown(receipt: str, number: str) -> bool:
    is_short = 0 < len(receipt) <= _LONGEST_RECEIPT and receipt.isascii() and receipt.isprintable()
    return is_short and number.removeprefix("+1") not in receipt
