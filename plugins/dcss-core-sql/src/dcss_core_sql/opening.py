"""Opening: the storage that a URL names. Its driver is loaded here, and not before."""

from dcss_core import errors
from dcss_core_sql.storage import SqlStorage


def open_storage(url: str) -> SqlStorage:
    """Open the database that a URL names: a SQLite file, made if it is missing, or one of PostgreSQL.

    Raises ConfigurationError for a URL or a database that can't be used, BackendError, retryable, when it is
    busy or away for longer than the URL lets it wait.
    """
    return _postgresql(url) if url.startswith("postgresql:") else _sqlite(url)


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
        raise errors.ConfigurationError(
            "PostgreSQL is reached by psycopg, which is not installed; install dcss-core-sql[postgresql]"
        ) from error
    location = Location.from_url(url)
    return SqlStorage(
        PostgresqlDatabase(location), busy_seconds=location.busy_seconds, writes_one_at_a_time=False
    )
