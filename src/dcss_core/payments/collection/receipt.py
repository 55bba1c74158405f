"""Receipt: money that came in, from whom, for which case, and what became of it.

Decides whether an entry of a remittance can be matched to a case and posts it. Invariants: a receipt
is distributed to a case or held with a reason, never dropped; its id is made from what was sent, so that
the same entry is the same receipt however often it arrives; four dates are kept apart (paid to the
employee, received here, collected in law, recorded).
"""

import base64
import hashlib
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from typing import ClassVar, Final

import attrs

from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.locator_code import LocatorCode
from dcss_core.base.money import Money
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.cases.case import Case, CaseStatus
from dcss_core.cases.people.person import Person
from dcss_core.payments.distribution.distribution import DistributionLine, collection_date, distribute
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import HoldReason, Movement, Place, Posting, post


class ReceiptStatus(OrderedEnum):
    """What became of a receipt."""

    DISTRIBUTED = "distributed"
    HELD = "held"


class ReceiptAct(Enum):
    """What is done to a receipt."""

    RECEIVE = "receive"
    HOLD = "hold"
    RELEASE = "release"


RECEIPT_STATES: Final = StateTable(
    "a receipt",
    ReceiptStatus,
    ReceiptAct,
    (
        (None, ReceiptAct.RECEIVE, ReceiptStatus.DISTRIBUTED),
        (None, ReceiptAct.HOLD, ReceiptStatus.HELD),
        (ReceiptStatus.HELD, ReceiptAct.RELEASE, ReceiptStatus.DISTRIBUTED),
    ),
)


@attrs.frozen
class RemittanceEntry:
    """One entry of a payment file, as it was sent.

    `sameness` is the text that makes two entries the same payment, `undated` that text without the
    effective entry date; `occurrence` counts equal entries within one file, from 1. `ssn` is what was
    sent, valid or not; `locator` the payment unit it is addressed to. `has_other_purpose` says that the
    sender calls it a tax offset or a recovery of costs, which support is not distributed like.
    """

    sameness: str
    undated: str
    occurrence: int
    trace_number: str
    remitter: str
    amount: Money
    case_as_sent: str | None = None
    pay_date: date | None = None
    stated_amount: Money | None = None
    ssn: Secret | None = None
    locator: LocatorCode | None = None
    employment_ended: bool = False
    has_other_purpose: bool = False

    def __attrs_post_init__(self) -> None:
        check_invariants(
            self,
            (self.amount.cents >= 0, "its amount is zero or more"),
            (
                self.stated_amount is None or self.stated_amount.cents >= 0,
                "the amount stated beside it is zero or more",
            ),
            (self.occurrence >= 1, "it occurs once or more"),
        )

    @cached_property
    def receipt_id(self) -> str:
        """An id that is the same whenever and wherever this entry is read: `R` and 100 bits in base 32."""
        return "R" + _hundred_bits(f"{self.sameness}\n{self.occurrence}")

    @cached_property
    def likeness(self) -> str:
        """What entries have in common that agree in all but the effective entry date: 100 bits in base 32."""
        return _hundred_bits(self.undated)


def _hundred_bits(text: str) -> str:
    return base64.b32encode(hashlib.sha256(text.encode()).digest())[:20].decode()


@attrs.frozen
class Receipt:
    """Money received: held for a reason and of no case yet, or distributed to a case.

    `send_by` is the last day to send the family's part; None when held, or not known. `likeness` is one
    for receipts that agree in all that was sent but the effective entry date.
    """

    receipt_id: str
    likeness: str
    file_id: str
    trace_number: str
    remitter: str
    amount: Money
    case_as_sent: str | None
    pay_date: date | None
    received_on: date
    collected_on: date
    recorded_at: datetime
    status: ReceiptStatus
    case_number: CaseNumber | None = None
    hold_reason: HoldReason | None = None
    send_by: date | None = None

    def __attrs_post_init__(self) -> None:
        is_held = self.status is ReceiptStatus.HELD
        check_invariants(
            self,
            (self.amount.cents > 0, "its amount is more than zero"),
            (is_held is (self.hold_reason is not None), "it has a reason to be held as long as it is"),
            (
                self.hold_reason is not HoldReason.FUTURE_SUPPORT,
                "a case is known for money of months to come",
            ),
            (is_held is (self.case_number is None), "it has a case unless it is held"),
            (not is_held or self.collected_on == self.received_on, "while held it counts from its receipt"),
            (self.collected_on <= self.received_on, "it counts from the day it was received or one before"),
            (
                self.send_by is None or (not is_held and self.send_by >= self.received_on),
                "it is to be sent after it was received, and not while it is held",
            ),
        )


@attrs.frozen
class ReceiptPosted(Event):
    """A receipt was posted to a case and distributed."""

    kind: ClassVar[str] = "receipt_posted"
    about: ClassVar[tuple[str, str]] = ("receipt", "receipt_id")
    receipt_id: str
    case_number: CaseNumber
    amount: Money


@attrs.frozen
class ReceiptHeld(Event):
    """A receipt was posted and is held until staff find out where it belongs."""

    kind: ClassVar[str] = "receipt_held"
    about: ClassVar[tuple[str, str]] = ("receipt", "receipt_id")
    receipt_id: str
    reason: HoldReason
    amount: Money


@attrs.frozen
class ReceiptIdentified(Event):
    """Staff found the case a held receipt belongs to; it was distributed."""

    kind: ClassVar[str] = "receipt_identified"
    about: ClassVar[tuple[str, str]] = ("receipt", "receipt_id")
    receipt_id: str
    case_number: CaseNumber
    amount: Money


@attrs.frozen
class PostedReceipt:
    """A receipt with all that its posting made; `account` is None when no case account changed."""

    receipt: Receipt
    account: CaseAccount | None
    lines: tuple[DistributionLine, ...]
    postings: tuple[Posting, ...]
    events: tuple[Event, ...]


def why_held(
    entry: RemittanceEntry,
    case: Case | None,
    noncustodial_parent: Person | None,
    *,
    is_like_another: bool = False,
) -> HoldReason | None:
    """Why an entry can't be posted to the case it names; None when it can.

    The remitter's case number is honoured when the case is open and the SSN, where both sides have
    one, is the noncustodial parent's. `is_like_another` says that a receipt has the same likeness.
    """
    if entry.occurrence > 1 or is_like_another:
        return HoldReason.POSSIBLE_DUPLICATE
    if entry.case_as_sent is None:
        several = entry.stated_amount is not None
        return HoldReason.AMOUNTS_DIFFER if several else HoldReason.NO_CHILD_SUPPORT_ADDENDUM
    if entry.has_other_purpose:
        return HoldReason.OTHER_PURPOSE
    if case is None:
        return HoldReason.CASE_UNKNOWN
    if case.status is CaseStatus.CLOSED:
        return HoldReason.CASE_CLOSED
    if not ssn_agrees(entry.ssn, noncustodial_parent):
        return HoldReason.SSN_DOES_NOT_MATCH_CASE
    if entry.stated_amount is not None and entry.stated_amount != entry.amount:
        return HoldReason.AMOUNTS_DIFFER
    return None


def hold(
    entry: RemittanceEntry, reason: HoldReason, *, file_id: str, received_on: date, at: datetime
) -> PostedReceipt:
    """Post an entry that can't be distributed: every cent of it is held, with the reason."""
    receipt = _entered(
        entry, ReceiptAct.HOLD, file_id=file_id, received_on=received_on, at=at, hold_reason=reason
    )
    into = Movement(Place.HELD, entry.amount, receipt_id=receipt.receipt_id, hold_reason=reason)
    postings = _collected(receipt, into, at)
    return PostedReceipt(
        receipt, None, (), postings, (ReceiptHeld(receipt.receipt_id, reason, receipt.amount),)
    )


def receive(
    entry: RemittanceEntry,
    account: CaseAccount,
    policy: DistributionPolicy,
    *,
    file_id: str,
    received_on: date,
    send_by: date | None,
    at: datetime,
) -> PostedReceipt:
    """Post an entry to its case and distribute it; the account is charged through the month of receipt."""
    receipt = _entered(
        entry,
        ReceiptAct.RECEIVE,
        file_id=file_id,
        received_on=received_on,
        collected_on=collection_date(received_on, entry.pay_date, account, policy),
        at=at,
        case_number=account.case_number,
        send_by=send_by,
    )
    into = Movement(Place.UNDISTRIBUTED, entry.amount, receipt_id=receipt.receipt_id)
    collected = _collected(receipt, into, at)
    event = ReceiptPosted(receipt.receipt_id, account.case_number, receipt.amount)
    return _distributed(receipt, account, policy, collected, event, at)


def release(
    receipt: Receipt,
    account: CaseAccount,
    policy: DistributionPolicy,
    *,
    send_by: date | None,
    at: datetime,
) -> PostedReceipt:
    """Post a held receipt to the case that staff found for it, and distribute it.

    It counts from the day it was received, and satisfies what is still owed now: what other receipts
    satisfied meanwhile stays satisfied by them. Raises ConflictError when it is not held any more.
    """
    reason = receipt.hold_reason
    receipt = attrs.evolve(
        receipt,
        status=RECEIPT_STATES.next_state(receipt.status, ReceiptAct.RELEASE),
        case_number=account.case_number,
        hold_reason=None,
        collected_on=collection_date(receipt.received_on, receipt.pay_date, account, policy),
        send_by=send_by,
    )
    out_of = Movement(Place.HELD, -receipt.amount, receipt_id=receipt.receipt_id, hold_reason=reason)
    into = Movement(Place.UNDISTRIBUTED, receipt.amount, receipt_id=receipt.receipt_id)
    identified = post(
        f"{receipt.receipt_id}/identified",
        (out_of, into),
        effective_date=receipt.received_on,
        recorded_at=at,
        case_number=account.case_number,
    )
    event = ReceiptIdentified(receipt.receipt_id, account.case_number, receipt.amount)
    return _distributed(receipt, account, policy, identified, event, at)


def _entered(
    entry: RemittanceEntry,
    act: ReceiptAct,
    *,
    file_id: str,
    received_on: date,
    at: datetime,
    collected_on: date | None = None,
    case_number: CaseNumber | None = None,
    send_by: date | None = None,
    hold_reason: HoldReason | None = None,
) -> Receipt:
    return Receipt(
        receipt_id=entry.receipt_id,
        likeness=entry.likeness,
        file_id=file_id,
        trace_number=entry.trace_number,
        remitter=entry.remitter,
        amount=entry.amount,
        case_as_sent=entry.case_as_sent,
        pay_date=entry.pay_date,
        received_on=received_on,
        collected_on=collected_on or received_on,
        recorded_at=at,
        status=RECEIPT_STATES.next_state(None, act),
        hold_reason=hold_reason,
        case_number=case_number,
        send_by=send_by,
    )


def _distributed(
    receipt: Receipt,
    account: CaseAccount,
    policy: DistributionPolicy,
    before: tuple[Posting, ...],
    event: Event,
    at: datetime,
) -> PostedReceipt:
    distribution = distribute(
        account,
        receipt.amount,
        receipt_id=receipt.receipt_id,
        collected_on=receipt.collected_on,
        policy=policy,
    )
    postings = post(
        f"{receipt.receipt_id}/distribution",
        distribution.movements,
        effective_date=receipt.received_on,  # where the money is; each debt has its own day
        recorded_at=at,
        case_number=account.case_number,
    )
    return PostedReceipt(receipt, distribution.account, distribution.lines, (*before, *postings), (event,))


def _collected(receipt: Receipt, into: Movement, at: datetime) -> tuple[Posting, ...]:
    come_from = Movement(Place.COLLECTED, -receipt.amount, receipt_id=receipt.receipt_id)
    return post(
        f"{receipt.receipt_id}/receipt",
        (come_from, into),
        effective_date=receipt.received_on,
        recorded_at=at,
        case_number=receipt.case_number,
    )


def ssn_agrees(sent: Secret | None, noncustodial_parent: Person | None) -> bool:
    """Whether the SSN that was sent is the noncustodial parent's, or one side has none."""
    on_file = noncustodial_parent.ssn if noncustodial_parent else None
    if sent is None or on_file is None:
        return True
    return Secret(sent.reveal()) == Secret(on_file.reveal())
