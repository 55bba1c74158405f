"""Mapping between eight records and their rows, written out by hand: the floor of benchmarks/records.py.

It does what has to be done (enums, money, months, nested JSON, sealing) and refuses nothing that the
constructor of a record does not refuse.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import attrs

from dcss_core import CaseNumber, ClientId, Irn, KeyRing, Money, Month, Secret, Ssn
from dcss_core.agency.filing.accounts import ACCOUNTS, SESSIONS
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.filing.payments import CASE_ACCOUNTS, DISTRIBUTION_LINES, POSTINGS, RECEIPTS
from dcss_core.agency.work.records import Records
from dcss_core.agency.work.sealing import Sealer
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES
from dcss_core.audit.written_entry import WrittenEntry
from dcss_core.cases.people.person import Person, PersonName
from dcss_core.opening.machine import SystemRandomness
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.distribution.policy import Bucket, Payee
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.case_account import CaseAccount, Debt, HeldSum
from dcss_core.payments.ledger.ledger import HoldReason, Place, Posting
from dcss_core.ports.keys import MasterKey
from dcss_core.users.account import Account, AccountKind, AccountState, ChangeReason
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.session import Assurance, Session, SessionScope

SEALER: Final = Sealer(KeyRing((MasterKey("k1", Secret("1" * 64)),)), SystemRandomness())


@attrs.frozen
class ByHand:
    """The collection of a record, and its two functions written out."""

    records: Records[Any]
    read: Callable[[Any], Any]
    write: Callable[[Any, int], dict[str, Any]]


def _or_none(convert: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else convert(value)


def _text(plain: object) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _hash_plain(value: PasswordHash) -> dict[str, str | None]:
    return {"pepper_id": value.pepper_id, "phc": value.phc}


def _account(row: Any) -> Account:
    return Account(
        row["account_id"],
        row["user_id"],
        row["user_key"],
        row["person_id"],
        AccountKind(row["kind"]),
        AccountState(row["state"]),
        PasswordHash(**json.loads(row["password_hash"])),
        row["created_at"],
        row["password_set_at"],
        row["credential_version"],
        row["assigned_until"],
        row["assigned_used_at"],
        _or_none(ChangeReason, row["change_due"]),
        row["closed_person_id"],
        row["judged_under"],
        row["accepted_banner"],
        tuple(PasswordHash(**each) for each in json.loads(row["earlier_hashes"])),
        tuple(datetime.fromisoformat(each) for each in json.loads(row["failed_sign_ins"])),
        row["consecutive_failures"],
        row["locked_until"],
    )


def _account_row(account: Account, _version: int) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "user_id": account.user_id,
        "user_key": account.user_key,
        "person_id": account.person_id,
        "kind": account.kind.value,
        "state": account.state.value,
        "password_hash": _text(_hash_plain(account.password_hash)),
        "created_at": account.created_at,
        "password_set_at": account.password_set_at,
        "credential_version": account.credential_version,
        "assigned_until": account.assigned_until,
        "assigned_used_at": account.assigned_used_at,
        "change_due": None if account.change_due is None else account.change_due.value,
        "closed_person_id": account.closed_person_id,
        "judged_under": account.judged_under,
        "accepted_banner": account.accepted_banner,
        "earlier_hashes": _text([_hash_plain(each) for each in account.earlier_hashes]),
        "failed_sign_ins": _text([each.isoformat() for each in account.failed_sign_ins]),
        "consecutive_failures": account.consecutive_failures,
        "locked_until": account.locked_until,
    }


def _person(row: Any) -> Person:
    key, version, ssn, email = row["person_id"], row["version"], row["ssn"], row["email"]
    return Person(
        key,
        PersonName(**json.loads(row["name"])),
        row["birth_date"],
        None if ssn is None else Ssn.stored(SEALER.open(ssn, f"people/ssn/{key}/{version}")),
        row["ssn_index"],
        _or_none(Irn, row["irn"]),
        _or_none(ClientId, row["client_id"]),
        None if email is None else Secret(SEALER.open(email, f"people/email/{key}/{version}")),
    )


def _person_row(person: Person, version: int) -> dict[str, Any]:
    key, name, ssn, email = person.person_id, person.name, person.ssn, person.email
    return {
        "person_id": key,
        "name": _text({"first": name.first, "last": name.last, "middle": name.middle, "suffix": name.suffix}),
        "birth_date": person.birth_date,
        "ssn": None if ssn is None else SEALER.seal(ssn.reveal(), f"people/ssn/{key}/{version}"),
        "ssn_index": person.ssn_index,
        "irn": None if person.irn is None else person.irn.value,
        "client_id": None if person.client_id is None else person.client_id.value,
        "email": None if email is None else SEALER.seal(email.reveal(), f"people/email/{key}/{version}"),
    }


def _debt(plain: Any) -> Debt:
    return Debt(plain["obligation_id"], Month.parse(plain["month"]), Money(plain["owed"]))


def _held_sum(plain: Any) -> HeldSum:
    return HeldSum(plain["receipt_id"], Money(plain["amount"]), plain["next_line"], plain["is_sent"])


def _case_account(row: Any) -> CaseAccount:
    return CaseAccount(
        CaseNumber(row["case_number"]),
        row["payee_id"],
        Month.parse(row["charged_through"]),
        tuple(map(_debt, json.loads(row["debts"]))),
        tuple(map(_held_sum, json.loads(row["held"]))),
    )


def _case_account_row(account: CaseAccount, _version: int) -> dict[str, Any]:
    debts = [
        {"month": str(debt.month), "obligation_id": debt.obligation_id, "owed": str(debt.owed)}
        for debt in account.debts
    ]
    held = [
        {
            "amount": str(each.amount),
            "is_sent": each.is_sent,
            "next_line": each.next_line,
            "receipt_id": each.receipt_id,
        }
        for each in account.held
    ]
    return {
        "case_number": account.case_number.value,
        "payee_id": account.payee_id,
        "charged_through": str(account.charged_through),
        "debts": _text(debts),
        "held": _text(held),
    }


def _receipt(row: Any) -> Receipt:
    return Receipt(
        row["receipt_id"],
        row["likeness"],
        row["file_id"],
        row["trace_number"],
        row["remitter"],
        Money.from_cents(row["amount_cents"]),
        row["case_as_sent"],
        row["pay_date"],
        row["received_on"],
        row["collected_on"],
        row["recorded_at"],
        ReceiptStatus(row["status"]),
        _or_none(CaseNumber, row["case_number"]),
        _or_none(HoldReason, row["hold_reason"]),
        row["send_by"],
    )


def _receipt_row(receipt: Receipt, _version: int) -> dict[str, Any]:
    return {
        "receipt_id": receipt.receipt_id,
        "likeness": receipt.likeness,
        "file_id": receipt.file_id,
        "trace_number": receipt.trace_number,
        "remitter": receipt.remitter,
        "amount_cents": receipt.amount.cents,
        "case_as_sent": receipt.case_as_sent,
        "pay_date": receipt.pay_date,
        "received_on": receipt.received_on,
        "collected_on": receipt.collected_on,
        "recorded_at": receipt.recorded_at,
        "status": receipt.status.value,
        "case_number": None if receipt.case_number is None else receipt.case_number.value,
        "hold_reason": None if receipt.hold_reason is None else receipt.hold_reason.value,
        "send_by": receipt.send_by,
    }


def _posting(row: Any) -> Posting:
    return Posting(
        row["entry_id"],
        row["line"],
        Place(row["place"]),
        Money.from_cents(row["amount_cents"]),
        row["effective_date"],
        row["recorded_at"],
        row["stream"],
        row["receipt_id"],
        row["obligation_id"],
        _or_none(Month.parse, row["month"]),
        row["payee_id"],
        _or_none(HoldReason, row["hold_reason"]),
    )


def _posting_row(posting: Posting, _version: int) -> dict[str, Any]:
    return {
        "entry_id": posting.entry_id,
        "line": posting.line,
        "place": posting.place.value,
        "amount_cents": posting.amount.cents,
        "effective_date": posting.effective_date,
        "recorded_at": posting.recorded_at,
        "stream": posting.stream,
        "receipt_id": posting.receipt_id,
        "obligation_id": posting.obligation_id,
        "month": _or_none(str, posting.month),
        "payee_id": posting.payee_id,
        "hold_reason": None if posting.hold_reason is None else posting.hold_reason.value,
    }


def _input(plain: Any) -> Input:
    month = _or_none(Month.parse, plain["month"])
    return Input(InputName(plain["name"]), Money(plain["amount"]), month, plain["debts"])


def _line(row: Any) -> DistributionLine:
    return DistributionLine(
        row["receipt_id"],
        row["line"],
        CaseNumber(row["case_number"]),
        row["on"],
        Bucket(row["bucket"]),
        Payee(row["payee"]),
        row["payee_id"],
        row["obligation_id"],
        _or_none(Month.parse, row["month"]),
        Money.from_cents(row["amount_cents"]),
        row["from_held"],
        row["rule"],
        row["rules_version"],
        row["citation"],
        tuple(map(_input, json.loads(row["inputs"]))),
        tuple(
            NotTaken(Alternative(each["alternative"]), each["citation"])
            for each in json.loads(row["not_taken"])
        ),
    )


def _line_row(line: DistributionLine, _version: int) -> dict[str, Any]:
    inputs = [
        {
            "amount": str(each.amount),
            "debts": each.debts,
            "month": _or_none(str, each.month),
            "name": each.name.value,
        }
        for each in line.inputs
    ]
    not_taken = [
        {"alternative": each.alternative.value, "citation": each.citation} for each in line.not_taken
    ]
    return {
        "receipt_id": line.receipt_id,
        "line": line.line,
        "case_number": line.case_number.value,
        "on": line.on,
        "bucket": line.bucket.value,
        "payee": line.payee.value,
        "payee_id": line.payee_id,
        "obligation_id": line.obligation_id,
        "month": _or_none(str, line.month),
        "amount_cents": line.amount.cents,
        "from_held": line.from_held,
        "rule": line.rule,
        "rules_version": line.rules_version,
        "citation": line.citation,
        "inputs": _text(inputs),
        "not_taken": _text(not_taken),
    }


def _written_entry(row: Any) -> WrittenEntry:
    return WrittenEntry(
        row["act"],
        row["at"],
        row["kind"],
        row["actor"],
        row["subject"],
        row["source"],
        row["details"],
        row["salt"],
        row["commitment"],
        row["leaf_version"],
    )


def _written_row(entry: WrittenEntry, _version: int) -> dict[str, Any]:
    return {
        "act": entry.act,
        "at": entry.at,
        "kind": entry.kind,
        "actor": entry.actor,
        "subject": entry.subject,
        "source": entry.source,
        "details": entry.details,
        "salt": entry.salt,
        "commitment": entry.commitment,
        "leaf_version": entry.leaf_version,
    }


def _session(row: Any) -> Session:
    return Session(
        row["session_id"],
        row["account_id"],
        row["person_id"],
        SessionScope(row["scope"]),
        Assurance(row["assurance"]),
        row["credential_version"],
        row["created_at"],
        row["authenticated_at"],
        row["last_seen_at"],
        row["idle_seconds"],
        row["expires_at"],
        _or_none(ChangeReason, row["change_reason"]),
        row["source"],
        row["is_on_shared_computer"],
        row["ended_at"],
    )


def _session_row(session: Session, _version: int) -> dict[str, Any]:
    return {
        "session_id": session.session_id,
        "account_id": session.account_id,
        "person_id": session.person_id,
        "scope": session.scope.value,
        "assurance": session.assurance.value,
        "credential_version": session.credential_version,
        "created_at": session.created_at,
        "authenticated_at": session.authenticated_at,
        "last_seen_at": session.last_seen_at,
        "idle_seconds": session.idle_seconds,
        "expires_at": session.expires_at,
        "change_reason": None if session.change_reason is None else session.change_reason.value,
        "source": session.source,
        "is_on_shared_computer": session.is_on_shared_computer,
        "ended_at": session.ended_at,
    }


BY_HAND: Final = (
    ByHand(ACCOUNTS, _account, _account_row),
    ByHand(PEOPLE, _person, _person_row),
    ByHand(CASE_ACCOUNTS, _case_account, _case_account_row),
    ByHand(RECEIPTS, _receipt, _receipt_row),
    ByHand(POSTINGS, _posting, _posting_row),
    ByHand(DISTRIBUTION_LINES, _line, _line_row),
    ByHand(AUDIT_ENTRIES, _written_entry, _written_row),
    ByHand(SESSIONS, _session, _session_row),
)
