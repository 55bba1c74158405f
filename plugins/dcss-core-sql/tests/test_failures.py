"""What a failing database becomes: an error that says whether to try again."""

import sqlite3
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from threading import Timer

import pytest

from dcss_core.errors import BackendError, InvariantError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.storage import SqlStorage

PEOPLE = Collection(
    "people", (Field("person_id", FieldKind.TEXT), Field("note", FieldKind.TEXT)), key="person_id"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = SqlStorage(f"sqlite:///{file}", busy_timeout_seconds=0.05)
    storage.prepare([PEOPLE])
    yield storage
    storage.close()


def test_a_second_writer_of_this_process_is_told_to_try_again(storage: SqlStorage) -> None:
    with storage.transaction(writes=True), pytest.raises(BackendError) as refusal:
        storage.transaction(writes=True).__enter__()
    assert refusal.value.retryable


def test_a_writer_beside_another_process_is_told_to_try_again_and_can(
    storage: SqlStorage, file: Path
) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(BackendError) as refusal:
            storage.transaction(writes=True).__enter__()
        other.execute("COMMIT")
    assert refusal.value.retryable
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": "a", "note": ""}])


@pytest.mark.parametrize("locking", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_opening_beside_a_locked_file_is_told_to_try_again(file: Path, locking: str) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute(locking)
        with pytest.raises(BackendError) as refusal:
            SqlStorage(f"sqlite:///{file}", busy_timeout_seconds=0.05)
    assert refusal.value.retryable


def test_opening_waits_for_another_process_that_is_about_to_finish(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        finish = Timer(0.1, other.execute, ["COMMIT"])
        finish.start()
        SqlStorage(f"sqlite:///{file}").close()
        finish.join()


def test_a_damaged_file_is_no_reason_to_try_again(storage: SqlStorage, file: Path) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": str(n), "note": "walrus" * 500} for n in range(100)])
    storage.close()  # the log is written back into the file
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:8192] + b"\xff" * (size - 8192))
    damaged = SqlStorage(f"sqlite:///{file}")
    with pytest.raises(BackendError, match="SQLITE_CORRUPT") as refusal:
        read_all(damaged)
    damaged.close()
    assert refusal.value.retryable is False
    assert "walrus" not in str(refusal.value)


def read_all(storage: SqlStorage) -> None:
    storage.prepare([PEOPLE])
    with storage.transaction(writes=False) as transaction:
        transaction.find(PEOPLE, ("person_id",))


def test_a_full_disk_saves_nothing_and_the_storage_goes_on(storage: SqlStorage) -> None:
    with pytest.raises(BackendError, match="SQLITE_FULL") as refusal:
        fill_the_disk(storage)
    assert refusal.value.retryable is False
    with storage.transaction(writes=True) as transaction:
        assert transaction.find(PEOPLE, ("person_id",)) == []
        transaction.insert(PEOPLE, [{"person_id": "a", "note": ""}])


def fill_the_disk(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": "a", "note": ""}])
        # the page limit of this connection stands for the end of the disk
        transaction._connection.driver_connection.execute("PRAGMA max_page_count = 1")
        transaction.insert(PEOPLE, [{"person_id": "b", "note": "x" * 1_000_000}])


def test_a_commit_that_fails_raises_and_saves_nothing(storage: SqlStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        connection = transaction._connection.driver_connection
        connection.executescript("PRAGMA foreign_keys = ON")  # commits, and holds for what comes
    with pytest.raises(BackendError, match="SQLITE_CONSTRAINT_FOREIGNKEY") as refusal:
        fail_at_the_commit(storage)
    assert refusal.value.retryable is False
    with storage.transaction(writes=True) as transaction:
        assert transaction.get(PEOPLE, "a") is None
        transaction.insert(PEOPLE, [{"person_id": "a", "note": ""}])


def fail_at_the_commit(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": "a", "note": ""}])
        connection = transaction._connection.driver_connection
        # a deferred constraint is checked by the commit itself
        connection.execute("CREATE TABLE parents (a INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE children (a REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")
        connection.execute("INSERT INTO children VALUES (1)")


@pytest.mark.parametrize("writes", [False, True])
def test_a_file_that_vanished_is_no_reason_to_try_again(
    storage: SqlStorage, file: Path, writes: bool
) -> None:
    with storage.transaction(writes=False):  # the one pooled connection is taken
        for each in file.parent.iterdir():
            each.unlink()
        file.parent.rmdir()
        with pytest.raises(BackendError, match="SQLITE_CANTOPEN") as refusal:
            storage.transaction(writes=writes).__enter__()
    assert refusal.value.retryable is False


def test_a_transaction_begins_with_its_block(storage: SqlStorage) -> None:
    with pytest.raises(BackendError, match="not begun"):
        storage.transaction(writes=False).get(PEOPLE, "a")


def test_reading_leaves_nothing_open_that_keeps_the_log_from_being_written_back(
    storage: SqlStorage, file: Path
) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": "a", "note": ""}])
    with storage.transaction(writes=False) as transaction:
        transaction.get(PEOPLE, "a")
    with closing(sqlite3.connect(file)) as other:
        [(was_blocked, *_)] = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    assert was_blocked == 0


def test_what_is_redacted_is_overwritten_in_the_file(file: Path) -> None:
    notes = Collection("notes", (Field("text", FieldKind.TEXT, optional=True),), log=True)
    storage = SqlStorage(f"sqlite:///{file}")
    storage.prepare([notes])
    with storage.transaction(writes=True) as transaction:
        transaction.append(notes, [{"text": f"walrus {number} " * 20} for number in range(200)])
    with storage.transaction(writes=True) as transaction:
        transaction.redact(notes, ["text"], up_to=200)
    storage.close()  # the log is written back into the file
    assert b"walrus" not in b"".join(each.read_bytes() for each in file.parent.iterdir())


def test_a_value_that_was_never_written_here_is_said_and_not_shown(storage: SqlStorage, file: Path) -> None:
    days = Collection("days", (Field("day", FieldKind.DATE),), log=True)
    storage.prepare([days])
    with closing(sqlite3.connect(file)) as other:
        other.execute("INSERT INTO days (day, seq) VALUES ('walrus', 1)")
        other.commit()
    with pytest.raises(InvariantError, match=r"days\.day can't be read") as refusal:
        read_first(storage, days)
    assert "walrus" not in str(refusal.value)


def test_a_text_that_is_no_utf_8_is_said_and_not_shown(storage: SqlStorage, file: Path) -> None:
    notes = Collection("notes", (Field("note", FieldKind.TEXT),), log=True)
    storage.prepare([notes])
    with closing(sqlite3.connect(file)) as other:
        other.execute("INSERT INTO notes (note, seq) VALUES (CAST(x'ff' || 'walrus' AS TEXT), 1)")
        other.commit()
    with pytest.raises(InvariantError, match="no UTF-8") as refusal:
        read_first(storage, notes)
    assert "walrus" not in "".join(traceback.format_exception(refusal.value))


def read_first(storage: SqlStorage, log: Collection) -> None:
    with storage.transaction(writes=False) as transaction:
        transaction.get(log, 1)
