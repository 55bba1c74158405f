"""What the audit log says of the money, compared with what is stored.

Decides which rows an entry speaks of and whether they are those that were posted with it. Invariants: an
entry agrees only when no field of any of its rows was changed; an entry from before hashes were written down
is compared by what it says.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeAlias

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.cases.case import Case, Participation
from dcss_core.cases.opening import CaseOpened, OwedBefore, recorded as recorded_at_opening
from dcss_core.cases.order import Obligation, SupportOrder
from dcss_core.errors import InvalidInputError
from dcss_core.payments.collection.employment_end import EmploymentEndReport, EmploymentEndReported
from dcss_core.payments.collection.receipt import (
    Receipt,
    ReceiptHeld,
    ReceiptIdentified,
    ReceiptPosted,
    as_held,
    recorded as recorded_with,
)
from dcss_core.payments.collection.remittance_file import (
    FileStatus,
    RemittanceFile,
    RemittancePosted,
    RemittanceReceived,
    recorded as recorded_of_file,
)
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.ledger import HoldReason, Place, Posting
from dcss_core.payments.obligations.charging import (
    OPENING,
    SupportCharged,
    entered_at_opening,
    recorded as recorded_in,
)

Details: TypeAlias = Mapping[str, Any]
"""What an entry says, as it was read from JSON."""

JOURNAL_ENTRIES: Final[Mapping[str, tuple[str, ...]]] = {
    ReceiptPosted.kind: ("receipt", "distribution"),
    ReceiptHeld.kind: ("receipt",),
    ReceiptIdentified.kind: ("identified", "distribution"),
}
"""Which journal entries of a receipt are made with each kind of entry about it."""

OPENED: Final = CaseOpened.kind
CHARGED: Final = SupportCharged.kind
REPORTED: Final = EmploymentEndReported.kind
FILES: Final = frozenset({RemittanceReceived.kind, RemittancePosted.kind})


def is_receipt_as_told(
    kind: str,
    details: Details,
    receipt: Receipt,
    postings: Sequence[Posting],
    lines: Sequence[DistributionLine],
) -> bool:
    """Whether a receipt is as an entry about it says, with what was posted and told along with it."""
    if kind == ReceiptHeld.kind:
        reason = next((each for each in HoldReason if each.value == details.get("reason")), None)
        if reason in (None, HoldReason.FUTURE_SUPPORT):
            return False
        receipt, lines = as_held(receipt, reason), ()
    at_receipt = [line for line in lines if not line.from_held]
    agrees = details.get("amount") == str(receipt.amount)
    return agrees and _is_hash(details, recorded_with(receipt, postings, at_receipt))


def is_of_opening(posting: Posting) -> bool:
    """Whether a posting is of what was owed before its case was opened."""
    return posting.entry_id.startswith(f"{OPENING}/")


def is_opened_as_told(
    details: Details,
    at: datetime,
    case: Case,
    participations: Sequence[Participation],
    orders: Sequence[SupportOrder],
    obligations: Sequence[Obligation],
    postings: Sequence[Posting],
) -> bool:
    """Whether a case is as the entry of its opening says, with the postings of what was owed before."""
    owed = [
        OwedBefore(posting.obligation_id, posting.month, posting.amount)
        for posting in postings
        if posting.place is Place.OWED and posting.obligation_id is not None and posting.month is not None
    ]
    expected = entered_at_opening(case.case_number, owed, at=at)
    if sorted(postings, key=_place) != sorted(expected, key=_place):
        return False
    arrears = Money.total(each.amount for each in owed)
    told = details.get("assistance"), details.get("opening_arrears")
    return told == (case.assistance.value, str(arrears)) and _is_hash(
        details, recorded_at_opening(case, participations, orders, obligations, owed)
    )


def months_charged(details: Details) -> tuple[Month, ...]:
    """The months that an entry says were charged; none where it can't be read."""
    try:
        month, through = (Month.parse(str(details.get(name))) for name in ("first", "through"))
    except InvalidInputError:
        return ()
    months = []
    while month <= through:
        months.append(month)
        month = month.plus(1)
    return tuple(months)


def case_of(details: Details) -> CaseNumber | None:
    """The case that an entry names; None where it can't be read."""
    try:
        return CaseNumber(str(details.get("case_number")))
    except InvalidInputError:
        return None


def is_charged_as_told(
    details: Details,
    case_number: CaseNumber,
    postings: Sequence[Posting],
    lines: Sequence[DistributionLine],
) -> bool:
    """Whether what fell due in a case is what an entry says; `lines` are of receipts that paid some of it."""
    months = months_charged(details)
    applied = [line for line in lines if line.from_held and line.month in months]
    charged = [posting.amount for posting in postings if posting.place is Place.CHARGED]
    agrees = details.get("amount") == str(-Money.total(charged))
    return agrees and _is_hash(details, recorded_in(str(case_number), postings, applied))


def is_report_as_told(details: Details, report: EmploymentEndReport) -> bool:
    """Whether a report that employment ended is as an entry says."""
    return _is_hash(details, EmploymentEndReported.of(report).recorded)


def is_file_as_told(kind: str, details: Details, file: RemittanceFile) -> bool:
    """Whether a payment file is as an entry says."""
    if kind == RemittanceReceived.kind:
        agrees = (details.get("entries"), details.get("total")) == (file.entries, str(file.total))
        return agrees and _is_hash(details, recorded_of_file(file))
    return file.status is FileStatus.RECEIVED and dict(details) == RemittancePosted.of(file).details()


def _place(posting: Posting) -> tuple[str, int]:
    return posting.entry_id, posting.line


def _is_hash(details: Details, expected: str) -> bool:
    return bool(details.get("recorded", expected) == expected)
