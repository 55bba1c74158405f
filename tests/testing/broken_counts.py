"""Storages that count wrongly and find rightly: the one in memory with another `count`.

No test of the project's own: `test_storage_conformance_bites.py` runs this file and judges the report.
`EXPECTED` says which test of the kit has to fail each of them.
"""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeAlias

import pytest

from dcss_core.errors import InvalidInputError
from dcss_core.memory import MemoryStorage
from dcss_core.memory.storage import MemoryTransaction
from dcss_core.ports.storage import Collection, Row, Scalar
from dcss_core.testing import StorageConformance

EXPECTED: dict[str, str] = {}
Index: TypeAlias = tuple[str, ...]


def fails(test: str) -> Callable[[type[MemoryTransaction]], type[MemoryTransaction]]:
    """Let the kit run on a storage with such transactions; `test` is the one that must say so."""

    def broken(transaction: type[MemoryTransaction]) -> type[MemoryTransaction]:
        class Storage(MemoryStorage):
            def transaction(self, *, writes: bool) -> AbstractContextManager[Any]:
                return transaction(self, writes=writes)

        class Kit(StorageConformance):
            @pytest.fixture
            def storage(self) -> Any:
                return Storage()

        name = f"Test{transaction.__name__}"
        assert hasattr(Kit, test)
        globals()[name] = Kit
        EXPECTED[name] = test
        return transaction

    return broken


# --- what is counted ----------------------------------------------------------------------------
@fails("test_equal_to_narrows_a_count")
class CountsWhateverIsFixed(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return super().count(collection, index)


@fails("test_a_count_is_how_many_find_would_give")
class CountsByTheFirstFieldAlone(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return super().count(collection, index, equal_to[:1], **(bound if len(equal_to) < 2 else {}))


@fails("test_none_is_counted_like_any_value")
class NeverCountsNone(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        return 0 if None in equal_to else number  # as `= NULL` does in SQL


@fails("test_none_is_counted_like_any_value")
class TakesNoneForAnything(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        known = equal_to[: equal_to.index(None)] if None in equal_to else equal_to
        return super().count(collection, index, known, **bound)


@fails("test_at_most_bounds_a_count")
class CountsBeyondTheBound(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return super().count(collection, index, equal_to)


@fails("test_at_most_bounds_a_count")
class CountsLessThanTheBound(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        at_most = bound.get("at_most")
        return number if at_most is None else number - super().count(collection, index, [*equal_to, at_most])


@fails("test_at_most_bounds_a_count")
class CountsNoneAsAtMost(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        if bound.get("at_most") is None:
            return number
        bounded = next(each for each in collection.stored_fields if each.name == index[len(equal_to)])
        return number + (super().count(collection, index, [*equal_to, None]) if bounded.optional else 0)


@fails("test_a_count_does_not_end_with_a_page")
class CountsOnePage(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return min(super().count(collection, index, equal_to, **bound), 1_000)


# --- what is seen -------------------------------------------------------------------------------
@fails("test_what_was_rolled_back_is_not_counted")
class CountsWhatWasRolledBack(MemoryTransaction):
    def _end(self, *, save: bool) -> None:
        added = [] if save else [(table.collection.name, version.row) for table, version in self._added]
        self._storage.lost = [*self.lost(), *added]  # type: ignore[attr-defined]
        super()._end(save=save)

    def lost(self) -> list[tuple[str, Row]]:
        return getattr(self._storage, "lost", [])

    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        fixed = dict(zip(index, equal_to, strict=False)).items()
        lost = [row for name, row in self.lost() if name == collection.name and fixed <= row.items()]
        return super().count(collection, index, equal_to, **bound) + len(lost)


@fails("test_a_replaced_record_is_counted_once")
class CountsOlderVersions(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        super().count(collection, index, equal_to, **bound)
        table = self._storage._table(collection)
        return len(table._places(index, equal_to, bound.get("at_most")))


@fails("test_a_count_sees_own_writes")
class CountsWithoutOwnWrites(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        with MemoryTransaction(self._storage, writes=False) as reading:
            return reading.count(collection, index, equal_to, **bound)


@fails("test_nobody_counts_what_is_not_committed")
class CountsDirt(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        began, self._snapshot = self._snapshot, self._storage._last_commit + 1
        try:
            return super().count(collection, index, equal_to, **bound)
        finally:
            self._snapshot = began


@fails("test_a_reader_counts_in_its_snapshot")
class CountsWhatOthersCommit(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        if self._writes:
            return super().count(collection, index, equal_to, **bound)
        with MemoryTransaction(self._storage, writes=False) as reading:
            return reading.count(collection, index, equal_to, **bound)


@fails("test_what_was_not_counted_is_inserted_once")
class CountsWhileOthersWrite(MemoryTransaction):
    def __init__(self, storage: MemoryStorage, *, writes: bool) -> None:
        super().__init__(storage, writes=writes)
        storage._writer = _NoLock()  # type: ignore[assignment]

    def count(self, *args: Any, **bound: Any) -> int:
        number = super().count(*args, **bound)
        time.sleep(0.05)  # so that the others count before this one writes
        return number


class _NoLock(nullcontext[None]):
    def acquire(self, **_: float) -> bool:
        return True

    def release(self) -> None:
        pass


# --- logs ---------------------------------------------------------------------------------------
@fails("test_entries_of_a_log_are_counted")
class CountsALogByItsLastNumber(MemoryTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        return len(self._storage._table(collection)) if collection.log else number


@fails("test_an_entry_is_no_more_found_by_what_was_erased")
class CountsWhatWasErased(CountsOlderVersions):
    def redact(self, *args: Any, **bound: Any) -> int:
        self._storage._readers.append(self._snapshot - 1)  # so that what was there is kept
        return super().redact(*args, **bound)


# --- what is refused ----------------------------------------------------------------------------
@fails("test_a_count_by_an_index_that_is_not_declared_is_refused")
class CountsByAnything(MemoryTransaction):
    def count(self, collection: Collection, index: Index, *args: Any, **bound: Scalar) -> int:
        known = index if index in collection.findable else (collection.key,)
        return super().count(collection, known, *args, **bound)


@fails("test_a_count_that_can_not_be_answered_is_refused")
class CountsZeroForAWrongQuestion(MemoryTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        try:
            return super().count(*args, **bound)
        except InvalidInputError:
            self._failure = None
            return 0


@fails("test_a_count_that_can_not_be_answered_is_refused")
class TellsOneFaultAlone(MemoryTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        try:
            return super().count(*args, **bound)
        except InvalidInputError as error:
            self._failure = InvalidInputError("this can't be counted", faults=error.faults[:1])
            raise self._failure from None


@fails("test_a_call_that_raised_spoils_the_transaction")
class CarriesOnAfterACount(MemoryTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        try:
            return super().count(*args, **bound)
        finally:
            self._failure = None
