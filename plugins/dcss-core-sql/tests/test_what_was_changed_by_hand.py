"""What somebody wrote into the file by hand: values of another type, and triggers that let rows fall."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime

import pytest

from dcss_core.errors import InvariantError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage

# A column keeps these as they are; SQLite changes some, as '5' in a column of numbers, on their way in.
OTHERS = {
    FieldKind.TEXT: ["x'00'", "zeroblob(0)"],
    FieldKind.INTEGER: ["'abc'", "1.5", "x'05'"],
    FieldKind.BOOLEAN: ["2", "-1", "'yes'", "0.5", "x'01'"],
    FieldKind.DATE: ["5", "'yesterday'", "x'32303236'", "1e308"],
    FieldKind.INSTANT: ["5", "'now'", "x'00'", "-0.5"],
    FieldKind.BYTES: ["'abc'", "5", "1.5"],
}
VALUES = {
    FieldKind.TEXT: "text",
    FieldKind.INTEGER: 5,
    FieldKind.BOOLEAN: True,
    FieldKind.DATE: date(2026, 1, 7),
    FieldKind.INSTANT: datetime(2026, 1, 7, 15, 0, tzinfo=UTC),
    FieldKind.BYTES: b"bytes",
}
KINDS = [*VALUES]
RECORDS = Collection(
    "records",
    (
        Field("name", FieldKind.TEXT),
        *(Field(kind.value, kind) for kind in KINDS),
        *(Field(f"maybe_{kind.value}", kind, optional=True) for kind in KINDS),
    ),
    key="name",
    indexes=(("integer",),),
)
ROW = {"name": "a"} | {f"{may}{kind.value}": VALUES[kind] for kind in KINDS for may in ("", "maybe_")}
CHANGED = [
    (f"{may}{kind.value}", value) for kind in KINDS for may in ("", "maybe_") for value in OTHERS[kind]
]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "records.db"


@pytest.fixture
def storage(path):
    opened = open_storage(f"sqlite:///{path}")
    opened.prepare([RECORDS])
    with opened.transaction(writes=True) as transaction:
        transaction.insert(RECORDS, [ROW])
    yield opened
    opened.close()


def by_hand(path, statement):
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute(statement)


@pytest.mark.parametrize(("column", "value"), [*CHANGED, ("version", "'abc'"), ("version", "1.5")])
@pytest.mark.parametrize("how", ["get", "get_each", "find", "find_each"])
def test_a_value_of_another_type_is_named_by_its_column_and_never_shown(storage, path, column, value, how):
    by_hand(path, f'UPDATE records SET "{column}" = {value}')
    ask = {
        "get": lambda transaction: transaction.get(RECORDS, "a"),
        "get_each": lambda transaction: transaction.get_each(RECORDS, ["a"]),
        "find": lambda transaction: transaction.find(RECORDS, ("name",)),
        "find_each": lambda transaction: transaction.find_each(RECORDS, ("name",), ["a"]),
    }[how]
    with pytest.raises(InvariantError) as refused, storage.transaction(writes=False) as transaction:
        ask(transaction)
    kind = column.removeprefix("maybe_") if column != "version" else "integer"
    assert str(refused.value) == (
        f"what is stored in records.{column} can't be read; was it changed by hand?\n"
        f"  records.{column}: found a value that was never written here, expected {kind}"
    )


@pytest.mark.parametrize(("column", "value"), [change for change in CHANGED if "integer" not in change[0]])
def test_a_value_of_another_type_is_refused_among_the_groups_of_a_sum(storage, path, column, value):
    by_hand(path, f'UPDATE records SET "{column}" = {value}')
    with pytest.raises(InvariantError), storage.transaction(writes=False) as transaction:
        transaction.sum(RECORDS, "integer", ("name",), by=(column,))


def test_a_row_that_a_trigger_lets_fall_is_not_taken_for_saved(storage, path):
    by_hand(path, "CREATE TRIGGER t BEFORE INSERT ON records BEGIN SELECT RAISE(IGNORE); END")
    rows = [{**ROW, "name": "b"}, {**ROW, "name": "c"}]
    with pytest.raises(InvariantError, match="trigger"), storage.transaction(writes=True) as transaction:
        transaction.insert(RECORDS, rows)
    with storage.transaction(writes=False) as transaction:
        assert transaction.count(RECORDS, ("name",)) == 1
