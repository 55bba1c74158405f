"""Stepping: what the revisions do to tables, the same on each database.

Decides how a table of another shape becomes one of the new shape: on SQLite it is written anew, which leaves
what a new database has; elsewhere its columns and indexes are changed in place. Invariants: `dcss_schema`
says in the same transaction what each collection is now; nothing is read into Python, so that what is done
can be printed for somebody else to do.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from alembic import op
from sqlalchemy import text

from dcss_core import errors
from dcss_core.plugins import Collection
from dcss_core_sql.dialect import Dialect
from dcss_core_sql.migrations import history
from dcss_core_sql.migrations.spelling import noting, spelling_of
from dcss_core_sql.shapes import written
from dcss_core_sql.tables import columns_of, creation_of, index_creations_of

_NOT_NULL: Final = " NOT NULL"
_FORMER: Final = "former__{}"  # no collection has such a name


def begin() -> None:
    """Make the table that says what each collection was declared as."""
    _execute(spelling_of(op.get_context().dialect.name)[1])


def change(
    number: str, *, filled: Mapping[str, Mapping[str, str]] | None = None, carried: Sequence[str] = ()
) -> None:
    """Make, change and remove what a revision says.

    `filled` is what new fields of a changed collection are filled with, as SQL over its former columns;
    `carried` are statements on rows, executed when everything is made and nothing removed yet.
    """
    revision = history.revision(number)
    assert revision is not None
    dialect, _ = spelling_of(op.get_context().dialect.name)
    before = history.before(number)
    for collection in revision.made.values():
        for statement in creation_of(collection, dialect):
            _execute(statement)
        _note(collection)
    for name, collection in revision.changed.items():
        values = (filled or {}).get(name, {})
        _change(before[name], collection, values, dialect)
        _note(collection)
    for statement in carried:
        _execute(statement)
    for name in sorted(revision.removed):
        _execute(f"DROP TABLE {dialect.name(name)}")
        _forget(name)


def _change(before: Collection, after: Collection, values: Mapping[str, str], dialect: Dialect) -> None:
    was, now = columns_of(before, dialect), columns_of(after, dialect)
    retyped = [name for name in was.keys() & now.keys() if _kind(was[name]) != _kind(now[name])]
    if retyped or before.key_fields != after.key_fields or before.log != after.log:
        raise errors.InvariantError(f"{after.name} can't be changed so; make another collection")
    if op.get_context().dialect.name == "sqlite":
        _write_anew(before, after, values, dialect)
    else:
        _change_in_place(before, after, values, dialect)


def _write_anew(before: Collection, after: Collection, values: Mapping[str, str], dialect: Dialect) -> None:
    table, former = dialect.name(after.name), dialect.name(_FORMER.format(after.name))
    for index in index_creations_of(before, dialect):
        _execute(f"DROP INDEX {index}")
    _execute(f"ALTER TABLE {table} RENAME TO {former}")
    for statement in creation_of(after, dialect):
        _execute(statement)
    names = list(columns_of(after, dialect))
    kept = columns_of(before, dialect)
    columns = ", ".join(map(dialect.name, names))
    found = ", ".join(
        values[name] if name in values else dialect.name(name) if name in kept else "NULL" for name in names
    )
    _execute(f"INSERT INTO {table} ({columns}) SELECT {found} FROM {former}")
    _execute(f"DROP TABLE {former}")


def _change_in_place(
    before: Collection, after: Collection, values: Mapping[str, str], dialect: Dialect
) -> None:
    table = dialect.name(after.name)
    was, now = columns_of(before, dialect), columns_of(after, dialect)
    old, new = index_creations_of(before, dialect), index_creations_of(after, dialect)
    for index, creation in old.items():
        if new.get(index) != creation:
            _execute(f"DROP INDEX {index}")
    for name in (each for each in now if each not in was):
        _execute(f"ALTER TABLE {table} ADD COLUMN {dialect.name(name)} {_kind(now[name])}")
    if values:
        filled = ", ".join(f"{dialect.name(name)} = {value}" for name, value in values.items())
        _execute(f"UPDATE {table} SET {filled}")
    for name, column in now.items():
        is_needed = column.endswith(_NOT_NULL)
        if is_needed != was.get(name, "").endswith(_NOT_NULL):
            verb = "SET" if is_needed else "DROP"
            _execute(f"ALTER TABLE {table} ALTER COLUMN {dialect.name(name)} {verb} NOT NULL")
    for name in (each for each in was if each not in now):
        _execute(f"ALTER TABLE {table} DROP COLUMN {dialect.name(name)}")
    for index, creation in new.items():
        if old.get(index) != creation:
            _execute(creation)


def _kind(column: str) -> str:
    return column.removesuffix(_NOT_NULL)


def _note(collection: Collection) -> None:
    _forget(collection.name)
    _execute(noting(collection.name, written(collection), op.get_context().dialect.name))


def _forget(name: str) -> None:
    _execute(f'DELETE FROM "dcss_schema" WHERE "collection" = \'{name}\'')


def _execute(statement: str) -> None:
    op.execute(text(statement.replace(":", r"\:")))  # there is no parameter in it
