"""LocatorCode: the federal locator code that addresses an agency, court or payment unit.

Decides which five or seven characters can be one: state + county [+ office] in digits; `90` + a
three-character tribal code; `80` + a three-letter country code. So the end is not always numeric.
"""

import re
from enum import Enum
from typing import Final

import attrs

from dcss_core.errors import Fault, InvalidInputError

# FIPS 5-2 state numerics; 03, 07, 14, 43 and 52 were never assigned. Territories 60, 66, 69, 72, 78.
STATE_NUMBERS: Final = frozenset(
    f"{number:02d}" for number in [*range(1, 57), 60, 66, 69, 72, 78] if number not in (3, 7, 14, 43, 52)
)
_SHAPE: Final = re.compile(r"(\d{2})([0-9A-Z]{3})([0-9A-Z]{2})?", re.ASCII)


class LocatorKind(Enum):
    """Whose place a locator code names."""

    STATE = "state"
    TRIBAL = "tribal"
    INTERNATIONAL = "international"


@attrs.frozen(order=True, init=False)
class LocatorCode:
    """A federal locator code of five or seven characters; raises InvalidInputError.

    Source: OCSS locator codes (FIPS); tribal and international codes by DCL-07-02.
    """

    value: str

    def __init__(self, value: str) -> None:
        text = value.strip() if isinstance(value, str) else ""
        match = _SHAPE.fullmatch(text.upper()) if text.isascii() else None
        if match is None or not _places_fit(match[1], match[2]):
            raise InvalidInputError(
                "this is not a federal locator code",
                faults=[
                    Fault(
                        "locator code",
                        repr(text[:12]),
                        "5 or 7 characters, as 13000, 1300000, 80DEU00 or 90011",
                    )
                ],
            )
        self.__attrs_init__(match[0])

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

    def __str__(self) -> str:
        return self.value


def _places_fit(state: str, place: str) -> bool:
    if state == "80":
        return place.isalpha()
    return state == "90" or (state in STATE_NUMBERS and place.isdigit())
