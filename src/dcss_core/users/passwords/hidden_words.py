"""Hidden words: whether a word of somebody's stands in their password, however it is written there.

Decides with signs and blanks between its letters (`J-Roe-88`), backwards, and with digits and signs that look
like letters (`4nn4`). Invariant: a short word is no reason against a longer one that holds it by chance: one
of up to three letters counts only as a word by itself, one of four or five also where a word begins or ends
with it, and a longer one anywhere in a word. So `Joy` passes in `enjoyable`, and `Anna` in `savannah`. Texts
are folded before they come here.
"""

import re
from collections.abc import Iterator
from functools import cached_property
from typing import Final

import attrs

from dcss_core.users.passwords.derived_words import TELLING_LENGTH, solid_of

_RUN: Final = re.compile(r"[^\W\d_]+|\d+")
_LONG: Final = 6
_LOOK_ALIKE: Final = {"0": "o", "3": "e", "4": "a", "5": "s", "7": "t", "8": "b", "@": "a", "$": "s"}
_LOOK_ALIKES: Final = tuple(
    str.maketrans(_LOOK_ALIKE | dict.fromkeys("1!|", letter)) for letter in ("i", "l")
)


@attrs.frozen(eq=False, repr=False)
class HidingPlaces:
    """A password, folded, in which words are looked for."""

    folded: str

    def hide(self, word: str) -> bool:
        """Whether a word stands in it, forwards or backwards, or one of its look-alikes."""
        solid = solid_of(word)
        if not solid:
            return False
        if self._written.hold(solid) or self._written.hold(solid[::-1]):
            return True
        return len(solid) >= TELLING_LENGTH and any(
            runs.hold(like) or runs.hold(like[::-1])
            for runs, like in zip(self._like_letters, _like_letters(solid), strict=False)
        )

    @cached_property
    def _written(self) -> "_Runs":
        return _Runs.of(self.folded)

    @cached_property
    def _like_letters(self) -> tuple["_Runs", ...]:
        """As it reads when look-alikes are letters; none where it has none."""
        read = _like_letters(self.folded)
        return tuple(map(_Runs.of, read)) if read[0] != self.folded else ()


@attrs.frozen(eq=False, repr=False)
class _Runs:
    """The letters and digits of a text, and where stretches of letters or of digits begin and end in them."""

    solid: str
    edges: frozenset[int]

    @classmethod
    def of(cls, text: str) -> "_Runs":
        runs = _RUN.findall(text)
        edges, at = {0}, 0
        for run in runs:
            at += len(run)
            edges.add(at)
        return cls("".join(runs), frozenset(edges))

    def hold(self, word: str) -> bool:
        return any(self._counts(at, at + len(word)) for at in self._places(word))

    def _places(self, word: str) -> Iterator[int]:
        at = self.solid.find(word)
        while at >= 0:
            yield at
            at = self.solid.find(word, at + 1)

    def _counts(self, begin: int, end: int) -> bool:
        begins, ends = begin in self.edges, end in self.edges
        if begins and ends:
            return True
        is_in_one_run = self.edges.isdisjoint(range(begin + 1, end))
        if not is_in_one_run or end - begin < TELLING_LENGTH:
            return False
        return end - begin >= _LONG or begins or ends


def _like_letters(text: str) -> tuple[str, ...]:
    return tuple(map(text.translate, _LOOK_ALIKES))
