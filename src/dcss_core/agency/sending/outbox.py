"""The outbox: messages that wait to be sent, written in the transaction that caused them, or owed by it.

Invariants: a message is sent at least once, always under the same id; a failing channel never undoes what
was done; what can't be delivered stays here, dead, for staff to see and to send again.
`letters.outgoing.outbox_message` decides when a message is tried, tried again and given up, `dispatching` how
a dispatcher comes to it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.filing.accounts import STAFF_MEMBERS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.agency.filing.remitters import INVITATIONS, REMITTER_MEMBERS
from dcss_core.agency.sending.dispatching import Round, count_in, count_waiting
from dcss_core.agency.sending.owing import Paid, Pay, pay_what_is_owed
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.reads import ListSeen, NothingToDo
from dcss_core.base.pages import LONGEST_PAGE, check_limit, not_of_this_list
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.printable import shown_number
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvalidInputError
from dcss_core.letters.letter import Letter
from dcss_core.letters.outgoing.dead_letter import (
    DeadLetter,
    LetterSentAgain,
    SendAgainOutcome,
    dead_letter,
    may_be_sent_again,
)
from dcss_core.letters.outgoing.dispatch_report import DispatchReport
from dcss_core.letters.outgoing.outbox_message import MessageState, OutboxMessage, send_again, write_message
from dcss_core.letters.outgoing.owed_letter import OwedFor
from dcss_core.letters.recipient import Recipient
from dcss_core.ports.channel import OpenedChannel

_SEND_AGAIN: Final = "outbox.send_again"
_MOST_SENT_AGAIN: Final = 100
"""Letters that one transaction puts in the outbox again: some milliseconds."""


def address_on_file(work: UnitOfWork, recipient: Recipient) -> Secret | None:
    """Where letters to somebody go, by mail; None where there is no address."""
    if recipient.person_id is not None:
        person = work.get(PEOPLE, recipient.person_id)
        return person.record.email if person else None
    if recipient.member_id is not None:
        of_remitter = work.get(REMITTER_MEMBERS, recipient.member_id)
        return of_remitter.record.email if of_remitter else None
    if recipient.invitation_id is not None:
        invitation = work.get(INVITATIONS, recipient.invitation_id)
        return invitation.record.email if invitation else None
    member = work.get(STAFF_MEMBERS, recipient.account_id)
    return member.record.email if member else None


def put_in_outbox(
    work: UnitOfWork,
    letter: Letter,
    *,
    message_id: str,
    recipient: Recipient,
    address: Secret,
    way: ContactKind = ContactKind.EMAIL,
) -> None:
    """Write a message to be sent after the present transaction."""
    message = write_message(
        letter, message_id=message_id, recipient=recipient, address=address, now=work.now, way=way
    )
    work.insert(OUTBOX, [message])


@attrs.frozen(repr=False)
class Outbox:
    """`agency.outbox`: sends what waits."""

    _resources: Resources
    _door: Door
    _channels: Mapping[str, OpenedChannel]
    _payers: Mapping[OwedFor, Pay]

    @verb
    def dispatch(self, *, by: Caller, limit: int = 100) -> DispatchReport:
        """Write what is owed, and try every message that is due, up to a limit; call it from a job, often.

        Several dispatchers can run at once: each message is leased to one of them, and to one recipient one
        message is on its way at a time. What is owed and can't be written is raised in the end, when
        everything else is done.
        """
        self._door.pass_through("outbox.dispatch", by)
        check_limit(limit)
        paid = pay_what_is_owed(self._resources, self._payers, limit) if self._channels else Paid()
        report = Round(self._resources, self._channels, limit, more_is_owed=paid.is_more).run()
        if paid.error is not None:
            raise paid.error
        return report

    @verb
    def pending(self, *, by: Caller) -> int:
        """How many messages wait, those included that are owed and not written yet."""
        return self._door.read("outbox.pending", by, lambda work, _: count_waiting(work))

    @verb
    def dead(self, *, by: Caller) -> int:
        """How many messages were given up; staff should look at them."""
        return self._door.read("outbox.dead", by, lambda work, _: count_in(work, MessageState.DEAD))

    @verb
    def dead_letters(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[DeadLetter, ...]:
        """The messages that were given up, the oldest first, each with why and what to do about it.

        `after` is the id of one of them: the list continues after it. Neither address nor text is shown.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            check_limit(limit)
            last = None if after is None else _dead(work, after)
            found = work.find(OUTBOX, ("state", "due_at"), (MessageState.DEAD,), after=last, limit=limit)
            work.audit([ListSeen("dead_letters", len(found))], caller.actor)
            return [kept.record.message_id for kept in found]

        return self._door.show("outbox.dead_letters", by, look, _dead_letters)

    @verb
    def send_again(self, message_ids: Sequence[str], *, by: Caller) -> Mapping[str, SendAgainOutcome]:
        """Put letters that were given up in the outbox again, to the address that is on file now.

        1 to 100 of them, by their ids; what became of each. Raises InvalidInputError for another number.
        """
        ids = [*dict.fromkeys(message_ids)]

        def act(work: UnitOfWork, caller: Admitted) -> dict[str, SendAgainOutcome]:
            _check_number(len(ids))
            messages = work.get_each(OUTBOX, ids)
            outcomes = {each: _sent_again(work, kept) for each, kept in zip(ids, messages, strict=True)}
            sent = [each for each, outcome in outcomes.items() if outcome is SendAgainOutcome.WAITS]
            work.audit([LetterSentAgain(each) for each in sent] or [NothingToDo(_SEND_AGAIN)], caller.actor)
            return outcomes

        return self._door.write(_SEND_AGAIN, by, act)


def _check_number(ids: int) -> None:
    if not 1 <= ids <= _MOST_SENT_AGAIN:
        fault = Fault("message_ids", f"{shown_number(ids)} ids", f"1 to {_MOST_SENT_AGAIN}")
        raise InvalidInputError("letters are sent again a bounded number at a time", faults=[fault])


def _dead(work: UnitOfWork, message_id: str) -> Kept[OutboxMessage]:
    kept = work.get(OUTBOX, message_id)
    if kept is None or kept.record.state is not MessageState.DEAD:
        raise not_of_this_list("the id of a letter that was given up")
    return kept


def _dead_letters(work: UnitOfWork, message_ids: list[str]) -> tuple[DeadLetter, ...]:
    return tuple(
        dead_letter(kept.record)
        for kept in work.each_there(OUTBOX, message_ids)
        if kept.record.state is MessageState.DEAD
    )


def _sent_again(work: UnitOfWork, kept: Kept[OutboxMessage] | None) -> SendAgainOutcome:
    if kept is None:
        return SendAgainOutcome.NOT_FOUND
    obstacle = may_be_sent_again(kept.record)
    if obstacle is not None:
        return obstacle
    address = address_on_file(work, kept.record.recipient)
    if address is None:
        return SendAgainOutcome.NO_ADDRESS
    work.replace(OUTBOX, kept, send_again(kept.record, address, work.now))
    return SendAgainOutcome.WAITS
