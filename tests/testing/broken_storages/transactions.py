"""Storages that break a promise about transactions, about what runs beside them, or about their own life."""

import time
from collections.abc import Sequence
from typing import Any

from honest import HonestStorage, HonestTransaction, LateTransaction, currently, failing_in

from dcss_core.errors import BackendError, DuplicateKeyError
from dcss_core.memory import MemoryStorage
from dcss_core.ports.storage import Collection, Key, Row

fails = failing_in(globals())


# --- all or nothing -----------------------------------------------------------------------------
@fails("test_an_exception_in_the_block_saves_nothing")
class ForgetsRollback(HonestTransaction):
    def __exit__(self, *raised: Any) -> None:
        super().__exit__(None, None, None)


@fails("test_a_key_that_was_rolled_back_is_free")
class LeavesRolledBackKeysTaken(HonestTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        super().insert(collection, rows)
        self.inserted = (collection, [{**row, "county": "never"} for row in rows])

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if raised[0] is not None and hasattr(self, "inserted"):
            with self.storage.place.transaction(writes=True) as transaction:
                transaction.insert(*self.inserted)


@fails("test_a_call_that_raised_spoils_the_transaction")
class CarriesOnAfterAnError(HonestTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        if any(self.get(collection, row["person_id"]) for row in rows if "person_id" in row):
            raise DuplicateKeyError(collection.name, [collection.key])
        super().insert(collection, rows)


@fails("test_a_transaction_ends_with_its_block")
class LivesOn(HonestTransaction):
    def __enter__(self) -> Any:
        self.storage.__dict__["last"] = self
        return super().__enter__()

    def get(self, collection: Collection, key: Key) -> Row | None:
        try:
            return super().get(collection, key)
        except BackendError:
            with currently(self) as reading:
                return reading.get(collection, key)


@fails("test_a_reading_transaction_does_not_write")
class WritesWhileReading(HonestTransaction):
    def __init__(self, storage: HonestStorage, **_: Any) -> None:
        super().__init__(storage, writes=True)


@fails("test_a_reading_transaction_does_not_write")
class DeletesNothingWhileReading(HonestTransaction):
    def delete(self, *args: Any, **bounds: Any) -> int:
        return super().delete(*args, **bounds) if self.writes else 0


# --- what is seen -------------------------------------------------------------------------------
@fails("test_nobody_sees_what_is_not_committed")
class ReadsDirt(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        return (self.storage.writer or self.inner).get(collection, key)  # type: ignore[no-any-return]


@fails("test_a_transaction_sees_its_own_writes")
class HidesItsOwnWrites(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        with currently(self) as reading:
            return reading.get(collection, key)


@fails("test_a_reader_keeps_its_snapshot")
class SeesWhatOthersCommit(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        if self.writes:
            return super().get(collection, key)
        with currently(self) as reading:
            return reading.get(collection, key)


# --- what runs beside it ------------------------------------------------------------------------
@fails("test_no_update_is_lost_between_two_transactions")
class LosesUpdates(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        row = super().get(collection, key)
        time.sleep(0 if self.writes else 0.002)  # so that the others read before this one writes
        return row

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        there = super().get(collection, row[collection.key])
        current = expected_version if there is None else there["version"]
        super().replace(collection, row, expected_version=current)


@fails("test_what_was_not_there_is_inserted_once")
class LetsAllLookAtOnce(LateTransaction):
    def find(self, *args: Any, **bounds: Any) -> list[Row]:
        found = super().find(*args, **bounds)
        time.sleep(0.05)  # so that the others look before this one writes
        return found


# --- prepared, closed, opened again -------------------------------------------------------------
@fails("test_a_closed_storage_has_no_transactions")
class SwallowsClose(HonestStorage):
    def close(self) -> None:
        pass


@fails("test_closing_twice_does_nothing")
class ClosesOnce(HonestStorage):
    def close(self) -> None:
        self.check()
        super().close()


@fails("test_a_collection_of_another_shape_is_refused")
class TakesAnyShape(HonestStorage):
    def prepare(self, collections: Sequence[Collection]) -> None:
        known = getattr(self, "known", set())
        super().prepare([each for each in collections if each.name not in known])
        self.known = known | {each.name for each in collections}


@fails("test_what_was_committed_is_there_after_reopening")
class ForgetsAll(HonestStorage):
    def __init__(self, _: MemoryStorage) -> None:
        super().__init__(MemoryStorage())


@fails("test_two_storages_on_one_place_are_one_database")
class KeepsToItself(ForgetsAll):
    pass


# --- forked -------------------------------------------------------------------------------------
class WorksInAnyProcess(HonestStorage):
    def check_process(self) -> None:
        pass


@fails("test_a_forked_child_can_not_use_the_storage")
class IsUsedByAChild(WorksInAnyProcess):
    pass


@fails("test_a_forked_child_can_not_go_on_with_a_transaction")
class HandsItsTransactionsDown(WorksInAnyProcess):
    def check(self) -> None:
        HonestStorage.check_process(self)


@fails("test_a_forked_child_can_not_use_the_storage")
class IsClosedByAChild(HonestStorage):
    def close(self) -> None:
        self._closed = True


@fails("test_a_forked_child_can_not_use_the_storage")
class TellsAChildToTryAgain(HonestStorage):
    def check_process(self) -> None:
        try:
            super().check_process()
        except BackendError as error:
            raise BackendError(str(error), retryable=True) from None
