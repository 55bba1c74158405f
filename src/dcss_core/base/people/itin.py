"""Itin: an Individual Taxpayer Identification Number with the shape that the IRS assigns.

Decides which nine digits can be one: area 900-999, group 50-65, 70-88, 90-92 or 94-99 (IRS, Internal Revenue
Manual 3.21.263). Group 93 is of numbers for adoption (ATIN). No number is an ITIN and an SSN. An ITIN is for
taxes and for telling who somebody is; it is never sent where a Social Security number is asked for, as to a
bank. Invariant: an Itin is a Secret; the digits never stand in an error.
"""

from typing import Final

from dcss_core.base.people.nine_digits import (
    FOR_ADVERTISEMENTS,
    WRITTEN,
    NineDigits,
    nine_digits,
    refused_number,
)

_GROUPS: Final = frozenset({*range(50, 66), *range(70, 89), *range(90, 93), *range(94, 100)})


class Itin(NineDigits):
    """An Individual Taxpayer Identification Number: nine digits, written plain, with hyphens or with spaces.

    Raises InvalidInputError, which never holds the digits. Source: IRM 3.21.263.
    """

    __slots__ = ()

    def __init__(self, text: str) -> None:
        digits = nine_digits(text)
        if digits is None:
            raise refused_number("an ITIN", "itin", ["something else"], WRITTEN)
        if not is_itin(digits):
            found = ["an area or a group of no ITIN"]
            del text, digits  # a report of the error may show what stands in variables
            raise refused_number("an ITIN", "itin", found, "a number the IRS can have assigned")
        super().__init__(digits)


def is_itin(digits: str) -> bool:
    """Whether nine digits have the shape of an ITIN."""
    return digits.startswith("9") and int(digits[3:5]) in _GROUPS and digits not in FOR_ADVERTISEMENTS
