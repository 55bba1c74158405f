"""Owing: letters that somebody outside gave cause for are noted at once, and written by a dispatcher.

Decides which events of an attempt make a letter owed, and in which order debts are paid. Invariants: a debt
is noted in the transaction that gave cause for it, whether or not there is anybody to write to; it is paid
in one transaction, in which it is gone; one that can't be paid keeps no other waiting.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from dcss_core.agency.filing.letters import OWED_LETTERS
from dcss_core.agency.work.deadline import renew_patience
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.events import Event
from dcss_core.errors import BackendError, DcssError
from dcss_core.letters.outgoing.owed_letter import OwedFor, OwedLetter
from dcss_core.users.events import AccountLocked, RecoveryClosed, UnknownIdLocked
from dcss_core.users.sign_in.session import Session

Pay: TypeAlias = Callable[[UnitOfWork, OwedLetter], None]
"""Writes what is owed, where there is anybody to write to."""

_PAGE: Final = 20


def owe(
    work: UnitOfWork,
    owed_for: OwedFor,
    account_id: str | None,
    source: str | None,
    *,
    until: datetime | None = None,
    failures: int | None = None,
) -> None:
    """Note that a letter is owed to the owner of an account, or to nobody."""
    owed = OwedLetter(work.new_id(), owed_for, account_id, work.now, source, until, failures)
    work.insert(OWED_LETTERS, [owed])


def owe_letters(work: UnitOfWork, events: Iterable[Event], source: str | None) -> None:
    """Note the letters that the events of one attempt make owed."""
    for event in events:
        if isinstance(event, AccountLocked | UnknownIdLocked):
            owe(work, OwedFor.SIGN_IN_LOCKED, event.account_id, source, until=event.until)
        elif isinstance(event, RecoveryClosed):
            owe(work, OwedFor.RECOVERY_CLOSED, event.account_id, source, failures=event.failures)


def owe_unless_given(work: UnitOfWork, session: Session) -> None:
    """Note that the owner is to be told where the second factor is not given while this session waits."""
    owed_for, owed_at = OwedFor.SECOND_FACTOR_NOT_GIVEN, session.expires_at
    owed = OwedLetter(_of_session(session), owed_for, session.account_id, owed_at, session.source)
    work.insert(OWED_LETTERS, [owed])


def forget_owed(work: UnitOfWork, session: Session) -> None:
    """Have nothing owed for a session in which the second factor was given."""
    work.delete(OWED_LETTERS, ("owed_id",), (_of_session(session),), limit=1)


def pay_what_is_owed(resources: Resources, payers: Mapping[OwedFor, Pay], most: int) -> DcssError | None:
    """Write up to so many letters that are owed, the oldest debt first.

    Gives the first error of a debt that can't be paid, and goes on with the others; raises one that may pass.
    """
    unpaid: DcssError | None = None
    last: Kept[OwedLetter] | None = None
    left = most
    while left > 0:
        page = resources.read(_after(last, min(left, _PAGE)))
        for kept in (each for each in page if each.record.is_due(resources.now())):
            unpaid = _pay(resources, payers, kept.record.owed_id) or unpaid
        if len(page) < min(left, _PAGE):
            break
        left, last = left - len(page), page[-1]
    return unpaid


def _of_session(session: Session) -> str:
    return f"session/{session.session_id}"


def _after(last: Kept[OwedLetter] | None, limit: int) -> Callable[[UnitOfWork], list[Kept[OwedLetter]]]:
    return lambda work: work.find(OWED_LETTERS, ("owed_at",), after=last, limit=limit)


def _pay(resources: Resources, payers: Mapping[OwedFor, Pay], owed_id: str) -> DcssError | None:
    def paid(work: UnitOfWork) -> None:
        kept = work.get(OWED_LETTERS, owed_id)
        if kept is not None:  # else another dispatcher was faster
            payers[kept.record.owed_for](work, kept.record)
            work.delete(OWED_LETTERS, ("owed_id",), (owed_id,), limit=1)

    renew_patience()
    try:
        resources.write(paid)
    except DcssError as error:
        if isinstance(error, BackendError) and error.retryable:
            raise
        return error
    return None
