"""Account letters: brings what is written about an account to the outbox, at the address on file.

What is written, about which event and how often, `letters` decides.
"""

from collections.abc import Iterable

from dcss_core.agency.callers.contact_points import address_for_codes, points_of
from dcss_core.agency.callers.found import NOBODY
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.agency.sending.outbox import address_on_file, put_in_outbox
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.letters.about import letters_about, may_call_for_letter
from dcss_core.letters.carried import Carried, CarriedCode, CarriedPassword
from dcss_core.letters.letter import Letter
from dcss_core.letters.letterhead import letterhead
from dcss_core.letters.outgoing.owed_letter import OwedLetter
from dcss_core.letters.recipient import Recipient
from dcss_core.users.account import Account, AccountKind
from dcss_core.users.events import AccountLocked, RecoveryClosed, SecondFactorNotGiven


def recipient_of(account: Account) -> Recipient:
    """Whom letters about an account go to: its person, who answers for one of staff, or a member."""
    if account.person_id is not None:
        return Recipient.person(account.person_id)
    if account.kind is AccountKind.REMITTER:
        return Recipient.member(account.account_id)
    return Recipient.account(account.account_id)


def address_of(work: UnitOfWork, account: Account) -> Secret | None:
    """The address on file of whoever the letters about an account go to."""
    return address_on_file(work, recipient_of(account))


def code_address_of(
    work: UnitOfWork, account: Account | None, way: ContactKind = ContactKind.EMAIL
) -> Secret | None:
    """Where codes for recovery go; as much is read for nobody, and for whom letters go there already.

    Of staff no telephone is kept, so none goes there by text message.
    """
    person_id = account.person_id if account is not None else NOBODY
    if person_id is not None:
        return address_for_codes(work, person_id, way)
    points_of(work, NOBODY)
    address = address_of(work, account) if account is not None else None
    return address if way is ContactKind.EMAIL else None


def notify(
    work: UnitOfWork,
    account: Account,
    events: Iterable[Event],
    carried: Carried | None = None,
    *,
    way: ContactKind = ContactKind.EMAIL,
) -> bool:
    """Write to the owner what they are told of events; False where there is no address to write to.

    What lets somebody in goes where codes go, which is not where letters go just after that was changed;
    `way` is which way, and everything else is a letter.
    """
    told = [event for event in events if may_call_for_letter(event)]
    letters = letters_about(told, letterhead(work.rules), carried) if told else ()
    if not letters:
        return True
    lets_in = isinstance(carried, CarriedCode | CarriedPassword)
    address = code_address_of(work, account, way) if lets_in else address_of(work, account)
    if address is None:
        return False
    for letter in letters:
        _put(work, account, letter, address, way if lets_in else ContactKind.EMAIL)
    return True


def notify_everywhere(work: UnitOfWork, account: Account, events: Iterable[Event]) -> None:
    """Write to the owner where letters go, and where codes go as long as that is another place."""
    told = [*events]
    notify(work, account, told)
    letters, codes = address_of(work, account), code_address_of(work, account)
    if codes is not None and codes != letters:
        for letter in letters_about(told, letterhead(work.rules)):
            _put(work, account, letter, codes)


def was_written(work: UnitOfWork, account: Account, event: Event, carried: Carried | None = None) -> bool:
    """Whether the letter about an event, which is written once, is in the outbox already."""
    letters = letters_about([event], letterhead(work.rules), carried)
    ids = [
        each.occasion.message_id(account.account_id, today=work.today, new_id=work.new_id) for each in letters
    ]
    return any(kept is not None for kept in work.get_each(OUTBOX, ids))


def tell_lock(work: UnitOfWork, owed: OwedLetter) -> None:
    """Pay the letter that sign-in was locked."""
    if owed.until is not None:
        _tell(work, owed, AccountLocked(owed.account_id, owed.until))


def tell_closing(work: UnitOfWork, owed: OwedLetter) -> None:
    """Pay the letter that recovery was closed."""
    _tell(work, owed, RecoveryClosed(owed.account_id, owed.failures or 0))


def tell_not_given(work: UnitOfWork, owed: OwedLetter) -> None:
    """Pay the letter that somebody gave the password and not the second factor."""
    event = SecondFactorNotGiven(owed.account_id)
    _tell(work, owed, event)
    work.audit([event], Actor.public(), owed.source)


def _tell(work: UnitOfWork, owed: OwedLetter, event: Event) -> None:
    kept = work.get(ACCOUNTS, owed.account_id) if owed.account_id is not None else None
    if kept is not None:
        notify(work, kept.record, [event])


def _put(
    work: UnitOfWork,
    account: Account,
    letter: Letter,
    address: Secret,
    way: ContactKind = ContactKind.EMAIL,
) -> None:
    occasion = letter.occasion
    message_id = occasion.message_id(account.account_id, today=work.today, new_id=work.new_id)
    if not occasion.may_be_told_already or work.get(OUTBOX, message_id) is None:
        recipient = recipient_of(account)
        put_in_outbox(work, letter, message_id=message_id, recipient=recipient, address=address, way=way)
