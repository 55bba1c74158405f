"""Concurrency: sixteen threads, and the outcome is that of one after the other."""

from typing import ClassVar

from dcss_core.errors import DuplicateKeyError
from dcss_core.ports.storage import Transaction
from dcss_core.testing.storage_conformance.shelf import (
    OnAShelf,
    Shelf,
    at_once,
    event,
    keep_trying,
    own_fields,
    person,
)

_ALONE = "the port promises that a writing transaction behaves as if it ran alone"


class Concurrency(OnAShelf):
    """What must hold whatever runs beside it."""

    threads: ClassVar[int] = 16
    rounds: ClassVar[int] = 5

    def test_no_update_is_lost_in_one_transaction(self, shelf: Shelf) -> None:
        """Read and replaced in one writing transaction."""
        shelf.insert(person("a"))

        def increment(transaction: Transaction) -> None:
            row = transaction.get(shelf.people, "a")
            assert row is not None, "the port promises that a committed record can be read"
            cents = int(row["balance_cents"] or 0)  # type: ignore[arg-type]
            more = {**own_fields(row), "balance_cents": cents + 1}
            transaction.replace(shelf.people, more, expected_version=int(row["version"]))  # type: ignore[arg-type]

        at_once(
            lambda _: [keep_trying(shelf.storage, increment) for _ in range(self.rounds)], threads=self.threads
        )
        total = self.threads * self.rounds
        assert shelf.get("a") == {**person("a", balance_cents=total), "version": total + 1}, (
            f"{_ALONE}: no update is lost"
        )

    def test_no_update_is_lost_between_two_transactions(self, shelf: Shelf) -> None:
        """Read in one transaction, replaced in another at the version that was read."""
        shelf.insert(person("a"))

        def increment(_: Transaction) -> None:
            raise NotImplementedError

        def read_then_replace(number: int) -> None:
            for _ in range(self.rounds):
                keep_trying_anew(shelf)

        del increment
        at_once(read_then_replace, threads=self.threads)
        total = self.threads * self.rounds
        assert shelf.get("a") == {**person("a", balance_cents=total), "version": total + 1}, (
            "the port promises that a record is replaced only at the expected version: no update is lost"
        )
