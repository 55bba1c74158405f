"""MemoryTransaction: what one unit of work reads and writes.

Decides what a call does to the tables that the unit of work sees. Invariants: until it is saved, nobody else
sees what it wrote; a call takes effect as a whole, in one assignment; after a call that did not end, however
it was interrupted, nothing is saved.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

from dcss_core.errors import BackendError, InvariantError
from dcss_core.memory.committed import NO_TABLES, Committed, Tables
from dcss_core.memory.table import Table
from dcss_core.ports.storage import SEQUENCE, VERSION, Collection, Key, Row, Scalar

P = ParamSpec("P")
R = TypeVar("R")


def _all_or_nothing(
    call: Callable[Concatenate["MemoryTransaction", P], R],
) -> Callable[Concatenate["MemoryTransaction", P], R]:
    """Make a call that does not end leave its transaction unusable."""

    @wraps(call)
    def guarded(self: "MemoryTransaction", /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not self._is_usable or self._committed.is_closed:
            self._refuse()
        self._is_usable = False
        try:
            result = call(self, *args, **kwargs)
        except BaseException as failure:
            self._failure = failure
            raise
        self._is_usable = True
        return result

    return guarded


class MemoryTransaction:
    """One unit of work on a MemoryStorage; see the port."""

    def __init__(self, committed: Committed, *, writes: bool) -> None:
        self._committed = committed
        self.tables = committed.tables
        self._writes = writes
        self._is_usable = True  # not while a call is under way, and never again after one that did not end
        self._has_ended = False
        self._failure: BaseException | None = None

    def finish(self) -> Tables:
        """What it made of the tables, once and for all; raises what made it unusable."""
        if not self._is_usable or self._committed.is_closed:
            self._refuse()
        self._is_usable = False
        return self.tables

    def end(self) -> None:
        """Have every later call refused, and let go of the snapshot."""
        self._is_usable, self._has_ended, self._failure = False, True, None
        self.tables = NO_TABLES

    def keep(self, table: Table) -> None:
        """Go on with this table instead of the one of the same name, or with one more."""
        self.tables = {**self.tables, table.collection.name: table}

    def _refuse(self) -> NoReturn:
        if self._failure is not None:
            raise self._failure
        self._committed.refuse_if_closed()
        if self._has_ended:
            raise BackendError("this transaction has ended; begin another", retryable=False)
        raise BackendError("a call of this transaction was interrupted; begin another", retryable=True)

    @_all_or_nothing
    def get(self, collection: Collection, key: Key) -> Row | None:
        """The record with this key; see the port."""
        table = self._table(collection)
        collection.check_keys((key,))
        return table.get(key)

    @_all_or_nothing
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        """The records with these keys; see the port."""
        table = self._table(collection)
        keys = list(keys)
        collection.check_keys(keys)
        return [table.get(key) for key in keys]

    @_all_or_nothing
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records; see the port."""
        table = self._writable(collection)
        collection.check_rows(rows)
        self.keep(table.with_rows([{**row, VERSION: 1} for row in rows]))

    @_all_or_nothing
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace a record that has the expected version; see the port."""
        table = self._writable(collection)
        collection.check_replacement(row, expected_version)
        old = table.get(row[collection.key])
        if old is None or old[VERSION] != expected_version:
            raise collection.stale()
        self.keep(table.with_others([(old, {**row, VERSION: expected_version + 1})]))

    @_all_or_nothing
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        """Append entries; see the port."""
        table = self._writable(log)
        log.check_rows(rows, log=True)
        last: dict[Scalar, int] = {}
        entries: list[Row] = []
        numbers = []
        for row in rows:
            stream = None if log.stream is None else row[log.stream]
            if stream not in last:
                last[stream] = 0 if begins else table.last_number(stream)
            last[stream] += 1
            numbers.append(last[stream])
            entries.append({**row, SEQUENCE: last[stream]})
        self.keep(table.with_rows(entries))
        return numbers

    @_all_or_nothing
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        """Erase fields of the first entries; see the port."""
        table = self._writable(log)
        log.check_redaction(fields, up_to, stream)
        erased = dict.fromkeys(fields)
        nothing = [*erased.values()]
        named = () if log.stream is None else (stream,)
        entries = table.find(log.key_fields, named, at_most=up_to)
        losing = [row for row in entries if [row[name] for name in erased] != nothing]
        self.keep(table.with_others([(row, {**row, **erased}) for row in losing]))
        return len(losing)

    @_all_or_nothing
    def delete(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
        limit: int,
    ) -> int:
        """Delete the first records an index finds; see the port."""
        table = self._writable(collection)
        collection.check_deletion(index, equal_to, at_most, limit)
        found = table.find(index, equal_to, at_most=at_most, limit=limit)
        self.keep(table.without(found))
        return len(found)

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
        table = self._table(collection)
        collection.check_find(index, equal_to, at_most, after, limit)
        return table.find(index, equal_to, at_most=at_most, descending=descending, after=after, limit=limit)

    @_all_or_nothing
    def find_each(
        self, collection: Collection, index: tuple[str, ...], values: Sequence[Scalar]
    ) -> list[list[Row]]:
        """Records found by an index for each of several values; see the port."""
        table = self._table(collection)
        values = list(values)
        collection.check_find_each(index, values)
        return [table.find(index, (value,)) for value in values]

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
        table = self._table(collection)
        collection.check_find(index, equal_to, at_most)
        return table.count(index, equal_to, at_most=at_most)

    @_all_or_nothing
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
        """The sums of a field over the records an index finds; see the port."""
        table = self._table(collection)
        collection.check_sum(field, index, equal_to, at_most, by)
        return table.sums(field, index, equal_to, at_most=at_most, by=by)

    def _table(self, collection: Collection) -> Table:
        table = self.tables.get(collection.name)
        if table is None or (table.collection is not collection and table.collection != collection):
            raise InvariantError(f"'{collection.name}' was not prepared in this shape; call prepare() first")
        return table

    def _writable(self, collection: Collection) -> Table:
        if not self._writes:
            raise BackendError(
                "this transaction only reads; begin one with transaction(writes=True)", retryable=False
            )
        return self._table(collection)
