"""Full names as people type them, against names as the agency has them on file.

Decides whether a typed name is the one on file: case, accents, punctuation and spacing don't count,
the middle name may be left out or shortened to its initial, a generational suffix is ignored.
Invariant: the first and the last name must be there in full.
"""

import re
from typing import Final

from dcss_core.users.folding import fold

_SILENT: Final = re.compile(r"['’‘ʼ`.]")
_SEPARATING: Final = re.compile(r"[\W_]+")
_SUFFIXES: Final = frozenset({"jr", "sr", "ii", "iii", "iv"})


def names_match(typed: str, *, first: str, last: str, middle: str = "") -> bool:
    """Whether a full name as typed is the name on file."""
    given, begins, ends = _joined(typed), _joined(first), _joined(last)
    if not begins or not ends or len(given) < len(begins) + len(ends):
        return False
    if not (given.startswith(begins) and given.endswith(ends)):
        return False
    return _middle_fits(given[len(begins) : len(given) - len(ends)], _joined(middle))


def name_key(full_name: str) -> str:
    """The first and last word of a name, folded: the same whether or not a middle name was typed."""
    words = _words(full_name)
    return " ".join(words if len(words) < 2 else (words[0], words[-1]))


def name_words(name: str) -> tuple[str, ...]:
    """Each word of a name, folded, with the suffix left out."""
    return tuple(_words(name))


def _middle_fits(typed: str, on_file: str) -> bool:
    if not typed:
        return True
    if len(on_file) == 1:  # an initial on file is all there is to compare with
        return typed.startswith(on_file)
    return typed == on_file or typed == on_file[:1]


def _joined(name: str) -> str:
    return "".join(_words(name))


def _words(name: str) -> list[str]:
    words = _SEPARATING.sub(" ", _SILENT.sub("", fold(name))).split()
    return words[:-1] if len(words) > 1 and words[-1] in _SUFFIXES else words
