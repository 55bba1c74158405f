"""Fields: what stands where in a callback.

Decides which bytes are a callback and what its fields hold. Invariants: whatever the bytes are, there are
fields or none, and no exception; a field of a form that stands there twice makes it none.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from urllib.parse import parse_qsl

from dcss_core_sms_http.content_type import FORM
from dcss_core_sms_http.json_value import read_json, text_of, value_at

_HALF: Final = re.compile("[\ud800-\udfff]")
_MOST_FIELDS: Final = 200
_LAST_SECOND: Final = 253_402_300_799  # of the year 9999


class Fields:
    """A callback's fields; the place of one is a path in JSON, as `data.id`, or its name in a form."""

    def __init__(self, document: object, *, is_form: bool) -> None:
        self._document = document
        self._is_form = is_form

    @classmethod
    def read(cls, body: bytes, content_type: str) -> "Fields | None":
        """The fields in the bytes; None where they hold none."""
        if content_type == FORM:
            form = _form(body)
            return None if form is None else cls(form, is_form=True)
        document = read_json(body)
        return cls(document, is_form=False) if isinstance(document, dict | list) else None

    def text(self, place: str) -> str | None:
        """The text of a field, or its number as text; None where there is none.

        Half a character, as JSON may hold one, is U+FFFD: no storage takes it as it is.
        """
        if isinstance(self._document, dict) and self._is_form:
            return self._document.get(place)
        found = text_of(value_at(place, self._document))
        return None if found is None else _HALF.sub("\ufffd", found)

    def instant(self, place: str) -> datetime | None:
        """An instant, in ISO 8601 with a time zone or in seconds since 1970; None for anything else."""
        text = self.text(place) or ""
        if text.isascii() and text.isdigit() and len(text) <= 12:
            seconds = int(text)
            return datetime.fromtimestamp(seconds, UTC) if seconds <= _LAST_SECOND else None
        try:
            at = datetime.fromisoformat(text)
            return None if at.tzinfo is None else at.astimezone(UTC)
        except (ValueError, OverflowError):
            return None


def _form(body: bytes) -> Mapping[str, str] | None:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        return None
    form = dict(pairs)
    return form if len(form) == len(pairs) else None
