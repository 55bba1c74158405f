"""ExportRequest: what of the log is to be handed out, and why.

Decides what a request may say of itself, since it stands in the log in clear for years: a reason from a list,
the number under which it is filed elsewhere, and a record by its sort and id. Invariant: there is no field
for free text, in which somebody would write a name or a Social Security number; that the log speaks of such a
record is for `agency.audit.export` to see, for only then the id is one of ours.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.dates import DateRange
from dcss_core.base.expected_types import check_fields
from dcss_core.errors import Fault, InvalidInputError

_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9./-]{0,39}", re.ASCII)
_LIKE_AN_SSN: Final = re.compile(r"(?<!\d)\d{3}[./-]*\d{2}[./-]*\d{4}(?!\d)", re.ASCII)
_WORD: Final = re.compile(r"[A-Za-z]{4}", re.ASCII)  # a court's own letters are fewer, as in 26-CVD-1234
_SUBJECT: Final = re.compile(r"[a-z][a-z_]*:[!-~](?:[ -~]*[!-~])?", re.ASCII)
_LONGEST_SUBJECT: Final = 120


class ExportReason(Enum):
    """Why entries are handed out."""

    SUBPOENA = "subpoena"
    COURT_ORDER = "court_order"
    LAW_ENFORCEMENT_REQUEST = "law_enforcement_request"
    INTERNAL_AUDIT = "internal_audit"
    RECORDS_REQUEST = "records_request"


@attrs.frozen
class ExportRequest:
    """The entries about a record, or of some days at the agency, or both; with a reason and its file number.

    `subject` is as `case:…`, of 120 printable characters at most. `reference` has 1 to 40 letters, digits,
    `.`, `/` and `-`, a digit among them and never four letters in a row, and no nine digits that could be a
    Social Security number. Raises InvalidInputError.
    """

    subject: str | None
    period: DateRange | None
    reason: ExportReason
    reference: str

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        faults = list(self._faults())
        if faults:
            raise InvalidInputError("the audit log is not handed out like this", faults=faults)

    def _faults(self) -> Iterator[Fault]:
        if not _is_number_of_a_file(self.reference):
            expected = (
                "1 to 40 letters, digits, '.', '/' and '-', as '26-1234': a file's number, no words, and "
                "never four letters in a row"
            )
            yield Fault("reference", "another text", expected)
        elif _LIKE_AN_SSN.search(self.reference):
            yield Fault(
                "reference", "nine digits, as of a Social Security number", "the number of a subpoena or file"
            )
        if self.subject is None and self.period is None:
            yield Fault("subject, period", "neither", "a record, as 'case:…', or a period, or both")
        if self.subject is not None and not is_subject(self.subject):
            expected = f"a record's sort and id, as 'case:…', {_LONGEST_SUBJECT} printable characters at most"
            yield Fault("subject", "another text", expected)


def _is_number_of_a_file(text: str) -> bool:
    if _REFERENCE.fullmatch(text) is None:  # a long text is none; it is read no further
        return False
    return any(character.isdigit() for character in text) and not _WORD.search(text)


def is_subject(text: str) -> bool:
    """Whether a text can name a record, by its sort and id."""
    return len(text) <= _LONGEST_SUBJECT and _SUBJECT.fullmatch(text) is not None
