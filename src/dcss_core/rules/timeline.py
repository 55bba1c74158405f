"""Timeline: the values of one rule through time, the layers laid one over another.

Decides which layer answers for a day: the topmost one that has a value in force. Invariants: the
segments of a timeline follow one another without gap or overlap; outside them nothing is answered.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Final

import attrs

from dcss_core.base.dates import DateRange
from dcss_core.errors import Fault, RuleNotInForceError, UnknownRuleError
from dcss_core.rules.book import DatedValue, Declaration
from dcss_core.rules.files.schema import nearest

_ADD_A_VALUE: Final = (
    "the dated, cited value in the jurisdiction's rule file; 'US' by itself is a baseline, for a state "
    "to extend"
)


@attrs.frozen
class Segment:
    """The days on which one layer's value answers; they can be fewer than the value is in force for."""

    days: DateRange
    rule: DatedValue
    layer: str

    @property
    def place(self) -> str:
        """Where the value is written: the file, as far as there is one, and the layer."""
        return f"{self.rule.file} of {self.layer}" if self.rule.file else self.layer


@attrs.frozen
class Timeline:
    """All segments of one rule in order of time."""

    declaration: Declaration
    segments: tuple[Segment, ...] = ()
    _starts: tuple[date, ...] = attrs.field(
        init=False,
        repr=False,
        eq=False,
        default=attrs.Factory(lambda self: tuple(each.days.start for each in self.segments), takes_self=True),
    )

    def on(self, day: date) -> DatedValue:
        """The value that answers for a day.

        Raises RuleNotInForceError for a day outside the known ones, UnknownRuleError without any value.
        """
        place = bisect_right(self._starts, day) - 1
        if place >= 0 and day in self.segments[place].days:
            return self.segments[place].rule
        key = self.declaration.key
        if not self.segments:
            raise UnknownRuleError(
                f"rule '{key}' is declared, but no layer of this jurisdiction gives it a value",
                faults=[Fault(key, "no value", _ADD_A_VALUE)],
            )
        end = self.segments[-1].days.end
        last = None if end is None else end - timedelta(days=1)
        raise RuleNotInForceError(key, day, first=self._starts[0], last=last)


def timeline_of(key: str, timelines: Mapping[str, Timeline], jurisdiction: str) -> Timeline:
    """The timeline of a rule; raises UnknownRuleError with the nearest key."""
    timeline = timelines.get(key)
    if timeline is None:
        raise UnknownRuleError(f"'{jurisdiction}' has no rule '{key}'; expected {nearest(key, timelines)}")
    return timeline


def lay_over(below: tuple[Segment, ...], above: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Let the segments above answer for their days, and those below for the days that remain.

    The segments above are one stretch without a gap, as a rule file's coverage is.
    """
    if not above:
        return below
    start, end = above[0].days.start, above[-1].days.end
    before = [_cut(each, each.days.start, _earliest(each.days.end, start)) for each in below]
    after = [] if end is None else [_cut(each, max(each.days.start, end), each.days.end) for each in below]
    return (*filter(None, before), *above, *filter(None, after))


def _cut(segment: Segment, start: date, end: date | None) -> Segment | None:
    if end is not None and end <= start:
        return None
    return attrs.evolve(segment, days=DateRange(start, end))


def _earliest(end: date | None, other: date) -> date:
    return other if end is None else min(end, other)
