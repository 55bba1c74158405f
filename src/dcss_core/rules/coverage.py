"""Coverage: what a jurisdiction knows, from when to when, who says so, and what is uncertain.

Invariant: what is uncertain stands first, and rules without any value are named, so that a gap in what is
known can't hide.
"""

from collections.abc import Iterator
from textwrap import shorten
from typing import Final

import attrs

from dcss_core.base.dates import DateRange
from dcss_core.base.html.table import html_table
from dcss_core.rules.book import Confidence, RuleValue

_HEADINGS: Final = ("confidence", "rule", "days", "value", "citation", "layer", "note", "what it says")
_WIDE: Final = 2
"""How many of the last columns are too wide for a table that is printed."""


@attrs.frozen
class CoverageLine:
    """One value of one rule: the days it answers for, and where it comes from.

    `summary` says what the rule is about, in the words of the layer that declares it.
    """

    key: str
    days: DateRange
    value: RuleValue
    confidence: Confidence
    citation: str
    layer: str
    note: str = ""
    summary: str = ""

    def cells(self) -> tuple[str, ...]:
        """The line as words, in the order of the table in a notebook."""
        value = ", ".join(self.value) if isinstance(self.value, tuple) else str(self.value)
        where_from = (self.citation, self.layer, self.note)
        return self.confidence.value, self.key, str(self.days), value, *where_from, self.summary


@attrs.frozen
class Coverage:
    """Every value of a jurisdiction, the uncertain ones first, and the rules that have none.

    A set of lines can be compared with another's: what one jurisdiction says and another doesn't.
    """

    jurisdiction: str
    lines: tuple[CoverageLine, ...]
    without_value: tuple[str, ...]

    def __iter__(self) -> Iterator[CoverageLine]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def uncertain(self) -> tuple[CoverageLine, ...]:
        """The lines that still have to be checked in their source."""
        return tuple(line for line in self.lines if line.confidence is Confidence.UNCERTAIN)

    def _summary(self) -> str:
        missing = ", ".join(self.without_value) or "none"
        counts = f"{len(self.lines)} values, {len(self.uncertain)} uncertain"
        return f"{self.jurisdiction}: {counts}; rules without a value: {missing}"

    def __str__(self) -> str:
        rows = [_HEADINGS[:-_WIDE], *(tuple(map(_short, line.cells()[:-_WIDE])) for line in self.lines)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in rows
        ]
        return "\n".join([self._summary(), *lines])

    def _repr_html_(self) -> str:
        return html_table(self._summary(), _HEADINGS, [line.cells() for line in self.lines])


def _short(cell: str) -> str:
    return shorten(cell, 60, placeholder=" …")
