"""Logs: entries that are appended, numbered from 1 without a gap, and redacted from the beginning."""

from collections.abc import Sequence
from typing import Any

import pytest

from dcss_core.errors import DuplicateKeyError, InvalidInputError, InvariantError
from dcss_core.ports.storage import SEQUENCE, Collection, Field, FieldKind
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    event,
    events_declared,
    fresh,
    person,
    refused,
)

_NUMBERS = "the port promises that the numbers of a log start at 1 and have no gap"
_TOLD = "the port promises that append returns the numbers of the entries, in their order"
_REDACTED = "the port promises that redact erases the named fields up to the number and nothing else"
_LOST = "the port promises that redact tells how many entries lost something"


class Logs(OnAShelf):
    """Append, and reading what was appended."""

    def test_entries_are_numbered_from_1_in_order(self, shelf: Shelf) -> None:
        """Across calls and transactions."""
        with shelf.storage.transaction(writes=True) as transaction:
            assert transaction.append(shelf.events, [event("a"), event("b")]) == [1, 2], _TOLD
            assert transaction.append(shelf.events, [event("c")]) == [3], _TOLD
        assert shelf.append("d", "e") == [4, 5], _TOLD
        assert shelf.logged() == list(enumerate("abcde", start=1)), _NUMBERS

    def test_appending_nothing_tells_no_number(self, shelf: Shelf) -> None:
        """And uses none up."""
        assert shelf.append() == [], _TOLD
        shelf.append("a")
        assert shelf.append() == [], _TOLD
        assert shelf.append("b") == [2], _NUMBERS

    def test_a_log_begins_once(self, shelf: Shelf) -> None:
        """Where there are no streams, the log itself is what begins."""
        with shelf.storage.transaction(writes=True) as transaction:
            assert transaction.append(shelf.events, [event("a"), event("b")], begins=True) == [1, 2], _TOLD
        promise = "the port promises DuplicateKeyError where what begins has an entry already"
        with refused(DuplicateKeyError, promise) as refusal, shelf.storage.transaction(writes=True) as again:
            again.append(shelf.events, [event("lost")], begins=True)
        assert refusal.error.key_fields == (SEQUENCE,), (
            "the port promises that the error names the key's fields"
        )
        assert shelf.append("c") == [3], _NUMBERS

    def test_a_rollback_leaves_no_gap(self, shelf: Shelf) -> None:
        """Numbers of entries that were never saved are given again."""
        shelf.append("a")
        with (
            refused(DuplicateKeyError, "the port promises DuplicateKeyError for a taken key"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.append(shelf.events, [event("lost"), event("lost")])
            transaction.insert(shelf.people, [person("x"), person("x")])
        assert shelf.append("b") == [2], _NUMBERS
        assert shelf.logged() == [(1, "a"), (2, "b")], _NUMBERS

    def test_each_log_counts_for_itself(self, shelf: Shelf) -> None:
        """Numbers are not shared."""
        other = events_declared(fresh("events"))
        shelf.storage.prepare([other])
        shelf.append("a", "b")
        with shelf.storage.transaction(writes=True) as transaction:
            assert transaction.append(other, [event("x")]) == [1], _NUMBERS

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


class Redaction(OnAShelf):
    """What becomes of entries whose retention has ended."""

    @pytest.fixture
    def notes(self, shelf: Shelf) -> Collection:
        """A log of five entries, whose fields may be erased but for one."""
        notes = Collection(
            fresh("notes"),
            (
                Field("kind", FieldKind.TEXT),
                Field("who", FieldKind.TEXT, optional=True),
                Field("salt", FieldKind.BYTES, optional=True),
            ),
            indexes=(("who",),),
            log=True,
        )
        shelf.storage.prepare([notes])
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.append(notes, [{"kind": kind, "who": "a", "salt": b"\x00"} for kind in "vwxyz"])
        return notes

    def test_fields_are_erased_up_to_a_number_and_nothing_else_is(
        self, shelf: Shelf, notes: Collection
    ) -> None:
        """Numbers, other fields and later entries stay, and the log goes on."""
        with shelf.storage.transaction(writes=True) as transaction:
            assert transaction.redact(notes, ["who"], up_to=3) == 3, _LOST
            own = transaction.find(notes, (SEQUENCE,), limit=1)
            assert transaction.append(notes, [{"kind": "n", "who": "b", "salt": None}]) == [6], _NUMBERS
        assert own == [{"kind": "v", "who": None, "salt": b"\x00", SEQUENCE: 1}], _REDACTED
        assert _noted(shelf, notes) == [
            *((1, "v", None, b"\x00"), (2, "w", None, b"\x00"), (3, "x", None, b"\x00")),
            *((4, "y", "a", b"\x00"), (5, "z", "a", b"\x00"), (6, "n", "b", None)),
        ], _REDACTED

    def test_what_is_erased_already_is_left_alone(self, shelf: Shelf, notes: Collection) -> None:
        """So a second round counts only what it did; a number past the end means all."""
        counts = []
        for up_to in (0, 2, 2, 99, 99):
            with shelf.storage.transaction(writes=True) as transaction:
                counts.append(transaction.redact(notes, ["who", "salt"], up_to=up_to))
        assert counts == [0, 2, 0, 3, 0], _LOST
        assert {row[2:] for row in _noted(shelf, notes)} == {(None, None)}, _REDACTED

    def test_an_entry_is_no_more_found_by_what_was_erased(self, shelf: Shelf, notes: Collection) -> None:
        """Not even through an index."""
        shelf.write(lambda work: work.redact(notes, ["who"], up_to=3))
        with shelf.storage.transaction(writes=False) as transaction:
            by_name = [row[SEQUENCE] for row in transaction.find(notes, ("who",), ["a"])]
            by_none = [row[SEQUENCE] for row in transaction.find(notes, ("who",), [None])]
            counted = [transaction.count(notes, ("who",), [who]) for who in ("a", None)]
        assert by_name == [4, 5], _REDACTED
        assert by_none == [1, 2, 3], _REDACTED
        assert counted == [2, 3], f"{_REDACTED}, and what is erased is not counted"

    def test_a_redaction_that_is_rolled_back_erases_nothing(self, shelf: Shelf, notes: Collection) -> None:
        """It is part of its transaction."""
        before = _noted(shelf, notes)
        with (
            refused(DuplicateKeyError, "the port promises DuplicateKeyError for a taken key"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.redact(notes, ["who", "salt"], up_to=5)
            transaction.insert(shelf.people, [person("x"), person("x")])
        assert _noted(shelf, notes) == before, "the port promises that a transaction is all or nothing"

    def test_a_reader_keeps_what_is_erased_meanwhile(self, shelf: Shelf, notes: Collection) -> None:
        """Its snapshot has no hole."""
        with shelf.storage.transaction(writes=False) as reading:
            before = reading.find(notes, (SEQUENCE,))
            shelf.write(lambda work: work.redact(notes, ["who"], up_to=5))
            assert reading.find(notes, (SEQUENCE,)) == before, (
                "the port promises a reading transaction one stable snapshot"
            )
        assert {row[2] for row in _noted(shelf, notes)} == {None}, _REDACTED

    @pytest.mark.parametrize(
        "fields", [["kind"], ["who", "kind"], ["height"], [SEQUENCE], []], ids=lambda fields: "+".join(fields)
    )
    def test_only_optional_fields_are_erased(
        self, shelf: Shelf, notes: Collection, fields: Sequence[str]
    ) -> None:
        """A field that can't be None, or is none, is a mistake, and so is no field at all."""
        before = _noted(shelf, notes)
        promise = "the port promises InvariantError for redacting a field that is not optional"
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.redact(notes, fields, up_to=5)
        assert _noted(shelf, notes) == before, promise

    def test_only_logs_are_redacted(self, shelf: Shelf) -> None:
        """Records are replaced instead."""
        shelf.insert(person("a", email="a@example.org"))
        promise = "the port promises InvariantError for redacting what is no log"
        with refused(InvariantError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.redact(shelf.people, ["email"], up_to=1)

    @pytest.mark.parametrize("up_to", [None, "3", True, 2**63])
    def test_entries_are_counted_by_numbers(self, shelf: Shelf, notes: Collection, up_to: Any) -> None:
        """Anything else is a mistake."""
        promise = "the port promises InvalidInputError for what is no number of an entry"
        with refused(InvalidInputError, promise), shelf.storage.transaction(writes=True) as transaction:
            transaction.redact(notes, ["who"], up_to=up_to)


def _noted(shelf: Shelf, notes: Collection) -> list[tuple[Any, ...]]:
    with shelf.storage.transaction(writes=False) as transaction:
        rows = transaction.find(notes, (SEQUENCE,))
    return [(row[SEQUENCE], row["kind"], row["who"], row["salt"]) for row in rows]
