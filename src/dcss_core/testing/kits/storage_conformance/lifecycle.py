"""Lifecycle: prepared, opened again, closed, and forked."""

import os
import signal
import warnings
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from dcss_core.errors import BackendError, ConfigurationError, DuplicateKeyError, InvariantError
from dcss_core.ports.storage import Collection, Field, FieldKind
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

_SHAPES = "the port promises ConfigurationError when a stored shape differs from the declared one"
_CLOSED = "the port promises BackendError, not retryable, once the storage is closed"
_FORKED = "the port promises BackendError, not retryable, for everything in a forked child"
_CHILD_SECONDS: Final = 20


def _changed(people: Collection) -> dict[str, tuple[Collection, str]]:
    """Other declarations of the same name, each with what the error has to name."""
    name, fields, key, unique = people.name, people.fields, people.key, people.unique
    other = tuple(Field("number", FieldKind.TEXT, optional=True) if f.name == "number" else f for f in fields)
    required = tuple(Field("email", FieldKind.TEXT) if f.name == "email" else f for f in fields)
    added = (*fields, Field("phone", FieldKind.TEXT, optional=True))
    return {
        "another kind": (Collection(name, other, key, unique, people.indexes), f"{name}.number"),
        "no longer optional": (Collection(name, required, key, unique, people.indexes), f"{name}.email"),
        "a field more": (Collection(name, added, key, unique, people.indexes), f"{name}.phone"),
        "a field less": (Collection(name, fields[:-1], key, unique, people.indexes), f"{name}.balance_cents"),
        "another key": (Collection(name, fields, "balance_cents", unique, people.indexes), f"{name}: key"),
        "a unique key less": (Collection(name, fields, key, unique[:1], people.indexes), f"{name}: unique"),
        "an index more": (
            Collection(name, fields, key, unique, (("county",), ("number",))),
            f"{name}: indexes",
        ),
        "a log": (Collection(name, fields, unique=unique, indexes=people.indexes, log=True), f"{name}: log"),
        "a log of streams": (
            Collection(name, fields, unique=unique, indexes=people.indexes, log=True, stream="person_id"),
            f"{name}: stream",
        ),
    }


class Lifecycle(OnAShelf):
    """Prepare, close and, for a durable backend, open again."""

    def test_preparing_again_keeps_what_is_there(self, shelf: Shelf) -> None:
        """Every start prepares; fields may come in another order."""
        shelf.insert(person("a"))
        people = shelf.people
        turned = Collection(people.name, people.fields[::-1], people.key, people.unique[::-1], people.indexes)
        for declared in (people, turned, people):
            with allowed("the port promises that what is there can be prepared again"):
                shelf.storage.prepare([declared, shelf.events])
        assert shelf.get("a") == {**person("a"), "version": 1}, (
            "the port promises that prepare changes no record"
        )

    @pytest.mark.parametrize("change", _changed(people_declared("people")))
    def test_a_collection_of_another_shape_is_refused(self, shelf: Shelf, change: str) -> None:
        """Nothing is guessed, nothing is created, and the error says where."""
        shelf.insert(person("a", number=7))
        declared, where = _changed(shelf.people)[change]
        new = people_declared(fresh("people"))
        with refused(ConfigurationError, _SHAPES) as refusal:
            shelf.storage.prepare([new, declared])
        assert where in str(refusal.error), "the port promises that the error names collection and field"
        assert shelf.get("a") is not None, "the port promises that a refused prepare changes nothing"
        promise = "the port promises that prepare is all or nothing"
        with refused(InvariantError, promise), shelf.storage.transaction(writes=False) as transaction:
            transaction.get(new, "a")

    def test_one_call_can_not_declare_a_collection_twice_differently(self, shelf: Shelf) -> None:
        """A clash inside one call is caught as well."""
        new = people_declared(fresh("people"))
        with refused(ConfigurationError, _SHAPES):
            shelf.storage.prepare([new, _changed(new)["a field more"][0]])

    def test_closing_twice_does_nothing(self, shelf: Shelf) -> None:
        """Whoever cleans up need not know who did before."""
        shelf.storage.close()
        with allowed("the port promises that closing twice does nothing"):
            shelf.storage.close()

    @pytest.mark.parametrize("writes", [False, True])
    def test_a_closed_storage_has_no_transactions(self, shelf: Shelf, writes: bool) -> None:
        """Neither new ones nor any made before and begun after."""
        early = shelf.storage.transaction(writes=writes)
        shelf.storage.close()
        with refused(BackendError, _CLOSED) as refusal, shelf.storage.transaction(writes=writes):
            pass
        assert refusal.error.retryable is False, _CLOSED
        with refused(BackendError, _CLOSED), early:
            pass

    def test_a_closed_storage_is_not_prepared(self, shelf: Shelf) -> None:
        """Close is the end."""
        shelf.storage.close()
        with refused(BackendError, _CLOSED) as refusal:
            shelf.storage.prepare([shelf.people])
        assert refusal.error.retryable is False, _CLOSED

    def test_what_was_committed_is_there_after_reopening(
        self, shelf: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """Records, versions and entries; and the log goes on where it was."""
        shelf.insert(person("a", email="a@example.org"))
        with shelf.storage.transaction(writes=True) as transaction:
            transaction.replace(shelf.people, person("a", balance_cents=5), expected_version=1)
        shelf.append("a", "b")
        shelf.storage.close()
        again = open_again()
        kept = "the port promises that what was committed survives, if the backend is durable"
        assert again.get("a") == {**person("a", balance_cents=5), "version": 2}, kept
        assert again.logged() == [(1, "a"), (2, "b")], kept
        assert again.append("c") == [3], kept
        with refused(DuplicateKeyError, kept):
            again.insert(person("a"))

    def test_what_was_rolled_back_is_not_there_after_reopening(
        self, shelf: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """Durable is what was committed and nothing else."""
        with (
            refused(ZeroDivisionError, "the port promises that the exception leaves the block"),
            shelf.storage.transaction(writes=True) as transaction,
        ):
            transaction.insert(shelf.people, [person("a")])
            transaction.append(shelf.events, [event("a")])
            raise ZeroDivisionError
        shelf.storage.close()
        again = open_again()
        assert again.get("a") is None, "the port promises that a rollback leaves nothing behind"
        assert again.logged() == [], "the port promises that a rollback leaves nothing behind"

    def test_a_stored_shape_is_compared_after_reopening(
        self, shelf: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """The declaration is kept with the records."""
        shelf.storage.close()
        again = open_again()
        for declared, where in _changed(shelf.people).values():
            with refused(ConfigurationError, _SHAPES) as refusal:
                again.storage.prepare([declared])
            assert where in str(refusal.error), "the port promises that the error names collection and field"

    def test_two_storages_on_one_place_are_one_database(
        self, shelf: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """As two processes of a portal have it."""
        other = open_again()
        shelf.insert(person("a", email="a@example.org"))
        shared = "the port promises that what was committed is seen by all, if the backend is durable"
        assert other.get("a") is not None, shared
        with refused(DuplicateKeyError, "the port promises that a unique key is never taken twice"):
            other.insert(person("b", email="a@example.org"))
        assert [shelf.append("a"), other.append("b"), shelf.append("c")] == [[1], [2], [3]], (
            "the port promises that the numbers of a log have no gap, whatever runs beside it"
        )


class Forks(OnAShelf):
    """What a forked child may do with the storage of its parent: nothing."""

    @pytest.fixture
    def to_be_forked(self, shelf: Shelf) -> Shelf:
        """The shelf of a durable storage, on a system that forks."""
        if not self.durable or not hasattr(os, "fork"):
            pytest.skip("this backend does not say that it is durable, or this system does not fork")
        return shelf

    def test_a_forked_child_can_not_use_the_storage(
        self, to_be_forked: Shelf, open_again: Callable[[], Shelf]
    ) -> None:
        """Neither begin, prepare nor close; the parent goes on as if nothing was."""
        shelf = to_be_forked
        storage = shelf.storage
        shelf.insert(person("a"))
        wrong = _allowed_in_a_fork(
            {
                "reading": lambda: shelf.get("a"),
                "writing": lambda: shelf.insert(person("child")),
                "preparing what is there": lambda: storage.prepare([shelf.people]),
                "preparing something else": lambda: storage.prepare([people_declared(fresh("people"))]),
                "closing": storage.close,
                "reading after that": lambda: shelf.get("a"),
            }
        )
        assert wrong == "", _FORKED
        shelf.insert(person("b"))
        assert shelf.append("a") == [1], f"{_FORKED}, and the parent goes on"
        shelf.storage.close()
        again = open_again()
        assert again.get("child") is None, _FORKED
        assert again.get("b") is not None, "the port promises that what was committed survives a fork"

    @pytest.mark.parametrize("writes", [False, True])
    def test_a_forked_child_can_not_go_on_with_a_transaction(
        self, to_be_forked: Shelf, open_again: Callable[[], Shelf], writes: bool
    ) -> None:
        """Neither read, write nor commit; the parent does."""
        shelf = to_be_forked
        shelf.insert(person("a"))
        block = shelf.storage.transaction(writes=writes)
        with block as transaction:
            if writes:
                transaction.insert(shelf.people, [person("b")])
            wrong = _allowed_in_a_fork(
                {
                    "reading": lambda: transaction.get(shelf.people, "a"),
                    "finding": lambda: transaction.find(shelf.people, ("person_id",)),
                    "writing": lambda: transaction.insert(shelf.people, [person("child")]),
                    "committing": lambda: block.__exit__(None, None, None),
                }
            )
            assert wrong == "", _FORKED
            counted = transaction.count(shelf.people, ("person_id",))
            assert counted == 1 + writes, f"{_FORKED}, and the parent goes on"
        shelf.insert(person("c"))
        shelf.storage.close()
        again = open_again()
        assert again.get("child") is None, _FORKED
        assert (again.get("b") is not None) is writes, f"{_FORKED}, and the parent commits"
        assert again.get("c") is not None, "the port promises that what was committed survives a fork"


def _allowed_in_a_fork(calls: Mapping[str, Callable[[], object]]) -> str:
    """Which of these calls are not refused in a child as they should be, one a line."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of threads that the child does not have
        child = os.fork()
    if child == 0:  # pragma: no cover - in another process
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(_CHILD_SECONDS)  # a child that waits for ever ends the test and not the run
            os.write(writing, "".join(map(_not_refused, calls, calls.values())).encode())
            os._exit(0)
        finally:
            os._exit(1)
    os.close(writing)
    with os.fdopen(reading, encoding="utf-8") as pipe:
        wrong = pipe.read()
    _, status = os.waitpid(child, 0)
    return wrong if status == 0 else f"{wrong}the child ended with {status}"


def _not_refused(name: str, call: Callable[[], object]) -> str:
    try:
        call()
    except BackendError as error:
        return f"{name} is called retryable\n" if error.retryable else ""
    except BaseException as error:
        return f"{name} raised {type(error).__name__}: {error}\n"
    return f"{name} was allowed\n"
