"""Many rows in memory: they are found in order, counted and deleted, and a reader keeps what was there."""

from random import Random
from typing import Any, Final

import pytest

from dcss_core.memory import MemoryStorage
from dcss_core.plugins import Collection, Field, FieldKind

_MANY: Final = 3_000  # several times what stands together
DEBTS = Collection(
    "debts",
    (
        Field("debt_id", FieldKind.INTEGER),
        Field("county", FieldKind.TEXT, optional=True),
        Field("cents", FieldKind.INTEGER),
    ),
    key="debt_id",
    indexes=(("county", "cents"),),
)
INDEX: Final = ("county", "cents")
ORDERS: Final = {
    "ascending": list(range(_MANY)),
    "descending": list(range(_MANY))[::-1],
    "mixed": Random(5).sample(range(_MANY), _MANY),
    "around the middle": sorted(range(_MANY), key=lambda number: abs(number - _MANY // 2)),
}
Rows = dict[int, dict[str, Any]]


def debt(debt_id: int) -> dict[str, Any]:
    county = [None, "Cobb", "Fulton"][debt_id * 31 % 3]
    return {"debt_id": debt_id, "county": county, "cents": debt_id * 7919 % 503}


def in_order(rows: Rows) -> list[int]:
    """Debts by county, None first, then by cents, then by number: as Python sorts them."""
    return sorted(rows, key=lambda number: (rows[number]["county"] or "", rows[number]["cents"], number))


def numbers(found: list[Any]) -> list[int]:
    return [row["debt_id"] for row in found]


@pytest.fixture(params=ORDERS)
def storage(request: pytest.FixtureRequest) -> MemoryStorage:
    storage = MemoryStorage()
    storage.prepare([DEBTS])
    order = ORDERS[request.param]
    for start in range(0, _MANY, 100):
        with storage.transaction(writes=True) as transaction:
            transaction.insert(DEBTS, [debt(number) for number in order[start : start + 100]])
    return storage


def expect(transaction: Any, rows: Rows) -> None:
    ordered = in_order(rows)
    in_cobb = [number for number in ordered if rows[number]["county"] == "Cobb"]
    assert numbers(transaction.find(DEBTS, INDEX)) == ordered
    assert numbers(transaction.find(DEBTS, INDEX, descending=True)) == ordered[::-1]
    assert numbers(transaction.find(DEBTS, ("debt_id",))) == sorted(rows)
    assert numbers(transaction.find(DEBTS, INDEX, ["Cobb"])) == in_cobb
    assert transaction.count(DEBTS, INDEX, ["Cobb"]) == len(in_cobb)
    few = [number for number in in_cobb if rows[number]["cents"] <= 250]
    assert numbers(transaction.find(DEBTS, INDEX, ["Cobb"], at_most=250)) == few
    assert transaction.count(DEBTS, INDEX, ["Cobb"], at_most=250) == len(few)
    assert [transaction.get(DEBTS, number) is not None for number in range(_MANY)] == [
        number in rows for number in range(_MANY)
    ]


def pages(transaction: Any, *, descending: bool, limit: int) -> list[int]:
    found: list[int] = []
    after = None
    while True:
        page = transaction.find(DEBTS, INDEX, descending=descending, after=after, limit=limit)
        found += numbers(page)
        if len(page) < limit:
            return found
        after = page[-1]


def test_they_are_found_in_order(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        expect(transaction, {number: debt(number) for number in range(_MANY)})


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("limit", [7, 256, 1_000])
def test_pages_put_together_are_all(storage: MemoryStorage, descending: bool, limit: int) -> None:
    ordered = in_order({number: debt(number) for number in range(_MANY)})
    with storage.transaction(writes=False) as transaction:
        found = pages(transaction, descending=descending, limit=limit)
    assert found == (ordered[::-1] if descending else ordered)


def test_they_are_changed_and_deleted_and_a_reader_keeps_them(storage: MemoryStorage) -> None:
    before = {number: debt(number) for number in range(_MANY)}
    deleted = in_order(before)[:1_000]
    after = {number: row for number, row in before.items() if number not in {*deleted}}
    moved = sorted(after)[::3]
    with storage.transaction(writes=False) as reading:
        with storage.transaction(writes=True) as transaction:
            assert transaction.delete(DEBTS, INDEX, limit=1_000) == 1_000
            for number in moved:
                after[number] = {**after[number], "county": "Cobb", "cents": -number}
                transaction.replace(DEBTS, after[number], expected_version=1)
            expect(transaction, after)
        expect(reading, before)
    with storage.transaction(writes=False) as reading:
        expect(reading, after)


def test_all_of_them_are_deleted_and_the_first_ones_come_again(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        while transaction.delete(DEBTS, ("debt_id",), limit=500):
            pass
        expect(transaction, {})
        transaction.insert(DEBTS, [debt(number) for number in range(3)])
        expect(transaction, {number: debt(number) for number in range(3)})
