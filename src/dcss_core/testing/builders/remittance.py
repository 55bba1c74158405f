"""Remittance files as employers send them: payments in, the bytes of a Nacha file out.

Decides what a payment says where a test says nothing: $200.00 withheld from John Doe's wages for the case of
`case_application()`. Invariants: numbers, counts and totals are `build_file`'s, so that a file is sound
unless its bytes are damaged afterwards; an entry of CCD bears one payment, an entry of CTX as many as are
given.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, TypeAlias

import attrs

from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.base.secret import Secret
from dcss_core.errors import Fault, InvalidInputError
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

_WIDTH: Final = 80  # positions of payment related information in one addenda
_NOTHING: Final = Money("0.00")


@attrs.frozen
class SentPayment:
    """One payment as an employer sends it.

    `case` None sends no word of what the money is for. `stated` is what the employer says was withheld where
    that differs from the money that comes. `code` is the transaction code, a credit to a checking account by
    default, and a notice without money for an amount of zero. `trace` is the entry's trace number, 15 digits;
    without it the file numbers its entries.
    """

    amount: str = "200.00"
    case: CaseNumber | str | None = "0004567890"
    ssn: Secret | str = attrs.field(default="901028765", repr=False)
    pay_date: date = date(2026, 1, 5)
    stated: str | None = None
    ended: bool = False
    locator: str | None = None
    trace: str = ""
    code: str | None = None

    def segment(self) -> str:
        """The DED segment that says what the money is for."""
        return write_ded(
            Ded(
                application=DedApplication.INCOME_WITHHOLDING,
                case_identifier=str(self.case),
                pay_date=self.pay_date,
                amount=Money(self.stated or self.amount),
                ssn=self.ssn if isinstance(self.ssn, Secret) else Secret(self.ssn),
                medical_support=MedicalSupport.NOT_AVAILABLE,
                fips=LocatorCode(self.locator) if self.locator else None,
                is_employment_terminated=self.ended,
            )
        )


Together: TypeAlias = SentPayment | Sequence[SentPayment]
"""One entry of a file: a payment, or for CTX several in one."""


def remittance_file(
    *payments: Together,
    batches: Sequence[Sequence[Together]] = (),
    effective: Sequence[date] = (),
    entry_class: StandardEntryClass = StandardEntryClass.CCD,
    batch: dict[str, Any] | None = None,
    **header: Any,
) -> bytes:
    """The bytes of a file: one batch of the payments, or the `batches` given.

    `effective` are the effective entry dates, one a batch. `batch` are fields of each BatchHeader, `header`
    those of the FileHeader. Give payments as arguments, one after another: each is an entry of its own.
    A list of several is one entry, one deposit, and needs `entry_class=StandardEntryClass.CTX`.
    """
    sent = batches or (payments,)
    days = effective or (date(2026, 1, 7),) * len(sent)
    if len(days) != len(sent):
        fault = Fault("effective", f"{len(days)} days", f"{len(sent)}, one a batch")
        raise InvalidInputError("this file can't be built", faults=[fault])
    opening = attrs.evolve(_batch_header(entry_class), **(batch or {}))
    built = [
        (attrs.evolve(opening, effective_entry_date=day), [_entry(each, entry_class) for each in together])
        for day, together in zip(days, sent, strict=True)
    ]
    return write_file(build_file(attrs.evolve(_file_header(), **header), built))


def _file_header() -> FileHeader:
    return FileHeader(
        immediate_destination=" 231380104",
        immediate_origin="1121042882",
        creation_date=date(2026, 1, 6),
        origin_name="PEACH TREE PAYROLL",
    )


def _batch_header(entry_class: StandardEntryClass) -> BatchHeader:
    return BatchHeader(
        service_class=ServiceClass.MIXED,
        company_name="PEACH TREE PAY",
        company_identification="1580000001",
        standard_entry_class=entry_class,
        company_entry_description="CHILD SUPP",
        effective_entry_date=date(2026, 1, 7),
        originating_bank="12104288",
    )


def _entry(sent: Together, entry_class: StandardEntryClass) -> Entry:
    together = (sent,) if isinstance(sent, SentPayment) else tuple(sent)
    first = together[0]
    amount = Money.total(Money(each.amount) for each in together)
    code = first.code or (
        TransactionCode.CHECKING_CREDIT_REMITTANCE_ONLY
        if amount == _NOTHING
        else TransactionCode.CHECKING_CREDIT
    )
    segments = [each.segment() for each in together if each.case is not None]
    return Entry(
        transaction_code=TransactionCode(code),
        receiving_bank=RoutingNumber("231380104"),
        account_number=Secret("0123456789"),
        amount=amount,
        receiver_name="STATE SDU",
        trace_number=first.trace,
        addenda=tuple(PaymentAddenda(Secret(text)) for text in _addenda(segments, entry_class)),
    )


def _addenda(segments: list[str], entry_class: StandardEntryClass) -> list[str]:
    if entry_class is not StandardEntryClass.CTX:
        return segments  # an addenda each, and the writer refuses more than the class may have
    message = "".join(segments)
    return [message[at : at + _WIDTH] for at in range(0, len(message), _WIDTH)]
