"""CharacterClass: the sorts of characters a jurisdiction may ask a mixture of.

Decides to which sort a character belongs, in any script. Nothing asks for a mixture by default (NIST SP
800-63B-4 §3.1.1.2(5): no composition rules); IRS Pub. 1075, IA-5(1) h2 asks for all four.
"""

import unicodedata
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Final


class CharacterClass(Enum):
    """A sort of characters; a letter without case belongs to none, a space neither."""

    UPPER_CASE = "upper_case"
    LOWER_CASE = "lower_case"
    DIGIT = "digit"
    SPECIAL = "special"

    @property
    def words(self) -> str:
        """One character of the sort, as a sentence names it."""
        return _WORDS[self]

    def occurs_in(self, text: str) -> bool:
        """Whether some character of the text is of this sort."""
        return any(map(_TESTS[self], text))


def _is_special(character: str) -> bool:
    is_sign = unicodedata.category(character)[0] in "PS"  # punctuation and symbols
    return is_sign and not (character.isupper() or character.islower())  # Ⓐ is a letter with a ring


_WORDS: Final[Mapping[CharacterClass, str]] = {
    CharacterClass.UPPER_CASE: "an upper-case letter",
    CharacterClass.LOWER_CASE: "a lower-case letter",
    CharacterClass.DIGIT: "a digit",
    CharacterClass.SPECIAL: "a special character",
}
_TESTS: Final[Mapping[CharacterClass, Callable[[str], bool]]] = {
    CharacterClass.UPPER_CASE: str.isupper,
    CharacterClass.LOWER_CASE: str.islower,
    CharacterClass.DIGIT: str.isdecimal,
    CharacterClass.SPECIAL: _is_special,
}
