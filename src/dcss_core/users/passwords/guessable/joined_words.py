"""Joined words: whether a password as a whole is few guessable words, one after the other.

Decides which passwords are made of words of a list alone, however often, with digits and signs between, with
digits for the letters they look like, and with a walk or one character over and over at an end. How many
different words are too few says who asks. A password with one word more, or with letters of its own, is a
passphrase. Work is bounded by a length, beyond which nothing is few words.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Self

import attrs

from dcss_core.users.passwords.guessable.derived_words import (
    TELLING_LENGTH,
    Reading,
    Undisguised,
    unit_of,
)
from dcss_core.users.passwords.guessable.walks import is_walk

_LONGEST: Final = 64
_MOST_PIECES: Final = 16
_TELLING_REST: Final = 3
_HEAD: Final = 4
_SHORTEST: Final = 2
_REST: Final = "\0"  # stands for a walk or a repetition among the words that were found


@attrs.frozen(eq=False, repr=False)
class WordsToJoin:
    """Words of a list, forwards and backwards, by how they begin.

    `free` are those of which any number is too few; where there are any, one at least is asked for.
    """

    by_head: Mapping[str, tuple[str, ...]]
    sizes: tuple[int, ...]
    free: frozenset[str]
    telling: tuple[str, ...]

    @classmethod
    def of(cls, words: Iterable[str], free: Iterable[str] = ()) -> Self:
        """Words of two letters at least; shorter ones are left out."""
        of_none = _both_ways(free)
        by_head: dict[str, list[str]] = {}
        for word in sorted(of_none | _both_ways(words)):
            by_head.setdefault(word[:_HEAD], []).append(word)
        telling = tuple(sorted(word for word in of_none if len(word) >= TELLING_LENGTH))
        sizes = tuple(sorted(set(map(len, by_head)), reverse=True))
        return cls({head: tuple(each) for head, each in by_head.items()}, sizes, of_none, telling)

    def make_up(self, password: Undisguised, *, most: int) -> bool:
        """Whether a password is made of these words alone, at most so many different ones that count."""
        if not TELLING_LENGTH <= len(password.solid) <= _LONGEST:
            return False
        written, *read = password.readings
        if self._make_up(written, most):
            return True
        return bool(read) and any(self._make_up(each, most) for each in dict.fromkeys(read))

    def _make_up(self, reading: Reading, most: int) -> bool:
        letters, written = reading.letters, reading.written
        if self.free and not any(map(letters.__contains__, self.telling)):
            return False
        # at a glance, because most passwords neither begin nor end with a word that is listed
        forwards = bool(self.free) or self._begins(letters, written)
        backwards = bool(self.free) or self._begins(letters[::-1], written[::-1])
        if not (forwards or backwards):
            return False
        passed, last = _passed(reading), len(letters) - 1
        if len(letters) - len(passed) < TELLING_LENGTH:
            return False
        if forwards and self._reach_end(letters, passed, most):
            return True
        turned = frozenset(last - at for at in passed)
        return backwards and self._reach_end(letters[::-1], turned, most)

    def _begins(self, letters: str, written: str) -> bool:
        if written[0].isalpha():
            return self._has_word_at(letters, 0)
        at = 0
        for character in written:  # a word may begin at each digit before the first letter
            if self._has_word_at(letters, at):
                return True
            if character.isalpha():
                return False
            at += character.isalnum()
        return False

    def _has_word_at(self, letters: str, at: int) -> bool:
        # the words of a list are not shorter than their heads
        words = self.by_head.get(letters[at : at + _HEAD])
        return words is not None and any(letters.startswith(word, at) for word in words)

    def _reach_end(self, letters: str, passed: frozenset[int], most: int) -> bool:
        todo: list[tuple[int, int, frozenset[str]]] = [(0, 0, frozenset())]
        seen = set(todo)
        while todo:
            at, pieces, used = todo.pop()
            if at == len(letters):
                if used and (not self.free or not self.free.isdisjoint(used)):
                    return True
                continue
            following = [(end, pieces + 1, used | {word}) for end, word in self._words_at(letters, at, used)]
            if at in passed:
                following.append((at + 1, pieces, used))
            for state in following:
                is_few = state[1] <= _MOST_PIECES and len(state[2] - self.free) <= most
                if is_few and state not in seen:
                    seen.add(state)
                    todo.append(state)
        return False

    def _words_at(self, letters: str, at: int, used: frozenset[str]) -> Iterator[tuple[int, str]]:
        """Each word that stands here, and where it ends."""
        for size in self.sizes:
            for word in self.by_head.get(letters[at : at + size], ()):
                if letters.startswith(word, at):
                    yield at + len(word), word
        if used and _is_little(letters[at:], used):
            yield len(letters), _REST


def _passed(reading: Reading) -> frozenset[int]:
    """The places of letters and digits that are no letters as written, so that they need be in no word."""
    pairs = zip(reading.read, reading.written, strict=True)
    kept = [written for read, written in pairs if read.isalnum()]
    return frozenset(at for at, written in enumerate(kept) if not written.isalpha())


def _is_little(rest: str, used: frozenset[str]) -> bool:
    """Whether what is left is next to nothing, a walk, a repetition, or most of a word that was there."""
    if len(rest) < _TELLING_REST:
        return True
    if len(unit_of(rest)) <= _TELLING_REST and len(unit_of(rest)) < len(rest):
        return True
    if len(rest) < TELLING_LENGTH:
        return False
    return is_walk(rest) or any(2 * len(rest) >= len(word) and word.startswith(rest) for word in used)


def _both_ways(words: Iterable[str]) -> frozenset[str]:
    return frozenset(way for word in words if len(word) >= _SHORTEST for way in (word, word[::-1]))
