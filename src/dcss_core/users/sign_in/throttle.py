"""Throttle: how failures that come from one place close a way in for a while.

Decides from the failures of one key alone: a source address, or a source and an account together, so
that one password tried on a thousand accounts is stopped where it comes from (credential stuffing,
password spraying). Invariants: a failure while closed counts for nothing, so that nobody can hold it
closed, and leaves an entry in the audit log only so often, so that nobody can fill it; a success sets no
count back, because one good account must not buy guesses at others; an account stands in a key as a digest
of the user id that was typed, so that ids nobody has count alike; a clock that steps back neither opens
early nor forgets a failure.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import Enum
from types import MappingProxyType
from typing import Final

import attrs

from dcss_core.base.clocks.wrong_clock import is_too_far_ahead
from dcss_core.base.events import Event
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.gathering import Gathering, policy_of_rules
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.spans import span_of
from dcss_core.users.sign_in.lockout import within

_TABLE: Final = "accounts.throttles"
_LONGEST_CLOSED: Final = timedelta(days=31)
_MOST_FAILURES: Final = 1_000  # each stands in the row until its window is over


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

    `account_id` is set where the user id in the key is an account's. While it is closed, `failures` are the
    attempts that were turned away and left an entry.
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
        counted, failures = self.counting(limit, now), len(self._counted(limit, now)) + 1
        if counted.closed_until is None or counted.closed_until == self.closed_until:
            return counted, ()
        from dcss_core.users.events import FlowThrottled  # the policy is read without events

        return counted, (FlowThrottled(flow.value, failures, counted.closed_until),)

    def counting(self, limit: ThrottleLimit, now: datetime) -> "Throttle":
        """The key with one failure more, closed where that is one too many."""
        if self.is_closed(now):
            return self
        failures = (*self._counted(limit, now), now)
        if len(failures) < limit.failures:
            return attrs.evolve(self, failures=failures)
        return attrs.evolve(self, failures=(), closed_until=now + limit.closed_for)

    def after_turning_away(self, limit: ThrottleLimit, now: datetime) -> "Throttle | None":
        """Note an attempt while the key is closed; None where as many are noted as closed it."""
        noted = len(self.failures)
        return attrs.evolve(self, failures=(*self.failures, now)) if noted < limit.failures else None

    def _counted(self, limit: ThrottleLimit, now: datetime) -> tuple[datetime, ...]:
        """The failures that count, of a key that is open: those noted while it was closed do not."""
        opened = self.closed_until if self.closed_until is not None and self.closed_until <= now else None
        failures = tuple(each for each in self.failures if opened is None or each >= opened)
        return within(failures, limit.window, now)


def throttle_key(flow: ThrottledFlow, source: str, typed_id: str | None = None) -> str:
    """The key under which failures from a source are counted, or of a source at a user id's digest."""
    return "/".join(part for part in (flow.value, typed_id, source) if part)


def _faults_of(flow: ThrottledFlow, limit: ThrottleLimit) -> list[Fault]:
    faults = []
    if not 1 <= limit.failures <= _MOST_FAILURES:
        expected = f"1 to {_MOST_FAILURES}"
        faults.append(Fault(f"{_TABLE}, {flow.value}, failures", shown_number(limit.failures), expected))
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
