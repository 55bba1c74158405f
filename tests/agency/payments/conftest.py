"""Families, the payment files their employers send, and what is in the books afterwards."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dcss_core import Actor, Agency, Secret
from dcss_core.cases import CaseApplication, Role
from dcss_core.testing import SentPayment, case_application, never_issued_ssn, participant, remittance_file

SAMPLES = Path(__file__).parents[2] / "payments" / "nacha" / "samples"


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    return lambda name: (SAMPLES / f"{name}.ach").read_bytes()


@pytest.fixture
def sent() -> type[SentPayment]:
    return SentPayment


@pytest.fixture
def file_of() -> Callable[..., bytes]:
    """The bytes of a payment file: the batches given, or one batch of the entries given."""
    return remittance_file


@pytest.fixture
def family() -> Callable[..., CaseApplication]:
    """The application for the case with a number; its noncustodial parent has the SSN given."""

    def made(case: str, ssn: str, monthly: str = "200.00", **changes: Any) -> CaseApplication:
        payer = participant(
            Role.NONCUSTODIAL_PARENT, "Al Hill", birth_date=date(1988, 7, 1), ssn=never_issued_ssn(ssn)
        )
        payee = participant(
            Role.CUSTODIAL_PARENT,
            "Mary Hill",
            birth_date=date(1988, 7, 2),
            email=Secret(f"mary.{case}@example.com"),
        )
        return case_application(case, payer=payer, payee=payee, child="Sky Hill", monthly=monthly, **changes)

    return made


@pytest.fixture
def books(clerk: Actor) -> Callable[[Agency], dict[str, Any]]:
    """All that money can have changed: balances, receipts that are held, letters that wait."""

    def seen(agency: Agency) -> dict[str, Any]:
        return {
            "balances": {
                place.value: str(amount)
                for place, amount in agency.payments.balances(by=Actor.system("reconciliation")).items()
            },
            "held": [(each.receipt.receipt_id, each.reason.value) for each in agency.payments.held(by=clerk)],
            "letters": agency.outbox.pending(by=Actor.system("dispatch")),
        }

    return seen


@pytest.fixture
def told(clerk: Actor) -> Callable[..., list[tuple[str, str, str]]]:
    """How each part of a receipt was applied: bucket, month, amount."""

    def parts(agency: Agency, receipt: Any) -> list[tuple[str, str, str]]:
        lines = agency.payments.explain(receipt, by=clerk).lines
        return [(line.bucket.value, str(line.month), str(line.amount)) for line in lines]

    return parts
