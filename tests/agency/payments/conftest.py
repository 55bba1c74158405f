"""Families, the payment files their employers send, and what is in the books afterwards."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dcss_core import Actor, Agency, CaseNumber, Secret
from dcss_core.cases import CaseApplication, Role
from dcss_core.payments import BooksVerification, Receipt
from dcss_core.testing import (
    FrozenClock,
    SentPayment,
    case_application,
    never_issued_ssn,
    participant,
    remittance_file,
)

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


@pytest.fixture
def two_cases(
    agency: Agency,
    family: Callable[..., CaseApplication],
    clerk: Actor,
    intake: Actor,
    file_of: Callable[..., bytes],
    sent: type[SentPayment],
    clock: FrozenClock,
) -> tuple[Receipt, ...]:
    """Two cases, money on time, too much, for months to come, held, identified, and a report."""
    agency.cases.open(family("0004567890", "900010001"), by=intake)
    agency.cases.open(family("0004567891", "900010002", "133.33"), by=intake)
    one, two = {"case": "0004567890", "ssn": "900010001"}, {"case": "0004567891", "ssn": "900010002"}
    entries = [
        sent("150.00", **one),
        sent("300.00", **one),
        sent("7.00", case="0009999999"),
        sent("9.00", case="0009999998"),
        sent("20.00", **two, ended=True),
    ]
    pace: dict[str, Any] = {"by": Actor.system("remittance"), "entries_at_once": 2, "pause_seconds": 0}
    receipts = agency.payments.receive(file_of(*entries), **pace).receipts
    clock.move(days=2)
    agency.payments.identify(receipts[2].receipt_id, CaseNumber("0004567890"), by=clerk)
    clock.move(days=30)
    agency.payments.charge(by=Actor.system("charging"))
    agency.payments.receive(file_of(sent("50.00", **two, trace="121042880000099")), **pace)
    return receipts


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The file of an agency that is changed by hand."""
    return tmp_path / "agency.db"


@pytest.fixture
def changed(agency: Agency, database: Path) -> Callable[..., BooksVerification]:
    """Changes the database by hand, and looks."""

    def done(*changes: str) -> BooksVerification:
        with closing(sqlite3.connect(database)) as connection, connection:
            for change in changes:
                assert connection.execute(change).rowcount > 0
        return agency.payments.verify(by=Actor.system("audit"))

    return done
