"""Storages that delete wrongly."""

import time
from collections.abc import Sequence
from typing import Any, TypeAlias

from honest import HonestStorage, HonestTransaction, Remembering, among, currently, failing_in

from dcss_core.errors import DuplicateKeyError, InvalidInputError
from dcss_core.ports.storage import VERSION, Collection, Key, Row

fails = failing_in(globals())
Index: TypeAlias = tuple[str, ...]


# --- what is deleted ----------------------------------------------------------------------------
class DeletesEach(HonestTransaction):
    def delete_each(self, collection: Collection, rows: Sequence[Row]) -> int:
        key = collection.key
        return sum(self.inner.delete(collection, (key,), [row[key]], limit=1) for row in rows)


@fails("test_the_first_of_an_index_are_deleted")
class DeletesTheLast(DeletesEach):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        rows = self.find(collection, index, equal_to, descending=True, **bounds)
        return self.delete_each(collection, rows)


@fails("test_the_first_that_find_would_give_are_deleted")
class DeletesByKeyFirst(DeletesEach):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        limit = bounds.pop("limit")
        rows = self.find(collection, index, equal_to, **bounds)
        rows = sorted(rows, key=lambda row: str(row[collection.key]))[:limit]
        return self.delete_each(collection, rows)


@fails("test_many_are_deleted_in_steps")
class DeletesThemAll(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        return super().delete(collection, index, equal_to, **{**bounds, "limit": 2**63 - 1})


@fails("test_many_are_deleted_in_steps")
class TellsTheLimit(HonestTransaction):
    def delete(self, *args: Any, limit: int, **bound: Any) -> int:
        super().delete(*args, limit=limit, **bound)
        return limit


@fails("test_many_are_deleted_in_steps")
class TakesNoLimitForNone(HonestTransaction):
    def delete(self, *args: Any, limit: int, **bound: Any) -> int:
        return super().delete(*args, limit=limit or 1, **bound)


@fails("test_only_what_is_equal_is_deleted")
class NeverDeletesNone(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        return 0 if None in equal_to else super().delete(collection, index, equal_to, **bounds)


@fails("test_only_what_is_equal_is_deleted")
class DeletesByTheFirstFieldAlone(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        return super().delete(collection, index, equal_to[:1], **bounds)


@fails("test_nothing_beyond_the_bound_is_deleted")
class DeletesBeyondTheBound(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        return super().delete(collection, index, equal_to, limit=bounds["limit"])


@fails("test_nothing_beyond_the_bound_is_deleted")
class DeletesNoneAsAtMost(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        number = super().delete(collection, index, equal_to, **bounds)
        if bounds.get("at_most") is not None:
            number += super().delete(collection, index, [*equal_to, None], limit=bounds["limit"])
        return number


# --- what is left -------------------------------------------------------------------------------
@fails("test_what_was_deleted_is_nowhere")
class StillGetsWhatWasDeleted(Remembering):
    def get(self, collection: Collection, key: Key) -> Row | None:
        deleted = among(self.older, collection, collection.key_fields, [key])
        return super().get(collection, key) or next(iter(deleted), None)


@fails("test_what_was_deleted_is_nowhere")
class StillCountsWhatWasDeleted(Remembering):
    def count(self, collection: Collection, index: Index, equal_to: Any = (), **bound: Any) -> int:
        deleted = among(self.older, collection, index, equal_to)
        return super().count(collection, index, equal_to, **bound) + len(deleted)


@fails("test_the_keys_of_a_deleted_record_are_free")
class KeepsKeysTaken(Remembering):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        for row in rows:
            for group in ((collection.key,), *collection.unique):
                if among(self.older, collection, group, [row[name] for name in group]):
                    raise DuplicateKeyError(collection.name, group)
        super().insert(collection, rows)


@fails("test_the_keys_of_a_deleted_record_are_free")
class GoesOnWithTheVersion(Remembering):
    def get(self, collection: Collection, key: Key) -> Row | None:
        row = super().get(collection, key)
        deleted = among(self.older, collection, collection.key_fields, [key])
        return row and {**row, VERSION: len(deleted) + 1}


@fails("test_a_deleted_record_is_not_replaced")
class ReplacesWhatWasDeleted(Remembering):
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        if self.get(collection, row[collection.key]) is None:
            self.insert(collection, [row])
        else:
            super().replace(collection, row, expected_version=expected_version)


@fails("test_own_writes_are_deleted")
class BringsOwnWritesBack(Remembering):
    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        names = {collection.name: collection for collection in getattr(self, "deleted_from", ())}
        for name, row in self.added if raised[0] is None else ():
            if name in names:
                self._bring_back(names[name], row)

    def _bring_back(self, collection: Collection, row: Row) -> None:
        with self.storage.place.transaction(writes=True) as again:
            if again.get(collection, row[collection.key]) is None:
                again.insert(collection, [row])

    def delete(self, collection: Collection, *args: Any, **bounds: Any) -> int:
        self.deleted_from = [collection]
        return super().delete(collection, *args, **bounds)


@fails("test_a_deletion_that_is_rolled_back_deletes_nothing")
class DeletesForGood(HonestTransaction):
    def delete(self, *args: Any, **bounds: Any) -> int:
        self.deleted = args, bounds
        return super().delete(*args, **bounds)

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if raised[0] is not None:
            with self.storage.place.transaction(writes=True) as again:
                again.delete(*self.deleted[0], **self.deleted[1])


# --- who sees it --------------------------------------------------------------------------------
@fails("test_a_reader_keeps_what_is_deleted_meanwhile")
class DeletesUnderAReader(HonestTransaction):
    def find(self, collection: Collection, *args: Any, **bounds: Any) -> list[Row]:
        rows = super().find(collection, *args, **bounds)
        with currently(self) as reading:
            return [row for row in rows if self.writes or reading.get(collection, row[collection.key])]


@fails("test_a_reader_keeps_what_is_deleted_meanwhile")
class GivesTheSuccessorToAReader(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        with currently(self) as reading:
            return list(reading.get_each(collection, keys))


@fails("test_nobody_misses_what_is_not_yet_deleted")
class DeletesTooSoon(HonestTransaction):
    def find(self, *args: Any, **bounds: Any) -> list[Row]:
        return list((self.storage.writer or self.inner).find(*args, **bounds))


@fails("test_a_record_is_deleted_once_whoever_deletes")
class TellsWhatOthersDelete(HonestTransaction):
    def __enter__(self) -> Any:
        self.before = self.storage.place.transaction(writes=False)
        self.seen = self.before.__enter__()
        time.sleep(0.02)  # so that the others look before this one writes
        return super().__enter__()

    def __exit__(self, *raised: Any) -> None:
        self.before.__exit__(None, None, None)
        super().__exit__(*raised)

    def delete(self, *args: Any, **bounds: Any) -> int:
        super().delete(*args, **bounds)
        return len(self.seen.find(*args, **bounds))


@fails("test_what_was_deleted_stays_so_after_reopening")
class BringsBackWhatWasDeleted(HonestStorage):
    class transactions(HonestTransaction):  # noqa: N801
        def delete(self, collection: Collection, *args: Any, **bounds: Any) -> int:
            rows = [
                {name: value for name, value in row.items() if name != VERSION}
                for row in self.find(collection, *args, **bounds)
            ]
            self.storage.__dict__["deleted"] = (collection, rows)
            return super().delete(collection, *args, **bounds)

    def close(self) -> None:
        super().close()
        if "deleted" in self.__dict__:
            with self.place.transaction(writes=True) as transaction:
                transaction.insert(*self.__dict__.pop("deleted"))


# --- what is refused ----------------------------------------------------------------------------
@fails("test_entries_of_a_log_are_never_deleted")
class DeletesNothingFromALog(HonestTransaction):
    def delete(self, collection: Collection, *args: Any, **bounds: Any) -> int:
        return 0 if collection.log else super().delete(collection, *args, **bounds)


@fails("test_entries_of_a_log_are_never_deleted")
class LooksAtTheQuestionFirst(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        collection.check_find(index, equal_to, bounds.get("at_most"), limit=bounds["limit"])
        return super().delete(collection, index, equal_to, **bounds)


@fails("test_a_deletion_by_an_index_that_is_not_declared_is_refused")
class DeletesByAnything(HonestTransaction):
    def delete(self, collection: Collection, index: Index, *args: Any, **bounds: Any) -> int:
        known = index if index in collection.findable else collection.key_fields
        return super().delete(collection, known, *args, **bounds)


@fails("test_a_deletion_that_can_not_be_done_is_refused")
class TakesAnyLimit(HonestTransaction):
    def delete(self, *args: Any, limit: int, **bound: Any) -> int:
        known = limit if type(limit) is int and 0 <= limit < 2**63 else 2**63 - 1
        return super().delete(*args, limit=known, **bound)


@fails("test_a_deletion_that_can_not_be_done_is_refused")
class DeletesNothingForAWrongQuestion(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        try:
            collection.check_find(index, equal_to, bounds.get("at_most"), limit=bounds["limit"])
        except InvalidInputError:
            return 0
        return super().delete(collection, index, equal_to, **bounds)


@fails("test_a_deletion_that_can_not_be_done_is_refused")
class TellsOneFaultOfADeletion(HonestTransaction):
    def delete(self, *args: Any, **bounds: Any) -> int:
        try:
            return super().delete(*args, **bounds)
        except InvalidInputError as error:
            raise InvalidInputError("this can't be deleted", faults=error.faults[:1]) from None


@fails("test_a_deletion_that_can_not_be_done_is_refused")
class ShowsWhatItDoesNotDelete(HonestTransaction):
    def delete(self, *args: Any, **bounds: Any) -> int:
        try:
            return super().delete(*args, **bounds)
        except InvalidInputError as error:
            raise InvalidInputError(
                f"this can't be deleted: {args[1:]} {bounds}", faults=error.faults
            ) from None


@fails("test_a_call_that_raised_spoils_the_transaction")
class CarriesOnAfterADeletion(HonestTransaction):
    def delete(self, collection: Collection, index: Index, equal_to: Any = (), **bounds: Any) -> int:
        collection.check_find(index, equal_to, bounds.get("at_most"), limit=bounds["limit"])
        return super().delete(collection, index, equal_to, **bounds)
