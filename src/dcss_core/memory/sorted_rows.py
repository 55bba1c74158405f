"""SortedRows: rows in the order of some of their fields, in a form that never changes.

Decides how rows are ordered, and how a row is added or taken out while others read. Invariants: nothing is
changed that somebody may be reading, since each change gives a new object, which shares all chunks but one
with the old one; the chunks are sorted, and none is empty; no two rows have the same sort key.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from operator import itemgetter
from typing import Any, Final, TypeAlias

from dcss_core.base.generated_source import function_of
from dcss_core.ports.storage import Row, Scalar

# The values that rows are ordered by, each behind a flag that puts None first. An entry is the sort key of a
# row and then the row, behind a flag as well, so that a sort key stands right before its entry.
SortKey: TypeAlias = tuple[Any, ...]
_Chunk: TypeAlias = list[SortKey]
_Position: TypeAlias = tuple[int, int]

_BEHIND: Final = 2  # more than any flag
_MOST_IN_CHUNK: Final = 256  # a change copies one chunk, and one reference to each chunk
_FIRST: Final = itemgetter(0)


def sort_key(values: Iterable[Scalar]) -> SortKey:
    """Where rows with these values begin."""
    key: SortKey = ()
    for value in values:
        key += (value is not None, value)
    return key


def behind(key: SortKey) -> SortKey:
    """Where the rows that begin like this end."""
    return (*key, _BEHIND)


@cache
def _entries_in(order: tuple[str, ...]) -> Callable[[Row], SortKey]:
    """How a row becomes an entry, written out for one order: its sort key, a flag and the row."""
    values = "".join(f"    value{place} = row[{name!r}]\n" for place, name in enumerate(order))
    flagged = "".join(f"value{place} is not None, value{place}, " for place in range(len(order)))
    source = f"def entry(row):\n{values}    return ({flagged}True, row)\n"
    entry: Callable[[Row], SortKey] = function_of("entry", source, {}, of=" and ".join(order))
    return entry


class SortedRows:
    """Rows in the order of these fields."""

    __slots__ = ("_chunks", "_entry_of", "order")

    def __init__(self, order: tuple[str, ...], chunks: list[_Chunk] | None = None) -> None:
        self.order = order
        self._entry_of = _entries_in(order)
        self._chunks: list[_Chunk] = chunks or []

    def first(self, key: SortKey) -> Row | None:
        """The first row whose sort key begins like this."""
        number, offset = self._position(key)
        if number == len(self._chunks):
            return None
        entry = self._chunks[number][offset]
        row: Row = entry[-1]
        return row if entry[: len(key)] == key else None

    def last(self, key: SortKey) -> Row | None:
        """The last row whose sort key begins like this."""
        number, offset = self._position(behind(key))
        if not number and not offset:
            return None
        entry = self._chunks[number][offset - 1] if offset else self._chunks[number - 1][-1]
        row: Row = entry[-1]
        return row if entry[: len(key)] == key else None

    def between(
        self, start: SortKey, stop: SortKey, *, descending: bool = False, limit: int | None = None
    ) -> list[Row]:
        """The rows from one sort key up to another one, as many as the limit."""
        (first, offset), (last, end) = self._position(start), self._position(stop)
        numbers = range(first, last + 1 if end else last)
        left = limit
        rows: list[Row] = []
        for number in reversed(numbers) if descending else numbers:
            chunk = self._chunks[number]
            low = offset if number == first else 0
            high = end if number == last else len(chunk)
            if left is not None:
                low, high = (max(low, high - left), high) if descending else (low, min(high, low + left))
                left -= high - low
            piece = chunk[low:high]
            rows += [entry[-1] for entry in (reversed(piece) if descending else piece)]
            if left == 0:
                break
        return rows

    def count_between(self, start: SortKey, stop: SortKey) -> int:
        """How many rows stand from one sort key up to another one."""
        (first, offset), (last, end) = self._position(start), self._position(stop)
        return sum(map(len, self._chunks[first:last])) - offset + end

    def with_rows(self, rows: Sequence[Row]) -> "SortedRows":
        """With these rows more, whose sort keys are new."""
        if len(rows) == 1:
            return self._with_entry(self._entry_of(rows[0]))
        entries = sorted(map(self._entry_of, rows))
        if entries and (not self._chunks or self._chunks[-1][-1] < entries[0]):
            return self._with_last(entries)
        made = self
        for entry in entries:
            made = made._with_entry(entry)
        return made

    def _with_last(self, entries: list[SortKey]) -> "SortedRows":
        """With entries behind all others, as a log gets them: the chunks before them stay full."""
        number = len(self._chunks)
        if number and len(self._chunks[-1]) < _MOST_IN_CHUNK:
            number -= 1
            entries = self._chunks[-1] + entries
        chunks = [entries[start : start + _MOST_IN_CHUNK] for start in range(0, len(entries), _MOST_IN_CHUNK)]
        return self._with_chunks(number, len(self._chunks), *chunks)

    def _with_entry(self, entry: SortKey) -> "SortedRows":
        number, offset = self._position(entry[:-2])
        if number == len(self._chunks):
            return self._with_last([entry])
        chunk = self._chunks[number].copy()
        chunk.insert(offset, entry)
        if len(chunk) > _MOST_IN_CHUNK:
            half = len(chunk) // 2
            return self._with_chunks(number, number + 1, chunk[:half], chunk[half:])
        return self._with_chunks(number, number + 1, chunk)

    def without(self, rows: Sequence[Row]) -> "SortedRows":
        """Without these rows, which stand in it."""
        if not rows:
            return self
        keys = sorted([self._entry_of(row)[:-2] for row in rows])
        start, stop = keys[0], behind(keys[-1])
        if self.count_between(start, stop) == len(keys):
            return self._without_all(start, stop)
        made = self
        for key in keys:
            made = made._without_all(key, behind(key))
        return made

    def _without_all(self, start: SortKey, stop: SortKey) -> "SortedRows":
        """Without what stands from one sort key up to another one."""
        (first, offset), (last, end) = self._position(start), self._position(stop)
        before, after = self._chunks[first][:offset], self._chunks[last][end:] if end else []
        is_small = len(before) + len(after) <= _MOST_IN_CHUNK
        left = [chunk for chunk in ([before + after] if is_small else [before, after]) if chunk]
        return self._with_chunks(first, last + 1 if end else last, *left)

    def with_other(self, old: Row, row: Row) -> "SortedRows":
        """With another row instead of one that stands in it."""
        entry, key = self._entry_of(row), self._entry_of(old)[:-2]
        if entry[:-2] != key:
            return self.without([old]).with_rows([row])
        number, offset = self._position(key)
        chunk = self._chunks[number].copy()
        chunk[offset] = entry
        return self._with_chunks(number, number + 1, chunk)

    def _with_chunks(self, start: int, stop: int, *chunks: _Chunk) -> "SortedRows":
        all_chunks = self._chunks.copy()
        all_chunks[start:stop] = chunks
        return SortedRows(self.order, all_chunks)

    def _position(self, key: SortKey) -> _Position:
        """Of the first entry that does not stand before this key: which chunk, and where in it."""
        number = bisect_left(self._chunks, key, key=_FIRST) - 1
        if number < 0:
            return 0, 0
        chunk = self._chunks[number]
        offset = bisect_left(chunk, key)
        return (number, offset) if offset < len(chunk) else (number + 1, 0)
