"""The storage that the how-to shows keeps every promise of the port, and an agency opens on it."""

import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dcss_core import Actor, KeyRing, MasterKey, Secret, open_agency
from dcss_core.testing import (
    FakeHasher,
    SentPayment,
    StorageConformance,
    case_application,
    remittance_file,
    synthetic_state,
)

EXAMPLE = Path(__file__).parents[2] / "examples" / "dict_storage.py"


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
