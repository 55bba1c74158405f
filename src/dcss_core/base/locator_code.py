"""LocatorCode: the federal locator code that addresses an agency, court or payment unit.

Decides which five or seven characters can be one: state + county [+ office] in digits; `90` + a
three-character tribal code; `80` + a three-letter country code. So the end is not always numeric.
"""

import re
from collections.abc import Iterator
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.records.one_text import OneText
from dcss_core.errors import Fault, InvalidInputError

# FIPS 5-2 state numerics; 03, 07, 14, 43 and 52 were never assigned. Territories 60, 66, 69, 72, 78.
STATE_NUMBERS: Final = frozenset(
    f"{number:02d}" for number in [*range(1, 57), 60, 66, 69, 72, 78] if number not in (3, 7, 14, 43, 52)
)
_SHAPE: Final = re.compile(r"\d{2}[0-9A-Z]{3}([0-9A-Z]{2})?", re.ASCII)
_EXPECTED: Final = "5 or 7 characters, as 13000, 1300000, 80DEU00 or 90011"


class LocatorKind(Enum):
    """Whose place a locator code names."""

    STATE = "state"
    TRIBAL = "tribal"
    INTERNATIONAL = "international"


@attrs.frozen(order=True, init=False, repr=False)
class LocatorCode(OneText):
    """A federal locator code of five or seven characters; raises InvalidInputError.

    Source: OCSS locator codes (FIPS); tribal and international codes by DCL-07-02.
    """

    value: str

    def __init__(self, value: str) -> None:
        text = value.strip().upper() if type(value) is str and value.isascii() else value
        faults = [Fault("locator code", found, expected) for found, expected in _faults_of(text)]
        if faults:
            raise InvalidInputError("this is not a federal locator code", faults=faults)
        self.__attrs_init__(text)

    @property
    def state(self) -> str:
        """The first two characters: a state's number, 80 for another country, 90 for a tribe."""
        return self.value[:2]

    @property
    def place(self) -> str:
        """County, tribe or country: the next three characters."""
        return self.value[2:5]

    @property
    def office(self) -> str | None:
        """The last two characters, where the code has seven."""
        return self.value[5:] or None

    @property
    def kind(self) -> LocatorKind:
        """Whether the code names a place of a state, a tribe or another country."""
        if self.state == "80":
            return LocatorKind.INTERNATIONAL
        return LocatorKind.TRIBAL if self.state == "90" else LocatorKind.STATE


def _faults_of(text: object) -> Iterator[tuple[str, str]]:
    """What is wrong with the text, without repeating the whole: an SSN may have been typed here."""
    if type(text) is not str:
        yield type(text).__name__, f"text of {_EXPECTED}"
        return
    if len(text) not in (5, 7):
        yield f"{len(text)} characters", _EXPECTED
    elif not _SHAPE.fullmatch(text):
        yield "other characters", "two digits for the state, then letters and digits"
    else:
        yield from _faults_of_place(text[:2], text[2:5])


def _faults_of_place(state: str, place: str) -> Iterator[tuple[str, str]]:
    if state == "80":
        if not place.isalpha():
            yield f"country {place!r}", "three letters after 80, as 80DEU00"
    elif state != "90":
        if state not in STATE_NUMBERS:
            yield f"state {state!r}", "a state's number, 80 for another country or 90 for a tribe"
        if not place.isdigit():
            yield f"county {place!r}", "three digits after a state's number, as 13121"
