"""Telephone numbers, in the form of E.164: `+1` and the ten digits of North America.

Decides which text is one. Invariant: a number is ASCII and nothing stands around it, so that no header or
field can hide in it.
"""

import re
from typing import Final

_E164: Final = re.compile(r"\+1[0-9]{10}", re.ASCII)
_NATIONAL: Final = re.compile(r"(?:\+?1)?([0-9]{10})", re.ASCII)


def is_e164(text: str) -> bool:
    """Whether a text is `+1` and ten digits (ITU-T E.164, country code 1)."""
    return _E164.fullmatch(text) is not None


def as_e164(text: str) -> str:
    """A number of ten digits in the form of E.164; any other text, as a short code, as it is."""
    national = _NATIONAL.fullmatch(text)
    return f"+1{national[1]}" if national else text
