"""Deletion: the first records that `find` would give go for good, in bounded steps."""

from collections.abc import Callable
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import DuplicateKeyError, InvalidInputError, InvariantError, StaleVersionError
from dcss_core.ports.storage import VERSION, Collection, Row, Scalar, Storage, Transaction
from dcss_core.testing.kits.storage_conformance.questions import (
    ON_ONE_STORAGE,
    SHAPE,
    Asked,
    any_questions,
    any_rows,
    any_values,
    declared,
)
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    allowed,
    at_once,
    keep_trying,
    own_fields,
    person,
    refused,
)

_FIRST: Final = "the port promises that those are deleted that find would give first, and no others"
_TOLD: Final = "the port promises that delete tells how many records there were, at most the limit"
_GONE: Final = "the port promises that what was deleted is gone, whichever way it is looked for"
_FREE: Final = "the port promises that the keys of a deleted record are free"
_BACK: Final = "the port promises that a deletion is rolled back with its transaction"
_SNAPSHOT: Final = (
    "the port promises a reading transaction one stable snapshot, whatever is deleted meanwhile"
)
_STALE: Final = "the port promises StaleVersionError when the record to replace is missing"


class _PlannedError(Exception):
    pass


def _delete(shelf: Shelf, *who: str) -> int:
    def work(transaction: Transaction) -> int:
        return sum(transaction.delete(shelf.people, ("person_id",), [each], limit=1) for each in who)

    return shelf.write(work)


def _left(shelf: Shelf) -> list[Scalar]:
    with shelf.storage.transaction(writes=False) as transaction:
        return [row["person_id"] for row in transaction.find(shelf.people, ("person_id",))]


class Deletion(OnAShelf):
    """What is deleted, who still sees it, and what is not deleted."""

    @ON_ONE_STORAGE
    @given(
        rows=any_rows(),
        changes=st.lists(any_values(), max_size=3),
        questions=st.lists(any_questions(), min_size=2, max_size=4),
    )
    def test_the_first_that_find_would_give_are_deleted(
        self,
        storage: Storage,
        rows: list[dict[str, Scalar]],
        changes: list[dict[str, Scalar]],
        questions: list[Asked],
    ) -> None:
        """Any rows, some of them replaced, and any question; before the commit, after it, and rolled back."""
        collection = declared()
        storage.prepare([collection])
        current: list[Row] = [{**row, **change} for row, change in zip(rows, changes, strict=False)]
        with storage.transaction(writes=True) as transaction:
            transaction.insert(collection, rows)
            for row in current:
                transaction.replace(collection, row, expected_version=1)
        current += rows[len(current) :]
        with (
            refused(_PlannedError, "the port promises that the exception leaves the block"),
            storage.transaction(writes=True) as transaction,
        ):
            self._delete(transaction, collection, questions[::-1], current)
            raise _PlannedError
        with storage.transaction(writes=True) as transaction:
            assert _by_key(transaction, collection) == _sorted(current), _BACK
            current = self._delete(transaction, collection, questions, current)
        with storage.transaction(writes=False) as transaction:
            assert _by_key(transaction, collection) == _sorted(current), f"{_FIRST}, when it is committed"

    def _delete(
        self, transaction: Transaction, collection: Collection, questions: list[Asked], rows: list[Row]
    ) -> list[Row]:
        left = list(rows)
        for asked in questions:
            gone = asked.model_deletion(left)
            assert asked.delete(transaction, collection) == len(gone), f"{_TOLD}; ({asked})"
            left = [row for row in left if row not in gone]
            assert _by_key(transaction, collection) == _sorted(left), f"{_FIRST}; ({asked})"
        return left

    def test_the_first_of_an_index_are_deleted(self, shelf: Shelf) -> None:
        """In its order, None first, whatever the order of the keys."""
        shelf.insert(
            person("a", county="Fulton", number=1),
            person("b", county="Cobb", number=9),
            person("c", county="Cobb", number=2),
            person("d"),
        )
        index = ("county", "number")
        assert shelf.write(lambda work: work.delete(shelf.people, index, limit=2)) == 2, _TOLD
        assert _left(shelf) == ["a", "b"], _FIRST

    def test_only_what_is_equal_is_deleted(self, shelf: Shelf) -> None:
        """None is a value like any other."""
        shelf.insert(
            person("a", county="Fulton"), person("b"), person("c", number=4), person("d", county="Cobb")
        )
        assert shelf.write(lambda work: work.delete(shelf.people, ("county",), ["Fulton"], limit=9)) == 1, (
            _TOLD
        )
        assert _left(shelf) == ["b", "c", "d"], _FIRST
        index = ("county", "number")
        assert shelf.write(lambda work: work.delete(shelf.people, index, [None, None], limit=9)) == 1, _TOLD
        assert _left(shelf) == ["c", "d"], _FIRST

    def test_nothing_beyond_the_bound_is_deleted(self, shelf: Shelf) -> None:
        """The bound itself is deleted, None never."""
        people = [person(f"p{number}", county="Fulton", number=number) for number in (1, 2, 3)]
        shelf.insert(*people, person("none", county="Fulton"), person("other", county="Cobb", number=1))
        deleted = shelf.write(
            lambda work: work.delete(shelf.people, ("county", "number"), ["Fulton"], at_most=2, limit=9)
        )
        assert deleted == 2, _TOLD
        assert _left(shelf) == ["none", "other", "p3"], _FIRST

    def test_many_are_deleted_in_steps(self, shelf: Shelf) -> None:
        """Until there are none; a limit of 0 deletes none."""
        shelf.insert(*(person(f"{number}", county="Fulton") for number in range(1_200)), person("z"))

        def step(limit: int) -> int:
            return shelf.write(lambda work: work.delete(shelf.people, ("county",), ["Fulton"], limit=limit))

        steps = [step(limit) for limit in (0, 500, 500, 500, 500, 2**63 - 1)]
        assert steps == [0, 500, 500, 200, 0, 0], _TOLD
        assert _left(shelf) == ["z"], _FIRST

    def test_what_was_deleted_is_nowhere(self, shelf: Shelf) -> None:
        """By no key, index, count or sum, in the same transaction and after it."""

        def seen(transaction: Transaction) -> list[object]:
            return [
                transaction.get(shelf.people, "a"),
                transaction.get_each(shelf.people, ["a"]),
                *(transaction.find(shelf.people, index) for index in shelf.people.findable),
                transaction.find_each(shelf.people, ("county",), ["Fulton"]),
                *(transaction.count(shelf.people, index) for index in shelf.people.findable),
                transaction.sum(shelf.people, "balance_cents", ("county",), by=["county"]),
            ]

        shelf.insert(person("a", email="a@example.org", county="Fulton", number=7, balance_cents=5))
        indexes = len(shelf.people.findable)
        nowhere: list[object] = [None, [None], *[[]] * indexes, [[]], *[0] * indexes, {}]
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.delete(shelf.people, ("email",), ["a@example.org"], limit=1)
            assert seen(transaction) == nowhere, _GONE
        with shelf.storage.transaction(writes=False) as transaction:
            assert seen(transaction) == nowhere, _GONE

    def test_the_keys_of_a_deleted_record_are_free(self, shelf: Shelf) -> None:
        """At once, and its successor begins at version 1."""
        shelf.insert(person("a", email="a@example.org", county="Fulton", number=7))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(
                shelf.people,
                person("a", email="a@example.org", county="Fulton", number=8),
                expected_version=1,
            )
        with allowed(_FREE), shelf.storage.transaction(writes=True) as transaction:
            transaction.delete(shelf.people, ("person_id",), ["a"], limit=1)
            transaction.insert(shelf.people, [person("a"), person("b", email="a@example.org")])
            assert transaction.get(shelf.people, "a") == {**person("a"), VERSION: 1}, _FREE
        with allowed(_FREE):
            shelf.insert(person("c", county="Fulton", number=8))
        assert shelf.get("a") == {**person("a"), VERSION: 1}, _FREE

    def test_a_deleted_record_is_not_replaced(self, shelf: Shelf) -> None:
        """Neither in the same transaction nor later, and not by its successor's predecessor."""
        shelf.insert(person("a"), person("b"))
        with refused(StaleVersionError, _STALE), shelf.storage.transaction(writes=True) as transaction:
            transaction.delete(shelf.people, ("person_id",), ["a"], limit=1)
            transaction.replace(shelf.people, person("a"), expected_version=1)
        assert _left(shelf) == ["a", "b"], _BACK
        _delete(shelf, "a")
        with refused(StaleVersionError, _STALE), shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a"), expected_version=1)
        assert _left(shelf) == ["b"], _STALE

    def test_own_writes_are_deleted(self, shelf: Shelf) -> None:
        """What was inserted or replaced in the same transaction, and nothing comes back with the commit."""
        shelf.insert(person("a", county="Cobb"))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a", county="Fulton"), expected_version=1)
            transaction.insert(shelf.people, [person("b", county="Fulton"), person("c", county="Cobb")])
            assert transaction.delete(shelf.people, ("county",), ["Fulton"], limit=9) == 2, _TOLD
        assert _left(shelf) == ["c"], _GONE

    def test_a_deletion_that_is_rolled_back_deletes_nothing(self, shelf: Shelf) -> None:
        """Record and version are there as before, and the unique key is taken."""
        shelf.insert(person("a", email="a@example.org"))
        with (
            refused(_PlannedError, "the port promises that the exception leaves the block"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.replace(shelf.people, person("a", email="b@example.org"), expected_version=1)
            transaction.delete(shelf.people, ("person_id",), ["a"], limit=1)
            transaction.insert(shelf.people, [person("c", email="a@example.org")])
            raise _PlannedError
        assert shelf.get("a") == {**person("a", email="a@example.org"), VERSION: 1}, _BACK
        with refused(DuplicateKeyError, _BACK):
            shelf.insert(person("d", email="a@example.org"))
        assert _left(shelf) == ["a"], _BACK

    def test_a_reader_keeps_what_is_deleted_meanwhile(self, shelf: Shelf) -> None:
        """By its key and its unique key, though somebody else has both now."""
        shelf.insert(person("a", email="a@example.org"), person("b"))
        with shelf.storage.transaction(writes=False) as reading:
            before = reading.find(shelf.people, ("person_id",))
            _delete(shelf, "a", "b")
            shelf.insert(person("a", balance_cents=9), person("c", email="a@example.org"))
            assert reading.find(shelf.people, ("person_id",)) == before, _SNAPSHOT
            assert reading.get_each(shelf.people, ["a", "b", "c"]) == [*before, None], _SNAPSHOT
            assert reading.find(shelf.people, ("email",), ["a@example.org"]) == before[:1], _SNAPSHOT
            assert reading.count(shelf.people, ("person_id",)) == 2, _SNAPSHOT
        assert _left(shelf) == ["a", "c"], (
            "the port promises that a new snapshot has what was committed before"
        )

    def test_nobody_misses_what_is_not_yet_deleted(self, shelf: Shelf) -> None:
        """A deletion is seen when it is committed."""
        shelf.insert(person("a"))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.delete(shelf.people, ("person_id",), ["a"], limit=1)
            seen = _left(shelf)
        assert seen == ["a"], "the port promises that nobody sees what is not committed"
        assert _left(shelf) == [], "the port promises that leaving the block commits"

    def test_a_record_is_deleted_once_whoever_deletes(self, shelf: Shelf) -> None:
        """Nobody is told of a record that somebody else deleted."""
        shelf.insert(*(person(f"p{number}", county="Fulton") for number in range(12)))

        def delete_some(_: int) -> int:
            return sum(
                keep_trying(
                    lambda: shelf.write(
                        lambda work: work.delete(shelf.people, ("county",), ["Fulton"], limit=2)
                    )
                )
                for _ in range(3)
            )

        assert sum(at_once(delete_some, threads=4)) == 12, f"{_TOLD}, whatever runs beside it"
        assert _left(shelf) == [], _GONE

    def test_entries_of_a_log_are_never_deleted(self, shelf: Shelf) -> None:
        """Whatever else is wrong with the question."""
        shelf.append("a", "b")
        promise = (
            "the port promises InvariantError for a deletion from a log, whose entries are only redacted"
        )
        for index, limit in ((("seq",), 1), (("subject",), 1), (("nothing",), -1)):
            with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
                transaction.delete(shelf.events, index, limit=limit)
        assert shelf.logged() == [(1, "a"), (2, "b")], promise

    @pytest.mark.parametrize("index", [("balance_cents",), ("number", "county"), ("county", "email"), ()])
    def test_a_deletion_by_an_index_that_is_not_declared_is_refused(
        self, shelf: Shelf, index: tuple[str, ...]
    ) -> None:
        """No deletion ever reads a whole collection by surprise."""
        shelf.insert(person("a"))
        promise = "the port promises InvalidInputError for a deletion by an index that is not declared"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.delete(shelf.people, index, limit=1)
        assert _left(shelf) == ["a"], promise

    @pytest.mark.parametrize(
        ("question", "faults"),
        [
            pytest.param({"equal_to": ["Fulton", 7, "walrus"]}, 1, id="too many values"),
            pytest.param({"equal_to": [7]}, 1, id="an integer for text"),
            pytest.param({"equal_to": ["Fulton"], "at_most": "walrus"}, 1, id="text for an integer"),
            pytest.param({"equal_to": ["Fulton", 7], "at_most": 7}, 1, id="nothing left to bound"),
            pytest.param({"limit": -1}, 1, id="a negative limit"),
            pytest.param({"limit": 2**63}, 1, id="a limit of more than 64 bits"),
            pytest.param({"limit": None}, 1, id="no limit"),
            pytest.param({"limit": True}, 1, id="a bool as limit"),
            pytest.param({"limit": 1.0}, 1, id="a fraction as limit"),
            pytest.param({"limit": "walrus"}, 1, id="text as limit"),
            pytest.param({"equal_to": [7], "limit": -1}, 2, id="two faults at once"),
        ],
    )
    def test_a_deletion_that_can_not_be_done_is_refused(
        self, shelf: Shelf, question: dict[str, Any], faults: int
    ) -> None:
        """A wrong question deletes nothing, and the error tells every fault and no value."""
        shelf.insert(person("a", county="Fulton", number=7))
        promise = (
            "the port promises InvalidInputError for a deletion by what find would refuse, or without limit"
        )
        with (
            refused(InvalidInputError, promise) as refusal,
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.delete(shelf.people, ("county", "number"), **{"limit": 1, **question})
        assert len(refusal.error.faults) == faults, f"{promise}, with every fault"
        assert "walrus" not in str(refusal.error), "the port promises never to show a refused value"
        assert _left(shelf) == ["a"], promise

    def test_what_was_deleted_stays_so_after_reopening(
        self, shelf: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """A deletion is as durable as what it deletes."""
        shelf.insert(person("a", email="a@example.org"), person("b"))
        _delete(shelf, "a")
        shelf.storage.close()
        again = open_again()
        assert _left(again) == ["b"], "the port promises that a committed deletion survives, if durable"
        with allowed(_FREE):
            again.insert(person("a", email="a@example.org"))


def _by_key(transaction: Transaction, collection: Collection) -> list[dict[str, Scalar]]:
    return [own_fields(row) for row in transaction.find(collection, (SHAPE.key,))]


def _sorted(rows: list[Any]) -> list[Any]:
    return sorted(rows, key=lambda row: str(row[SHAPE.key]))
