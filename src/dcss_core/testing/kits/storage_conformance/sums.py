"""Sums: exact sums over what `find` gives, in groups, seen and refused as `find` is."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import InvalidInputError
from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind, Row, Scalar, Storage, Transaction
from dcss_core.testing.kits.storage_conformance.questions import (
    ON_ONE_STORAGE,
    Asked,
    any_groups,
    any_questions,
    any_rows,
    any_values,
    declared,
)
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    allowed,
    fresh,
    person,
    refused,
)

_Sums = Mapping[tuple[Scalar, ...], int]

_MANY: Final = 1_500  # more groups than any page a backend may read by
_MOST: Final = 2**63 - 1
_LEAST: Final = -(2**63)
_AS_FIND: Final = "the port promises the sums over the records that find would give"
_NOTHING: Final = "the port promises no sum where no record is found, and that None in the field adds nothing"
_EXACT: Final = "the port promises that sums are exact, however large"
_GROUPED: Final = "the port promises one sum for each combination of values, under those values in that order"
_OWN: Final = "the port promises that a sum sees the transaction's own writes"
_ROLLED_BACK: Final = "the port promises that what was rolled back is not added up"
_SNAPSHOT: Final = "the port promises a reading transaction one stable snapshot, in sum too"
_LOG: Final = "the port promises that the entries of a log are added up as find finds them"
_OF_EACH_KIND: Final[dict[FieldKind, tuple[Scalar, ...]]] = {
    FieldKind.TEXT: ("a", "A", "a ", "a\x00", "", "\u00e9", "e\u0301", "😀", None),
    FieldKind.INTEGER: (0, 1, -1, _MOST, _LEAST, None),
    FieldKind.BOOLEAN: (False, True, None),
    FieldKind.DATE: (date(1, 1, 1), date(2026, 2, 1), None),
    FieldKind.INSTANT: (
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, microsecond=1, tzinfo=UTC),
        None,
    ),
    FieldKind.BYTES: (b"", b"\x00", b"a", b"\xff", None),
}


class _PlannedError(Exception):
    pass


def _by_county(transaction: Transaction, shelf: Shelf) -> _Sums:
    return transaction.sum(shelf.people, "balance_cents", ("person_id",), by=["county"])


def _read(shelf: Shelf) -> _Sums:
    with shelf.storage.transaction(writes=False) as transaction:
        return _by_county(transaction, shelf)


def _move_and_add(transaction: Transaction, shelf: Shelf) -> None:
    """With 100 cents of person `a` in Fulton before: 70 in Cobb and 5 in Fulton after."""
    transaction.replace(shelf.people, person("a", county="Cobb", balance_cents=70), expected_version=1)
    transaction.insert(shelf.people, [person("b", county="Fulton", balance_cents=5)])


class AddingUp(OnAShelf):
    """What is added up, in which groups and which snapshot, and what is no sum."""

    @ON_ONE_STORAGE
    @given(
        rows=any_rows(),
        changes=st.lists(any_values(), max_size=3),
        questions=st.lists(any_questions(), min_size=3, max_size=5),
        field=st.sampled_from(["number", "serial"]),
        by=any_groups(),
    )
    def test_sums_are_those_of_what_find_would_give(
        self,
        storage: Storage,
        rows: list[dict[str, Scalar]],
        changes: list[dict[str, Scalar]],
        questions: list[Asked],
        field: str,
        by: list[str],
    ) -> None:
        """Any rows, some of them replaced, any question and any groups; before and after the commit."""
        collection = declared()
        storage.prepare([collection])
        current = [{**row, **change} for row, change in zip(rows, changes, strict=False)]
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, rows)
            for row in current:
                transaction.replace(collection, row, expected_version=1)
            current += rows[len(current) :]
            self._expect_sums(transaction, collection, questions, current, field, by)
        with storage.transaction(writes=False) as transaction:
            self._expect_sums(transaction, collection, questions, current, field, by)

    def _expect_sums(
        self,
        transaction: Transaction,
        collection: Collection,
        questions: list[Asked],
        rows: list[dict[str, Scalar]],
        field: str,
        by: list[str],
    ) -> None:
        for asked in questions:
            expected = asked.model_sums(rows, field, by)
            assert asked.sums(transaction, collection, field, by) == expected, (
                f"{_AS_FIND}; ({field} by {by} of {asked})"
            )

    def test_without_groups_there_is_one_sum(self, shelf: Shelf) -> None:
        """Under no values at all; and none where nothing is found."""
        shelf.insert(person("a", county="Fulton", balance_cents=100), person("b", balance_cents=-30))
        with shelf.storage.transaction(writes=False) as transaction:
            everything = transaction.sum(shelf.people, "balance_cents", ("person_id",))
            nothing = transaction.sum(shelf.people, "balance_cents", ("county",), ["Cobb"])
            no_group = transaction.sum(shelf.people, "balance_cents", ("county",), ["Cobb"], by=["county"])
        assert everything == {(): 70}, _AS_FIND
        assert nothing == {}, _NOTHING
        assert no_group == {}, _NOTHING

    def test_none_adds_nothing(self, shelf: Shelf) -> None:
        """A record without a value is there all the same, so there is a sum."""
        shelf.insert(
            person("a", county="Fulton", number=7), person("b", county="Fulton"), person("c", county="Cobb")
        )
        with shelf.storage.transaction(writes=False) as transaction:
            sums = transaction.sum(shelf.people, "number", ("person_id",), by=["county"])
            alone = transaction.sum(shelf.people, "number", ("county",), ["Cobb"])
        assert sums == {("Fulton",): 7, ("Cobb",): 0}, _NOTHING
        assert alone == {(): 0}, _NOTHING

    @pytest.mark.parametrize(
        "cents",
        [
            pytest.param([2**53, 1, 1], id="beyond a float"),
            pytest.param([_MOST, _MOST, _MOST], id="beyond 64 bits"),
            pytest.param([_LEAST, _LEAST], id="below 64 bits"),
            pytest.param([_MOST, _MOST, _LEAST, _LEAST, 7], id="beyond and back"),
            pytest.param([-5, 2, 3], id="to zero"),
        ],
    )
    def test_a_sum_is_exact(self, shelf: Shelf, cents: list[int]) -> None:
        """An int, neither rounded nor wrapped, in a group too."""
        people = [person(f"{place}", balance_cents=value) for place, value in enumerate(cents)]
        shelf.insert(*people, person("other", county="Cobb", balance_cents=1))
        with shelf.storage.transaction(writes=False) as transaction:
            [alone] = transaction.sum(shelf.people, "balance_cents", ("county",), [None]).values()
        groups = _read(shelf)
        assert (alone, type(alone)) == (sum(cents), int), _EXACT
        assert groups == {(None,): sum(cents), ("Cobb",): 1}, _EXACT

    @pytest.mark.parametrize("kind", list(FieldKind), ids=lambda kind: kind.value)
    def test_groups_are_values_of_any_kind(self, shelf: Shelf, kind: FieldKind) -> None:
        """No two values are one group, None is one, and each comes back as it was."""
        fields = (Field("row_id", FieldKind.INTEGER), Field("group", kind, optional=True))
        collection = Collection(fresh("groups"), (*fields, Field("cents", FieldKind.INTEGER)), key="row_id")
        values = _OF_EACH_KIND[kind]
        rows = [
            {"row_id": row_id, "group": values[row_id % len(values)], "cents": row_id}
            for row_id in range(2 * len(values))
        ]
        shelf.storage.prepare([collection])
        shelf.write(lambda work: work.insert(collection, rows))
        with shelf.storage.transaction(writes=False) as transaction:
            sums = transaction.sum(collection, "cents", ("row_id",), by=["group"])
        assert sums == {(value,): 2 * place + len(values) for place, value in enumerate(values)}, _GROUPED
        types = {value: type(value) for (value,) in sums}
        assert types == {value: type(value) for value in values}, f"{_GROUPED}, of the same type"

    def test_two_fields_make_groups_together(self, shelf: Shelf) -> None:
        """In the order in which they were asked for."""
        shelf.insert(
            person("a", county="Fulton", number=1, balance_cents=1),
            person("b", county="Fulton", number=2, balance_cents=10),
            person("c", county="Fulton", balance_cents=100),
            person("d", balance_cents=1_000),
            person("e", balance_cents=10_000),
        )
        with shelf.storage.transaction(writes=False) as transaction:
            sums = transaction.sum(shelf.people, "balance_cents", ("person_id",), by=["county", "number"])
            turned = transaction.sum(shelf.people, "balance_cents", ("person_id",), by=("number", "county"))
        expected = {("Fulton", 1): 1, ("Fulton", 2): 10, ("Fulton", None): 100, (None, None): 11_000}
        assert sums == expected, _GROUPED
        assert turned == {(number, county): cents for (county, number), cents in expected.items()}, _GROUPED

    def test_a_field_can_be_added_up_by_itself(self, shelf: Shelf) -> None:
        """Or by a field that is fixed already."""
        shelf.insert(
            *(person(f"{place}", county="Cobb", balance_cents=cents) for place, cents in enumerate((5, 5, 7)))
        )
        with allowed(_GROUPED), shelf.storage.transaction(writes=False) as transaction:
            by_itself = transaction.sum(shelf.people, "balance_cents", ("person_id",), by=["balance_cents"])
            by_fixed = transaction.sum(shelf.people, "balance_cents", ("county",), ["Cobb"], by=["county"])
        assert by_itself == {(5,): 10, (7,): 7}, _GROUPED
        assert by_fixed == {("Cobb",): 17}, _GROUPED

    def test_groups_are_as_many_as_there_are(self, shelf: Shelf) -> None:
        """No sum ends with a page."""
        shelf.insert(*(person(f"p{number}", balance_cents=number) for number in range(_MANY)))
        with shelf.storage.transaction(writes=False) as transaction:
            by_person = transaction.sum(shelf.people, "balance_cents", ("person_id",), by=["person_id"])
            together = transaction.sum(shelf.people, "balance_cents", ("person_id",))
        assert by_person == {(f"p{number}",): number for number in range(_MANY)}, _GROUPED
        assert together == {(): sum(range(_MANY))}, _AS_FIND

    def test_only_what_is_found_is_added_up(self, shelf: Shelf) -> None:
        """By equal values, None among them, and up to a bound that is inclusive and never matches None."""
        shelf.insert(
            *(
                person(f"p{number}", county="Cobb", number=number, balance_cents=10**number)
                for number in range(4)
            ),
            person("none", county="Cobb", balance_cents=10**4),
            person("nowhere", number=1, balance_cents=10**5),
        )
        index = ("county", "number")
        with shelf.storage.transaction(writes=False) as transaction:
            sums = [
                transaction.sum(shelf.people, "balance_cents", index, equal_to, at_most=at_most)
                for equal_to, at_most in (
                    (["Cobb"], 2),
                    (["Cobb"], None),
                    (["Cobb", None], None),
                    ([None], 1),
                    ([], "D"),
                )
            ]
        assert sums == [{(): 111}, {(): 11_111}, {(): 10_000}, {(): 100_000}, {(): 11_111}], _AS_FIND

    def test_a_sum_sees_own_writes(self, shelf: Shelf) -> None:
        """Inserted, replaced, deleted, and not yet committed."""
        shelf.insert(
            person("a", county="Fulton", balance_cents=100), person("x", county="Fulton", balance_cents=1)
        )
        with shelf.storage.transaction(writes=True) as transaction:
            _move_and_add(transaction, shelf)
            transaction.delete(shelf.people, ("person_id",), ["x"], limit=1)
            own = _by_county(transaction, shelf)
        assert own == {("Cobb",): 70, ("Fulton",): 5}, _OWN
        assert _read(shelf) == own, "the port promises that leaving the block commits"

    def test_what_was_rolled_back_is_not_added_up(self, shelf: Shelf) -> None:
        """Neither the new record nor the new version; the old one is added up again."""
        shelf.insert(person("a", county="Fulton", balance_cents=100))
        with (
            refused(_PlannedError, "the port promises that the exception leaves the block"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            _move_and_add(transaction, shelf)
            raise _PlannedError
        assert _read(shelf) == {("Fulton",): 100}, _ROLLED_BACK

    def test_nobody_adds_up_what_is_not_committed(self, shelf: Shelf) -> None:
        """And nobody waits for it."""
        shelf.insert(person("a", county="Fulton", balance_cents=100))
        with shelf.storage.transaction(writes=True) as transaction:
            _move_and_add(transaction, shelf)
            seen = _read(shelf)
        assert seen == {("Fulton",): 100}, (
            "the port promises that nobody sees what is not committed, in sum either"
        )

    def test_a_reader_adds_up_in_its_snapshot(self, shelf: Shelf) -> None:
        """What others commit meanwhile is not added up."""
        shelf.insert(person("a", county="Fulton", balance_cents=100))
        with shelf.storage.transaction(writes=False) as reading:
            before = _by_county(reading, shelf)
            shelf.write(lambda transaction: _move_and_add(transaction, shelf))
            assert _by_county(reading, shelf) == before, _SNAPSHOT
        assert before == {("Fulton",): 100}, _AS_FIND

    def test_entries_of_a_log_are_added_up(self, shelf: Shelf) -> None:
        """In one stream, by streams, up to a number, those just appended, and by what was erased."""
        fields = (
            Field("case_id", FieldKind.TEXT),
            Field("payer", FieldKind.TEXT, optional=True),
            Field("cents", FieldKind.INTEGER),
        )
        postings = Collection(fresh("postings"), fields, log=True, stream="case_id")
        shelf.storage.prepare([postings])
        rows: list[Row] = [
            {"case_id": case, "payer": "p", "cents": cents}
            for case, cents in (("c1", 5), ("c2", 7), ("c1", -2))
        ]
        shelf.write(lambda work: work.append(postings, rows))
        index = ("case_id", SEQUENCE)
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.append(postings, [{"case_id": "c1", "payer": "p", "cents": 100}])
            transaction.redact(postings, ["payer"], up_to=1, stream="c1")
            by_case = transaction.sum(postings, "cents", index, by=["case_id"])
            of_one = [transaction.sum(postings, "cents", index, ["c1"], at_most=up_to) for up_to in (2, None)]
            by_payer = transaction.sum(postings, "cents", index, ["c1"], by=["payer"])
        assert by_case == {("c1",): 103, ("c2",): 7}, _LOG
        assert of_one == [{(): 3}, {(): 103}], _LOG
        assert by_payer == {(None,): 5, ("p",): 98}, f"{_LOG}, and erased is None"

    @pytest.mark.parametrize("field", ["email", "photo", "walrus", "version", "person_id", ""])
    def test_only_an_integer_is_added_up(self, storage: Storage, field: str) -> None:
        """Neither text nor bytes (as which a sealed field is kept), nor a field that is not declared."""
        fields = (
            *(Field("person_id", FieldKind.TEXT), Field("email", FieldKind.TEXT)),
            *(Field("photo", FieldKind.BYTES), Field("cents", FieldKind.INTEGER)),
        )
        collection = Collection(fresh("people"), fields, key="person_id")
        storage.prepare([collection])
        promise = "the port promises InvalidInputError for the sum of a field that is no integer"
        with refused(InvalidInputError, promise), storage.transaction(writes=False) as transaction:
            transaction.sum(collection, field, ("person_id",))

    @pytest.mark.parametrize(
        "by", [["walrus"], ["county", "walrus"], ["version"], ["county", "county"], [""]]
    )
    def test_groups_are_declared_fields_each_once(self, shelf: Shelf, by: list[str]) -> None:
        """Anything else is a mistake, though nothing is found."""
        promise = (
            "the port promises InvalidInputError for a field in `by` that is not declared or stands twice"
        )
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.sum(shelf.people, "balance_cents", ("person_id",), by=by)

    @pytest.mark.parametrize("index", [("balance_cents",), ("number", "county"), ("county", "email"), ()])
    def test_a_sum_by_an_index_that_is_not_declared_is_refused(
        self, shelf: Shelf, index: tuple[str, ...]
    ) -> None:
        """No sum ever reads a whole collection by surprise."""
        promise = "the port promises InvalidInputError for a sum by an index that is not declared"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.sum(shelf.people, "balance_cents", index)

    @pytest.mark.parametrize(
        ("question", "faults"),
        [
            pytest.param({"equal_to": ["Fulton", 7, "walrus"]}, 1, id="too many values"),
            pytest.param({"equal_to": [7]}, 1, id="an integer for text"),
            pytest.param({"equal_to": ["Fulton"], "at_most": "walrus"}, 1, id="text for an integer"),
            pytest.param({"equal_to": ["Fulton", 7], "at_most": 7}, 1, id="nothing left to bound"),
            pytest.param(
                {"equal_to": [7], "at_most": "walrus", "by": ["nobody"]}, 3, id="three faults at once"
            ),
        ],
    )
    def test_a_sum_that_can_not_be_made_is_refused(
        self, shelf: Shelf, question: dict[str, Any], faults: int
    ) -> None:
        """A wrong question gets an error that tells every fault and no value, never a zero."""
        promise = "the port promises InvalidInputError for a sum by what find would refuse"
        with (
            refused(InvalidInputError, promise) as refusal,
            shelf.storage.transaction(writes=False) as transaction,
        ):
            transaction.sum(shelf.people, "balance_cents", ("county", "number"), **question)
        assert len(refusal.error.faults) == faults, f"{promise}, with every fault"
        assert "walrus" not in str(refusal.error), "the port promises never to show a refused value"
