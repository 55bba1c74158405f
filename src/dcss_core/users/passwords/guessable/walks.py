"""Walks: texts that follow the keyboard, the alphabet or the digits.

Decides whether a whole text is made of few such stretches (`qwertyuiop123456`, `abcdefgh87654321`,
`1qaz2wsx3edc4rfv`, `aaaabbbbccccdddd`). Words of a language are not: their letters rarely stand side by
side on any of the tracks, and never four at a time throughout.
"""

from itertools import pairwise
from operator import add
from typing import Final

_SHORTEST_STRETCH: Final = 4  # on average; three at a time still happen by chance
_TRACKS: Final = (
    "abcdefghijklmnopqrstuvwxyz" * 2,
    "1234567890" * 2,
    "qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiop[]",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiopasdfghjklyxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "`1234567890-=",
    "~!@#$%^&*()_+",
    # columns of the keyboard, down, down and up, and in zigzag with the digits
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
    "qazwsxedcrfvtgbyhnujmikolp",
    "qazxswedcvfrtgbnhyujmkiolp",
    "1qazxsw23edcvfr45tgbnhy67ujmki89olp0",
    "zaq1xsw2cde3vfr4bgt5nhy6mju7ki8lo9p0",
    "!qaz@wsx#edc$rfv%tgb^yhn&ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "1a2b3c4d5e6f7g8h9i",
    "aabbccddeeffgghhiijjkkllmmnnooppqqrrssttuuvvwwxxyyzz",
    "11223344556677889900",
    # the number pad
    "789456123",
    "741852963",
    "147258369",
)
_BOTH_WAYS: Final = "\n".join(track for each in _TRACKS for track in (each, each[::-1]))
_STEPS: Final = frozenset(
    {add(*pair) for track in _TRACKS for way in (track, track[::-1]) for pair in pairwise(way)}
    | {character * 2 for track in _TRACKS for character in track}
)


def is_walk(folded: str) -> bool:
    """Whether stretches of a track, four characters long on average, make up the whole text."""
    most = max(1, len(folded) // _SHORTEST_STRETCH)
    half = folded[: len(folded) // 2 + 1]  # ordinary text leaves the tracks too often in it already
    steps = sum(map(_STEPS.__contains__, map(add, half, half[1:])))
    return len(half) - steps <= most and _stretches(folded) <= most


def _stretches(text: str) -> int:
    """How few stretches a text can be cut into, each along one track or of one character."""
    count = at = 0
    while at < len(text):
        end = at + 1
        while end < len(text) and _is_stretch(text[at : end + 1]):
            end += 1
        count, at = count + 1, end
    return count


def _is_stretch(text: str) -> bool:
    return text in _BOTH_WAYS or text == text[0] * len(text)
