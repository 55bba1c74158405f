"""TaxpayerNumber: the number by which a person is told from all others, an SSN or else an ITIN.

Decides which of the two some digits are: by their shape alone, since no number can be both.
"""

from typing import TypeAlias

from dcss_core.base.people.itin import Itin, is_itin
from dcss_core.base.people.nine_digits import nine_digits
from dcss_core.base.ssn import Ssn

TaxpayerNumber: TypeAlias = Ssn | Itin
"""A Social Security number, or the ITIN of somebody who has none."""


def taxpayer_number(text: str) -> TaxpayerNumber:
    """Read a number as somebody typed it; raises InvalidInputError, which never holds the digits."""
    digits = nine_digits(text)
    return Ssn(text) if digits is None or not is_itin(digits) else Itin(text)


def stored_taxpayer_number(digits: str) -> TaxpayerNumber:
    """Read back the digits of either; they are not judged again."""
    return Itin.stored(digits) if is_itin(digits) else Ssn.stored(digits)
