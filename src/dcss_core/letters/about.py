"""Which letter an event calls for.

Decides by the event's class, from the tables of the areas. Invariants: each class of event stands in one of
the tables, with its wording or among those that are told to nobody; what several events say in the same words
is said once.
"""

from collections.abc import Iterable
from typing import Final

from dcss_core.base.events import Event
from dcss_core.letters.accounts import ACCOUNT_LETTERS, ACCOUNT_TOLD_TO_NOBODY
from dcss_core.letters.audit import AUDIT_TOLD_TO_NOBODY
from dcss_core.letters.carried import Carried
from dcss_core.letters.cases import CASE_TOLD_TO_NOBODY
from dcss_core.letters.contacts import CONTACT_LETTERS, CONTACT_TOLD_TO_NOBODY
from dcss_core.letters.letter import Letter
from dcss_core.letters.letterhead import Letterhead
from dcss_core.letters.outgoing.dead_letter import DEAD_LETTERS_TOLD_TO_NOBODY
from dcss_core.letters.payments import PAYMENT_LETTERS, PAYMENT_TOLD_TO_NOBODY
from dcss_core.letters.recovery import RECOVERY_LETTERS, RECOVERY_TOLD_TO_NOBODY
from dcss_core.letters.remitters import REMITTER_LETTERS, REMITTERS_TOLD_TO_NOBODY
from dcss_core.letters.staff import STAFF_LETTERS, STAFF_TOLD_TO_NOBODY
from dcss_core.letters.vouched import VOUCHED_LETTERS, VOUCHED_TOLD_TO_NOBODY
from dcss_core.letters.wording import Wordings

TABLES: Final[tuple[Wordings, ...]] = (
    ACCOUNT_LETTERS,
    RECOVERY_LETTERS,
    CONTACT_LETTERS,
    STAFF_LETTERS,
    REMITTER_LETTERS,
    VOUCHED_LETTERS,
    PAYMENT_LETTERS,
)
TOLD_TO_NOBODY: Final[tuple[frozenset[type[Event]], ...]] = (
    ACCOUNT_TOLD_TO_NOBODY,
    RECOVERY_TOLD_TO_NOBODY,
    CONTACT_TOLD_TO_NOBODY,
    STAFF_TOLD_TO_NOBODY,
    REMITTERS_TOLD_TO_NOBODY,
    VOUCHED_TOLD_TO_NOBODY,
    PAYMENT_TOLD_TO_NOBODY,
    CASE_TOLD_TO_NOBODY,
    AUDIT_TOLD_TO_NOBODY,
    DEAD_LETTERS_TOLD_TO_NOBODY,
)
_WORDINGS: Final[Wordings] = {kind: wording for table in TABLES for kind, wording in table.items()}


def may_call_for_letter(event: Event) -> bool:
    """Whether there is a wording for events of this class."""
    return type(event) in _WORDINGS


def letter_about(event: Event, letterhead: Letterhead, carried: Carried | None = None) -> Letter | None:
    """The letter that an event calls for; None when nobody is told of it.

    Raises InvariantError when the letter needs something that it was not given to carry.
    """
    wording = _WORDINGS.get(type(event))
    return wording(event, letterhead, carried) if wording else None


def letters_about(
    events: Iterable[Event], letterhead: Letterhead, carried: Carried | None = None
) -> tuple[Letter, ...]:
    """The letters that the events of one act call for, in their order, each once."""
    letters: list[Letter] = []
    for event in events:
        letter = letter_about(event, letterhead, carried)
        if letter is not None and letter not in letters:
            letters.append(letter)
    return tuple(letters)
