"""When an obligation falls due."""

from datetime import date

import pytest

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.cases.order import Obligation, ObligationKind
from dcss_core.cases.people.person import PersonName


def obligation(begins, ends=None, due_day=1):
    kind = ObligationKind.CHILD_SUPPORT
    return Obligation("1/1", "1/order/1", CaseNumber("1"), kind, Money("200.00"), begins, ends, due_day)


@pytest.mark.parametrize(
    ("begins", "ends", "due_day", "month", "falls_due"),
    [
        (date(2026, 1, 1), None, 1, "2026-01", True),  # it begins on the due day
        (date(2026, 1, 2), None, 1, "2026-01", False),  # it begins the day after
        (date(2026, 1, 2), None, 2, "2026-01", True),
        (date(2024, 4, 1), date(2026, 1, 1), 1, "2026-01", False),  # the end itself is excluded
        (date(2024, 4, 1), date(2026, 1, 2), 1, "2026-01", True),
        (date(2024, 4, 1), date(2026, 1, 31), 31, "2026-01", False),
        (date(2024, 4, 1), None, 31, "2026-02", True),  # on the 28th
        (date(2026, 2, 28), None, 31, "2026-02", True),
        (date(2026, 3, 1), None, 31, "2026-02", False),
    ],
)
def test_it_falls_due_when_its_due_day_lies_in_the_time_it_runs(begins, ends, due_day, month, falls_due):
    due = obligation(begins, ends, due_day).due_in(Month.parse(month))
    assert due == (Money("200.00") if falls_due else Money.ZERO)


@pytest.mark.parametrize(
    ("month", "day"), [("2026-02", 28), ("2028-02", 29), ("2026-04", 30), ("2026-12", 31)]
)
def test_a_due_day_past_the_end_of_the_month_is_its_last_day(month, day):
    assert obligation(date(2024, 4, 1), due_day=31).due_date(Month.parse(month)).day == day


def test_a_full_name_leaves_out_the_parts_a_person_does_not_have():
    assert PersonName("Ana", "Li").full == "Ana Li"
    assert PersonName("Ana", "Li", "Maria", "Jr").full == "Ana Maria Li Jr"
