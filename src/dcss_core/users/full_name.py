"""Full names as people type them, against names as the agency has them on file.

Decides whether a typed name is the one on file: case, accents, punctuation and spacing don't count, and a
letter that other records write plain may be written either way (`base/people/transliteration.py`). A middle
name may be left out or shortened to its initial. A generational suffix is ignored, a wrong one too: it is no
part of the legal name, and whether it is included, omitted or incorrectly shown does not matter (SSA POMS RM
10212.001). Invariant: the first and the last name must be there in full; of somebody with one name, that one.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from dcss_core.base.people.transliteration import Spellings, in_plain_letters, spellings_of

LONGEST_FULL_NAME: Final = 400
"""Code points of a full name that are read at most, with ligatures written out; a longer one is nobody's."""

_SILENT: Final = re.compile(r"['’‘ʼ`.]")
_SEPARATING: Final = re.compile(r"[\W_]+")
_ORDINALS: Final = frozenset(
    {"2d", "3d", "1st", "2nd", "3rd", *(f"{number}th" for number in range(4, 11))}
    | {"second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth"}
)
_SUFFIXES: Final = _ORDINALS | {
    *("jr", "jnr", "junior", "sr", "snr", "senior"),
    *("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x"),
}


def names_match(typed: str, *, first: str, last: str, middle: str = "", suffix: str = "") -> bool:
    """Whether a full name as typed is the name on file; one of `first` and `last` may be empty."""
    if is_too_long_to_read(typed):
        return False
    on_file = list(_readings_on_file(_words(first), _words(last), _words(suffix)))
    return any(
        _Typed(given).reads(begins, _words(middle), ends)
        for given in _without_suffix(_words(typed))
        for begins, ends in on_file
    )


def is_too_long_to_read(typed: str) -> bool:
    """Whether a full name as typed is longer than any; one character may be a ligature of eighteen."""
    # the shorter question first: what is far too long is not written out
    return len(typed) > LONGEST_FULL_NAME or len(_written_out(typed)) > LONGEST_FULL_NAME


def _readings_on_file(
    first: list[str], last: list[str], suffix: list[str]
) -> Iterator[tuple[list[str], list[str]]]:
    """What may stand before and behind the middle name: with the suffix on file, and without any."""
    if last:
        yield from ((first, ends) for ends in _without_suffix(last))
        yield first, [*last, *suffix]
    elif first:
        yield from ((begins, []) for begins in _without_suffix(first))
        yield first, suffix


class _Typed:
    """A typed name as a graph of letters: from each place, which letter leads to which place.

    A letter with several spellings is several ways from one place to another, so that a name with many of
    them is read in the time of one with none.
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._ways: list[list[tuple[str, int]]] = [[]]
        for spellings in _letters(words):
            self._add(spellings)

    def reads(self, first: list[str], middle: list[str], last: list[str]) -> bool:
        """Whether first name, as much of the middle name as need be, and last name lead to the end."""
        places = self._after({0}, first)
        for name in middle:
            initial = name[:1]
            places |= self._after(places, [name]) | self._after(places, [initial])
            if name == initial:  # an initial on file is all there is to compare with
                places |= self._all_beyond(self._after(places, [initial]))
        return len(self._ways) - 1 in self._after(places, last)

    def _after(self, places: set[int], words: Iterable[str]) -> set[int]:
        """Where those words lead, from any of the places."""
        for spellings in _letters(words):
            places = {end for spelling in spellings for end in self._spelt(places, spelling)}
        return places

    def _spelt(self, places: set[int], spelling: str) -> set[int]:
        for letter in spelling:
            places = {end for place in places for way, end in self._ways[place] if way == letter}
        return places

    def _all_beyond(self, places: set[int]) -> set[int]:
        return set(range(min(places), len(self._ways))) if places else set()

    def _add(self, spellings: Spellings) -> None:
        begin = len(self._ways) - 1
        between = begin + 1
        end = begin + sum(len(spelling) - 1 for spelling in spellings) + 1
        self._ways += [[] for _ in range(end - begin)]
        for spelling in spellings:
            place = begin
            for letter in spelling[:-1]:
                self._ways[place].append((letter, between))
                place, between = between, between + 1
            self._ways[place].append((spelling[-1], end))


def _letters(words: Iterable[str]) -> Iterator[Spellings]:
    for word in words:
        yield from spellings_of(word)


def _without_suffix(words: list[str]) -> Iterator[list[str]]:
    """The words as they are, since a suffix may be somebody's last name, and without one at their end."""
    yield words
    plain = [in_plain_letters(word) for word in words]
    if len(words) > 1 and plain[-1] in _SUFFIXES:
        yield words[:-1]
    if len(words) > 2 and plain[-2] == "the" and plain[-1] in _SUFFIXES:
        yield words[:-2]


def _words(name: str) -> list[str]:
    return _SEPARATING.sub(" ", _SILENT.sub("", _written_out(name))).split()


def _written_out(name: str) -> str:
    return unicodedata.normalize("NFKC", name)
