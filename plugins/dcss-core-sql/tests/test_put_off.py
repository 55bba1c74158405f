"""What only writes is sent to PostgreSQL with the next question, which tells what is wrong with it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, TypeAlias

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from dcss_core.errors import BackendError, DcssError, DuplicateKeyError, InvariantError, StaleVersionError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.postgresql.location import Location
from dcss_core_sql.storage import SqlStorage

Writing: TypeAlias = Callable[[Any], object]

PEOPLE = Collection(
    "people",
    (Field("name", FieldKind.TEXT), Field("note", FieldKind.TEXT)),
    key="name",
    unique=(("note",),),
)
VISITS = Collection("visits", (Field("name", FieldKind.TEXT),), key="seq", log=True, stream="name")


@pytest.fixture
def storage(postgresql_url: str) -> Iterator[SqlStorage]:
    storage = open_storage(f"{postgresql_url}&connections=4")
    storage.prepare([PEOPLE, VISITS])
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"name": "there", "note": "taken"}])
        transaction.append(VISITS, [{"name": "there"}])
    yield storage
    storage.close()


def notes(storage: SqlStorage) -> dict[object, object]:
    with storage.transaction(writes=False) as transaction:
        return {row["name"]: row["note"] for row in transaction.find(PEOPLE, ("name",))}


def by_hand(postgresql_url: str, *statements: str) -> None:
    location = Location.from_url(postgresql_url)
    with psycopg.connect(make_conninfo(**location.settings), autocommit=True) as connection:
        for statement in (f'SET search_path TO "{location.schema}"', *statements):
            connection.execute(statement)


def refused(storage: SqlStorage, error: type[DcssError], *writings: Writing) -> DcssError:
    """What one transaction with these writings is told; nothing of it is saved."""

    def written() -> None:
        with storage.transaction(writes=True) as transaction:
            for writing in writings:
                writing(transaction)

    before = notes(storage)
    with pytest.raises(error) as told:
        written()
    assert notes(storage) == before
    return told.value


def inserted(name: str, note: str) -> Writing:
    return lambda transaction: transaction.insert(PEOPLE, [{"name": name, "note": note}])


def replaced(name: str, note: str, version: int) -> Writing:
    row = {"name": name, "note": note}
    return lambda transaction: transaction.replace(PEOPLE, row, expected_version=version)


@pytest.mark.parametrize(
    ("row", "error"),
    [
        ({"name": "there", "note": "new"}, DuplicateKeyError("people", ["name"])),
        ({"name": "new", "note": "taken"}, DuplicateKeyError("people", ["note"])),
    ],
)
def test_a_taken_key_is_told_by_its_fields_when_the_block_is_left(
    storage: SqlStorage, row: dict[str, str], error: DcssError
) -> None:
    told = refused(
        storage, DuplicateKeyError, inserted("before", "1"), inserted(**row), inserted("after", "2")
    )
    assert str(told) == str(error)


def test_the_first_that_is_wrong_is_told(storage: SqlStorage) -> None:
    stale, taken = replaced("there", "new", 7), inserted("there", "3")
    refused(storage, StaleVersionError, stale, taken)
    refused(storage, DuplicateKeyError, taken, stale)


def test_the_next_question_is_not_answered_after_a_writing_that_failed(storage: SqlStorage) -> None:
    answered: list[object] = []
    stale = replaced("there", "new", 7)

    def ask(transaction: Any) -> None:
        answered.append(transaction.get(PEOPLE, "there"))

    refused(storage, StaleVersionError, inserted("before", "1"), stale, ask)
    assert answered == []


def test_questions_see_what_was_written_before_them_in_its_order(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"name": "a", "note": "1"}])
        transaction.replace(PEOPLE, {"name": "a", "note": "2"}, expected_version=1)
        transaction.replace(PEOPLE, {"name": "a", "note": "3"}, expected_version=2)
        transaction.append(VISITS, [{"name": "a"}], begins=True)
        assert transaction.append(VISITS, [{"name": "a"}]) == [2]
        row = transaction.get(PEOPLE, "a")
        assert row is not None
        assert (row["note"], row["version"]) == ("3", 3)
        assert transaction.delete(PEOPLE, ("name",), ["a"], limit=1) == 1
    assert notes(storage) == {"there": "taken"}


@pytest.mark.parametrize("amount", [63, 64, 65, 300])
def test_any_number_of_writings_is_put_off(storage: SqlStorage, amount: int) -> None:
    with storage.transaction(writes=True) as transaction:
        for number in range(amount):
            transaction.insert(PEOPLE, [{"name": f"{number:03}", "note": "x" * number}])
    assert len(notes(storage)) == amount + 1


def test_large_values_are_put_off_together(storage: SqlStorage) -> None:
    written = {f"{number:02}": chr(65 + number) * 1_000 for number in range(8)}
    large = {name: note[:1_000] for name, note in written.items()}
    with storage.transaction(writes=True) as transaction:
        for name, note in large.items():
            transaction.append(VISITS, [{"name": name + note * 2}], begins=True)
            transaction.insert(PEOPLE, [{"name": name, "note": note}])
        many = [{"name": f"many {number:05}", "note": f"{number} " + "n" * 500} for number in range(20_000)]
        transaction.insert(PEOPLE, many)  # a COPY, after what was put off
        transaction.insert(PEOPLE, [{"name": "last", "note": "l"}])
    assert len(notes(storage)) == 1 + len(large) + len(many) + 1


def test_a_stream_that_went_on_meanwhile_is_to_be_tried_again(storage: SqlStorage) -> None:
    def append(transaction: Any) -> None:
        transaction.append(VISITS, [{"name": "there"}])

    def append_elsewhere(_: Any) -> None:
        with storage.transaction(writes=True) as other:
            append(other)

    assert refused(storage, BackendError, append, append_elsewhere).retryable


def test_a_row_that_the_database_lets_fall_is_no_row_that_was_saved(
    storage: SqlStorage, postgresql_url: str
) -> None:
    by_hand(
        postgresql_url,
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
        "CREATE TRIGGER falls BEFORE INSERT ON people FOR EACH ROW "
        "WHEN (NEW.name = 'falls') EXECUTE FUNCTION nothing()",
    )
    told = refused(storage, InvariantError, inserted("stays", "1"), inserted("falls", "2"))
    assert "a trigger" in str(told)


def test_a_connection_on_which_a_writing_failed_is_used_again(postgresql_url: str) -> None:
    with closing(open_storage(f"{postgresql_url}&connections=1")) as storage:
        storage.prepare([PEOPLE])
        before = session_of(storage)
        with storage.transaction(writes=True) as transaction:
            inserted("there", "taken")(transaction)
        refused(storage, DuplicateKeyError, inserted("there", "1"))
        refused(storage, StaleVersionError, replaced("there", "1", 7))
        assert session_of(storage) == before


def session_of(storage: SqlStorage) -> object:
    """The server's process that works for the only connection of a storage."""

    def ask(cursor: Any) -> object:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchall()

    with storage.transaction(writes=False) as transaction:
        return transaction.use(ask)


def test_writings_that_are_slow_together_are_not_taken_for_a_frozen_server(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dcss_core_sql.postgresql.opening._MORE_PATIENT_BY_SECONDS", 0)
    with closing(open_storage(f"{postgresql_url}&statement_seconds=1")) as storage:
        storage.prepare([PEOPLE])
        by_hand(
            postgresql_url,
            "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN PERFORM pg_sleep(0.3); RETURN NEW; END $$",
            "CREATE TRIGGER waits BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION slow()",
        )
        with storage.transaction(writes=True) as transaction:
            for number in range(5):  # 1.5 seconds in all, and none of them more than a second
                inserted(str(number), str(number))(transaction)
        assert len(notes(storage)) == 5


def test_a_statement_whose_making_ready_was_interrupted_is_made_ready_anew(
    postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_storage(f"{postgresql_url}&connections=1")) as storage:
        storage.prepare([PEOPLE])
        notes(storage)

        def interrupted(*_: object) -> None:
            monkeypatch.undo()
            raise KeyboardInterrupt

        monkeypatch.setattr("dcss_core_sql.postgresql.session.Session._check", interrupted)
        with pytest.raises(KeyboardInterrupt):
            notes(storage)
        assert [notes(storage) for _ in range(3)] == [{}, {}, {}]


def test_whoever_waits_for_the_server_keeps_no_other_thread_from_working(storage: SqlStorage) -> None:
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with storage.transaction(writes=True) as transaction:
            transaction.replace(PEOPLE, {"name": "there", "note": "held"}, expected_version=1)
            transaction.count(PEOPLE, ("name",))
            held.set()
            done.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    waiting = threading.Thread(target=lambda: _meet(storage))
    waiting.start()
    turns, end = 0, time.monotonic() + 0.3
    while time.monotonic() < end:
        turns += 1
        time.sleep(0.001)
    done.set()
    holder.join()
    waiting.join()
    assert turns > 20  # with the lock of Python held there would be one turn, after the wait


def _meet(storage: SqlStorage) -> None:
    try:
        with storage.transaction(writes=True) as transaction:
            transaction.replace(PEOPLE, {"name": "there", "note": "met"}, expected_version=1)
    except (BackendError, StaleVersionError):
        return
