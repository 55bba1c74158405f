from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.base.secret import Secret
from dcss_core.payments.nacha import (
    BatchHeader,
    Entry,
    FileHeader,
    PaymentAddenda,
    ServiceClass,
    StandardEntryClass,
    TransactionCode,
)

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    return lambda name: (SAMPLES / f"{name}.ach").read_bytes()


@pytest.fixture
def employer_file(sample) -> bytes:
    """Records: 1 file header, 2 batch header, 3-10 four entries and their DEDs, 11 and 12 controls."""
    return sample("ccdplus-ded-employer-to-sdu")


@pytest.fixture
def file_header() -> FileHeader:
    return FileHeader(
        immediate_destination=" 231380104", immediate_origin="1121042882", creation_date=date(2026, 1, 5)
    )


@pytest.fixture
def batch_header() -> BatchHeader:
    return BatchHeader(
        service_class=ServiceClass.CREDITS,
        company_name="ACME PAYROLL INC",
        company_identification="1123456789",
        standard_entry_class=StandardEntryClass.CCD,
        company_entry_description="CHILD SUPP",
        effective_entry_date=date(2026, 1, 7),
        originating_bank="12104288",
    )


@pytest.fixture
def make_entry() -> Callable[..., Entry]:
    def make(amount: str = "243.69", remittance: str | None = None, **changes: object) -> Entry:
        values: dict[str, object] = {
            "transaction_code": TransactionCode.CHECKING_CREDIT,
            "receiving_bank": RoutingNumber("231380104"),
            "account_number": Secret("0123456789"),
            "amount": Money(amount),
            "receiver_name": "STATE SDU",
            "addenda": (PaymentAddenda(Secret(remittance)),) if remittance else (),
        }
        return Entry(**values | changes)

    return make
