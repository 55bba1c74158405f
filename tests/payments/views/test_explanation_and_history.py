"""Where every cent went, as staff and as each parent see it (S-29, S-30; rows 1 and 11 of what is new)."""

from datetime import date

import attrs
import pytest

from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.errors import InvariantError
from dcss_core.payments.collection.receipt import hold, receive
from dcss_core.payments.distribution.distribution import apply_held
from dcss_core.payments.distribution.policy import DateOfCollection, FutureSupport
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.views.explanation import Explanation
from dcss_core.payments.views.history import history_of

JANUARY_7, SEND_BY = date(2026, 1, 7), date(2026, 1, 9)
EMPLOYER, BANK = "PEACH TREE PAY", "12104288"


@pytest.fixture
def received(make_entry, policy, at):
    def done(account, amount, policy=policy, **changes):
        entry = make_entry(amount, **changes)
        return receive(
            entry, account, policy, file_id="the-file", received_on=JANUARY_7, send_by=SEND_BY, at=at
        )

    return done


@pytest.fixture
def february(owing, policy):
    """What became of a receipt when February's 200.00 fell due: its lines at receipt and since."""

    def done(posted, policy=policy):
        account = posted.account.charged(owing(("2026-02", "200.00")).debts, Month(2026, 2))
        return (*posted.lines, *apply_held(account, month=Month(2026, 2), policy=policy).lines)

    return done


# --- staff ---------------------------------------------------------------------------------------------


def test_a_receipt_is_told_cent_by_cent(received, owing, policy):
    posted = received(owing(("2025-11", "50.00"), ("2026-01", "200.00")), "260.00")
    order = f"                 rule  distribution.never_assistance_order, {policy.version}\n"
    assert str(Explanation.of(posted.receipt, posted.lines)) == (
        f"$260.00 received 2026-01-07 from PEACH TREE PAY (receipt {posted.receipt.receipt_id})\n"
        "  Counts from 2026-01-07, the day it was received (45 CFR 302.51(a)(4)(i)).\n"
        "     $200.00  current support of 2026-01, to the family\n"
        "                  law  42 USC 657(a)(4); 45 CFR 302.51(a)(1)\n"
        f"{order}"
        "              figures  left to distribute $260.00; owed for 2026-01 $200.00\n"
        "              instead  Current support comes before arrears; nothing went to arrears while\n"
        "                       support of 2026-01 was open.\n"
        "      $50.00  arrears of 2025-11, to the family\n"
        "                  law  42 USC 657(a)(4); 45 CFR 302.51(a)(1)\n"
        f"{order}"
        "              figures  left to distribute $60.00; owed for 2025-11 $50.00\n"
        "              instead  Pro rata would have paid a part of every open month\n"
        "                       (distribution.arrears_order = oldest_first, no federal provision: left to\n"
        "                       the states by 42 USC 657).\n"
        "      $10.00  support of months to come, held\n"
        "                  law  42 USC 657(a)(4); 45 CFR 302.51(a)(1)\n"
        f"{order}"
        "              figures  owed after the earlier steps $0.00; left over $10.00\n"
        "              instead  Sending it to the family now, which the state does not choose\n"
        "                       (distribution.future_support = hold, 45 CFR 302.51(b)).\n"
        "  The family's part is to be sent by 2026-01-09."
    )


def test_obligations_that_share_a_month_are_told_apart(received, owing):
    posted = received(owing(("2026-01", "60.00", "1"), ("2026-01", "40.00", "2")), "70.00")
    told = str(Explanation.of(posted.receipt, posted.lines))
    assert "$42.00  current support of 2026-01, obligation 0004567890/1, to the family" in told
    assert "$28.00  current support of 2026-01, obligation 0004567890/2, to the family" in told


def test_which_of_the_dates_counts_is_told_with_its_provision(received, owing, choose):
    deeming = choose(date_of_collection=DateOfCollection.WITHHOLDING)
    posted = received(owing(("2025-12", "200.00")), "200.00", deeming, pay_date=date(2025, 12, 31))
    assert (
        "Counts from 2025-12-31, the day it was withheld, since support of that month was still owed "
        in str(Explanation.of(posted.receipt, posted.lines))
    )


def test_a_held_receipt_says_why(make_entry, at):
    receipt = hold(make_entry(), HoldReason.CASE_UNKNOWN, file_id="f", received_on=JANUARY_7, at=at).receipt
    told = Explanation.of(receipt, ())
    assert "$200.00  held: The case number the remitter gave is not one of ours." in str(told)
    assert "sent by" not in str(told)
    assert "The case number the remitter gave is not one of ours." in told._repr_html_()


def test_what_is_wholly_held_for_months_to_come_has_no_day_to_be_sent(received, owing):
    posted = received(owing(), "60.00")
    assert posted.receipt.send_by == SEND_BY  # the receipt has one, and nothing of it goes to the family
    assert "sent by" not in str(Explanation.of(posted.receipt, posted.lines))
    assert "not known" not in str(Explanation.of(posted.receipt, posted.lines))


def test_where_the_last_day_to_send_is_not_known_the_explanation_says_so(received, owing):
    posted = received(owing(("2026-01", "200.00")), "200.00")
    told = str(Explanation.of(attrs.evolve(posted.receipt, send_by=None), posted.lines))
    assert told.endswith(
        "The last day to send the family's part is not known: the rules do not say yet on which days "
        "the state's offices are closed."
    )


def test_lines_that_do_not_sum_to_the_receipt_are_never_shown(received, owing):
    posted = received(owing(("2026-01", "200.00")), "260.00")
    with pytest.raises(InvariantError, match=r"sum to 200\.00, not to 260\.00"):
        Explanation.of(posted.receipt, posted.lines[:1])


def test_money_applied_later_is_told_apart_and_not_counted_twice(received, owing, february):
    posted = received(owing(("2026-01", "200.00")), "260.00")
    told = Explanation.of(posted.receipt, february(posted))
    assert sum(line.amount.cents for line in told.at_receipt) == 260_00
    assert [str(line.amount) for line in told.applied_later] == ["60.00"]
    applied = "current support of 2026-02, to the family out of what was held, applied on 2026-02-01"
    assert applied in str(told)
    assert "out of what was held, applied on 2026-02-01" in told._repr_html_()


def test_credit_for_money_sent_ahead_does_not_read_like_another_payment(received, owing, february, choose):
    ahead = choose(future_support=FutureSupport.DISBURSE)
    posted = received(owing(("2026-01", "200.00")), "260.00", ahead)
    told = str(Explanation.of(posted.receipt, february(posted, ahead)))
    assert "$60.00  support of months to come, to the family\n" in told
    assert "$60.00  current support of 2026-02, which was sent ahead, applied on 2026-02-01\n" in told


def test_a_notebook_shows_no_markup_that_a_rule_or_a_remitter_brought(received, owing):
    posted = received(owing(("2026-01", "200.00")), "200.00", remitter="<b>ACME</b>")
    lines = [attrs.evolve(line, citation="<script>") for line in posted.lines]
    html = Explanation.of(posted.receipt, tuple(lines))._repr_html_()
    assert "<script>" not in html
    assert "<b>" not in html


# --- parents -------------------------------------------------------------------------------------------


def test_s29_the_payor_sees_receipts_and_how_each_was_applied(received, owing):
    posted = received(owing(("2025-11", "50.00"), ("2026-01", "200.00")), "260.00")
    (line,) = history_of([posted.receipt], posted.lines, shows_remitter=True)
    assert (line.amount, line.to_family, line.held) == (Money("260.00"), Money("250.00"), Money("10.00"))
    assert line.remitter == EMPLOYER
    assert str(line) == (
        "2026-01-07     $260.00  $200.00 current support of 2026-01, $50.00 arrears of 2025-11; "
        "to be sent by 2026-01-09; $10.00 held for support of months to come"
    )


@pytest.mark.parametrize("secret", [EMPLOYER, BANK, "2025-12-31", "the-file"])
def test_s29_the_payee_sees_nothing_of_the_payors_employer_or_bank(received, owing, secret):
    """The objects a portal gets do not hold it, so that no template can show it by mistake."""
    posted = received(owing(("2026-01", "200.00")), "200.00", pay_date=date(2025, 12, 31))
    told = Explanation.of(posted.receipt, posted.lines, shows_remitter=False)
    (line,) = history_of([posted.receipt], posted.lines, shows_remitter=False)
    for shown in (repr(told), str(told), told._repr_html_(), repr(line), str(line)):
        assert secret not in shown


@pytest.mark.parametrize("shows_remitter", [False, True])
def test_s29_the_bank_through_which_it_came_is_nobodys_to_see(received, owing, shows_remitter):
    posted = received(owing(("2026-01", "200.00")), "200.00")
    (line,) = history_of([posted.receipt], posted.lines, shows_remitter=shows_remitter)
    assert BANK not in repr(line)


def test_s30_what_is_wholly_held_has_no_day_on_which_it_is_to_be_sent(received, owing):
    posted = received(owing(), "60.00")
    (line,) = history_of([posted.receipt], posted.lines, shows_remitter=False)
    assert line.send_by is None
    assert str(line) == "2026-01-07      $60.00  $60.00 held for support of months to come"


def test_s30_money_applied_in_a_later_month_does_not_inherit_the_day_of_its_receipt(
    received, owing, february
):
    """It was applied on 1 February: "to be sent by 9 January" would be false."""
    posted = received(owing(), "260.00")
    (line,) = history_of([posted.receipt], february(posted), shows_remitter=False)
    assert (line.to_family, line.held, line.send_by) == (Money("200.00"), Money("60.00"), None)
    assert str(line) == (
        "2026-01-07     $260.00  $200.00 current support of 2026-02 on 2026-02-01; "
        "$60.00 held for support of months to come"
    )


def test_payments_are_told_newest_first_and_each_with_its_own_lines(received, owing):
    first = received(owing(("2026-01", "200.00")), "100.00")
    second = received(first.account, "40.00")
    later = attrs.evolve(second.receipt, received_on=date(2026, 1, 14), send_by=date(2026, 1, 16))
    seen = history_of([first.receipt, later], (*first.lines, *second.lines), shows_remitter=False)
    assert [(line.on.day, str(line.amount), len(line.applied)) for line in seen] == [
        (14, "40.00", 1),
        (7, "100.00", 1),
    ]


def test_credit_for_money_sent_ahead_is_not_taken_for_money_held(received, owing, february, choose):
    ahead = choose(future_support=FutureSupport.DISBURSE)
    posted = received(owing(("2026-01", "200.00")), "260.00", ahead)
    (line,) = history_of([posted.receipt], february(posted, ahead), shows_remitter=True)
    assert (line.to_family, line.held) == (Money("260.00"), Money.ZERO)
    assert [str(each) for each in line.applied] == [
        "$200.00 current support of 2026-01",
        "$60.00 support of months to come",
    ]
