"""`agency.payments`: money in, where it went, and what a parent sees of it."""

from collections.abc import Iterator
from functools import partial
from typing import Final

import attrs

from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.callers.found import existing, nothing_found, role_in_case
from dcss_core.agency.filing.cases import CASES
from dcss_core.agency.filing.payments import (
    CASE_ACCOUNTS,
    DISTRIBUTION_LINES,
    EMPLOYMENT_END_REPORTS,
    POSTINGS,
    RECEIPTS,
)
from dcss_core.agency.payments.case_files import case_file, policies_of, save_posted
from dcss_core.agency.payments.receiving import post_remittance, tell_payees
from dcss_core.agency.work.records import R, Records
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import Kept, UnitOfWork
from dcss_core.audit.reads import CaseSeen, ListSeen, ReceiptSeen
from dcss_core.base.dates import Month
from dcss_core.base.expected_types import checked
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.pages import LONGEST_PAGE, check_limit, not_of_this_list
from dcss_core.cases.case import Case, CaseStatus, Role
from dcss_core.errors import (
    RemittanceRefusedError,
)
from dcss_core.payments.collection.receipt import Receipt, ReceiptStatus
from dcss_core.payments.collection.remittance import (
    EmploymentEndReport,
    RemittanceRefused,
    file_id_of,
    read_remittance,
)
from dcss_core.payments.distribution.distribution import DistributionLine
from dcss_core.payments.ledger.ledger import HoldReason, Place, Posting, balances
from dcss_core.payments.posting.charges import charge_case, month_to_charge
from dcss_core.payments.posting.entries import Progress
from dcss_core.payments.posting.identification import identify, require_held
from dcss_core.payments.posting.last_day_to_send import last_day_to_send
from dcss_core.payments.views.batch import RemittanceBatch
from dcss_core.payments.views.explanation import Explanation
from dcss_core.payments.views.held import HeldReceipt
from dcss_core.payments.views.history import PaymentHistory, history_of
from dcss_core.payments.views.statement import Statement, statement_of
from dcss_core.users.permissions import not_permitted

_CHARGE: Final = "payments.charge"


@attrs.frozen(repr=False)
class Payments:
    """The verbs on payments."""

    _resources: Resources
    _door: Door

    @checked
    def receive(self, content: bytes, *, by: Caller, progress: Progress | None = None) -> RemittanceBatch:
        """Take a payment file: every entry is posted once, distributed or held with a reason.

        Receiving the same file, or another file with the same entries, posts nothing twice.
        `progress` is told how many entries are done, of how many; it may be told again from the start.
        Raises RemittanceRefusedError with every fault of a damaged file: nothing is posted, and the
        refusal is in the audit log.
        """
        name = "payments.receive"
        self._door.pass_through(name, by)
        try:
            remittance = read_remittance(content)
        except RemittanceRefusedError as refusal:
            refused = RemittanceRefused(file_id_of(content), len(refusal.faults))
            self._door.write(name, by, lambda work, caller: work.audit([refused], caller.actor))
            raise
        return self._door.write(
            name,
            by,
            lambda work, caller: post_remittance(
                work, remittance, content, by=caller.actor, progress=progress
            ),
        )

    @checked
    def identify(self, receipt_id: str, case_number: CaseNumber, *, by: Caller) -> Receipt:
        """Post a held receipt to the case staff found for it; it counts from the day it was received.

        The family's part is to be sent within the limit from today, when it became known whose it is
        (42 USC 654b(c)(1)). Raises NotFoundError for an unknown receipt or case, ConflictError when
        it is not held any more, InvalidInputError for a closed case, RuleViolationError when the
        jurisdiction states no distribution order for the case.
        """

        def verb(work: UnitOfWork, caller: Admitted) -> Receipt:
            kept = _receipt(work, receipt_id)
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
            save_posted(work, posted, {case_number: found})
            work.replace(RECEIPTS, kept, receipt)
            work.audit(posted.events, caller.actor)
            tell_payees(work, posted.events[-1], posted.lines)
            return receipt

        return self._door.write("payments.identify", by, verb)

    @checked
    def charge(self, through: Month | None = None, *, by: Caller) -> int:
        """Charge every open case through a month (this one, unless said otherwise); return how many were.

        Money held for months to come is applied to what falls due. Charging twice changes nothing.
        One transaction a case, so that a long run can be stopped and begun again. Raises
        InvalidInputError for a month to come, of which nothing has fallen due yet.
        """
        self._door.pass_through(_CHARGE, by)
        month = month_to_charge(through, self._resources.today())
        return sum(self._charge_one(number, month, by) for number in self._open_cases())

    @checked
    def held(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[HeldReceipt, ...]:
        """The receipts that are held because their place is not known, longest held first; audited.

        `after` is the id of a receipt of this list, even of one that was identified since.
        """

        def verb(work: UnitOfWork, caller: Admitted) -> tuple[HeldReceipt, ...]:
            check_limit(limit)
            index = ("status", "received_on")
            last = _last_held(work, after)
            kept = work.find(RECEIPTS, index, (ReceiptStatus.HELD,), after=last, limit=limit)
            held = tuple(HeldReceipt.of(each.record, work.today) for each in kept)
            work.audit([ListSeen("held_receipts", len(held))], caller.actor)
            return held

        return self._door.write("payments.held", by, verb)

    @checked
    def employment_ends(
        self, *, by: Caller, after: str | None = None, limit: int = LONGEST_PAGE
    ) -> tuple[EmploymentEndReport, ...]:
        """The reports of employers that employment ended, oldest first; audited.

        `after` is the id of such a report: the list goes on behind it.
        """

        def verb(work: UnitOfWork, caller: Admitted) -> tuple[EmploymentEndReport, ...]:
            check_limit(limit)
            last = _last_of_page(work, EMPLOYMENT_END_REPORTS, after, "the id of a report")
            index = ("received_on", "report_id")
            reports = work.find(EMPLOYMENT_END_REPORTS, index, after=last, limit=limit)
            work.audit([ListSeen("employment_ends", len(reports))], caller.actor)
            return tuple(each.record for each in reports)

        return self._door.write("payments.employment_ends", by, verb)

    @checked
    def explain(self, receipt: Receipt | str, *, by: Caller) -> Explanation:
        """Where every cent of a receipt went, and why, as whoever asks may see it; audited.

        Staff see every receipt: NotFoundError for one that there is not. A parent sees those of their own
        cases: NotPermittedError for any other, and for one that there is not too.
        """
        receipt_id = receipt if isinstance(receipt, str) else receipt.receipt_id

        def verb(work: UnitOfWork, caller: Admitted) -> Explanation:
            kept = work.get(RECEIPTS, receipt_id)
            case_number = kept.record.case_number if kept else None
            role = _role_of(work, caller, case_number)
            found = kept or _receipt(work, receipt_id)
            work.audit([_seen(found.record, "explanation")], caller.actor)
            return Explanation.of(
                found.record, _lines_of(work, receipt_id), shows_remitter=_shows_remitter(role)
            )

        return self._door.write("payments.explain", by, verb)

    @checked
    def history(
        self,
        case_number: CaseNumber,
        *,
        by: Caller,
        after: str | None = None,
        limit: int = LONGEST_PAGE,
    ) -> PaymentHistory:
        """The payments of a case as whoever asks may see them, newest first; audited.

        `after` is the id of a receipt of this case: the list goes on behind it. Raises NotPermittedError for
        a parent who is none in this case, whether or not there is such a case; NotFoundError for staff who
        name none.
        """

        def verb(work: UnitOfWork, caller: Admitted) -> PaymentHistory:
            check_limit(limit)
            role = self._looks_at(work, caller, case_number, "history")
            last = _last_of_page(work, RECEIPTS, after, "the id of a receipt of this case")
            if last is not None and last.record.case_number != case_number:
                raise not_of_this_list("the id of a receipt of this case")
            index = ("case_number", "received_on")
            receipts = work.find(RECEIPTS, index, (case_number,), descending=True, after=last, limit=limit)
            lines = work.find(DISTRIBUTION_LINES, ("case_number",), (case_number,))
            return history_of(
                [each.record for each in receipts],
                [each.record for each in lines],
                shows_remitter=_shows_remitter(role),
            )

        return self._door.write("payments.history", by, verb)

    @checked
    def statement(self, case_number: CaseNumber, *, first: Month, last: Month, by: Caller) -> Statement:
        """What was owed, fell due and was paid, month by month, both months included; audited.

        What has not been charged yet is not in it, and it says through which month it was. Raises as
        `history` does, and InvalidInputError when the last month lies before the first.
        """

        def verb(work: UnitOfWork, caller: Admitted) -> Statement:
            self._looks_at(work, caller, case_number, "statement")
            account = existing(work, CASE_ACCOUNTS, case_number).record
            postings = work.find(POSTINGS, ("case_number",), (case_number,))
            return statement_of(
                case_number,
                [each.record for each in postings],
                first=first,
                last=last,
                charged_through=account.charged_through,
            )

        return self._door.write("payments.statement", by, verb)

    @checked
    def balances(self, *, by: Caller) -> dict[Place, Money]:
        """What is in each place of the books, over all cases; what was collected is negative."""
        return self._door.read("payments.balances", by, lambda work, _: balances(_every_posting(work)))

    def _open_cases(self) -> Iterator[CaseNumber]:
        last: Kept[Case] | None = None
        while True:
            page = self._resources.read(partial(_page_of_open_cases, after=last))
            yield from (kept.record.case_number for kept in page)
            if len(page) < LONGEST_PAGE:
                return
            last = page[-1]

    def _charge_one(self, case_number: CaseNumber, month: Month, by: Caller) -> bool:
        def verb(work: UnitOfWork, caller: Admitted) -> bool:
            found = case_file(work, case_number)
            policy_on = policies_of(work.jurisdiction)
            if found is None:
                return False
            posted = charge_case(found.file, month, policy_on=policy_on, at=work.now)
            if posted is None:
                return False
            save_posted(work, posted, {case_number: found})
            work.audit(posted.events, caller.actor)
            # When held money has to leave once it is applied no provision says; the family is told at once.
            for event in posted.events:
                tell_payees(work, event, posted.lines)
            return True

        return self._door.write(_CHARGE, by, verb)

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


def _page_of_open_cases(work: UnitOfWork, *, after: Kept[Case] | None) -> list[Kept[Case]]:
    index = ("status", "case_number")
    return work.find(CASES, index, (CaseStatus.OPEN,), after=after, limit=LONGEST_PAGE)


def _last_held(work: UnitOfWork, after: str | None) -> Kept[Receipt] | None:
    expected = "the id of a receipt that is or was held"
    last = _last_of_page(work, RECEIPTS, after, expected)
    if last is None or last.record.status is ReceiptStatus.HELD:
        return last
    postings = (kept.record for kept in work.find(POSTINGS, ("receipt_id",), (after,)))
    if not any(posting.hold_reason not in (None, HoldReason.FUTURE_SUPPORT) for posting in postings):
        raise not_of_this_list(expected)
    return last


def _last_of_page(work: UnitOfWork, records: Records[R], after: str | None, expected: str) -> Kept[R] | None:
    if after is None:
        return None
    kept = work.get(records, after)
    if kept is None:
        raise not_of_this_list(expected)
    return kept


def _every_posting(work: UnitOfWork) -> Iterator[Posting]:
    page = work.entries_after(POSTINGS, 0, limit=LONGEST_PAGE)
    while page:
        yield from (kept.record for kept in page)
        page = work.entries_after(POSTINGS, page[-1].version, limit=LONGEST_PAGE)


def _receipt(work: UnitOfWork, receipt_id: str) -> Kept[Receipt]:
    kept = work.get(RECEIPTS, receipt_id)
    if kept is None:
        expected = "give the id of a receipt, 'R' with 20 letters and digits"
        raise nothing_found(work, "receipt", f"there is no such receipt; {expected}")
    return kept


def _lines_of(work: UnitOfWork, receipt_id: str) -> tuple[DistributionLine, ...]:
    kept = work.find(DISTRIBUTION_LINES, ("receipt_id", "line"), (receipt_id,))
    return tuple(each.record for each in kept)
