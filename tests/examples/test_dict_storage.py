"""The storage that the how-to shows keeps every promise of the port, and an agency opens on it."""

from collections.abc import Iterator

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
from examples import dict_storage


class TestDictStorage(StorageConformance):
    @pytest.fixture
    def storage(self) -> Iterator[dict_storage.DictStorage]:
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
