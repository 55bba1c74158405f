"""Nine digits as people write them: plain, with hyphens or with spaces."""

import re
from collections.abc import Iterable
from typing import Final, Self

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvalidInputError

WRITTEN: Final = "nine digits, as 123456789 or 123-45-6789"

# 987-65-4320 to 4329 are reserved for advertisements: in the area of the ITINs, and nobody's.
FOR_ADVERTISEMENTS: Final = frozenset(f"98765432{last}" for last in range(10))

_WRITTEN: Final = re.compile(r"\d{9}|\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}", re.ASCII)


class NineDigits(Secret):
    """A number of nine digits, judged when somebody gives it and not when it is read back."""

    __slots__ = ()

    @classmethod
    def stored(cls, digits: str) -> Self:
        """Read back digits that were such a number when they were saved; they are not judged again."""
        made = cls.__new__(cls)
        Secret.__init__(made, digits)
        return made


def nine_digits(text: object) -> str | None:
    """The digits alone; None for a text that is not nine digits."""
    if type(text) is str and _WRITTEN.fullmatch(text.strip()):
        return re.sub(r"\D", "", text)
    return None


def refused_number(word: str, where: str, found: Iterable[str], expected: str) -> InvalidInputError:
    """The error for what is no such number; it never holds the digits."""
    faults = [Fault(where, each, expected) for each in found]
    return InvalidInputError(f"this is not {word}", faults=faults)
