"""Who waits for whom, for how long, and who does not wait at all."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Timer

import pytest

from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

PEOPLE = Collection("people", (Field("person_id", FieldKind.TEXT),), key="person_id")
OTHER_PEOPLE = Collection("people", (Field("person_id", FieldKind.INTEGER),), key="person_id")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{file}?busy_seconds=0")
    storage.prepare([PEOPLE])
    yield storage
    storage.close()


def insert(storage: SqlStorage, name: str, wait_seconds: float | None = None) -> None:
    with storage.transaction(writes=True, wait_seconds=wait_seconds) as transaction:
        transaction.insert(PEOPLE, [{"person_id": name}])


@contextmanager
def a_long_writer(file: Path) -> Iterator[sqlite3.Connection]:
    """Another program that holds the file's lock."""
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


def test_a_second_writer_of_this_process_is_told_to_try_again(storage: SqlStorage) -> None:
    with storage.transaction(writes=True), pytest.raises(BackendError) as refusal:
        storage.transaction(writes=True).__enter__()
    assert refusal.value.retryable


def test_a_writer_beside_another_process_is_told_to_try_again_and_can(
    storage: SqlStorage, file: Path
) -> None:
    with a_long_writer(file) as other:
        with pytest.raises(BackendError) as refusal:
            insert(storage, "a")
        other.execute("COMMIT")
    assert refusal.value.retryable
    insert(storage, "a")


def test_a_reader_does_not_wait_for_a_writer(storage: SqlStorage, file: Path) -> None:
    with a_long_writer(file), storage.transaction(writes=False, wait_seconds=0) as transaction:
        assert transaction.get(PEOPLE, "a") is None


def test_a_reader_whom_the_database_keeps_off_is_told_to_try_again(storage: SqlStorage, file: Path) -> None:
    storage._database.before_fork()  # so that somebody else can have the file for himself
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("PRAGMA locking_mode=EXCLUSIVE")
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackendError) as refusal:
            storage.transaction(writes=False, wait_seconds=0.01).__enter__()
    assert refusal.value.retryable


def test_a_reader_sees_what_it_saw_when_its_block_was_entered(storage: SqlStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        insert(storage, "a")
        assert transaction.get(PEOPLE, "a") is None


def test_a_writer_waits_for_another_process_until_it_is_its_turn(storage: SqlStorage, file: Path) -> None:
    with a_long_writer(file) as other:
        finish = Timer(0.1, other.execute, ["COMMIT"])
        finish.start()
        insert(storage, "a", wait_seconds=20)
        assert not other.in_transaction  # it came after the other had committed, and not beside it
        finish.join()
    with storage.transaction(writes=False) as transaction:
        assert transaction.get(PEOPLE, "a") is not None


def seconds_waited(storage: SqlStorage, wait_seconds: float) -> float:
    begun = time.monotonic()
    with pytest.raises(BackendError):
        storage.transaction(writes=True, wait_seconds=wait_seconds).__enter__()
    return time.monotonic() - begun


def test_the_wait_for_the_turn_is_taken_off_the_wait_for_the_file(storage: SqlStorage, file: Path) -> None:
    with a_long_writer(file):
        first = threading.Thread(target=seconds_waited, args=[storage, 0.5])  # has its turn, but not the file
        first.start()
        while not storage._database._line._claims:
            time.sleep(0.001)
        waited = seconds_waited(storage, 0.8)
        first.join()
    assert 0.8 <= waited < 1.2  # behind the first for 0.5 seconds, and 0.3 for the file


def test_writers_of_one_process_come_in_the_order_of_their_arrival(storage: SqlStorage) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with storage.transaction(writes=True, wait_seconds=60):
            order.append(number)

    threads = [threading.Thread(target=write, args=[number]) for number in range(8)]
    with storage.transaction(writes=True):
        for number, thread in enumerate(threads):
            thread.start()
            while len(storage._database._line._claims) < number + 2:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_who_gives_up_waiting_holds_up_nobody(storage: SqlStorage) -> None:
    with storage.transaction(writes=True), pytest.raises(BackendError):
        storage.transaction(writes=True, wait_seconds=0.05).__enter__()
    insert(storage, "a", wait_seconds=0)


@pytest.mark.parametrize("locking", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_opening_a_new_file_that_is_locked_is_told_to_try_again(file: Path, locking: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(locking)
        with pytest.raises(BackendError) as refusal:
            open_storage(f"sqlite:///{file}?busy_seconds=0")
    assert refusal.value.retryable


def test_opening_waits_for_another_process_that_is_about_to_finish(file: Path) -> None:
    with a_long_writer(file) as other:
        finish = Timer(0.1, other.execute, ["COMMIT"])
        finish.start()
        opened = open_storage(f"sqlite:///{file}")
        assert not other.in_transaction
        finish.join()
    file.chmod(0o600)  # the other made it
    opened.prepare([PEOPLE])
    insert(opened, "a")
    opened.close()


def test_opening_what_is_there_waits_for_nobody(storage: SqlStorage, file: Path) -> None:
    with a_long_writer(file):
        again = open_storage(f"sqlite:///{file}?busy_seconds=0")
        again.prepare([PEOPLE])
        with again.transaction(writes=False) as transaction:
            assert transaction.get(PEOPLE, "a") is None
        again.close()


def test_opening_writes_nothing_where_nothing_is_missing(storage: SqlStorage, file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        before = other.execute("PRAGMA data_version").fetchall()
        again = open_storage(f"sqlite:///{file}")
        again.prepare([PEOPLE])
        assert other.execute("PRAGMA data_version").fetchall() == before
        again.close()


def prepared_at_once(url: str, *declared: Collection) -> list[str]:
    """What came of two that prepare at once."""
    barrier = threading.Barrier(len(declared))
    came: list[str] = []

    def prepare(each: Collection) -> None:
        storage = open_storage(url)
        barrier.wait()
        try:
            storage.prepare([each])
            came.append("prepared")
        except ConfigurationError as error:
            came.append(f"{error}")
        storage.close()

    threads = [threading.Thread(target=prepare, args=[each]) for each in declared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came


def test_two_that_prepare_the_same_at_once_both_can(tmp_path: Path) -> None:
    for number in range(20):
        assert prepared_at_once(f"sqlite:///{tmp_path}/{number}.db", PEOPLE, PEOPLE) == ["prepared"] * 2


def test_two_that_prepare_different_shapes_at_once_get_one_table_and_one_error(tmp_path: Path) -> None:
    for number in range(20):
        came = prepared_at_once(f"sqlite:///{tmp_path}/{number}.db", PEOPLE, OTHER_PEOPLE)
        assert came.count("prepared") == 1
        [refusal] = [each for each in came if each != "prepared"]
        assert "people.person_id: found" in refusal
