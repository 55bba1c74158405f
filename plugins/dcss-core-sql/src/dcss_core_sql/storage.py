"""SqlStorage: the storage port on a SQL database.

Decides nothing by itself: it holds the database and the statements. Invariants: safe to use from several
threads and processes; after `close` nothing works but `close`, and in a forked process nothing at all.
"""

from collections.abc import Sequence
from functools import partial

from dcss_core.plugins import Collection, check_wait
from dcss_core_sql import shapes
from dcss_core_sql.block import Block
from dcss_core_sql.sqlite.database import SqliteDatabase
from dcss_core_sql.sqlite.location import Location
from dcss_core_sql.sqlite.spelling import SQLITE
from dcss_core_sql.statements import Statements


class SqlStorage:
    """A storage in the SQLite file that a URL names, made if it is missing.

    Raises ConfigurationError for a URL or a file it can't use, BackendError, retryable, when the file is
    locked for longer than the URL lets it wait.
    """

    def __init__(self, url: str) -> None:
        self._location = Location.from_url(url)
        self._database = SqliteDatabase(self._location)
        self._statements: dict[str, Statements] = {}

    @property
    def busy_seconds(self) -> float:
        """How long a verb may wait for other writers, as the URL says."""
        return self._location.busy_seconds

    @property
    def writes_one_at_a_time(self) -> bool:
        """True: writing transactions queue behind each other."""
        return True

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create the collections that are missing; see the port."""
        with self.transaction(writes=False) as reading:
            missing = reading.use(partial(shapes.missing, location=self._location, collections=collections))
        # Only now: whoever named a database of somebody else is not told to close that one.
        self._location.check_closed_to_everybody()
        if missing:
            with self.transaction(writes=True) as writing:
                writing.use(partial(shapes.create, location=self._location, collections=collections))
        for collection in collections:
            self._statements.setdefault(collection.name, Statements(collection, SQLITE))

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> Block:
        """Begin a unit of work when its block is entered; see the port."""
        check_wait(wait_seconds)
        return Block(self._database, self._statements, writes, wait_seconds)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()
