"""Receiving: a remittance file is posted, whole, in one transaction.

Decides nothing that `payments` does not decide; it finds the case each entry names, charges its
account, and saves what the decisions return. Invariants: a file and each of its entries are posted
once, however often and by however many processes they are received; either all of it is saved or
nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date

import attrs

from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.agency.filing.payments import EMPLOYMENT_END_REPORTS, RECEIPTS, REMITTANCE_FILES
from dcss_core.agency.payments.case_file import CaseFile, CaseFiles
from dcss_core.agency.sending.outbox import put_in_outbox
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.base.dates import Month
from dcss_core.base.events import Event
from dcss_core.base.secret import Secret
from dcss_core.errors import RuleNotInForceError, UnknownRuleError
from dcss_core.letters.letterhead import letterhead
from dcss_core.letters.payments import payment_posted
from dcss_core.payments.collection.family_limit import family_limit
from dcss_core.payments.collection.payment_unit import PAYMENT_UNIT_LOCATOR, PaymentUnit
from dcss_core.payments.collection.receipt import (
    PostedReceipt,
    Receipt,
    RemittanceEntry,
    hold,
    receive,
    ssn_agrees,
    why_held,
)
from dcss_core.payments.collection.remark import Remark, RemarkKind
from dcss_core.payments.collection.remittance import (
    EmploymentEndReport,
    EmploymentEndReported,
    Remittance,
    RemittanceFile,
    RemittanceReceived,
    RemittanceReceivedAgain,
)
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.views.batch import RemittanceBatch
from dcss_core.rules.calendar import STATE_HOLIDAYS

Progress = Callable[[int, int], None]


@attrs.define
class _Posting:
    resources: Resources
    work: UnitOfWork
    file_id: str
    received_on: date
    send_by: date | None
    case_files: CaseFiles
    receipts: list[Receipt] = attrs.field(factory=list)
    likenesses: set[str] = attrs.field(factory=set)
    employment_ends: list[EmploymentEndReport] = attrs.field(factory=list)
    seen_before: list[str] = attrs.field(factory=list)
    reported: list[Event] = attrs.field(factory=list)

    def entry(self, entry: RemittanceEntry) -> None:
        if self.work.get(RECEIPTS, entry.receipt_id) is not None:
            self.seen_before.append(entry.receipt_id)
            return
        file = self.case_files.find(entry.case_as_sent) if entry.case_as_sent is not None else None
        if entry.amount:
            posted = self.money(entry, file)
            self.receipts.append(posted.receipt)
            self.likenesses.add(entry.likeness)
            self.case_files.keep(posted, file)
        if entry.employment_ended:
            self.employment_end(entry, file)

    def money(self, entry: RemittanceEntry, file: CaseFile | None) -> PostedReceipt:
        reason = why_held(
            entry,
            file.case if file else None,
            file.noncustodial_parent if file else None,
            is_like_another=self.has_one_like(entry),
        )
        if reason is not None or file is None:
            return self.held(entry, reason or HoldReason.CASE_UNKNOWN)
        policy = self.case_files.policy(file.case, self.received_on)
        if policy is None:
            return self.held(entry, HoldReason.NO_DISTRIBUTION_RULE)
        self.case_files.charge(file, Month.of(self.received_on))
        return receive(
            entry,
            file.account,
            policy,
            file_id=self.file_id,
            received_on=self.received_on,
            send_by=self.send_by,
            at=self.work.now,
        )

    def has_one_like(self, entry: RemittanceEntry) -> bool:
        return entry.likeness in self.likenesses or bool(
            self.work.find(RECEIPTS, ("likeness",), (entry.likeness,), limit=1)
        )

    def held(self, entry: RemittanceEntry, reason: HoldReason) -> PostedReceipt:
        return hold(entry, reason, file_id=self.file_id, received_on=self.received_on, at=self.work.now)

    def employment_end(self, entry: RemittanceEntry, file: CaseFile | None) -> None:
        is_theirs = file is not None and ssn_agrees(entry.ssn, file.noncustodial_parent)
        report = EmploymentEndReport(
            report_id=entry.receipt_id,
            file_id=self.file_id,
            received_on=self.received_on,
            remitter=entry.remitter,
            case_as_sent=entry.case_as_sent,
            case_number=file.case.case_number if file and is_theirs else None,
            pay_date=entry.pay_date,
        )
        if self.work.get(EMPLOYMENT_END_REPORTS, report.report_id) is None:
            self.employment_ends.append(report)
            self.reported.append(EmploymentEndReported(report.report_id, report.case_number))

    def save(self, file: RemittanceFile, by: Actor) -> None:
        self.work.insert(REMITTANCE_FILES, [file])
        self.work.insert(RECEIPTS, self.receipts)
        self.work.insert(EMPLOYMENT_END_REPORTS, self.employment_ends)
        self.case_files.save()
        received = RemittanceReceived(file.file_id, file.entries, file.total)
        self.work.audit((received, *self.case_files.events, *self.reported), by)
        tell_payees(self.work, self.case_files.lines, occasion=self.file_id[:32])


def post_remittance(
    resources: Resources,
    work: UnitOfWork,
    remittance: Remittance,
    content: bytes,
    *,
    by: Actor,
    progress: Progress | None,
) -> RemittanceBatch:
    """Post every entry of a file that was not posted before."""
    before = work.get(REMITTANCE_FILES, remittance.file_id)
    if before is not None:
        work.audit([RemittanceReceivedAgain(remittance.file_id)], by)
        return _as_before(work, before)
    received_on = work.today
    send_by, remarks = last_day_to_send(resources, received_on)
    files = CaseFiles(work, resources.jurisdiction)
    posting = _Posting(resources, work, remittance.file_id, received_on, send_by, files)
    for done, entry in enumerate(remittance.entries, start=1):
        posting.entry(entry)
        if progress is not None:
            progress(done, len(remittance.entries))
    file = RemittanceFile(
        file_id=remittance.file_id,
        received_at=work.now,
        received_on=received_on,
        remitter=remittance.remitter,
        entries=len(remittance.entries),
        total=remittance.total,
        content=Secret(content.decode("ascii")),
    )
    posting.save(file, by)
    return RemittanceBatch(
        file,
        tuple(posting.receipts),
        tuple(posting.employment_ends),
        tuple(posting.seen_before),
        remarks=(*remarks, *_addressed_elsewhere(resources, remittance.entries, received_on)),
    )


def last_day_to_send(resources: Resources, received_on: date) -> tuple[date | None, tuple[Remark, ...]]:
    """The last day to send the family's part of what was received on a day, and what staff should know.

    Two business days after receipt in the state disbursement unit (42 USC 654b(c)(1)), by the state's
    own holidays. Where those are not known yet the money is posted all the same, without the day.
    """
    rules = resources.jurisdiction.on(received_on)
    limit = family_limit(rules)
    try:
        return resources.calendar().add_business_days(received_on, limit), ()
    except (RuleNotInForceError, UnknownRuleError):
        return None, (Remark(RemarkKind.LAST_DAY_TO_SEND_NOT_KNOWN, rule=STATE_HOLIDAYS, on=received_on),)


def _addressed_elsewhere(
    resources: Resources, entries: Iterable[RemittanceEntry], received_on: date
) -> tuple[Remark, ...]:
    # Only a remark: case number and SSN say whose money it is, and a wrong address keeps nobody waiting.
    addressed = Counter(entry.locator for entry in entries if entry.locator is not None)
    if not addressed:
        return ()
    rules = resources.jurisdiction.on(received_on)
    try:
        ours = PaymentUnit.from_rules(rules)
    except (RuleNotInForceError, UnknownRuleError):
        return (Remark(RemarkKind.OWN_LOCATOR_NOT_KNOWN, rule=PAYMENT_UNIT_LOCATOR, on=received_on),)
    return tuple(
        Remark(RemarkKind.ADDRESSED_ELSEWHERE, locator=code, entries=count, own_locator=str(ours.locator))
        for code, count in sorted(addressed.items())
        if code.state != ours.state
    )


def tell_payees(work: UnitOfWork, lines: Iterable[DistributionLine], *, occasion: str) -> None:
    """Put a letter in the outbox for everybody who is paid by these lines, one each."""
    payees = sorted({line.payee_id for line in lines if line.payee_id is not None})
    if not payees:
        return
    letter = payment_posted(letterhead(work.rules), occasion)
    for person_id in payees:
        person = work.get(PEOPLE, person_id)
        if person is not None and person.record.email is not None:
            put_in_outbox(
                work,
                letter,
                message_id=f"payment-posted/{occasion}/{person_id}",
                person_id=person_id,
                address=person.record.email,
            )


def _as_before(work: UnitOfWork, before: Kept[RemittanceFile]) -> RemittanceBatch:
    file_id = before.record.file_id
    receipts = work.find(RECEIPTS, ("file_id",), (file_id,))
    ends = work.find(EMPLOYMENT_END_REPORTS, ("file_id",), (file_id,))
    return RemittanceBatch(
        before.record,
        tuple(each.record for each in receipts),
        tuple(each.record for each in ends),
        already_received=True,
    )
