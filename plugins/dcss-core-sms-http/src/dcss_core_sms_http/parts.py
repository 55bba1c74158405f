"""Parts of a text message: how many messages of the network a text takes.

Decides by the alphabets of the network (3GPP TS 23.038): a text whose letters all stand in the GSM 7-bit
default alphabet has 160 of them in one message; any other text goes as UCS-2, with 70. A longer text is
cut by the gateway into parts of 153 or 67, which the telephone joins (3GPP TS 23.040, section 9.2.3.24.1:
a header of six octets). Invariant: what takes two places, a letter of the extension table or half of a
surrogate pair, is not torn in two.
"""

from collections.abc import Iterable
from typing import Final

# 3GPP TS 23.038, section 6.2.1, in the order of the table
_DEFAULT: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = frozenset("\f^{}\\[~]|€")  # section 6.2.1.1: an escape goes before each
_GSM_ALONE, _GSM_PART = 160, 153
_UCS2_ALONE, _UCS2_PART = 70, 67
_LAST_OF_ONE_UNIT: Final = "\uffff"


def parts_of(text: str) -> int:
    """How many parts a text takes; 0 for none."""
    if _DEFAULT.union(_EXTENSION).issuperset(text):
        return _parts([1 + (letter in _EXTENSION) for letter in text], _GSM_ALONE, _GSM_PART)
    return _parts([1 + (letter > _LAST_OF_ONE_UNIT) for letter in text], _UCS2_ALONE, _UCS2_PART)


def _parts(widths: Iterable[int], alone: int, part: int) -> int:
    widths = list(widths)
    if sum(widths) <= alone:
        return int(bool(widths))
    count, filled = 1, 0
    for width in widths:
        if filled + width > part:
            count, filled = count + 1, 0
        filled += width
    return count
