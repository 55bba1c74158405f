"""Receipt: money that came in, from whom, for which case, and what became of it.

Decides whether an entry of a remittance can be matched to a case and posts it. Invariants: a receipt
is distributed to a case or held with a reason, never dropped; four dates are kept apart (paid to the
employee, received here, collected in law, recorded); the event of a receipt holds the hash of all that was
recorded with it.
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import ClassVar, Final

import attrs

from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.ordered_enum import OrderedEnum
from dcss_core.base.records.invariants import check_invariants
from dcss_core.base.records.state_table import StateTable
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.cases.case import Case, CaseStatus
from dcss_core.cases.people.person import Person
from dcss_core.payments.collection.remittance_entry import RemittanceEntry
from dcss_core.payments.distribution.distribution import DistributionLine, collection_date, distribute
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.distribution.posted_hash import Plain, hash_of
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
class Receipt:
    """Money received: held for a reason and of no case yet, or distributed to a case.

    `send_by` is the last day to send the family's part; None when held, or not known. `likeness` is one
    for receipts that agree in all that was sent but the effective entry date. `sent_as` is the identification
    under which it was sent, by which the remitter sees it again; None where it was not kept yet.
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
    sent_as: str | None = None

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
    """A receipt was posted to a case and distributed; `recorded` is the hash of all that was recorded."""

    kind: ClassVar[str] = "receipt_posted"
    about: ClassVar[tuple[str, str]] = ("receipt", "receipt_id")
    receipt_id: str
    case_number: CaseNumber
    amount: Money
    recorded: str


@attrs.frozen
class ReceiptHeld(Event):
    """A receipt was posted and is held until staff find out where it belongs."""

    kind: ClassVar[str] = "receipt_held"
    about: ClassVar[tuple[str, str]] = ("receipt", "receipt_id")
    receipt_id: str
    reason: HoldReason
    amount: Money
    recorded: str


@attrs.frozen
class ReceiptIdentified(Event):
    """Staff found the case a held receipt belongs to; it was distributed."""

    kind: ClassVar[str] = "receipt_identified"
    about: ClassVar[tuple[str, str]] = ("receipt", "receipt_id")
    receipt_id: str
    case_number: CaseNumber
    amount: Money
    recorded: str


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
    event = ReceiptHeld(receipt.receipt_id, reason, receipt.amount, recorded(receipt, postings))
    return PostedReceipt(receipt, None, (), postings, (event,))


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
    return _distributed(receipt, account, policy, collected, ReceiptPosted, at)


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
    return _distributed(receipt, account, policy, identified, ReceiptIdentified, at)


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
        sent_as=entry.sent_as,
    )


def _distributed(
    receipt: Receipt,
    account: CaseAccount,
    policy: DistributionPolicy,
    before: tuple[Posting, ...],
    kind: type[ReceiptPosted | ReceiptIdentified],
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
    postings = (*before, *postings)
    event = kind(
        receipt.receipt_id,
        account.case_number,
        receipt.amount,
        recorded(receipt, postings, distribution.lines),
    )
    return PostedReceipt(receipt, distribution.account, distribution.lines, postings, (event,))


def _collected(receipt: Receipt, into: Movement, at: datetime) -> tuple[Posting, ...]:
    come_from = Movement(Place.COLLECTED, -receipt.amount, receipt_id=receipt.receipt_id)
    return post(
        f"{receipt.receipt_id}/receipt",
        (come_from, into),
        effective_date=receipt.received_on,
        recorded_at=at,
        case_number=receipt.case_number,
    )


def recorded(receipt: Receipt, postings: Iterable[Posting], lines: Iterable[DistributionLine] = ()) -> str:
    """The hash of a receipt and of the postings and lines that were made with it."""
    facts: list[Plain] = [
        receipt.receipt_id,
        receipt.likeness,
        receipt.file_id,
        receipt.trace_number,
        receipt.remitter,
        receipt.amount.cents,
        receipt.case_as_sent,
        None if receipt.pay_date is None else receipt.pay_date.isoformat(),
        receipt.received_on.isoformat(),
        receipt.collected_on.isoformat(),
        receipt.recorded_at.isoformat(),
        receipt.status.value,
        None if receipt.case_number is None else str(receipt.case_number),
        None if receipt.hold_reason is None else receipt.hold_reason.value,
        None if receipt.send_by is None else receipt.send_by.isoformat(),
        *([] if receipt.sent_as is None else [receipt.sent_as]),  # of receipts from before it was kept: none
    ]
    return hash_of(facts, postings, lines)


def as_held(receipt: Receipt, reason: HoldReason) -> Receipt:
    """A receipt as it was while it was held for a reason."""
    return attrs.evolve(
        receipt,
        status=ReceiptStatus.HELD,
        case_number=None,
        hold_reason=reason,
        collected_on=receipt.received_on,
        send_by=None,
    )


def ssn_agrees(sent: Secret | None, noncustodial_parent: Person | None) -> bool:
    """Whether the SSN that was sent is the noncustodial parent's, or one side has none."""
    on_file = noncustodial_parent.ssn if noncustodial_parent else None
    if sent is None or not isinstance(on_file, Ssn):
        return True
    return Secret(sent.reveal()) == Secret(on_file.reveal())
