"""Table: rules that come as rows, such as a schedule, an order of steps or a list of holidays.

Invariants: a table is immutable and hashable, its cells have the types its columns declare, its rows stand
in ascending order of the key and no key occurs twice.
"""

from collections.abc import Iterator
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import TypeAlias

import attrs

from dcss_core.base.money import Money
from dcss_core.errors import InvariantError

Cell: TypeAlias = Money | int | Fraction | bool | str | date | None


class RuleKind(Enum):
    """What sort of value a rule has; a column has one of the kinds that fit in a cell."""

    MONEY = "money"
    INTEGER = "integer"
    SHARE = "share"
    FLAG = "flag"
    TEXT = "text"
    TEXTS = "texts"
    DATE = "date"
    CHOICE = "choice"
    TABLE = "table"


@attrs.frozen
class Column:
    """One column of a table; an optional one may have empty cells, read as None."""

    name: str
    kind: RuleKind
    optional: bool = False

    def __str__(self) -> str:
        return f"{self.name} ({self.kind.value}{', may be empty' if self.optional else ''})"


@attrs.frozen
class CsvSheet:
    """A CSV file as it was written, before anyone knows its columns; each row keeps its line number."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


@attrs.frozen
class Table:
    """Typed rows with a unique key."""

    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Cell]]:
        """Each row as a mapping from column name to cell, in order of the key."""
        names = [column.name for column in self.columns]
        return (dict(zip(names, row, strict=True)) for row in self.rows)

    def column(self, name: str) -> tuple[Cell, ...]:
        """Every cell of one column, in order of the key; raises InvariantError for a name the table lacks."""
        names = [column.name for column in self.columns]
        if name not in names:
            raise InvariantError(f"the table has no column '{name}', only {', '.join(names)}")
        place = names.index(name)
        return tuple(row[place] for row in self.rows)

    def __str__(self) -> str:
        return f"table of {len(self.rows)} rows ({', '.join(column.name for column in self.columns)})"
