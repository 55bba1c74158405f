"""Throttling: counts failures against where they come from.

Invariant: a failure is counted in the transaction that records it, so that of many at once none is lost.
"""

from collections.abc import Mapping

import attrs

from dcss_core.agency.filing.accounts import THROTTLES
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.base.events import Event
from dcss_core.users.sign_in.throttle import Throttle, ThrottledFlow, ThrottlePolicy, throttle_key


@attrs.frozen
class WatchedSource:
    """What is counted against a source in some ways in, as it was read; None for what is not counted yet.

    A source that isn't known is counted in none.
    """

    source: str | None
    counted: Mapping[tuple[ThrottledFlow, str | None], Kept[Throttle] | None] = attrs.field(factory=dict)

    def is_closed(self, work: UnitOfWork) -> bool:
        """Whether one of these ways in is closed to it."""
        return any(kept is not None and kept.record.is_closed(work.now) for kept in self.counted.values())

    def count_failure(self, work: UnitOfWork, policy: ThrottlePolicy) -> tuple[Event, ...]:
        """Count one failure in each of these ways and say what that closed."""
        if self.source is None:
            return ()
        closed: tuple[Event, ...] = ()
        for (flow, account_id), kept in self.counted.items():
            before = (
                kept.record if kept else Throttle(throttle_key(flow, self.source, account_id), account_id)
            )
            counted, events = before.after_failure(flow, policy.limits[flow], work.now)
            work.put(THROTTLES, kept, counted)
            closed += events
        return closed


def watched(work: UnitOfWork, source: str | None, *ways: tuple[ThrottledFlow, str | None]) -> WatchedSource:
    """What is counted against a source in these ways in, read at once.

    A way is a flow by itself (None), or with the account that is tried.
    """
    if source is None:
        return WatchedSource(None)
    kept = work.get_each(THROTTLES, [throttle_key(flow, source, account_id) for flow, account_id in ways])
    return WatchedSource(source, dict(zip(ways, kept, strict=True)))


def is_throttled(work: UnitOfWork, flow: ThrottledFlow, source: str | None) -> bool:
    """Whether a way in is closed to this source."""
    return watched(work, source, (flow, None)).is_closed(work)


def count_failure(
    work: UnitOfWork, flow: ThrottledFlow, source: str | None, policy: ThrottlePolicy
) -> tuple[Event, ...]:
    """Count one failure and say what that closed."""
    return watched(work, source, (flow, None)).count_failure(work, policy)


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
