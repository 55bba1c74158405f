"""`agency.texts`: STOP and START, as they come from a telephone.

Invariants: after STOP nothing goes to a telephone by text message, codes included, and what waits for it in
the outbox is given up, whosever files it is on; START alone ends that; neither an answer nor an entry of the
audit log says a number.
"""

from collections.abc import Callable
from datetime import datetime

import attrs

from dcss_core.agency.accounts.letters import notify
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.contact_points import points_with_number
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import account_of_person
from dcss_core.agency.filing.cases import CONTACT_POINTS
from dcss_core.agency.sending.withdrawing import withdraw_from
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.reads import NothingToDo
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.people.contact_value import faults_of_contact, plain_value
from dcss_core.base.secret import Secret
from dcss_core.cases.people.contacts.events import TextsStarted, TextsStopped
from dcss_core.cases.people.contacts.point import ContactPoint, ContactState
from dcss_core.errors import InvalidInputError
from dcss_core.letters.recipient import Recipient


@attrs.frozen(repr=False)
class Texts:
    """The verbs on what people ask for by text message; for a job of the host that reads callbacks."""

    _door: Door

    @verb
    def stop(self, number: Secret, *, by: Caller) -> bool:
        """Send no text message to this telephone any more; whether that is new.

        False where it was stopped already, and where nobody has it on file. Whoever has it on file is told by
        e-mail. Raises InvalidInputError for what is no telephone number. (47 CFR 64.1200(a)(10))
        """

        def act(work: UnitOfWork, caller: Admitted) -> bool:
            found = [kept for kept in _points(work, number) if kept.record.texts_stopped_at is None]
            for kept in found:
                withdraw_from(work, Recipient.person(kept.record.person_id), [kept.record.value])
            return _set(work, caller.actor, "texts.stop", found, TextsStopped, work.now)

        return self._door.write("texts.stop", by, act)

    @verb
    def start(self, number: Secret, *, by: Caller) -> bool:
        """Send text messages to this telephone again; whether it had been stopped.

        Whoever has it on file is told by e-mail. Raises InvalidInputError for what is no telephone number.
        """

        def act(work: UnitOfWork, caller: Admitted) -> bool:
            found = [kept for kept in _points(work, number) if kept.record.texts_stopped_at is not None]
            return _set(work, caller.actor, "texts.start", found, TextsStarted, None)

        return self._door.write("texts.start", by, act)


def _points(work: UnitOfWork, number: Secret) -> list[Kept[ContactPoint]]:
    plain = plain_value(ContactKind.MOBILE, number)
    if faults := list(faults_of_contact("number", ContactKind.MOBILE, plain)):
        raise InvalidInputError("no text message comes from this", faults=faults)
    return points_with_number(work, plain)


def _set(
    work: UnitOfWork,
    actor: Actor,
    act: str,
    found: list[Kept[ContactPoint]],
    event_of: Callable[[str | None, str], TextsStopped | TextsStarted],
    stopped_at: datetime | None,
) -> bool:
    """Note it at every contact point; tell those whose telephone it is, and not who only typed it."""
    for kept in found:
        work.replace(CONTACT_POINTS, kept, attrs.evolve(kept.record, texts_stopped_at=stopped_at))
        account = account_of_person(work, kept.record.person_id)
        event = event_of(account.record.account_id if account else None, kept.record.contact_id)
        if account is not None and kept.record.state is ContactState.IN_FORCE:
            notify(work, account.record, [event])
        work.audit([event], actor)
    if not found:
        work.audit([NothingToDo(act)], actor)
    return bool(found)
