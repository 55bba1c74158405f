"""Storages that add up wrongly and find rightly."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from honest import HonestTransaction, Remembering, among, currently, failing_in

from dcss_core.errors import InvalidInputError
from dcss_core.ports.storage import Collection, FieldKind, Scalar

fails = failing_in(globals())
Index: TypeAlias = tuple[str, ...]
Sums: TypeAlias = Mapping[tuple[Scalar, ...], int]


class Changing(HonestTransaction):
    """Changes the answer of `sum`."""

    def sum(self, *args: Any, by: Any = (), **bound: Any) -> Sums:
        return self.answer(dict(super().sum(*args, by=by, **bound)), by)

    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return sums

    def grouped(self, sums: Sums, group: Callable[[tuple[Scalar, ...]], tuple[Scalar, ...]]) -> Sums:
        """The sums of other groups, each made of some of these."""
        other: dict[tuple[Scalar, ...], int] = {}
        for values, value in sums.items():
            other[group(values)] = other.get(group(values), 0) + value
        return other


# --- how exactly --------------------------------------------------------------------------------
@fails("test_a_sum_is_exact")
class AddsUpFractions(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return {group: int(float(value)) for group, value in sums.items()}


@fails("test_a_sum_is_exact")
class WrapsAt64Bits(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return {group: (value + 2**63) % 2**64 - 2**63 for group, value in sums.items()}


@fails("test_a_sum_is_exact")
class GivesFractions(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return {group: float(value) for group, value in sums.items()}  # type: ignore[misc]


@fails("test_without_groups_there_is_one_sum")
class GivesZeroForNothing(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return sums or {(): 0}


@fails("test_none_adds_nothing")
class LeavesOutWhatHasNoValue(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return {group: value for group, value in sums.items() if value}


@fails("test_none_adds_nothing")
class GivesNoneForNoValue(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return {group: value or None for group, value in sums.items()}  # type: ignore[misc]


# --- in which groups ----------------------------------------------------------------------------
@fails("test_two_fields_make_groups_together")
class LeavesOutGroupsOfNone(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return {group: value for group, value in sums.items() if None not in group}


@fails("test_two_fields_make_groups_together")
class GroupsByOneFieldAlone(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return self.grouped(sums, lambda group: (group[0], None) if len(group) == 2 else group)


@fails("test_two_fields_make_groups_together")
class OrdersGroupsByName(HonestTransaction):
    def sum(self, *args: Any, by: Any = (), **bound: Any) -> Sums:
        return super().sum(*args, by=sorted(by), **bound)


@fails("test_groups_are_values_of_any_kind")
class GroupsByIntegersForBooleans(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return self.grouped(sums, lambda group: tuple(int(v) if isinstance(v, bool) else v for v in group))


@fails("test_groups_are_values_of_any_kind")
class GroupsSimilarText(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return self.grouped(sums, lambda group: tuple(v.rstrip() if isinstance(v, str) else v for v in group))


@fails("test_groups_are_values_of_any_kind")
class TakesNoneForEmpty(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return self.grouped(sums, lambda group: tuple(None if v == b"" else v for v in group))


@fails("test_a_field_can_be_added_up_by_itself")
class RefusesTheFieldItself(HonestTransaction):
    def sum(self, collection: Collection, field: str, *args: Any, by: Any = (), **bound: Any) -> Sums:
        if field in by:
            raise InvalidInputError("a field can't be added up by itself")
        return super().sum(collection, field, *args, by=by, **bound)


@fails("test_groups_are_as_many_as_there_are")
class AddsUpOnePage(Changing):
    def answer(self, sums: dict[tuple[Scalar, ...], int], by: Any) -> Sums:
        return dict(list(sums.items())[:1_000])


# --- of what ------------------------------------------------------------------------------------
@fails("test_only_what_is_found_is_added_up")
class AddsUpBeyondTheBound(HonestTransaction):
    def sum(self, *args: Any, by: Any = (), **bound: Any) -> Sums:
        return super().sum(*args, by=by)


@fails("test_only_what_is_found_is_added_up")
class NeverAddsUpNone(HonestTransaction):
    def sum(self, collection: Collection, field: str, index: Index, equal_to: Any = (), **rest: Any) -> Sums:
        return {} if None in equal_to else super().sum(collection, field, index, equal_to, **rest)


@fails("test_sums_are_those_of_what_find_would_give")
class AddsUpByTheFirstFieldAlone(HonestTransaction):
    def sum(self, collection: Collection, field: str, index: Index, equal_to: Any = (), **rest: Any) -> Sums:
        if len(equal_to) > 1:
            rest.pop("at_most", None)
        return super().sum(collection, field, index, equal_to[:1], **rest)


@fails("test_entries_of_a_log_are_added_up")
class AddsUpEveryStream(HonestTransaction):
    def sum(self, collection: Collection, field: str, index: Index, equal_to: Any = (), **rest: Any) -> Sums:
        if collection.stream is not None:
            return super().sum(collection, field, index, by=rest.get("by", ()))
        return super().sum(collection, field, index, equal_to, **rest)


@fails("test_entries_of_a_log_are_added_up")
class AddsUpByWhatWasErased(Remembering):
    def sum(self, collection: Collection, field: str, index: Index, equal_to: Any = (), **rest: Any) -> Sums:
        sums = super().sum(collection, field, index, equal_to, **rest)
        by = tuple(rest.get("by", ()))
        erased = among(self.older, collection, index, equal_to)
        return (
            {**sums, **{tuple(row[name] for name in by): 0 for row in erased}} if by == ("payer",) else sums
        )


# --- as of when ---------------------------------------------------------------------------------
@fails("test_what_was_rolled_back_is_not_added_up")
class AddsUpWhatWasRolledBack(Remembering):
    def sum(self, collection: Collection, field: str, index: Index, equal_to: Any = (), **rest: Any) -> Sums:
        sums = dict(super().sum(collection, field, index, equal_to, **rest))
        for row in among(self.lost, collection, index, equal_to):
            group = tuple(row[name] for name in rest.get("by", ()))
            value: Any = row[field]
            sums[group] = sums.get(group, 0) + value
        return sums


class AddsUpWhatIsCommitted(HonestTransaction):
    def sum(self, *args: Any, **rest: Any) -> Sums:
        with currently(self) as reading:
            return dict(reading.sum(*args, **rest))


@fails("test_a_sum_sees_own_writes")
class AddsUpWithoutOwnWrites(AddsUpWhatIsCommitted):
    pass


@fails("test_a_reader_adds_up_in_its_snapshot")
class AddsUpWhatOthersCommit(AddsUpWhatIsCommitted):
    pass


@fails("test_nobody_adds_up_what_is_not_committed")
class AddsUpDirt(HonestTransaction):
    def sum(self, *args: Any, **rest: Any) -> Sums:
        return dict((self.storage.writer or self.inner).sum(*args, **rest))


# --- what is refused ----------------------------------------------------------------------------
@fails("test_only_an_integer_is_added_up")
class AddsUpAnything(HonestTransaction):
    def sum(self, collection: Collection, field: str, *args: Any, **rest: Any) -> Sums:
        integers = [each.name for each in collection.fields if each.kind is FieldKind.INTEGER]
        return super().sum(collection, field, *args, **rest) if field in integers else {(): 0}


@fails("test_groups_are_declared_fields_each_once")
class GroupsByAnything(HonestTransaction):
    def sum(self, collection: Collection, field: str, *args: Any, by: Any = (), **bound: Any) -> Sums:
        declared = {each.name for each in collection.fields}
        known = [name for name in dict.fromkeys(by) if name in declared]
        return super().sum(collection, field, *args, by=known, **bound)


@fails("test_groups_are_declared_fields_each_once")
class GroupsByAFieldTwice(HonestTransaction):
    def sum(self, *args: Any, by: Any = (), **bound: Any) -> Sums:
        return super().sum(*args, by=list(dict.fromkeys(by)), **bound)


@fails("test_a_sum_by_an_index_that_is_not_declared_is_refused")
class AddsUpByAnyIndex(HonestTransaction):
    def sum(self, collection: Collection, field: str, index: Index, *args: Any, **rest: Any) -> Sums:
        known = index if index in collection.findable else collection.key_fields
        return super().sum(collection, field, known, *args, **rest)


@fails("test_a_sum_that_can_not_be_made_is_refused")
class AddsUpNothingForAWrongQuestion(HonestTransaction):
    def sum(self, collection: Collection, field: str, index: Index, equal_to: Any = (), **rest: Any) -> Sums:
        try:
            collection.check_find(index, equal_to, rest.get("at_most"))
        except InvalidInputError:
            return {}
        return super().sum(collection, field, index, equal_to, **rest)


@fails("test_a_sum_that_can_not_be_made_is_refused")
class TellsOneFaultOfASum(HonestTransaction):
    def sum(self, *args: Any, **rest: Any) -> Sums:
        try:
            return super().sum(*args, **rest)
        except InvalidInputError as error:
            raise InvalidInputError("this can't be added up", faults=error.faults[:1]) from None


@fails("test_a_call_that_raised_spoils_the_transaction")
class CarriesOnAfterASum(HonestTransaction):
    def sum(self, collection: Collection, field: str, index: Index, equal_to: Any = (), **rest: Any) -> Sums:
        collection.check_sum(field, index, equal_to, rest.get("at_most"), rest.get("by", ()))
        return super().sum(collection, field, index, equal_to, **rest)
