"""The SQL of the report views, for each database.

Decides where they stand: on PostgreSQL in a schema of their own, `dcss_reports` beside `dcss`, so that a role
may be let into that one alone; on SQLite beside the tables, as `report_receipts`. Invariant: a view that is
there already is made anew, so that there is one way to make and to renew it.
"""

import re
from collections.abc import Iterator
from typing import Final

from dcss_core_sql.reports.views import REPORT_VIEWS, ReportView

_DAY: Final = re.compile(r"\{day:([a-z_]+)\}")
_DAY_OF: Final = {
    "sqlite": r'date(t."\1")',
    "postgresql": r"""CAST(t."\1" AT TIME ZONE 'UTC' AS date)""",
}
_SCHEMA: Final = "{}_reports"


def creation_of_views(database: str, schema: str) -> list[str]:
    """The statements that make or renew every view; `schema` is that of the tables."""
    statements = dropping_of_views(database, schema)
    if database == "postgresql":
        own = _SCHEMA.format(schema)
        statements.insert(0, f'CREATE SCHEMA IF NOT EXISTS "{own}"')
        statements.append(f"COMMENT ON SCHEMA \"{own}\" IS 'Views for reports; amounts are whole cents'")
    for view in REPORT_VIEWS:
        statements += _creation_of(view, database, schema)
    return statements


def dropping_of_views(database: str, schema: str) -> list[str]:
    """The statements that take every view away that is there; they need its schema."""
    return [f"DROP VIEW IF EXISTS {_place(view, database, schema)}" for view in REPORT_VIEWS]


def question_for_views(database: str, schema: str) -> str:
    """Asks for the names of the views that are there."""
    if database == "sqlite":
        return "SELECT name FROM sqlite_master WHERE type = 'view' AND name LIKE 'report_%'"
    return f"SELECT viewname FROM pg_catalog.pg_views WHERE schemaname = '{_SCHEMA.format(schema)}'"


def _creation_of(view: ReportView, database: str, schema: str) -> Iterator[str]:
    place = _place(view, database, schema)
    says_in_text = (
        database == "sqlite"
    )  # which keeps the text of a view, and has no other place for a comment
    lines = []
    for number, column in enumerate(view.columns, start=1):
        computed = column.computed or f't."{column.name}"'
        computed = f"t.{computed}" if computed.startswith('"') else computed
        comma = "," if number < len(view.columns) else ""
        said = f" -- {column.meaning}" if says_in_text else ""
        lines.append(f'\t{_dated(computed, database)} AS "{column.name}"{comma}{said}')
    head = f"CREATE VIEW {place} AS SELECT" + (f" -- {view.meaning}" if says_in_text else "")
    grouped = ", ".join(_dated(each, database) for each in view.by)
    tail = f'FROM "{view.table}" t' + (f"\nGROUP BY {grouped}" if grouped else "")
    yield "\n".join([head, *lines, tail])
    if not says_in_text:
        yield f"COMMENT ON VIEW {place} IS '{_quoted(view.meaning)}'"
        for column in view.columns:
            yield f"COMMENT ON COLUMN {place}.\"{column.name}\" IS '{_quoted(column.meaning)}'"


def _place(view: ReportView, database: str, schema: str) -> str:
    if database == "sqlite":
        return f'"report_{view.name}"'
    return f'"{_SCHEMA.format(schema)}"."{view.name}"'


def _dated(computed: str, database: str) -> str:
    return _DAY.sub(_DAY_OF[database], computed)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
