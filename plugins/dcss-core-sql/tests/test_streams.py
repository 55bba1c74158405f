"""A log of streams in SQLite: numbers within each, and plans that never walk through a stream."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from dcss_core.errors import DuplicateKeyError, InvalidInputError, InvariantError
from dcss_core.plugins import SEQUENCE, Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

POSTINGS = Collection(
    "postings",
    (
        Field("case_id", FieldKind.TEXT),
        Field("cents", FieldKind.INTEGER),
        Field("note", FieldKind.TEXT, optional=True),
    ),
    unique=(("note",),),
    indexes=(("cents",),),
    log=True,
    stream="case_id",
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{file}")
    storage.prepare([POSTINGS])
    yield storage
    storage.close()


def posting(case_id: str, cents: int = 1, note: str | None = None) -> dict[str, str | int | None]:
    return {"case_id": case_id, "cents": cents, "note": note}


def appended(storage: SqlStorage, *cases: str, begins: bool = False) -> list[int]:
    with storage.transaction(writes=True) as transaction:
        return transaction.append(POSTINGS, [posting(case) for case in cases], begins=begins)


def test_entries_are_numbered_within_their_stream(storage: SqlStorage) -> None:
    assert appended(storage, "a", "b", "a") == [1, 1, 2]
    assert appended(storage, "b", "c", "b", "a") == [2, 1, 3, 3]


def test_more_streams_than_one_statement_asks_for_are_numbered_too(storage: SqlStorage) -> None:
    cases = [f"case{number}" for number in range(700)]
    assert appended(storage, *cases) == [1] * 700
    assert appended(storage, *cases[::-1], "new") == [*[2] * 700, 1]


def test_new_streams_are_numbered_without_a_look(storage: SqlStorage) -> None:
    asked: list[str] = []
    with storage.transaction(writes=True) as transaction:
        transaction.cursor.connection.set_trace_callback(asked.append)
        numbers = transaction.append(POSTINGS, [posting("a"), posting("b"), posting("a")], begins=True)
    assert numbers == [1, 1, 2]
    assert [sql for sql in asked if sql.startswith(("SELECT", "WITH"))] == []


def test_a_stream_that_was_there_is_no_new_one(storage: SqlStorage) -> None:
    appended(storage, "a")
    with pytest.raises(DuplicateKeyError) as refusal:
        appended(storage, "b", "a", begins=True)
    assert refusal.value.key_fields == ("case_id", SEQUENCE)
    assert appended(storage, "b") == [1]


def test_an_entry_is_got_by_its_stream_and_number(storage: SqlStorage) -> None:
    appended(storage, "a", "b", "a")
    with storage.transaction(writes=False) as transaction:
        one = transaction.get(POSTINGS, ("a", 2))
        each = transaction.get_each(POSTINGS, [("b", 1), ("b", 2), ("a", 1), ("b", 1)])
    entry = {**posting("b"), SEQUENCE: 1}
    assert one == {**posting("a"), SEQUENCE: 2}
    assert each == [entry, None, {**posting("a"), SEQUENCE: 1}, entry]


def test_an_entry_is_not_got_by_its_number_alone(storage: SqlStorage) -> None:
    with pytest.raises(InvalidInputError), storage.transaction(writes=False) as transaction:
        transaction.get(POSTINGS, 1)


def test_pages_run_through_one_stream_or_all(storage: SqlStorage) -> None:
    appended(storage, "a", "b", "a", "b", "b")
    index = ("case_id", SEQUENCE)
    with storage.transaction(writes=False) as transaction:
        of_b = transaction.find(POSTINGS, index, ["b"], after={SEQUENCE: 1}, limit=2)
        newest = transaction.find(POSTINGS, index, ["b"], descending=True, limit=1)
        later = transaction.find(POSTINGS, index, after={"case_id": "a", SEQUENCE: 2})
    assert [row[SEQUENCE] for row in of_b] == [2, 3]
    assert [row[SEQUENCE] for row in newest] == [3]
    assert [(row["case_id"], row[SEQUENCE]) for row in later] == [("b", 1), ("b", 2), ("b", 3)]


def test_one_stream_is_redacted(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        rows = [posting(case, note=f"{case}{number}") for case in "ab" for number in range(3)]
        transaction.append(POSTINGS, rows)
        assert transaction.redact(POSTINGS, ["note"], up_to=2, stream="a") == 2
        notes = [row["note"] for row in transaction.find(POSTINGS, ("case_id", SEQUENCE))]
    assert notes == [None, None, "a2", "b0", "b1", "b2"]


def test_a_log_of_streams_is_not_redacted_as_a_whole(storage: SqlStorage) -> None:
    with pytest.raises(InvariantError), storage.transaction(writes=True) as transaction:
        transaction.redact(POSTINGS, ["note"], up_to=2)


def plans(file: Path, asked: list[str]) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [
            str(row[3])
            for sql in asked
            if sql.startswith(("SELECT", "WITH"))
            for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}")
        ]


def test_the_last_number_of_a_stream_is_looked_up_and_not_searched_for(
    storage: SqlStorage, file: Path
) -> None:
    asked: list[str] = []
    with storage.transaction(writes=True) as transaction:
        transaction.cursor.connection.set_trace_callback(asked.append)
        transaction.append(POSTINGS, [posting("a"), posting("b")])
    assert "SEARCH postings USING COVERING INDEX sqlite_autoindex_postings_1 (case_id=?)" in plans(
        file, asked
    )
    assert not [step for step in plans(file, asked) if step.startswith("SCAN postings")]


def test_entries_of_many_streams_are_looked_up_by_the_key(storage: SqlStorage, file: Path) -> None:
    asked: list[str] = []
    with storage.transaction(writes=False) as transaction:
        transaction.cursor.connection.set_trace_callback(asked.append)
        transaction.get_each(POSTINGS, [(case, 1) for case in "abc"])
    assert "SEARCH postings USING INDEX sqlite_autoindex_postings_1 (case_id=? AND seq=?)" in plans(
        file, asked
    )
