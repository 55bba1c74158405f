"""Storages that count wrongly and find rightly."""

import time
from typing import Any, TypeAlias

from honest import HonestTransaction, LateTransaction, Remembering, among, currently, failing_in

from dcss_core.errors import InvalidInputError
from dcss_core.ports.storage import Collection, Scalar

fails = failing_in(globals())
Index: TypeAlias = tuple[str, ...]


# --- what is counted ----------------------------------------------------------------------------
@fails("test_equal_to_narrows_a_count")
class CountsWhateverIsFixed(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return super().count(collection, index)


@fails("test_a_count_is_how_many_find_would_give")
class CountsByTheFirstFieldAlone(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return super().count(collection, index, equal_to[:1], **(bound if len(equal_to) < 2 else {}))


@fails("test_none_is_counted_like_any_value")
class NeverCountsNone(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        return 0 if None in equal_to else number  # as `= NULL` does in SQL


@fails("test_none_is_counted_like_any_value")
class TakesNoneForAnything(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        known = equal_to[: equal_to.index(None)] if None in equal_to else equal_to
        return super().count(collection, index, known, **bound)


@fails("test_at_most_bounds_a_count")
class CountsBeyondTheBound(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return super().count(collection, index, equal_to)


@fails("test_at_most_bounds_a_count")
class CountsLessThanTheBound(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        at_most = bound.get("at_most")
        return number if at_most is None else number - super().count(collection, index, [*equal_to, at_most])


@fails("test_at_most_bounds_a_count")
class CountsNoneAsAtMost(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        if bound.get("at_most") is None:
            return number
        bounded = next(each for each in collection.stored_fields if each.name == index[len(equal_to)])
        return number + (super().count(collection, index, [*equal_to, None]) if bounded.optional else 0)


@fails("test_a_count_does_not_end_with_a_page")
class CountsOnePage(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        return min(super().count(collection, index, equal_to, **bound), 1_000)


# --- what is seen -------------------------------------------------------------------------------
@fails("test_what_was_rolled_back_is_not_counted")
class CountsWhatWasRolledBack(Remembering):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        return number + len(among(self.lost, collection, index, equal_to))


class CountsOlder(Remembering):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        return number + len(among(self.older, collection, index, equal_to))


@fails("test_a_replaced_record_is_counted_once")
class CountsOlderVersions(CountsOlder):
    pass


@fails("test_an_entry_is_no_more_found_by_what_was_erased")
class CountsWhatWasErased(CountsOlder):
    pass


@fails("test_a_count_sees_own_writes")
class CountsWithoutOwnWrites(HonestTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        with currently(self) as reading:
            return int(reading.count(*args, **bound))


@fails("test_nobody_counts_what_is_not_committed")
class CountsDirt(HonestTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        return int((self.storage.writer or self.inner).count(*args, **bound))


@fails("test_a_reader_counts_in_its_snapshot")
class CountsWhatOthersCommit(HonestTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        if self.writes:
            return super().count(*args, **bound)
        with currently(self) as reading:
            return int(reading.count(*args, **bound))


@fails("test_what_was_not_counted_is_inserted_once")
class CountsWhileOthersWrite(LateTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        number = super().count(*args, **bound)
        time.sleep(0.05)  # so that the others count before this one writes
        return number


# --- logs ---------------------------------------------------------------------------------------
@fails("test_entries_of_a_log_are_counted")
class CountsALogByItsLastNumber(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        number = super().count(collection, index, equal_to, **bound)
        return super().count(collection, collection.key_fields) if collection.log else number


# --- what is refused ----------------------------------------------------------------------------
@fails("test_a_count_by_an_index_that_is_not_declared_is_refused")
class CountsByAnything(HonestTransaction):
    def count(self, collection: Collection, index: Index, *args: Any, **bound: Scalar) -> int:
        known = index if index in collection.findable else collection.key_fields
        return super().count(collection, known, *args, **bound)


@fails("test_a_count_that_can_not_be_answered_is_refused")
class CountsZeroForAWrongQuestion(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        try:
            collection.check_find(index, equal_to, bound.get("at_most"))
        except InvalidInputError:
            return 0
        return super().count(collection, index, equal_to, **bound)


@fails("test_a_count_that_can_not_be_answered_is_refused")
class TellsOneFaultAlone(HonestTransaction):
    def count(self, *args: Any, **bound: Any) -> int:
        try:
            return super().count(*args, **bound)
        except InvalidInputError as error:
            raise InvalidInputError("this can't be counted", faults=error.faults[:1]) from None


@fails("test_a_call_that_raised_spoils_the_transaction")
class CarriesOnAfterACount(HonestTransaction):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Scalar) -> int:
        collection.check_find(index, equal_to, bound.get("at_most"))
        return super().count(collection, index, equal_to, **bound)
