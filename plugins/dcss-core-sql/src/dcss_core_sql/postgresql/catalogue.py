"""Catalogue: the tables of a schema as PostgreSQL itself tells them, and what a role may do with them."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final

from dcss_core_sql.migrations.table_shape import TableShape
from dcss_core_sql.postgresql.spelling import POSTGRESQL, text_sent

RIGHTS: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
_COLUMNS: Final = """SELECT t.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
\tCASE WHEN a.attcollation <> 0 THEN c.collname END
FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_catalog.pg_collation c ON c.oid = a.attcollation
WHERE n.nspname = ? AND t.relkind IN ('r', 'p') ORDER BY t.relname, a.attnum"""
_INDEXES: Final = """SELECT t.relname, i.relname, x.indisprimary, x.indisunique,
\tx.indisvalid AND x.indpred IS NULL, a.attname,
\tpg_index_column_has_property(x.indexrelid, k, 'desc'),
\tpg_index_column_has_property(x.indexrelid, k, 'nulls_first')
FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class t ON t.oid = x.indrelid
JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
CROSS JOIN LATERAL generate_series(1, x.indnkeyatts) k
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.indkey[k - 1]
WHERE n.nspname = ? ORDER BY t.relname, i.relname, k"""
_RIGHTS: Final = f"""SELECT t.relname, {", ".join(f"has_table_privilege(t.oid, '{each}')" for each in RIGHTS)}
FROM pg_catalog.pg_class t JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = ? AND t.relkind IN ('r', 'p')"""
_USAGE: Final = """SELECT has_schema_privilege(n.oid, 'USAGE') FROM pg_catalog.pg_namespace n
WHERE n.nspname = ?"""


def shapes_of(session: Any, schema: str) -> Mapping[str, TableShape]:
    """The shape of every table of a schema, by name."""
    columns: dict[str, dict[str, str]] = defaultdict(dict)
    for table, column, kind, is_needed, collation in _asked(session, _COLUMNS, schema):
        collated = "" if collation in (None, "default") else f" COLLATE {POSTGRESQL.name(collation)}"
        columns[table][column] = f"{kind}{collated}{' NOT NULL' if is_needed else ''}"
    keys: dict[str, tuple[str, ...]] = defaultdict(tuple)
    found: dict[tuple[str, str, bool], tuple[str, ...]] = defaultdict(tuple)
    for table, index, is_key, is_unique, is_whole, column, descends, nulls_first in _asked(
        session, _INDEXES, schema
    ):
        if is_key:
            keys[table] += (column,)
            continue
        name = "an expression" if column is None else POSTGRESQL.name(column)
        order = f"{' DESC' if descends else ''}{' NULLS FIRST' if nulls_first else ''}"
        whole = "" if is_whole else " (some rows only, or not valid)"
        found[table, index, is_unique] += (f"{name}{order}{whole}",)
    return {
        table: TableShape(
            columns[table],
            keys[table],
            frozenset(group for (of, _, is_unique), group in found.items() if of == table and is_unique),
            {name: group for (of, name, is_unique), group in found.items() if of == table and not is_unique},
        )
        for table in columns
    }


def rights_of(session: Any, schema: str) -> Mapping[str, frozenset[str]] | None:
    """What the role may do with each table of a schema; None where it may not use the schema."""
    usage = _asked(session, _USAGE, schema)
    if usage == [(False,)]:
        return None
    return {
        table: frozenset(right for right, may in zip(RIGHTS, mays, strict=True) if may)
        for table, *mays in _asked(session, _RIGHTS, schema)
    }


def _asked(session: Any, question: str, schema: str) -> list[Any]:
    session.execute(question, (text_sent(schema),))
    rows: list[Any] = session.fetchall()
    return rows
