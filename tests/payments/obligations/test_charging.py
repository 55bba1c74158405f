"""What falls due, month by month, and how held money is applied to it."""

from datetime import date

import pytest

from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.cases.opening import OpeningArrears
from dcss_core.cases.order import Obligation, ObligationKind
from dcss_core.payments.distribution.policy import ArrearsOrder
from dcss_core.payments.ledger.case_account import HeldSum
from dcss_core.payments.ledger.ledger import Place, balances
from dcss_core.payments.obligations.charging import charge, open_account

CASE = "0004567890"


@pytest.fixture
def obligation(owing):
    def made(monthly="200.00", begins=date(2024, 4, 1), number=1, **changes):
        case_number = owing().case_number
        kind = ObligationKind.CHILD_SUPPORT
        obligation_id = f"{CASE}/{number}"
        return Obligation(
            obligation_id, f"{CASE}/order/1", case_number, kind, Money(monthly), begins, **changes
        )

    return made


@pytest.fixture
def charged(owing, policy, at):
    def done(obligations, through, account=None, policy_in=lambda _: policy):
        return charge(
            account or owing(), obligations, through=Month.parse(through), policy_in=policy_in, at=at
        )

    return done


def due(charging):
    return [(debt.obligation_id[-1], str(debt.month), str(debt.owed)) for debt in charging.account.debts]


def test_every_month_after_the_last_one_charged_falls_due_once_and_none_is_skipped(charged, obligation):
    done = charged([obligation()], "2026-04")  # charged through January before
    assert due(done) == [("1", f"2026-0{month}", "200.00") for month in (2, 3, 4)]
    assert done.account.charged_through == Month(2026, 4)


def test_a_month_already_charged_is_not_charged_again(charged, obligation):
    once = charged([obligation()], "2026-02")
    again = charged([obligation()], "2026-02", account=once.account)
    assert (again.account, again.postings, again.events) == (once.account, (), ())


def test_charging_an_earlier_month_changes_nothing(charged, obligation):
    assert charged([obligation()], "2025-12").postings == ()


def test_charging_month_by_month_is_charging_all_at_once(charged, obligation, owing):
    obligations = [obligation(), obligation("33.33", number=2)]
    held = owing().holding(HeldSum("R1", Money("500.00"), next_line=1))
    at_once = charged(obligations, "2026-06", account=held)
    account, lines = held, []
    for month in range(2, 7):
        step = charged(obligations, f"2026-0{month}", account=account)
        account, lines = step.account, [*lines, *step.lines]
    assert account == at_once.account
    assert tuple(lines) == at_once.lines


def test_an_obligation_falls_due_only_while_its_order_runs(charged, obligation):
    begins_late = obligation(begins=date(2026, 3, 15), due_day=1)  # 1 March lies before: first due 1 April
    ends = obligation("50.00", number=2, ends=date(2026, 3, 1))  # can no longer fall due on 1 March
    assert due(charged([begins_late, ends], "2026-04")) == [
        ("2", "2026-02", "50.00"),
        ("1", "2026-04", "200.00"),
    ]


def test_a_due_day_past_the_end_of_a_month_is_its_last_day(charged, obligation):
    ends = obligation(due_day=31, ends=date(2026, 2, 28))  # February's is the 28th, on which it ended
    assert due(charged([ends], "2026-02")) == []
    runs = obligation(due_day=31, ends=date(2026, 3, 1))
    assert due(charged([runs], "2026-02")) == [("1", "2026-02", "200.00")]


def test_months_in_which_nothing_falls_due_are_passed_and_make_no_postings(charged, obligation):
    done = charged([obligation(ends=date(2026, 1, 31))], "2026-12")
    assert (done.postings, done.events) == ((), ())
    assert done.account.charged_through == Month(2026, 12)


def test_what_falls_due_is_posted_on_the_first_day_of_its_month(charged, obligation):
    postings = charged([obligation(due_day=15)], "2026-02").postings
    assert [(each.entry_id, each.place, str(each.amount), each.effective_date) for each in postings] == [
        (f"charge/{CASE}/1/2026-02", Place.CHARGED, "-200.00", date(2026, 2, 1)),
        (f"charge/{CASE}/1/2026-02", Place.OWED, "200.00", date(2026, 2, 1)),
    ]


def test_held_money_lasts_as_many_months_as_it_covers(charged, obligation, owing):
    account = owing().holding(HeldSum("R1", Money("500.00"), next_line=1))
    done = charged([obligation()], "2026-05", account=account)
    # 500.00 = 200.00 February + 200.00 March + 100.00 of April; 100.00 of April and May stay open
    assert [(line.line, str(line.month), str(line.amount)) for line in done.lines] == [
        (1, "2026-02", "200.00"),
        (2, "2026-03", "200.00"),
        (3, "2026-04", "100.00"),
    ]
    assert due(done) == [("1", "2026-04", "100.00"), ("1", "2026-05", "200.00")]
    assert done.account.held == ()
    in_places = balances(done.postings)
    assert (in_places[Place.HELD], in_places[Place.PAYABLE]) == (Money("-500.00"), Money("500.00"))


def test_held_money_is_applied_by_the_policy_in_force_in_the_month_it_is_applied_to(
    charged, obligation, owing, policy, choose
):
    reform = choose(arrears_order=ArrearsOrder.PRO_RATA)
    account = owing().holding(HeldSum("R1", Money("400.00"), next_line=1))
    in_force = {"2026-02": policy, "2026-03": reform}
    done = charged([obligation()], "2026-03", account=account, policy_in=lambda month: in_force[str(month)])
    assert [line.rules_version for line in done.lines] == [policy.version, reform.version]


def test_without_an_order_in_force_held_money_stays_held(charged, obligation, owing):
    account = owing().holding(HeldSum("R1", Money("400.00"), next_line=1))
    done = charged([obligation()], "2026-02", account=account, policy_in=lambda _: None)
    assert done.account.held == account.held
    assert due(done) == [("1", "2026-02", "200.00")]


def test_the_event_says_what_fell_due_and_what_held_money_paid_of_it(charged, obligation, owing):
    account = owing().holding(HeldSum("R1", Money("300.00"), next_line=1))
    (event,) = charged([obligation()], "2026-03", account=account).events
    assert event.subject == f"case:{CASE}"
    assert {name: value for name, value in event.details().items() if name != "recorded"} == {
        "case_number": CASE,
        "first": "2026-02",
        "through": "2026-03",
        "amount": "400.00",
        "from_held": "300.00",
    }


def test_opening_arrears_are_owed_from_their_own_months(owing, at):
    arrears = [
        OpeningArrears(Month(2025, 12), Money("30.00")),
        OpeningArrears(Month(2025, 11), Money("50.00")),
    ]
    opened = open_account(owing(), arrears, [f"{CASE}/1"], at=at)
    assert due(opened) == [("1", "2025-11", "50.00"), ("1", "2025-12", "30.00")]
    assert [each.effective_date for each in opened.postings if each.place is Place.OWED] == [
        date(2025, 12, 1),
        date(2025, 11, 1),
    ]
