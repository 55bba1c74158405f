"""One of several processes on one storage. Run as a program, this file is such a process.

It reads what to open and what to work on, says that it is ready, and begins when it is told to, so that all
begin together. It prints what it was told by the storage. Nothing here needs pytest, which takes time to
import; so what the kit declares stands here too.
"""

import base64
import json
import pickle
import sys
from collections.abc import Callable
from typing import Any, Final, TypeVar

import attrs

from dcss_core.errors import BackendError, DuplicateKeyError, StaleVersionError
from dcss_core.ports.storage import VERSION, Collection, Field, FieldKind, Scalar, Storage

T = TypeVar("T")

_ATTEMPTS: Final = 10_000
READY: Final = "ready"


def people_declared(name: str) -> Collection:
    """Records with two unique keys, one of them of two fields."""
    return Collection(
        name=name,
        fields=(
            Field("person_id", FieldKind.TEXT),
            Field("email", FieldKind.TEXT, optional=True),
            Field("county", FieldKind.TEXT, optional=True),
            Field("number", FieldKind.INTEGER, optional=True),
            Field("balance_cents", FieldKind.INTEGER),
        ),
        key="person_id",
        unique=(("email",), ("county", "number")),
        indexes=(("county",),),
    )


def events_declared(name: str) -> Collection:
    """A log that can be found by its subject."""
    fields = (Field("subject", FieldKind.TEXT), Field("details", FieldKind.TEXT, optional=True))
    return Collection(name=name, fields=fields, indexes=(("subject",),), log=True)


def person(person_id: str, **other: Scalar) -> dict[str, Scalar]:
    """A row of `people`; what is not given is None, the balance 0."""
    return {
        "person_id": person_id,
        "email": None,
        "county": None,
        "number": None,
        "balance_cents": 0,
        **other,
    }


def event(subject: str) -> dict[str, Scalar]:
    """A row of `events`."""
    return {"subject": subject, "details": None}


def keep_trying(attempt: Callable[[], T]) -> T:
    """Attempt something again and again as long as somebody else was faster."""
    for _ in range(_ATTEMPTS):
        try:
            return attempt()
        except StaleVersionError:
            continue
        except BackendError as error:
            if not error.retryable:
                raise
    raise AssertionError("a writing transaction promises to get its turn; it was refused 10,000 times")


@attrs.frozen
class Task:
    """What one of the processes does: its number, the storage, the collections, and how often."""

    number: int
    opened: Callable[[], Storage]
    people_name: str
    events_name: str
    rounds: int

    @property
    def people(self) -> Collection:
        """The records."""
        return people_declared(self.people_name)

    @property
    def events(self) -> Collection:
        """The log."""
        return events_declared(self.events_name)

    def carry_out(self, storage: Storage) -> dict[str, list[Any]]:
        """Each round adds a cent to one record, tries to take one unique key, and appends an entry."""
        won, numbers = [], []
        for turn in range(self.rounds):
            keep_trying(lambda: self._add_a_cent(storage))
            if self._takes(storage, turn):
                won.append(turn)
            numbers += keep_trying(lambda: self._append(storage))
        return {"won": won, "numbers": numbers}

    def _add_a_cent(self, storage: Storage) -> None:
        with storage.transaction(writes=False) as transaction:
            row: Any = transaction.get(self.people, "shared")
        more = person("shared", balance_cents=row["balance_cents"] + 1)
        with storage.transaction(writes=True) as transaction:
            transaction.replace(self.people, more, expected_version=row[VERSION])

    def _takes(self, storage: Storage, turn: int) -> bool:
        wanted = person(f"{self.number}/{turn}", email=f"{turn}@example.org")

        def insert() -> None:
            with storage.transaction(writes=True) as transaction:
                transaction.insert(self.people, [wanted])

        try:
            keep_trying(insert)
        except DuplicateKeyError:
            return False
        return True

    def _append(self, storage: Storage) -> list[int]:
        with storage.transaction(writes=True) as transaction:
            return transaction.append(self.events, [event(f"{self.number}")])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main() -> None:
    """Do the task that the first line says, when the second line comes."""
    task: Task = pickle.loads(base64.b64decode(sys.stdin.readline()))  # noqa: S301  # from the test that started it
    storage = task.opened()
    storage.prepare([task.people, task.events])
    _say(READY)
    sys.stdin.readline()
    told = task.carry_out(storage)
    storage.close()
    _say(json.dumps(told))


if __name__ == "__main__":
    main()
