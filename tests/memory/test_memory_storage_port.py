"""What the newest calls of the port do in memory: keys at once, streams, deletion, sums and a wait."""

import math
from decimal import Decimal

import pytest

from dcss_core.errors import BackendError, DuplicateKeyError, InvalidInputError, InvariantError
from dcss_core.memory import MemoryStorage
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core.ports.storage import Row

DEBTS = Collection(
    "debts",
    (
        Field("debt_id", FieldKind.TEXT),
        Field("county", FieldKind.TEXT, optional=True),
        Field("cents", FieldKind.INTEGER, optional=True),
    ),
    key="debt_id",
    indexes=(("county", "cents"),),
)
POSTINGS = Collection(
    "postings",
    (Field("payer", FieldKind.TEXT), Field("note", FieldKind.TEXT, optional=True)),
    log=True,
    stream="payer",
)


def debt(debt_id: str, county: str | None, cents: int | None) -> Row:
    return {"debt_id": debt_id, "county": county, "cents": cents}


def posting(payer: str, note: str | None = None) -> Row:
    return {"payer": payer, "note": note}


@pytest.fixture
def storage() -> MemoryStorage:
    storage = MemoryStorage()
    storage.prepare([DEBTS, POSTINGS])
    with storage.transaction(writes=True) as transaction:
        transaction.insert(
            DEBTS,
            [debt("a", "Cobb", 30), debt("b", "Cobb", 10), debt("c", None, 5), debt("d", "Fulton", None)],
        )
        transaction.append(POSTINGS, [posting("x", "1st"), posting("y", "1st"), posting("x", "2nd")])
    return storage


# --- keys at once ---------------------------------------------------------------------------------------
def test_records_come_in_the_order_of_their_keys(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        rows = transaction.get_each(DEBTS, ["c", "missing", "a", "c"])
    assert [row and row["cents"] for row in rows] == [5, None, 30, 5]


def test_no_keys_give_no_records(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        assert transaction.get_each(DEBTS, []) == []


# --- streams --------------------------------------------------------------------------------------------
def test_entries_are_numbered_within_their_streams(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        numbers = transaction.append(POSTINGS, [posting("y"), posting("z"), posting("x"), posting("y")])
    assert numbers == [2, 1, 3, 3]


def test_an_entry_of_a_stream_is_got_by_stream_and_number(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        assert transaction.get(POSTINGS, ("x", 2)) == {"payer": "x", "note": "2nd", "seq": 2}
        assert transaction.get(POSTINGS, ("y", 2)) is None


def test_a_number_alone_is_no_key_of_a_stream(storage: MemoryStorage) -> None:
    with pytest.raises(InvalidInputError), storage.transaction(writes=False) as transaction:
        transaction.get(POSTINGS, 1)


def test_a_stream_that_begins_starts_at_one(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        assert transaction.append(POSTINGS, [posting("z"), posting("z")], begins=True) == [1, 2]
        assert transaction.append(POSTINGS, [posting("z")]) == [3]


def test_a_stream_that_is_there_does_not_begin_again(storage: MemoryStorage) -> None:
    with pytest.raises(DuplicateKeyError) as refusal, storage.transaction(writes=True) as transaction:
        transaction.append(POSTINGS, [posting("z"), posting("x")], begins=True)
    assert refusal.value.key_fields == ("payer", "seq")


def test_redaction_stays_in_its_stream(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        assert transaction.redact(POSTINGS, ["note"], up_to=9, stream="x") == 2
        notes = [row["note"] for row in transaction.find(POSTINGS, ("payer", "seq"))]
    assert notes == [None, None, "1st"]


def test_a_log_of_streams_is_not_redacted_without_one(storage: MemoryStorage) -> None:
    with pytest.raises(InvariantError), storage.transaction(writes=True) as transaction:
        transaction.redact(POSTINGS, ["note"], up_to=9)


# --- deletion -------------------------------------------------------------------------------------------
def test_the_first_that_find_gives_are_deleted(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        assert transaction.delete(DEBTS, ("county", "cents"), limit=2) == 2
        assert [row["debt_id"] for row in transaction.find(DEBTS, ("debt_id",))] == ["a", "d"]


def test_what_is_beyond_the_bound_is_not_deleted(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        assert transaction.delete(DEBTS, ("county", "cents"), ["Cobb"], at_most=10, limit=9) == 1
    with storage.transaction(writes=False) as transaction:
        assert [row["debt_id"] for row in transaction.find(DEBTS, ("debt_id",))] == ["a", "c", "d"]


def test_a_deleted_key_is_free_in_the_same_transaction(storage: MemoryStorage) -> None:
    with storage.transaction(writes=True) as transaction:
        transaction.delete(DEBTS, ("debt_id",), ["a"], limit=1)
        transaction.insert(DEBTS, [debt("a", "Clay", 1)])
    with storage.transaction(writes=False) as transaction:
        assert transaction.get(DEBTS, "a") == {**debt("a", "Clay", 1), "version": 1}


def test_a_log_is_not_deleted_from(storage: MemoryStorage) -> None:
    with pytest.raises(InvariantError), storage.transaction(writes=True) as transaction:
        transaction.delete(POSTINGS, ("payer", "seq"), limit=1)


# --- sums -----------------------------------------------------------------------------------------------
def test_a_sum_has_no_groups_unless_asked(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        assert transaction.sum(DEBTS, "cents", ("debt_id",)) == {(): 45}


def test_a_sum_stands_under_its_values_and_none_adds_nothing(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        sums = transaction.sum(DEBTS, "cents", ("county", "cents"), by=["county"])
    assert sums == {("Cobb",): 40, (None,): 5, ("Fulton",): 0}


def test_where_nothing_is_found_there_is_no_sum(storage: MemoryStorage) -> None:
    with storage.transaction(writes=False) as transaction:
        assert transaction.sum(DEBTS, "cents", ("debt_id",), ["missing"]) == {}


def test_sums_are_exact_beyond_64_bits(storage: MemoryStorage) -> None:
    most = 2**63 - 1
    with storage.transaction(writes=True) as transaction:
        transaction.insert(DEBTS, [debt(f"m{number}", "Hall", most) for number in range(3)])
        assert transaction.sum(DEBTS, "cents", ("county", "cents"), ["Hall"]) == {(): 3 * most}


# --- how long to wait -----------------------------------------------------------------------------------
def test_writing_transactions_queue(storage: MemoryStorage) -> None:
    assert storage.writes_one_at_a_time is True


def test_no_wait_at_all_is_refused_at_once(storage: MemoryStorage) -> None:
    with (
        storage.transaction(writes=True),
        pytest.raises(BackendError) as refusal,
        storage.transaction(writes=True, wait_seconds=0),
    ):
        pass
    assert refusal.value.retryable


@pytest.mark.parametrize("wait_seconds", [0, 0.5, 10**11])
def test_any_number_of_seconds_is_taken(storage: MemoryStorage, wait_seconds: float) -> None:
    with storage.transaction(writes=True, wait_seconds=wait_seconds) as transaction:
        assert transaction.get(DEBTS, "missing") is None


@pytest.mark.parametrize(
    "wait_seconds",
    [-1, -0.001, math.nan, math.inf, -math.inf, 10**400, 1e300, True, "1", Decimal(1)],
    ids=repr,
)
@pytest.mark.parametrize("writes", [True, False])
def test_what_is_no_number_of_seconds_is_refused(
    storage: MemoryStorage, writes: bool, wait_seconds: float
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        storage.transaction(writes=writes, wait_seconds=wait_seconds)
    assert [fault.where for fault in refusal.value.faults] == ["wait_seconds"]
