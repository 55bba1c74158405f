"""Catalogue: the tables of a SQLite file as SQLite itself tells them."""

import sqlite3

from dcss_core_sql.migrations.table_shape import TableShape
from dcss_core_sql.sqlite.spelling import SQLITE

_INDEX_MADE_BY: tuple[str, str] = ("c", "u")  # CREATE INDEX, UNIQUE
_DESCENDING, _IS_KEY = 3, 5


def tables_of(cursor: sqlite3.Cursor) -> frozenset[str]:
    """The names of its tables."""
    found = cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return frozenset(name for (name,) in found.fetchall())


def shape_of(cursor: sqlite3.Cursor, table: str) -> TableShape:
    """The shape of a table."""
    name = SQLITE.name(table)
    columns: dict[str, str] = {}
    places: dict[int, str] = {}
    for _, column, kind, is_needed, _, place in cursor.execute(f"PRAGMA table_info({name})").fetchall():
        columns[column] = f"{kind}{' NOT NULL' if is_needed else ''}"
        if place:
            places[place] = column
    unique: set[tuple[str, ...]] = set()
    indexes: dict[str, tuple[str, ...]] = {}
    for _, index, is_unique, origin, is_partial in cursor.execute(f"PRAGMA index_list({name})").fetchall():
        if origin not in _INDEX_MADE_BY:
            continue
        found = (*_columns_of(cursor, index), *(("some rows only",) if is_partial else ()))
        if is_unique:
            unique.add(found)
        else:
            indexes[index] = found
    key = tuple(places[place] for place in sorted(places))
    return TableShape(columns, key, frozenset(unique), indexes)


def _columns_of(cursor: sqlite3.Cursor, index: str) -> tuple[str, ...]:
    rows = cursor.execute(f"PRAGMA index_xinfo({SQLITE.name(index)})").fetchall()
    return tuple(
        f"{SQLITE.name(str(row[2]))}{' DESC' if row[_DESCENDING] else ''}" for row in rows if row[_IS_KEY]
    )
