"""Own numbers: whether an answer is a Social Security number, or a number on the person's papers.

Decides by the shape where there is one: nine digits, or three, two and four, are refused whoever they belong
to. Of the own number its beginning and its end count, and an answer is compared as a whole: digits among
others say nothing, so that no answer searches for one.
"""

import re
from collections.abc import Iterable
from typing import Final

from dcss_core.base.people.taxpayer_number import TaxpayerNumber
from dcss_core.users.recovery.particulars.spellings import (
    cores_of,
    plain,
    read_as_digits,
    squeezed,
    tokens_of,
)

_SHAPE: Final = re.compile(r"(?<!\d)(?:\d{9}|\d{3}[-. ]\d\d[-. ]\d{4})(?!\d)")
_SSN_DIGITS: Final = 9
_LAST_OF_SSN: Final = 4
_FIRST_OF_SSN: Final = 5
_SHORTEST_NUMBER: Final = 5


def is_ssn(answer: str, ssn: TaxpayerNumber | None) -> bool:
    """Whether an answer is written like an SSN, or is the beginning or the end of this one."""
    if _SHAPE.search(plain(answer)):
        return True
    digits = _digits_of(answer)
    if len(digits) == _SSN_DIGITS:
        return True
    own = ssn.reveal() if ssn is not None else ""
    if not own or len(digits) < _LAST_OF_SSN:
        return False
    is_part = own.endswith(digits) or (len(digits) >= _FIRST_OF_SSN and own.startswith(digits))
    has_one_more = len(digits) == _SSN_DIGITS + 1 and own in digits
    return is_part or has_one_more


def is_identifier(answer: str, identifiers: Iterable[str]) -> bool:
    """Whether an answer is one of these, or the number in it."""
    known = {read_as_digits(squeezed(each)) for each in identifiers} - {""}
    numbers = {"".join(filter(str.isdecimal, each)) for each in known}
    known |= {number for number in numbers if len(number) >= _SHORTEST_NUMBER}
    return not known.isdisjoint(map(read_as_digits, cores_of(answer)))


def _digits_of(answer: str) -> str:
    """The digits of an answer that says nothing else; empty where it says more."""
    told = "".join(tokens_of(answer))
    digits = read_as_digits(told)
    is_number = digits.isdecimal() and sum(map(str.isdecimal, told)) >= _LAST_OF_SSN
    return digits if is_number else ""
