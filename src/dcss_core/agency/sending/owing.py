"""Owing: letters that somebody outside gave cause for are noted at once, and written by a dispatcher.

Decides which events of an attempt make a letter owed, and in which order debts are paid. Invariants: a debt
is noted in the transaction that gave cause for it, whether or not there is anybody to write to; it is paid
in one transaction, in which it is gone; one that can't be paid keeps no other waiting.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import attrs

from dcss_core.agency.filing.letters import OWED_LETTERS
from dcss_core.agency.work.deadline import renew_patience
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.events import Event
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.errors import BackendError, DcssError
from dcss_core.letters.outgoing.owed_letter import OwedFor, OwedLetter
from dcss_core.users.events import AccountLocked, RecoveryClosed, UnknownIdLocked
from dcss_core.users.sign_in.session import Session

Pay: TypeAlias = Callable[[UnitOfWork, OwedLetter], None]
"""Writes what is owed, where there is anybody to write to."""

_PAGE: Final = 100
_MOST_PAGES: Final = 50
"""Pages that one round looks through: some hundred milliseconds, where all of it is owed to nobody."""


def owe(
    work: UnitOfWork,
    owed_for: OwedFor,
    account_id: str | None,
    source: str | None,
    *,
    until: datetime | None = None,
    failures: int | None = None,
    way: ContactKind = ContactKind.EMAIL,
) -> None:
    """Note that a letter is owed to the owner of an account, or to nobody."""
    owed = OwedLetter(work.new_id(), owed_for, account_id, work.now, source, until, failures, way)
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


@attrs.frozen
class Paid:
    """What came of a round: the error of a debt that can't be paid, and whether more is due."""

    error: DcssError | None = None
    is_more: bool = False


def pay_what_is_owed(resources: Resources, payers: Mapping[OwedFor, Pay], most: int) -> Paid:
    """Write up to so many letters that are owed, the oldest debt first, and go on after one that can't be.

    What is owed to nobody is paid by the page and does not count, so that a flood of it keeps nobody waiting.
    Raises an error that may pass.
    """
    error: DcssError | None = None
    last: Kept[OwedLetter] | None = None
    left = most
    for _ in range(_MOST_PAGES):
        page = resources.read(_after(last))
        due = [kept.record for kept in page if kept.record.is_due(resources.now())]
        _pay_nobody(resources, payers, [each for each in due if each.account_id is None])
        to_somebody = [each for each in due if each.account_id is not None]
        for owed in to_somebody[:left]:
            error = _pay(resources, payers, owed.owed_id) or error
        left -= len(to_somebody)
        if left < 0:
            return Paid(error, is_more=True)
        if len(page) < _PAGE:
            return Paid(error)
        last = page[-1]
    return Paid(error, is_more=True)


def _of_session(session: Session) -> str:
    return f"session/{session.session_id}"


def _after(last: Kept[OwedLetter] | None) -> Callable[[UnitOfWork], list[Kept[OwedLetter]]]:
    return lambda work: work.find(OWED_LETTERS, ("owed_at",), after=last, limit=_PAGE)


def _pay_nobody(resources: Resources, payers: Mapping[OwedFor, Pay], debts: Sequence[OwedLetter]) -> None:
    def paid(work: UnitOfWork) -> None:
        for kept in work.each_there(OWED_LETTERS, [each.owed_id for each in debts]):
            payers[kept.record.owed_for](work, kept.record)
            work.delete(OWED_LETTERS, ("owed_id",), (kept.record.owed_id,), limit=1)

    if debts:
        renew_patience()
        resources.write(paid)


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
