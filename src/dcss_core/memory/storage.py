"""MemoryStorage: the storage port kept in this process, for tests, notebooks and examples.

Decides which collections there are. Invariants: as the port says; nothing is durable. No lock is needed: what
is committed never changes and is replaced in one assignment (`committed`), and writers come in turn.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from dcss_core.errors import ConfigurationError, Fault
from dcss_core.memory.committed import Committed, Tables
from dcss_core.memory.table import Table
from dcss_core.memory.transaction import MemoryTransaction
from dcss_core.plugins.declarations import StorageBackend
from dcss_core.plugins.storing.place import refuse_if_closed
from dcss_core.plugins.storing.turn import WritersLine
from dcss_core.plugins.storing.turn_block import TurnBlock
from dcss_core.ports.storage import Collection

_BUSY_TIMEOUT_SECONDS: Final = 5.0


class MemoryStorage:
    """A storage that forgets everything when it is closed."""

    def __init__(self, *, busy_timeout_seconds: float = _BUSY_TIMEOUT_SECONDS) -> None:
        self._busy_timeout_seconds = busy_timeout_seconds
        self._committed = Committed()
        self._line: WritersLine = {}

    @property
    def writes_one_at_a_time(self) -> bool:
        """Yes: writing transactions queue, and none ever meets a conflict."""
        return True

    @property
    def busy_seconds(self) -> float:
        """How long a verb waits for another writer."""
        return self._busy_timeout_seconds

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create the collections that are missing; raises ConfigurationError when one differs from before."""
        refuse_if_closed(self._committed)
        if not _missing(self._committed.tables, collections):
            return
        with self._block(writes=True) as transaction:
            for collection in _missing(transaction.tables, collections):
                transaction.keep(Table(collection))

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> TurnBlock[MemoryTransaction]:
        """Begin a unit of work when its block is entered; see the port."""
        return self._block(writes=writes, wait_seconds=wait_seconds)

    def _block(self, *, writes: bool, wait_seconds: float | None = None) -> TurnBlock[MemoryTransaction]:
        committed = self._committed
        return TurnBlock(
            committed,
            self._line,
            partial(MemoryTransaction, committed, writes=writes),
            self._save if writes else None,
            wait_seconds=self._busy_timeout_seconds if wait_seconds is None else wait_seconds,
        )

    def _save(self, transaction: MemoryTransaction) -> None:
        self._committed.commit(transaction.tables)

    def close(self) -> None:
        """Forget everything."""
        self._committed.close()


def _missing(tables: Tables, collections: Iterable[Collection]) -> list[Collection]:
    known = {name: table.collection for name, table in tables.items()}
    faults: list[Fault] = []
    for collection in collections:
        faults += collection.differences_from(known.setdefault(collection.name, collection))
    if faults:
        raise ConfigurationError("stored collections have another shape than declared", faults=faults)
    return [collection for name, collection in known.items() if name not in tables]


def _open(url: str) -> MemoryStorage:
    if url != "memory:":
        raise ConfigurationError("the URL of the storage in memory is 'memory:' and nothing more")
    return MemoryStorage()


MEMORY_STORAGE: Final = StorageBackend(
    key="memory",
    summary="In this process only, gone when it ends: for tests, notebooks and examples",
    factory=_open,
)
