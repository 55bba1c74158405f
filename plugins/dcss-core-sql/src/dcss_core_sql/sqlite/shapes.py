"""Shapes: which collections a database holds, and how each was declared when it was made.

Decides what `prepare` creates and what it refuses. Invariants: `dcss_schema` has one row for each
collection, with its declaration as JSON, written in the transaction that made the table; a table this
package did not make is never used; where nothing is missing nothing is written; a database that has every
collection of the present version, and got one just now, is marked with its revision.
"""

import sqlite3
from collections.abc import Sequence
from functools import partial
from typing import Final

from dcss_core import errors
from dcss_core.plugins import Collection
from dcss_core_sql.database import Begin
from dcss_core_sql.migrations import history, revision_mark
from dcss_core_sql.shapes import faults_of, written
from dcss_core_sql.sqlite.location import Location
from dcss_core_sql.sqlite.spelling import SQLITE
from dcss_core_sql.tables import creation_of

CREATION: Final = """CREATE TABLE IF NOT EXISTS "dcss_schema" (
\t"collection" TEXT NOT NULL,
\t"shape" TEXT NOT NULL,
\tPRIMARY KEY ("collection")
)"""
_KNOWN: Final = 'SELECT "dcss_schema"."collection", "dcss_schema"."shape" FROM "dcss_schema"'
_KEEP: Final = 'INSERT INTO "dcss_schema" ("collection", "shape") VALUES (?, ?)'
_NAMES: Final = "SELECT name FROM sqlite_master"


def prepare(location: Location, collections: Sequence[Collection], begin: Begin) -> None:
    """Create the tables that are missing, all or none; see the port."""
    with begin(False) as reading:
        is_missing = reading.use(partial(missing, location=location, collections=collections))
    # Only now: whoever named a database of somebody else is not told to close that one.
    location.check_closed_to_everybody()
    if is_missing:
        with begin(True) as writing:
            writing.use(partial(create, location=location, collections=collections))


def missing(
    cursor: sqlite3.Cursor, location: Location, collections: Sequence[Collection]
) -> list[Collection]:
    """The collections that have no table yet; raises ConfigurationError when one is of another shape."""
    names = {name for (name,) in cursor.execute(_NAMES).fetchall()}
    stored = dict(cursor.execute(_KNOWN).fetchall()) if "dcss_schema" in names else {}
    declared: dict[str, Collection] = {}
    damaged: list[errors.Fault] = []
    differing: list[errors.Fault] = []
    for collection in collections:
        name = collection.name
        if name in stored and name in names:
            differing += faults_of(stored[name], collection)
        elif name in stored:
            damaged.append(errors.Fault(name, "no table", "the one that was made for it"))
        elif name in names or name in ("dcss_schema", revision_mark.TABLE):
            expected = "no such table, or another database"
            damaged.append(errors.Fault(name, "a table that was not made by dcss-core", expected))
        else:
            differing += collection.differences_from(declared.setdefault(name, collection))
    if damaged:
        raise errors.ConfigurationError(_damaged(names), faults=[*damaged, *differing])
    if declared or differing:
        mark = revision_mark.mark_of(cursor) if revision_mark.TABLE in names else None
        if differing:
            raise revision_mark.refusal(location.url, stored, mark, differing)
        if revision_mark.is_of_later_version(mark):
            raise revision_mark.of_later_version(location.url, mark)
    return list(declared.values())


def _damaged(names: set[str]) -> str:
    if "dcss_schema" in names:
        return (
            "the database lacks tables that were made in it, or holds others under their names; name another "
            "file, or restore this one from a backup"
        )
    return (
        "the database holds tables of these names and no table dcss_schema, which says what dcss-core made; "
        "it is somebody else's, so name another file, or it lost that table, so restore it from a backup"
    )


def create(cursor: sqlite3.Cursor, location: Location, collections: Sequence[Collection]) -> None:
    """Create the tables that are missing, whoever made some meanwhile; raises as `missing` does."""
    cursor.execute(CREATION)
    for collection in missing(cursor, location, collections):
        for statement in creation_of(collection, SQLITE):
            cursor.execute(statement)
        cursor.execute(_KEEP, (collection.name, written(collection)))
    if history.is_of_head(collections):
        for statement in (revision_mark.CREATION, *revision_mark.statements_marking(history.head().number)):
            cursor.execute(statement)
