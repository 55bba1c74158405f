"""Letter groups: random text that people read off a letter and type.

Decides its shape: groups of four from 32 characters that are not mistaken for one another (no 0, 1, l,
o), 5 random bits in each. Invariants: how it is typed, in capitals, with blanks or without hyphens,
makes no difference; what is kept of a code is good for one purpose and one owner.
"""

from hashlib import sha256
from typing import Final

from dcss_core.base.secret import Secret

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


def hash_of_letters(code: Secret, *, purpose: str, owner_id: str) -> str:
    """What is kept of a code in its place: SHA-256 of its letters, its purpose and whose it is, as hex.

    The code has to be random, of 112 bits or more (NIST SP 800-63B-4 §3.1.2.2), for no salt is added.
    """
    return sha256(
        f"{purpose}:{len(owner_id)}:{owner_id}:{letters_typed(code.reveal())}".encode(
            "utf-8", "surrogatepass"
        )
    ).hexdigest()
