"""Finding: something in the books that does not agree.

Decides what can be found, as codes; `payments.views.findings` words them. Invariant: however much does not
agree, what is kept is the first place of each kind and how many there are.
"""

from enum import Enum
from typing import TypeAlias

import attrs


class FindingKind(Enum):
    """What does not agree."""

    UNREADABLE = "unreadable"
    GAP = "gap"
    UNBALANCED = "unbalanced"
    RECEIPT = "receipt"
    LINES = "lines"
    ACCOUNT = "account"
    CHARGES = "charges"
    TOTALS = "totals"
    FILE = "file"
    CHANGED = "changed"
    MISSING = "missing"
    NOT_IN_LOG = "not_in_log"
    LIKENESS = "likeness"
    NO_CASE = "no_case"


Found: TypeAlias = tuple[FindingKind, str]
"""What does not agree, and where: `case 0004567890`, `receipt R…`, `file …`."""


@attrs.frozen
class Finding:
    """What does not agree: the first place where it was found, and in how many places it was."""

    kind: FindingKind
    where: str
    places: int


@attrs.define
class Findings:
    """What was found so far."""

    _found: dict[FindingKind, Finding] = attrs.field(factory=dict, init=False)

    def add(self, kind: FindingKind, where: str) -> None:
        """Note a place where something does not agree."""
        first = self._found.get(kind) or Finding(kind, where, 0)
        self._found[kind] = attrs.evolve(first, places=first.places + 1)

    def found(self) -> tuple[Finding, ...]:
        """One for each kind, in the order of the kinds."""
        return tuple(self._found[kind] for kind in FindingKind if kind in self._found)
