"""Opening: the storage that a URL names. The driver is loaded here, and not before."""

from dcss_core_sql.sqlite.database import SqliteDatabase
from dcss_core_sql.sqlite.location import Location
from dcss_core_sql.storage import SqlStorage


def open_storage(url: str) -> SqlStorage:
    """Open the SQLite file that a URL names, made if it is missing.

    Raises ConfigurationError for a URL or a file that can't be used, BackendError, retryable, when the file
    is locked for longer than the URL lets it wait.
    """
    location = Location.from_url(url)
    return SqlStorage(SqliteDatabase(location), busy_seconds=location.busy_seconds, writes_one_at_a_time=True)
