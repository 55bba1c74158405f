"""Opening balance + what fell due - what was paid = closing balance."""

from datetime import date

import attrs
import pytest

from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.cases.opening import OpeningArrears
from dcss_core.cases.order import Obligation, ObligationKind
from dcss_core.errors import InvalidInputError
from dcss_core.payments.collection.receipt import hold, receive, release
from dcss_core.payments.distribution.policy import FutureSupport
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.obligations.charging import charge, open_account
from dcss_core.payments.views.statement import statement_of

CASE = "0004567890"


@pytest.fixture
def account_book(owing, policy, at, make_entry):
    """50.00 owed from November, 200.00 a month from December 2025."""

    class Book:
        def __init__(self):
            empty = attrs.evolve(owing(), charged_through=Month(2025, 11))
            arrears = [OpeningArrears(Month(2025, 11), Money("50.00"))]
            opened = open_account(empty, arrears, [f"{CASE}/1"], at=at)
            self.account, self.postings = opened.account, [*opened.postings]
            kind = ObligationKind.CHILD_SUPPORT
            self.obligation = Obligation(
                f"{CASE}/1", f"{CASE}/order/1", empty.case_number, kind, Money("200.00"), date(2025, 12, 1)
            )

        def charge(self, through, policy=policy):
            done = charge(
                self.account,
                [self.obligation],
                through=Month.parse(through),
                policy_in=lambda _: policy,
                at=at,
            )
            self.account, self.postings = done.account, [*self.postings, *done.postings]

        def receive(self, amount, on, policy=policy):
            entry = make_entry(amount)
            done = receive(entry, self.account, policy, file_id="f", received_on=on, send_by=None, at=at)
            self.account, self.postings = done.account, [*self.postings, *done.postings]

        def statement(self, first, last):
            first, last = Month.parse(first), Month.parse(last)
            return statement_of(
                self.account.case_number,
                self.postings,
                first=first,
                last=last,
                charged_through=self.account.charged_through,
            )

        def rows(self, first, last):
            months = self.statement(first, last).months
            return [tuple(map(str, (each.charged, each.paid, each.owed_at_end))) for each in months]

    return Book()


def test_each_month_says_what_fell_due_was_paid_and_is_owed(account_book):
    account_book.charge("2026-01")
    account_book.receive("243.69", date(2026, 1, 7))
    statement = account_book.statement("2025-12", "2026-01")
    assert statement.owed_before == Money("50.00")
    # 50.00 + 200.00 = 250.00; + 200.00 - 243.69 = 206.31
    assert account_book.rows("2025-12", "2026-01") == [
        ("200.00", "0.00", "250.00"),
        ("200.00", "243.69", "206.31"),
    ]
    assert (statement.charged, statement.paid, statement.owed) == (
        Money("400.00"),
        Money("243.69"),
        Money("206.31"),
    )


def test_a_later_statement_begins_where_the_earlier_one_ended(account_book):
    account_book.charge("2026-03")
    account_book.receive("300.00", date(2026, 1, 7))
    assert (
        account_book.statement("2026-02", "2026-03").owed_before
        == account_book.statement("2025-11", "2026-01").owed
    )


def test_nobody_ever_owes_less_than_nothing(account_book, policy, at, make_entry):
    """Money received in December and identified in February pays January's support in January."""
    held = hold(
        make_entry("600.00"), HoldReason.CASE_UNKNOWN, file_id="f", received_on=date(2025, 12, 10), at=at
    )
    account_book.charge("2026-02")
    later = release(held.receipt, account_book.account, policy, send_by=None, at=at)
    account_book.postings += [*held.postings, *later.postings]
    # 600.00 = 200.00 December + 50.00 November + 200.00 January + 150.00 of February
    assert account_book.rows("2025-12", "2026-02") == [
        ("200.00", "250.00", "0.00"),
        ("200.00", "200.00", "0.00"),
        ("200.00", "150.00", "50.00"),
    ]


def test_held_is_what_was_held_at_the_end_of_the_last_month(account_book):
    account_book.charge("2025-12")
    account_book.receive("350.00", date(2025, 12, 10))  # 250.00 owed: 100.00 are held, and applied in January
    account_book.charge("2026-01")
    assert account_book.statement("2025-12", "2025-12").held == Money("100.00")
    assert account_book.statement("2025-12", "2026-01").held == Money.ZERO


def test_money_held_because_its_case_is_not_known_is_in_no_statement(account_book, at, make_entry):
    held = hold(
        make_entry("600.00"), HoldReason.CASE_UNKNOWN, file_id="f", received_on=date(2025, 12, 10), at=at
    )
    account_book.postings += held.postings
    assert account_book.statement("2025-11", "2026-01").held == Money.ZERO


def test_credit_for_what_was_sent_ahead_is_paid_in_the_month_that_falls_due(account_book, choose):
    ahead = choose(future_support=FutureSupport.DISBURSE)
    account_book.charge("2025-12")
    account_book.receive("550.00", date(2025, 12, 10), policy=ahead)  # 250.00 owed, 300.00 ahead
    assert account_book.statement("2025-12", "2025-12").prepaid == Money("300.00")
    account_book.charge("2026-02", policy=ahead)
    # 300.00 = 200.00 January + 100.00 of February
    assert account_book.rows("2025-12", "2026-02") == [
        ("200.00", "250.00", "0.00"),
        ("200.00", "200.00", "0.00"),
        ("200.00", "100.00", "100.00"),
    ]
    assert "Sent ahead for months to come: $300.00" in str(account_book.statement("2025-12", "2025-12"))


def test_a_statement_reads_as_a_table(account_book):
    account_book.charge("2026-01")
    account_book.receive("243.69", date(2026, 1, 7))
    assert str(account_book.statement("2026-01", "2026-01")) == (
        "Statement of case 0004567890, 2026-01 through 2026-01\n"
        "month           fell due          paid          owed\n"
        "before                                       $250.00\n"
        "2026-01          $200.00       $243.69       $206.31\n"
        "total            $200.00       $243.69       $206.31"
    )


def test_a_statement_says_where_charging_ended_before_its_last_month(account_book):
    account_book.charge("2026-01")
    charged = "Charged through 2026-01; what falls due later is not in it yet."
    assert str(account_book.statement("2026-01", "2026-02")).splitlines()[-1] == charged
    assert "Charged through" not in str(account_book.statement("2026-01", "2026-01"))


def test_a_statement_that_ends_before_it_begins_is_refused(account_book):
    with pytest.raises(InvalidInputError, match="2026-02 or a month after it"):
        account_book.statement("2026-02", "2026-01")


def test_a_statement_is_of_a_hundred_years_at_most(account_book):
    assert len(account_book.statement("1926-01", "2025-12").months) == 1_200
    with pytest.raises(InvalidInputError, match="hundred years") as caught:
        account_book.statement("1926-01", "2026-01")
    [fault] = caught.value.faults
    assert (fault.where, fault.found, fault.expected) == ("last", "2026-01", "2025-12 or a month before it")


def test_a_statement_may_end_with_the_last_month_there_is(account_book):
    account_book.receive("30.00", date(2026, 1, 5))
    statement = account_book.statement("9998-11", "9998-12")
    assert [str(each.month) for each in statement.months] == ["9998-11", "9998-12"]
    assert statement.owed_before == statement.owed == account_book.statement("2026-01", "2026-01").owed
