"""Shapes: which collections a database holds, and how each was declared when it was made.

Decides what `prepare` creates and what it refuses. Invariants: `dcss_schema` has one row for each
collection, with its declaration as JSON, written in the transaction that made the table; a table this
package did not make is never used.
"""

import json
from collections.abc import Sequence

import attrs
import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor

from dcss_core import errors
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.sqlite import SqliteDatabase
from dcss_core_sql.tables import creation_of, table_of

_SHAPES = sa.Table(
    "dcss_schema",
    sa.MetaData(),
    sa.Column("collection", sa.Text(), primary_key=True),
    sa.Column("shape", sa.Text(), nullable=False),
)


def prepare(cursor: DBAPICursor, database: SqliteDatabase, collections: Sequence[Collection]) -> None:
    """Create the tables that are missing; raises ConfigurationError when one differs from its declaration."""
    dialect = database.dialect
    cursor.execute(str(sa.schema.CreateTable(_SHAPES, if_not_exists=True).compile(dialect=dialect)))
    cursor.execute(str(sa.select(_SHAPES).compile(dialect=dialect)))
    known = {name: _read(shape) for name, shape in cursor.fetchall()}
    missing: list[Collection] = []
    faults: list[errors.Fault] = []
    for collection in collections:
        if collection.name not in known:
            faults += _faults_of_name(cursor, database, collection)
            missing.append(collection)
        faults += collection.differences_from(known.setdefault(collection.name, collection))
    if faults:
        raise errors.ConfigurationError(
            "the database holds collections of another shape than declared; open the one that was made "
            "for this version, or migrate it",
            faults=faults,
        )
    # Only now: whoever named a database of somebody else is not told to close that one.
    database.check_closed_to_everybody()
    for collection in missing:
        for statement in creation_of(table_of(collection, database), dialect):
            cursor.execute(statement)
        cursor.execute(
            str(_SHAPES.insert().compile(dialect=dialect)), (collection.name, _written(collection))
        )


def _faults_of_name(
    cursor: DBAPICursor, database: SqliteDatabase, collection: Collection
) -> list[errors.Fault]:
    cursor.execute(str(database.existing_table().compile(dialect=database.dialect)), (collection.name,))
    if cursor.fetchone() is None:
        return []
    return [
        errors.Fault(
            collection.name, "a table that was not made by dcss-core", "no such table, or another database"
        )
    ]


def _written(collection: Collection) -> str:
    declared = attrs.asdict(
        collection,
        filter=lambda attribute, _: not attribute.name.startswith("_"),
        value_serializer=lambda _, __, value: value.value if isinstance(value, FieldKind) else value,
    )
    return json.dumps(declared)


def _read(shape: str) -> Collection:
    declared = json.loads(shape)
    fields = [
        Field(each["name"], FieldKind(each["kind"]), each["optional"]) for each in declared.pop("fields")
    ]
    for part in ("unique", "indexes"):
        declared[part] = tuple(map(tuple, declared[part]))
    return Collection(fields=tuple(fields), **declared)
