"""`agency.payments`: money in, where it went, and what a parent sees of it."""

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import existing, nothing_found, role_in_case
from dcss_core.agency.callers.two_people import second_word
from dcss_core.agency.filing.cases import CASES
from dcss_core.agency.filing.payments import (
    BOOK_TOTALS,
    CASE_ACCOUNTS,
    EMPLOYMENT_END_REPORTS,
    RECEIPTS,
    REMITTANCE_FILES,
)
from dcss_core.agency.payments import charging, receiving, verifying
from dcss_core.agency.payments.case_files import case_file, policies_of, save_posted
from dcss_core.agency.payments.found import (
    applied_lines,
    last_held,
    last_of_case,
    last_of_file,
    last_of_page,
    lines_of,
    receipt_named,
    sums_of_days,
)
from dcss_core.agency.payments.payees import tell_payees
from dcss_core.agency.work.deadline import verb
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.reads import CaseSeen, ListSeen, ReceiptSeen
from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.pages import LONGEST_PAGE, check_limit
from dcss_core.cases.case import Role
from dcss_core.payments.collection.employment_end import EmploymentEndReport
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.ledger.book_totals import balances_of
from dcss_core.payments.ledger.ledger import Place
from dcss_core.payments.posting.identification import identify, needs_second_person, require_held
from dcss_core.payments.posting.last_day_to_send import last_day_to_send
from dcss_core.payments.posting.pace import PAUSE_SECONDS, Pace, Progress
from dcss_core.payments.views.batch import RemittanceBatch
from dcss_core.payments.views.explanation import Explanation
from dcss_core.payments.views.findings import BooksVerification
from dcss_core.payments.views.held import HeldReceipt
from dcss_core.payments.views.history import PaymentHistory, history_of
from dcss_core.payments.views.statement import Statement, check_months, statement_of
from dcss_core.users.approvals.approval import AskedAct
from dcss_core.users.approvals.due import ApprovalDue
from dcss_core.users.permissions import not_permitted


@attrs.frozen(repr=False)
class Payments:
    """The verbs on payments."""

    _resources: Resources
    _door: Door

    @verb
    def receive(
        self,
        content: bytes,
        *,
        by: Caller,
        progress: Progress | None = None,
        entries_at_once: int = 100,
        pause_seconds: float | int = PAUSE_SECONDS,
    ) -> RemittanceBatch:
        """Take a payment file: every entry is posted once, distributed or held with a reason.

        Up to `entries_at_once` (1 to 1,000) entries are posted in one transaction, as many as the machine
        manages in 60 ms, and between two of them others have `pause_seconds` (0 to 10) to work. A run that
        was stopped is continued by receiving the same file again; that, or another file with the same
        entries, posts nothing twice. After each transaction `progress` is called with how many entries are
        done, and of how many; an exception that it raises stops the run, and what was posted stays. Raises
        RemittanceRefusedError with every fault of a damaged file: nothing is posted, and the refusal is in
        the audit log; InvalidInputError for another pace.
        """
        pace = Pace(entries_at_once, pause_seconds)
        return receiving.receive(self._resources, self._door, content, by=by, pace=pace, progress=progress)

    @verb
    def of_file(
        self, file_id: str, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[Receipt, ...]:
        """The receipts that a payment file brought, by their ids; audited.

        `after` is the id of a receipt of this file: the list continues after it. Raises NotFoundError for a
        file that was never received.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            check_limit(limit)
            if work.get(REMITTANCE_FILES, file_id) is None:
                raise nothing_found(work, "payment file", "no payment file with this id was received")
            last = last_of_file(work, after, file_id)
            receipts = work.find(RECEIPTS, ("file_id",), (file_id,), after=last, limit=limit)
            work.audit([ListSeen("receipts_of_file", len(receipts))], caller.actor)
            return [kept.record.receipt_id for kept in receipts]

        def view(work: UnitOfWork, receipt_ids: list[str]) -> tuple[Receipt, ...]:
            return tuple(kept.record for kept in work.each_there(RECEIPTS, receipt_ids))

        return self._door.show("payments.of_file", by, look, view)

    @verb
    def identify(self, receipt_id: str, case_number: CaseNumber, *, by: Caller) -> Receipt | ApprovalDue:
        """Post a held receipt to the case staff found for it; it counts from the day it was received.

        The family's part is to be sent within the limit from today, when it became known whose it is
        (42 USC 654b(c)(1)). From an amount of the rules on it takes two people, and the first is given an
        ApprovalDue. Raises NotFoundError for an unknown receipt or case, ConflictError when it is not held
        any more, InvalidInputError for a closed case, RuleViolationError when the jurisdiction states no
        distribution order for the case.
        """

        def act(work: UnitOfWork, caller: Admitted) -> Receipt | ApprovalDue:
            kept = receipt_named(work, receipt_id)
            require_held(kept.record)
            found = case_file(work, case_number)
            if found is None:
                sentence = f"there is no case {case_number}; check the number with the payor"
                raise nothing_found(work, "case", sentence)
            send_by, _ = last_day_to_send(work.jurisdiction, work.today)
            receipt, posted = identify(
                kept.record,
                found.file,
                policy_on=policies_of(work.jurisdiction),
                today=work.today,
                send_by=send_by,
                at=work.now,
            )
            if due := self._second_word(work, caller, kept.record, case_number):
                return due
            save_posted(work, posted, {case_number: found})
            work.replace(RECEIPTS, kept, receipt)
            work.audit(posted.events, caller.actor)
            tell_payees(work, posted.events[-1], posted.lines)
            return receipt

        return self._door.write("payments.identify", by, act)

    @verb
    def charge(self, through: Month | None = None, *, by: Caller) -> int:
        """Charge every open case through a month (this one, unless said otherwise); return how many were.

        Money held for months to come is applied to what falls due. Charging twice changes nothing.
        One transaction a case, so that a long run can be stopped and begun again. Raises
        InvalidInputError for a month to come, of which nothing has fallen due yet, and, unless a month is
        named, for one that lies further than a month beyond the last run: is the clock right?
        """
        return charging.charge(self._resources, self._door, through, by)

    @verb
    def held(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[HeldReceipt, ...]:
        """The receipts that are held because their place is not known, longest held first; audited.

        `after` is the id of a receipt of this list, even of one that was identified since.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            check_limit(limit)
            index = ("status", "received_on")
            last = last_held(work, after)
            held = work.find(RECEIPTS, index, (ReceiptStatus.HELD,), after=last, limit=limit)
            work.audit([ListSeen("held_receipts", len(held))], caller.actor)
            return [kept.record.receipt_id for kept in held]

        def view(work: UnitOfWork, receipt_ids: list[str]) -> tuple[HeldReceipt, ...]:
            receipts = (kept.record for kept in work.each_there(RECEIPTS, receipt_ids))
            return tuple(
                HeldReceipt.of(receipt, work.today)
                for receipt in receipts
                if receipt.status is ReceiptStatus.HELD
            )

        return self._door.show("payments.held", by, look, view)

    @verb
    def employment_ends(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[EmploymentEndReport, ...]:
        """The reports of employers that employment ended, oldest first; audited.

        `after` is the id of such a report: the list continues after it.
        """

        def look(work: UnitOfWork, caller: Admitted) -> list[str]:
            check_limit(limit)
            last = last_of_page(work, EMPLOYMENT_END_REPORTS, after, "the id of a report")
            index = ("received_on", "report_id")
            reports = work.find(EMPLOYMENT_END_REPORTS, index, after=last, limit=limit)
            work.audit([ListSeen("employment_ends", len(reports))], caller.actor)
            return [each.record.report_id for each in reports]

        def view(work: UnitOfWork, report_ids: list[str]) -> tuple[EmploymentEndReport, ...]:
            return tuple(each.record for each in work.each_there(EMPLOYMENT_END_REPORTS, report_ids))

        return self._door.show("payments.employment_ends", by, look, view)

    @verb
    def explain(self, receipt: Receipt | str, *, by: Caller) -> Explanation:
        """Where every cent of a receipt went, and why, as whoever asks may see it; audited.

        Staff see every receipt: NotFoundError for one that there is not. A parent sees those of their own
        cases: NotPermittedError for any other, and for one that there is not too.
        """
        receipt_id = receipt if isinstance(receipt, str) else receipt.receipt_id

        def look(work: UnitOfWork, caller: Admitted) -> Role | None:
            kept = work.get(RECEIPTS, receipt_id)
            case_number = kept.record.case_number if kept else None
            role = _role_of(work, caller, case_number)
            found = kept or receipt_named(work, receipt_id)
            work.audit([_seen(found.record, "explanation")], caller.actor)
            return role

        def view(work: UnitOfWork, role: Role | None) -> Explanation:
            receipt = existing(work, RECEIPTS, receipt_id).record
            return Explanation.of(receipt, lines_of(work, receipt_id), shows_remitter=_shows_remitter(role))

        return self._door.show("payments.explain", by, look, view)

    @verb
    def history(
        self,
        case_number: CaseNumber,
        *,
        by: Caller,
        after: str | None = None,
        limit: int = LONGEST_PAGE,
    ) -> PaymentHistory:
        """The payments of a case as whoever asks may see them, newest first; audited.

        `after` is the id of a receipt of this case: the list continues after it. Raises NotPermittedError for
        a parent who is none in this case, whether or not there is such a case; NotFoundError for staff who
        name none.
        """

        def look(work: UnitOfWork, caller: Admitted) -> Role | None:
            check_limit(limit)
            role = self._looks_at(work, caller, case_number, "history")
            last_of_case(work, after, case_number)
            return role

        def view(work: UnitOfWork, role: Role | None) -> PaymentHistory:
            last = last_of_case(work, after, case_number)
            index = ("case_number", "received_on")
            receipts = work.find(RECEIPTS, index, (case_number,), descending=True, after=last, limit=limit)
            is_whole_case = last is None and len(receipts) < limit
            shown = [each.record for each in receipts]
            lines = applied_lines(work, shown, of_whole_case=case_number if is_whole_case else None)
            return history_of(shown, lines, shows_remitter=_shows_remitter(role))

        return self._door.show("payments.history", by, look, view)

    @verb
    def statement(self, case_number: CaseNumber, *, first: Month, last: Month, by: Caller) -> Statement:
        """What was owed, fell due and was paid, month by month, both months included; audited.

        What has not been charged yet is not in it, and it says through which month it was. Raises as
        `history` does, and InvalidInputError when the last month lies before the first, or a hundred years
        after it.
        """

        def look(work: UnitOfWork, caller: Admitted) -> None:
            self._looks_at(work, caller, case_number, "statement")
            check_months(first, last)

        def view(work: UnitOfWork, _: None) -> Statement:
            account = existing(work, CASE_ACCOUNTS, case_number).record
            return statement_of(
                case_number,
                sums_of_days(work, case_number),
                first=first,
                last=last,
                charged_through=account.charged_through,
            )

        return self._door.show("payments.statement", by, look, view)

    @verb
    def balances(self, *, by: Caller) -> dict[Place, Money]:
        """What is in each place of the books, over all cases; what was collected is negative."""
        return self._door.read("payments.balances", by, lambda work, _: _balances(work))

    @verb
    def verify(self, *, by: Caller, progress: Progress | None = None) -> BooksVerification:
        """Compare everything that is stored of the money with each other and with the audit log.

        Names the first place of each sort where something does not agree, and in how many places it does
        not. Run it with `audit.verify`, which vouches for the log. `progress` is told how much is looked at,
        of how much. It writes nothing and keeps nobody waiting.
        """
        self._door.pass_through("payments.verify", by)
        return verifying.verify(self._resources, progress)

    def _second_word(
        self, work: UnitOfWork, caller: Admitted, receipt: Receipt, case_number: CaseNumber
    ) -> ApprovalDue | None:
        if not needs_second_person(receipt, work.rules):
            return None
        acts_on, amount = f"receipt:{receipt.receipt_id}", str(receipt.amount)
        asked = AskedAct.of("payments.identify", acts_on, case=str(case_number), amount=amount)
        return second_word(self._door, work, caller, asked)

    def _looks_at(
        self, work: UnitOfWork, caller: Admitted, case_number: CaseNumber, view: str
    ) -> Role | None:
        """The role of the parent who asks, None for staff; that they looked is audited."""
        role = _role_of(work, caller, case_number)
        if role is None and work.get(CASES, case_number) is None:
            raise nothing_found(work, "case", f"there is no case {case_number}; check the number")
        work.audit([CaseSeen(case_number, view)], caller.actor)
        return role


def _role_of(work: UnitOfWork, caller: Admitted, case_number: CaseNumber | None) -> Role | None:
    """The role of a parent in a case; None for staff. Raises NotPermittedError for a parent who has none."""
    if caller.by_right:
        return None
    role = role_in_case(work, caller.person_id, case_number) if case_number is not None else None
    if role is None:  # one answer, so that nobody learns whether the case or the receipt exists
        raise not_permitted(work.verb)
    return role


def _shows_remitter(role: Role | None) -> bool:
    # Who pays a noncustodial parent is not for the custodial parent to know (S-29).
    return role is not Role.CUSTODIAL_PARENT


def _seen(receipt: Receipt, view: str) -> CaseSeen | ReceiptSeen:
    if receipt.case_number is None:
        return ReceiptSeen(receipt.receipt_id, view)
    return CaseSeen(receipt.case_number, view)


def _balances(work: UnitOfWork) -> dict[Place, Money]:
    totals = work.find(BOOK_TOTALS, ("shard",))
    return dict(balances_of(kept.record for kept in totals))
