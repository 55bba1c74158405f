"""What was redacted or deleted is not left in the file or in its write-ahead log."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

NOTES = Collection("notes", (Field("text", FieldKind.TEXT, optional=True),), log=True)
MESSAGES = Collection(
    "messages", (Field("message_id", FieldKind.INTEGER), Field("text", FieldKind.TEXT)), key="message_id"
)
CLOCK = "dcss_core_sql.sqlite.erasure.monotonic"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{file}")
    storage.prepare([NOTES, MESSAGES])
    yield storage
    storage.close()


def write_notes(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.append(NOTES, [{"text": f"walrus {number} " * 20} for number in range(200)])


def write_messages(storage: SqlStorage) -> None:
    rows = [{"message_id": number, "text": f"walrus {number} " * 20} for number in range(200)]
    with storage.transaction(writes=True) as transaction:
        transaction.insert(MESSAGES, rows)


def redact(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        assert transaction.redact(NOTES, ["text"], up_to=200) == 200


def delete(storage: SqlStorage, number: int = 200) -> None:
    with storage.transaction(writes=True) as transaction:
        assert transaction.delete(MESSAGES, ("message_id",), limit=number) == number


def write(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.append(NOTES, [{"text": None}])


def is_readable(file: Path) -> bool:
    return any(b"walrus" in each.read_bytes() for each in file.parent.iterdir())


def test_what_is_redacted_is_gone_from_all_files_at_once(storage: SqlStorage, file: Path) -> None:
    write_notes(storage)
    assert is_readable(file)
    redact(storage)
    assert not is_readable(file)


def test_a_redaction_that_is_rolled_back_empties_nothing(storage: SqlStorage, file: Path) -> None:
    write_notes(storage)
    before = Path(f"{file}-wal").read_bytes()
    with pytest.raises(ZeroDivisionError):
        redact_in_vain(storage)
    assert Path(f"{file}-wal").read_bytes() == before


def redact_in_vain(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.redact(NOTES, ["text"], up_to=200)
        raise ZeroDivisionError


def test_a_long_reader_delays_it_to_a_later_writing_transaction(
    storage: SqlStorage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_notes(storage)
    monkeypatch.setattr(CLOCK, lambda: 100.0)
    with storage.transaction(writes=False):
        redact(storage)
        assert is_readable(file)
    write(storage)
    assert is_readable(file)  # it is not tried again within the same second
    monkeypatch.setattr(CLOCK, lambda: 101.0)
    write(storage)
    assert not is_readable(file)


def test_what_is_deleted_is_gone_within_a_minute_of_writing(
    storage: SqlStorage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_messages(storage)
    monkeypatch.setattr(CLOCK, lambda: 100.0)
    delete(storage, 150)
    monkeypatch.setattr(CLOCK, lambda: 130.0)
    delete(storage, 50)  # which puts nothing off
    monkeypatch.setattr(CLOCK, lambda: 159.9)
    write(storage)
    assert is_readable(file)
    monkeypatch.setattr(CLOCK, lambda: 160.0)
    write(storage)
    assert not is_readable(file)


def test_what_is_deleted_is_gone_at_the_close_though_others_have_the_file_open(
    storage: SqlStorage, file: Path
) -> None:
    write_messages(storage)
    with closing(sqlite3.connect(file)) as other:
        other.execute("SELECT count(*) FROM notes").fetchall()
        delete(storage)
        assert is_readable(file)
        storage.close()
        assert not is_readable(file)


def test_deleting_again_and_again_does_not_empty_the_log_each_time(storage: SqlStorage) -> None:
    write_messages(storage)
    asked: list[str] = []
    with storage.transaction(writes=False) as transaction:
        transaction.cursor.connection.set_trace_callback(asked.append)
    for _ in range(50):
        with storage.transaction(writes=True) as transaction:
            assert transaction.delete(MESSAGES, ("message_id",), limit=2) == 2
    assert len([sql for sql in asked if sql.startswith("DELETE")]) == 50
    assert not [sql for sql in asked if "checkpoint" in sql]
