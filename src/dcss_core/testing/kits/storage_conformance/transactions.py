"""Transactions: all or nothing, alone while writing, one snapshot while reading."""

from collections.abc import Callable

import pytest

from dcss_core.errors import BackendError, ConflictError, InvalidInputError, InvariantError
from dcss_core.ports.storage import Collection, Transaction
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    allowed,
    event,
    fresh,
    people_declared,
    person,
    refused,
)

_NOTHING_SAVED = "the port promises that an exception in the block rolls everything back"
_UNUSABLE = "the port promises that a call that raised leaves the transaction unusable"
_SNAPSHOT = "the port promises a reading transaction one stable snapshot"

Call = Callable[[Transaction, Shelf], object]


def _asked_after(transaction: Transaction, shelf: Shelf, write: Callable[[], object]) -> None:
    """A conflict is told by the next question at the latest."""
    write()
    transaction.count(shelf.people, ("person_id",))


_FAILING: dict[str, Call] = {
    "a taken key": lambda transaction, shelf: _asked_after(
        transaction, shelf, lambda: transaction.insert(shelf.people, [person("a")])
    ),
    "a stale version": lambda transaction, shelf: _asked_after(
        transaction, shelf, lambda: transaction.replace(shelf.people, person("a"), expected_version=9)
    ),
    "a log that began before": lambda transaction, shelf: _asked_after(
        transaction,
        shelf,
        lambda: [transaction.append(shelf.events, [event("b")], begins=True) for _ in range(2)],
    ),
    "a row that does not fit": lambda transaction, shelf: transaction.insert(
        shelf.people, [{"person_id": "z"}]
    ),
    "an undeclared index": lambda transaction, shelf: transaction.find(shelf.people, ("balance_cents",)),
    "a count that is refused": lambda transaction, shelf: transaction.count(shelf.people, ("county",), [7]),
    "a sum that is refused": lambda transaction, shelf: transaction.sum(
        shelf.people, "email", ("person_id",)
    ),
    "a deletion that is refused": lambda transaction, shelf: transaction.delete(
        shelf.people, ("person_id",), limit=-1
    ),
    "a value that can't be found": lambda transaction, shelf: transaction.find_each(
        shelf.people, ("county",), ["Cobb", 7]
    ),
    "keys of which one is none": lambda transaction, shelf: transaction.get_each(shelf.people, ["a", 7]),
}
_CALLS: dict[str, Call] = {
    "get": lambda transaction, shelf: transaction.get(shelf.people, "a"),
    "get_each": lambda transaction, shelf: transaction.get_each(shelf.people, ["a", "b"]),
    "find": lambda transaction, shelf: transaction.find(shelf.people, ("person_id",)),
    "find_each": lambda transaction, shelf: transaction.find_each(shelf.people, ("county",), ["Cobb"]),
    "count": lambda transaction, shelf: transaction.count(shelf.people, ("person_id",)),
    "sum": lambda transaction, shelf: transaction.sum(shelf.people, "balance_cents", ("person_id",)),
    "insert": lambda transaction, shelf: transaction.insert(shelf.people, [person("c")]),
    "replace": lambda transaction, shelf: transaction.replace(shelf.people, person("a"), expected_version=1),
    "append": lambda transaction, shelf: transaction.append(shelf.events, [event("c")]),
    "redact": lambda transaction, shelf: transaction.redact(shelf.events, ["details"], up_to=1),
    "delete": lambda transaction, shelf: transaction.delete(shelf.people, ("person_id",), limit=1),
}


class _PlannedError(Exception):
    pass


class Transactions(OnAShelf):
    """What leaving a block, and failing inside it, does."""

    def test_an_exception_in_the_block_saves_nothing(self, shelf: Shelf) -> None:
        """Inserts, replacements and entries all go."""
        shelf.insert(person("a"))
        with (
            refused(_PlannedError, "the port promises that the exception leaves the block"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.insert(shelf.people, [person("b", email="b@example.org")])
            transaction.replace(shelf.people, person("a", balance_cents=5), expected_version=1)
            transaction.append(shelf.events, [event("b")])
            raise _PlannedError
        shelf.insert(person("z"))  # what was taken back stays so when others commit
        assert shelf.get("b") is None, _NOTHING_SAVED
        assert shelf.get("a") == {**person("a"), "version": 1}, _NOTHING_SAVED
        assert shelf.logged() == [], _NOTHING_SAVED
        with shelf.storage.transaction(writes=False) as reading:
            assert reading.find(shelf.people, ("email",), ["b@example.org"]) == [], _NOTHING_SAVED

    def test_a_key_that_was_rolled_back_is_free(self, shelf: Shelf) -> None:
        """Nothing of the failed transaction stays, not even in an index."""
        with (
            refused(_PlannedError, "the port promises that the exception leaves the block"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.insert(shelf.people, [person("a", email="a@example.org")])
            raise _PlannedError
        with allowed(_NOTHING_SAVED):
            shelf.insert(person("a"), person("b", email="a@example.org"))

    @pytest.mark.parametrize("failing", _FAILING)
    def test_a_call_that_raised_spoils_the_transaction(self, shelf: Shelf, failing: str) -> None:
        """A caught error can't end in a half-done commit."""
        shelf.insert(person("a"))
        first: Exception | None = None
        kinds = (ConflictError, InvariantError, InvalidInputError)
        with refused(Exception, f"{_UNUSABLE}; leaving the block raises the error again") as leaving:  # noqa: SIM117
            with shelf.storage.transaction(writes=True) as transaction:
                transaction.insert(shelf.people, [person("b")])
                try:
                    _FAILING[failing](transaction, shelf)
                except kinds as error:
                    first = error
                assert first is not None, f"the port promises an error for {failing}"
                for name, call in _CALLS.items():
                    with refused(type(first), f"{_UNUSABLE}; {name} raises the error again"):
                        call(transaction, shelf)
        assert leaving.error is first, f"{_UNUSABLE}; leaving the block raises the same error again"
        assert shelf.get("b") is None, f"{_UNUSABLE}; nothing is saved"
        assert shelf.logged() == [], f"{_UNUSABLE}; nothing is saved"

    def test_a_transaction_sees_its_own_writes(self, shelf: Shelf) -> None:
        """Both reads see them, and the old versions no more."""
        shelf.insert(person("a", county="Fulton"))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person("b", county="Fulton")])
            transaction.replace(shelf.people, person("a", county="DeKalb"), expected_version=1)
            assert transaction.get(shelf.people, "b") is not None, (
                "the port promises that own writes are seen"
            )
            found = {
                county: [row["person_id"] for row in transaction.find(shelf.people, ("county",), [county])]
                for county in ("Fulton", "DeKalb")
            }
        assert found == {"Fulton": ["b"], "DeKalb": ["a"]}, "the port promises that find sees own writes"

    def test_nobody_sees_what_is_not_committed(self, shelf: Shelf) -> None:
        """Neither by key nor by index, and without waiting."""
        shelf.insert(person("a", county="Fulton"))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person("b", county="Fulton")])
            transaction.replace(shelf.people, person("a", county="DeKalb"), expected_version=1)
            transaction.append(shelf.events, [event("b")])
            with shelf.storage.transaction(writes=False) as reading:
                dirty = "the port promises that nobody sees what is not committed"
                assert reading.get(shelf.people, "b") is None, dirty
                assert reading.get(shelf.people, "a") == {**person("a", county="Fulton"), "version": 1}, dirty
                found = [row["person_id"] for row in reading.find(shelf.people, ("county",), ["Fulton"])]
                assert found == ["a"], dirty
                assert reading.find(shelf.events, ("seq",)) == [], dirty
        assert shelf.get("b") is not None, "the port promises that leaving the block commits"

    def test_a_reader_keeps_its_snapshot(self, shelf: Shelf) -> None:
        """What others commit meanwhile is not seen, by key or by index."""
        shelf.insert(person("a", county="Fulton"))
        with shelf.storage.transaction(writes=False) as reading:
            before = reading.get(shelf.people, "a")
            with shelf.storage.transaction(writes=True) as transaction:
                transaction.replace(shelf.people, person("a", county="DeKalb"), expected_version=1)
                transaction.insert(shelf.people, [person("b", county="Fulton")])
                transaction.append(shelf.events, [event("b")])
            assert reading.get(shelf.people, "a") == before, _SNAPSHOT
            assert reading.get(shelf.people, "b") is None, _SNAPSHOT
            found = [row["person_id"] for row in reading.find(shelf.people, ("county",))]
            assert found == ["a"], _SNAPSHOT
            assert reading.find(shelf.people, ("county",), ["DeKalb"]) == [], _SNAPSHOT
            assert reading.find(shelf.events, ("seq",)) == [], _SNAPSHOT
        row = shelf.get("a")
        assert row is not None, "the port promises that a new snapshot has what was committed before"
        assert row["county"] == "DeKalb", (
            "the port promises that a new snapshot has what was committed before"
        )

    @pytest.mark.parametrize("call", ["insert", "replace", "append", "redact", "delete"])
    def test_a_reading_transaction_does_not_write(self, shelf: Shelf, call: str) -> None:
        """Whoever reads can't change anything by mistake."""
        shelf.insert(person("a"))
        promise = f"the port promises BackendError for {call} in a reading transaction"
        with (
            refused(BackendError, promise) as refusal,
            shelf.storage.transaction(writes=False) as transaction,
        ):
            _CALLS[call](transaction, shelf)
        assert refusal.error.retryable is False, f"{promise}, not retryable"
        assert shelf.get("c") is None, promise
        assert shelf.get("a") == {**person("a"), "version": 1}, promise
        assert shelf.logged() == [], promise

    @pytest.mark.parametrize("call", _CALLS)
    def test_a_transaction_ends_with_its_block(self, shelf: Shelf, call: str) -> None:
        """A reference kept by mistake does nothing."""
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.people, [person("a")])
        with refused(BackendError, f"the port promises BackendError for {call} once the block is left"):
            _CALLS[call](transaction, shelf)

    def test_an_unprepared_collection_is_refused(self, shelf: Shelf) -> None:
        """Prepare comes first."""
        unknown = people_declared(fresh("people"))
        self._expect_unprepared(shelf, unknown)

    def test_a_collection_prepared_in_another_shape_is_refused(self, shelf: Shelf) -> None:
        """The name alone is not enough."""
        narrower = Collection(shelf.people.name, shelf.people.fields[:3], key="person_id")
        self._expect_unprepared(shelf, narrower)

    def _expect_unprepared(self, shelf: Shelf, collection: Collection) -> None:
        promise = "the port promises InvariantError for a collection that was not prepared in this shape"
        with refused(InvariantError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.get(collection, "a")
        with refused(InvariantError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.find(collection, ("person_id",))
        with refused(InvariantError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.count(collection, ("person_id",))
        with refused(InvariantError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.sum(collection, "person_id", ("person_id",))
        with refused(InvariantError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.get_each(collection, ["a"])
        with refused(InvariantError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.find_each(collection, ("person_id",), ["a"])
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.delete(collection, ("person_id",), limit=1)
