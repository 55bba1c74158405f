"""ContactPoint: one way to reach a person, from when until when it held, and who gave it.

Decides what a contact point may be. Invariants: one that is not confirmed yet is used for nothing but its own
code; what was replaced stays readable as of its days; one that was removed as wrong never gets a code again;
a telephone from which STOP came gets no text message until START comes from it.
"""

from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from typing import Final

import attrs

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret


class ContactSource(Enum):
    """Who gave it."""

    CASE = "case"
    """It came with the case, when that was opened."""
    OWNER = "owner"
    """The person, signed in."""


class ContactState(Enum):
    """Where a contact point stands."""

    TO_CONFIRM = "to_confirm"
    IN_FORCE = "in_force"
    REPLACED = "replaced"
    REMOVED = "removed"
    DROPPED = "dropped"


class ContactAct(Enum):
    """What is done to a contact point."""

    ASK = "ask"
    BRING = "bring"
    CONFIRM = "confirm"
    DROP = "drop"
    REPLACE = "replace"
    REMOVE = "remove"
    RESTORE = "restore"
    NOTE_EARLIER = "note_earlier"


CONTACT_STATES: Final = StateTable(
    "a contact point",
    ContactState,
    ContactAct,
    (
        (None, ContactAct.ASK, ContactState.TO_CONFIRM),
        (None, ContactAct.BRING, ContactState.IN_FORCE),  # a postal address, as the case is opened
        (None, ContactAct.NOTE_EARLIER, ContactState.REPLACED),  # an e-mail address that came with the case
        (ContactState.TO_CONFIRM, ContactAct.CONFIRM, ContactState.IN_FORCE),
        (ContactState.TO_CONFIRM, ContactAct.DROP, ContactState.DROPPED),
        (ContactState.IN_FORCE, ContactAct.REPLACE, ContactState.REPLACED),
        (ContactState.IN_FORCE, ContactAct.REMOVE, ContactState.REMOVED),
        (ContactState.REPLACED, ContactAct.REMOVE, ContactState.REMOVED),  # it came after what is restored
        (ContactState.REPLACED, ContactAct.RESTORE, ContactState.IN_FORCE),
    ),
)


@attrs.frozen
class ContactPoint:
    """A contact point as it is stored; instants are aware and in UTC.

    `since` and `until` are when it was in force; `since` is None of what came with the case. `codes_from` is
    from when on codes for recovery go there. The code it waits for is kept by its hash, `code_until` says how
    long that is good, `wrong_codes` how many were typed instead. A telephone is found by `number_index`, a
    keyed digest; `texts_stopped_at` is since when it gets no text message.
    """

    contact_id: str
    person_id: str
    kind: ContactKind
    value: Secret
    source: ContactSource
    state: ContactState
    recorded_at: datetime
    since: datetime | None = None
    until: datetime | None = None
    codes_from: datetime | None = None
    code_hash: str | None = attrs.field(default=None, repr=False)
    code_until: datetime | None = None
    wrong_codes: int = 0
    number_index: str | None = None
    texts_stopped_at: datetime | None = None

    def __attrs_post_init__(self) -> None:
        waits = self.state is ContactState.TO_CONFIRM
        was_in_force = self.state not in (ContactState.TO_CONFIRM, ContactState.DROPPED)
        has_ended = self.state in (ContactState.REPLACED, ContactState.REMOVED)
        check_invariants(
            self,
            (waits is (self.code_hash is not None), "a code is kept while it waits to be confirmed"),
            (waits is (self.code_until is not None), "its code is good until some time"),
            (
                was_in_force is (self.codes_from is not None),
                "what was confirmed gets codes from some time on",
            ),
            (has_ended is (self.until is not None), "what is not in force any more was until some time"),
            (was_in_force or self.since is None, "what was not confirmed was never in force"),
            (self.wrong_codes >= 0, "wrong codes are counted from 0"),
            (
                self.kind is ContactKind.MOBILE or self.texts_stopped_at is None,
                "text messages are stopped for telephones only",
            ),
        )

    def gets_codes(self, now: datetime) -> bool:
        """Whether a code for recovery may go there."""
        is_good = self.state in (ContactState.IN_FORCE, ContactState.REPLACED)
        if not is_good or self.codes_from is None or self.codes_from > now:
            return False
        return self.until is None or self.until >= self.codes_from  # it was in force for all of its wait


def in_force(points: Iterable[ContactPoint], kind: ContactKind) -> ContactPoint | None:
    """The contact point of a kind that is in force; None where there is none."""
    return next((each for each in points if each.kind is kind and each.state is ContactState.IN_FORCE), None)


def to_confirm(points: Iterable[ContactPoint], kind: ContactKind) -> ContactPoint | None:
    """The contact point of a kind that waits to be confirmed; None where there is none."""
    return next(
        (each for each in points if each.kind is kind and each.state is ContactState.TO_CONFIRM), None
    )


def for_codes(points: Iterable[ContactPoint], kind: ContactKind, now: datetime) -> ContactPoint | None:
    """Where codes of a kind go: the newest whose time to wait is over, though it was replaced since."""
    good = [each for each in points if each.kind is kind and each.gets_codes(now)]
    return max(good, key=lambda each: (each.since is not None, each.since or now), default=None)


def to_restore(points: Iterable[ContactPoint], kind: ContactKind, now: datetime) -> ContactPoint | None:
    """What is in force where what came after it was wrong: the last one that gets codes, and is not wrong.

    That is the one in force where another waits to take its place, and else the last that was replaced. None
    where there is none.
    """
    of_kind = [each for each in points if each.kind is kind]
    present = in_force(of_kind, kind)
    if present is not None and present.gets_codes(now) and to_confirm(of_kind, kind) is not None:
        return present
    return for_codes([each for each in of_kind if each.state is ContactState.REPLACED], kind, now)


def after(
    points: Iterable[ContactPoint], kind: ContactKind, trusted: ContactPoint | None
) -> list[ContactPoint]:
    """Those of a kind that came after one, in force, replaced or waiting; all of them where there is none."""
    live = (ContactState.TO_CONFIRM, ContactState.IN_FORCE, ContactState.REPLACED)
    since = trusted.since if trusted is not None else None
    return [
        each
        for each in points
        if each.kind is kind
        and each.state in live
        and each is not trusted
        and each.source is not ContactSource.CASE
        and (since is None or each.since is None or each.since > since)
    ]


def newest_first(points: Iterable[ContactPoint]) -> list[ContactPoint]:
    """Contact points in the order in which they were given; what came with the case was there before."""
    return sorted(
        points, key=lambda each: (each.source is not ContactSource.CASE, each.recorded_at), reverse=True
    )
