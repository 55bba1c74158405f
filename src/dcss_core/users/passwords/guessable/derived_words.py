"""Derived words: what is left of a password when its disguise is taken away.

Decides which words a password is made of as a whole: one word with digits and signs before, after or
between, written once or over and over, forwards or backwards, begun or ended within the word, with one
character over and over around it or each letter several times. A password that merely holds a word beside
other letters is not made of it. Words are folded before they come here.
"""

import re
from collections.abc import Mapping, Set
from functools import cached_property
from operator import eq
from typing import Final, Self

import attrs

from dcss_core.users.look_alikes import SIGNS_LIKE_LETTERS, as_letters, fold_look_alikes

TELLING_LENGTH: Final = 4
"""How long a word is at least that is looked for inside others; shorter ones stand there by chance."""

_SIGNS: Final = re.compile(r"[\W_]+")
_NO_LETTERS: Final = re.compile(r"[\W\d_]+")
_DIGITS: Final = "0123456789"
_PADDING: Final = 3  # as many of one character are no end of a word
_MOST_TIMES: Final = 4
_LONGEST_TURNED: Final = 32


@attrs.frozen(eq=False, repr=False)
class Undisguised:
    """A password, folded and read without look-alikes, with its forms and what each of them repeats.

    `length` is that of the password as it is typed. The forms are the password without signs, `solid`, then
    without the digits around, then without any digits. `words` holds every form and what it repeats, and
    what is left of it without padding and doubled letters, forwards and backwards.
    """

    length: int
    folded: str
    solid: str
    units: Mapping[str, str]
    words: Set[str]

    @classmethod
    def of(cls, text: str) -> Self:
        """Take the disguise from a password."""
        folded = fold_look_alikes(text)
        solid = solid_of(folded)
        forms = (solid, solid.strip(_DIGITS), solid if solid.isalpha() else _NO_LETTERS.sub("", solid))
        periods = {form: _period_of(form, len(form) * 2 // 3) for form in dict.fromkeys(forms) if form}
        units = {form: form if 2 * at > len(form) else form[:at] for form, at in periods.items()}
        found = {*units, *units.values()}
        for form, period in periods.items():
            found.update(_plainer(form, period))
        found.update([word[::-1] for word in found])
        return cls(len(text), folded, solid, units, found)

    @cached_property
    def readings(self) -> tuple["Reading", ...]:
        """The password as it is written, and with digits and signs as letters; made when it is asked for."""
        return _readings(self.folded, self.solid)

    def is_made_of(self, word: str) -> bool:
        """Whether the password as a whole is this word, folded, in one of its forms."""
        return word in self.words or self.is_one_of(forms_of(word))

    def is_one_of(self, forms: Set[str]) -> bool:
        """Whether the password as a whole is a word with one of these forms."""
        return not self.words.isdisjoint(forms)


@attrs.frozen(eq=False, repr=False)
class Reading:
    """A password as it is written and as it is read, and the letters and digits of what is read."""

    written: str
    read: str
    letters: str


def _readings(folded: str, solid: str) -> tuple[Reading, ...]:
    written = Reading(folded, folded, solid)
    if SIGNS_LIKE_LETTERS.isdisjoint(folded):
        return (written,)
    with_i, with_l = as_letters(folded)
    read = Reading(folded, with_i, solid_of(with_i))
    if with_i == with_l:
        return (written, read, read)
    return (written, read, Reading(folded, with_l, solid_of(with_l)))


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
    return text[: _period_of(text, len(text) // 2)]


def _period_of(text: str, most: int) -> int:
    """After how many characters a text begins anew, until its end; its length if after more than so many."""
    length = text.find(text[:1], 1)
    while 0 < length <= most:
        if text.startswith(text[length:]):
            return length
        length = text.find(text[0], length + 1)
    return len(text)


def _plainer(form: str, period: int) -> list[str]:
    """What a form may be a disguise of: padded, with every letter doubled, begun or ended within the word."""
    found = []
    if form[:_PADDING] == form[0] * _PADDING or form[-_PADDING:] == form[-1] * _PADDING:
        found.append(_unpadded(form))
    if form[0] == form[1:2] and form[-1] == form[-2]:
        for times in range(2, _MOST_TIMES + 1):
            once = form[::times]
            if form == "".join([letter * times for letter in once]):
                found += (once, unit_of(once))
    # once and a half at least: what is said a second time is most of the word
    if TELLING_LENGTH <= period < len(form) and period <= _LONGEST_TURNED:
        found += [form[at : at + period] for at in range(len(form) - period + 1)]
    return found


def _unpadded(form: str) -> str:
    for end in (form[0], form[-1]):
        padding = end * _PADDING
        if form.startswith(padding) or form.endswith(padding):
            form = form.strip(end) or end
    return form


def is_one_third_runs(text: str) -> bool:
    """Whether a third of a text at least is the same character as the one before."""
    runs: int = sum(map(eq, text, text[1:]))
    return 3 * runs >= len(text)
