"""Values drawn one by one from type hints, made to agree where a record promises that they do."""

from datetime import UTC, datetime, timedelta

from dcss_core import CaseNumber, Money, Month, Secret
from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.cases.case import Participation
from dcss_core.cases.order import Obligation, SupportOrder
from dcss_core.cases.people.contacts.point import ContactPoint, ContactState
from dcss_core.letters.outgoing.outbox_message import MessageState, OutboxMessage
from dcss_core.letters.recipient import Recipient
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.collection.remittance_file import FileStatus, RemittanceFile
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import Bucket
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.book_totals import SHARDS, BookTotals
from dcss_core.payments.ledger.case_account import Debt, HeldSum
from dcss_core.payments.ledger.ledger import HoldReason, Place, Posting
from dcss_core.users.account import Account, AccountKind, AccountState, ChangeReason
from dcss_core.users.approvals.approval import Approval, ApprovalState
from dcss_core.users.recovery.staff_reset import StaffReset, StaffResetState
from dcss_core.users.remitters.remitter import Remitter, RemitterKind, RemitterState
from dcss_core.users.sign_in.session import Assurance, Session, SessionScope

CASE, MONTH = CaseNumber("1"), Month(2026, 1)
NAMED_IN = {  # what a posting names besides, by its place
    Place.COLLECTED: ("receipt_id",),
    Place.UNDISTRIBUTED: ("receipt_id",),
    Place.HELD: ("receipt_id", "hold_reason"),
    Place.PAYABLE: ("receipt_id", "payee_id"),
    Place.CHARGED: ("obligation_id", "month"),
    Place.OWED: ("obligation_id", "month"),
    Place.SATISFIED: ("receipt_id",),
    Place.PREPAID: ("receipt_id", "obligation_id", "month"),
}

LATEST = datetime(9998, 1, 1, tzinfo=UTC)


def above_zero(amount):
    return Money.from_cents(max(1, abs(amount.cents)))


def receipt(**drawn):
    is_held, day = drawn["status"] is ReceiptStatus.HELD, drawn["received_on"]
    reason = drawn["hold_reason"] or HoldReason.CASE_UNKNOWN
    agreed = {
        "amount": above_zero(drawn["amount"]),
        "collected_on": day if is_held else min(day, drawn["collected_on"]),
        "case_number": None if is_held else drawn["case_number"] or CASE,
        "send_by": None if is_held or drawn["send_by"] is None else max(day, drawn["send_by"]),
        "hold_reason": (HoldReason.CASE_CLOSED if reason is HoldReason.FUTURE_SUPPORT else reason)
        if is_held
        else None,
    }
    return Receipt(**drawn | agreed)


def remittance_file(**drawn):
    entries, total = max(1, drawn["entries"]), above_zero(drawn["total"])
    done = entries if drawn["status"] is FileStatus.RECEIVED else min(entries, abs(drawn["done"]))
    agreed = {
        "size": max(1, drawn["size"]),
        "entries": entries,
        "total": total,
        "done": done,
        "receipts": done,
        "received": total,
        "held": min(total, above_zero(drawn["held"])),
        "employment_ends": min(done, abs(drawn["employment_ends"])),
        "seen_before": 0,
    }
    return RemittanceFile(**drawn | agreed)


def posting(**drawn):
    named = {
        "receipt_id": "R1",
        "obligation_id": "1/1",
        "month": MONTH,
        "payee_id": "p-1",
        "hold_reason": HoldReason.CASE_UNKNOWN,
    }
    asked = NAMED_IN[drawn["place"]]
    about = {name: (drawn[name] or value) if name in asked else None for name, value in named.items()}
    first = {"line": max(1, drawn["line"]), "amount": above_zero(drawn["amount"])}
    return Posting(**drawn | about | first | {"stream": str(CASE)})


def book_totals(**drawn):
    """Books that sum to zero: in one place of each stands what all others come to."""
    others = [place for place in Place if place not in (Place.COLLECTED, Place.CHARGED)]
    amounts = {place: Money.from_cents(drawn[place.value].cents // len(others)) for place in others}
    for first in (Place.COLLECTED, Place.CHARGED):
        rest = Money.total(amount for place, amount in amounts.items() if place.book is first.book)
        amounts[first] = -rest
    return BookTotals(drawn["shard"] % SHARDS, **{place.value: amount for place, amount in amounts.items()})


def distribution_line(**drawn):
    month = drawn["month"]
    agreed = {
        "amount": above_zero(drawn["amount"]),
        "line": max(1, drawn["line"]),
        "obligation_id": None if month is None else drawn["obligation_id"] or "1/1",
        "bucket": Bucket.FUTURE_SUPPORT if month is None else drawn["bucket"],
        "from_held": month is not None and drawn["from_held"],
        "payee_id": drawn["payee_id"] or "p-1",
        "on": drawn["on"] if month is None else max(drawn["on"], month.first_day),
        "inputs": drawn["inputs"] or (Input(InputName.LEFT_OVER, Money("1.00")),),
        "not_taken": drawn["not_taken"] or (NotTaken(Alternative.ARREARS_FIRST),),
    }
    return DistributionLine(**drawn | agreed)


def figure(name, amount, month, debts):
    is_owed, is_shared = name is InputName.OWED_FOR_MONTH, name is InputName.OWED_IN_ALL_THAT_SHARE
    return Input(
        name, amount, (month or MONTH) if is_owed else None, max(2, debts or 2) if is_shared else None
    )


def not_taken(alternative, citation):
    of_the_order = (Alternative.ARREARS_FIRST, Alternative.KEPT_THOUGH_DUE, Alternative.HELD_THOUGH_DUE)
    return NotTaken(alternative, None if alternative in of_the_order else citation or "42 USC 657")


def debt(obligation_id, month, owed):
    return Debt(obligation_id, month, above_zero(owed))


def held_sum(receipt_id, amount, next_line, is_sent):
    return HeldSum(receipt_id, above_zero(amount), max(1, next_line), is_sent)


def obligation(**drawn):
    ends = drawn["ends"]
    agreed = {
        "monthly_amount": above_zero(drawn["monthly_amount"]),
        "ends": ends if ends is not None and ends > drawn["begins"] else None,
        "due_day": drawn["due_day"] % 31 + 1,
    }
    return Obligation(**drawn | agreed)


def support_order(**drawn):
    return SupportOrder(**drawn | {"issuing_state": "13"})


def participation(participation_id, case_number, person_id, role):
    return Participation.of(case_number, person_id, role)


def account(**drawn):
    is_parents, is_forgotten = drawn["kind"] is AccountKind.PARENT, drawn["state"] is AccountState.FORGOTTEN
    is_closed = is_forgotten or drawn["state"] is AccountState.CLOSED
    due = drawn["change_due"]
    agreed = {
        "person_id": (drawn["person_id"] or "p-1") if is_parents and not is_closed else None,
        "closed_person_id": drawn["closed_person_id"]
        if is_parents and is_closed and not is_forgotten
        else None,
        "closed_at": drawn["closed_at"] if is_closed else None,
        "earlier_hashes": () if is_closed else drawn["earlier_hashes"],
        "assigned_used_at": drawn["assigned_used_at"] if drawn["assigned_until"] is not None else None,
        "change_due": None if due is ChangeReason.ASSIGNED else due,
        "credential_version": max(1, drawn["credential_version"]),
        "consecutive_failures": max(0, drawn["consecutive_failures"]),
    }
    return Account(**drawn | agreed)


def contact_point(**drawn):
    state = drawn["state"]
    waits, dropped = state is ContactState.TO_CONFIRM, state is ContactState.DROPPED
    was_in_force, at = not (waits or dropped), drawn["recorded_at"]
    agreed = {
        "code_hash": drawn["code_hash"] or "hash" if waits else None,
        "code_until": drawn["code_until"] or at if waits else None,
        "codes_from": drawn["codes_from"] or at if was_in_force else None,
        "since": drawn["since"] if was_in_force else None,
        "until": drawn["until"] or at if state in (ContactState.REPLACED, ContactState.REMOVED) else None,
        "wrong_codes": max(0, drawn["wrong_codes"]),
        "texts_stopped_at": drawn["texts_stopped_at"] if drawn["kind"] is ContactKind.MOBILE else None,
    }
    return ContactPoint(**drawn | agreed)


def session(**drawn):
    scope, due = drawn["scope"], drawn["change_reason"]
    if scope is SessionScope.CHANGE_PASSWORD_ONLY:
        due = due or ChangeReason.EXPIRED
    elif scope is not SessionScope.SECOND_FACTOR_ONLY:
        due = None
    asks_factor = scope in (SessionScope.SECOND_FACTOR_ONLY, SessionScope.ENROL_SECOND_FACTOR_ONLY)
    began = min(drawn["created_at"], LATEST)
    agreed = {
        "change_reason": due,
        "assurance": Assurance.AAL1 if asks_factor else drawn["assurance"],
        "created_at": began,
        "expires_at": began + timedelta(days=30),
        "idle_seconds": 1 + drawn["idle_seconds"] % (30 * 86_400),
        "credential_version": max(1, drawn["credential_version"]),
    }
    return Session(**drawn | agreed)


def staff_reset(**drawn):
    state = drawn["state"]
    if state is StaffResetState.EXPIRED:
        state = StaffResetState.DECLINED
    is_pending = state is StaffResetState.PENDING
    decided_by = "asker" if state is StaffResetState.CANCELLED else "approver"
    began = min(drawn["requested_at"], LATEST)
    agreed = {
        "account_id": "a-1",
        "requested_by": "asker",
        "credential_version": max(1, drawn["credential_version"]),
        "requested_at": began,
        "expires_at": began + timedelta(hours=24),
        "state": state,
        "decided_by": None if is_pending else decided_by,
        "decided_at": None if is_pending else drawn["decided_at"] or began,
    }
    return StaffReset(**drawn | agreed)


def recipient(**drawn):
    return Recipient.person(drawn["value"] or "p-1")


def outbox_message(**drawn):
    state, failure = drawn["state"], drawn["last_failure"]
    may_be_sent_again = state is MessageState.DEAD and drawn["useless_after"] is None
    agreed = {
        "body": {
            MessageState.PENDING: drawn["body"] or drawn["address"],
            MessageState.DELIVERED: None,
            MessageState.DEAD: drawn["body"] if may_be_sent_again else None,
        }[state],
        "leased_by": drawn["leased_by"] if state is MessageState.PENDING else None,
        "attempts": max(1, drawn["attempts"]),
        "last_failure": {
            MessageState.PENDING: failure,
            MessageState.DELIVERED: None,
            MessageState.DEAD: failure or "no connection",
        }[state],
    }
    return OutboxMessage(**drawn | agreed)


def approval(**drawn):
    state = drawn["state"]
    is_waiting = state is ApprovalState.WAITING
    decided_by = {
        ApprovalState.WAITING: None,
        ApprovalState.LAPSED: None,
        ApprovalState.APPROVED: "approver",
        ApprovalState.WITHDRAWN: "asker",
    }[state]
    began = min(drawn["asked_at"], LATEST)
    agreed = {
        "waits_as": (drawn["waits_as"] or "digest") if is_waiting else None,
        "asked_by": "asker",
        "asked_at": began,
        "good_until": began + timedelta(hours=24),
        "decided_by": decided_by,
        "decided_at": None if is_waiting else drawn["decided_at"] or began,
    }
    return Approval(**drawn | agreed)


def remitter(**drawn):
    is_organisation = drawn["kind"] is RemitterKind.ORGANISATION
    agreed = {
        "name": (drawn["name"] or Secret("Peach Tree Payroll")) if is_organisation else None,
        "ended_at": (drawn["ended_at"] or drawn["opened_at"])
        if drawn["state"] is RemitterState.ENDED
        else None,
    }
    return Remitter(**drawn | agreed)


AGREEING = {
    Account: account,
    Approval: approval,
    Debt: debt,
    DistributionLine: distribution_line,
    HeldSum: held_sum,
    Input: figure,
    NotTaken: not_taken,
    Obligation: obligation,
    OutboxMessage: outbox_message,
    Participation: participation,
    BookTotals: book_totals,
    ContactPoint: contact_point,
    Posting: posting,
    Receipt: receipt,
    Recipient: recipient,
    RemittanceFile: remittance_file,
    Remitter: remitter,
    Session: session,
    StaffReset: staff_reset,
    SupportOrder: support_order,
}
