"""Accounts, policies and receipts without an agency: what the decisions on money are given."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import attrs
import pytest

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.cases.case import Assistance
from dcss_core.payments.collection.remittance_entry import RemittanceEntry
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.ledger.case_account import CaseAccount, Debt
from dcss_core.rules.federal import baseline

CASE = CaseNumber("0004567890")
RULES = baseline().on(date(2026, 1, 7))


@pytest.fixture(scope="session")
def policy() -> DistributionPolicy:
    """The federal order for a family that never had assistance, in force on 7 January 2026."""
    found = DistributionPolicy.from_rules(RULES, Assistance.NEVER)
    assert found is not None
    return found


@pytest.fixture(scope="session")
def choose(policy: DistributionPolicy) -> Callable[..., DistributionPolicy]:
    """The policy with other choices of a state."""
    return lambda **choices: attrs.evolve(policy, **choices)


@pytest.fixture(scope="session")
def owing() -> Callable[..., CaseAccount]:
    """An account charged through January 2026 with debts as `("2026-01", "200.00")`, the obligation third."""

    def made(*debts: tuple[str, ...]) -> CaseAccount:
        entered = [
            Debt(f"{CASE}/{(rest or ('1',))[0]}", Month.parse(month), Money(amount))
            for month, amount, *rest in debts
        ]
        return CaseAccount(CASE, "person-cp", Month(2026, 1)).charged(tuple(entered), Month(2026, 1))

    return made


@pytest.fixture(scope="session")
def at() -> datetime:
    return datetime(2026, 1, 7, 15, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def make_entry() -> Callable[..., RemittanceEntry]:
    """An entry of a payment file for the case, unless told otherwise."""

    def made(amount: str = "200.00", **changes: object) -> RemittanceEntry:
        values: dict[str, object] = {
            "sameness": f"made up for {amount}",
            "undated": f"made up for {amount}, undated",
            "occurrence": 1,
            "trace_number": "121042880000001",
            "remitter": "PEACH TREE PAY",
            "amount": Money(amount),
            "case_as_sent": str(CASE),
            "stated_amount": Money(amount),
        }
        return RemittanceEntry(**values | changes)

    return made
