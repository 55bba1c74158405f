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
from dcss_core.users.passwords.guessable.derived_words import (
    TELLING_LENGTH,
    Reading,
    Undisguised,
    solid_of,
)

_RUN: Final = re.compile(r"[^\W\d_]+|\d+")
_LONG: Final = 6


@attrs.frozen(eq=False, repr=False)
class HidingPlaces:
    """A password in which words are looked for: as it is written, and as look-alikes read."""

    written: Reading
    read: tuple[Reading, ...]

    @classmethod
    def of(cls, password: Undisguised) -> Self:
        """The places in a password."""
        written, *read = password.readings
        return cls(written, tuple(read))

    def hide(self, word: str) -> bool:
        """Whether a word stands in it, forwards or backwards, or one of its look-alikes."""
        solid = solid_of(word)
        if not solid:
            return False
        if _holds(self.written, solid) or _holds(self.written, solid[::-1]):
            return True
        if not self.read or len(solid) < TELLING_LENGTH:
            return False
        pairs = zip(self.read, as_letters(solid), strict=True)
        return any(_holds(text, like) or _holds(text, like[::-1]) for text, like in pairs)


def _holds(text: Reading, word: str) -> bool:
    """Whether a word stands in a text so that it counts."""
    return word in text.letters and _counts(text, word)


def _counts(text: Reading, word: str) -> bool:
    edges, at = _edges(text.read), text.letters.find(word)
    while at >= 0:
        end = at + len(word)
        begins, ends = at in edges, end in edges
        if begins and ends:
            return True
        is_in_one_run = edges.isdisjoint(range(at + 1, end))
        is_telling = len(word) >= TELLING_LENGTH and (begins or ends)
        if is_in_one_run and (is_telling or len(word) >= _LONG):
            return True
        at = text.letters.find(word, at + 1)
    return False


def _edges(text: str) -> frozenset[int]:
    """Where stretches of letters or of digits begin and end among the letters and digits."""
    return frozenset((0, *accumulate(map(len, _RUN.findall(text)))))
