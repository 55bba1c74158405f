"""Raised later: an error that is raised once the audit entry about it is saved.

Decides nothing. Invariants: raised inside a unit of work, an error would take its own entry back, so a verb
returns it and `or_raise` raises it after the write; what staff named and there is not stands in the log, and
never what they typed, since an SSN or a name is typed into the wrong field now and then.
"""

from typing import ClassVar, TypeVar

import attrs

from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.errors import DcssError, NotFoundError

T = TypeVar("T")


@attrs.frozen
class NothingFound(Event):
    """Staff named somebody, or something, that there is not; `sought` says what, as `account`."""

    kind: ClassVar[str] = "sensitive_read"
    about: ClassVar[tuple[str, str]] = ("search", "sought")
    sought: str
    count: int = 0


@attrs.frozen
class NothingToDo(Event):
    """Staff acted where there was nothing to do; `act` is the verb."""

    kind: ClassVar[str] = "staff_act_without_effect"
    about: ClassVar[tuple[str, str]] = ("act", "act")
    act: str


@attrs.frozen
class RaisedLater:
    """What a verb returns in place of an error that it must not raise yet."""

    error: DcssError


def not_found(work: UnitOfWork, sought: str, sentence: str, by: Actor) -> RaisedLater:
    """Record that staff named what there is not; NotFoundError with this sentence is raised afterwards."""
    work.audit([NothingFound(sought)], by)
    return RaisedLater(NotFoundError(sentence))


def or_raise(given: T | RaisedLater) -> T:
    """What a verb gave, or the error that it gave in its place, raised."""
    if isinstance(given, RaisedLater):
        raise given.error
    return given
