"""What a DBA finds in the file: typed columns, named keys, and plans that use them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dcss_core.errors import BackendError, ConfigurationError
from dcss_core.plugins import SEQUENCE, Collection, Field, FieldKind, Scalar
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

ORDERS = Collection(
    name="order",  # a reserved word of SQL
    fields=(
        Field("group", FieldKind.TEXT),
        Field("support_cents", FieldKind.INTEGER),
        Field("is_open", FieldKind.BOOLEAN),
        Field("entered_on", FieldKind.DATE, optional=True),
        Field("recorded_at", FieldKind.INSTANT),
        Field("sealed", FieldKind.BYTES, optional=True),
    ),
    key="group",
    unique=(("entered_on", "support_cents"),),
    indexes=(("is_open", "recorded_at"),),
)
EVENTS = Collection("events", (Field("subject", FieldKind.TEXT),), log=True)
ROW = {
    "group": "a",
    "support_cents": 24_369,
    "is_open": True,
    "entered_on": date(2026, 1, 31),
    "recorded_at": datetime(2026, 1, 31, 13, 45, 0, 1, tzinfo=UTC),
    "sealed": b"\x00\x01",
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "agency.db"


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{file}")
    storage.prepare([ORDERS, EVENTS])
    yield storage
    storage.close()


def ask(file: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(sql).fetchall()


def test_columns_have_real_types(storage: SqlStorage, file: Path) -> None:
    columns = {
        name: (kind, bool(required))
        for _, name, kind, required, *_ in ask(file, "PRAGMA table_info('order')")
    }
    assert columns == {
        "group": ("TEXT", True),
        "support_cents": ("BIGINT", True),
        "is_open": ("BOOLEAN", True),
        "entered_on": ("DATE", False),
        "recorded_at": ("DATETIME", True),
        "sealed": ("BLOB", False),
        "version": ("BIGINT", True),
    }


def test_values_are_stored_so_that_sql_can_compute_with_them(storage: SqlStorage, file: Path) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(ORDERS, [ROW])
    # seconds from 2026-01-31 00:00 UTC to 13:45: 13 * 3600 + 45 * 60 = 49500
    sql = """SELECT support_cents * 2, is_open = 1, date(entered_on, '+1 day'), sealed, version,
                    unixepoch(recorded_at) - unixepoch('2026-01-31'), recorded_at FROM "order" """
    assert ask(file, sql) == [(48_738, 1, "2026-02-01", b"\x00\x01", 1, 49_500, "2026-01-31 13:45:00.000001")]


def test_keys_and_indexes_are_named_and_indexes_end_with_the_key(storage: SqlStorage, file: Path) -> None:
    made = "\n".join(str(sql) for (sql,) in ask(file, "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))
    assert 'CONSTRAINT "pk_order" PRIMARY KEY ("group")' in made
    assert 'CONSTRAINT "uq_order__entered_on__support_cents" UNIQUE ("entered_on", "support_cents")' in made
    assert 'INDEX "ix_order__is_open__recorded_at" ON "order" ("is_open", "recorded_at", "group")' in made


def test_a_page_is_read_from_the_index_without_sorting(storage: SqlStorage, file: Path) -> None:
    asked: list[str] = []
    with storage.transaction(writes=False) as transaction:
        transaction.cursor.connection.set_trace_callback(asked.append)
        for descending in (False, True):
            transaction.find(
                ORDERS, ("is_open", "recorded_at"), [True], after=ROW, limit=50, descending=descending
            )
        transaction.find(EVENTS, (SEQUENCE,), after={SEQUENCE: 7}, limit=50)
    plans = [
        str(row[3])
        for sql in asked
        if sql.startswith("SELECT")
        for row in ask(file, f"EXPLAIN QUERY PLAN {sql}")
    ]
    assert plans == [
        "SEARCH order USING INDEX ix_order__is_open__recorded_at (is_open=? AND recorded_at>?)",
        "SEARCH order USING INDEX ix_order__is_open__recorded_at (is_open=? AND recorded_at<?)",
        "SEARCH events USING INTEGER PRIMARY KEY (rowid>?)",
    ]


@pytest.mark.parametrize(
    ("index", "equal_to", "at_most", "plan"),
    [
        (("is_open", "recorded_at"), [True], None, "ix_order__is_open__recorded_at (is_open=?)"),
        (
            ("is_open", "recorded_at"),
            [True],
            ROW["recorded_at"],
            "ix_order__is_open__recorded_at (is_open=? AND recorded_at<?)",
        ),
        (
            ("entered_on", "support_cents"),
            [None, 24_369],
            None,
            "sqlite_autoindex_order_2 (entered_on=? AND support_cents=?)",
        ),
    ],
)
def test_records_are_counted_in_the_index_alone(
    storage: SqlStorage,
    file: Path,
    index: tuple[str, ...],
    equal_to: list[Scalar],
    at_most: Scalar,
    plan: str,
) -> None:
    asked: list[str] = []
    with storage.transaction(writes=False) as transaction:
        transaction.cursor.connection.set_trace_callback(asked.append)
        transaction.count(ORDERS, index, equal_to, at_most=at_most)
    [sql] = [each for each in asked if each.startswith("SELECT")]
    assert "ORDER BY" not in sql
    [(*_, found)] = ask(file, f"EXPLAIN QUERY PLAN {sql}")
    # covering: the rows themselves are not read, and nothing is sorted
    assert found == f"SEARCH order USING COVERING INDEX {plan}"


def test_a_commit_waits_for_the_disk(storage: SqlStorage, file: Path) -> None:
    with storage.transaction(writes=False) as transaction:
        connection = transaction.cursor.connection
        [(synchronous,)] = connection.execute("PRAGMA synchronous").fetchall()
    assert synchronous == 2  # FULL, https://www.sqlite.org/pragma.html#pragma_synchronous
    assert ask(file, "PRAGMA journal_mode") == [("wal",)]


def test_a_table_of_somebody_else_is_not_used(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE events (subject TEXT, seq INTEGER)")
    storage = open_storage(f"sqlite:///{file}")
    with pytest.raises(
        ConfigurationError, match="events: found a table that was not made by dcss-core"
    ) as refusal:
        storage.prepare([ORDERS, EVENTS])
    storage.close()
    assert "dcss db upgrade" not in str(refusal.value)
    assert ask(file, "SELECT name FROM sqlite_master") == [("events",)]


def test_a_table_that_was_removed_is_missed_at_opening_and_is_not_made_anew(
    storage: SqlStorage, file: Path
) -> None:
    storage.close()
    ask(file, "DROP TABLE events")
    storage = open_storage(f"sqlite:///{file}")
    with pytest.raises(ConfigurationError, match="events: found no table") as refusal:
        storage.prepare([ORDERS, EVENTS])
    storage.close()
    assert "restore this one from a backup" in str(refusal.value)
    assert "dcss db upgrade" not in str(refusal.value)
    assert ask(file, "SELECT name FROM sqlite_master WHERE name = 'events'") == []


def test_where_the_table_of_shapes_was_removed_a_backup_is_named_and_no_upgrade(
    storage: SqlStorage, file: Path
) -> None:
    storage.close()
    ask(file, "DROP TABLE dcss_schema")
    storage = open_storage(f"sqlite:///{file}")
    with pytest.raises(ConfigurationError, match="no table dcss_schema") as refusal:
        storage.prepare([ORDERS, EVENTS])
    storage.close()
    assert "restore it from a backup" in str(refusal.value)
    assert "dcss db upgrade" not in str(refusal.value)


@pytest.mark.parametrize(
    ("statement", "lost", "lost_at_writing"),
    [
        ("DROP TABLE events", "the table events", "the table events"),
        (
            "ALTER TABLE events RENAME COLUMN subject TO other",
            "the column events.subject",
            "the column subject",
        ),
    ],
)
def test_what_was_removed_while_the_database_is_open_is_named(
    storage: SqlStorage, file: Path, statement: str, lost: str, lost_at_writing: str
) -> None:
    ask(file, statement)
    with pytest.raises(BackendError) as refusal, storage.transaction(writes=False) as transaction:
        transaction.find(EVENTS, ("seq",))
    with pytest.raises(BackendError) as at_writing, storage.transaction(writes=True) as transaction:
        transaction.append(EVENTS, [{"subject": "walrus"}], begins=True)
    for error, word in ((refusal.value, lost), (at_writing.value, lost_at_writing)):
        assert word in str(error)
        assert "restore it from a backup" in str(error)
        assert "walrus" not in str(error)
        assert error.retryable is False


def test_the_name_of_the_table_of_shapes_is_taken(storage: SqlStorage) -> None:
    with pytest.raises(ConfigurationError, match="dcss_schema: found a table that was not made by dcss-core"):
        storage.prepare([Collection("dcss_schema", EVENTS.fields, log=True)])


def test_the_declared_shape_is_stored_beside_the_table(storage: SqlStorage, file: Path) -> None:
    shapes = dict(ask(file, "SELECT collection, shape FROM dcss_schema"))
    assert set(shapes) == {"order", "events"}
    assert '"name": "subject", "kind": "text", "optional": false' in str(shapes["events"])
