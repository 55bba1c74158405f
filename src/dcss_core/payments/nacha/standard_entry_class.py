"""StandardEntryClass: the application a batch belongs to.

Decides which classes are read: those that bring money to a disbursement unit or take it to
families, and the notices that answer them. The other classes lay their entries out differently;
a batch of one of them is refused as not supported.
"""

from enum import Enum
from typing import Final


class StandardEntryClass(Enum):
    """The three letters of a batch that say what its entries look like."""

    CCD = "CCD"  # company to company; with one addenda it is called CCD+, which is no code of its own
    COR = "COR"  # notification of change
    CTX = "CTX"  # company to company with an X12 message in the addenda
    PPD = "PPD"  # to or from a person
    TEL = "TEL"  # debit authorised by telephone
    WEB = "WEB"  # authorised on the internet

    @property
    def most_payment_addenda(self) -> int:
        """How many addenda of type 05 an entry may have (Nacha Operating Rules, App. 3)."""
        return _MOST_PAYMENT_ADDENDA[self]


_MOST_PAYMENT_ADDENDA: Final = {
    StandardEntryClass.CCD: 1,
    StandardEntryClass.COR: 0,
    StandardEntryClass.CTX: 9999,
    StandardEntryClass.PPD: 1,
    StandardEntryClass.TEL: 0,
    StandardEntryClass.WEB: 1,
}

UNSUPPORTED_CLASSES: Final = frozenset(
    {"ACK", "ADV", "ARC", "ATX", "BOC", "CIE", "DNE", "ENR", "IAT"}
    | {"MTE", "POP", "POS", "RCK", "SHR", "TRC", "TRX", "XCK"}
)
EXPECTED_CLASSES: Final = (
    f"one of {', '.join(known.value for known in StandardEntryClass)}; "
    "IAT, ADV and the other classes are not supported"
)
