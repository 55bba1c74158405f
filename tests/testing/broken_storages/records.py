"""Storages that break a promise about records, their values, or how they are read and found."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from honest import HonestTransaction, currently, failing_in

from dcss_core.errors import DuplicateKeyError, InvalidInputError, InvariantError
from dcss_core.ports.storage import Collection, Key, Row

fails = failing_in(globals())


# --- versions and keys --------------------------------------------------------------------------
@fails("test_a_record_of_another_version_is_not_replaced")
class IgnoresTheExpectedVersion(HonestTransaction):
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        there = self.get(collection, row[collection.key])
        current = expected_version if there is None else there["version"]
        super().replace(collection, row, expected_version=current)


@fails("test_a_version_that_no_record_has_is_another_one")
class HasVersionsOf64BitsOnly(HonestTransaction):
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        if not -(2**63) <= expected_version < 2**63:
            raise OverflowError("a number of 64 bits")
        super().replace(collection, row, expected_version=expected_version)


@fails("test_what_is_no_version_is_refused")
class TakesWhatEqualsTheVersion(HonestTransaction):
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        super().replace(collection, row, expected_version=int(expected_version or 1))


@fails("test_a_missing_record_is_not_replaced")
class InsertsWhenReplacing(HonestTransaction):
    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        if self.get(collection, row[collection.key]) is None:
            self.insert(collection, [row])
        else:
            super().replace(collection, row, expected_version=expected_version)


@fails("test_a_taken_key_is_refused_by_its_fields")
class SkipsDuplicates(HonestTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        for row in rows:
            keys = ((collection.key,), *collection.unique)
            if not any(self.find(collection, key, [row[name] for name in key]) for key in keys):
                super().insert(collection, [row])


@fails("test_two_rows_of_one_insert_can_not_share_a_key")
class NamesTheWrongKey(HonestTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        try:
            super().insert(collection, rows)
        except DuplicateKeyError:
            raise DuplicateKeyError(collection.name, [collection.key]) from None


@fails("test_none_takes_no_unique_key")
class CountsNone(HonestTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        for row in rows:
            for group in collection.unique:
                if self.find(collection, group, [row[name] for name in group]):
                    raise DuplicateKeyError(collection.name, group)
            super().insert(collection, [row])


# --- many keys at once --------------------------------------------------------------------------
class Answering(HonestTransaction):
    """Changes the answer of `get_each`."""

    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        return self.answer(super().get_each(collection, keys))

    def answer(self, rows: list[Row | None]) -> list[Row | None]:
        return rows


@fails("test_records_come_in_the_order_of_their_keys")
class GivesRecordsInItsOwnOrder(Answering):
    def answer(self, rows: list[Row | None]) -> list[Row | None]:
        return sorted(rows, key=str)


@fails("test_records_come_in_the_order_of_their_keys")
class LeavesOutWhatIsMissing(Answering):
    def answer(self, rows: list[Row | None]) -> list[Row | None]:
        return [row for row in rows if row is not None]


@fails("test_a_key_asked_twice_is_answered_twice")
class AnswersEachKeyOnce(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        return super().get_each(collection, list(dict.fromkeys(keys)))


@fails("test_no_keys_have_no_records")
class TakesNoKeysForAll(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        return list(super().get_each(collection, keys) or self.find(collection, collection.key_fields))


@fails("test_keys_are_as_many_as_one_likes")
class AnswersAThousandKeys(Answering):
    def answer(self, rows: list[Row | None]) -> list[Row | None]:
        return [*rows[:1_000], *[None] * len(rows[1_000:])]


@fails("test_keys_are_as_many_as_one_likes")
class TakesSimilarKeysForOne(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        return super().get_each(collection, [str(key).lower().strip() for key in keys])


@fails("test_own_writes_are_among_the_records_of_keys")
class HidesOwnWritesFromKeys(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        with currently(self) as reading:
            return list(reading.get_each(collection, keys))


@fails("test_the_records_of_keys_are_those_of_the_snapshot")
class GivesWhatOthersCommit(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        with currently(self) as reading:
            return list(reading.get_each(collection, keys))


@fails("test_entries_are_got_by_their_numbers")
class CountsEntriesFromZero(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        return super().get_each(collection, [key + 1 if isinstance(key, int) else key for key in keys])


@fails("test_keys_of_which_one_can_not_be_a_key_are_refused")
class TakesAnyKey(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        return [self.get(collection, key) if isinstance(key, str) else None for key in keys]


@fails("test_a_call_that_raised_spoils_the_transaction")
class CarriesOnAfterAWrongKey(HonestTransaction):
    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        for key in keys:
            collection.check_keys([key])
        return super().get_each(collection, keys)


# --- finding ------------------------------------------------------------------------------------
class Changing(HonestTransaction):
    """Changes the arguments or the answer of `find`."""

    def find(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> list[Row]:
        return self.answer(super().find(collection, index, equal_to, **self.asked(bounds)))

    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        return bounds

    def answer(self, rows: list[Row]) -> list[Row]:
        return rows


@fails("test_find_answers_as_the_port_says")
class ForgetsTheOrder(Changing):
    def answer(self, rows: list[Row]) -> list[Row]:
        return sorted(rows, key=lambda row: repr(row)[::-1])


@fails("test_find_answers_as_the_port_says")
class PutsNoneLast(Changing):
    def answer(self, rows: list[Row]) -> list[Row]:
        return sorted(rows, key=lambda row: "word" in row and row["word"] is None)


@fails("test_pages_put_together_are_the_whole")
class IgnoresAfter(Changing):
    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        return {**bounds, "after": None}


@fails("test_find_answers_as_the_port_says")
class GivesOneTooMany(Changing):
    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        limit = bounds.get("limit")
        return {**bounds, "limit": None if limit is None else limit + 1}


@fails("test_find_answers_as_the_port_says")
class ForgetsAtMost(Changing):
    def asked(self, bounds: dict[str, Any]) -> dict[str, Any]:
        return {**bounds, "at_most": None}


@fails("test_an_index_that_is_not_declared_is_refused")
class FindsByAnything(HonestTransaction):
    def find(self, collection: Collection, index: Any, *args: Any, **bounds: Any) -> list[Row]:
        known = index if index in collection.findable else collection.key_fields
        return super().find(collection, known, *args, **bounds)


@fails("test_a_question_that_can_not_be_answered_is_refused")
class FindsNothingForAWrongQuestion(HonestTransaction):
    def find(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> list[Row]:
        try:
            collection.check_find(
                index, equal_to, bounds.get("at_most"), bounds.get("after"), bounds.get("limit")
            )
        except InvalidInputError:
            return []
        return super().find(collection, index, equal_to, **bounds)


# --- values -------------------------------------------------------------------------------------
class Mangling(HonestTransaction):
    """Stores something else than it was given."""

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        super().insert(collection, [{name: self.mangled(row[name]) for name in row} for row in rows])

    def mangled(self, value: Any) -> Any:
        return value


@fails("test_a_value_comes_back_as_it_was")
class TruncatesMicroseconds(Mangling):
    def mangled(self, value: Any) -> Any:
        return value.replace(microsecond=0) if isinstance(value, datetime) else value


@fails("test_keys_differ_by_every_character")
class DropsNul(Mangling):
    def mangled(self, value: Any) -> Any:
        return value.replace("\x00", "") if isinstance(value, str) else value


@fails("test_a_value_comes_back_as_it_was")
class GivesIntegersForBooleans(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        row = super().get(collection, key)
        return row and {name: int(value) if value is True else value for name, value in row.items()}


@fails("test_a_row_given_back_is_read_only")
class GivesItsOwnRows(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        row = super().get(collection, key)
        return row and dict(row)


@fails("test_the_refusal_of_a_row_never_shows_the_value")
class ShowsWhatItRefuses(HonestTransaction):
    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        try:
            super().insert(collection, rows)
        except InvariantError as error:
            raise InvariantError(f"{error}: {rows!r}") from None
