"""Payees: whoever is paid is told that there is something new to see.

Invariant: a payee is told once of one occasion, in the transaction that first paid them by it, however many
transactions belong to it.
"""

from collections.abc import Iterable

from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.agency.sending.outbox import put_in_outbox
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.events import Event
from dcss_core.letters.about import letter_about
from dcss_core.letters.letterhead import letterhead
from dcss_core.letters.recipient import Recipient
from dcss_core.payments.distribution.distribution import DistributionLine


def tell_payees(
    work: UnitOfWork, event: Event, lines: Iterable[DistributionLine], *, is_first: bool = False
) -> None:
    """Put the letter that an event calls for in the outbox, for everybody who is paid by these lines.

    `is_first` says that nobody can have been told of this occasion yet, so that nobody need look.
    """
    letter = letter_about(event, letterhead(work.rules))
    if letter is None:
        return
    payees = sorted({line.payee_id for line in lines if line.payee_id is not None})
    messages = [f"{letter.occasion.name}/{person_id}" for person_id in payees]
    people = work.get_each(PEOPLE, payees)
    told = [None] * len(messages) if is_first else work.get_each(OUTBOX, messages)
    for message_id, person, already in zip(messages, people, told, strict=True):
        if already is None and person is not None and person.record.email is not None:
            put_in_outbox(
                work,
                letter,
                message_id=message_id,
                recipient=Recipient.person(person.record.person_id),
                address=person.record.email,
            )
