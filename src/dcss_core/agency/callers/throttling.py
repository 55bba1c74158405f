"""Throttling: counts failures against where they come from.

Invariant: a failure is counted in the transaction that records it, so that of many at once none is lost.
"""

from dcss_core.agency.filing.accounts import THROTTLES
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.base.events import Event
from dcss_core.users.sign_in.throttle import Throttle, ThrottledFlow, ThrottlePolicy, throttle_key


def is_throttled(
    work: UnitOfWork, flow: ThrottledFlow, source: str | None, *, account_id: str | None = None
) -> bool:
    """Whether a way in is closed to this source; a source that isn't known is never throttled."""
    if source is None:
        return False
    kept = work.get(THROTTLES, throttle_key(flow, source, account_id))
    return kept is not None and kept.record.is_closed(work.now)


def count_failure(
    work: UnitOfWork,
    flow: ThrottledFlow,
    source: str | None,
    policy: ThrottlePolicy,
    *,
    account_id: str | None = None,
) -> tuple[Event, ...]:
    """Count one failure and say what that closed."""
    if source is None:
        return ()
    key = throttle_key(flow, source, account_id)
    kept = work.get(THROTTLES, key)
    counted, events = (kept.record if kept else Throttle(key, account_id)).after_failure(
        flow, policy.limits[flow], work.now
    )
    work.put(THROTTLES, kept, counted)
    return events


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
