"""Spans: rules that are a length of time.

Decides how a whole number becomes a time. Invariants: the unit stands at the end of the key, so that a
reader and the rule file can't mean two units; nothing is longer than a hundred years either way, so that
no instant plus a span falls out of the calendar. Whether zero or less makes sense is the policy's to say.
"""

from datetime import timedelta
from typing import Final

from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, RulesError
from dcss_core.rules.in_force import RulesInForce

_UNITS: Final = {
    "minutes": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "days": timedelta(days=1),
}
_LONGEST: Final = timedelta(days=36_500)


def span(rules: RulesInForce, key: str) -> timedelta:
    """The time that a rule states; its key ends in `_minutes`, `_hours` or `_days`. Raises RulesError."""
    return span_of(key, rules.integer(key))


def span_of(name: str, count: int) -> timedelta:
    """So many of the unit in which a name ends, as `window_minutes`; raises RulesError past a century."""
    word = name.rpartition("_")[2]
    unit = _UNITS[word]
    most = _LONGEST // unit
    if not -most <= count <= most:
        raise RulesError(
            "this is no length of time", faults=[Fault(name, shown_number(count), f"{most} {word} at most")]
        )
    return count * unit
