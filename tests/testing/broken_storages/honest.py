"""A storage that keeps every promise, to be broken in one place; and how a broken one is put before the kit.

What is kept stands in a MemoryStorage that outlives the storages on it, so a broken one can be durable too.
No test of the project's own: `test_storage_conformance_bites.py` runs the files beside this one and judges
the report. `@fails` says which test of the kit has to fail a storage.
"""

import os
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from hypothesis import Phase, settings

from dcss_core import testing
from dcss_core.errors import BackendError, OutcomeUnknownError
from dcss_core.memory import MemoryStorage
from dcss_core.ports.storage import Collection, Key, Row, Scalar, Transaction

settings.register_profile(
    "first failure", phases=[Phase.generate]
)  # which of them is smallest is all the same
settings.load_profile("first failure")


class HonestTransaction:
    """Passes every call on; a broken one passes on something else."""

    inner: Transaction

    def __init__(self, storage: "HonestStorage", *, writes: bool, wait_seconds: float | None = None) -> None:
        self.storage, self.writes = storage, writes
        self.block = storage.place.transaction(writes=writes, wait_seconds=wait_seconds)

    def __enter__(self) -> Any:
        self.storage.check()
        self.inner = self.block.__enter__()
        if self.writes:
            self.storage.at_work = weakref.ref(self)
        return _Handle(self)

    def __exit__(self, *raised: Any) -> None:
        self.storage.check_process()
        self.storage.at_work = None
        self.block.__exit__(*raised)
        if self.storage.loses_replies and raised[0] is None:
            raise OutcomeUnknownError("the commit was sent and no answer came")

    def get(self, collection: Collection, key: Key) -> Row | None:
        self.storage.check_process()
        return self.inner.get(collection, key)

    def get_each(self, collection: Collection, keys: Sequence[Key]) -> list[Row | None]:
        self.storage.check_process()
        return self.inner.get_each(collection, keys)

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        self.storage.check_process()
        self.inner.insert(collection, rows)

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        self.storage.check_process()
        self.inner.replace(collection, row, expected_version=expected_version)

    def append(self, log: Collection, rows: Sequence[Row], *, begins: bool = False) -> list[int]:
        self.storage.check_process()
        return self.inner.append(log, rows, begins=begins)

    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        self.storage.check_process()
        return self.inner.redact(log, fields, up_to=up_to, stream=stream)

    def delete(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> int:
        self.storage.check_process()
        return self.inner.delete(collection, index, equal_to, **bounds)

    def find(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> list[Row]:
        self.storage.check_process()
        return self.inner.find(collection, index, equal_to, **bounds)

    def find_each(self, collection: Collection, index: Any, values: Sequence[Scalar]) -> list[list[Row]]:
        self.storage.check_process()
        return self.inner.find_each(collection, index, values)

    def count(self, collection: Collection, index: Any, equal_to: Any = (), **bound: Any) -> int:
        self.storage.check_process()
        return self.inner.count(collection, index, equal_to, **bound)

    def sum(
        self, collection: Collection, field: str, index: Any, equal_to: Any = (), **bounds: Any
    ) -> Mapping[tuple[Scalar, ...], int]:
        self.storage.check_process()
        return self.inner.sum(collection, field, index, equal_to, **bounds)


class _Handle:
    """What a block hands out; whoever keeps it does not keep the block, which an interrupt may leave open."""

    def __init__(self, transaction: HonestTransaction) -> None:
        self._transaction = weakref.ref(transaction)

    def __getattr__(self, name: str) -> Any:
        transaction = self._transaction()
        if transaction is None:
            raise BackendError("the block of this transaction was left", retryable=False)
        return getattr(transaction, name)


class HonestStorage:
    """Passes every call on to the place where things are kept, until it is closed or its process forks."""

    transactions: ClassVar[type[HonestTransaction]] = HonestTransaction

    def __init__(self, place: MemoryStorage) -> None:
        self.place = place
        self.loses_replies = False
        self.at_work: Any = None
        self._closed = False
        self._process = os.getpid()

    @property
    def writes_one_at_a_time(self) -> bool:
        return self.place.writes_one_at_a_time

    @property
    def writer(self) -> Any:
        """The transaction that is writing, for those that look into it; nobody keeps it alive."""
        at_work = self.at_work and self.at_work()
        return at_work and at_work.inner

    def prepare(self, collections: Sequence[Collection]) -> None:
        self.check()
        self.place.prepare(collections)

    def transaction(self, *, writes: bool, wait_seconds: float | None = None) -> Any:
        return self.transactions(self, writes=writes, wait_seconds=wait_seconds)

    def close(self) -> None:
        self.check_process()
        self._closed = True

    def check(self) -> None:
        self.check_process()
        if self._closed:
            raise BackendError("this storage was closed", retryable=False)

    def check_process(self) -> None:
        if os.getpid() != self._process:
            raise BackendError("this storage was opened in another process", retryable=False)


def kit_of(storage_type: type[HonestStorage]) -> type[testing.StorageConformance]:
    """The kit for such a storage."""

    class Kit(testing.StorageConformance):
        durable = True

        @pytest.fixture
        def place(self) -> MemoryStorage:
            return MemoryStorage()

        @pytest.fixture
        def storage(self, place: MemoryStorage) -> HonestStorage:
            return storage_type(place)

        @pytest.fixture
        def reopen(self, place: MemoryStorage) -> Callable[[], HonestStorage]:
            return lambda: storage_type(place)

        @pytest.fixture
        def losing_replies(self, storage: HonestStorage) -> Any:
            @contextmanager
            def losing() -> Iterator[None]:
                storage.loses_replies = True
                yield
                storage.loses_replies = False

            return losing

    return Kit


def failing_in(module: dict[str, Any]) -> Callable[..., Any]:
    """The decorator `fails` of a file, whose globals these are."""

    def fails(test: str) -> Callable[[type], type]:
        """Let the kit run on such a storage, or one with such transactions; `test` must say so."""

        def broken(wrong: type) -> type:
            storage_type = wrong
            if issubclass(wrong, HonestTransaction):
                storage_type = type(wrong.__name__, (HonestStorage,), {"transactions": wrong})
            kit = kit_of(storage_type)
            assert hasattr(kit, test), test
            for other in {name for name in dir(kit) if name.startswith("test_")} - {test}:
                setattr(kit, other, None)  # else pytest makes all of them, for each storage
            module[f"Test{wrong.__name__}"] = kit
            return wrong

        return broken

    return fails


def currently(transaction: HonestTransaction) -> Any:
    """What is committed by now, whatever the transaction began with."""
    return transaction.storage.place.transaction(writes=False)


class Remembering(HonestTransaction):
    """Keeps what was replaced, erased or deleted, and what was rolled back; each with its collection."""

    def __enter__(self) -> Any:
        self.added: list[tuple[str, Row]] = []
        return super().__enter__()

    def __exit__(self, *raised: Any) -> None:
        super().__exit__(*raised)
        if raised[0] is not None:
            self.lost += self.added

    @property
    def older(self) -> list[tuple[str, Row]]:
        return self.storage.__dict__.setdefault("older", [])  # type: ignore[no-any-return]

    @property
    def lost(self) -> list[tuple[str, Row]]:
        return self.storage.__dict__.setdefault("lost", [])  # type: ignore[no-any-return]

    @lost.setter
    def lost(self, rows: list[tuple[str, Row]]) -> None:
        self.storage.__dict__["lost"] = rows

    def insert(self, collection: Collection, rows: Sequence[Row]) -> None:
        super().insert(collection, rows)
        self.added += [(collection.name, row) for row in rows]

    def replace(self, collection: Collection, row: Row, *, expected_version: int) -> None:
        old = self.get(collection, row[collection.key])
        super().replace(collection, row, expected_version=expected_version)
        self.older.append((collection.name, old or {}))
        self.added.append((collection.name, row))

    def redact(self, log: Collection, fields: Sequence[str], *, up_to: int, stream: Scalar = None) -> int:
        old = self.find(log, log.key_fields, () if stream is None else (stream,), at_most=up_to)
        self.older.extend((log.name, row) for row in old)
        return super().redact(log, fields, up_to=up_to, stream=stream)

    def delete(self, collection: Collection, index: Any, equal_to: Any = (), **bounds: Any) -> int:
        old = self.find(collection, index, equal_to, **bounds)
        self.older.extend((collection.name, row) for row in old)
        return super().delete(collection, index, equal_to, **bounds)


def among(rows: list[tuple[str, Row]], collection: Collection, index: Any, equal_to: Any) -> list[Row]:
    """Those of the collection that have these values."""
    fixed = dict(zip(index, equal_to, strict=False)).items()
    return [row for name, row in rows if name == collection.name and fixed <= row.items()]


class LateTransaction(HonestTransaction):
    """Looks at once and writes only when it ends, so that others write in between."""

    def __enter__(self) -> Any:
        self.late: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.writing = self.writes
        self.block = self.storage.place.transaction(writes=False)
        return super().__enter__()

    def __exit__(self, *raised: Any) -> None:
        self.block.__exit__(None, None, None)
        if raised[0] is None and self.late:
            with self.storage.place.transaction(writes=True, wait_seconds=30) as transaction:
                for name, args, options in self.late:
                    getattr(transaction, name)(*args, **options)

    def insert(self, *args: Any) -> None:
        self.late.append(("insert", args, {}))

    def replace(self, *args: Any, **options: Any) -> None:
        self.late.append(("replace", args, options))


TestHonestStorage = kit_of(HonestStorage)
