"""Account letters: tells the owner of an account what happened to it, at the address on file."""

from dcss_core.agency.account_filing import STAFF_MEMBERS
from dcss_core.agency.filing import PEOPLE
from dcss_core.agency.letters import Letter, Letterhead, letterhead
from dcss_core.agency.outbox import OUTBOX, put_in_outbox
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
            message_id=_message_id(account, occasion),
            person_id=account.person_id,
            address=address,
        )
    return address is not None


def tell_of_lock(work: UnitOfWork, resources: Resources, account: Account) -> None:
    """Tell the owner that wrong passwords locked sign-in, once a day at most (OWASP ASVS 5.0.0, 6.3.5).

    The day is the agency's; whoever goes on locking an account floods no mailbox with it.
    """
    occasion = f"locked/{resources.day_of(work.now)}"
    if work.get(OUTBOX, _message_id(account, occasion)) is None:
        notify(work, account, letterhead_on(work, resources).locked(), occasion)


def tell_of_closing(work: UnitOfWork, resources: Resources, account: Account) -> None:
    """Tell the owner that wrong particulars have just closed recovery (OWASP ASVS 5.0.0, 6.3.5)."""
    letter = letterhead_on(work, resources).recovery_closed()
    notify(work, account, letter, f"recovery-closed/{resources.new_id()}")


def letterhead_on(work: UnitOfWork, resources: Resources) -> Letterhead:
    """The agency's name and telephone number on the day of this unit of work."""
    return letterhead(resources.jurisdiction.on(resources.day_of(work.now)))


def _message_id(account: Account, occasion: str) -> str:
    return f"account/{account.account_id}/{occasion}"
