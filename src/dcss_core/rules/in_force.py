"""RulesInForce: the rules of one jurisdiction on one day.

Decides nothing; it asks for the kind of value the caller expects. Cheap to make: one per receipt.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from fractions import Fraction
from typing import cast

import attrs

from dcss_core.base.dates import DateRange
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.rules.book import DatedValue, RuleValue
from dcss_core.rules.table import RuleKind, Table
from dcss_core.rules.timeline import Timeline, timeline_of


@attrs.frozen(eq=False)
class RulesInForce:
    """What each rule says on a day.

    Every getter raises UnknownRuleError for a key that isn't declared or has no value at all,
    RuleNotInForceError for a day nothing is known about, and InvariantError when the rule is
    declared as another kind than the one asked for.
    """

    jurisdiction: str
    day: date
    _timelines: Mapping[str, Timeline] = attrs.field(repr=False)

    def cited(self, key: str) -> DatedValue:
        """The value with its citation, confidence and the days it is in force."""
        return timeline_of(key, self._timelines, self.jurisdiction).on(self.day)

    def declares(self, key: str) -> bool:
        """Whether any layer declares the rule, with a value or without."""
        return key in self._timelines

    def money(self, key: str) -> Money:
        """An amount of money."""
        return cast(Money, self._of_kind(key, RuleKind.MONEY))

    def integer(self, key: str) -> int:
        """A whole number; its unit stands in the key."""
        return cast(int, self._of_kind(key, RuleKind.INTEGER))

    def share(self, key: str) -> Fraction:
        """A share of a whole, exact, from 0 to 1."""
        return cast(Fraction, self._of_kind(key, RuleKind.SHARE))

    def flag(self, key: str) -> bool:
        """Whether something holds."""
        return cast(bool, self._of_kind(key, RuleKind.FLAG))

    def text(self, key: str) -> str:
        """A text that isn't blank."""
        return cast(str, self._of_kind(key, RuleKind.TEXT))

    def texts(self, key: str) -> tuple[str, ...]:
        """Different texts in the order of the rule file."""
        return cast(tuple[str, ...], self._of_kind(key, RuleKind.TEXTS))

    def tables_since(self, key: str, first: date) -> tuple[Table, ...]:
        """The tables in force on some day from `first` to the one of these rules, latest first."""
        self.table(key)
        return cast(tuple[Table, ...], self._values_since(key, first))

    def integers_since(self, key: str, first: date) -> tuple[int, ...]:
        """The whole numbers in force on some day from `first` to the one of these rules, latest first."""
        self.integer(key)
        return cast(tuple[int, ...], self._values_since(key, first))

    def _values_since(self, key: str, first: date) -> tuple[RuleValue, ...]:
        days = DateRange(min(first, self.day), self.day + timedelta(days=1))
        segments = timeline_of(key, self._timelines, self.jurisdiction).segments
        return tuple(each.rule.value for each in reversed(segments) if each.days.overlaps(days))

    def date(self, key: str) -> date:
        """A date."""
        return cast(date, self._of_kind(key, RuleKind.DATE))

    def choice(self, key: str) -> str:
        """One of the choices the rule declares."""
        return cast(str, self._of_kind(key, RuleKind.CHOICE))

    def table(self, key: str) -> Table:
        """Rows in ascending order of their key."""
        return cast(Table, self._of_kind(key, RuleKind.TABLE))

    def _of_kind(self, key: str, kind: RuleKind) -> RuleValue:
        timeline = timeline_of(key, self._timelines, self.jurisdiction)
        declared = timeline.declaration.kind
        if declared is not kind:
            raise InvariantError(
                f"rule '{key}' is declared as {declared.value}: ask for it with .{declared.value}(), "
                f"not .{kind.value}()"
            )
        return timeline.on(self.day).value
