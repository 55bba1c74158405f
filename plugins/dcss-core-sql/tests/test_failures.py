"""What a failing database becomes: an error that says whether to try again."""

import os
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dcss_core.errors import BackendError, InvariantError, OutcomeUnknownError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

PEOPLE = Collection(
    "people", (Field("person_id", FieldKind.TEXT), Field("note", FieldKind.TEXT)), key="person_id"
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{file}?busy_seconds=0")
    storage.prepare([PEOPLE])
    yield storage
    storage.close()


def test_a_damaged_file_is_no_reason_to_try_again(storage: SqlStorage, file: Path) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": str(n), "note": "walrus" * 500} for n in range(100)])
    storage.close()  # the log is written back into the file
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:8192] + b"\xff" * (size - 8192))
    damaged = open_storage(f"sqlite:///{file}")
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
        transaction.cursor.connection.execute("PRAGMA max_page_count = 1")
        transaction.insert(PEOPLE, [{"person_id": "b", "note": "x" * 1_000_000}])


def test_a_commit_that_fails_raises_and_saves_nothing(storage: SqlStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        connection = transaction.cursor.connection
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
        connection = transaction.cursor.connection
        # a deferred constraint is checked by the commit itself
        connection.execute("CREATE TABLE parents (a INTEGER PRIMARY KEY)")
        connection.execute("CREATE TABLE children (a REFERENCES parents DEFERRABLE INITIALLY DEFERRED)")
        connection.execute("INSERT INTO children VALUES (1)")


def test_a_database_that_was_removed_is_not_written_to(storage: SqlStorage, file: Path) -> None:
    file.unlink()
    with pytest.raises(BackendError, match="moved, removed or replaced") as refusal:
        insert(storage, "a")
    assert refusal.value.retryable is False
    assert not file.exists()


def test_a_database_that_was_replaced_is_neither_written_to_nor_mixed_up(
    storage: SqlStorage, file: Path, tmp_path: Path
) -> None:
    other = open_storage(f"sqlite:///{tmp_path}/other.db")
    other.prepare([PEOPLE])
    insert(other, "of the other")
    other.close()
    os.replace(tmp_path / "other.db", file)
    with pytest.raises(BackendError, match="moved, removed or replaced"):
        insert(storage, "a")
    with storage.transaction(writes=False) as transaction:
        assert transaction.find(PEOPLE, ("person_id",)) == []  # a connection to the file that was opened
        with pytest.raises(BackendError, match="moved, removed or replaced"):
            storage.transaction(writes=False).__enter__()


def test_a_database_that_was_put_back_is_written_to_again(storage: SqlStorage, file: Path) -> None:
    file.rename(file.parent / "elsewhere.db")
    with pytest.raises(BackendError):
        insert(storage, "a")
    (file.parent / "elsewhere.db").rename(file)
    insert(storage, "a")


def insert(storage: SqlStorage, name: str) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"person_id": name, "note": ""}])


def commit_beyond_what_the_disk_takes(file: str) -> None:
    """A process whose files may not grow fails in the middle of the commit."""
    import resource

    storage = open_storage(f"sqlite:///{file}")
    storage.prepare([PEOPLE])
    insert(storage, "before")
    may, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (os.stat(f"{file}-wal").st_size, most))
    try:
        insert(storage, "lost")
    except OutcomeUnknownError as error:
        sys.stdout.write(f"unknown, retryable {error.retryable}: {error}\n")
    resource.setrlimit(resource.RLIMIT_FSIZE, (may, most))
    insert(storage, "after")
    with storage.transaction(writes=False) as transaction:
        names = [row["person_id"] for row in transaction.find(PEOPLE, ("person_id",))]
    sys.stdout.write(f"{names}\n")
    storage.close()


@pytest.mark.skipif(os.name != "posix", reason="limits are those of POSIX")
def test_a_commit_that_the_disk_did_not_take_is_of_unknown_outcome(file: Path) -> None:
    run = subprocess.run(
        [sys.executable, __file__, "commit_beyond_what_the_disk_takes", str(file)],
        check=True,
        capture_output=True,
        text=True,
    )
    outcome, names = run.stdout.splitlines()
    assert outcome.startswith("unknown, retryable False: SQLite failed with SQLITE_IOERR_WRITE while")
    assert names == "['after', 'before']"


def test_a_transaction_whose_block_nobody_keeps_ends_at_once(storage: SqlStorage) -> None:
    transaction = storage.transaction(writes=True).__enter__()
    with pytest.raises(BackendError, match="begin it by a `with` statement"):
        transaction.insert(PEOPLE, [{"person_id": "a", "note": ""}])
    insert(storage, "a")  # and nobody is kept waiting


def test_a_block_is_entered_once_at_a_time(storage: SqlStorage) -> None:
    block = storage.transaction(writes=False)
    for _ in range(2):
        with block as transaction:
            assert transaction.get(PEOPLE, "a") is None
            with pytest.raises(BackendError, match="begun already"):
                block.__enter__()


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


def test_a_value_that_was_never_written_here_is_said_and_not_shown(storage: SqlStorage, file: Path) -> None:
    days = Collection("days", (Field("day", FieldKind.DATE),), log=True)
    storage.prepare([days])
    with closing(sqlite3.connect(file)) as other:
        other.execute("INSERT INTO days (day, seq) VALUES ('walrus', 1)")
        other.commit()
    with pytest.raises(InvariantError, match=r"days\.day can't be read") as refusal:
        read_first(storage, days)
    assert "walrus" not in str(refusal.value)


@pytest.mark.parametrize("held", ["2", "-1", "0.5", "'walrus'", "x'01'"])
def test_what_is_neither_true_nor_false_is_not_taken_for_true(
    storage: SqlStorage, file: Path, held: str
) -> None:
    signs = Collection("signs", (Field("is_set", FieldKind.BOOLEAN),), log=True)
    storage.prepare([signs])
    with closing(sqlite3.connect(file)) as other:
        other.execute(f"INSERT INTO signs (is_set, seq) VALUES ({held}, 1)")
        other.commit()
    with pytest.raises(InvariantError, match=r"signs\.is_set can't be read"):
        read_first(storage, signs)


def test_every_column_that_can_not_be_read_is_named_and_no_other(storage: SqlStorage, file: Path) -> None:
    fields = (
        Field("note", FieldKind.TEXT),
        Field("begins", FieldKind.DATE),
        Field("ends", FieldKind.DATE, optional=True),
        Field("at", FieldKind.INSTANT),
    )
    spans = Collection("spans", fields, log=True)
    storage.prepare([spans])
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA writable_schema = ON")  # as whoever has the file can do
        other.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE name = 'spans'")
        other.commit()
    with closing(sqlite3.connect(file)) as other:
        other.execute("INSERT INTO spans VALUES ('a', '2026-01-07', NULL, 'walrus', 1)")
        other.execute("INSERT INTO spans VALUES ('a', NULL, NULL, '2026-01-07 15:00:00.000000', 2)")
        other.commit()
    storage.close()
    storage = open_storage(f"sqlite:///{file}")
    storage.prepare([spans])
    with pytest.raises(InvariantError) as refusal, storage.transaction(writes=False) as transaction:
        transaction.find(spans, ("seq",))
    storage.close()
    assert [fault.where for fault in refusal.value.faults] == ["spans.begins", "spans.at"]
    assert "walrus" not in str(refusal.value)


def test_a_text_that_is_no_utf_8_is_said_and_not_shown(storage: SqlStorage, file: Path) -> None:
    notes = Collection("notes", (Field("note", FieldKind.TEXT),), log=True)
    storage.prepare([notes])
    with closing(sqlite3.connect(file)) as other:
        other.execute("INSERT INTO notes (note, seq) VALUES (CAST(x'ff' || 'walrus' AS TEXT), 1)")
        other.commit()
    with pytest.raises(InvariantError, match="no UTF-8") as refusal:
        read_first(storage, notes)
    assert [fault.where for fault in refusal.value.faults] == ["note"]
    assert "walrus" not in "".join(traceback.format_exception(refusal.value))


def read_first(storage: SqlStorage, log: Collection) -> None:
    with storage.transaction(writes=False) as transaction:
        transaction.get(log, 1)


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
