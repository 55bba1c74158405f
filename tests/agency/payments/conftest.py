"""Families, the payment files their employers send, and what is in the books afterwards."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import attrs
import pytest

from dcss_core import Actor, Agency, CaseNumber, Money, Secret, Ssn
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.cases import CaseApplication, NewObligation, NewParticipant, PersonName, Role
from dcss_core.payments.nacha import (
    BatchHeader,
    Ded,
    DedApplication,
    Entry,
    FileHeader,
    MedicalSupport,
    PaymentAddenda,
    ServiceClass,
    StandardEntryClass,
    TransactionCode,
    build_file,
    write_ded,
    write_file,
)

SAMPLES = Path(__file__).parents[2] / "payments" / "nacha" / "samples"


@pytest.fixture
def sample() -> Callable[[str], bytes]:
    return lambda name: (SAMPLES / f"{name}.ach").read_bytes()


@attrs.frozen
class Sent:
    """One entry as an employer sends it; by default for John's case, with his SSN."""

    amount: str = "200.00"
    case: str | None = "0004567890"
    ssn: str = "901028765"
    pay_date: date = date(2026, 1, 5)
    stated: str | None = None
    ended: bool = False
    locator: str | None = None
    trace: str = ""
    code: str | None = None

    def entry(self) -> Entry:
        return Entry(
            transaction_code=TransactionCode(self.code or ("24" if self.amount == "0.00" else "22")),
            receiving_bank=RoutingNumber("231380104"),
            account_number=Secret("0123456789"),
            amount=Money(self.amount),
            receiver_name="GEORGIA FSR",
            trace_number=self.trace,
            addenda=(PaymentAddenda(Secret(self.segment())),) if self.case is not None else (),
        )

    def segment(self) -> str:
        return write_ded(
            Ded(
                application=DedApplication.INCOME_WITHHOLDING,
                case_identifier=str(self.case),
                pay_date=self.pay_date,
                amount=Money(self.stated or self.amount),
                ssn=Secret(self.ssn),
                medical_support=MedicalSupport.NOT_AVAILABLE,
                fips=LocatorCode(self.locator) if self.locator else None,
                is_employment_terminated=self.ended,
            )
        )


@pytest.fixture
def sent() -> type[Sent]:
    return Sent


@pytest.fixture
def file_of() -> Callable[..., bytes]:
    """The bytes of a payment file: the batches given, or one batch of the entries given.

    `effective` are the effective entry dates, one a batch.
    """

    def written(
        *entries: Sent,
        batches: tuple[tuple[Sent, ...], ...] = (),
        effective: tuple[date, ...] = (),
        **header: Any,
    ) -> bytes:
        file_header = FileHeader(
            immediate_destination=" 231380104",
            immediate_origin="1121042882",
            creation_date=date(2026, 1, 6),
            origin_name="PEACH TREE PAYROLL",
            **header,
        )
        batch_header = BatchHeader(
            service_class=ServiceClass.MIXED,
            company_name="PEACH TREE PAY",
            company_identification="1580000001",
            standard_entry_class=StandardEntryClass.CCD,
            company_entry_description="CHILD SUPP",
            effective_entry_date=date(2026, 1, 7),
            originating_bank="12104288",
        )
        sent_batches = batches or (entries,)
        days = effective or (batch_header.effective_entry_date,) * len(sent_batches)
        made = [
            (attrs.evolve(batch_header, effective_entry_date=day), [each.entry() for each in batch])
            for day, batch in zip(days, sent_batches, strict=True)
        ]
        return write_file(build_file(file_header, made))

    return written


@pytest.fixture
def family() -> Callable[..., CaseApplication]:
    """The application for the case with a number; its noncustodial parent has the SSN given."""

    def made(case: str, ssn: str, monthly: str = "200.00", **changes: Any) -> CaseApplication:
        payer = Ssn(ssn, accept_never_issued=True)
        application = CaseApplication(
            case_number=CaseNumber(case),
            opened_on=date(2026, 1, 2),
            participants=(
                NewParticipant(
                    Role.NONCUSTODIAL_PARENT, PersonName("Al", "Hill"), date(1988, 7, 1), ssn=payer
                ),
                NewParticipant(
                    Role.CUSTODIAL_PARENT,
                    PersonName("Mary", "Hill"),
                    date(1988, 7, 2),
                    email=Secret(f"mary.{case}@example.com"),
                ),
                NewParticipant(Role.CHILD, PersonName("Sky", "Hill"), date(2018, 5, 4)),
            ),
            order_issued_on=date(2024, 3, 1),
            issuing_state="13",
            obligations=(NewObligation(Money(monthly), begins=date(2024, 4, 1)),),
        )
        return attrs.evolve(application, **changes)

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
