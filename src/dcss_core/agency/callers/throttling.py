"""Throttling: counts failures against where they come from.

Invariants: a failure is counted in the transaction that records it, so that of many at once none is lost; a
source that is closed is turned away before anything is hashed; what is counted for a user id is counted
whether or not anybody has it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import attrs

from dcss_core.agency.filing.accounts import THROTTLES
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.events import Event
from dcss_core.users.sign_in.throttle import Throttle, ThrottledFlow, ThrottlePolicy, throttle_key

_BY_SOURCE: Final = ThrottledFlow.SIGN_IN_BY_SOURCE
_BY_ACCOUNT_AND_SOURCE: Final = ThrottledFlow.SIGN_IN_BY_ACCOUNT_AND_SOURCE


@attrs.frozen
class TypedId:
    """A user id as somebody typed it, by its keyed digest, and the account that has it, if any."""

    digest: str
    account_id: str | None = None


@attrs.frozen
class Way:
    """A way in: a flow by itself, or with the user id that is tried."""

    flow: ThrottledFlow
    typed: TypedId | None = None

    def key(self, source: str) -> str:
        """The key under which a source's failures in this way are counted."""
        return throttle_key(self.flow, source, self.typed.digest if self.typed else None)


@attrs.frozen
class WatchedSource:
    """What is counted against a source in some ways in, as it was read; None for what is not counted yet.

    A source that isn't known is counted in none.
    """

    source: str | None
    counted: Mapping[Way, Kept[Throttle] | None] = attrs.field(factory=dict)

    def is_closed(self, work: UnitOfWork) -> bool:
        """Whether one of these ways in is closed to it."""
        return any(kept is not None and kept.record.is_closed(work.now) for kept in self.counted.values())

    def is_closed_to_all(self, now: datetime) -> bool:
        """Whether a way in is closed to it whatever user id is typed."""
        of_source = (kept for way, kept in self.counted.items() if way.typed is None)
        return any(kept is not None and kept.record.is_closed(now) for kept in of_source)

    def count_failure(self, work: UnitOfWork, policy: ThrottlePolicy) -> tuple[Event, ...]:
        """Count one failure in each of these ways and say what that closed."""
        if self.source is None:
            return ()
        closed: tuple[Event, ...] = ()
        for way, kept in self.counted.items():
            before = kept.record if kept else _uncounted(way, self.source)
            counted, events = before.after_failure(way.flow, policy.limits[way.flow], work.now)
            work.put(THROTTLES, kept, counted)
            closed += events
        return closed


def watched(work: UnitOfWork, source: str | None, *ways: Way) -> WatchedSource:
    """What is counted against a source in these ways in, read at once."""
    return watched_beside(work, source, ways, ())[0]


def watched_beside(
    work: UnitOfWork, source: str | None, ways: Sequence[Way], keys: Sequence[str]
) -> tuple[WatchedSource, list[Kept[Throttle] | None]]:
    """The same, and the counts under other keys, all read at once."""
    of_source = [way.key(source) for way in ways] if source is not None else []
    kept = work.get_each(THROTTLES, [*of_source, *keys])
    counted = dict(zip(ways, kept[: len(of_source)], strict=True)) if of_source else {}
    return WatchedSource(source, counted), kept[len(of_source) :]


def sign_in_ways(typed: TypedId) -> tuple[Way, Way]:
    """The ways in which a wrong password, or a wrong code after it, counts against its source."""
    return Way(_BY_SOURCE), Way(_BY_ACCOUNT_AND_SOURCE, typed)


def is_throttled(work: UnitOfWork, flow: ThrottledFlow, source: str | None) -> bool:
    """Whether a way in is closed to this source."""
    return watched(work, source, Way(flow)).is_closed(work)


def count_failure(
    work: UnitOfWork, flow: ThrottledFlow, source: str | None, policy: ThrottlePolicy
) -> tuple[Event, ...]:
    """Count one failure and say what that closed."""
    return watched(work, source, Way(flow)).count_failure(work, policy)


def is_turned_away(
    resources: Resources, flow: ThrottledFlow, source: str | None, policy: ThrottlePolicy, event: Event
) -> bool:
    """Whether a way in is closed to a source, which costs nothing more than finding that out.

    So many of these attempts are in the audit log, by `event`, as it took to close it, and no more.
    """
    way = Way(flow)
    limit = policy.limits[flow]

    def noting(work: UnitOfWork) -> tuple[Kept[Throttle], Throttle | None] | None:
        kept = watched(work, source, way).counted.get(way)
        if kept is None or not kept.record.is_closed(work.now):
            return None
        return kept, kept.record.after_turning_away(limit, work.now)

    def note(work: UnitOfWork) -> None:
        found = noting(work)
        if found is not None and found[1] is not None:
            work.replace(THROTTLES, found[0], found[1])
            work.audit([event], Actor.public(), source)

    found = resources.read(noting)
    if found is not None and found[1] is not None:
        resources.write(note)
    return found is not None


def open_to_account(work: UnitOfWork, account_id: str) -> bool:
    """Let every source try one account again; whether any was closed to it."""
    counted = work.find(THROTTLES, ("account_id",), (account_id,))
    for kept in counted:
        work.replace(THROTTLES, kept, kept.record.opened())
    return any(kept.record.is_closed(work.now) for kept in counted)


def open_to_source(work: UnitOfWork, flow: ThrottledFlow, source: str) -> bool:
    """Let a source try a way in again; whether it was closed to it."""
    kept = work.get(THROTTLES, throttle_key(flow, source))
    if kept is None or not kept.record.is_closed(work.now):
        return False
    work.replace(THROTTLES, kept, kept.record.opened())
    return True


def _uncounted(way: Way, source: str) -> Throttle:
    return Throttle(way.key(source), way.typed.account_id if way.typed else None)
