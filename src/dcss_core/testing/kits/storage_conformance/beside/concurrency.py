"""Concurrency: sixteen threads, and the outcome is that of one after the other."""

from collections.abc import Callable
from typing import Any, ClassVar

from dcss_core.errors import DuplicateKeyError
from dcss_core.ports.storage import VERSION, Row, Transaction
from dcss_core.testing.kits.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    at_once,
    event,
    keep_trying,
    own_fields,
    person,
)

_ALONE = "the port promises that a writing transaction behaves as if it ran alone"
_EXPECTED_VERSION = "the port promises that a record is replaced only at the expected version"


def _with_one_cent_more(transaction: Transaction, shelf: Shelf, row: Row | None) -> None:
    assert row is not None, "the port promises that a committed record can be read"
    old: dict[str, Any] = dict(row)
    more = {**own_fields(row), "balance_cents": old["balance_cents"] + 1}
    transaction.replace(shelf.people, more, expected_version=old[VERSION])


class Concurrency(OnAShelf):
    """What must hold whatever runs beside it."""

    threads: ClassVar[int] = 16
    rounds: ClassVar[int] = 5

    def test_no_update_is_lost_in_one_transaction(self, shelf: Shelf) -> None:
        """Read and replaced in one writing transaction."""

        def increment(transaction: Transaction) -> None:
            _with_one_cent_more(transaction, shelf, transaction.get(shelf.people, "a"))

        def increment_often(_: int) -> None:
            for _ in range(self.rounds):
                keep_trying(lambda: shelf.write(increment))

        shelf.insert(person("a"))
        at_once(increment_often, threads=self.threads)
        self._expect_every_cent(shelf, f"{_ALONE}: no update is lost")

    def test_no_update_is_lost_between_two_transactions(self, shelf: Shelf) -> None:
        """Read in one transaction, replaced in another at the version that was read."""

        def increment() -> None:
            row = shelf.get("a")
            shelf.write(lambda transaction: _with_one_cent_more(transaction, shelf, row))

        def increment_often(_: int) -> None:
            for _ in range(self.rounds):
                keep_trying(increment)

        shelf.insert(person("a"))
        at_once(increment_often, threads=self.threads)
        self._expect_every_cent(shelf, f"{_EXPECTED_VERSION}: no update is lost")

    def _expect_every_cent(self, shelf: Shelf, promise: str) -> None:
        total = self.threads * self.rounds
        assert shelf.get("a") == {**person("a", balance_cents=total), VERSION: total + 1}, promise

    def test_a_unique_key_is_taken_once(self, shelf: Shelf) -> None:
        """Whoever comes second is told so."""

        def take(number: int) -> bool:
            wanted = person(f"p{number}", email="wanted@example.org")
            try:
                keep_trying(lambda: shelf.insert(wanted))
            except DuplicateKeyError:
                return False
            return True

        won = at_once(take, threads=self.threads)
        assert sum(won) == 1, (
            "the port promises that a unique key is never taken twice, whatever runs beside it"
        )
        with shelf.storage.transaction(writes=False) as transaction:
            [row] = transaction.find(shelf.people, ("email",), ["wanted@example.org"])
        assert row["person_id"] == f"p{won.index(True)}", (
            "the port promises that the one who was not refused has it"
        )

    def test_what_was_not_there_is_inserted_once(self, shelf: Shelf) -> None:
        """Looking for a record and inserting it is one act; no unique key is needed for that."""
        self._expect_one_insert(
            shelf, lambda transaction: len(transaction.find(shelf.people, ("county",), ["Fulton"]))
        )

    def test_what_was_not_counted_is_inserted_once(self, shelf: Shelf) -> None:
        """Counting records and inserting one is one act as well."""
        self._expect_one_insert(
            shelf, lambda transaction: transaction.count(shelf.people, ("county",), ["Fulton"])
        )

    def _expect_one_insert(self, shelf: Shelf, living_there: Callable[[Transaction], int]) -> None:
        def insert_if_nobody_lives_there(transaction: Transaction, number: int) -> None:
            if not living_there(transaction):
                transaction.insert(shelf.people, [person(f"p{number}", county="Fulton")])

        def attempt(number: int) -> None:
            keep_trying(
                lambda: shelf.write(lambda transaction: insert_if_nobody_lives_there(transaction, number))
            )

        at_once(attempt, threads=self.threads)
        with shelf.storage.transaction(writes=False) as transaction:
            found = transaction.find(shelf.people, ("county",), ["Fulton"])
        assert len(found) == 1, f"{_ALONE}: what it did not find is not there when it commits"

    def test_a_log_has_no_gap_whoever_appends(self, shelf: Shelf) -> None:
        """Some threads roll back; each of the others finds its entries at the number it was told."""

        def append(number: int) -> list[tuple[int, str]]:
            return [pair for turn in range(self.rounds) for pair in append_pair(f"{number}/{turn}")]

        def append_pair(subject: str) -> list[tuple[int, str]]:
            numbers = keep_trying(lambda: shelf.append(subject, subject))
            self._append_in_vain(shelf)
            return [(number, subject) for number in numbers]

        told = [entry for entries in at_once(append, threads=self.threads) for entry in entries]
        assert [number for number, _ in shelf.logged()] == list(range(1, len(told) + 1)), (
            "the port promises that the numbers of a log start at 1 and have no gap"
        )
        assert shelf.logged() == sorted(told), (
            "the port promises that append returns the numbers of the entries"
        )

    def _append_in_vain(self, shelf: Shelf) -> None:
        class _InVainError(Exception):
            pass

        def append(transaction: Transaction) -> None:
            transaction.append(shelf.events, [event("in vain")])
            raise _InVainError

        try:
            keep_trying(lambda: shelf.write(append))
        except _InVainError:
            return
