"""Storages that each break one promise: the one in memory with something wrong.

No test of the project's own: `test_storage_conformance_bites.py` runs this file and judges the report.
`EXPECTED` says which test of the kit has to fail each of them.
"""

import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from types import MappingProxyType
from typing import Any

import pytest

from dcss_core.errors import DuplicateKeyError, InvariantError
from dcss_core.memory import MemoryStorage
from dcss_core.memory.storage import MemoryTransaction
from dcss_core.ports.storage import SEQUENCE, Collection, Row, Scalar
from dcss_core.testing import StorageConformance

EXPECTED: dict[str, str] = {}


def broken(transaction: type[MemoryTransaction], *, fails: str, storage: type = MemoryStorage) -> None:
    """Let the kit run on a storage whose transactions are broken; `fails` is the test that must say so."""

    class Storage(storage):
        def transaction(self, *, writes: bool) -> AbstractContextManager[Any]:
            return transaction(self, writes=writes)

    class Kit(StorageConformance):
        @pytest.fixture
        def storage(self) -> Any:
            return Storage()

    name = f"Test{transaction.__name__ if transaction is not MemoryTransaction else storage.__name__}"
    assert hasattr(Kit, fails)
    globals()[name] = Kit
    EXPECTED[name] = fails


# --- transactions -------------------------------------------------------------------------------
class ForgetsRollback(MemoryTransaction):
    def _end(self, *, save: bool) -> None:
        super()._end(save=True)


broken(ForgetsRollback, fails="test_an_exception_in_the_block_saves_nothing")


class LeavesRolledBackKeysTaken(MemoryTransaction):
    def _end(self, *, save: bool) -> None:
        for _, version in self._added if not save else ():
            version.row = MappingProxyType({**version.row, "county": "never"})
        super()._end(save=True)


broken(LeavesRolledBackKeysTaken, fails="test_a_key_that_was_rolled_back_is_free")


class CarriesOnAfterAnError(MemoryTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        try:
            super().insert(collection, rows)
        finally:
            self._failure = None


broken(CarriesOnAfterAnError, fails="test_a_call_that_raised_spoils_the_transaction")


class ReadsDirt(MemoryTransaction):
    def __enter__(self) -> Any:
        super().__enter__()
        self._began, self._snapshot = self._snapshot, self._storage._last_commit + 1
        return self

    def __exit__(self, *raised: Any) -> None:
        self._snapshot = self._began
        super().__exit__(*raised)


broken(ReadsDirt, fails="test_nobody_sees_what_is_not_committed")


class HidesItsOwnWrites(MemoryTransaction):
    def get(self, collection: Collection, key: Scalar) -> Row | None:
        with MemoryTransaction(self._storage, writes=False) as reading:
            return reading.get(collection, key)


broken(HidesItsOwnWrites, fails="test_a_transaction_sees_its_own_writes")


class SeesWhatOthersCommit(MemoryTransaction):
    def get(self, collection: Collection, key: Scalar) -> Row | None:
        if self._writes:
            return super().get(collection, key)
        with MemoryTransaction(self._storage, writes=False) as reading:
            return reading.get(collection, key)


broken(SeesWhatOthersCommit, fails="test_a_reader_keeps_its_snapshot")


class WritesWhileReading(MemoryTransaction):
    def __init__(self, storage: MemoryStorage, *, writes: bool) -> None:
        super().__init__(storage, writes=True)


broken(WritesWhileReading, fails="test_a_reading_transaction_does_not_write")


class LivesOn(MemoryTransaction):
    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        self._is_open = True


broken(LivesOn, fails="test_a_transaction_ends_with_its_block")


# --- records ------------------------------------------------------------------------------------
class IgnoresTheExpectedVersion(MemoryTransaction):
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        there = self.get(collection, row[collection.key])
        current = expected_version if there is None else there["version"]
        super().replace(collection, row, expected_version=current)


broken(IgnoresTheExpectedVersion, fails="test_a_record_of_another_version_is_not_replaced")


class LosesUpdates(IgnoresTheExpectedVersion):
    def get(self, collection: Collection, key: Scalar) -> Row | None:
        row = super().get(collection, key)
        time.sleep(0 if self._writes else 0.002)  # so that the others read before this one writes
        return row


broken(LosesUpdates, fails="test_no_update_is_lost_between_two_transactions")


class InsertsWhenReplacing(MemoryTransaction):
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        if self.get(collection, row[collection.key]) is None:
            self.insert(collection, [row])
        else:
            super().replace(collection, row, expected_version=expected_version)


broken(InsertsWhenReplacing, fails="test_a_missing_record_is_not_replaced")


class AcceptsDuplicates(MemoryTransaction):
    def _add(self, table: Any, row: dict[str, Scalar]) -> None:
        self._added.append((table, table.add(MappingProxyType(row), self._snapshot)))


broken(AcceptsDuplicates, fails="test_a_taken_key_is_refused_by_its_fields")


class NamesTheWrongKey(MemoryTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        try:
            super().insert(collection, rows)
        except DuplicateKeyError:
            raise DuplicateKeyError(collection.name, [collection.key]) from None


broken(NamesTheWrongKey, fails="test_two_rows_of_one_insert_can_not_share_a_key")


class CountsNone(MemoryTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        for row in rows:
            for group in collection.unique:
                if self.find(collection, group, [row[name] for name in group]):
                    raise DuplicateKeyError(collection.name, group)
            super().insert(collection, [row])


broken(CountsNone, fails="test_none_takes_no_unique_key")


# --- logs ---------------------------------------------------------------------------------------
class LeavesGaps(MemoryTransaction):
    def append(self, log: Collection, rows: Sequence[Row]) -> int:
        used = getattr(self._storage, "used", {})
        first: int = used.get(log.name, 0) + 1
        self._storage.used = {**used, log.name: first - 1 + len(rows)}  # type: ignore[attr-defined]
        for number, row in enumerate(rows, first):
            self._add(self._storage._table(log), {**row, SEQUENCE: number})
        return first


broken(LeavesGaps, fails="test_a_rollback_leaves_no_gap")


class TellsTheLastNumber(MemoryTransaction):
    def append(self, log: Collection, rows: Sequence[Row]) -> int:
        return super().append(log, rows) + len(rows) - 1


broken(TellsTheLastNumber, fails="test_entries_are_numbered_from_1_in_order")


class RedactsAll(MemoryTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        return super().redact(log, fields, up_to=2**63 - 1)


broken(RedactsAll, fails="test_fields_are_erased_up_to_a_number_and_nothing_else_is")


class RedactsOneTooFew(MemoryTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        super().redact(log, fields, up_to=up_to - 1)
        return up_to


broken(RedactsOneTooFew, fails="test_an_entry_is_no_more_found_by_what_was_erased")


class CountsWhatWasErasedBefore(MemoryTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        super().redact(log, fields, up_to=up_to)
        return len(self.find(log, (SEQUENCE,), at_most=up_to))


broken(CountsWhatWasErasedBefore, fails="test_what_is_erased_already_is_left_alone")


class RedactsInPlace(MemoryTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        log.check_redaction(fields, up_to)
        table = self._storage._table(log)
        for version in table.find((SEQUENCE,), (), snapshot=self._snapshot, at_most=up_to):
            version.row = MappingProxyType({**version.row, **dict.fromkeys(fields)})
        return up_to


class RedactsUnderAReader(RedactsInPlace):
    pass


broken(RedactsInPlace, fails="test_a_redaction_that_is_rolled_back_erases_nothing")
broken(RedactsUnderAReader, fails="test_a_reader_keeps_what_is_erased_meanwhile")


class RedactsRequiredFields(MemoryTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int) -> int:
        known = [field.name for field in log.fields if field.name in fields and field.optional]
        return super().redact(log, known, up_to=up_to) if known else 0


broken(RedactsRequiredFields, fails="test_only_optional_fields_are_erased")


# --- finding ------------------------------------------------------------------------------------
class Changing(MemoryTransaction):
    """Changes the arguments or the answer of `find`."""

    def find(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> list[Row]:
        return self.answer(super().find(collection, index, equal_to, **self.asked(bounds)), bounds)

    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        return bounds

    def answer(self, rows: list[Row], bounds: dict[str, Any]) -> list[Row]:
        return rows


class ForgetsTheOrder(Changing):
    def answer(self, rows: list[Row], bounds: dict[str, Any]) -> list[Row]:
        return sorted(rows, key=lambda row: repr(row)[::-1])


broken(ForgetsTheOrder, fails="test_find_answers_as_the_port_says")


class PutsNoneLast(Changing):
    def answer(self, rows: list[Row], bounds: dict[str, Any]) -> list[Row]:
        return sorted(rows, key=lambda row: "word" in row and row["word"] is None)


broken(PutsNoneLast, fails="test_find_answers_as_the_port_says")


class IgnoresAfter(Changing):
    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        return {**bounds, "after": None}


broken(IgnoresAfter, fails="test_pages_put_together_are_the_whole")


class GivesOneTooMany(Changing):
    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        limit = bounds.get("limit")
        return {**bounds, "limit": None if limit is None else limit + 1}


broken(GivesOneTooMany, fails="test_find_answers_as_the_port_says")


class ForgetsAtMost(Changing):
    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        return {**bounds, "at_most": None}


broken(ForgetsAtMost, fails="test_find_answers_as_the_port_says")


class FindsByAnything(MemoryTransaction):
    def find(self, collection: Collection, index: Any, *args: Any, **bounds: Any) -> list[Row]:
        known = index if index in collection.findable else (collection.key,)
        return super().find(collection, known, *args, **bounds)


broken(FindsByAnything, fails="test_an_index_that_is_not_declared_is_refused")


# --- values -------------------------------------------------------------------------------------
class Mangling(MemoryTransaction):
    """Stores something else than it was given."""

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        super().insert(collection, [{name: self.mangled(row[name]) for name in row} for row in rows])

    def mangled(self, value: Any) -> Any:
        return value


class TruncatesMicroseconds(Mangling):
    def mangled(self, value: Any) -> Any:
        return value.replace(microsecond=0) if isinstance(value, datetime) else value


broken(TruncatesMicroseconds, fails="test_a_value_comes_back_as_it_was")


class DropsNul(Mangling):
    def mangled(self, value: Any) -> Any:
        return value.replace("\x00", "") if isinstance(value, str) else value


broken(DropsNul, fails="test_keys_differ_by_every_character")


class GivesIntegersForBooleans(MemoryTransaction):
    def get(self, collection: Collection, key: Scalar) -> Row | None:
        row = super().get(collection, key)
        return row and {name: int(value) if value is True else value for name, value in row.items()}


broken(GivesIntegersForBooleans, fails="test_a_value_comes_back_as_it_was")


class GivesItsOwnRows(MemoryTransaction):
    def get(self, collection: Collection, key: Scalar) -> Row | None:
        row = super().get(collection, key)
        return row and dict(row)


broken(GivesItsOwnRows, fails="test_a_row_given_back_is_read_only")


class ShowsWhatItRefuses(MemoryTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        try:
            super().insert(collection, rows)
        except InvariantError as error:
            raise InvariantError(f"{error}: {rows!r}") from None


broken(ShowsWhatItRefuses, fails="test_the_refusal_of_a_row_never_shows_the_value")


# --- concurrency and lifecycle --------------------------------------------------------------------
class LetsAllWriteAtOnce(MemoryTransaction):
    def __init__(self, storage: MemoryStorage, *, writes: bool) -> None:
        super().__init__(storage, writes=writes)
        storage._writer = _NoLock()  # type: ignore[assignment]

    def find(self, *args: Any, **bounds: Any) -> list[Row]:
        found = super().find(*args, **bounds)
        time.sleep(0.05)  # so that the others look before this one writes
        return found


class _NoLock(nullcontext[None]):
    def acquire(self, **_: float) -> bool:
        return True

    def release(self) -> None:
        pass


broken(LetsAllWriteAtOnce, fails="test_what_was_not_there_is_inserted_once")


class SwallowsClose(MemoryStorage):
    def close(self) -> None:
        pass


broken(MemoryTransaction, storage=SwallowsClose, fails="test_a_closed_storage_has_no_transactions")


class ClosesOnce(MemoryStorage):
    def close(self) -> None:
        self._refuse_if_closed()
        super().close()


broken(MemoryTransaction, storage=ClosesOnce, fails="test_closing_twice_does_nothing")


class TakesAnyShape(MemoryStorage):
    def prepare(self, collections: Sequence[Collection]) -> None:
        super().prepare([each for each in collections if each.name not in self._tables])


broken(MemoryTransaction, storage=TakesAnyShape, fails="test_a_collection_of_another_shape_is_refused")


class TestForgetsAll(StorageConformance):
    durable = True

    @pytest.fixture
    def storage(self) -> MemoryStorage:
        return MemoryStorage()

    @pytest.fixture
    def reopen(self) -> type[MemoryStorage]:
        return MemoryStorage


EXPECTED["TestForgetsAll"] = "test_what_was_committed_is_there_after_reopening"
