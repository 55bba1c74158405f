"""A remittance file is posted: every entry once, distributed or held with a reason."""

from datetime import date

import attrs
import pytest

from dcss_core import Actor, CaseNumber, Money, Month
from dcss_core.cases import Assistance, NewObligation
from dcss_core.cases.case import CaseStatus
from dcss_core.payments.collection.remark import Remark, RemarkKind
from dcss_core.payments.ledger.ledger import HoldReason, Place
from dcss_core.payments.views.hold_reasons import hold_reason_in_words
from dcss_core.plugins import JurisdictionRules, hookimpl
from dcss_core.users.staff.member import StaffRole
from dcss_core_georgia import georgia_rules

pytestmark = pytest.mark.on_every_storage


def in_places(agency, *places):
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    return tuple(str(balances[place]) for place in places)


# --- an employer's file, to the cent --------------------------------------------------------------------


@pytest.fixture
def sample_cases(agency, family, intake):
    """The cases that the employer's sample names; its SSNs are of the ten reserved for advertisements."""
    monthly = ("200.00", "150.00", "300.00", "225.00")
    for number, amount in enumerate(monthly):
        agency.cases.open(family(f"000456789{number}", f"98765432{number}", amount), by=intake)


def test_an_employers_file_is_posted_to_the_cent(agency, sample_cases, sample):
    batch = agency.payments.receive(sample("ccdplus-ded-employer-to-sdu"), by=Actor.system("remittance"))
    assert [(str(each.case_number), str(each.amount)) for each in batch.receipts] == [
        ("0004567890", "243.69"),
        ("0004567891", "150.00"),
        ("0004567892", "50.77"),
    ]
    # 243.69 + 150.00 + 50.77 = 444.46; of 243.69, 200.00 were due and 43.69 are held for February
    assert in_places(agency, Place.COLLECTED, Place.PAYABLE, Place.HELD) == ("-444.46", "400.77", "43.69")
    # due in January: 200.00 + 150.00 + 300.00; the fourth case got no money and is charged by the job
    assert in_places(agency, Place.CHARGED, Place.OWED, Place.SATISFIED) == ("-650.00", "249.23", "400.77")
    assert batch.file.total == Money("444.46")


def test_the_notice_that_employment_ended_is_kept_for_its_case(agency, sample_cases, sample):
    (report,) = agency.payments.receive(
        sample("ccdplus-ded-employer-to-sdu"), by=Actor.system("remittance")
    ).employment_ends
    assert (report.case_number, report.pay_date) == (CaseNumber("0004567893"), date(2026, 1, 5))
    assert report.remitter == "ACME PAYROLL INC"


def test_a_deposit_for_two_cases_goes_to_both(agency, family, intake, sample):
    for number in (0, 1):
        agency.cases.open(family(f"000456789{number}", f"90001000{number + 1}"), by=intake)
    batch = agency.payments.receive(sample("ctx-one-deposit-for-two-cases"), by=Actor.system("remittance"))
    assert [(str(each.case_number), str(each.amount)) for each in batch.receipts] == [
        ("0004567890", "243.69"),
        ("0004567891", "150.00"),
    ]
    assert batch.file.total == Money("393.69")


def test_row1_every_cent_is_explained_with_rule_citation_and_inputs(
    agency, opened_case, file_of, sent, clerk
):
    batch = agency.payments.receive(file_of(sent("243.69")), by=Actor.system("remittance"))
    told = str(agency.payments.explain(batch.receipts[0], by=clerk))
    # 200.00 due in January, then 43.69 of the 50.00 owed from November
    assert "$200.00  current support of 2026-01, to the family" in told
    assert "$43.69  arrears of 2025-11, to the family" in told
    assert "law  DHS PAMMS, DCSS policy 7.0; 45 CFR 302.51(a)(1), (b)" in told


def test_row11_the_day_that_counts_is_the_day_of_receipt_at_the_agency(
    agency, opened_case, file_of, sent, clock
):
    clock.move(hours=15)  # 1:00 am in Atlanta is 8 January there
    (receipt,) = agency.payments.receive(
        file_of(sent(pay_date=date(2025, 12, 31))), by=Actor.system("remittance")
    ).receipts
    assert (receipt.pay_date, receipt.received_on) == (date(2025, 12, 31), date(2026, 1, 8))
    assert receipt.collected_on == date(2026, 1, 8)  # 45 CFR 302.51(a)(4)(i), which Georgia follows
    clock.move(hours=-2)  # 11:00 pm on 7 January in Atlanta, 8 January in UTC
    (earlier,) = agency.payments.receive(file_of(sent("1.00")), by=Actor.system("remittance")).receipts
    assert earlier.received_on == date(2026, 1, 7)


# --- months ---------------------------------------------------------------------------------------------


def test_the_months_since_the_last_charge_fall_due_before_money_is_applied(
    agency, opened_case, file_of, sent, clock, told
):
    clock.move(days=70)  # 18 March: January to March fall due
    (receipt,) = agency.payments.receive(file_of(sent("500.00")), by=Actor.system("remittance")).receipts
    # 200.00 March, 50.00 November, 200.00 January, 50.00 of February
    assert told(agency, receipt) == [
        ("current_support", "2026-03", "200.00"),
        ("never_assigned_arrears", "2025-11", "50.00"),
        ("never_assigned_arrears", "2026-01", "200.00"),
        ("never_assigned_arrears", "2026-02", "50.00"),
    ]


def test_two_payments_for_one_case_in_one_file_are_applied_one_after_the_other(
    agency, opened_case, file_of, sent, told
):
    one, two = agency.payments.receive(
        file_of(sent("150.00"), sent("110.00")), by=Actor.system("remittance")
    ).receipts
    assert told(agency, one) == [("current_support", "2026-01", "150.00")]
    assert told(agency, two) == [
        ("current_support", "2026-01", "50.00"),
        ("never_assigned_arrears", "2025-11", "50.00"),
        ("future_support", "None", "10.00"),
    ]


def test_a_case_number_with_a_blank_at_its_end_is_the_same_case(agency, opened_case, file_of, sent):
    """Some senders fill it up; two spellings of one case in a file must not stand in each other's way."""
    batch = agency.payments.receive(
        file_of(sent("150.00"), sent("50.00", case="0004567890 ")), by=Actor.system("remittance")
    )
    assert [str(each.case_number) for each in batch.receipts] == ["0004567890", "0004567890"]
    assert in_places(agency, Place.PAYABLE) == ("200.00",)


def test_money_after_the_end_of_an_order_pays_arrears_and_is_then_held(
    agency, family, clerk, file_of, sent, clock, told
):
    ended = NewObligation(Money("200.00"), begins=date(2024, 4, 1), ends=date(2026, 2, 1))
    agency.cases.open(family("0004567890", "901028765", obligations=(ended,)), by=clerk)
    clock.move(days=60)  # 8 March: only January's support fell due
    (receipt,) = agency.payments.receive(file_of(sent("250.00")), by=Actor.system("remittance")).receipts
    assert told(agency, receipt) == [
        ("never_assigned_arrears", "2026-01", "200.00"),
        ("future_support", "None", "50.00"),
    ]


def test_two_orders_of_one_case_share_a_month_in_proportion(agency, family, clerk, file_of, sent):
    # Ga. Comp. R. & Regs. 290-7-1-.15(a): 60 and 40 dollars are due, 70 dollars are paid: 42 and 28
    two = tuple(NewObligation(Money(amount), begins=date(2024, 4, 1)) for amount in ("60.00", "40.00"))
    agency.cases.open(family("0004567890", "901028765", obligations=two), by=clerk)
    (receipt,) = agency.payments.receive(file_of(sent("70.00")), by=Actor.system("remittance")).receipts
    lines = agency.payments.explain(receipt, by=clerk).lines
    assert [(line.obligation_id, str(line.amount)) for line in lines] == [
        ("0004567890/1", "42.00"),
        ("0004567890/2", "28.00"),
    ]


# --- held -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"case": "0009999999"}, HoldReason.CASE_UNKNOWN),
        ({"case": "0000000000"}, HoldReason.CASE_UNKNOWN),  # no case number can be this
        ({"ssn": "900010009"}, HoldReason.SSN_DOES_NOT_MATCH_CASE),
        ({"case": None}, HoldReason.NO_CHILD_SUPPORT_ADDENDUM),
        ({"stated": "199.99"}, HoldReason.AMOUNTS_DIFFER),
    ],
)
def test_money_whose_place_is_not_known_is_held_with_the_reason(
    agency, opened_case, file_of, sent, changes, reason, clock, clerk
):
    (receipt,) = agency.payments.receive(file_of(sent(**changes)), by=Actor.system("remittance")).receipts
    assert (receipt.hold_reason, receipt.case_number, receipt.send_by) == (reason, None, None)
    clock.move(days=9)
    (held,) = agency.payments.held(by=clerk)
    assert (held.receipt, held.reason, held.days_held) == (receipt, reason, 9)
    assert hold_reason_in_words(reason) in str(held)
    assert in_places(agency, Place.HELD, Place.PAYABLE, Place.CHARGED) == ("200.00", "0.00", "-50.00")


def test_a_closed_case_gets_no_money_and_is_not_charged(agency, opened_case, file_of, sent):
    close(agency, opened_case)
    (receipt,) = agency.payments.receive(file_of(sent()), by=Actor.system("remittance")).receipts
    assert receipt.hold_reason is HoldReason.CASE_CLOSED
    assert agency.payments.charge(by=Actor.system("charging")) == 0
    assert in_places(agency, Place.CHARGED) == ("-50.00",)


def close(agency, case_number):
    """No verb closes a case yet, so its record is replaced."""
    from dcss_core.agency.filing.cases import CASES

    def verb(work):
        kept = work.get(CASES, case_number)
        work.replace(CASES, kept, attrs.evolve(kept.record, status=CaseStatus.CLOSED))

    agency.payments._resources.write(verb)


def test_a_family_on_assistance_is_not_paid_by_the_rules_for_another(agency, family, intake, file_of, sent):
    """No order for it is loaded: 42 USC 657(a)(1) would give assigned support to the state."""
    agency.cases.open(family("0004567890", "901028765", assistance=Assistance.CURRENT), by=intake)
    (receipt,) = agency.payments.receive(file_of(sent()), by=Actor.system("remittance")).receipts
    assert receipt.hold_reason is HoldReason.NO_DISTRIBUTION_RULE


def test_the_end_of_employment_of_somebody_else_is_not_put_on_the_case(agency, opened_case, file_of, sent):
    content = file_of(sent("0.00", ended=True), sent("0.00", ssn="900010009", ended=True))
    ours, somebodys = agency.payments.receive(content, by=Actor.system("remittance")).employment_ends
    assert (ours.case_number, somebodys.case_number) == (opened_case, None)
    assert somebodys.case_as_sent == "0004567890"


def test_the_end_of_employment_with_a_last_payment_is_kept_beside_the_receipt(
    agency, opened_case, file_of, sent
):
    batch = agency.payments.receive(file_of(sent("12.34", ended=True)), by=Actor.system("remittance"))
    assert (len(batch.receipts), len(batch.employment_ends)) == (1, 1)


# --- to whom it is addressed ----------------------------------------------------------------------------


def test_entries_addressed_to_another_state_are_posted_and_remarked_on_once_a_code(
    agency, opened_case, file_of, sent
):
    """20 is Kansas and 13 is Georgia (FIPS PUB 5-2); case number and SSN say whose money it is."""
    codes = ("2000000", "1300000", "2000000", "13121", None, "80DEU00")
    batch = agency.payments.receive(
        file_of(*(sent("1.00", locator=code) for code in codes)), by=Actor.system("remittance")
    )
    assert {each.case_number for each in batch.receipts} == {opened_case}
    assert [(each.kind, str(each.locator), each.entries, each.own_locator) for each in batch.remarks] == [
        (RemarkKind.ADDRESSED_ELSEWHERE, "2000000", 2, "1300000"),
        (RemarkKind.ADDRESSED_ELSEWHERE, "80DEU00", 1, "1300000"),
    ]


def test_where_the_state_gives_no_number_of_its_own_money_is_posted_all_the_same(
    opener, outside, case_application, intake, file_of, sent
):
    georgia = georgia_rules()
    book = attrs.evolve(
        georgia, values=tuple(each for each in georgia.values if each.key != "agency.state_fips")
    )

    class Numberless:
        @hookimpl
        def dcss_jurisdictions(self):
            return [JurisdictionRules("US-XX", "Georgia without its number", lambda: book, extends="US")]

    agency = opener("memory:", jurisdiction="US-XX", plugins=[outside, Numberless()])
    number = agency.cases.open(case_application, by=intake).case_number
    batch = agency.payments.receive(file_of(sent("1.00", locator="2000000")), by=Actor.system("remittance"))
    assert [each.case_number for each in batch.receipts] == [number]
    assert batch.remarks == (
        Remark(RemarkKind.OWN_LOCATOR_NOT_KNOWN, rule="agency.state_fips", on=date(2026, 1, 7)),
    )


# --- when it is to be sent ------------------------------------------------------------------------------


def test_s30_the_family_is_paid_within_two_business_days(agency, opened_case, file_of, sent, clock):
    """42 USC 654b(c)(1). After Thursday 15 January: Friday, then past Dr. King's day to Tuesday."""
    clock.move(days=8)
    (receipt,) = agency.payments.receive(file_of(sent()), by=Actor.system("remittance")).receipts
    assert receipt.send_by == date(2026, 1, 20)


def test_s30_where_the_holidays_are_not_known_money_is_posted_all_the_same(
    agency, opened_case, file_of, sent, clock
):
    clock.move(days=731)  # 8 January 2028: the list of state holidays ends with 2027
    batch = agency.payments.receive(file_of(sent()), by=Actor.system("remittance"))
    assert batch.receipts[0].case_number == opened_case
    assert batch.receipts[0].send_by is None
    assert batch.remarks == (
        Remark(RemarkKind.LAST_DAY_TO_SEND_NOT_KNOWN, rule="calendar.state_holidays", on=date(2028, 1, 8)),
    )


def test_the_family_is_told_by_one_letter_a_file(agency, opened_case, file_of, sent, mail):
    agency.payments.receive(file_of(sent("150.00"), sent("110.00")), by=Actor.system("remittance"))
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    (letter,) = mail.delivered
    assert letter.subject == "A payment was posted"
    for private in ("Roe", "Doe", "0004567890", "150", "PEACH"):
        assert private not in letter.body.reveal() + letter.subject


def test_nobody_is_told_of_money_that_is_only_held(agency, opened_case, file_of, sent):
    agency.payments.receive(
        file_of(sent("260.00")), by=Actor.system("remittance")
    )  # 200.00 January, 50.00 November, 10.00 held
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1
    agency.payments.receive(file_of(sent("5.00")), by=Actor.system("remittance"))
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1


# --- what is told while and after -----------------------------------------------------------------------


def test_progress_is_told_after_each_transaction(agency, opened_case, file_of, sent):
    seen = []
    agency.payments.receive(
        file_of(*(sent(f"{number}.00") for number in range(1, 6))),
        progress=lambda done, of: seen.append((done, of)),
        by=Actor.system("remittance"),
        entries_at_once=2,
        pause_seconds=0,
    )
    assert seen == [(2, 5), (4, 5), (5, 5)]


def test_whoever_is_told_of_the_progress_may_look_at_what_is_posted_so_far(
    agency, opened_case, file_of, sent, clerk
):
    """Nothing is locked between two transactions."""
    seen = []
    agency.payments.receive(
        file_of(sent("1.00"), sent("2.00")),
        progress=lambda done, of: seen.append(len(agency.payments.history(opened_case, by=clerk))),
        by=Actor.system("remittance"),
        entries_at_once=1,
        pause_seconds=0,
    )
    assert seen == [1, 2]


def test_everything_that_moved_money_is_in_the_audit_log_with_who_did_it(
    agency, opened_case, file_of, sent, last_number, long_appointed
):
    before = last_number(agency)
    by = long_appointed(agency, "worker-3", StaffRole.PAYMENT_CLERK)
    agency.payments.receive(file_of(sent(), sent("7.00", case="0009999999")), by=by)
    entries = [entry for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))]
    assert [entry.kind for entry in entries] == [
        "remittance_received",
        "support_charged",
        "receipt_posted",
        "receipt_held",
        "remittance_posted",
    ]
    assert {entry.actor for entry in entries} == {"staff:worker-3"}


def test_a_file_of_prenotes_is_taken_and_moves_nothing(agency, opened_case, file_of, sent, books):
    before = books(agency)
    batch = agency.payments.receive(
        file_of(sent("0.00", code="23", case=None)), by=Actor.system("remittance")
    )
    assert (batch.receipts, batch.file.entries, batch.file.total) == ((), 0, Money.ZERO)
    assert books(agency) == before


def test_what_became_of_a_file_is_one_line(agency, opened_case, file_of, sent):
    batch = agency.payments.receive(
        file_of(sent("200.00"), sent("75.00", case="0009999999"), sent("0.00", ended=True)),
        by=Actor.system("remittance"),
    )
    assert str(batch) == (
        "$275.00 from PEACH TREE PAYROLL, entries: 3; receipts: 2, $75.00 of them held; "
        "reports that employment ended: 1"
    )


def test_the_statement_and_the_books_agree(
    agency, opened_case, jane, register, sign_in, file_of, sent, clock
):
    register(agency, jane)
    agency.payments.receive(file_of(sent("243.69")), by=Actor.system("remittance"))
    token = sign_in(agency, jane)
    statement = agency.payments.statement(opened_case, first=Month(2025, 11), last=Month(2026, 1), by=token)
    # 50.00 + 200.00 - 243.69 = 6.31
    assert (str(statement.charged), str(statement.paid), str(statement.owed)) == ("250.00", "243.69", "6.31")
    assert in_places(agency, Place.OWED) == ("6.31",)
