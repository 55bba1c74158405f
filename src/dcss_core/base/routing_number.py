"""RoutingNumber: a bank's nine-digit ABA routing transit number.

Decides by the check digit whether nine digits can be one. Invariant: what was refused is never shown.
"""

from typing import Final

import attrs

from dcss_core.base.records.one_text import OneText
from dcss_core.errors import Fault, InvalidInputError

_WEIGHTS: Final = (3, 7, 1, 3, 7, 1, 3, 7)


def check_digit(first_eight: str) -> int:
    """Compute the ninth digit: weights 3 7 1 3 7 1 3 7, (10 - sum mod 10) mod 10.

    Raises InvalidInputError for anything but eight digits. Source: Nacha Operating Rules, Appendix 3.
    """
    if not _is_digits(first_eight, 8):
        raise _refused("other text", "eight digits before the check digit")
    weighted = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, first_eight, strict=True))
    return (10 - weighted % 10) % 10


@attrs.frozen(order=True, init=False, repr=False)
class RoutingNumber(OneText):
    """An ABA routing number whose check digit holds; raises InvalidInputError."""

    value: str

    def __init__(self, value: str) -> None:
        text = value.strip() if type(value) is str else ""
        if not _is_digits(text, 9):
            raise _refused("other text", "nine digits")
        expected = check_digit(text[:8])
        if int(text[8]) != expected:
            raise _refused(f"check digit {text[8]}", f"check digit {expected}")
        self.__attrs_init__(text)


def _is_digits(text: str, count: int) -> bool:
    return len(text) == count and text.isascii() and text.isdigit()


# What was typed is not repeated: the number most often typed here by mistake is the account number.
def _refused(found: str, expected: str) -> InvalidInputError:
    return InvalidInputError(
        "this is not a bank routing number; copy it again from the bottom left of a cheque",
        faults=[Fault("routing number", found, expected)],
    )
