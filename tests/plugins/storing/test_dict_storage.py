"""The storage that the how-to shows, and the parts it is made of, keep every promise of the port."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dcss_core import Actor, KeyRing, MasterKey, Secret, open_agency
from dcss_core.errors import BackendError, InvalidInputError
from dcss_core.plugins import Collection, Field, FieldKind
from dcss_core.testing import (
    FakeHasher,
    SentPayment,
    StorageConformance,
    case_application,
    remittance_file,
    synthetic_state,
)

PEOPLE = Collection("people", (Field("name", FieldKind.TEXT),), key="name")
EXAMPLE = Path(__file__).parents[3] / "examples" / "dict_storage.py"


def loaded() -> Any:
    """The example, which stands beside the library and not in it."""
    spec = importlib.util.spec_from_file_location("dict_storage", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["dict_storage"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


dict_storage = loaded()


class TestDictStorage(StorageConformance):
    @pytest.fixture
    def storage(self) -> Iterator[Any]:
        storage = dict_storage.DictStorage()
        yield storage
        storage.close()


def test_an_agency_opens_on_it() -> None:
    with open_agency(
        "dict:",
        jurisdiction="US-XX",
        keys=KeyRing((MasterKey("test", Secret("1" * 64)),)),
        channels=None,
        plugins=[dict_storage, synthetic_state],
        hasher=FakeHasher(),
    ) as agency:
        agency.cases.open(case_application(), by=Actor.system("intake"))
        batch = agency.payments.receive(remittance_file(SentPayment("150.00")), by=Actor.system("remittance"))
        assert [receipt.amount.display() for receipt in batch.receipts] == ["$150.00"]
        assert agency.payments.verify(by=Actor.system("reconciliation")).is_sound
        assert agency.audit.verify(by=Actor.system("audit")).is_sound


@pytest.fixture
def storage() -> Iterator[Any]:
    storage = dict_storage.DictStorage()
    storage.prepare([PEOPLE])
    yield storage
    storage.close()


def test_a_block_is_entered_once(storage: Any) -> None:
    block = storage.transaction(writes=True)
    with block as transaction:
        with pytest.raises(BackendError, match="has begun already"):
            block.__enter__()
        transaction.insert(PEOPLE, [{"name": "a"}])
    with storage.transaction(writes=False) as transaction:
        assert transaction.count(PEOPLE, ("name",)) == 1


def test_a_transaction_that_is_being_saved_takes_no_call_any_more(storage: Any) -> None:
    def called_while_it_ends() -> None:
        with storage.transaction(writes=False) as transaction:
            transaction.finish()
            transaction.get(PEOPLE, "a")

    with pytest.raises(BackendError, match="begin another") as refusal:
        called_while_it_ends()
    assert refusal.value.retryable


@pytest.mark.parametrize("seconds", [-1, float("nan"), "1"])
def test_what_is_no_time_to_wait_is_refused_before_anything_is_waited_for(storage: Any, seconds: Any) -> None:
    with pytest.raises(InvalidInputError):
        storage.transaction(writes=True, wait_seconds=seconds)
