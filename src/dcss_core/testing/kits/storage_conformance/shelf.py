"""Shelf: the collections a conformance test works with, and short ways to fill and read them."""

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any, ClassVar, Final, TypeVar

import attrs
import pytest

from dcss_core.errors import DcssError
from dcss_core.ports.storage import VERSION, Collection, Row, Scalar, Storage, Transaction
from dcss_core.testing.kits.storage_process import (
    event,
    events_declared,
    keep_trying,
    people_declared,
    person,
)

__all__ = [
    "OnAShelf",
    "Refusal",
    "Reopen",
    "Shelf",
    "allowed",
    "at_once",
    "event",
    "events_declared",
    "fresh",
    "keep_trying",
    "own_fields",
    "people_declared",
    "person",
    "promptly",
    "refused",
]

T = TypeVar("T")

Reopen = Callable[[], Storage]

_AT_ONCE_SECONDS: Final = (
    2.0  # less than any backend waits for a writer by itself, more than a busy machine needs
)


def fresh(name: str) -> str:
    """A collection's name that nobody has used, so that a database can be shared by runs."""
    return f"{name}_{secrets.token_hex(5)}"


def own_fields(row: Row) -> dict[str, Scalar]:
    """A row given back, without its version: what could be given in again."""
    return {name: value for name, value in row.items() if name != VERSION}


@attrs.frozen
class Shelf:
    """Collections prepared in the storage under test."""

    storage: Storage
    people: Collection
    events: Collection

    def write(self, work: Callable[[Transaction], T]) -> T:
        """Do some work in a writing transaction."""
        with self.storage.transaction(writes=True) as transaction:
            return work(transaction)

    def insert(self, *rows: Row) -> None:
        """Insert people in one transaction."""
        with self.storage.transaction(writes=True) as transaction:
            transaction.insert(self.people, rows)

    def get(self, person_id: str) -> Row | None:
        """Read one person in a transaction of its own."""
        with self.storage.transaction(writes=False) as transaction:
            return transaction.get(self.people, person_id)

    def append(self, *subjects: str) -> list[int]:
        """Append events in one transaction."""
        with self.storage.transaction(writes=True) as transaction:
            return transaction.append(self.events, [event(subject) for subject in subjects])

    def logged(self) -> list[tuple[Any, Any]]:
        """Number and subject of every event, by number."""
        with self.storage.transaction(writes=False) as transaction:
            return [(row["seq"], row["subject"]) for row in transaction.find(self.events, ("seq",))]


class OnAShelf:
    """What the parts of the kit share: fresh collections for each test, and what is said of the backend."""

    durable: ClassVar[bool] = False

    @pytest.fixture
    def shelf(self, storage: Storage) -> Shelf:
        """Fresh collections in the storage under test."""
        shelf = Shelf(storage, people_declared(fresh("people")), events_declared(fresh("events")))
        storage.prepare([shelf.people, shelf.events])
        return shelf

    @pytest.fixture
    def reopen(self) -> Reopen:
        """Open another storage on the same place; a durable backend overrides it."""
        raise NotImplementedError("a durable backend overrides the fixture `reopen`, as the kit's docs show")

    @pytest.fixture
    def open_again(self, request: pytest.FixtureRequest, shelf: Shelf) -> Callable[[], Shelf]:
        """Open another storage on the same place and prepare it; it is closed after the test."""
        if not self.durable:
            pytest.skip("this backend does not say that it is durable")
        reopen: Reopen = request.getfixturevalue("reopen")

        def opened() -> Shelf:
            storage = reopen()
            request.addfinalizer(storage.close)
            storage.prepare([shelf.people, shelf.events])
            return Shelf(storage, shelf.people, shelf.events)

        return opened


@attrs.define
class Refusal:
    """What was raised, once the block is left."""

    error: Any = None


@contextmanager
def refused(kind: type[BaseException], promise: str) -> Iterator[Refusal]:
    """Expect an error; any other outcome fails the test with the promise that was broken."""
    refusal = Refusal()
    try:
        yield refusal
    except kind as error:
        refusal.error = error
    except Exception as error:
        raise AssertionError(f"{promise}; but {type(error).__name__} was raised: {error}") from error
    else:
        raise AssertionError(f"{promise}; but nothing was raised")


@contextmanager
def allowed(promise: str) -> Iterator[None]:
    """Expect no error; one fails the test with the promise that was broken."""
    try:
        yield
    except DcssError as error:
        raise AssertionError(f"{promise}; but {type(error).__name__} was raised: {error}") from error


def at_once(work: Callable[[int], T], *, threads: int) -> list[T]:
    """Run the work in many threads that start together; gives the results, or raises what one raised."""
    start = Barrier(threads)

    def run(number: int) -> T:
        start.wait()
        return work(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(run, range(threads)))


def promptly(work: Callable[[], T], promise: str) -> T:
    """Do the work in another thread, and fail with the promise if it has to wait for somebody."""
    results: list[T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as error:
            errors.append(error)

    thread = Thread(target=run, daemon=True)  # so that one that waits for ever ends with the process
    thread.start()
    thread.join(_AT_ONCE_SECONDS)
    assert not thread.is_alive(), f"{promise}; but it waited"
    if errors:
        raise AssertionError(
            f"{promise}; but {type(errors[0]).__name__} was raised: {errors[0]}"
        ) from errors[0]
    return results[0]
