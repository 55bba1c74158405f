"""Databases of other versions: what the one before made is read; what differs is refused with a way out."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dcss_core.errors import ConfigurationError
from dcss_core.plugins import SEQUENCE, VERSION, Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

ORDERS = Collection(
    name="order",
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

# Dumped by sqlite3's iterdump from what this package wrote when it had its SQL from SQLAlchemy.
MADE_BEFORE = """
CREATE TABLE dcss_schema (
    collection TEXT NOT NULL,
    shape TEXT NOT NULL,
    PRIMARY KEY (collection)
);
INSERT INTO "dcss_schema" VALUES('order','{"name": "order", "fields": [
 {"name": "group", "kind": "text", "optional": false},
 {"name": "support_cents", "kind": "integer", "optional": false},
 {"name": "is_open", "kind": "boolean", "optional": false},
 {"name": "entered_on", "kind": "date", "optional": true},
 {"name": "recorded_at", "kind": "instant", "optional": false},
 {"name": "sealed", "kind": "bytes", "optional": true}], "key": "group",
 "unique": [["entered_on", "support_cents"]], "indexes": [["is_open", "recorded_at"]], "log": false}');
INSERT INTO "dcss_schema" VALUES('events','{"name": "events", "fields": [{"name": "subject", "kind": "text",
 "optional": false}], "key": "seq", "unique": [], "indexes": [], "log": true}');
CREATE TABLE events (
    subject TEXT NOT NULL,
    seq INTEGER NOT NULL,
    CONSTRAINT pk_events PRIMARY KEY (seq)
);
INSERT INTO "events" VALUES('first',1);
CREATE TABLE "order" (
    "group" TEXT NOT NULL,
    support_cents BIGINT NOT NULL,
    is_open BOOLEAN NOT NULL,
    entered_on DATE,
    recorded_at DATETIME NOT NULL,
    sealed BLOB,
    version BIGINT NOT NULL,
    CONSTRAINT pk_order PRIMARY KEY ("group"),
    CONSTRAINT uq_order__entered_on__support_cents UNIQUE (entered_on, support_cents)
);
INSERT INTO "order" VALUES('a',24369,1,'2026-01-31','2026-01-31 13:45:00.000001',X'0001',1);
INSERT INTO "order" VALUES('b',-1,0,NULL,'2026-01-31 13:45:00.000000',NULL,1);
CREATE INDEX ix_order__is_open__recorded_at ON "order" (is_open, recorded_at, "group");
"""
A = {
    "group": "a",
    "support_cents": 24_369,
    "is_open": True,
    "entered_on": date(2026, 1, 31),
    "recorded_at": datetime(2026, 1, 31, 13, 45, 0, 1, tzinfo=UTC),
    "sealed": b"\x00\x01",
}
B = {
    "group": "b",
    "support_cents": -1,
    "is_open": False,
    "entered_on": None,
    "recorded_at": datetime(2026, 1, 31, 13, 45, tzinfo=UTC),
    "sealed": None,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "agency.db"
    file.touch(0o600)
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(MADE_BEFORE)
    return file


@pytest.fixture
def storage(file: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{file}")
    yield storage
    storage.close()


def shape_of(file: Path, table: str) -> tuple[set[tuple[object, ...]], set[tuple[object, ...]]]:
    """The columns and the indexes of a table: names, types, order."""
    with closing(sqlite3.connect(file)) as connection:
        columns = {tuple(row) for row in connection.execute(f"PRAGMA table_info('{table}')")}
        indexes: set[tuple[object, ...]] = set()
        for _, index, unique, origin, _ in connection.execute(f"PRAGMA index_list('{table}')").fetchall():
            fields = [row[2] for row in connection.execute(f"PRAGMA index_info('{index}')")]
            indexes.add((index, unique, origin, *fields))
    return columns, indexes


def rows_of(file: Path, table: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()


def test_what_the_version_before_wrote_is_read_and_written_on(storage: SqlStorage) -> None:
    storage.prepare([ORDERS, EVENTS])
    with storage.transaction(writes=True) as transaction:
        found = transaction.find(ORDERS, ("is_open", "recorded_at"), descending=True)
        transaction.replace(ORDERS, {**B, "is_open": True}, expected_version=1)
        numbers = transaction.append(EVENTS, [{"subject": "second"}])
        events = transaction.find(EVENTS, (SEQUENCE,))
    assert found == [{**A, VERSION: 1}, {**B, VERSION: 1}]
    assert numbers == [2]
    assert events == [{"subject": "first", SEQUENCE: 1}, {"subject": "second", SEQUENCE: 2}]


@pytest.mark.parametrize("table", ["order", "events"])
def test_what_is_made_now_is_made_as_before(file: Path, tmp_path: Path, table: str) -> None:
    made_now = tmp_path / "now.db"
    storage = open_storage(f"sqlite:///{made_now}")
    storage.prepare([ORDERS, EVENTS])
    with storage.transaction(writes=True) as transaction:
        transaction.insert(ORDERS, [A, B])
        transaction.append(EVENTS, [{"subject": "first"}])
    storage.close()
    assert shape_of(made_now, table) == shape_of(file, table)
    assert rows_of(made_now, table) == rows_of(file, table)


def test_another_shape_is_refused_with_the_command_that_converts_it(file: Path) -> None:
    storage = open_storage(f"sqlite:///{file}?busy_seconds=7")
    streams = Collection("events", EVENTS.fields, log=True, stream="subject")
    with pytest.raises(ConfigurationError) as refusal:
        storage.prepare([streams, ORDERS])
    storage.close()
    assert f"`dcss db upgrade sqlite:///{file}`" in str(refusal.value)
    assert [fault.where for fault in refusal.value.faults] == ["events: stream"]


def test_the_stored_shape_says_what_the_stream_is(storage: SqlStorage, file: Path) -> None:
    fields = (Field("case_id", FieldKind.TEXT),)
    storage.prepare([Collection("postings", fields, log=True, stream="case_id")])
    with pytest.raises(ConfigurationError, match="postings: stream"):
        storage.prepare([Collection("postings", fields, log=True)])
    stored = {str(name): str(shape) for name, shape in rows_of(file, "dcss_schema")}
    assert json.loads(stored["postings"])["stream"] == "case_id"


@pytest.mark.parametrize(
    "shape", ["", "walrus", "[]", "{}", "null", "7", '{"name": "events"}', "[" * 100_000, '{"fields": [1]}']
)
def test_a_stored_shape_that_can_not_be_read_is_said(storage: SqlStorage, file: Path, shape: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE dcss_schema SET shape = ? WHERE collection = 'events'", [shape])
        connection.commit()
    with pytest.raises(
        ConfigurationError, match="events: found a stored shape that can't be read"
    ) as refusal:
        storage.prepare([EVENTS])
    assert "walrus" not in str(refusal.value)
