"""SqlStorage: the storage port on a SQL database.

Decides nothing by itself: it holds the connections and the compiled statements. Invariants: safe to
use from several threads and processes; after `close` nothing works but `close`.
"""

from collections.abc import Sequence
from functools import partial

from dcss_core.plugins import Collection
from dcss_core_sql import shapes
from dcss_core_sql.sqlite import SqliteDatabase
from dcss_core_sql.statements import Statements
from dcss_core_sql.transaction import SqlTransaction


class SqlStorage:
    """A storage in the SQLite file that a URL names, made if it is missing.

    Waits `busy_timeout_seconds` for another writer before it raises BackendError, retryable. Raises
    ConfigurationError for a URL or a file it can't use.
    """

    def __init__(self, url: str, *, busy_timeout_seconds: float = 5.0) -> None:
        self._database = SqliteDatabase(url, busy_timeout_seconds=busy_timeout_seconds)
        self._statements: dict[str, Statements] = {}

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create the collections that are missing; see the port."""
        with self.transaction(writes=True) as transaction:
            transaction.use(partial(shapes.prepare, database=self._database, collections=collections))
        for collection in collections:
            self._statements.setdefault(collection.name, Statements(collection, self._database))

    def transaction(self, *, writes: bool) -> SqlTransaction:
        """Begin a unit of work when its block is entered; see the port."""
        return SqlTransaction(self._database, self._statements, writes=writes)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()
