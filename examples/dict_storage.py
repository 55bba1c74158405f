"""A storage in a dict: the whole port, as small as it goes. It passes the conformance kit.

It keeps everything in this process and writes one transaction at a time. A snapshot is a reference to
tables that nobody changes: whoever writes copies a table, and a commit is one assignment. So it is correct,
and slow with many rows. `open_agency("dict:", plugins=[dict_storage], …)` opens an agency on it.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from time import monotonic, sleep
from types import MappingProxyType, TracebackType
from typing import Concatenate, ParamSpec, TypeVar
from weakref import ref

import attrs

from dcss_core.errors import BackendError, ConfigurationError, DuplicateKeyError, Fault, InvariantError
from dcss_core.plugins import (
    SEQUENCE,
    VERSION,
    Collection,
    Key,
    Row,
    Scalar,
    StorageBackend,
    check_wait,
    hookimpl,
)

P = ParamSpec("P")
R = TypeVar("R")


@attrs.frozen
class Table:
    """The rows of a collection by their keys; it never changes."""

    collection: Collection
    rows: Mapping[tuple[Scalar, ...], Row] = attrs.field(factory=dict)

    def find(
        self,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        at_most: Scalar,
        *,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """The rows that the port's `find` gives."""
        rest = self.collection.order_of(index)[len(equal_to) :]

        def place(row: Row) -> list[tuple[bool, Scalar]]:
            return [(row[name] is not None, row[name]) for name in rest]  # None comes first

        fixed, values = index[: len(equal_to)], tuple(equal_to)
        found = [row for row in self.rows.values() if values_of(row, fixed) == values]
        if at_most is not None:
            last = (True, at_most)
            found = [row for row in found if row[rest[0]] is not None and place(row)[0] <= last]
        if after is not None:
            begin = place(after)
            found = [row for row in found if (place(row) < begin if descending else place(row) > begin)]
        return sorted(found, key=place, reverse=descending)[:limit]

    def with_rows(self, new: Iterable[Row]) -> "Table":
        """With these rows more; raises DuplicateKeyError when a key is taken."""
        rows = dict(self.rows)
        groups = (self.collection.key_fields, *self.collection.unique)
        taken = {group: {values_of(row, group) for row in rows.values()} for group in groups}
        for row in new:
            for group in groups:
                values = values_of(row, group)
                if None in values:
                    continue  # nobody shares a None
                if values in taken[group]:
                    raise DuplicateKeyError(self.collection.name, group)
                taken[group].add(values)
            rows[values_of(row, self.collection.key_fields)] = MappingProxyType(row)
        return Table(self.collection, rows)

    def without(self, old: Iterable[Row]) -> "Table":
        """Without these rows of it."""
        gone = {values_of(row, self.collection.key_fields) for row in old}
        return Table(self.collection, {key: row for key, row in self.rows.items() if key not in gone})


def values_of(row: Row, group: tuple[str, ...]) -> tuple[Scalar, ...]:
    """What a row has in these fields."""
    return tuple([row[name] for name in group])


def stream_of(log: Collection, row: Row) -> Scalar:
    """The stream of an entry; None in a log without streams."""
    return None if log.stream is None else row[log.stream]


class Turn:
    """Whoever holds it stands in line; the first in line writes."""


@attrs.define(eq=False)
class Committed:
    """What everybody who begins sees, and the line of those who write or wait to."""

    tables: Mapping[str, Table] = attrs.field(factory=dict)
    line: "dict[ref[Turn], None]" = attrs.field(factory=dict)
    is_closed: bool = False

    def refuse_if_closed(self) -> None:
        """Raise BackendError, not retryable, once the storage is closed."""
        if self.is_closed:
            raise BackendError("this storage was closed; open another", retryable=False)


def whole(
    call: Callable[Concatenate["DictTransaction", P], R],
) -> Callable[Concatenate["DictTransaction", P], R]:
    """Have a call that does not end, whatever the reason, leave its transaction unusable."""

    @wraps(call)
    def guarded(self: "DictTransaction", /, *given: P.args, **named: P.kwargs) -> R:
        self.refuse_if_unusable()
        self.failure = BackendError("a call was interrupted; begin another transaction", retryable=True)
        try:
            result = call(self, *given, **named)
        except BaseException as failure:
            self.failure = failure
            raise
        self.failure = None
        return result

    return guarded


class DictTransaction:
    """What one unit of work sees and does. It does not know its block, which gives the turn back."""

    def __init__(self, committed: Committed, *, writes: bool) -> None:
        self.tables = committed.tables
        self.failure: BaseException | None = None
        self._committed = committed
        self._writes = writes

    def refuse_if_unusable(self) -> None:
        """Raise what made it unusable."""
        self._committed.refuse_if_closed()
        if self.failure is not None:
            raise self.failure

    def end(self) -> None:
        """Have every later call refused, and let go of the snapshot."""
        self.tables = {}
        self.failure = BackendError("this transaction has ended; begin another", retryable=False)

    @whole
    def get(self, collection: Collection, key: Key) -> Row | None:
        """The record with this key."""
        [row] = self._get_each(collection, [key])
        return row

    @whole
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        """The records with these keys."""
        return self._get_each(collection, list(keys))

    def _get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        table = self._table(collection)
        collection.check_keys(keys)
        return [table.rows.get(key if isinstance(key, tuple) else (key,)) for key in keys]

    @whole
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records."""
        table = self._writable(collection)
        collection.check_rows(rows)
        self._keep(table.with_rows([{**row, VERSION: 1} for row in rows]))

    @whole
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace a record that has the expected version."""
        table = self._writable(collection)
        collection.check_replacement(row, expected_version)
        old = table.rows.get((row[collection.key],))
        if old is None or old[VERSION] != expected_version:
            raise collection.stale()
        self._keep(table.without([old]).with_rows([{**row, VERSION: expected_version + 1}]))

    @whole
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        """Append entries; with `begins` a stream that is not new is refused by its key."""
        table = self._writable(log)
        log.check_rows(rows, log=True)
        last: Counter[Scalar] = Counter()  # the last number of each stream, or of the log under None
        for row in [] if begins else table.rows.values():
            number = row[SEQUENCE]
            assert isinstance(number, int)
            last[stream_of(log, row)] = max(last[stream_of(log, row)], number)
        entries: list[Row] = []
        numbers: list[int] = []
        for row in rows:
            stream = stream_of(log, row)
            last[stream] += 1
            numbers.append(last[stream])
            entries.append({**row, SEQUENCE: last[stream]})
        self._keep(table.with_rows(entries))
        return numbers

    @whole
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        """Erase optional fields of the first entries."""
        table = self._writable(log)
        log.check_redaction(fields, up_to, stream)
        erased: dict[str, Scalar] = dict.fromkeys(fields)
        nothing = tuple(erased.values())
        entries = table.find(log.key_fields, () if log.stream is None else (stream,), up_to)
        losing = [row for row in entries if values_of(row, tuple(erased)) != nothing]
        self._keep(table.without(losing).with_rows([{**row, **erased} for row in losing]))
        return len(losing)

    @whole
    def delete(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        limit: int,
    ) -> int:
        """Delete the first records an index finds."""
        table = self._writable(collection)
        collection.check_deletion(index, equal_to, at_most, limit)
        found = table.find(index, equal_to, at_most, limit=limit)
        self._keep(table.without(found))
        return len(found)

    @whole
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
        """Records found by an index."""
        table = self._table(collection)
        collection.check_find(index, equal_to, at_most, after, limit)
        return table.find(index, equal_to, at_most, descending=descending, after=after, limit=limit)

    @whole
    def find_each(
        self, collection: Collection, index: tuple[str, ...], values: Sequence[Scalar]
    ) -> list[list[Row]]:
        """Records found by an index for each of several values."""
        table, wanted = self._table(collection), list(values)
        collection.check_find_each(index, wanted)
        return [table.find(index, (value,), None) for value in wanted]

    @whole
    def count(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
    ) -> int:
        """How many records an index finds."""
        table = self._table(collection)
        collection.check_find(index, equal_to, at_most)
        return len(table.find(index, equal_to, at_most))

    @whole
    def sum(
        self,
        collection: Collection,
        field: str,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        by: Sequence[str] = (),
    ) -> Mapping[tuple[Scalar, ...], int]:
        """The sums of a field over the records an index finds."""
        table = self._table(collection)
        collection.check_sum(field, index, equal_to, at_most, by)
        names = tuple(by)
        sums: dict[tuple[Scalar, ...], int] = {}
        for row in table.find(index, equal_to, at_most):
            value, under = row[field], values_of(row, names)
            sums[under] = sums.get(under, 0) + (value if isinstance(value, int) else 0)  # None adds nothing
        return sums

    def _table(self, collection: Collection) -> Table:
        table = self.tables.get(collection.name)
        if table is None or table.collection != collection:
            raise InvariantError(f"'{collection.name}' was not prepared in this shape; call prepare() first")
        return table

    def _writable(self, collection: Collection) -> Table:
        if not self._writes:
            raise BackendError("this transaction only reads; begin one that writes", retryable=False)
        return self._table(collection)

    def _keep(self, table: Table) -> None:
        self.tables = {**self.tables, table.collection.name: table}


class Block:
    """What `with` enters. While it holds its turn nobody else writes; the turn is gone when the block is."""

    def __init__(self, committed: Committed, *, writes: bool, wait_seconds: float) -> None:
        self._committed = committed
        self._writes = writes
        self._wait_seconds = wait_seconds
        self._turn: Turn | None = None
        self._transaction: DictTransaction | None = None

    def __enter__(self) -> DictTransaction:
        if self._transaction is not None:
            raise BackendError("this transaction has begun already; begin another", retryable=False)
        try:
            self._committed.refuse_if_closed()
            if self._writes:
                self._wait_in_line()
            self._transaction = DictTransaction(self._committed, writes=self._writes)
            return self._transaction
        except BaseException:
            self._leave()
            raise

    def _wait_in_line(self) -> None:
        end, line = monotonic() + self._wait_seconds, self._committed.line
        self._turn = Turn()
        line.setdefault(mine := ref(self._turn, line.pop))  # whoever lets go of the turn leaves the line
        while list(line).index(mine):  # somebody stands before
            if monotonic() >= end:
                raise BackendError("another transaction is writing; try again", retryable=True)
            sleep(0.001)

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if raised is None and self._transaction is not None:
                self._transaction.refuse_if_unusable()
                if self._writes:
                    self._committed.tables = self._transaction.tables  # the commit: one assignment
        finally:
            self._leave()

    def _leave(self) -> None:
        self._turn = None
        if self._transaction is not None:
            self._transaction.end()
        self._transaction = None


class DictStorage:
    """A storage that forgets everything when it is closed."""

    writes_one_at_a_time = True
    busy_seconds = 5.0

    def __init__(self) -> None:
        self._committed = Committed()

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create what is missing; raises ConfigurationError for what is stored in another shape."""
        self._committed.refuse_if_closed()
        if not _missing(self._committed.tables, collections):
            return
        with self.transaction(writes=True) as transaction:
            for collection in _missing(transaction.tables, collections):
                transaction.tables = {**transaction.tables, collection.name: Table(collection)}

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> Block:
        """Begin a unit of work when its block is entered."""
        check_wait(wait_seconds)
        seconds = self.busy_seconds if wait_seconds is None else wait_seconds
        return Block(self._committed, writes=writes, wait_seconds=seconds)

    def close(self) -> None:
        """Forget everything."""
        self._committed.is_closed, self._committed.tables = True, {}


def _missing(tables: Mapping[str, Table], collections: Sequence[Collection]) -> list[Collection]:
    known = {name: table.collection for name, table in tables.items()}
    faults: list[Fault] = []
    for collection in collections:
        faults += collection.differences_from(known.setdefault(collection.name, collection))
    if faults:
        raise ConfigurationError("stored collections have another shape than declared", faults=faults)
    return [collection for name, collection in known.items() if name not in tables]


@hookimpl
def dcss_storage_backends() -> list[StorageBackend]:
    """Have `dict:` open a storage of its own."""
    return [StorageBackend(key="dict", summary="everything in a dict", factory=lambda url: DictStorage())]
