"""Many keys at once, sums and deletion, as SQLite answers them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from dcss_core.errors import InvalidInputError, InvariantError
from dcss_core.plugins import Collection, Field, FieldKind, Scalar
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

LARGEST = 2**63 - 1
DEBTS = Collection(
    "debts",
    (
        Field("debt_id", FieldKind.TEXT),
        Field("county", FieldKind.TEXT),
        Field("due_on", FieldKind.DATE, optional=True),
        Field("cents", FieldKind.INTEGER, optional=True),
    ),
    key="debt_id",
    indexes=(("county", "due_on"),),
)
VISITS = Collection("visits", (Field("at", FieldKind.INSTANT),), key="at")
INDEX = ("county", "due_on")


@pytest.fixture
def storage(tmp_path: Path) -> Iterator[SqlStorage]:
    storage = open_storage(f"sqlite:///{tmp_path}/agency.db")
    storage.prepare([DEBTS, VISITS])
    yield storage
    storage.close()


def debt(
    number: int, county: str = "Fulton", cents: int | None = 1, day: int | None = 1
) -> dict[str, Scalar]:
    due_on = None if day is None else date(2026, 1, day)
    return {"debt_id": f"{number:05}", "county": county, "due_on": due_on, "cents": cents}


def insert(storage: SqlStorage, *rows: dict[str, Scalar]) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.insert(DEBTS, rows)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 17, 255, 256, 257, 1_000])
def test_records_come_in_the_order_of_their_keys(storage: SqlStorage, number: int) -> None:
    insert(storage, *(debt(each) for each in range(0, number, 2)))
    keys = [f"{each:05}" for each in reversed(range(number))]
    with storage.transaction(writes=False) as transaction:
        found = transaction.get_each(DEBTS, keys)
    assert [row and row["debt_id"] for row in found] == [key if int(key) % 2 == 0 else None for key in keys]


def test_a_key_of_another_kind_is_encoded(storage: SqlStorage) -> None:
    instants = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    with storage.transaction(writes=True) as transaction:
        transaction.insert(VISITS, [{"at": instant} for instant in instants[:2]])
        found = transaction.get_each(VISITS, [instants[2], instants[1], instants[1]])
    assert [row and row["at"] for row in found] == [None, instants[1], instants[1]]


def test_one_wrong_key_is_refused(storage: SqlStorage) -> None:
    with pytest.raises(InvalidInputError), storage.transaction(writes=False) as transaction:
        transaction.get_each(DEBTS, ["00001", 2])


def test_sums_are_exact_beyond_64_bits(storage: SqlStorage) -> None:
    insert(storage, *(debt(number, cents=LARGEST) for number in range(5)), debt(5, cents=-7))
    insert(storage, *(debt(number, "Cobb", -LARGEST - 1) for number in range(6, 9)))
    with storage.transaction(writes=False) as transaction:
        of_all = transaction.sum(DEBTS, "cents", INDEX)
        by_county = transaction.sum(DEBTS, "cents", INDEX, by=["county"])
    assert by_county == {("Fulton",): 5 * LARGEST - 7, ("Cobb",): 3 * (-LARGEST - 1)}
    assert of_all == {(): 5 * LARGEST - 7 - 3 * (LARGEST + 1)}


def test_a_sum_is_bounded_and_grouped_like_find(storage: SqlStorage) -> None:
    insert(storage, debt(1, cents=1, day=1), debt(2, cents=2, day=2), debt(3, cents=4, day=2))
    insert(storage, debt(4, cents=8, day=3), debt(5, cents=16, day=None), debt(6, "Cobb", 32))
    with storage.transaction(writes=False) as transaction:
        sums = transaction.sum(
            DEBTS, "cents", INDEX, ["Fulton"], at_most=date(2026, 1, 2), by=["due_on", "county"]
        )
        of_none = transaction.sum(DEBTS, "cents", INDEX, ["Fulton", None], by=["due_on"])
    assert sums == {(date(2026, 1, 1), "Fulton"): 1, (date(2026, 1, 2), "Fulton"): 6}
    assert of_none == {(None,): 16}


def test_no_record_has_no_sum_and_none_adds_nothing(storage: SqlStorage) -> None:
    insert(storage, debt(1, cents=None), debt(2, "Cobb", cents=None), debt(3, "Cobb", cents=3))
    with storage.transaction(writes=False) as transaction:
        nobody = transaction.sum(DEBTS, "cents", INDEX, ["DeKalb"])
        only_none = transaction.sum(DEBTS, "cents", INDEX, ["Fulton"])
        grouped = transaction.sum(DEBTS, "cents", INDEX, ["DeKalb"], by=["county"])
        with_none = transaction.sum(DEBTS, "cents", INDEX, ["Cobb"])
    assert (nobody, only_none, grouped, with_none) == ({}, {(): 0}, {}, {(): 3})


def test_the_first_records_are_deleted_in_steps(storage: SqlStorage) -> None:
    insert(storage, *(debt(number, day=1 + number % 3) for number in range(9)), debt(9, "Cobb"))
    left, numbers = [], []
    for _ in range(4):
        with storage.transaction(writes=True) as transaction:
            numbers.append(transaction.delete(DEBTS, INDEX, ["Fulton"], at_most=date(2026, 1, 2), limit=2))
            left.append([row["debt_id"] for row in transaction.find(DEBTS, INDEX, ["Fulton"])])
    assert numbers == [2, 2, 2, 0]
    assert left[0] == ["00006", "00001", "00004", "00007", "00002", "00005", "00008"]
    assert left[3] == ["00002", "00005", "00008"]


def test_nothing_is_deleted_with_a_limit_of_0_or_after_a_rollback(storage: SqlStorage) -> None:
    insert(storage, debt(1))
    with storage.transaction(writes=True) as transaction:
        assert transaction.delete(DEBTS, INDEX, limit=0) == 0
    with pytest.raises(ZeroDivisionError):
        delete_in_vain(storage)
    with storage.transaction(writes=False) as transaction:
        assert transaction.count(DEBTS, INDEX) == 1


def delete_in_vain(storage: SqlStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        assert transaction.delete(DEBTS, ("debt_id",), ["00001"], limit=9) == 1
        raise ZeroDivisionError


def test_a_log_is_not_deleted_from(storage: SqlStorage) -> None:
    events = Collection("events", (Field("subject", FieldKind.TEXT),), log=True)
    storage.prepare([events])
    with pytest.raises(InvariantError), storage.transaction(writes=True) as transaction:
        transaction.delete(events, ("seq",), limit=1)


@pytest.mark.parametrize("wait", [-1, -0.001, float("nan"), "1", True])
def test_what_is_no_wait_is_refused(storage: SqlStorage, wait: float) -> None:
    with pytest.raises(InvalidInputError, match="wait_seconds"):
        storage.transaction(writes=True, wait_seconds=wait)
