"""A storage in a dict: the whole port, as small as it goes. It passes the conformance kit.

It keeps everything in this process and writes one transaction at a time. A snapshot is a reference to
tables that nobody changes: whoever writes copies a table, and a commit is one assignment. So it is correct,
and slow with many rows. `open_agency("dict:", plugins=[dict_storage], …)` opens an agency on it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import attrs

from dcss_core.errors import ConfigurationError, DuplicateKeyError
from dcss_core.plugins import (
    Collection,
    GuardedTransaction,
    Key,
    Row,
    Scalar,
    StorageBackend,
    TurnBlock,
    WritersLine,
    hookimpl,
)


@attrs.frozen
class Table:
    """The rows of a collection by their keys; it never changes."""

    collection: Collection
    rows: Mapping[tuple[Scalar, ...], Row] = attrs.field(factory=dict)


class DictTransaction(GuardedTransaction):
    """What one unit of work sees, and does once it is known that it may."""

    def __init__(self, storage: "DictStorage", *, writes: bool) -> None:
        super().__init__(storage, writes=writes)
        self.tables = storage.tables

    def _shape_of(self, name: str) -> Collection | None:
        return self.tables[name].collection if name in self.tables else None

    def _row(self, collection: Collection, key: Key) -> Row | None:
        return self.tables[collection.name].rows.get(key if isinstance(key, tuple) else (key,))

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
        fixed, values = index[: len(equal_to)], tuple(equal_to)
        rest = collection.order_of(index)[len(values) :]

        def place(row: Row) -> list[tuple[bool, Scalar]]:
            return [(row[name] is not None, row[name]) for name in rest]  # None comes first

        found = [row for row in self.tables[collection.name].rows.values() if values_of(row, fixed) == values]
        if at_most is not None:
            found = [row for row in found if row[rest[0]] is not None and place(row)[0] <= (True, at_most)]
        if after is not None:
            last = place(after)
            found = [row for row in found if (place(row) < last if descending else place(row) > last)]
        return sorted(found, key=place, reverse=descending)[:limit]

    def _add(self, collection: Collection, rows: Sequence[Row]) -> None:
        self._keep(collection, (), rows)

    def _change(self, collection: Collection, pairs: Sequence[tuple[Row, Row]]) -> None:
        self._keep(collection, [old for old, _ in pairs], [new for _, new in pairs])

    def _remove(self, collection: Collection, rows: Sequence[Row]) -> None:
        self._keep(collection, rows, ())

    def _keep(self, collection: Collection, gone: Sequence[Row], new: Sequence[Row]) -> None:
        """Go on without some rows and with others, whose keys nobody has."""
        rows = dict(self.tables[collection.name].rows)
        for row in gone:
            del rows[values_of(row, collection.key_fields)]
        for group in (collection.key_fields, *collection.unique):
            taken = {values_of(row, group) for row in rows.values()} if new else set()
            for row in new:
                values = values_of(row, group)
                if values in taken and None not in values:  # nobody shares a None
                    raise DuplicateKeyError(collection.name, group)
                taken.add(values)
        rows.update((values_of(row, collection.key_fields), MappingProxyType(row)) for row in new)
        self.tables = {**self.tables, collection.name: Table(collection, rows)}


def values_of(row: Row, group: tuple[str, ...]) -> tuple[Scalar, ...]:
    """What a row has in these fields."""
    return tuple([row[name] for name in group])


class DictStorage:
    """A storage that forgets everything when it is closed."""

    writes_one_at_a_time = True
    busy_seconds = 5.0
    is_closed = False

    def __init__(self) -> None:
        self.tables: Mapping[str, Table] = {}
        self._line: WritersLine = {}

    def prepare(self, collections: Sequence[Collection]) -> None:
        """Create what is missing; raises ConfigurationError for what is stored in another shape."""
        for writes in (False, True):  # where nothing is missing, no writer is waited for
            with self.transaction(writes=writes) as transaction:
                missing = _missing(transaction.tables, collections)
                transaction.tables = {**transaction.tables, **missing}
            if not missing:
                return

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> TurnBlock[DictTransaction]:
        """Begin a unit of work when its block is entered."""
        begin, save = partial(DictTransaction, self, writes=writes), self._save if writes else None
        seconds = self.busy_seconds if wait_seconds is None else wait_seconds
        return TurnBlock(self, self._line, begin, save, wait_seconds=seconds)

    def _save(self, transaction: DictTransaction) -> None:
        self.tables = transaction.tables  # the commit: one assignment

    def close(self) -> None:
        """Forget everything."""
        self.is_closed, self.tables = True, {}


def _missing(tables: Mapping[str, Table], collections: Iterable[Collection]) -> dict[str, Table]:
    known = {name: table.collection for name, table in tables.items()}
    faults = [f for each in collections for f in each.differences_from(known.setdefault(each.name, each))]
    if faults:
        raise ConfigurationError("stored collections have another shape than declared", faults=faults)
    return {name: Table(each) for name, each in known.items() if name not in tables}


@hookimpl
def dcss_storage_backends() -> list[StorageBackend]:
    """Have `dict:` open a storage of its own."""
    return [StorageBackend(key="dict", summary="everything in a dict", factory=lambda url: DictStorage())]
