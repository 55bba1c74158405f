"""The words of a name, folded: what a password may not hold and an answer may not be.

Decides the words and the key of a name. Invariant: the key of a name never becomes another, because it is
hashed with the security answers that were enrolled before names were compared apart from them
(`recovery/answers.py`). So this is no rule for telling whether two names are one; that is `full_name.py`.
"""

import re
from typing import Final

from dcss_core.users.folding import fold

_SILENT: Final = re.compile(r"['’‘ʼ`.]")
_SEPARATING: Final = re.compile(r"[\W_]+")
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})


def name_key(full_name: str) -> str:
    """The first and last word of a name, folded: the same whether or not a middle name was typed."""
    words = name_words(full_name)
    return " ".join(words if len(words) < 2 else (words[0], words[-1]))


def name_words(name: str) -> tuple[str, ...]:
    """Each word of a name, folded, with the suffix left out."""
    words = tuple(_SEPARATING.sub(" ", _SILENT.sub("", fold(name))).split())
    return words[:-1] if len(words) > 1 and words[-1] in _SUFFIXES else words
