"""The noncustodial parent's name as a DED segment carries it (DED07).

Decides the ten characters: the first seven letters of the last name and the first three of the
first name; where the last name has fewer than seven, a comma parts them. Blanks, hyphens and apostrophes
are left out: the convention speaks of letters. The file holds ASCII only, so a letter beyond A to Z is
written plain (`base/people/transliteration.py`). Invariant: no letter vanishes, since the receiver compares
these ten; a name with a letter that can't be written plain is refused.
"""

import re
from typing import Final

from dcss_core.base.people.transliteration import in_plain_letters
from dcss_core.errors import Fault, InvalidInputError

_SHAPE: Final = re.compile(r"[A-Z]{7,10}|[A-Z]{1,6},[A-Z]{0,3}")


def ded_name(last: str, first: str) -> str:
    """The short name, as `DOE,JOH` or `MONTGOMALI`; somebody's one name stands in the place of the last name.

    Raises InvalidInputError without a name, and for a letter that can't be written with A to Z.
    Source: Nacha Child Support Application Banking Convention, DED07.
    """
    faults: list[Fault] = []
    first_letters, last_letters = _letters("first name", first, faults), _letters("last name", last, faults)
    if not last_letters:
        first_letters, last_letters = "", first_letters
    if not (last_letters or faults):
        faults.append(Fault("last name", "no letter from A to Z", "one or more"))
    if faults:
        raise InvalidInputError("a DED segment can't carry this name", faults=faults)
    comma = "," if len(last_letters) < 7 else ""
    return f"{last_letters[:7]}{comma}{first_letters[:3]}"


def is_ded_name(name: str) -> bool:
    """Whether a name has the form that the convention prescribes."""
    return _SHAPE.fullmatch(name) is not None


def _letters(where: str, name: str, faults: list[Fault]) -> str:
    letters = "".join(filter(str.isalpha, in_plain_letters(name)))
    if not letters.isascii():
        expected = "the name in letters from A to Z, as on a passport or a payroll"
        faults.append(Fault(where, "a letter that can't be written with A to Z", expected))
    return letters.upper()
