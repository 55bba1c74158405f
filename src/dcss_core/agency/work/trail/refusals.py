"""Refusals: which entry an error leaves in the audit log, and how many of one parent there are.

Decides by who asks and by the error alone. Invariants: of staff every error is an entry, since it tells them
how something stands (OWASP ASVS 5.0.0, 16.3.2); of a parent every one that is about what they asked (16.3.3),
so many within a minute, with one more that says that the others are left out, so that nobody who holds a
token, an ended one too, fills the log with it; of a job, which is a program of the host, that it was not
permitted; what was typed stands in none.
"""

from datetime import datetime, timedelta
from typing import Final

import attrs

from dcss_core.audit.actor import Actor, ActorKind
from dcss_core.audit.reads import AccessDenied, ActRefused, RefusalsLeftOut, StaffActRefused
from dcss_core.base.events import Event
from dcss_core.errors import (
    BackendError,
    ConflictError,
    DcssError,
    DuplicateKeyError,
    InvalidInputError,
    NotPermittedError,
    RuleViolationError,
    StaleVersionError,
)

TRIED_ANEW: Final = (StaleVersionError, DuplicateKeyError, BackendError)
"""Errors that say nothing about who asked: the same is done once more."""

_ABOUT_THE_ASKED: Final = (InvalidInputError, ConflictError, RuleViolationError)
_WITHIN: Final = timedelta(minutes=1)
_MOST: Final = 10
_MOST_PARENTS: Final = 10_000


@attrs.define(eq=False)
class RefusalsNoted:
    """How many refusals of each parent this process noted within the last minute."""

    _noted: dict[str, tuple[datetime, int]] = attrs.field(factory=dict, init=False)

    def entries(self, asking: Actor | None, verb: str, error: DcssError, now: datetime) -> tuple[Event, ...]:
        """What an error leaves in the audit log, where it is known who asks."""
        if asking is None or isinstance(error, TRIED_ANEW):
            return ()
        events = _events(asking, verb, error)
        return self._within_bounds(asking, events, now) if asking.kind is ActorKind.PARENT else events

    def _within_bounds(self, asking: Actor, events: tuple[Event, ...], now: datetime) -> tuple[Event, ...]:
        began, noted = self._noted.get(asking.actor_id, (now, 0))
        if not began <= now < began + _WITHIN:
            began, noted = now, 0
        if len(self._noted) >= _MOST_PARENTS:
            self._noted.clear()
        self._noted[asking.actor_id] = (began, noted + 1)
        if noted < _MOST:
            return events
        return (RefusalsLeftOut(asking.actor_id, began + _WITHIN),) if noted == _MOST else ()


def _events(asking: Actor, verb: str, error: DcssError) -> tuple[Event, ...]:
    if isinstance(error, NotPermittedError):
        return (AccessDenied(asking.actor_id, error.wanted),)
    if asking.kind is ActorKind.STAFF:
        return (StaffActRefused(verb, error.code),)
    is_parents = asking.kind is ActorKind.PARENT and isinstance(error, _ABOUT_THE_ASKED)
    return (ActRefused(verb, error.code),) if is_parents else ()
