"""Derived words: what is left of a password when its disguise is taken away.

Decides which words a password is made of as a whole: one word with digits and signs before, after or
between, written once or over and over, forwards or backwards. A password that merely holds a word
beside other letters is not made of it. Texts are folded before they come here.
"""

import re
from collections.abc import Mapping, Set
from typing import Final, Self

import attrs

TELLING_LENGTH: Final = 4
"""How long a word is at least that is looked for inside others; shorter ones stand there by chance."""

_SIGNS: Final = re.compile(r"[\W_]+")
_NO_LETTERS: Final = re.compile(r"[\W\d_]+")
_DIGITS: Final = "0123456789"


@attrs.frozen(eq=False, repr=False)
class Undisguised:
    """A password, folded, with its forms and what each of them repeats.

    The forms are the password without signs, `solid`, then without the digits around, then without any
    digits. `words` holds every form and what it repeats, forwards and backwards.
    """

    folded: str
    solid: str
    units: Mapping[str, str]
    words: Set[str]

    @classmethod
    def of(cls, folded: str) -> Self:
        """Take the disguise from a password."""
        solid = solid_of(folded)
        forms = (solid, solid.strip(_DIGITS), solid if solid.isalpha() else _NO_LETTERS.sub("", solid))
        units = {form: unit_of(form) for form in dict.fromkeys(forms) if form}
        found = {*units, *units.values()}
        found.update([word[::-1] for word in found])
        return cls(folded, solid, units, found)

    def is_made_of(self, word: str) -> bool:
        """Whether the password as a whole is this word, folded, in one of its forms."""
        return word in self.words or self.is_one_of(forms_of(word))

    def is_one_of(self, forms: Set[str]) -> bool:
        """Whether the password as a whole is a word with one of these forms."""
        return not self.words.isdisjoint(forms)


def forms_of(word: str) -> frozenset[str]:
    """The forms in which a word, folded, shows in an undisguised password."""
    solid = solid_of(word)
    bare = solid.strip(_DIGITS)
    if bare == solid or len(bare) < TELLING_LENGTH:
        return frozenset((solid, unit_of(solid))) if solid else frozenset()
    return frozenset((solid, unit_of(solid), bare, unit_of(bare)))


def holds(text: str, word: str) -> bool:
    """Whether a text holds the word, forwards or backwards; a short word is not looked for."""
    return len(word) >= TELLING_LENGTH and (word in text or word[::-1] in text)


def solid_of(folded: str) -> str:
    """The letters and digits of a text."""
    return folded if folded.isalnum() else _SIGNS.sub("", folded)


def unit_of(text: str) -> str:
    """What a text repeats, twice at least, the last time perhaps cut off; the text itself if nothing."""
    length = text.find(text[:1], 1)
    while 0 < length <= len(text) // 2:
        if text.startswith(text[length:]):
            return text[:length]
        length = text.find(text[0], length + 1)
    return text
