"""Which debts a collection satisfies. Source of the order: 42 USC 657(a)(4); 45 CFR 302.51."""

from datetime import date

import pytest

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.distribution.distribution import apply_held, collection_date, distribute
from dcss_core.payments.distribution.policy import (
    ArrearsOrder,
    BetweenObligations,
    Bucket,
    DateOfCollection,
    FutureSupport,
)
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.case_account import HeldSum
from dcss_core.payments.ledger.ledger import Place, balances, post

JANUARY_7 = date(2026, 1, 7)
CASE = CaseNumber("0004567890")
# 45 CFR 303.100(a)(5): withholding is allocated over all orders; in proportion, as the baseline chooses
NOT_EQUALLY = NotTaken(Alternative.EQUAL_BETWEEN_OBLIGATIONS, "45 CFR 303.100(a)(5)")


def pay(account, amount, policy, on=JANUARY_7):
    return distribute(account, Money(amount), receipt_id="R1", collected_on=on, policy=policy)


def told(distribution):
    """Bucket, month and amount of each line."""
    return [(line.bucket.value, str(line.month), str(line.amount)) for line in distribution.lines]


def debts(account):
    return [(debt.obligation_id[-1], str(debt.month), str(debt.owed)) for debt in account.debts]


# --- the order -----------------------------------------------------------------------------------------


def test_the_month_of_collection_comes_first_then_arrears_oldest_first_then_months_to_come(owing, policy):
    account = owing(("2025-11", "50.00"), ("2025-12", "30.00"), ("2026-01", "200.00"))
    # 300.00 = 200.00 current + 50.00 + 30.00 arrears + 20.00 left
    done = pay(account, "300.00", policy)
    assert told(done) == [
        ("current_support", "2026-01", "200.00"),
        ("never_assigned_arrears", "2025-11", "50.00"),
        ("never_assigned_arrears", "2025-12", "30.00"),
        ("future_support", "None", "20.00"),
    ]
    assert done.account.debts == ()
    assert done.account.held == (HeldSum("R1", Money("20.00"), next_line=5),)


def test_arrears_get_nothing_while_current_support_is_open(owing, policy):
    done = pay(owing(("2025-11", "50.00"), ("2026-01", "200.00")), "199.99", policy)
    assert debts(done.account) == [("1", "2025-11", "50.00"), ("1", "2026-01", "0.01")]


def test_the_oldest_month_is_paid_in_full_before_the_next_gets_a_cent(owing, policy):
    done = pay(owing(("2025-10", "50.00"), ("2025-11", "50.00"), ("2025-12", "50.00")), "60.00", policy)
    assert debts(done.account) == [("1", "2025-11", "40.00"), ("1", "2025-12", "50.00")]


def test_a_state_may_spread_arrears_over_all_months(owing, choose):
    account = owing(("2025-11", "60.00"), ("2025-12", "40.00"))
    done = pay(account, "70.00", choose(arrears_order=ArrearsOrder.PRO_RATA))
    # 70 * 60/100 = 42, 70 * 40/100 = 28
    assert debts(done.account) == [("1", "2025-11", "18.00"), ("1", "2025-12", "12.00")]


def test_obligations_of_one_month_share_in_proportion(owing, policy):
    # Ga. Comp. R. & Regs. 290-7-1-.15(a): 60 and 40 dollars are due, 70 dollars are paid: 42 and 28
    done = pay(owing(("2026-01", "60.00", "1"), ("2026-01", "40.00", "2")), "70.00", policy)
    assert [str(line.amount) for line in done.lines] == ["42.00", "28.00"]


def test_obligations_of_one_month_of_arrears_share_in_proportion_too(owing, policy):
    account = owing(("2025-11", "60.00", "1"), ("2025-11", "40.00", "2"), ("2025-12", "10.00", "1"))
    done = pay(account, "70.00", policy)
    assert debts(done.account) == [
        ("1", "2025-11", "18.00"),
        ("2", "2025-11", "12.00"),
        ("1", "2025-12", "10.00"),
    ]


def test_a_state_may_choose_equal_parts_and_no_obligation_gets_more_than_is_owed(owing, choose):
    account = owing(("2026-01", "10.00", "1"), ("2026-01", "40.00", "2"), ("2026-01", "60.00", "3"))
    done = pay(account, "70.01", choose(between_obligations=BetweenObligations.EQUAL))
    # 70.01 in three parts of 23.33: the first takes its 10.00, 60.01 is left for two: 30.00 and 30.01
    assert [str(line.amount) for line in done.lines] == ["10.00", "30.00", "30.01"]


def test_row1_the_sharing_of_a_month_can_be_worked_out_from_its_lines(owing, policy):
    done = pay(owing(("2026-01", "60.00", "1"), ("2026-01", "40.00", "2")), "70.00", policy)
    # 70.00 * 60.00 / 100.00 = 42.00 and 70.00 * 40.00 / 100.00 = 28.00
    assert [[str(each.amount) for each in line.inputs] for line in done.lines] == [
        ["70.00", "60.00", "100.00"],
        ["70.00", "40.00", "100.00"],
    ]
    assert [(each.name, each.month, each.debts) for each in done.lines[0].inputs] == [
        (InputName.LEFT_TO_DISTRIBUTE, None, None),
        (InputName.OWED_FOR_MONTH, Month(2026, 1), None),
        (InputName.OWED_IN_ALL_THAT_SHARE, None, 2),
    ]
    for line in done.lines:
        assert line.not_taken == (NotTaken(Alternative.ARREARS_FIRST), NOT_EQUALLY)


def test_row1_one_debt_alone_shares_with_nobody(owing, policy):
    (line,) = pay(owing(("2026-01", "60.00")), "60.00", policy).lines
    assert line.not_taken == (NotTaken(Alternative.ARREARS_FIRST),)
    assert len(line.inputs) == 2


def test_row1_held_money_that_is_shared_says_how(owing, policy):
    account = owing(("2026-01", "60.00", "1"), ("2026-01", "40.00", "2"))
    account = account.holding(HeldSum("R1", Money("70.00"), next_line=2))
    lines = apply_held(account, month=Month(2026, 1), policy=policy).lines
    assert [str(line.amount) for line in lines] == ["42.00", "28.00"]
    assert [line.not_taken for line in lines] == [(NotTaken(Alternative.KEPT_THOUGH_DUE), NOT_EQUALLY)] * 2


@pytest.mark.parametrize("cents", [1, 2, 50, 99])
def test_the_odd_cent_of_a_shared_payment_goes_somewhere(owing, policy, cents):
    account = owing(("2026-01", "0.33", "1"), ("2026-01", "0.33", "2"), ("2026-01", "0.33", "3"))
    done = pay(account, f"0.{cents:02d}", policy)
    assert sum(line.amount.cents for line in done.lines) == cents


# --- months to come ------------------------------------------------------------------------------------


def test_money_with_nothing_owed_is_held_for_months_to_come(owing, policy):
    done = pay(owing(), "75.00", policy)
    assert told(done) == [("future_support", "None", "75.00")]
    assert done.lines[0].payee_id is None


def test_a_month_that_has_fallen_due_since_is_paid_and_counts_from_its_first_day(owing, policy):
    # Collected 10 December, identified in January: January's support was not owed in December.
    account = owing(("2025-12", "200.00"), ("2026-01", "200.00"))
    done = pay(account, "500.00", policy, on=date(2025, 12, 10))
    assert [(str(line.month), line.on) for line in done.lines] == [
        ("2025-12", date(2025, 12, 10)),
        ("2026-01", date(2026, 1, 1)),
        ("None", date(2025, 12, 10)),
    ]


def test_held_money_is_applied_to_the_month_that_falls_due_the_longest_held_first(owing, policy):
    account = owing(("2026-01", "100.00"))
    for receipt, amount in (("R1", "30.00"), ("R2", "90.00")):
        account = account.holding(HeldSum(receipt, Money(amount), next_line=2))
    done = apply_held(account, month=Month(2026, 1), policy=policy)
    assert [(line.receipt_id, line.line, str(line.amount), line.from_held) for line in done.lines] == [
        ("R1", 2, "30.00", True),
        ("R2", 2, "70.00", True),
    ]
    assert done.account.held == (HeldSum("R2", Money("20.00"), next_line=3),)
    assert done.account.debts == ()


def test_a_state_may_send_months_to_come_ahead_and_the_credit_is_kept(owing, choose, at):
    """Sent or held, it is applied to the months to come (45 CFR 302.51(b)): the payer never pays twice."""
    ahead = choose(future_support=FutureSupport.DISBURSE)
    done = pay(owing(("2026-01", "200.00")), "500.00", ahead)
    assert [(str(line.amount), line.payee_id) for line in done.lines] == [
        ("200.00", "person-cp"),
        ("300.00", "person-cp"),
    ]
    february = done.account.charged(owing(("2026-02", "200.00")).debts, Month(2026, 2))
    due = apply_held(february, month=Month(2026, 2), policy=ahead)
    assert due.account.debts == ()
    assert [(str(line.amount), line.payee_id) for line in due.lines] == [("200.00", None)]
    postings = post(
        "both", (*done.movements, *due.movements), effective_date=JANUARY_7, recorded_at=at, case_number=CASE
    )
    in_places = balances(postings)
    assert in_places[Place.PAYABLE] == Money("500.00")  # not 700.00: nothing is sent a second time
    assert in_places[Place.PREPAID] == Money("-100.00")
    assert in_places[Place.OWED] == Money("-400.00")


# --- every cent explained ------------------------------------------------------------------------------


def test_each_line_names_rule_version_citation_inputs_and_the_alternative(owing, policy):
    for line in pay(owing(("2025-11", "50.00"), ("2026-01", "200.00")), "300.00", policy).lines:
        assert line.rule == "distribution.never_assistance_order"
        assert line.rules_version == policy.version
        assert "42 USC 657(a)(4)" in line.citation
        assert line.inputs
        assert line.not_taken


def test_the_inputs_are_the_figures_the_decision_saw(owing, policy):
    done = pay(owing(("2025-11", "50.00"), ("2026-01", "200.00")), "243.69", policy)
    assert [line.inputs for line in done.lines] == [
        (
            Input(InputName.LEFT_TO_DISTRIBUTE, Money("243.69")),
            Input(InputName.OWED_FOR_MONTH, Money("200.00"), month=Month(2026, 1)),
        ),
        (
            Input(InputName.LEFT_TO_DISTRIBUTE, Money("43.69")),
            Input(InputName.OWED_FOR_MONTH, Money("50.00"), month=Month(2025, 11)),
        ),
    ]


def test_a_debt_that_is_not_owed_cannot_be_paid(owing):
    account = owing(("2026-01", "200.00"))
    with pytest.raises(InvariantError, match="not owed"):
        account.satisfied({("0004567890/1", Month(2026, 2)): Money("1.00")})
    with pytest.raises(InvariantError, match=r"overpaid by 0\.01"):
        account.satisfied({("0004567890/1", Month(2026, 1)): Money("200.01")})


# --- the date of collection, 45 CFR 302.51(a)(4) ---------------------------------------------------------


def test_a_collection_counts_from_its_receipt(owing, policy):
    account = owing(("2025-12", "200.00"))
    assert collection_date(date(2026, 1, 2), date(2025, 12, 31), account, policy) == date(2026, 1, 2)


def test_a_state_may_count_from_withholding_when_current_support_was_withheld_in_the_month_due(owing, choose):
    deeming = choose(date_of_collection=DateOfCollection.WITHHOLDING)
    account = owing(("2025-12", "200.00"), ("2026-01", "200.00"))
    withheld, received = date(2025, 12, 31), date(2026, 1, 2)
    assert collection_date(received, withheld, account, deeming) == withheld
    done = pay(account, "200.00", deeming, on=withheld)
    assert told(done) == [("current_support", "2025-12", "200.00")]


@pytest.mark.parametrize(
    ("pay_date", "why"),
    [
        (None, "the remitter gave no pay date"),
        (date(2026, 1, 2), "withheld and received in the same month"),
        (date(2026, 2, 3), "a pay date after the receipt is a slip"),
        (date(2025, 10, 31), "nothing is owed for October, so no current support was withheld in it"),
        (date(2016, 1, 2), "a slip of ten years must not rewrite old statements"),
    ],
)
def test_else_it_counts_from_receipt_there_too(owing, choose, pay_date, why):
    deeming = choose(date_of_collection=DateOfCollection.WITHHOLDING)
    account = owing(("2025-12", "200.00"), ("2026-01", "200.00"))
    assert collection_date(date(2026, 1, 7), pay_date, account, deeming) == date(2026, 1, 7), why


def test_the_order_is_data_and_another_one_is_followed(owing, choose, policy):
    current, arrears, future = policy.steps
    assert [step.bucket for step in policy.steps] == list(Bucket)
    arrears_first = choose(steps=(arrears, current, future))
    done = pay(owing(("2025-11", "50.00"), ("2026-01", "200.00")), "60.00", arrears_first)
    assert told(done) == [
        ("never_assigned_arrears", "2025-11", "50.00"),
        ("current_support", "2026-01", "10.00"),
    ]
