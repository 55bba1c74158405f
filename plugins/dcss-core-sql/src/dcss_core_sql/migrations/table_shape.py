"""Table shape: what a table is like in the database's own catalogue, and how it differs from a declaration.

Decides what counts as a difference: a column that is missing, besides or of another type, a key or an index
that is missing or of other columns. Invariant: an index that somebody added is none, unless it is a unique
one, which may refuse what the library writes.
"""

from collections.abc import Iterator, Mapping

import attrs

from dcss_core.errors import Fault
from dcss_core.plugins import Collection
from dcss_core_sql.dialect import Dialect
from dcss_core_sql.tables import columns_of, indexes_of, unique_keys_of

_NOTHING = "nothing"


@attrs.frozen
class TableShape:
    """Columns with their types, the key, unique keys by their columns, and indexes by name."""

    columns: Mapping[str, str]
    key: tuple[str, ...]
    unique: frozenset[tuple[str, ...]]
    indexes: Mapping[str, tuple[str, ...]]


def declared_shape(collection: Collection, dialect: Dialect) -> TableShape:
    """The shape that a declaration asks for."""
    return TableShape(
        columns_of(collection, dialect),
        collection.key_fields,
        frozenset(unique_keys_of(collection, dialect).values()),
        {name.strip('"'): columns for name, columns in indexes_of(collection, dialect).items()},
    )


def faults_of_table(name: str, found: TableShape | None, declared: TableShape) -> Iterator[Fault]:
    """Everything in which a table is not as declared."""
    if found is None:
        yield Fault(name, "no table", "the one that is declared")
        return
    for column in dict.fromkeys([*declared.columns, *found.columns]):
        was, due = found.columns.get(column, "no such column"), declared.columns.get(column, "no such column")
        if was != due:
            yield Fault(f"{name}.{column}", was, due)
    if found.key != declared.key:
        yield Fault(f"{name}: key", _told(found.key), _told(declared.key))
    for group in sorted(declared.unique - found.unique):
        yield Fault(f"{name}: unique key", _NOTHING, _told(group))
    for group in sorted(found.unique - declared.unique):
        yield Fault(f"{name}: unique key", _told(group), _NOTHING)
    for index, columns in declared.indexes.items():
        if found.indexes.get(index) != columns:
            yield Fault(f"{name}: index {index}", _told(found.indexes.get(index, ())), _told(columns))


def _told(columns: tuple[str, ...]) -> str:
    return ", ".join(columns) or _NOTHING
