"""Who was slower than others queues behind those who were too, and keeps nobody else waiting."""

import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from dcss_core.errors import BackendError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

if TYPE_CHECKING:
    from dcss_core_sql.testing import Server

PEOPLE = Collection("people", (Field("name", FieldKind.TEXT), Field("note", FieldKind.TEXT)), key="name")
SECONDS = 20


@pytest.fixture
def storage(postgresql_url: str) -> Iterator[SqlStorage]:
    storage = open_storage(postgresql_url)
    storage.prepare([PEOPLE])
    yield storage
    storage.close()


def put(storage: SqlStorage, name: str, *, wait_seconds: float | None = None) -> None:
    with storage.transaction(writes=True, wait_seconds=wait_seconds) as transaction:
        transaction.insert(PEOPLE, [{"name": name, "note": ""}])


def be_slower(storage: SqlStorage, name: str) -> None:
    """Have this thread give way to another one, about a record of their own."""
    put(storage, name)
    with pytest.raises(BackendError) as conflict:
        replace(storage, name, lambda: in_another_thread(lambda: replace(storage, name)))
    assert conflict.value.retryable


def replace(storage: SqlStorage, name: str, meanwhile: Callable[[], object] = lambda: None) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.get(PEOPLE, name)
        meanwhile()
        transaction.replace(PEOPLE, {"name": name, "note": "changed"}, expected_version=1)


def in_another_thread(work: Callable[[], object]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join(SECONDS)
    assert not thread.is_alive()


def test_who_was_slower_waits_for_another_who_was_and_others_wait_for_nobody(storage: SqlStorage) -> None:
    refused: list[BackendError] = []

    def slower_too() -> None:
        be_slower(storage, "b")
        try:
            put(storage, "c", wait_seconds=0.2)
        except BackendError as error:
            refused.append(error)

    be_slower(storage, "a")
    with storage.transaction(writes=True) as transaction:
        in_another_thread(slower_too)
        in_another_thread(lambda: put(storage, "d"))
        transaction.insert(PEOPLE, [{"name": "e", "note": ""}])
    assert [error.retryable for error in refused] == [True]
    with storage.transaction(writes=False) as transaction:
        assert [row["name"] for row in transaction.find(PEOPLE, ("name",))] == ["a", "b", "d", "e"]


def test_who_had_a_turn_queues_no_more(storage: SqlStorage) -> None:
    be_slower(storage, "a")
    put(storage, "b")

    def in_the_queue() -> None:
        be_slower(storage, "c")
        with storage.transaction(writes=True) as transaction:
            transaction.insert(PEOPLE, [{"name": "d", "note": ""}])
            queued.set()
            go_on.wait(SECONDS)

    queued, go_on = threading.Event(), threading.Event()
    thread = threading.Thread(target=in_the_queue)
    thread.start()
    queued.wait(SECONDS)
    put(storage, "e", wait_seconds=0.2)
    go_on.set()
    thread.join(SECONDS)
    with storage.transaction(writes=False) as transaction:
        assert transaction.count(PEOPLE, ("name",)) == 5


def test_a_role_that_may_not_queue_is_tried_anew_all_the_same(
    postgresql_server: "Server", postgresql_url: str, storage: SqlStorage
) -> None:
    schema = postgresql_url.rpartition("schema=")[2]
    with storage.transaction(writes=True) as transaction:
        transaction.use(
            lambda session: session.command(f"""
            DROP ROLE IF EXISTS teller;
            CREATE ROLE teller LOGIN;
            GRANT USAGE ON SCHEMA {schema} TO teller;
            GRANT SELECT, INSERT, UPDATE, DELETE ON people TO teller;
            GRANT SELECT ON dcss_schema TO teller
        """)
        )
    other = open_storage(postgresql_url.replace("postgres@", "teller@"))
    other.prepare([PEOPLE])
    be_slower(other, "a")
    put(other, "b")
    with other.transaction(writes=False) as transaction:
        assert transaction.get(PEOPLE, "b") == {"name": "b", "note": "", "version": 1}
    other.close()
    other.close()
