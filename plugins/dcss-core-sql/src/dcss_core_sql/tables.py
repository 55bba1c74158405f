"""Tables: the SQL shape of a collection.

Decides names, column types, keys and indexes. Invariants: names come from the declaration, which
admits only lower-case words joined by single underscores, so that joining them with two is
unambiguous; every index ends with the key, so that pages are read in order without sorting.
"""

import sqlalchemy as sa

from dcss_core.plugins import SEQUENCE, Collection, Field
from dcss_core_sql.sqlite import SqliteDatabase


def table_of(collection: Collection, database: SqliteDatabase) -> sa.Table:
    """The table that holds the rows of a collection; columns stand in the order of `stored_fields`."""
    table = sa.Table(
        collection.name,
        sa.MetaData(),
        *(_column(field, collection, database) for field in collection.stored_fields),
        sa.PrimaryKeyConstraint(collection.key, name=f"pk_{collection.name}"),
        *(
            sa.UniqueConstraint(*group, name=_name("uq", collection, group))
            for group in set(collection.unique)
        ),
    )
    for group in set(collection.indexes):
        columns = [table.c[name] for name in collection.order_of(group)]
        sa.Index(_name("ix", collection, group), *columns)
    return table


def creation_of(table: sa.Table, dialect: sa.engine.Dialect) -> list[str]:
    """The statements that create a table and its indexes."""
    ddl: list[sa.schema.ExecutableDDLElement] = [sa.schema.CreateTable(table)]
    ddl += [
        sa.schema.CreateIndex(index) for index in sorted(table.indexes, key=lambda index: str(index.name))
    ]
    return [str(statement.compile(dialect=dialect)) for statement in ddl]


def _column(field: Field, collection: Collection, database: SqliteDatabase) -> "sa.Column[object]":
    numbers_log = collection.log and field.name == SEQUENCE
    column_type = database.log_number_type if numbers_log else database.column_types[field.kind]
    return sa.Column(field.name, column_type, nullable=field.optional, autoincrement=False)


def _name(prefix: str, collection: Collection, group: tuple[str, ...]) -> str:
    return "__".join((f"{prefix}_{collection.name}", *group))
