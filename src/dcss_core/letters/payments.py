"""Letters about payments, to whoever is paid.

Decides which event of collection a payee is told of. Invariants: one letter to each payee for a file, for a
receipt that was identified, or for a charge that held money paid; no letter names an amount, a case or a
person: whoever signs in sees them.
"""

from typing import Final

from dcss_core.base.events import Event
from dcss_core.letters.carried import Carried
from dcss_core.letters.letter import Letter, Occasion
from dcss_core.letters.letterhead import Letterhead
from dcss_core.letters.wording import Wordings
from dcss_core.payments.collection.employment_end import EmploymentEndReported
from dcss_core.payments.collection.receipt import ReceiptHeld, ReceiptIdentified, ReceiptPosted
from dcss_core.payments.collection.remittance_file import (
    RemittancePosted,
    RemittanceReceived,
    RemittanceReceivedAgain,
    RemittanceRefused,
)
from dcss_core.payments.obligations.charging import SupportCharged

_LONGEST_FILE_ID: Final = 32


def payment_posted(letterhead: Letterhead, occasion: str) -> Letter:
    """Tell a payee that there is something new to see; `occasion` is what posted it."""
    return letterhead.letter(
        "A payment was posted",
        "A payment was posted to your case. Sign in to see it and where each cent of it went.",
        Occasion(f"payment-posted/{occasion}"),
    )


def _file(event: RemittanceReceived, letterhead: Letterhead, carried: Carried | None) -> Letter:
    return payment_posted(letterhead, event.file_id[:_LONGEST_FILE_ID])


def _identified(event: ReceiptIdentified, letterhead: Letterhead, carried: Carried | None) -> Letter:
    return payment_posted(letterhead, event.receipt_id)


def _charged(event: SupportCharged, letterhead: Letterhead, carried: Carried | None) -> Letter | None:
    if not event.from_held:  # nobody was paid by it
        return None
    return payment_posted(letterhead, f"charge/{event.case_number}/{event.through}")


PAYMENT_LETTERS: Final[Wordings] = {
    RemittanceReceived: _file,
    ReceiptIdentified: _identified,
    SupportCharged: _charged,
}

PAYMENT_TOLD_TO_NOBODY: Final[frozenset[type[Event]]] = frozenset(
    {
        # The file it came in is told, once to each payee however many receipts it holds for them.
        ReceiptPosted,
        # Whose money it is is not known yet, and whoever is paid is told then.
        ReceiptHeld,
        # Whoever is paid was told with the part of the file that paid them.
        RemittancePosted,
        # Nothing was posted.
        RemittanceReceivedAgain,
        RemittanceRefused,
        # It is for staff to look into.
        EmploymentEndReported,
    }
)
