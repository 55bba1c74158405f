"""Storages that break a promise about what is found for each of several values."""

from collections.abc import Sequence
from typing import Any

from honest import HonestTransaction, currently, failing_in

from dcss_core.ports.storage import Collection, Row, Scalar

fails = failing_in(globals())
Found = list[list[Row]]


class Changing(HonestTransaction):
    """Changes the values that `find_each` is asked for, or its answer."""

    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        return self.answer(super().find_each(collection, index, self.asked(list(values))))

    def asked(self, values: list[Scalar]) -> list[Scalar]:
        return values

    def answer(self, found: Found) -> Found:
        return found


@fails("test_each_value_is_answered_as_find_answers_it")
class ForgetsTheFirstRow(Changing):
    def answer(self, found: Found) -> Found:
        return [rows[1:] for rows in found]


@fails("test_answers_come_in_the_order_of_the_values")
class AnswersInTheOrderOfTheIndex(Changing):
    def asked(self, values: list[Scalar]) -> list[Scalar]:
        return sorted(values, key=str)


@fails("test_answers_come_in_the_order_of_the_values")
class LeavesOutWhatFindsNothing(Changing):
    def answer(self, found: Found) -> Found:
        return [rows for rows in found if rows]


@fails("test_answers_come_in_the_order_of_the_values")
class OrdersRowsByTheirKey(Changing):
    def answer(self, found: Found) -> Found:
        return [sorted(rows, key=str) for rows in found]


@fails("test_a_value_asked_twice_is_answered_by_rows_twice")
class AnswersEachValueOnce(Changing):
    def asked(self, values: list[Scalar]) -> list[Scalar]:
        return list(dict.fromkeys(values))


@fails("test_values_that_can_be_read_once_are_read_once")
class ReadsTheValuesTwice(HonestTransaction):
    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        number = sum(1 for _ in values)
        return super().find_each(collection, index, values)[:number]


@fails("test_no_values_find_nothing")
class TakesNoValuesForAll(HonestTransaction):
    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        return super().find_each(collection, index, values) or [self.find(collection, index)]


@fails("test_none_is_one_of_the_values")
class FindsNothingForNone(HonestTransaction):
    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        values = list(values)
        found = super().find_each(collection, index, values)
        return [[] if value is None else rows for value, rows in zip(values, found, strict=True)]


@fails("test_values_are_as_many_as_one_likes")
class AnswersAThousandValues(Changing):
    def answer(self, found: Found) -> Found:
        return [rows if place < 1_000 else [] for place, rows in enumerate(found)]


@fails("test_values_are_as_many_as_one_likes")
class TakesSimilarValuesForOne(Changing):
    def asked(self, values: list[Scalar]) -> list[Scalar]:
        return [value.lower().strip() if isinstance(value, str) else value for value in values]


@fails("test_each_value_is_answered_as_find_answers_it")
class HidesOwnWritesFromEach(HonestTransaction):
    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        with currently(self) as reading:
            found: Found = reading.find_each(collection, index, values)
            return found


@fails("test_what_each_value_finds_is_that_of_the_snapshot")
class FindsWhatOthersCommit(HonestTransaction):
    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        with currently(self) as reading:
            found: Found = reading.find_each(collection, index, values)
            return found


@fails("test_entries_are_found_for_each_of_their_numbers")
class NumbersEntriesFromZero(Changing):
    def asked(self, values: list[Scalar]) -> list[Scalar]:
        return [value + 1 if type(value) is int else value for value in values]


@fails("test_what_find_refuses_is_refused_among_others")
class FindsNothingForAWrongValue(HonestTransaction):
    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        values = list(values)
        fit = [value for value in values if isinstance(value, str | int)]
        return super().find_each(collection, index, [value for value in fit if not isinstance(value, int)])


@fails("test_a_call_that_raised_spoils_the_transaction")
class CarriesOnAfterAWrongValue(HonestTransaction):
    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> Found:
        values = list(values)
        collection.check_find_each(index, values)
        return super().find_each(collection, index, values)
