"""Account letters: tells the owner of an account what happened to it, at the address on file."""

from collections.abc import Iterable

from dcss_core.agency.filing.accounts import STAFF_MEMBERS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.sending.outbox import OUTBOX, put_in_outbox
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.letters.letterhead import Letter, Letterhead, letterhead
from dcss_core.users.account import Account
from dcss_core.users.events import AccountLocked


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


def tell_of_lock(work: UnitOfWork, account: Account, events: Iterable[Event]) -> None:
    """Tell the owner if wrong passwords have just locked sign-in (OWASP ASVS 5.0.0, 6.3.5).

    Once a day of the agency's at most: whoever goes on locking an account floods no mailbox with it.
    """
    if not any(isinstance(event, AccountLocked) for event in events):
        return
    occasion = f"locked/{work.today}"
    if work.get(OUTBOX, _message_id(account, occasion)) is None:
        notify(work, account, letterhead_on(work).locked(), occasion)


def tell_of_closing(work: UnitOfWork, account: Account) -> None:
    """Tell the owner that wrong particulars have just closed recovery (OWASP ASVS 5.0.0, 6.3.5)."""
    letter = letterhead_on(work).recovery_closed()
    notify(work, account, letter, f"recovery-closed/{work.new_id()}")


def letterhead_on(work: UnitOfWork) -> Letterhead:
    """The agency's name and telephone number on the day of this unit of work."""
    return letterhead(work.rules)


def _message_id(account: Account, occasion: str) -> str:
    return f"account/{account.account_id}/{occasion}"
