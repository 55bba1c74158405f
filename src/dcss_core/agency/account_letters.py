"""Account letters: tells the owner of an account what happened to it, at the address on file."""

from dcss_core.agency.account_filing import STAFF_MEMBERS
from dcss_core.agency.filing import PEOPLE
from dcss_core.agency.letters import Letter, Letterhead, letterhead
from dcss_core.agency.outbox import put_in_outbox
from dcss_core.agency.resources import Resources
from dcss_core.agency.unit_of_work import UnitOfWork
from dcss_core.base.secret import Secret
from dcss_core.users.account import Account


def address_of(work: UnitOfWork, account: Account) -> Secret | None:
    """The address on file: of the participant, or of the member of staff who answers for the account."""
    if account.person_id is not None:
        person = work.get(PEOPLE, account.person_id)
        return person.record.email if person else None
    member = work.get(STAFF_MEMBERS, account.account_id)
    return member.record.email if member else None


def notify(work: UnitOfWork, account: Account, letter: Letter, occasion: str) -> bool:
    """Write to the owner, once for an occasion; whether there is an address to write to."""
    address = address_of(work, account)
    if address is not None:
        put_in_outbox(
            work,
            letter,
            message_id=f"account/{account.account_id}/{occasion}",
            person_id=account.person_id,
            address=address,
        )
    return address is not None


def letterhead_on(work: UnitOfWork, resources: Resources) -> Letterhead:
    """The agency's name and telephone number on the day of this unit of work."""
    return letterhead(resources.jurisdiction.on(resources.day_of(work.now)))
