"""Folding: when two spellings of a name count as one.

Decides what is ignored when names are compared: case, width, accents, and how a letter is encoded.
Never applied to a password that is to be hashed. Invariant: folding twice changes nothing more.
"""

import unicodedata


def fold(text: str) -> str:
    """The text without case, compatibility forms and combining marks."""
    if text.isascii():  # nothing to decompose
        return text.lower()
    return _without_marks(_without_marks(text).casefold())


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.combining(character))
