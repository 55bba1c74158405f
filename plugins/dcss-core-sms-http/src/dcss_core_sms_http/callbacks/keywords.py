"""Keywords: what a text of one word asks for.

Decides which texts are a keyword. Letters and digits count, and nothing else: not case, blanks, hyphens
or signs before, between or behind. A sentence is no keyword, whatever word stands in it: "please stop" is
for a person to read, and has to be honored all the same (47 CFR 64.1200(a)(10): any reasonable means).
"""

from enum import Enum
from typing import Final
from unicodedata import normalize


class Wish(Enum):
    """What somebody asks for by a keyword."""

    STOP = "stop"
    START = "start"
    HELP = "help"


# The seven of 47 CFR 64.1200(a)(10): 89 FR 15756, in force since April 11, 2025 by 89 FR 82518.
_STOP_BY_LAW: Final = ("stop", "quit", "end", "revoke", "optout", "cancel", "unsubscribe")
# The practice of gateways, which they refer to CTIA for; CTIA's own text could not be consulted.
_STOP_BY_PRACTICE: Final = ("stopall",)
_START_BY_PRACTICE: Final = ("start", "unstop", "yes")
_HELP_BY_PRACTICE: Final = ("help", "info")
_STOP_IN_SPANISH: Final = ("parar", "alto")  # ours: no rule that we know of names a Spanish one

_WISHES: Final = {
    **dict.fromkeys((*_STOP_BY_LAW, *_STOP_BY_PRACTICE, *_STOP_IN_SPANISH), Wish.STOP),
    **dict.fromkeys(_START_BY_PRACTICE, Wish.START),
    **dict.fromkeys(_HELP_BY_PRACTICE, Wish.HELP),
}


def wish_in(text: str) -> Wish | None:
    """What a text asks for by its one keyword; None for any other text."""
    return _WISHES.get("".join(filter(str.isalnum, normalize("NFKC", text).casefold())))
