"""Jurisdiction: one layer of rules laid over what it extends.

Decides which layer answers: federal baseline, then state, then county, pilot or reform, the topmost
one that has a value in force on the day. Invariants: a jurisdiction is immutable; every value has the
kind its key declares; a key is declared once; the layers together leave no hole in what is known.
"""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import attrs

from dcss_core.base.dates import DateRange
from dcss_core.base.expected_types import checked
from dcss_core.errors import UnknownRuleError
from dcss_core.rules.book import Confidence, RuleBook, WrittenValue
from dcss_core.rules.files.schema import nearest
from dcss_core.rules.fingerprint import fingerprint_of
from dcss_core.rules.in_force import RulesInForce
from dcss_core.rules.layers import compose
from dcss_core.rules.timeline import Timeline, timeline_of

if TYPE_CHECKING:
    from dcss_core.rules.coverage import Coverage

__all__ = ["Jurisdiction", "RulesInForce"]


@attrs.frozen(eq=False)
class Jurisdiction:
    """The rules of one jurisdiction; raises RuleFileError with every fault when its layers don't fit."""

    key: str
    summary: str
    book: RuleBook = attrs.field(repr=False)
    base: "Jurisdiction | None" = attrs.field(default=None, repr=False)
    _timelines: Mapping[str, Timeline] = attrs.field(
        init=False, repr=False, default=attrs.Factory(lambda self: _compose(self), takes_self=True)
    )

    @checked
    def on(self, day: date) -> RulesInForce:
        """The rules in force on a day."""
        return RulesInForce(self.key, day, self._timelines)

    def timeline(self, key: str) -> Timeline:
        """Every value of one rule through time; raises UnknownRuleError."""
        return timeline_of(key, self._timelines, self.key)

    def changes_after(self, day: date) -> tuple[date, ...]:
        """Each later day on which a value of any rule begins, in order."""
        starts = {segment.days.start for each in self._timelines.values() for segment in each.segments}
        return tuple(sorted(start for start in starts if start > day))

    def coverage(self) -> "Coverage":
        """What is known from when to when, and what is uncertain or missing."""
        from dcss_core.rules.coverage import Coverage, CoverageLine

        lines = [
            CoverageLine(
                key=key,
                days=segment.days,
                value=segment.rule.value,
                confidence=segment.rule.confidence,
                citation=segment.rule.citation,
                layer=segment.layer,
                note=segment.rule.note,
                summary=timeline.declaration.summary,
            )
            for key, timeline in sorted(self._timelines.items())
            for segment in timeline.segments
        ]
        lines.sort(key=lambda line: line.confidence is Confidence.CERTAIN)
        missing = [key for key, timeline in sorted(self._timelines.items()) if not timeline.segments]
        return Coverage(self.key, tuple(lines), tuple(missing))

    def amended(
        self,
        changes: Mapping[str, object],
        *,
        effective: date,
        citation: str,
        key: str,
        until: date | None = None,
        confidence: Confidence = Confidence.CERTAIN,
    ) -> "Jurisdiction":
        """This jurisdiction with a reform on top: other values from one day on, up to before `until`.

        A value is given as its type (`Money("100.00")`), as a rule file writes it (`"100.00"`), or, for
        a table, as one mapping a row. The same checks hold as for a rule file; raises RuleFileError.
        """
        days, source = DateRange(effective, until), f"amendment {key}"
        values = tuple(
            WrittenValue(rule, written, days, citation, confidence, file=source)
            for rule, written in changes.items()
        )
        book = RuleBook(source, values=values)
        return Jurisdiction(key, f"{self.summary}, amended from {effective}", book, self)

    def fingerprint(self, topic: str | None = None, *, through: date | None = None) -> str:
        """A SHA-256 in hex over everything that can change an answer: keys, days and values.

        `topic` takes the rules of one topic only; `through` leaves out all days after it, so that a
        policy that has moved money through a day stays the same when a change starts later. Citations,
        notes and confidence do not count. Raises UnknownRuleError for a topic without rules.
        """
        chosen = {
            key: timeline
            for key, timeline in self._timelines.items()
            if topic is None or key.startswith(f"{topic}.")
        }
        if not chosen:
            topics = {key.partition(".")[0] for key in self._timelines}
            raise UnknownRuleError(
                f"'{self.key}' has no topic '{topic}'; expected {nearest(str(topic), topics)}"
            )
        return fingerprint_of(chosen, through)


def _compose(jurisdiction: Jurisdiction) -> Mapping[str, Timeline]:
    below = {} if jurisdiction.base is None else jurisdiction.base._timelines
    return compose(jurisdiction.key, jurisdiction.book, below)
