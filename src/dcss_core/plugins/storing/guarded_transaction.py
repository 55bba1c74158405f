"""GuardedTransaction: the calls of the storage port, with everything that every backend refuses alike.

Decides what is refused before a backend is asked, what an entry's number and a record's version are, and what
becomes of a transaction whose call did not end. Invariants: after a call that did not end, however it was
interrupted, every later call raises, and so does leaving the block; a backend is asked only for what can be
done, of collections that were prepared in this shape, in a transaction that may do it.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import wraps
from typing import Concatenate, NoReturn, ParamSpec, TypeVar

from dcss_core.errors import BackendError, InvariantError
from dcss_core.plugins.storing.place import Place, refuse_if_closed
from dcss_core.ports.storage import SEQUENCE, VERSION, Collection, Key, Row, Scalar

P = ParamSpec("P")
R = TypeVar("R")


def _whole(
    call: Callable[Concatenate["GuardedTransaction", P], R],
) -> Callable[Concatenate["GuardedTransaction", P], R]:
    """Make a call that does not end leave its transaction unusable."""

    @wraps(call)
    def guarded(self: "GuardedTransaction", /, *args: P.args, **kwargs: P.kwargs) -> R:
        if not self._is_usable or self._place.is_closed:
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


class GuardedTransaction(ABC):
    """One unit of work of a backend that does what stands under `_shape_of` to `_remove`; see the port."""

    def __init__(self, place: Place, *, writes: bool) -> None:
        self._place = place
        self._writes = writes
        self._is_usable = True  # not while a call is under way, and never again after one that did not end
        self._has_ended = False
        self._failure: BaseException | None = None

    # --- what a backend does ------------------------------------------------------------------------
    @abstractmethod
    def _shape_of(self, name: str) -> Collection | None:
        """The collection of this name, as it was prepared."""

    @abstractmethod
    def _row(self, collection: Collection, key: Key) -> Row | None:
        """The row with this key."""

    @abstractmethod
    def _found(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        *,
        at_most: Scalar = None,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """The rows that the port's `find` gives."""

    @abstractmethod
    def _add(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Keep new rows, which have their version or number; raises DuplicateKeyError."""

    @abstractmethod
    def _change(self, collection: Collection, pairs: Sequence[tuple[Row, Row]]) -> None:
        """Keep the second row of each pair in place of the first, which has its key; raises as `_add`."""

    @abstractmethod
    def _remove(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Keep these rows no longer."""

    # --- what a backend may do better ---------------------------------------------------------------
    def _count(
        self, collection: Collection, index: tuple[str, ...], equal_to: Sequence[Scalar], at_most: Scalar
    ) -> int:
        return len(self._found(collection, index, equal_to, at_most=at_most))

    def _last_number(self, log: Collection, stream: Scalar) -> int:
        named = () if log.stream is None else (stream,)
        for row in self._found(log, log.key_fields, named, descending=True, limit=1):
            return _number_of(row)
        return 0

    # --- the port -----------------------------------------------------------------------------------
    @_whole
    def get(self, collection: Collection, key: Key) -> Row | None:
        """The record with this key; see the port."""
        self._check(collection)
        collection.check_keys((key,))
        return self._row(collection, key)

    @_whole
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        """The records with these keys; see the port."""
        self._check(collection)
        keys = list(keys)
        collection.check_keys(keys)
        return [self._row(collection, key) for key in keys]

    @_whole
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        """Insert records; see the port."""
        self._check_writable(collection)
        collection.check_rows(rows)
        self._add(collection, [{**row, VERSION: 1} for row in rows])

    @_whole
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        """Replace a record that has the expected version; see the port."""
        self._check_writable(collection)
        collection.check_replacement(row, expected_version)
        key = row[collection.key]
        old = None if key is None else self._row(collection, key)
        if old is None or old[VERSION] != expected_version:
            raise collection.stale()
        self._change(collection, [(old, {**row, VERSION: expected_version + 1})])

    @_whole
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        """Append entries; see the port."""
        self._check_writable(log)
        log.check_rows(rows, log=True)
        last: dict[Scalar, int] = {}
        entries: list[Row] = []
        numbers = []
        for row in rows:
            stream = None if log.stream is None else row[log.stream]
            if stream not in last:
                last[stream] = 0 if begins else self._last_number(log, stream)
            last[stream] += 1
            numbers.append(last[stream])
            entries.append({**row, SEQUENCE: last[stream]})
        self._add(log, entries)
        return numbers

    @_whole
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        """Erase fields of the first entries; see the port."""
        self._check_writable(log)
        log.check_redaction(fields, up_to, stream)
        erased = dict.fromkeys(fields)
        nothing = [*erased.values()]
        named = () if log.stream is None else (stream,)
        entries = self._found(log, log.key_fields, named, at_most=up_to)
        losing = [row for row in entries if [row[name] for name in erased] != nothing]
        self._change(log, [(row, {**row, **erased}) for row in losing])
        return len(losing)

    @_whole
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
        self._check_writable(collection)
        collection.check_deletion(index, equal_to, at_most, limit)
        found = self._found(collection, index, equal_to, at_most=at_most, limit=limit)
        self._remove(collection, found)
        return len(found)

    @_whole
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
        self._check(collection)
        collection.check_find(index, equal_to, at_most, after, limit)
        return self._found(
            collection, index, equal_to, at_most=at_most, descending=descending, after=after, limit=limit
        )

    @_whole
    def find_each(
        self, collection: Collection, index: tuple[str, ...], values: Sequence[Scalar]
    ) -> list[list[Row]]:
        """Records found by an index for each of several values; see the port."""
        self._check(collection)
        values = list(values)
        collection.check_find_each(index, values)
        return [self._found(collection, index, (value,)) for value in values]

    @_whole
    def count(
        self,
        collection: Collection,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar] = (),
        *,
        at_most: Scalar = None,
    ) -> int:
        """How many records an index finds; see the port."""
        self._check(collection)
        collection.check_find(index, equal_to, at_most)
        return self._count(collection, index, equal_to, at_most)

    @_whole
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
        self._check(collection)
        collection.check_sum(field, index, equal_to, at_most, by)
        return _sums(self._found(collection, index, equal_to, at_most=at_most), field, tuple(by))

    # --- its end ------------------------------------------------------------------------------------
    def finish(self) -> None:
        """Take no call any more; raises what made it unusable, and then nothing of it may be saved."""
        if not self._is_usable or self._place.is_closed:
            self._refuse()
        self._is_usable = False

    def end(self) -> None:
        """Have every later call refused."""
        self._is_usable, self._has_ended, self._failure = False, True, None

    def _refuse(self) -> NoReturn:
        if self._failure is not None:
            raise self._failure
        refuse_if_closed(self._place)
        if self._has_ended:
            raise BackendError("this transaction has ended; begin another", retryable=False)
        raise BackendError("a call of this transaction was interrupted; begin another", retryable=True)

    def _check(self, collection: Collection) -> None:
        shape = self._shape_of(collection.name)
        if shape is not collection and shape != collection:
            raise InvariantError(f"'{collection.name}' was not prepared in this shape; call prepare() first")

    def _check_writable(self, collection: Collection) -> None:
        if not self._writes:
            raise BackendError(
                "this transaction only reads; begin one with transaction(writes=True)", retryable=False
            )
        self._check(collection)


def _number_of(row: Row) -> int:
    number = row[SEQUENCE]
    assert isinstance(number, int)
    return number


def _sums(rows: Iterable[Row], field: str, by: tuple[str, ...]) -> Mapping[tuple[Scalar, ...], int]:
    sums: dict[tuple[Scalar, ...], int] = {}
    for row in rows:
        value, group = row[field], tuple([row[name] for name in by])
        sums[group] = sums.get(group, 0) + (value if isinstance(value, int) else 0)  # None adds nothing
    return sums
