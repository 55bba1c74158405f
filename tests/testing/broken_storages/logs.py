"""Storages that break a promise about logs, their redaction, or the streams in them."""

import time
from collections.abc import Sequence
from typing import Any

import attrs
from honest import HonestStorage, HonestTransaction, LateTransaction, currently, failing_in

from dcss_core.errors import DuplicateKeyError
from dcss_core.ports.storage import SEQUENCE, Collection, Key, Row, Scalar

fails = failing_in(globals())


# --- numbers ------------------------------------------------------------------------------------
class Telling(HonestTransaction):
    """Changes what `append` tells."""

    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        return self.told(super().append(log, rows, begins=begins), log, rows)

    def told(self, numbers: list[int], log: Collection, rows: Sequence[Row]) -> list[int]:
        return numbers


@fails("test_entries_are_numbered_from_1_in_order")
class TellsTheFirstNumberAlone(Telling):
    def told(self, numbers: list[int], log: Collection, rows: Sequence[Row]) -> list[int]:
        return numbers[:1]


@fails("test_appending_nothing_tells_no_number")
class TellsTheNextNumber(Telling):
    def told(self, numbers: list[int], log: Collection, rows: Sequence[Row]) -> list[int]:
        return numbers or [self.count(log, log.key_fields) + 1]


class LeavesGaps(Telling):
    def told(self, numbers: list[int], log: Collection, rows: Sequence[Row]) -> list[int]:
        given = self.storage.__dict__.setdefault("given", {})
        for place, row in enumerate(rows):
            stream = (log.name, row.get(log.stream or ""))
            given[stream] = numbers[place] = given.get(stream, 0) + 1
        return numbers


@fails("test_a_rollback_leaves_no_gap")
class LeavesGapsInLogs(LeavesGaps):
    pass


@fails("test_a_rollback_leaves_no_gap_in_a_stream")
class LeavesGapsInStreams(LeavesGaps):
    pass


@fails("test_a_log_begins_once")
class BeginsALogAgain(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        return super().append(log, rows)


# --- redaction ----------------------------------------------------------------------------------
@fails("test_fields_are_erased_up_to_a_number_and_nothing_else_is")
class RedactsAll(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, **stream: Any) -> int:
        return super().redact(log, fields, up_to=2**63 - 1, **stream)


@fails("test_an_entry_is_no_more_found_by_what_was_erased")
class RedactsOneTooFew(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, **stream: Any) -> int:
        super().redact(log, fields, up_to=up_to - 1, **stream)
        return up_to


@fails("test_what_is_erased_already_is_left_alone")
class CountsWhatWasErasedBefore(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, **stream: Any) -> int:
        super().redact(log, fields, up_to=up_to, **stream)
        return len(self.find(log, (SEQUENCE,), at_most=up_to))


@fails("test_a_redaction_that_is_rolled_back_erases_nothing")
class RedactsForGood(HonestTransaction):
    def redact(self, *args: Any, **bounds: Any) -> int:
        self.redacted = args, bounds
        return super().redact(*args, **bounds)

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if raised[0] is not None:
            with self.storage.place.transaction(writes=True) as transaction:
                transaction.redact(*self.redacted[0], **self.redacted[1])


@fails("test_a_reader_keeps_what_is_erased_meanwhile")
class RedactsUnderAReader(HonestTransaction):
    def find(self, collection: Collection, *args: Any, **bounds: Any) -> list[Row]:
        rows = super().find(collection, *args, **bounds)
        if self.writes:
            return rows
        with currently(self) as reading:
            return [reading.get(collection, row[SEQUENCE]) for row in rows]


@fails("test_only_optional_fields_are_erased")
class RedactsRequiredFields(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, **stream: Any) -> int:
        known = [field.name for field in log.fields if field.name in fields and field.optional]
        return super().redact(log, known, up_to=up_to, **stream) if known else 0


@fails("test_one_stream_is_redacted")
class RedactsEveryStream(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        erased = super().redact(log, fields, up_to=up_to, stream=stream)
        for row in self.find(log, log.key_fields):
            super().redact(log, fields, up_to=up_to, stream=row[str(log.stream)])
        return erased


@fails("test_streams_are_redacted_one_by_one")
class RedactsWithoutAStream(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        if log.stream is not None and stream is None:
            return 0
        return super().redact(log, fields, up_to=up_to, stream=stream)


@fails("test_streams_are_redacted_one_by_one")
class RedactsAStreamOfNone(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        known = None if log.stream is None else stream
        return super().redact(log, fields, up_to=up_to, stream=known)


@fails("test_what_can_not_be_a_stream_is_not_redacted")
class RedactsAnyStream(HonestTransaction):
    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        return super().redact(log, fields, up_to=up_to, stream=None if stream is None else str(stream))


# --- streams ------------------------------------------------------------------------------------
@fails("test_each_stream_is_numbered_from_1")
class NumbersTheWholeLog(Telling):
    def told(self, numbers: list[int], log: Collection, rows: Sequence[Row]) -> list[int]:
        last = self.count(log, log.key_fields)
        return list(range(last - len(rows) + 1, last + 1))


@fails("test_numbers_come_in_the_order_of_the_rows")
class TellsNumbersByStream(Telling):
    def told(self, numbers: list[int], log: Collection, rows: Sequence[Row]) -> list[int]:
        places = sorted(range(len(rows)), key=lambda place: str(rows[place].get(log.stream or "")))
        return [numbers[place] for place in places]


@fails("test_numbers_come_in_the_order_of_the_rows")
class AppendsInAnotherOrder(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        return super().append(log, rows[::-1], begins=begins)[::-1]


@fails("test_no_entries_have_no_numbers")
class RefusesNoEntries(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        if not rows:
            raise DuplicateKeyError(log.name, log.key_fields)
        return super().append(log, rows, begins=begins)


@fails("test_a_stream_that_begins_starts_at_1")
class BeginsWithEachRow(Telling):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        numbers = super().append(log, rows, begins=begins)
        return [1] * len(rows) if begins else numbers


class BeginsAgain(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        return super().append(log, rows)


@fails("test_a_stream_begins_once")
class BeginsAStreamAgain(BeginsAgain):
    pass


@fails("test_a_stream_begins_once_in_a_transaction")
class BeginsAgainAfterOwnEntries(BeginsAgain):
    pass


@fails("test_a_stream_begins_once")
class LooksAtTheFirstRowAlone(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        return [*super().append(log, rows[:1], begins=begins), *super().append(log, rows[1:])]


@fails("test_a_stream_begins_once")
class NamesTheStreamAlone(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        try:
            return super().append(log, rows, begins=begins)
        except DuplicateKeyError as error:
            raise DuplicateKeyError(error.collection, error.key_fields[:1]) from None


@fails("test_a_beginning_that_was_rolled_back_did_not_happen")
class RemembersBeginnings(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        begun = self.storage.__dict__.setdefault("begun", set())
        streams = {row[str(log.stream)] for row in rows}
        if begins and begun & streams:
            raise DuplicateKeyError(log.name, log.key_fields)
        begun |= streams
        return super().append(log, rows, begins=begins)


@fails("test_a_unique_key_holds_across_streams")
class KeepsKeysWithinAStream(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        for [name] in log.unique:
            taken = {row[name] for row in self.find(log, (name,))}
            rows = [{**row, name: None if row[name] in taken else row[name]} for row in rows]
        return super().append(log, rows, begins=begins)


@fails("test_a_stream_is_a_value_of_any_kind")
class TakesSimilarStreamsForOne(HonestTransaction):
    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        similar = [{name: self.similar(value) for name, value in row.items()} for row in rows]
        return super().append(log, similar, begins=begins)

    def similar(self, value: Scalar) -> Scalar:
        return value.casefold().rstrip() if isinstance(value, str) else value


class AppendsLater(LateTransaction):
    """Tells the numbers of entries before it has its turn to write."""

    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        stream = rows[0][str(log.stream)]
        last = self.count(log, log.key_fields, [stream])
        time.sleep(0.02)  # so that the others look before this one writes
        if begins and last:
            raise DuplicateKeyError(log.name, log.key_fields)
        self.late.append(("append", (log, rows), {}))
        return [last + place for place in range(1, len(rows) + 1)]


@fails("test_a_stream_has_no_gap_whoever_appends")
class TellsNumbersTooSoon(AppendsLater):
    pass


@fails("test_one_of_many_begins_a_stream")
class LetsAllBegin(AppendsLater):
    pass


# --- entries of streams -------------------------------------------------------------------------
@fails("test_what_is_no_stream_with_a_number_is_no_key")
class GetsByTheNumberAlone(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        if collection.stream is None or isinstance(key, tuple):
            return super().get(collection, key)
        return next(iter(self.find(collection, collection.key_fields)), None)


@fails("test_an_entry_is_got_by_its_stream_and_number")
class GetsTheEntryOfAnyStream(HonestTransaction):
    def get(self, collection: Collection, key: Key) -> Row | None:
        rows = self.find(collection, collection.key_fields)
        return next((row for row in rows if isinstance(key, tuple) and row[SEQUENCE] == key[1]), None)


class Ordering(HonestTransaction):
    """Orders streams by the number first."""

    def find(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> list[Row]:
        rows = super().find(collection, index, equal_to, **bounds)
        return sorted(rows, key=lambda row: row[SEQUENCE], reverse=bounds.get("descending", False))


@fails("test_entries_are_ordered_by_stream_then_number")
class OrdersByNumberFirst(Ordering):
    pass


@fails("test_a_stream_is_read_by_its_numbers")
class ReadsEveryStream(HonestTransaction):
    def find(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> list[Row]:
        of_streams = collection.stream is not None and SEQUENCE in index
        return super().find(collection, index, () if of_streams and not bounds else equal_to, **bounds)


@fails("test_pages_over_streams_put_together_are_the_whole")
class PagesByTheNumberAlone(HonestTransaction):
    def find(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> list[Row]:
        after, limit = bounds.pop("after", None), bounds.pop("limit", None)
        rows = super().find(collection, index, equal_to, **bounds)
        if after is None:
            return rows[:limit]
        down = bounds.get("descending", False)
        last: Any = after[SEQUENCE]
        return [row for row in rows if (row[SEQUENCE] < last if down else row[SEQUENCE] > last)][:limit]  # type: ignore[operator]


@fails("test_a_reader_keeps_its_streams")
class ShowsNewEntries(HonestTransaction):
    def find(self, *args: Any, **bounds: Any) -> list[Row]:
        if self.writes:
            return super().find(*args, **bounds)
        with currently(self) as reading:
            return list(reading.find(*args, **bounds))


class TakesAnyStreams(HonestStorage):
    def prepare(self, collections: Sequence[Collection]) -> None:
        known = self.place.__dict__.setdefault("known", {})
        super().prepare(
            [attrs.evolve(each, stream=known.get(each.name, each.stream)) for each in collections]
        )
        known.update({each.name: each.stream for each in collections if each.name not in known})


@fails("test_a_log_of_other_streams_is_refused")
class ForgetsWhatStreamsThereAre(TakesAnyStreams):
    pass


@fails("test_streams_go_on_after_reopening")
class TakesOtherStreamsWhenReopened(TakesAnyStreams):
    pass
