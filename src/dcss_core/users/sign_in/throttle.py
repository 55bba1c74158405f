"""Throttle: how failures that come from one place close a way in for a while.

Decides from the failures of one key alone: a source address, or a source and an account together, so
that one password tried on a thousand accounts is stopped where it comes from (credential stuffing,
password spraying). Invariants: a failure while closed counts for nothing, so that nobody can hold it
closed; a success sets no count back, because one good account must not buy guesses at others; a clock
that steps back neither opens early nor forgets a failure.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final

import attrs

from dcss_core.base.clocks.wrong_clock import is_too_far_ahead
from dcss_core.base.events import Event
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import Gathering, policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.spans import span_of
from dcss_core.users.sign_in.lockout import within

_TABLE: Final = "accounts.throttles"
_LONGEST_CLOSED: Final = timedelta(days=31)


class ThrottledFlow(Enum):
    """What is throttled, and by which key."""

    SIGN_IN_BY_SOURCE = "sign_in_by_source"
    SIGN_IN_BY_ACCOUNT_AND_SOURCE = "sign_in_by_account_and_source"
    REGISTRATION_BY_SOURCE = "registration_by_source"
    RECOVERY_BY_SOURCE = "recovery_by_source"


@attrs.frozen
class ThrottleLimit:
    """So many failures within `window` close a key for `closed_for`."""

    failures: int
    window: timedelta
    closed_for: timedelta


def _read_only(
    limits: Mapping[ThrottledFlow, ThrottleLimit],
) -> Mapping[ThrottledFlow, ThrottleLimit]:
    return MappingProxyType(dict(limits))  # a policy is handed out, and goes on being asked


@attrs.frozen
class ThrottlePolicy:
    """The limit of each flow; raises RulesError, all faults at once."""

    limits: Mapping[ThrottledFlow, ThrottleLimit] = attrs.field(hash=False, converter=_read_only)

    def __attrs_post_init__(self) -> None:
        missing = [
            Fault(_TABLE, f"no '{flow.value}'", "a row") for flow in ThrottledFlow if flow not in self.limits
        ]
        faults = [*missing, *(fault for each in self.limits.items() for fault in _faults_of(*each))]
        if faults:
            raise RulesError("these rules can't throttle anything", faults=faults)

    def is_forgotten(self, throttle: "Throttle", now: datetime) -> bool:
        """Whether a key counts for nothing any more: it is open, and no failure is within its window."""
        flow = ThrottledFlow(throttle.key.partition("/")[0])
        return not throttle.is_closed(now) and not within(throttle.failures, self.limits[flow].window, now)

    @classmethod
    def from_rules(cls, rules: RulesInForce) -> "ThrottlePolicy":
        """Read the policy in force."""
        rows = {row["flow"]: row for row in rules.table(_TABLE)}
        known = [flow.value for flow in ThrottledFlow]
        strange = [
            Fault(_TABLE, repr(flow), f"one of {', '.join(known)}") for flow in rows if flow not in known
        ]

        def make(read: Gathering) -> ThrottlePolicy:
            read.faults += strange
            return cls(
                {
                    ThrottledFlow(flow): ThrottleLimit(
                        failures=_integer(row["failures"]),
                        window=_minutes(read, flow, row, "window_minutes"),
                        closed_for=_minutes(read, flow, row, "closed_minutes"),
                    )
                    for flow, row in rows.items()
                    if flow in known
                }
            )

        # a flow that is missing is most often the one that is misspelt
        return policy_of_rules(make, keys={}, follows=(_TABLE,))


@attrs.frozen
class Throttle:
    """The failures of one key; `closed_until` is set once there were too many.

    `account_id` is set where an account is part of the key.
    """

    key: str
    account_id: str | None = None
    failures: tuple[datetime, ...] = ()
    closed_until: datetime | None = None

    def is_closed(self, now: datetime) -> bool:
        """Whether the way in is closed to this key; what a wrong clock has closed, too far ahead, is not."""
        until = self.closed_until
        return until is not None and now < until and not is_too_far_ahead(until, now, lasts=_LONGEST_CLOSED)

    def opened(self) -> "Throttle":
        """The key with nothing counted against it, after staff let it try again."""
        return attrs.evolve(self, failures=(), closed_until=None)

    def after_failure(
        self, flow: ThrottledFlow, limit: ThrottleLimit, now: datetime
    ) -> tuple["Throttle", tuple[Event, ...]]:
        """Count one failure; while closed it counts for nothing."""
        if self.is_closed(now):
            return self, ()
        failures = (*within(self.failures, limit.window, now), now)
        if len(failures) < limit.failures:
            return attrs.evolve(self, failures=failures), ()
        from dcss_core.users.events import FlowThrottled  # the policy is read without events

        until = now + limit.closed_for
        closed = attrs.evolve(self, failures=(), closed_until=until)
        return closed, (FlowThrottled(flow.value, len(failures), until),)


def throttle_key(flow: ThrottledFlow, source: str, account_id: str | None = None) -> str:
    """The key under which failures from a source, or from a source against an account, are counted."""
    return "/".join(part for part in (flow.value, account_id, source) if part)


def _faults_of(flow: ThrottledFlow, limit: ThrottleLimit) -> list[Fault]:
    faults = []
    if limit.failures < 1:
        faults.append(Fault(f"{_TABLE}, {flow.value}, failures", str(limit.failures), "1 or more"))
    for name, span in (("window_minutes", limit.window), ("closed_minutes", limit.closed_for)):
        if not timedelta(0) < span <= _LONGEST_CLOSED:
            expected = f"a positive time, of {_LONGEST_CLOSED.days} days at most"
            faults.append(Fault(f"{_TABLE}, {flow.value}, {name}", str(span), expected))
    return faults


def _minutes(read: Gathering, flow: object, row: Mapping[str, object], column: str) -> timedelta:
    count = _integer(row[column])
    return read.value(lambda: span_of(f"{_TABLE}, {flow}, {column}", count), timedelta(minutes=1))


def _integer(cell: object) -> int:
    assert isinstance(cell, int)  # the column declares it
    return cell
