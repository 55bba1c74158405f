"""`agency.payments`: money in, where it went, and what a parent sees of it."""

from collections.abc import Iterator

import attrs

from dcss_core.agency.callers.found import good_session
from dcss_core.agency.filing.cases import CASES, PARTICIPATIONS
from dcss_core.agency.filing.payments import DISTRIBUTION_LINES, EMPLOYMENT_END_REPORTS, POSTINGS, RECEIPTS
from dcss_core.agency.payments.case_file import CaseFiles
from dcss_core.agency.payments.receiving import Progress, last_day_to_send, post_remittance, tell_payees
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.sensitive_reads import CaseSeen, ListSeen, ReceiptSeen
from dcss_core.base.dates import Month
from dcss_core.base.expected_types import checked
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.cases.case import CaseStatus, Role
from dcss_core.errors import (
    ConflictError,
    Fault,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    RemittanceRefusedError,
    RuleViolationError,
)
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus, release
from dcss_core.payments.collection.remittance import (
    EmploymentEndReport,
    RemittanceBatch,
    RemittanceRefused,
    file_id_of,
    read_remittance,
)
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.ledger import HoldReason, Place, Posting, balances
from dcss_core.payments.views.explanation import Explanation
from dcss_core.payments.views.history import HistoryLine, history_for
from dcss_core.payments.views.hold_reasons import hold_reason_in_words
from dcss_core.payments.views.statement import Statement, statement_of
from dcss_core.users.sign_in.session import SessionToken

_POSTED_BY = Actor.system("remittance")
_CHARGED_BY = Actor.system("charging")
_PAGE = 1000


@attrs.frozen
class HeldReceipt:
    """A receipt whose place is not known yet, and for how long it has been held."""

    receipt: Receipt
    reason: HoldReason
    days_held: int

    def __str__(self) -> str:
        return (
            f"{self.receipt.amount.display():>10}  {self.days_held} days  {self.receipt.receipt_id}  "
            f"{hold_reason_in_words(self.reason)}"
        )


@attrs.frozen(repr=False)
class Payments:
    """The verbs on payments."""

    _resources: Resources

    @checked
    def receive(
        self, content: bytes, *, by: Actor = _POSTED_BY, progress: Progress | None = None
    ) -> RemittanceBatch:
        """Take a payment file: every entry is posted once, distributed or held with a reason.

        Receiving the same file, or another file with the same entries, posts nothing twice.
        `progress` is told how many entries are done, of how many; it may be told again from the start.
        Raises RemittanceRefusedError with every fault of a damaged file: nothing is posted, and the
        refusal is in the audit log.
        """
        try:
            remittance = read_remittance(content)
        except RemittanceRefusedError as refusal:
            refused = RemittanceRefused(file_id_of(content), len(refusal.faults))
            self._resources.write(lambda work: work.audit([refused], by))
            raise
        return self._resources.write(
            lambda work: post_remittance(self._resources, work, remittance, content, by=by, progress=progress)
        )

    @checked
    def identify(self, receipt_id: str, case_number: CaseNumber, *, by: Actor) -> Receipt:
        """Post a held receipt to the case staff found for it; it counts from the day it was received.

        The family's part is to be sent within the limit from today, when it became known whose it is
        (42 USC 654b(c)(1)). Raises NotFoundError for an unknown receipt or case, ConflictError when
        it is not held any more, InvalidInputError for a closed case, RuleViolationError when the
        jurisdiction states no distribution order for the case.
        """

        def verb(work: UnitOfWork) -> Receipt:
            kept = _receipt(work, receipt_id)
            if kept.record.status is not ReceiptStatus.HELD:
                raise ConflictError(f"receipt {receipt_id} is not held; it was posted to a case already")
            files = CaseFiles(work, self._resources.jurisdiction)
            file = files.find(case_number)
            if file is None:
                raise NotFoundError(f"there is no case {case_number}; check the number with the payor")
            if file.case.status is CaseStatus.CLOSED:
                fault = Fault("case", f"{case_number}, which is closed", "an open case")
                raise InvalidInputError("money can't be posted to a closed case", faults=[fault])
            policy = files.policy(file.case, kept.record.received_on)
            if policy is None:
                raise RuleViolationError(
                    f"the jurisdiction states no distribution order for {file.case.assistance.value} cases",
                    citation="42 USC 657",
                )
            today = self._resources.day_of(work.now)
            files.charge(file, Month.of(today))
            send_by, _ = last_day_to_send(self._resources, today)
            posted = release(kept.record, file.account, policy, send_by=send_by, at=work.now)
            files.keep(posted, file)
            files.save()
            work.replace(RECEIPTS, kept, posted.receipt)
            work.audit(files.events, by)
            tell_payees(self._resources, work, files.lines, occasion=receipt_id)
            return posted.receipt

        return self._resources.write(verb)

    @checked
    def charge(self, through: Month | None = None, *, by: Actor = _CHARGED_BY) -> int:
        """Charge every open case through a month (this one, unless said otherwise); return how many were.

        Money held for months to come is applied to what falls due. Charging twice changes nothing.
        One transaction a case, so that a long run can be stopped and begun again. Raises
        InvalidInputError for a month to come, of which nothing has fallen due yet.
        """
        present = Month.of(self._resources.today())
        month = through or present
        if month > present:
            fault = Fault("through", str(month), f"{present} or a month before it")
            raise InvalidInputError("support falls due when its month begins", faults=[fault])
        cases = self._resources.read(
            lambda work: [
                kept.record.case_number
                for kept in work.find(CASES, ("status", "case_number"), (CaseStatus.OPEN,))
            ]
        )
        return sum(self._charge_one(number, month, by) for number in cases)

    @checked
    def held(self, *, by: Actor) -> tuple[HeldReceipt, ...]:
        """Every receipt that is held because its place is not known, longest held first; audited."""

        def verb(work: UnitOfWork) -> tuple[HeldReceipt, ...]:
            today = self._resources.day_of(work.now)
            kept = work.find(RECEIPTS, ("status", "received_on"), (ReceiptStatus.HELD,))
            held = tuple(
                HeldReceipt(each.record, each.record.hold_reason, (today - each.record.received_on).days)
                for each in kept
                if each.record.hold_reason is not None
            )
            work.audit([ListSeen("held_receipts", len(held))], by)
            return held

        return self._resources.write(verb)

    @checked
    def employment_ends(self, *, by: Actor) -> tuple[EmploymentEndReport, ...]:
        """Every report of an employer that employment ended, oldest first; audited."""

        def verb(work: UnitOfWork) -> tuple[EmploymentEndReport, ...]:
            reports = work.find(EMPLOYMENT_END_REPORTS, ("received_on", "report_id"))
            work.audit([ListSeen("employment_ends", len(reports))], by)
            return tuple(each.record for each in reports)

        return self._resources.write(verb)

    @checked
    def explain(self, receipt: Receipt | str, *, by: Actor) -> Explanation:
        """Where every cent of a receipt went, and why, as staff see it; audited. Raises NotFoundError."""
        receipt_id = receipt if isinstance(receipt, str) else receipt.receipt_id

        def verb(work: UnitOfWork) -> Explanation:
            found = _receipt(work, receipt_id).record
            seen = (
                ReceiptSeen(receipt_id, "explanation")
                if found.case_number is None
                else CaseSeen(found.case_number, "explanation")
            )
            work.audit([seen], by)
            return Explanation.of(found, _lines_of(work, receipt_id))

        return self._resources.write(verb)

    @checked
    def history(self, token: SessionToken, case_number: CaseNumber) -> tuple[HistoryLine, ...]:
        """The payments of a case as the parent who is signed in may see them, newest first.

        Raises NotPermittedError without a good, full session of a parent in this case.
        """

        def verb(work: UnitOfWork) -> tuple[HistoryLine, ...]:
            role = self._role(work, token, case_number, "history")
            receipts = work.find(RECEIPTS, ("case_number", "received_on"), (case_number,))
            lines = work.find(DISTRIBUTION_LINES, ("case_number",), (case_number,))
            return history_for(role, [each.record for each in receipts], [each.record for each in lines])

        return self._resources.write(verb)

    @checked
    def explain_to_parent(self, token: SessionToken, receipt_id: str) -> Explanation:
        """Where every cent of a receipt went, as the parent who is signed in may see it.

        Raises NotPermittedError as `history` does, for a receipt of another case or none too.
        """

        def verb(work: UnitOfWork) -> Explanation:
            kept = work.get(RECEIPTS, receipt_id)
            role = self._role(work, token, kept.record.case_number if kept else None, "explanation")
            assert kept is not None, "who has a role in the receipt's case has a receipt"
            seen = role is Role.NONCUSTODIAL_PARENT
            return Explanation.of(kept.record, _lines_of(work, receipt_id), shows_remitter=seen)

        return self._resources.write(verb)

    @checked
    def statement(
        self, token: SessionToken, case_number: CaseNumber, *, first: Month, last: Month
    ) -> Statement:
        """What was owed, fell due and was paid, month by month, both months included.

        What has not been charged yet is not in it, and it says through which month it was. Raises
        NotPermittedError as `history` does, InvalidInputError when the last month lies before the first.
        """

        def verb(work: UnitOfWork) -> Statement:
            self._role(work, token, case_number, "statement")
            file = CaseFiles(work, self._resources.jurisdiction).find(case_number)
            assert file is not None, "who has a role in a case has a case"
            postings = work.find(POSTINGS, ("case_number",), (case_number,))
            return statement_of(
                case_number,
                [each.record for each in postings],
                first=first,
                last=last,
                charged_through=file.account.charged_through,
            )

        return self._resources.write(verb)

    def balances(self) -> dict[Place, Money]:
        """What is in each place of the books, over all cases; what was collected is negative."""
        return self._resources.read(lambda work: balances(_every_posting(work)))

    def _charge_one(self, case_number: CaseNumber, month: Month, by: Actor) -> bool:
        def verb(work: UnitOfWork) -> bool:
            files = CaseFiles(work, self._resources.jurisdiction)
            file = files.find(case_number)
            if file is None or file.case.status is not CaseStatus.OPEN:
                return False
            if file.account.charged_through >= month:
                return False
            files.charge(file, month)
            files.save()
            work.audit(files.events, by)
            # When held money has to leave once it is applied no provision says; the family is told at once.
            tell_payees(self._resources, work, files.lines, occasion=f"charge/{case_number}/{month}")
            return True

        return self._resources.write(verb)

    def _role(self, work: UnitOfWork, token: SessionToken, case_number: CaseNumber | None, view: str) -> Role:
        session = good_session(work, token)[0].record
        person_id = session.person_with_cases()
        if case_number is not None:
            found = work.find(PARTICIPATIONS, ("person_id", "case_number"), (person_id, case_number))
            roles = [each.record.role for each in found if each.record.role is not Role.CHILD]
            if roles:
                work.audit([CaseSeen(case_number, view)], Actor.parent(session.account_id))
                return roles[0]
        # one text, so that nobody learns whether the case or the receipt exists
        raise NotPermittedError(
            "this is not one of yours; choose one of your own cases or payments", wanted=view
        )


def _every_posting(work: UnitOfWork) -> Iterator[Posting]:
    page = work.entries_after(POSTINGS, 0, limit=_PAGE)
    while page:
        yield from (kept.record for kept in page)
        page = work.entries_after(POSTINGS, page[-1].version, limit=_PAGE)


def _receipt(work: UnitOfWork, receipt_id: str) -> Kept[Receipt]:
    kept = work.get(RECEIPTS, receipt_id)
    if kept is None:
        found = "an id no receipt has" if receipt_id.strip() else "a blank text"
        expected = "the id of a receipt, 'R' with 20 letters and digits"
        raise NotFoundError("there is no such receipt", faults=[Fault("receipt id", found, expected)])
    return kept


def _lines_of(work: UnitOfWork, receipt_id: str) -> tuple[DistributionLine, ...]:
    kept = work.find(DISTRIBUTION_LINES, ("receipt_id", "line"), (receipt_id,))
    return tuple(each.record for each in kept)
