"""SqlStorage: the storage port on a SQL database.

Decides nothing by itself: it holds the database and the statements. Invariants: safe to use from several
threads and processes; after `close` nothing works but `close`, and in a forked process nothing at all.
"""

from collections.abc import Sequence

from dcss_core.plugins import Collection, check_wait
from dcss_core_sql.block import Block
from dcss_core_sql.database import Database
from dcss_core_sql.statements import Statements


class SqlStorage:
    """A storage in one SQL database.

    `busy_seconds` is how long a verb may wait for others, as the URL says; `writes_one_at_a_time` whether
    writing transactions queue behind each other.
    """

    def __init__(self, database: Database, *, busy_seconds: float, writes_one_at_a_time: bool) -> None:
        self._database = database
        self._busy_seconds = busy_seconds
        self._writes_one_at_a_time = writes_one_at_a_time
        self._statements: dict[str, Statements] = {}

    @property
    def busy_seconds(self) -> float:
        """How long a verb may wait for others."""
        return self._busy_seconds

    @property
    def writes_one_at_a_time(self) -> bool:
        """Whether writing transactions queue behind each other."""
        return self._writes_one_at_a_time

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create the collections that are missing; see the port."""
        self._database.prepare(collections, lambda writes: self.transaction(writes=writes))
        for collection in collections:
            self._statements.setdefault(collection.name, Statements(collection, self._database.dialect))

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> Block:
        """Begin a unit of work when its block is entered; see the port."""
        check_wait(wait_seconds)
        return Block(self._database, self._statements, writes, wait_seconds)

    def close(self) -> None:
        """Close the connections."""
        self._database.close()
