"""The noncustodial parent's name as a DED segment carries it (DED07).

Decides the ten characters: the first seven letters of the last name and the first three of the
first name; where the last name has fewer than seven, a comma parts them. Blanks, hyphens, apostrophes
and accents are left out: the convention speaks of letters, and the file holds ASCII only.
"""

import re
import unicodedata
from typing import Final

from dcss_core.errors import Fault, InvalidInputError

_SHAPE: Final = re.compile(r"[A-Z]{7,10}|[A-Z]{1,6},[A-Z]{0,3}")


def ded_name(last: str, first: str) -> str:
    """The short name, as `DOE,JOH` or `MONTGOMALI`; raises InvalidInputError without a last name.

    Source: Nacha Child Support Application Banking Convention, DED07.
    """
    last_letters, first_letters = _letters(last), _letters(first)
    if not last_letters:
        raise InvalidInputError(
            "a DED segment can't carry this name",
            faults=[Fault("last name", "no letter from A to Z", "one or more")],
        )
    comma = "," if len(last_letters) < 7 else ""
    return f"{last_letters[:7]}{comma}{first_letters[:3]}"


def is_ded_name(name: str) -> bool:
    """Whether a name has the form that the convention prescribes."""
    return _SHAPE.fullmatch(name) is not None


def _letters(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name).upper()
    return "".join(letter for letter in decomposed if "A" <= letter <= "Z")
