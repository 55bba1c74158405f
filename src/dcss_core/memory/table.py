"""Table: the rows of one collection in memory, in a form that never changes.

Decides which rows an index finds, and that no key is taken twice. Invariants: each change gives a new table,
and nothing of the old one is touched; every row stands once in each index, and is read-only.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TypeAlias

from dcss_core.errors import DuplicateKeyError
from dcss_core.memory.sorted_rows import SortedRows, SortKey, behind, sort_key
from dcss_core.ports.storage import SEQUENCE, Collection, Key, Row, Scalar

_Index: TypeAlias = tuple[str, ...]
_Indexes: TypeAlias = Mapping[_Index, SortedRows]
_Taken: TypeAlias = set[tuple[_Index, tuple[Scalar, ...]]]


class Table:
    """The rows of one collection, sorted by each of its indexes."""

    __slots__ = ("_indexes", "collection")

    def __init__(self, collection: Collection, indexes: _Indexes | None = None) -> None:
        self.collection = collection
        self._indexes = indexes or {
            index: SortedRows(collection.order_of(index)) for index in collection.findable
        }

    def get(self, key: Key) -> Row | None:
        """The row with this key."""
        values = key if isinstance(key, tuple) else (key,)
        return self._indexes[self.collection.key_fields].first(sort_key(values))

    def find(
        self,
        index: _Index,
        equal_to: Sequence[Scalar],
        *,
        at_most: Scalar = None,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """The rows that the port's `find` gives."""
        found_in = self._indexes[index]
        start, stop = _bounds(equal_to, at_most)
        if after is not None:
            last = sort_key([*equal_to, *[after[name] for name in found_in.order[len(equal_to) :]]])
            start, stop = (start, min(stop, last)) if descending else (max(start, behind(last)), stop)
        return found_in.between(start, stop, descending=descending, limit=limit)

    def count(self, index: _Index, equal_to: Sequence[Scalar], *, at_most: Scalar = None) -> int:
        """How many rows `find` gives."""
        return self._indexes[index].count_between(*_bounds(equal_to, at_most))

    def last_number(self, stream: Scalar) -> int:
        """The number of the last entry, of its stream where the log has streams; 0 when there is none."""
        named = () if self.collection.stream is None else (stream,)
        last = self._indexes[self.collection.key_fields].last(sort_key(named))
        number = 0 if last is None else last[SEQUENCE]
        return number if isinstance(number, int) else 0

    def with_rows(self, rows: Sequence[Row]) -> "Table":
        """With these rows more; raises DuplicateKeyError when a key is taken."""
        taken: _Taken = set()
        groups = (self.collection.key_fields, *self.collection.unique)
        for row in rows:
            for group in groups:
                self._refuse_if_taken(group, row, taken)
        kept = [MappingProxyType(row) for row in rows]
        return Table(
            self.collection, {index: found.with_rows(kept) for index, found in self._indexes.items()}
        )

    def with_others(self, changed: Iterable[tuple[Row, Row]]) -> "Table":
        """With the second row of each pair instead of the first, whose key it has; raises as `with_rows`."""
        indexes = dict(self._indexes)
        for old, row in changed:
            for group in self.collection.unique:
                if [old[name] for name in group] != [row[name] for name in group]:
                    self._refuse_if_taken(group, row, set())
            kept = MappingProxyType(row)
            for index, sorted_rows in indexes.items():
                indexes[index] = sorted_rows.with_other(old, kept)
        return Table(self.collection, indexes)

    def without(self, rows: Sequence[Row]) -> "Table":
        """Without these rows of it."""
        return Table(self.collection, {index: found.without(rows) for index, found in self._indexes.items()})

    def _refuse_if_taken(self, group: _Index, row: Row, taken: _Taken) -> None:
        """Refuse a key that a row of the table has, or one of those that are new with this one."""
        values = tuple([row[name] for name in group])
        if None in values:
            return
        if (group, values) in taken or self._indexes[group].first(sort_key(values)) is not None:
            raise DuplicateKeyError(self.collection.name, group)
        taken.add((group, values))


def _bounds(equal_to: Sequence[Scalar], at_most: Scalar) -> tuple[SortKey, SortKey]:
    """From where to where the rows with these values stand; a bound leaves out the rows with None there."""
    prefix = sort_key(equal_to)
    if at_most is None:
        return prefix, behind(prefix)
    return (*prefix, True), behind((*prefix, True, at_most))
