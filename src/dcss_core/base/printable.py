"""Printable text: what may be kept of a text or shown of a number, so that it reads as it is.

Decides what of a text does not show or turns the letters around it about, so that something else is read than
is there. A text that is put on file is refused with it (`faults_of_shown`); one that a stranger wrote into a
log has U+FFFD instead, at a bounded length, so that it can't begin a line, move a cursor or hide (OWASP ASVS
5.0.0, 16.4.1). Two such signs belong to letters and stay where they work: the joiners of the Indic scripts
after a virama, and the non-joiner between two Arabic letters, which Persian is written with (RFC 5892,
appendices A.1 and A.2). Python refuses to write a number of some thousand digits, so a message does not try.
Invariant: doing it twice changes nothing more.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from typing import Final

from dcss_core.errors import Fault

_HUGE: Final = 10**12

# Default_Ignorable_Code_Point (Unicode 16, DerivedCoreProperties.txt), as pairs of first and last: fillers,
# variation selectors and tags among them; and U+2800, a blank
_IGNORABLE: Final = (
    *(0x00AD, 0x00AD, 0x034F, 0x034F, 0x061C, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180B, 0x180F),
    *(0x200B, 0x200F, 0x202A, 0x202E, 0x2060, 0x206F, 0x2800, 0x2800, 0x3164, 0x3164, 0xFE00, 0xFE0F),
    *(0xFEFF, 0xFEFF, 0xFFA0, 0xFFA0, 0xFFF0, 0xFFF8, 0x1BCA0, 0x1BCA3, 0x1D173, 0x1D17A),
    *(0xE0000, 0xE0FFF),
)
_FIRSTS: Final = _IGNORABLE[::2]
_LASTS: Final = _IGNORABLE[1::2]
_NOT_SHOWN: Final = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_NON_JOINER, _JOINER = "\u200c", "\u200d"
_VIRAMA: Final = 9  # the combining class of the marks that take a vowel away
_MOST_TOLD: Final = 5


def printable(text: str, longest: int) -> str:
    """The beginning of a text, with U+FFFD for whatever does not print."""
    shown = text[:longest]
    if shown.isascii() and shown.isprintable():
        return shown
    return "".join(
        character if character.isprintable() and not _is_hidden(character) else "\ufffd"
        for character in shown
    )


def is_readable(text: str) -> bool:
    """Whether a text has a letter or digit that shows; signs, marks and what is invisible are none."""
    return any(character.isalnum() and not _is_hidden(character) for character in text)


def faults_of_shown(where: str, text: str) -> Iterator[Fault]:
    """A fault for each sign of a text that does not show or turns text about; `where` names the field.

    Private use, noncharacters and half characters are among them. For every text that people are to read.
    """
    if text.isascii() and text.isprintable():
        return
    hidden = dict.fromkeys(
        character
        for place, character in enumerate(text)
        if _is_hidden(character) and not _is_joiner_at_work(text, place)
    )
    for character in [*hidden][:_MOST_TOLD]:
        yield Fault(where, f"U+{ord(character):04X}, which does not show as itself", "the text without it")


def counted(count: int, nouns: str) -> str:
    """A count of what the plural names: `2 records`, `1 record`; a word without an s stays as it is."""
    return f"{count} {nouns.removesuffix('s') if count == 1 else nouns}"


def shown_number(number: int) -> str:
    """A number as a message shows it."""
    return str(number) if abs(number) < _HUGE else "a huge number"


@cache
def _is_hidden(character: str) -> bool:
    code = ord(character)
    at = bisect_right(_FIRSTS, code) - 1
    is_ignorable = at >= 0 and code <= _LASTS[at]
    is_noncharacter = code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
    return is_ignorable or is_noncharacter or unicodedata.category(character) in _NOT_SHOWN


def _is_joiner_at_work(text: str, place: int) -> bool:
    if text[place] not in (_NON_JOINER, _JOINER):
        return False
    before, after = text[:place][-1:], text[place + 1 :][:1]
    if before and unicodedata.combining(before) == _VIRAMA:
        return True
    return text[place] == _NON_JOINER and _is_arabic(before) and _is_arabic(after)


def _is_arabic(character: str) -> bool:
    return bool(character) and unicodedata.bidirectional(character) == "AL"
