"""Whether an entry can be matched to a case, and how it is posted."""

from datetime import date

import attrs
import pytest

from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.people.itin import Itin
from dcss_core.base.secret import Secret
from dcss_core.base.ssn import Ssn
from dcss_core.cases.case import Assistance, Case, CaseStatus
from dcss_core.cases.people.person import Person, PersonName
from dcss_core.errors import ConflictError
from dcss_core.payments.collection.receipt import (
    RECEIPT_STATES,
    ReceiptAct,
    ReceiptStatus,
    hold,
    receive,
    release,
    why_held,
)
from dcss_core.payments.distribution.policy import DateOfCollection
from dcss_core.payments.ledger.ledger import Book, HoldReason, Place, balances

JANUARY_7 = date(2026, 1, 7)
OPEN = Case(CaseNumber("0004567890"), Assistance.NEVER, CaseStatus.OPEN, date(2026, 1, 2))
CLOSED = attrs.evolve(OPEN, status=CaseStatus.CLOSED)
SSN = Ssn("900-01-0001", accept_never_issued=True)
JOHN = Person("person-ncp", PersonName("John", "Doe"), date(1986, 2, 3), ssn=SSN)
WITHOUT_SSN = attrs.evolve(JOHN, ssn=None)
WITH_ITIN = attrs.evolve(JOHN, ssn=Itin(f"9{1:02d}{50}{1234}"))  # made, never written down
MATCHING, OTHER = Secret("900010001"), Secret("900010002")


# --- identification ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "person", "why"),
    [
        (MATCHING, JOHN, "the SSN is the noncustodial parent's"),
        (None, JOHN, "no SSN was sent, and the case number is honoured"),
        (OTHER, WITHOUT_SSN, "none is on file to compare with"),
        (OTHER, WITH_ITIN, "an ITIN is on file, which no remitter is asked for"),
    ],
)
def test_the_remitters_case_number_is_honoured(make_entry, sent, person, why):
    assert why_held(make_entry(ssn=sent), OPEN, person) is None, why


@pytest.mark.parametrize(
    ("changes", "case", "reason"),
    [
        ({"occurrence": 2}, OPEN, HoldReason.POSSIBLE_DUPLICATE),
        ({"case_as_sent": None, "stated_amount": None}, None, HoldReason.NO_CHILD_SUPPORT_ADDENDUM),
        ({"case_as_sent": None, "stated_amount": Money("1.00")}, None, HoldReason.AMOUNTS_DIFFER),
        ({"has_other_purpose": True}, OPEN, HoldReason.OTHER_PURPOSE),
        ({}, None, HoldReason.CASE_UNKNOWN),
        ({}, CLOSED, HoldReason.CASE_CLOSED),
        ({"ssn": OTHER}, OPEN, HoldReason.SSN_DOES_NOT_MATCH_CASE),
        ({"stated_amount": Money("199.99")}, OPEN, HoldReason.AMOUNTS_DIFFER),
    ],
)
def test_an_entry_that_can_not_be_matched_is_held_with_the_reason(make_entry, changes, case, reason):
    assert why_held(make_entry(**changes), case, JOHN) is reason


def test_an_entry_that_was_sent_twice_has_one_id_and_its_double_another(make_entry):
    assert make_entry().receipt_id == make_entry(remitter="ANOTHER SPELLING").receipt_id
    assert make_entry().receipt_id != make_entry(occurrence=2).receipt_id
    assert make_entry().receipt_id != make_entry(sameness="another payment").receipt_id


def test_the_id_of_a_receipt_has_a_hundred_bits(make_entry):
    # R and 20 characters of base 32, five bits each
    receipt_id = make_entry().receipt_id
    assert (receipt_id[0], len(receipt_id)) == ("R", 21)


def test_the_id_of_a_receipt_does_not_depend_on_the_ssn(make_entry):
    """A hash over nine digits with all else known could be tried out in minutes."""
    assert make_entry(ssn=MATCHING).receipt_id == make_entry(ssn=OTHER).receipt_id


# --- posting -------------------------------------------------------------------------------------------


@pytest.fixture
def received(make_entry, at):
    def done(account, policy, amount="200.00", **changes):
        entry = make_entry(amount, **changes)
        return receive(
            entry, account, policy, file_id="f1", received_on=JANUARY_7, send_by=date(2026, 1, 9), at=at
        )

    return done


@pytest.fixture
def held(make_entry, at):
    return hold(make_entry(), HoldReason.CASE_UNKNOWN, file_id="f1", received_on=JANUARY_7, at=at)


def test_a_receipt_keeps_its_four_dates_apart(received, owing, choose, at):
    deeming = choose(date_of_collection=DateOfCollection.WITHHOLDING)
    account = owing(("2025-12", "200.00"))
    receipt = received(account, deeming, pay_date=date(2025, 12, 31)).receipt
    assert receipt.pay_date == date(2025, 12, 31)
    assert receipt.received_on == JANUARY_7
    assert receipt.collected_on == date(2025, 12, 31)  # 45 CFR 302.51(a)(4)(ii)
    assert receipt.recorded_at == at


def test_money_is_nowhere_before_it_was_received_though_the_debt_counts_as_paid(received, owing, choose):
    deeming = choose(date_of_collection=DateOfCollection.WITHHOLDING)
    posted = received(owing(("2025-12", "200.00")), deeming, pay_date=date(2025, 12, 31))
    days = {(each.place.book, each.effective_date) for each in posted.postings}
    assert days == {(Book.MONEY, JANUARY_7), (Book.DEBT, date(2025, 12, 31))}


def test_every_cent_of_a_held_receipt_is_held_with_its_reason(held):
    assert held.receipt.status is ReceiptStatus.HELD
    assert held.lines == ()
    assert balances(held.postings)[Place.HELD] == Money("200.00")
    assert {each.hold_reason for each in held.postings if each.place is Place.HELD} == {
        HoldReason.CASE_UNKNOWN
    }


def test_a_held_receipt_is_released_as_it_would_have_been_posted_when_nothing_came_between(
    held, received, owing, policy, at
):
    account = owing(("2025-11", "50.00"), ("2026-01", "100.00"))
    later = release(held.receipt, account, policy, send_by=date(2026, 2, 4), at=at)
    at_once = received(account, policy)
    assert later.account == at_once.account
    assert later.lines == at_once.lines
    assert later.receipt.collected_on == at_once.receipt.collected_on
    in_the_end = balances((*held.postings, *later.postings))
    assert in_the_end == balances(at_once.postings)


def test_a_released_receipt_satisfies_what_later_receipts_left_open(held, received, owing, policy, at):
    account = owing(("2025-11", "50.00"), ("2026-01", "200.00"))
    # 220.00 came between: 200.00 January, 20.00 of November; the released 200.00 find 30.00 open
    between = received(account, policy, "220.00")
    later = release(held.receipt, between.account, policy, send_by=date(2026, 2, 4), at=at)
    assert [(line.bucket.value, str(line.month), str(line.amount)) for line in later.lines] == [
        ("never_assigned_arrears", "2025-11", "30.00"),
        ("future_support", "None", "170.00"),
    ]


def test_a_released_receipt_is_held_no_more(held, owing, policy, at):
    receipt = release(held.receipt, owing(), policy, send_by=None, at=at).receipt
    assert (receipt.status, receipt.hold_reason) == (ReceiptStatus.DISTRIBUTED, None)
    assert receipt.recorded_at == held.receipt.recorded_at


def test_a_receipt_goes_where_its_table_says_and_nowhere_else(held, received, owing, policy, at):
    """Received or held when it comes in; released once, if it was held."""
    assert held.receipt.status is RECEIPT_STATES.next_state(None, ReceiptAct.HOLD)
    distributed = received(owing(), policy)
    assert distributed.receipt.status is RECEIPT_STATES.next_state(None, ReceiptAct.RECEIVE)
    for posted in (held, distributed):
        found = posted.receipt
        if RECEIPT_STATES.allows(found.status, ReceiptAct.RELEASE):
            after = RECEIPT_STATES.next_state(found.status, ReceiptAct.RELEASE)
            assert release(found, owing(), policy, send_by=None, at=at).receipt.status is after
        else:
            with pytest.raises(ConflictError, match="no 'release' of a receipt that is distributed"):
                release(found, owing(), policy, send_by=None, at=at)
    assert {held.receipt.status, distributed.receipt.status} == set(ReceiptStatus)
