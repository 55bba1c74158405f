"""Identifiers printed by the agency: IRN, Client ID, case number.

Decides which text can be one. Their numbering is not published, so only what other rules demand is
checked: printable ASCII, bounded length, and for a case number what keeps it whole in the Federal
Case Registry and in an employer's remittance. Invariant: two identifiers of different kinds are
never equal, even with the same text.
"""

import re
from collections.abc import Iterator
from typing import ClassVar, Final

import attrs

from dcss_core.base.records.one_text import OneText
from dcss_core.errors import Fault, InvalidInputError

_REGISTRATION: Final = re.compile(r"[0-9A-Za-z]{4,20}", re.ASCII)
_PRINTABLE: Final = re.compile(r"[ -~]*", re.ASCII)
_CASE_LENGTH: Final = 20
_LONGEST_TYPED: Final = (
    100  # 20 letters and digits with blanks and hyphens between; a longer text is not read
)


@attrs.frozen(order=True, init=False, repr=False)
class _RegistrationIdentifier(OneText):
    value: str
    word: ClassVar[str]

    def __init__(self, value: str) -> None:
        if type(value) is not str:
            raise _not_text(self.word, value, "text of 4 to 20 letters and digits")
        compact = re.sub(r"[\s-]", "", value) if len(value) <= _LONGEST_TYPED else ""
        if not _REGISTRATION.fullmatch(compact):
            raise InvalidInputError(
                f"this is no {self.word}",
                faults=[Fault(self.word, "other text", "4 to 20 letters and digits")],
            )
        self.__attrs_init__(compact.upper())


class Irn(_RegistrationIdentifier):
    """An Individual Registration Number: 4 to 20 letters and digits; spaces, hyphens and case don't count."""

    __slots__ = ()
    word = "Individual Registration Number"


class ClientId(_RegistrationIdentifier):
    """A Client ID: 4 to 20 letters and digits; spaces, hyphens and case don't count."""

    __slots__ = ()
    word = "Client ID"


@attrs.frozen(order=True, init=False, repr=False)
class CaseNumber(OneText):
    """A IV-D case number, exactly as printed, leading zeros included: 1 to 20 printable characters.

    Not all zeros, no leading space, no `*` and no `\\` (Federal Case Registry; the last two also
    keep the DED segment of a remittance parseable). Raises InvalidInputError.
    """

    value: str

    def __init__(self, value: str) -> None:
        if type(value) is not str:
            raise _not_text("case number", value, "text with its leading zeros, as CaseNumber('0004567890')")
        text = value.rstrip(" ")
        faults = [Fault("case number", found, expected) for found, expected in _faults_of_case(text)]
        if faults:
            raise InvalidInputError("this is not a case number", faults=faults)
        self.__attrs_init__(text)


def _not_text(word: str, given: object, expected: str) -> InvalidInputError:
    fault = Fault(word, type(given).__name__, expected)
    return InvalidInputError(f"this is no {word}", faults=[fault])


def _faults_of_case(text: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the text, without repeating it: a name or an SSN may have been typed here."""
    if not 1 <= len(text) <= _CASE_LENGTH:
        yield f"{len(text)} characters", f"1 to {_CASE_LENGTH}"
    if text and not text.strip("0"):
        yield "only zeros", "the number as printed"
    if text.startswith(" "):
        yield "a leading space", "the number as printed"
    if "*" in text or "\\" in text:
        yield "a '*' or '\\'", "neither of them"
    if not _PRINTABLE.fullmatch(text):
        yield "a character that is not printable ASCII", "letters, digits and punctuation"
