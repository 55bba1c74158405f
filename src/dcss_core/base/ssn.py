"""Ssn: a Social Security number with the shape the Administration issues.

Decides which nine digits can be an SSN (area 001-665 and 667-899, group 01-99, serial 0001-9999;
published specimens never). There is no check digit, and since 25 June 2011 nothing can be inferred
from the area. Invariant: an Ssn is a Secret; the digits never stand in an error.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final, Self

from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvalidInputError

# Numbers printed in advertisements and on sample cards; they belong to nobody and must not be matched.
_SPECIMENS: Final = frozenset({"078051120", "219099999", "457555462"})
_FOR_ADVERTISEMENTS: Final = frozenset(f"98765432{last}" for last in range(10))  # reserved, so no ITIN either
_LAST_NEVER_ISSUED_GROUP: Final = "49"  # from 50 on, a number of area 9xx may be somebody's ITIN or ATIN
_WRITTEN: Final = re.compile(r"\d{9}|\d{3}-\d{2}-\d{4}|\d{3} \d{2} \d{4}", re.ASCII)


class Ssn(Secret):
    """A Social Security number: nine digits, written plain, with hyphens or with spaces.

    `accept_never_issued=True` is the explicit test switch: it admits area 666, areas 900-999 with groups
    01-49, which nobody issues, and 987-65-4320 to 4329, which are reserved for advertisements; nothing
    else, so that no synthetic number is a real one.
    Raises InvalidInputError, which never holds the digits. Source: SSA numbering scheme.
    """

    __slots__ = ()

    def __init__(self, text: str, *, accept_never_issued: bool = False) -> None:
        digits = _digits(text)
        if digits is None:
            raise _refused(["something else"], "nine digits, as 123456789 or 123-45-6789")
        reasons = list(_why_impossible(digits, accept_never_issued=accept_never_issued))
        if reasons:
            raise _refused(reasons, "a number the Social Security Administration can have issued")
        super().__init__(digits)

    @classmethod
    def stored(cls, digits: str) -> Self:
        """Read back digits that were an Ssn when they were saved; they are not judged again."""
        made = cls.__new__(cls)
        Secret.__init__(made, digits)
        return made


def _digits(text: object) -> str | None:
    if type(text) is str and _WRITTEN.fullmatch(text.strip()):
        return re.sub(r"\D", "", text)
    return None


def _why_impossible(digits: str, *, accept_never_issued: bool) -> Iterator[str]:
    area, group, serial = digits[:3], digits[3:5], digits[5:]
    if area == "000":
        yield "area 000"
    if group == "00":
        yield "group 00"
    if serial == "0000":
        yield "serial 0000"
    if digits in _SPECIMENS:
        yield "a published specimen"
    if (area == "666" or area >= "900") and not accept_never_issued:
        yield "an area that is never issued"
    elif area >= "900" and group > _LAST_NEVER_ISSUED_GROUP and digits not in _FOR_ADVERTISEMENTS:
        yield "a group the IRS may have issued"


def _refused(found: Iterable[str], expected: str) -> InvalidInputError:
    faults = [Fault("ssn", each, expected) for each in found]
    return InvalidInputError("this is not a Social Security number", faults=faults)
