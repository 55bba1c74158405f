"""Contact letters: the code that goes to a contact point which waits to be confirmed."""

from dcss_core.agency.sending.outbox import put_in_outbox
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.events import Event
from dcss_core.cases.people.contacts.events import ContactCodeNotSent, ContactCodeSent, ContactRefusal
from dcss_core.cases.people.contacts.point import ContactPoint
from dcss_core.letters.about import letter_about
from dcss_core.letters.carried import CarriedCode
from dcss_core.letters.letterhead import letterhead
from dcss_core.letters.recipient import Recipient
from dcss_core.users.account import Account
from dcss_core.users.recovery.issued_code import IssuedCode


def send_code(
    work: UnitOfWork, account: Account, point: ContactPoint, code: IssuedCode, *, is_anothers: bool
) -> Event:
    """Send the code to the new contact point, unless that is another party's; what happened."""
    account_id, until = account.account_id, point.code_until
    if is_anothers or until is None:
        reason = ContactRefusal.OF_ANOTHER_PARTY
        return ContactCodeNotSent(account_id, point.contact_id, point.kind, reason)
    event = ContactCodeSent(account_id, point.contact_id, point.kind, until)
    letter = letter_about(event, letterhead(work.rules), CarriedCode(code, work.local_time(until)))
    if letter is not None:
        put_in_outbox(
            work,
            letter,
            message_id=f"account/{account_id}/contact/{point.contact_id}",
            recipient=Recipient.person(point.person_id),
            address=point.value,
            way=point.kind,
        )
    return event
