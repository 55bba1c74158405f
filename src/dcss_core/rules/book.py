"""RuleBook: the rules of one layer (a country, a state, a county, a reform) as they were written.

Decides nothing; the loader makes books and a Jurisdiction lays one over another. Invariants: a book
is immutable and can be pickled; the values of one key stand in order of time, do not overlap and
leave no gap; every value names its citation and how certain it is.
"""

from datetime import date
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

import attrs

from dcss_core.base.dates import DateRange
from dcss_core.base.money import Money
from dcss_core.rules.table import Column, RuleKind, Table

RuleValue: TypeAlias = Money | int | Fraction | bool | str | tuple[str, ...] | date | Table


class Confidence(Enum):
    """Whether a value was read in its source or still has to be checked there."""

    CERTAIN = "certain"
    UNCERTAIN = "uncertain"


@attrs.frozen
class Declaration:
    """What a rule is: its kind and meaning, said once, in the layer that introduces it.

    `left_to_states` says that the declaring layer gives no value on purpose.
    """

    key: str
    kind: RuleKind
    summary: str
    choices: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    key_columns: tuple[str, ...] = ()
    left_to_states: bool = False
    file: str = ""


@attrs.frozen
class WrittenValue:
    """A value as a rule file or an amendment gives it, before it's read by the kind its key declares.

    `written` is what TOML gives, a CsvSheet, or the typed value itself.
    """

    key: str
    written: object
    in_force: DateRange
    citation: str
    confidence: Confidence
    note: str = ""
    file: str = ""


@attrs.frozen
class DatedValue:
    """A value of a rule, the days it is in force, who says so and how certain it is."""

    value: RuleValue
    in_force: DateRange
    citation: str
    confidence: Confidence
    note: str = ""
    file: str = ""


@attrs.frozen
class RuleBook:
    """Everything one layer declares and gives values for; `source` names where it was read."""

    source: str
    declarations: tuple[Declaration, ...] = ()
    values: tuple[WrittenValue, ...] = ()
