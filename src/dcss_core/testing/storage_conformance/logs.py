"""Logs: entries that are only ever appended, numbered from 1 without a gap."""

from dcss_core.errors import DuplicateKeyError, InvariantError
from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind
from dcss_core.testing.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    event,
    events_declared,
    fresh,
    person,
    refused,
)

_NUMBERS = "the port promises that the numbers of a log start at 1 and have no gap"
_FIRST = "the port promises that append returns the number of the first entry"


class Logs(OnAShelf):
    """Append, and reading what was appended."""

    def test_entries_are_numbered_from_1_in_order(self, shelf: Shelf) -> None:
        """Across calls and transactions."""
        with shelf.storage.transaction(writes=True) as transaction:
            assert transaction.append(shelf.events, [event("a"), event("b")]) == 1, _FIRST
            assert transaction.append(shelf.events, [event("c")]) == 3, _FIRST
        assert shelf.append("d", "e") == 4, _FIRST
        assert shelf.logged() == list(enumerate("abcde", start=1)), _NUMBERS

    def test_appending_nothing_tells_the_next_number(self, shelf: Shelf) -> None:
        """And uses none up."""
        assert shelf.append() == 1, "the port promises the next number when nothing is appended"
        shelf.append("a")
        assert shelf.append() == 2, "the port promises the next number when nothing is appended"
        assert shelf.append("b") == 2, _NUMBERS

    def test_a_rollback_leaves_no_gap(self, shelf: Shelf) -> None:
        """Numbers of entries that were never saved are given again."""
        shelf.append("a")
        with (
            refused(DuplicateKeyError, "the port promises DuplicateKeyError for a taken key"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.append(shelf.events, [event("lost"), event("lost")])
            transaction.insert(shelf.people, [person("x"), person("x")])
        assert shelf.append("b") == 2, _NUMBERS
        assert shelf.logged() == [(1, "a"), (2, "b")], _NUMBERS

    def test_each_log_counts_for_itself(self, shelf: Shelf) -> None:
        """Numbers are not shared."""
        other = events_declared(fresh("events"))
        shelf.storage.prepare([other])
        shelf.append("a", "b")
        with shelf.storage.transaction(writes=True) as transaction:
            assert transaction.append(other, [event("x")]) == 1, _NUMBERS

    def test_an_entry_is_got_and_found_by_number_and_index(self, shelf: Shelf) -> None:
        """The number is the key, and what find orders by last."""
        shelf.append("a", "b", "a")
        with shelf.storage.transaction(writes=False) as transaction:
            second = transaction.get(shelf.events, 2)
            of_a = transaction.find(shelf.events, ("subject",), ["a"])
            later = transaction.find(shelf.events, (SEQUENCE,), after={SEQUENCE: 1})
        assert second == {**event("b"), SEQUENCE: 2}, (
            "the port promises an entry with its number and no version"
        )
        assert [row[SEQUENCE] for row in of_a] == [1, 3], "the port promises that find orders by number last"
        assert [row[SEQUENCE] for row in later] == [2, 3], "the port promises the entries after a number"

    def test_a_unique_key_of_a_log_holds(self, shelf: Shelf) -> None:
        """Declared keys bind logs too."""
        log = Collection(
            fresh("once"), (Field("message_id", FieldKind.TEXT),), unique=(("message_id",),), log=True
        )
        shelf.storage.prepare([log])
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.append(log, [{"message_id": "m1"}])
        promise = "the port promises that a unique key is never taken twice"
        with refused(DuplicateKeyError, promise) as refusal, shelf.storage.transaction(writes=True) as again:
            again.append(log, [{"message_id": "m2"}, {"message_id": "m1"}])
        assert refusal.error.key_fields == ("message_id",), (
            "the port promises that the error names the key's fields"
        )

    def test_a_log_is_only_appended_to(self, shelf: Shelf) -> None:
        """Neither insert nor replace touches it."""
        promise = "the port promises InvariantError for any write into a log but append"
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.insert(shelf.events, [event("a")])
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.events, event("a"), expected_version=1)
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.append(shelf.events, [{**event("a"), SEQUENCE: 7}])
        assert shelf.logged() == [], promise
