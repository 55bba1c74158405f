"""MemoryStorage: the storage port kept in this process, for tests, notebooks and examples.

Decides who may write (one transaction at a time), what a reader sees (the commits before it began)
and what a rollback takes back (the versions a transaction added, from its own journal, nothing is
copied). Invariants: as the port says; nothing is durable. Versions nobody can read any more are dropped.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from threading import Lock
from types import MappingProxyType, TracebackType
from typing import Concatenate, Final, ParamSpec, Self, TypeVar

from dcss_core.errors import (
    BackendError,
    ConfigurationError,
    DuplicateKeyError,
    Fault,
    InvariantError,
    StaleVersionError,
)
from dcss_core.memory.table import RowVersion, Table
from dcss_core.plugins.declarations import StorageBackend
from dcss_core.ports.storage import SEQUENCE, VERSION, Collection, Row, Scalar

P = ParamSpec("P")
R = TypeVar("R")

_BUSY_TIMEOUT_SECONDS: Final = 5.0


class MemoryStorage:
    """A storage that forgets everything when it is closed."""

    def __init__(self, *, busy_timeout_seconds: float = _BUSY_TIMEOUT_SECONDS) -> None:
        self._busy_timeout_seconds = busy_timeout_seconds
        self._writer = Lock()
        self._lock = Lock()  # around every look at or change of what stands below
        self._tables: dict[str, Table] = {}
        self._last_commit = 0
        self._readers: list[int] = []
        self._superseded: list[tuple[Table, RowVersion]] = []
        self._closed = False

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create the collections that are missing; raises ConfigurationError when one differs from before."""
        self._refuse_if_closed()
        with self._lock:
            tables = dict(self._tables)
            faults: list[Fault] = []
            for collection in collections:
                table = tables.setdefault(collection.name, Table(collection))
                faults += collection.differences_from(table.collection)
            if faults:
                raise ConfigurationError("stored collections have another shape than declared", faults=faults)
            self._tables = tables

    def transaction(self, *, writes: bool) -> "MemoryTransaction":
        """Begin a unit of work when its block is entered; see the port."""
        return MemoryTransaction(self, writes=writes)

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._closed = True
            self._tables.clear()
            self._superseded.clear()

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise BackendError("this storage was closed; open another", retryable=False)

    def _table(self, collection: Collection) -> Table:
        self._refuse_if_closed()
        table = self._tables.get(collection.name)
        if table is None or table.collection != collection:
            raise InvariantError(f"'{collection.name}' was not prepared in this shape; call prepare() first")
        return table

    def _begin(self, *, writes: bool) -> int:
        self._refuse_if_closed()
        if writes and not self._writer.acquire(timeout=self._busy_timeout_seconds):
            raise BackendError("another transaction is writing; try again", retryable=True)
        with self._lock:
            if writes:
                return self._last_commit + 1
            self._readers.append(self._last_commit)
            return self._last_commit

    def _commit(self, superseded: list[tuple[Table, RowVersion]]) -> None:
        with self._lock:
            self._last_commit += 1
            self._superseded += superseded
            self._drop_unreadable()

    def _stop_reading(self, snapshot: int) -> None:
        with self._lock:
            self._readers.remove(snapshot)
            self._drop_unreadable()

    def _drop_unreadable(self) -> None:
        oldest = min(self._readers, default=self._last_commit)
        kept = []
        for table, version in self._superseded:
            if version.died <= oldest:
                table.remove(version)
            else:
                kept.append((table, version))
        self._superseded = kept


def _all_or_nothing(
    call: Callable[Concatenate["MemoryTransaction", P], R],
) -> Callable[Concatenate["MemoryTransaction", P], R]:
    """Make a call that raises leave its transaction unusable."""

    @wraps(call)
    def guarded(self: "MemoryTransaction", /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not self._is_open:
            raise BackendError("this transaction has not begun or has ended; begin another", retryable=False)
        if self._failure is not None:
            raise self._failure
        try:
            with self._storage._lock:
                return call(self, *args, **kwargs)
        except Exception as failure:
            self._failure = failure
            raise

    return guarded


class MemoryTransaction:
    """One unit of work on a MemoryStorage; see the port."""

    def __init__(self, storage: MemoryStorage, *, writes: bool) -> None:
        self._storage = storage
        self._writes = writes
        self._snapshot = 0
        self._added: list[tuple[Table, RowVersion]] = []
        self._superseded: list[tuple[Table, RowVersion]] = []
        self._is_open = False
        self._failure: Exception | None = None

    def __enter__(self) -> Self:
        self._snapshot = self._storage._begin(writes=self._writes)
        self._added, self._superseded = [], []
        self._is_open, self._failure = True, None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_open = False
        failure = self._failure
        if not self._writes:
            self._storage._stop_reading(self._snapshot)
        else:
            try:
                self._end(save=raised is None and failure is None)
            finally:
                self._storage._writer.release()
        if raised is None and failure is not None:
            raise failure

    def _end(self, *, save: bool) -> None:
        if save:
            self._storage._refuse_if_closed()
            self._storage._commit(self._superseded)
            return
        with self._storage._lock:
            for table, version in self._added:
                table.remove(version)
            for _, version in self._superseded:
                version.revive()

    @_all_or_nothing
    def get(self, collection: Collection, key: Scalar) -> Row | None:
        """The record with this key; see the port."""
        table = self._storage._table(collection)
        collection.check_key(key)
        version = table.get(key, self._snapshot)
        return None if version is None else version.row

    @_all_or_nothing
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records; see the port."""
        table = self._writable(collection)
        collection.check_rows(rows)
        for row in rows:
            self._add(table, {**row, VERSION: 1})

    @_all_or_nothing
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace a record that has the expected version; see the port."""
        table = self._writable(collection)
        collection.check_rows([row])
        old = table.get(row[collection.key], self._snapshot)
        if old is None or old.row[VERSION] != expected_version:
            raise StaleVersionError(
                f"the record of '{collection.name}' was changed meanwhile or is missing; read it again"
            )
        self._supersede(table, old, {**row, VERSION: expected_version + 1})

    @_all_or_nothing
    def append(self, log: Collection, rows: Sequence[Row]) -> int:
        """Append entries; see the port."""
        table = self._writable(log)
        log.check_rows(rows, log=True)
        first = len(table) + 1
        for number, row in enumerate(rows, first):
            self._add(table, {**row, SEQUENCE: number})
        return first

    @_all_or_nothing
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        """Erase fields of the first entries; see the port."""
        table = self._writable(log)
        log.check_redaction(fields, up_to)
        redacted = 0
        for version in table.find((SEQUENCE,), (), snapshot=self._snapshot, at_most=up_to):
            if any(version.row[name] is not None for name in fields):
                self._supersede(table, version, {**version.row, **dict.fromkeys(fields)})
                redacted += 1
        return redacted

    @_all_or_nothing
    def find(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Records found by an index; see the port."""
        table = self._storage._table(collection)
        collection.check_find(index, equal_to, at_most, after, limit)
        found = table.find(
            index,
            equal_to,
            snapshot=self._snapshot,
            at_most=at_most,
            descending=descending,
            after=after,
            limit=limit,
        )
        return [version.row for version in found]

    @_all_or_nothing
    def count(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
    ) -> int:
        """How many records an index finds; see the port."""
        table = self._storage._table(collection)
        collection.check_find(index, equal_to, at_most)
        return table.count(index, equal_to, snapshot=self._snapshot, at_most=at_most)

    def _writable(self, collection: Collection) -> Table:
        if not self._writes:
            raise BackendError(
                "this transaction only reads; begin one with transaction(writes=True)", retryable=False
            )
        return self._storage._table(collection)

    def _supersede(self, table: Table, old: RowVersion, row: dict[str, Scalar]) -> None:
        old.died = self._snapshot
        self._superseded.append((table, old))
        self._add(table, row)

    def _add(self, table: Table, row: dict[str, Scalar]) -> None:
        collection = table.collection
        for group in ((collection.key,), *collection.unique):
            if table.holder(group, row, self._snapshot) is not None:
                raise DuplicateKeyError(collection.name, group)
        self._added.append((table, table.add(MappingProxyType(row), self._snapshot)))


def _open(url: str) -> MemoryStorage:
    if url != "memory:":
        raise ConfigurationError("the URL of the storage in memory is 'memory:' and nothing more")
    return MemoryStorage()


MEMORY_STORAGE: Final = StorageBackend(
    key="memory",
    summary="In this process only, gone when it ends: for tests, notebooks and examples",
    factory=_open,
)
