"""Ssn: a Social Security number with the shape the Administration issues.

Decides which nine digits can be an SSN (area 001-665 and 667-899, group 01-99, serial 0001-9999;
published specimens never). There is no check digit, and since 25 June 2011 nothing can be inferred
from the area. Invariant: an Ssn is a Secret; the digits never stand in an error.
"""

from collections.abc import Iterator
from typing import Final

from dcss_core.base.people.nine_digits import (
    FOR_ADVERTISEMENTS,
    WRITTEN,
    NineDigits,
    nine_digits,
    refused_number,
)

# Numbers printed in advertisements and on sample cards; they belong to nobody and must not be matched.
_SPECIMENS: Final = frozenset({"078051120", "219099999", "457555462"})
_LAST_NEVER_ISSUED_GROUP: Final = "49"  # from 50 on, a number of area 9xx may be somebody's ITIN or ATIN
_WORD: Final = "a Social Security number"


class Ssn(NineDigits):
    """A Social Security number: nine digits, written plain, with hyphens or with spaces.

    `accept_never_issued=True` is the explicit test switch: it admits area 666, areas 900-999 with groups
    01-49, which nobody issues, and 987-65-4320 to 4329, which are reserved for advertisements; nothing
    else, so that no synthetic number is a real one.
    Raises InvalidInputError, which never holds the digits. Source: SSA numbering scheme.
    """

    __slots__ = ()

    def __init__(self, text: str, *, accept_never_issued: bool = False) -> None:
        digits = nine_digits(text)
        if digits is None:
            raise refused_number(_WORD, "ssn", ["something else"], WRITTEN)
        reasons = list(_why_impossible(digits, accept_never_issued=accept_never_issued))
        if reasons:
            expected = "a number the Social Security Administration can have issued"
            del text, digits  # a report of the error may show what stands in variables
            raise refused_number(_WORD, "ssn", reasons, expected)
        super().__init__(digits)


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
    elif area >= "900" and group > _LAST_NEVER_ISSUED_GROUP and digits not in FOR_ADVERTISEMENTS:
        yield "a group the IRS may have issued"
