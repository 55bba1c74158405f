"""What somebody wrote into an old database by hand is refused, whatever it is and wherever it stands."""

import random
import sqlite3
from contextlib import closing

import pytest

from dcss_core.agency.work.sealing import Sealer
from dcss_core.command.upgrade.seals import Seals
from dcss_core.command.upgrade.stored_values import StoredValues
from dcss_core.command.upgrade.version_1 import EVERY_COLLECTION
from dcss_core.opening.key_file import read_key_file
from dcss_core.opening.machine import SystemRandomness
from dcss_core_sql.opening import open_storage

EVERY_SEALED = [(former.name, field) for former in EVERY_COLLECTION for field in former.sealed]
EVERY_COLUMN = [(former, field) for former in EVERY_COLLECTION for field in former.collection.stored_fields]
WRITTEN = {"integer": 5, "real": 2.5, "text": "walrus", "blob": b"\xffwalrus", "null": None}
# How SQLite says what it holds, of each kind that a storage may be asked for; see its page on datatypes.
HELD_AS = {
    "text": "text",
    "integer": "integer",
    "boolean": "integer",
    "date": "text",
    "instant": "text",
    "bytes": "blob",
}


@pytest.fixture
def without_not_null(old):
    """The old database, made to take NULL anywhere, as whoever has the file can do."""
    with closing(sqlite3.connect(old.path)) as tool:
        tool.execute("PRAGMA writable_schema = ON")
        tool.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '') WHERE type = 'table'")
        tool.commit()
    return old


def write(tool, table, column, value):
    """Write a value into the first row; gives how SQLite holds it, or None where it refuses."""
    where = f'FROM "{table}" WHERE rowid = (SELECT min(rowid) FROM "{table}")'
    try:
        tool.execute(
            f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = (SELECT min(rowid) FROM "{table}")', [value]
        )
    except sqlite3.IntegrityError:  # a row number that is none, or is taken
        return None
    [(held,)] = tool.execute(f'SELECT typeof("{column}") {where}')
    return held


def is_wrong(former, field, held, value):
    """Whether version 1 can not have written what SQLite holds so."""
    if held == "null":
        return not field.optional
    if field.kind.value in ("date", "instant") or field.name in former.sealed:
        return True  # none of the values is a day, an instant or sealed
    if field.kind.value == "boolean":
        return True  # none is 0 or 1
    return held != HELD_AS[field.kind.value]


def test_a_value_of_any_kind_in_any_column_is_named_and_not_shown(without_not_null):
    old, seals = without_not_null, Seals(Sealer(read_key_file(without_not_null.keys), SystemRandomness()))
    storage = open_storage(old.url)
    storage.prepare([former.collection for former in EVERY_COLLECTION])
    looked_at = refused = 0
    with closing(sqlite3.connect(old.path)) as tool:
        for former, field in EVERY_COLUMN:
            rows = tool.execute(f'SELECT rowid, * FROM "{former.name}"').fetchall()
            marks = ", ".join("?" * (len(rows[0]) - 1))
            for value in WRITTEN.values():
                held = write(tool, former.name, field.name, value)
                tool.commit()
                if held is None:
                    continue
                looked_at += 1
                found = StoredValues(former, seals)
                found.look(storage)
                faults = list(found.faults())
                wrong = is_wrong(former, field, held, value)
                place = f"{former.name}.{field.name}"
                assert (place in [fault.where for fault in faults]) is wrong, (place, held, faults)
                assert "walrus" not in str(faults)
                refused += wrong
                tool.execute(f'DELETE FROM "{former.name}"')
                tool.executemany(f'INSERT INTO "{former.name}" VALUES ({marks})', [row[1:] for row in rows])
                tool.commit()
    storage.close()
    assert looked_at > 900
    assert refused > 600


@pytest.mark.parametrize("number", range(30))
def test_whatever_stands_in_a_column_the_command_ends_clearly(upgrade, without_not_null, number):
    old, draw = without_not_null, random.Random(number)
    former, field = draw.choice(EVERY_COLUMN)
    value = draw.choice(list(WRITTEN.values()))
    with closing(sqlite3.connect(old.path)) as tool:
        held = write(tool, former.name, field.name, value)
        tool.commit()
    if held is None:
        pytest.skip("SQLite takes no such row number")
    before = old.digest()
    said = upgrade()
    assert "walrus" not in said.out + said.err
    if not is_wrong(former, field, held, value):
        assert said.document.get("error", {}).get("code") in (None, "invariant", "configuration")
        return
    assert (said.code, said.error["code"]) == (3, "invariant")
    assert f"{former.name}.{field.name}" in [fault["where"] for fault in said.error["faults"]]
    assert old.digest() == before
    assert not old.upgrading.exists()
    assert not old.kept.exists()


@pytest.mark.parametrize(("table", "column"), EVERY_SEALED)
@pytest.mark.parametrize("value", ["mallory@evil.example", b"mallory@evil.example", 5, 2.5, "", b""])
def test_what_was_never_sealed_is_never_sealed_by_an_upgrade(upgrade, old, table, column, value):
    [(rows,)] = old.sql(f"SELECT count(*) FROM {table}")
    old.sql(f"UPDATE {table} SET {column} = ?", value)
    before = old.digest()
    said = upgrade()
    assert "mallory" not in said.out
    assert old.digest() == before
    assert not old.kept.exists()
    if (table, type(value)) == ("agency_identity", bytes):  # nothing tells this from another ring
        assert (said.code, said.error["code"]) == (1, "configuration")
        return
    assert (said.code, said.error["code"]) == (3, "invariant")
    [fault] = said.error["faults"]
    assert fault["where"] == f"{table}.{column}"
    told = f"{rows} value" if isinstance(value, bytes) else "a value that was never written here"
    assert fault["found"].startswith(told)


def test_a_value_sealed_for_another_record_is_refused(upgrade, old):
    old.sql("UPDATE staff_members SET email = (SELECT email FROM people WHERE email NOT NULL LIMIT 1)")
    said = upgrade()
    assert said.code == 3
    assert [fault["where"] for fault in said.error["faults"]] == ["staff_members.email"]


def test_all_of_it_is_told_at_once_and_by_a_dry_run_too(upgrade, old):
    old.sql("UPDATE people SET email = 'mallory@evil.example' WHERE rowid IN (1, 2)")
    old.sql("UPDATE agency_identity SET sealed = 'abc'")
    old.sql("UPDATE receipts SET amount_cents = 'a lot', received_on = 5")
    old.sql("UPDATE outbox SET subject = x'00' WHERE rowid = 3")
    old.sql("UPDATE cases SET status = CAST(x'ff' AS TEXT) WHERE rowid = 2")
    old.sql("UPDATE sessions SET is_on_shared_computer = 'perhaps', created_at = 7")
    old.sql("DELETE FROM postings WHERE seq = 2")
    said = upgrade("--dry-run")
    assert said.code == 3
    assert {fault["where"] for fault in said.error["faults"]} == {
        "people.email",
        "agency_identity.sealed",
        "receipts.amount_cents",
        "receipts.received_on",
        "outbox.subject",
        "cases.status",
        "sessions.is_on_shared_computer",
        "sessions.created_at",
        "postings.seq",
    }


def test_where_the_mark_of_the_agency_is_of_another_kind_the_keys_are_not_blamed(upgrade, old):
    old.sql("UPDATE agency_identity SET version = 'one'")
    said = upgrade()
    assert (said.code, said.error["code"]) == (3, "invariant")
    assert [fault["where"] for fault in said.error["faults"]] == ["agency_identity.version"]
