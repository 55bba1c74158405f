"""What the storage in memory does beyond the port: waiting, forgetting, and its URL."""

import pytest

from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.memory import MEMORY_STORAGE, MemoryStorage
from dcss_core.plugins import Collection, Field, FieldKind

COUNTERS = Collection(
    "counters", (Field("name", FieldKind.TEXT), Field("count", FieldKind.INTEGER)), key="name"
)


def count_to(storage: MemoryStorage, last: int) -> None:
    for version in range(1, last):
        with storage.transaction(writes=True) as transaction:
            transaction.replace(COUNTERS, {"name": "a", "count": version + 1}, expected_version=version)


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage(busy_timeout_seconds=0.01)
    storage.prepare([COUNTERS])
    with storage.transaction(writes=True) as transaction:
        transaction.insert(COUNTERS, [{"name": "a", "count": 1}])
    return storage


def test_it_is_declared_under_the_key_memory() -> None:
    storage = MEMORY_STORAGE.factory("memory:")
    storage.prepare([COUNTERS])
    assert MEMORY_STORAGE.key == "memory"


def test_each_opening_is_a_storage_of_its_own() -> None:
    one, other = MEMORY_STORAGE.factory("memory:"), MEMORY_STORAGE.factory("memory:")
    for each in (one, other):
        each.prepare([COUNTERS])
    with one.transaction(writes=True) as transaction:
        transaction.insert(COUNTERS, [{"name": "a", "count": 1}])
    with other.transaction(writes=False) as transaction:
        assert transaction.get(COUNTERS, "a") is None


@pytest.mark.parametrize("url", ["memory:agency", "memory://", "sqlite:///x", ""])
def test_any_other_url_is_refused(url: str) -> None:
    with pytest.raises(ConfigurationError, match="'memory:' and nothing more"):
        MEMORY_STORAGE.factory(url)


def test_a_second_writer_waits_and_is_told_to_try_again(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True), pytest.raises(BackendError) as refusal:
        storage.transaction(writes=True).__enter__()
    assert refusal.value.retryable


def test_the_writer_after_one_that_failed_gets_its_turn(storage: MemoryStorage) -> None:
    with pytest.raises(ZeroDivisionError), storage.transaction(writes=True):
        raise ZeroDivisionError
    count_to(storage, 2)


def test_a_transaction_does_not_begin_twice(storage: MemoryStorage) -> None:
    block = storage.transaction(writes=False)
    with block, pytest.raises(BackendError, match="begun already"):
        block.__enter__()


def test_two_readers_each_keep_the_version_they_began_with(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as first:
        count_to(storage, 2)
        with storage.transaction(writes=False) as second:
            with storage.transaction(writes=True) as transaction:
                transaction.replace(COUNTERS, {"name": "a", "count": 3}, expected_version=2)
            seen = [reader.find(COUNTERS, ("name",))[0]["count"] for reader in (first, second)]
    assert seen == [1, 2]


def test_closing_in_the_middle_of_a_transaction_ends_it(storage: MemoryStorage) -> None:
    with pytest.raises(BackendError, match="closed") as refusal, storage.transaction(writes=True):
        storage.close()
    assert refusal.value.retryable is False


def test_closing_in_the_middle_of_a_transaction_ends_its_calls(storage: MemoryStorage) -> None:
    block = storage.transaction(writes=False)
    reading = block.__enter__()
    storage.close()
    with pytest.raises(BackendError, match="closed"):
        reading.get(COUNTERS, "a")
