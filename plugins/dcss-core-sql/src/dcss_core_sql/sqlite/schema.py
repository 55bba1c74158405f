"""SqliteTables: the tables of one SQLite file, for who looks at them and changes them.

Invariants: a file that is not there is not made, and one that is somebody else's is left as it is; an upgrade
is one transaction.
"""

import os
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from typing import Any, Final
from urllib.parse import quote

import attrs

from dcss_core import errors
from dcss_core.errors import Fault
from dcss_core_sql.migrations import revision_mark
from dcss_core_sql.migrations.held import Held, not_filled
from dcss_core_sql.migrations.table_shape import TableShape
from dcss_core_sql.sqlite.catalogue import shape_of, tables_of
from dcss_core_sql.sqlite.failures import at_opening
from dcss_core_sql.sqlite.location import Location
from dcss_core_sql.sqlite.spelling import SQLITE

_KNOWN: Final = 'SELECT "collection", "shape" FROM "dcss_schema"'
_DURABLE: Final = "full"
_JOURNAL: Final = "wal"


@attrs.frozen
class SqliteTables:
    """The tables of one file."""

    location: Location
    dialect = SQLITE
    database = "sqlite"
    schema = ""
    opening = "PRAGMA secure_delete=ON"

    @property
    def url(self) -> str:
        """Its URL, without options."""
        return self.location.url

    def held(self) -> Held:
        """What it holds."""
        with self._cursor() as cursor:
            tables = tables_of(cursor)
            shapes = dict(cursor.execute(_KNOWN).fetchall()) if "dcss_schema" in tables else {}
            mark = revision_mark.mark_of(cursor) if revision_mark.TABLE in tables else None
        return Held(tables, shapes, mark)

    def shapes(self) -> Mapping[str, TableShape]:
        """The shape of every table."""
        with self._cursor() as cursor:
            return {table: shape_of(cursor, table) for table in tables_of(cursor)}

    def faults_of_use(self, tables: Sequence[str]) -> Sequence[Fault]:
        """Rights on the file and its folder, and what a commit waits for."""
        faults = [
            Fault(place, "this user can't write there", "a place that the portal's user can write to")
            for place in (self.location.path, os.path.dirname(self.location.path))
            if not os.access(place, os.W_OK)
        ]
        if self.location.synchronous != _DURABLE:
            faults.append(
                Fault("synchronous", self.location.synchronous, f"{_DURABLE}, which is the default")
            )
        with self._cursor() as cursor:
            ((journal,),) = cursor.execute("PRAGMA journal_mode").fetchall()
        if tables and journal != _JOURNAL:
            faults.append(Fault("journal_mode", str(journal), f"{_JOURNAL}, as opening the agency sets it"))
        return faults

    @contextmanager
    def changing(self) -> Iterator[Any]:
        """A connection in a transaction that keeps every other writer away."""
        from sqlalchemy import create_engine
        from sqlalchemy.exc import DBAPIError
        from sqlalchemy.pool import NullPool

        engine = create_engine("sqlite://", creator=self._connection, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                for setting in ("synchronous=FULL", "secure_delete=ON"):
                    connection.exec_driver_sql(f"PRAGMA {setting}")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
                yield connection
                connection.commit()
        except DBAPIError as failure:
            if not isinstance(failure.orig, sqlite3.Error):
                raise
            raise _typed(failure.orig, self.location.path) from None
        finally:
            engine.dispose()

    @contextmanager
    def _cursor(self) -> Iterator[sqlite3.Cursor]:
        try:
            with closing(self._connection()) as connection:
                yield connection.cursor()
        except sqlite3.Error as error:
            raise at_opening(error, self.location.path) from error

    def _connection(self) -> sqlite3.Connection:
        if not os.path.lexists(self.location.path):
            raise errors.ConfigurationError(
                f"there is no database at {self.location.path}; name the one you mean"
            )
        self.location.checked_identity()
        return sqlite3.connect(
            f"file:{quote(os.fsencode(self.location.path))}?mode=rw",
            uri=True,
            timeout=self.location.busy_seconds,
            isolation_level=None,
        )


def _typed(failure: sqlite3.Error, path: str) -> errors.DcssError:
    if failure.sqlite_errorcode == sqlite3.SQLITE_CONSTRAINT_NOTNULL:
        return not_filled(str(failure).rpartition(" ")[2])  # "NOT NULL constraint failed: outbox.recipient"
    return at_opening(failure, path)
