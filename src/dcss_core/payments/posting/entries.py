"""Entries of a payment file, posted in order.

Decides for each entry whether it came before, to which case it belongs, and what of it is distributed or
held. Invariants: an entry that was received before posts nothing; a case is charged through the month of
receipt before money is posted to it; the result follows from the entries, what is on file and the rules
alone, so that a day can be posted again and compared.
"""

from collections.abc import Mapping, Sequence, Set as AbstractSet
from datetime import date, datetime

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.errors import InvalidInputError
from dcss_core.payments.collection.employment_end import EmploymentEndReport, EmploymentEndReported
from dcss_core.payments.collection.receipt import (
    PostedReceipt,
    Receipt,
    hold,
    receive,
    ssn_agrees,
    why_held,
)
from dcss_core.payments.collection.remittance_entry import Likeness, RemittanceEntry
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import HoldReason, Posting
from dcss_core.payments.posting.case_file import CaseFile, PolicyOn
from dcss_core.payments.posting.posted import Posted


@attrs.frozen
class OnFile:
    """What is known before entries are posted: cases by number, and what came before.

    `received` are ids of receipts, `alike` likenesses that receipts have, `reported` ids of reports that
    employment ended.
    """

    cases: Mapping[CaseNumber, CaseFile]
    received: AbstractSet[str]
    alike: AbstractSet[str]
    reported: AbstractSet[str]


@attrs.frozen
class Arrival:
    """Which file came, on which day, when the families are to be paid by, and when it is recorded."""

    file_id: str
    received_on: date
    send_by: date | None
    at: datetime


@attrs.frozen
class PostedEntries:
    """What entries of a file have made; `seen_before` are ids of receipts that came before.

    `likenesses` are those that no receipt had before.
    """

    receipts: tuple[Receipt, ...]
    likenesses: tuple[Likeness, ...]
    employment_ends: tuple[EmploymentEndReport, ...]
    seen_before: tuple[str, ...]
    posted: Posted


def case_named_by(entry: RemittanceEntry) -> CaseNumber | None:
    """The case number an entry gives; None where it gives none, or a text that can't be one."""
    if entry.case_as_sent is None:
        return None
    try:
        return CaseNumber(entry.case_as_sent)
    except InvalidInputError:
        return None


def post_entries(
    entries: Sequence[RemittanceEntry],
    on_file: OnFile,
    arrival: Arrival,
    *,
    policy_on: PolicyOn,
) -> PostedEntries:
    """Post every entry that did not come before."""
    made = _Made(on_file, arrival, policy_on, dict(on_file.cases))
    for entry in entries:
        made.take(entry)
    return made.result()


@attrs.define
class _Made:
    """What the entries so far have made; nothing outside of it is read or changed."""

    on_file: OnFile
    arrival: Arrival
    policy_on: PolicyOn
    cases: dict[CaseNumber, CaseFile]
    accounts: dict[CaseNumber, CaseAccount] = attrs.field(factory=dict)
    receipts: list[Receipt] = attrs.field(factory=list)
    likenesses: dict[str, Likeness] = attrs.field(factory=dict)
    employment_ends: list[EmploymentEndReport] = attrs.field(factory=list)
    seen_before: list[str] = attrs.field(factory=list)
    postings: list[Posting] = attrs.field(factory=list)
    lines: list[DistributionLine] = attrs.field(factory=list)
    events: list[Event] = attrs.field(factory=list)

    def take(self, entry: RemittanceEntry) -> None:
        if entry.receipt_id in self.on_file.received:
            self.seen_before.append(entry.receipt_id)
            return
        number = case_named_by(entry)
        file = self.cases.get(number) if number is not None else None
        if entry.amount:
            self._keep(self._money(entry, file), entry)
        if entry.employment_ended and entry.receipt_id not in self.on_file.reported:
            self.employment_ends.append(self._report(entry, file))

    def result(self) -> PostedEntries:
        reported = map(EmploymentEndReported.of, self.employment_ends)
        return PostedEntries(
            tuple(self.receipts),
            tuple(self.likenesses.values()),
            tuple(self.employment_ends),
            tuple(self.seen_before),
            Posted(self.accounts, tuple(self.postings), tuple(self.lines), (*self.events, *reported)),
        )

    def _money(self, entry: RemittanceEntry, file: CaseFile | None) -> PostedReceipt:
        is_like_another = entry.likeness in self.likenesses or entry.likeness in self.on_file.alike
        reason = why_held(
            entry,
            file.case if file else None,
            file.noncustodial_parent if file else None,
            is_like_another=is_like_another,
        )
        if reason is not None or file is None:
            return self._held(entry, reason or HoldReason.CASE_UNKNOWN)
        policy = self.policy_on(file.case.assistance, self.arrival.received_on)
        if policy is None:
            return self._held(entry, HoldReason.NO_DISTRIBUTION_RULE)
        return receive(
            entry,
            self._charged(file),
            policy,
            file_id=self.arrival.file_id,
            received_on=self.arrival.received_on,
            send_by=self.arrival.send_by,
            at=self.arrival.at,
        )

    def _charged(self, file: CaseFile) -> CaseAccount:
        through = Month.of(self.arrival.received_on)
        charging = file.charged(through, policy_on=self.policy_on, at=self.arrival.at)
        self._moved(charging.account)
        self.postings += charging.postings
        self.lines += charging.lines
        self.events += charging.events
        return charging.account

    def _held(self, entry: RemittanceEntry, reason: HoldReason) -> PostedReceipt:
        arrival = self.arrival
        return hold(entry, reason, file_id=arrival.file_id, received_on=arrival.received_on, at=arrival.at)

    def _keep(self, posted: PostedReceipt, entry: RemittanceEntry) -> None:
        self.receipts.append(posted.receipt)
        if entry.likeness not in self.on_file.alike:
            self.likenesses.setdefault(entry.likeness, Likeness(entry.likeness, entry.receipt_id))
        if posted.account is not None:
            self._moved(posted.account)
        self.postings += posted.postings
        self.lines += posted.lines
        self.events += posted.events

    def _moved(self, account: CaseAccount) -> None:
        number = account.case_number
        self.cases[number] = self.cases[number].with_account(account)
        self.accounts[number] = account

    def _report(self, entry: RemittanceEntry, file: CaseFile | None) -> EmploymentEndReport:
        is_theirs = file is not None and ssn_agrees(entry.ssn, file.noncustodial_parent)
        return EmploymentEndReport(
            report_id=entry.receipt_id,
            file_id=self.arrival.file_id,
            received_on=self.arrival.received_on,
            remitter=entry.remitter,
            case_as_sent=entry.case_as_sent,
            case_number=file.case.case_number if file and is_theirs else None,
            pay_date=entry.pay_date,
        )
