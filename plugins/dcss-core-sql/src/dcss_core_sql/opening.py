"""Opening: the storage that a URL names. Its driver is loaded here, and not before."""

from typing import TYPE_CHECKING

from dcss_core import errors
from dcss_core_sql.storage import SqlStorage

if TYPE_CHECKING:
    from dcss_core_sql.migrations.schema import SqlSchema

_MISSING = "PostgreSQL is reached by psycopg, which is not installed; install dcss-core-sql[postgresql]"


def open_storage(url: str) -> SqlStorage:
    """Open the database that a URL names: a SQLite file, made if it is missing, or one of PostgreSQL.

    Raises ConfigurationError for a URL or a database that can't be used, BackendError, retryable, when it is
    busy or away for longer than the URL lets it wait.
    """
    return _postgresql(url) if url.startswith("postgresql:") else _sqlite(url)


def open_schema(url: str) -> "SqlSchema":
    """The schema of the database that a URL names; nothing is connected to yet.

    Raises ConfigurationError for a URL that can't be used.
    """
    from dcss_core_sql.migrations.schema import SqlSchema

    if url.startswith("postgresql:"):
        try:
            from dcss_core_sql.postgresql.location import Location as Server
            from dcss_core_sql.postgresql.schema import PostgresqlTables
        except ImportError as error:
            raise errors.ConfigurationError(_MISSING) from error
        return SqlSchema(PostgresqlTables(Server.from_url(url)))
    from dcss_core_sql.sqlite.location import Location
    from dcss_core_sql.sqlite.schema import SqliteTables

    return SqlSchema(SqliteTables(Location.from_url(url)))


def _sqlite(url: str) -> SqlStorage:
    from dcss_core_sql.sqlite.database import SqliteDatabase
    from dcss_core_sql.sqlite.location import Location

    location = Location.from_url(url)
    return SqlStorage(SqliteDatabase(location), busy_seconds=location.busy_seconds, writes_one_at_a_time=True)


def _postgresql(url: str) -> SqlStorage:
    try:
        from dcss_core_sql.postgresql.database import PostgresqlDatabase
        from dcss_core_sql.postgresql.location import Location
    except ImportError as error:
        raise errors.ConfigurationError(_MISSING) from error
    location = Location.from_url(url)
    return SqlStorage(
        PostgresqlDatabase(location), busy_seconds=location.busy_seconds, writes_one_at_a_time=False
    )
