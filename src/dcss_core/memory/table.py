"""Table: the rows of one collection in memory, in every version somebody may still read.

Decides which version of a row a snapshot sees, and in which order rows are found. Invariants: a
version is born with one commit and may die with a later one, and a snapshot sees what was born at or
before it and had not died by then; every version stands once in each index; the entries of an index
are sorted. Not safe for threads: `MemoryStorage` locks around it.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import attrs

from dcss_core.ports.storage import Collection, Row, Scalar

_NEVER: Final = float("inf")

# The values an index orders by, each behind a flag that puts None first, then a serial that is never
# equal to another (so that comparing ends there), then the version itself.
_Entry: TypeAlias = tuple[Any, ...]


@attrs.define(eq=False)
class RowVersion:
    """One row as it was from the commit it was born with until the one it died with."""

    row: Row
    born: int
    serial: int
    died: float = _NEVER

    def is_visible_at(self, snapshot: int) -> bool:
        """Whether a reader who sees commits up to number `snapshot` sees this version."""
        return self.born <= snapshot < self.died

    def revive(self) -> None:
        """Take back its death: the transaction that replaced it was rolled back."""
        self.died = _NEVER


class Table:
    """The versions of one collection's rows and its sorted indexes."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._serial = 0
        self._histories: dict[Scalar, list[RowVersion]] = {}
        self._indexes: dict[tuple[str, ...], list[_Entry]] = {group: [] for group in collection.findable}

    def __len__(self) -> int:
        return len(self._histories)

    def get(self, key: Scalar, snapshot: int) -> RowVersion | None:
        """The version of a record that a snapshot sees."""
        for version in reversed(self._histories.get(key, ())):
            if version.is_visible_at(snapshot):
                return version
        return None

    def holder(self, group: tuple[str, ...], row: Row, snapshot: int) -> RowVersion | None:
        """The record that has the same values in all fields of a unique key; None of them may be None."""
        values = [row[name] for name in group]
        if None in values:
            return None
        found = self.find(group, values, snapshot=snapshot, limit=1)
        return found[0] if found else None

    def add(self, row: Row, born: int) -> RowVersion:
        """Add a version of a record."""
        self._serial += 1
        version = RowVersion(row, born, self._serial)
        self._histories.setdefault(row[self.collection.key], []).append(version)
        for group, entries in self._indexes.items():
            insort(entries, self._entry(group, version))
        return version

    def remove(self, version: RowVersion) -> None:
        """Forget a version that was rolled back or that nobody can read any more."""
        key = version.row[self.collection.key]
        history = self._histories[key]
        history.remove(version)
        if not history:
            del self._histories[key]
        for group, entries in self._indexes.items():
            del entries[bisect_left(entries, self._entry(group, version))]

    def find(
        self,
        index: tuple[str, ...],
        equal_to: Sequence[Scalar],
        *,
        snapshot: int,
        at_most: Scalar = None,
        descending: bool = False,
        after: Row | None = None,
        limit: int | None = None,
    ) -> list[RowVersion]:
        """The versions that a snapshot sees, as the port's `find` says."""
        entries = self._indexes[index]
        places = self._places(index, equal_to, at_most)
        if after is not None:
            order = self.collection.order_of(index)[len(equal_to) :]
            last = _flat((*equal_to, *(after[name] for name in order)))
            if descending:
                places = range(places.start, min(places.stop, bisect_left(entries, last)))
            else:
                places = range(max(places.start, _end_of(entries, last)), places.stop)
        found: list[RowVersion] = []
        for position in reversed(places) if descending else places:
            if limit is not None and len(found) == limit:
                break
            version: RowVersion = entries[position][-1]
            if version.is_visible_at(snapshot):
                found.append(version)
        return found

    def count(
        self, index: tuple[str, ...], equal_to: Sequence[Scalar], *, snapshot: int, at_most: Scalar = None
    ) -> int:
        """How many versions a snapshot sees, as the port's `count` says."""
        entries = self._indexes[index]
        places = self._places(index, equal_to, at_most)
        return sum(entries[position][-1].is_visible_at(snapshot) for position in places)

    def _places(self, index: tuple[str, ...], equal_to: Sequence[Scalar], at_most: Scalar) -> range:
        """Where the entries with these values stand, whoever sees them."""
        entries, prefix = self._indexes[index], _flat(equal_to)
        if at_most is None:
            return range(bisect_left(entries, prefix), _end_of(entries, prefix))
        first = _end_of(entries, (*prefix, *_flat([None])))
        return range(first, _end_of(entries, (*prefix, *_flat([at_most]))))

    def _entry(self, group: tuple[str, ...], version: RowVersion) -> _Entry:
        values = _flat(version.row[name] for name in self.collection.order_of(group))
        return (*values, version.serial, version)


def _flat(values: Iterable[Scalar]) -> _Entry:
    return tuple(part for value in values for part in (value is not None, value))


def _end_of(entries: list[_Entry], prefix: _Entry) -> int:
    """The position after the last entry that starts like this."""
    return bisect_right(entries, prefix, key=lambda entry: entry[: len(prefix)])
