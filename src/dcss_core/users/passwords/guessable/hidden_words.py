"""Hidden words: whether a word of somebody's stands in their password, however it is written there.

Decides with signs and blanks between its letters (`J-Roe-88`), backwards, and with digits and signs that look
like letters (`4nn4`). Invariant: a short word is no reason against a longer one that holds it by chance: one
of up to three letters counts only as a word by itself, one of four or five also where a word begins or ends
with it, and a longer one anywhere in a word. So `Joy` passes in `enjoyable`, and `Anna` in `savannah`. Texts
are folded before they come here.
"""

import re
from itertools import accumulate
from typing import Final, Self

import attrs

from dcss_core.users.look_alikes import as_letters
from dcss_core.users.passwords.guessable.derived_words import TELLING_LENGTH, Undisguised, solid_of

_RUN: Final = re.compile(r"[^\W\d_]+|\d+")
_LONG: Final = 6


@attrs.frozen(eq=False, repr=False)
class HidingPlaces:
    """A password in which words are looked for: as it is written, and as look-alikes read."""

    written: "_Text"
    read: tuple["_Text", ...]

    @classmethod
    def of(cls, password: Undisguised) -> Self:
        """The places in a password."""
        written, *read = (_Text(each.read, each.letters) for each in password.readings)
        return cls(written, tuple(read))

    def hide(self, word: str) -> bool:
        """Whether a word stands in it, forwards or backwards, or one of its look-alikes."""
        solid = solid_of(word)
        if not solid:
            return False
        if self.written.holds(solid) or self.written.holds(solid[::-1]):
            return True
        if not self.read or len(solid) < TELLING_LENGTH:
            return False
        pairs = zip(self.read, as_letters(solid), strict=True)
        return any(text.holds(like) or text.holds(like[::-1]) for text, like in pairs)


@attrs.frozen(eq=False, repr=False)
class _Text:
    """A text, and the letters and digits of it."""

    text: str
    solid: str

    def holds(self, word: str) -> bool:
        return word in self.solid and self._counts(word)

    def _counts(self, word: str) -> bool:
        """Whether a word that is there stands so that it counts."""
        edges, at = self._edges(), self.solid.find(word)
        while at >= 0:
            end = at + len(word)
            begins, ends = at in edges, end in edges
            if begins and ends:
                return True
            is_in_one_run = edges.isdisjoint(range(at + 1, end))
            is_telling = len(word) >= TELLING_LENGTH and (begins or ends)
            if is_in_one_run and (is_telling or len(word) >= _LONG):
                return True
            at = self.solid.find(word, at + 1)
        return False

    def _edges(self) -> frozenset[int]:
        """Where stretches of letters or of digits begin and end among the letters and digits."""
        return frozenset((0, *accumulate(map(len, _RUN.findall(self.text)))))
