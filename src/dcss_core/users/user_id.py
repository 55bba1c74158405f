"""UserId: the name a person signs in with.

Decides which text can be one. Only ASCII is admitted, so that no look-alike letter, full-width form
or invisible character makes a second name that reads like the first. Invariant: two ids that differ
only in case are equal and have the same `key`; the key is what must be unique, for ever (a closed
account keeps its id: IRS Pub. 1075, IA-4).
"""

import re
from typing import Final

import attrs

from dcss_core.base.records.one_text import OneText
from dcss_core.errors import Fault, InvalidInputError

_SHAPE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{2,63}", re.ASCII)
_FOREIGN: Final = re.compile(r"[^A-Za-z0-9._@-]")
_SHORTEST, _LONGEST = 3, 64


@attrs.frozen(init=False, repr=False)
class UserId(OneText):
    """A user id as it was chosen: 3 to 64 of `A-Z a-z 0-9 . _ @ -`, a letter or digit first.

    Raises InvalidInputError with every fault.
    """

    value: str = attrs.field(eq=str.lower)

    def __init__(self, value: str) -> None:
        text = value if type(value) is str else ""
        if not _SHAPE.fullmatch(text):
            raise InvalidInputError("this can't be a user ID; choose another", faults=_faults(text))
        self.__attrs_init__(text)

    @property
    def key(self) -> str:
        """The id in lower case, by which accounts are found and kept unique."""
        return self.value.lower()


def key_of(typed: str) -> str:
    """The key of what somebody typed as a user id; empty, and so nobody's, where it can't be one."""
    try:
        return UserId(typed).key
    except InvalidInputError:
        return ""


def _faults(text: str) -> list[Fault]:
    faults = []
    if not _SHORTEST <= len(text) <= _LONGEST:
        faults.append(Fault("user_id", f"{len(text)} characters", f"{_SHORTEST} to {_LONGEST} characters"))
    if len(text) > _LONGEST:  # what is too long is read no further
        return faults
    foreign = sorted(set(_FOREIGN.findall(text)))
    if foreign:
        faults.append(Fault("user_id", _in_words(foreign), "letters A-Z, digits and . _ @ - only"))
    if text[:1] in tuple("._@-"):
        faults.append(Fault("user_id", f"'{text[0]}' at the start", "a letter or digit first"))
    return faults


def _in_words(foreign: list[str]) -> str:
    """Characters in ascending order, the first five of them, by number; a blank by its name."""
    numbers = ", ".join(f"U+{ord(character):04X}" for character in foreign[:5] if character != " ")
    return " and ".join(
        [*(["a blank"] if foreign[0] == " " else []), *([f"the characters {numbers}"] if numbers else [])]
    )
