"""Support falls due in every open case, and held money is applied to it."""

import json
from datetime import date
from time import perf_counter

import pytest

from dcss_core import Actor, Money, Month, errors
from dcss_core.cases import OpeningArrears
from dcss_core.payments.ledger.ledger import Place

pytestmark = pytest.mark.on_every_storage


@pytest.fixture
def cases(agency, family, intake):
    for number in range(3):
        agency.cases.open(family(f"000456789{number}", f"90001000{number + 1}"), by=intake)


def test_every_open_case_is_charged_once_a_month(agency, cases, clock):
    assert agency.payments.charge(by=Actor.system("charging")) == 3
    assert agency.payments.charge(by=Actor.system("charging")) == 0
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.OWED] == Money("600.00")
    clock.move(days=60)  # 8 March: February and March
    assert agency.payments.charge(Month(2026, 3), by=Actor.system("charging")) == 3
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.OWED] == Money("1800.00")


def test_a_month_that_was_missed_is_charged_with_the_next(agency, cases, clock):
    clock.move(days=60)
    assert agency.payments.charge(Month(2026, 1), by=Actor.system("charging")) == 3
    assert agency.payments.charge(Month(2026, 1), by=Actor.system("charging")) == 0
    assert agency.payments.charge(Month(2026, 3), by=Actor.system("charging")) == 3
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.CHARGED] == Money("-1800.00")


def test_a_clock_that_is_a_year_ahead_charges_nothing_unless_the_month_is_named(agency, cases, clock, books):
    agency.payments.charge(by=Actor.system("charging"))
    clock.move(days=365)
    before = books(agency)
    with pytest.raises(errors.InvalidInputError, match="2027-01, if the clock is right"):
        agency.payments.charge(by=Actor.system("charging"))
    assert books(agency) == before
    clock.move(days=-365 + 31)
    assert agency.payments.charge(by=Actor.system("charging")) == 3  # a month after the last run


def test_a_run_for_an_earlier_month_takes_nothing_back_from_how_far_the_next_one_goes(agency, cases, clock):
    clock.move(days=31)
    agency.payments.charge(by=Actor.system("charging"))
    agency.payments.charge(Month(2025, 12), by=Actor.system("charging"))
    clock.move(days=28)  # 7 March, a month after February
    assert agency.payments.charge(by=Actor.system("charging")) == 3


def test_a_month_to_come_can_not_be_charged(agency, cases, books):
    """Else money would be taken for support that nobody owes yet."""
    before = books(agency)
    with pytest.raises(errors.InvalidInputError, match="2026-01 or a month before it"):
        agency.payments.charge(Month(2026, 2), by=Actor.system("charging"))
    assert books(agency) == before


def test_the_month_is_the_agencys_own(agency, cases, clock):
    clock.move(days=25, hours=-11)  # 1 February 04:00 in UTC, 31 January 11:00 pm in Atlanta
    agency.payments.charge(by=Actor.system("charging"))
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.CHARGED] == Money("-600.00")
    clock.move(hours=2)
    agency.payments.charge(by=Actor.system("charging"))
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.CHARGED] == Money("-1200.00")


def test_the_family_is_told_when_held_money_becomes_theirs(agency, opened_case, file_of, sent, clock):
    agency.payments.receive(file_of(sent("500.00")), by=Actor.system("remittance"))
    waiting = agency.outbox.pending(by=Actor.system("dispatch"))
    clock.move(days=30)  # 6 February: 200.00 of what is held
    agency.payments.charge(by=Actor.system("charging"))
    assert agency.outbox.pending(by=Actor.system("dispatch")) == waiting + 1
    agency.payments.charge(by=Actor.system("charging"))
    assert agency.outbox.pending(by=Actor.system("dispatch")) == waiting + 1


def test_held_money_is_applied_when_its_month_falls_due(
    agency, opened_case, file_of, sent, clock, clerk, told
):
    (receipt,) = agency.payments.receive(file_of(sent("500.00")), by=Actor.system("remittance")).receipts
    # 200.00 January, 50.00 November, 250.00 held
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.HELD] == Money("250.00")
    clock.move(days=60)  # 8 March: 200.00 of it for February, 50.00 for March
    agency.payments.charge(by=Actor.system("charging"))
    assert told(agency, receipt)[3:] == [
        ("current_support", "2026-02", "200.00"),
        ("current_support", "2026-03", "50.00"),
    ]
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.HELD] == Money.ZERO
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.PAYABLE] == Money("500.00")
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.OWED] == Money("150.00")


def test_what_fell_due_is_in_the_audit_log_with_who_charged_it(agency, opened_case, clock):
    clock.move(days=31)
    agency.payments.charge(by=Actor.system("charging"))
    *_, (_, entry) = agency.audit.about(f"case:{opened_case}", by=Actor.system("audit"))
    assert (entry.kind, entry.actor) == ("support_charged", "system:charging")
    details = json.loads(entry.details)
    assert details.pop("recorded").startswith("1:")
    assert details == {
        "amount": "400.00",
        "case_number": "0004567890",
        "first": "2026-01",
        "from_held": "0.00",
        "through": "2026-02",
    }


def test_charging_and_receiving_at_once_charge_a_month_once(agency, cases, file_of, sent, at_once):
    turns = iter(range(6))

    def either():
        turn = next(turns)
        if turn % 2:
            return agency.payments.charge(by=Actor.system("charging"))
        entry = sent("10.00", case="0004567890", ssn="900010001", trace=f"12104288000000{turn}")
        return agency.payments.receive(file_of(entry), by=Actor.system("remittance"))

    at_once(6, either)
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert (balances[Place.CHARGED], balances[Place.PAYABLE]) == (Money("-600.00"), Money("30.00"))


def test_centuries_that_were_never_charged_take_as_long_as_they_have_months(agency, opened_case, clock):
    """Sorting what is owed anew each month took half a minute for a case, and grew with the square."""
    clock.move(days=274 * 365)
    begun = perf_counter()
    agency.payments.charge(by=Actor.system("charging"))
    assert perf_counter() - begun < 10
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert balances[Place.OWED] > Money("600000.00")


def test_the_books_are_added_up_however_many_postings_there_are(agency, family, intake):
    """600 months of arrears are 1,200 postings."""
    arrears = tuple(OpeningArrears(Month(2026, 1).plus(-back), Money("1.00")) for back in range(1, 601))
    application = family("0004567890", "900010001", arrears=arrears, order_issued_on=date(1976, 1, 1))
    agency.cases.open(application, by=intake)
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert (balances[Place.OWED], balances[Place.CHARGED]) == (Money("600.00"), Money("-600.00"))
