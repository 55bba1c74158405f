"""Letter groups: random text that people read off a letter and type.

Decides its shape: groups of four from 32 characters that are not mistaken for one another (no 0, 1, l,
o), 5 random bits in each. Invariant: how it is typed, in capitals, with blanks or without hyphens,
makes no difference.
"""

from typing import Final

_ALPHABET: Final = "23456789abcdefghijkmnpqrstuvwxyz"
_GROUP: Final = 4
_LONGEST_TYPED: Final = 400


def letter_groups(random: bytes) -> str:
    """One character for each random byte, in groups of four."""
    letters = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random)  # 256 is 8 times 32: no bias
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def letters_typed(text: str) -> str:
    """The letters and digits of what was typed, in lower case; none of a text that is far too long."""
    if len(text) > _LONGEST_TYPED:
        return ""
    return "".join(character for character in text.lower() if character.isalnum())
