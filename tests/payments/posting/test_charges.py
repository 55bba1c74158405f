"""Which cases a run of charges charges, and through which month."""

from datetime import date

import attrs
import pytest

from dcss_core.base.dates import Month
from dcss_core.base.money import Money
from dcss_core.cases.case import Assistance, Case, CaseStatus
from dcss_core.cases.order import Obligation, ObligationKind
from dcss_core.cases.people.person import Person, PersonName
from dcss_core.errors import InvalidInputError
from dcss_core.payments.posting.case_file import CaseFile
from dcss_core.payments.posting.charges import charge_case, month_to_charge

JOHN = Person("person-ncp", PersonName("John", "Doe"), date(1986, 2, 3))


@pytest.fixture
def file(owing):
    """An open case of $200.00 a month, charged through January 2026."""
    account = owing()
    case = Case(account.case_number, Assistance.NEVER, CaseStatus.OPEN, date(2026, 1, 2))
    support = Obligation(
        f"{account.case_number}/1",
        f"{account.case_number}/order/1",
        account.case_number,
        ObligationKind.CHILD_SUPPORT,
        Money("200.00"),
        date(2025, 12, 1),
    )
    return CaseFile(case, JOHN, (support,), account)


@pytest.fixture
def charged(policy, at):
    return lambda file, month: charge_case(file, Month.parse(month), policy_on=lambda *_: policy, at=at)


def test_support_of_an_open_case_falls_due(file, charged):
    account = charged(file, "2026-02").accounts[file.case.case_number]
    assert account.owed == Money("200.00")
    assert account.charged_through == Month(2026, 2)


def test_nothing_falls_due_in_a_closed_case(file, charged):
    closed = attrs.evolve(file, case=attrs.evolve(file.case, status=CaseStatus.CLOSED))
    assert charged(closed, "2026-02") is None


def test_a_month_is_charged_once(file, charged):
    assert charged(file, "2026-01") is None


def test_the_present_month_is_charged_unless_another_is_named():
    assert month_to_charge(None, date(2026, 2, 15), None) == Month(2026, 2)
    assert month_to_charge(Month(2026, 1), date(2026, 2, 15), None) == Month(2026, 1)


def test_a_month_to_come_is_not_charged():
    with pytest.raises(InvalidInputError, match="support falls due when its month begins"):
        month_to_charge(Month(2026, 3), date(2026, 2, 28), Month(2026, 2))


@pytest.mark.parametrize("last_run", [Month(2026, 1), Month(2026, 2), Month(2026, 5)])
def test_the_present_month_is_charged_up_to_a_month_beyond_the_last_run(last_run):
    assert month_to_charge(None, date(2026, 2, 15), last_run) == Month(2026, 2)


def test_a_present_month_further_on_is_charged_only_when_it_is_named():
    with pytest.raises(InvalidInputError, match="the last run charged through 2025-12"):
        month_to_charge(None, date(2026, 2, 15), Month(2025, 12))
    assert month_to_charge(Month(2026, 2), date(2026, 2, 15), Month(2025, 12)) == Month(2026, 2)
