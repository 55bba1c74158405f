"""Contact change: asked for by the owner, confirmed at the new contact point, told at the old one.

Decides when a contact point counts. Invariants: whoever asks is told the same whether or not the value is
another party's in one of their cases, and no code goes there then, so that nobody learns another's address or
gets its letters; a code is good once, for its own contact point; a new one waits before codes for recovery go
there, and those go to the one before meanwhile, so that who got into a session can't take the account over.
"""

import hmac
from datetime import datetime, timedelta
from typing import Final, TypeAlias

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.cases.people.contacts.events import (
    ContactConfirmed,
    ContactNotConfirmed,
    ContactRefusal,
)
from dcss_core.cases.people.contacts.point import (
    CONTACT_STATES,
    ContactAct,
    ContactPoint,
    ContactSource,
    ContactState,
)
from dcss_core.cases.people.contacts.policy import MOST_WRONG_CODES
from dcss_core.users.letter_groups import hash_of_letters

_PURPOSE: Final = "confirm a contact point 1"


@attrs.frozen
class ContactChangeBegun:
    """A code is on its way to the new contact point; `confirm` with it before `code_until`."""

    way: ContactKind
    code_until: datetime

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "A code is on its way to you there. Type it here to confirm. If none comes, call us."


@attrs.frozen
class ContactChangeRefused:
    """Nothing was changed: too many changes were asked for in a short time."""

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        return "You have asked for several changes in a short time. Wait an hour, and try again."


@attrs.frozen
class ContactChanged:
    """The new contact point is in force; codes for recovery go there from `codes_from` on."""

    way: ContactKind
    codes_from: datetime


@attrs.frozen
class ContactTakenBack:
    """What staff took back: how many contact points, and what is in force again, as its owner knows it."""

    removed: int
    restored: str | None


@attrs.frozen
class ContactCodeRefused:
    """The code was not accepted; `ask_again` says that another change has to be asked for."""

    ask_again: bool

    @property
    def sentence(self) -> str:
        """What to tell the caller."""
        if self.ask_again:
            return "This code is not good any more. Ask for the change again."
        return "This is not the code. Look at the last letter that came, and try again."


ContactConfirmOutcome: TypeAlias = ContactChanged | ContactCodeRefused


def asked(
    contact_id: str,
    person_id: str,
    kind: ContactKind,
    value: Secret,
    *,
    code: Secret,
    code_until: datetime,
    now: datetime,
) -> ContactPoint:
    """A contact point that its owner gave; it waits to be confirmed with the code."""
    return ContactPoint(
        contact_id,
        person_id,
        kind,
        value,
        ContactSource.OWNER,
        CONTACT_STATES.next_state(None, ContactAct.ASK),
        recorded_at=now,
        code_hash=_hash(code, contact_id),
        code_until=code_until,
    )


def brought_with_the_case(contact_id: str, person_id: str, value: Secret, now: datetime) -> ContactPoint:
    """The postal address that staff gave as they opened the case; it is trusted, and in force at once."""
    return ContactPoint(
        contact_id,
        person_id,
        ContactKind.POSTAL,
        value,
        ContactSource.CASE,
        CONTACT_STATES.next_state(None, ContactAct.BRING),
        recorded_at=now,
        codes_from=now,
    )


def came_with_the_case(contact_id: str, person_id: str, value: Secret, now: datetime) -> ContactPoint:
    """The e-mail address that was on file before anybody changed it, now that another is in its place."""
    return ContactPoint(
        contact_id,
        person_id,
        ContactKind.EMAIL,
        value,
        ContactSource.CASE,
        CONTACT_STATES.next_state(None, ContactAct.NOTE_EARLIER),
        recorded_at=now,
        until=now,
        codes_from=now,
    )


@attrs.frozen
class ConfirmDecision:
    """What the caller sees, what to save and what to record; `point` is None where none waits."""

    outcome: ContactConfirmOutcome
    point: ContactPoint | None
    event: ContactConfirmed | ContactNotConfirmed


def decide_confirmation(
    account_id: str,
    kind: ContactKind,
    point: ContactPoint | None,
    typed: Secret,
    *,
    is_anothers: bool,
    replaced: str | None,
    cooling: timedelta,
    now: datetime,
) -> ConfirmDecision:
    """Judge the code for the contact point that waits; `replaced` is the id of the one in force."""
    if point is None or point.code_hash is None or point.code_until is None:
        return _refused(account_id, kind, None, ContactRefusal.NONE_WAITS)
    if not point.recorded_at <= now < point.code_until:
        return _refused(account_id, kind, dropped(point), ContactRefusal.EXPIRED)
    if not hmac.compare_digest(point.code_hash, _hash(typed, point.contact_id)):
        counted = attrs.evolve(point, wrong_codes=point.wrong_codes + 1)
        left = dropped(counted) if counted.wrong_codes >= MOST_WRONG_CODES else counted
        return _refused(account_id, kind, left, ContactRefusal.WRONG_CODE)
    if is_anothers:  # it came on file for another party since
        return _refused(account_id, kind, dropped(point), ContactRefusal.OF_ANOTHER_PARTY)
    codes_from = now + cooling
    confirmed = attrs.evolve(
        point,
        state=CONTACT_STATES.next_state(point.state, ContactAct.CONFIRM),
        since=now,
        codes_from=codes_from,
        code_hash=None,
        code_until=None,
    )
    event = ContactConfirmed(account_id, point.contact_id, kind, codes_from, replaced)
    return ConfirmDecision(ContactChanged(kind, codes_from), confirmed, event)


def dropped(point: ContactPoint) -> ContactPoint:
    """A contact point that nobody will confirm any more."""
    state = CONTACT_STATES.next_state(point.state, ContactAct.DROP)
    return attrs.evolve(point, state=state, code_hash=None, code_until=None)


def replaced_by_another(point: ContactPoint, now: datetime) -> ContactPoint:
    """A contact point in whose place another one came."""
    return attrs.evolve(point, state=CONTACT_STATES.next_state(point.state, ContactAct.REPLACE), until=now)


def removed(point: ContactPoint, now: datetime) -> ContactPoint:
    """A contact point that was taken off, and never gets a code again."""
    return attrs.evolve(point, state=CONTACT_STATES.next_state(point.state, ContactAct.REMOVE), until=now)


def restored(point: ContactPoint, now: datetime) -> ContactPoint:
    """A contact point that is in force again, or still, since what came after it was wrong."""
    if point.state is ContactState.IN_FORCE:
        return point
    state = CONTACT_STATES.next_state(point.state, ContactAct.RESTORE)
    return attrs.evolve(point, state=state, since=point.since or now, until=None)


def _refused(
    account_id: str, kind: ContactKind, point: ContactPoint | None, reason: ContactRefusal
) -> ConfirmDecision:
    ask_again = point is None or point.code_hash is None
    event = ContactNotConfirmed(account_id, kind, reason)
    return ConfirmDecision(ContactCodeRefused(ask_again), point, event)


def _hash(code: Secret, contact_id: str) -> str:
    return hash_of_letters(code, purpose=_PURPOSE, owner_id=contact_id)
