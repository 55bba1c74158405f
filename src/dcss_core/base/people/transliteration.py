"""Transliteration: how the letters of a name are written with A to Z alone.

Decides the plain spellings of each letter of the Latin script, for papers and records that know no other
letters: without its marks and strokes (Unicode CLDR, Latin-ASCII), and for some letters with two more (ICAO
Doc 9303-3, section 6, table A), as a passport has them. Which letter a form is of is read from its name in
the Unicode Character Database. Invariant: no letter vanishes; one without a plain spelling, such as those of
other scripts, stays as it is. Signs that are letters by their kind only (an okina, a click) are dropped, as
an apostrophe is.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Final, TypeAlias

Spellings: TypeAlias = tuple[str, ...]
"""The ways to write one letter; the first is that of an American record."""

# "LATIN SMALL LETTER L WITH STROKE" is a form of L, "LATIN SMALL LIGATURE OE" of O and E.
_FORM: Final = re.compile(
    r"LATIN (?:SMALL |CAPITAL )?(?:LETTER|LIGATURE) (?:SMALL CAPITAL )?"
    r"(?:(?:BARRED|CLOSED|DOTLESS|INSULAR|LONG|MIDDLE-WELSH|OPEN|REVERSED|SCRIPT|SHARP|TURNED) )*"
    r"([A-Z]{1,2}|ALPHA|ENG|ESH|ETH|EZH|GAMMA|IOTA|KRA|SCHWA|THORN|UPSILON)(?: BAR| DIGRAPH)?(?: WITH .*)?"
)
_NAMED: Final = {
    "ALPHA": "a",
    "ENG": "n",
    "ESH": "s",
    "ETH": "d",
    "EZH": "z",
    "GAMMA": "g",
    "IOTA": "i",
    "KRA": "q",
    "SCHWA": "e",
    "THORN": "th",
    "UPSILON": "u",
}
# turned, or with a stroke or hook, they are letters of phonetics, which stay as they are
_SIGN: Final = re.compile(r"LATIN (?:SMALL |CAPITAL )?LETTER (?:\w+ CLICK|GLOTTAL STOP|SALTILLO)")
_WITH_DIAERESIS: Final = {"a": "ae", "o": "oe", "u": "ue"}
_DIAERESIS: Final = "\u0308"
_RING: Final = "\u030a"


def spellings_of(text: str) -> tuple[Spellings, ...]:
    """How each letter and digit of a text may be spelt in lower case; all that is neither is left out.

    Source: Unicode CLDR, Latin-ASCII; ICAO Doc 9303-3, section 6, table A.
    """
    return tuple(_spellings(letter, marks) for letter, marks in _letters(text))


def in_plain_letters(text: str) -> str:
    """A text's letters and digits, written plain in lower case; letters that can't be stay as they are."""
    return "".join(each[0] for each in spellings_of(text))


def _letters(text: str) -> Iterator[tuple[str, str]]:
    """Each letter or digit, without case and compatibility forms, with the marks upon it."""
    letter, marks = "", ""
    for character in f"{_decomposed(_decomposed(text).casefold())} ":
        if unicodedata.combining(character):
            marks += character
            continue
        if letter:
            yield letter, marks
        letter, marks = (character if _counts(character) else ""), ""


@cache
def _counts(character: str) -> bool:
    if not character.isalnum():
        return False
    is_sign = unicodedata.category(character) == "Lm" or _SIGN.fullmatch(unicodedata.name(character, ""))
    return not is_sign


def _spellings(letter: str, marks: str) -> Spellings:
    if _DIAERESIS in marks and letter in _WITH_DIAERESIS:
        return letter, _WITH_DIAERESIS[letter]
    if _RING in marks and letter == "a":
        return "a", "aa"
    return _of_unmarked(letter)


@cache
def _of_unmarked(letter: str) -> Spellings:
    if letter == "ø":
        return "o", "oe"  # ICAO has OE only, CLDR O
    form = None if letter.isascii() else _FORM.fullmatch(unicodedata.name(letter, ""))
    return (letter if form is None else _NAMED.get(form[1], form[1].lower()),)


def _decomposed(text: str) -> str:
    return unicodedata.normalize("NFKD", text)
