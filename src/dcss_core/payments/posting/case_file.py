"""CaseFile: a case as money is posted to it.

Decides nothing; it brings together what the decisions on money ask of a case.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import TypeAlias

import attrs

from dcss_core.base.dates import Month
from dcss_core.cases.case import Assistance, Case
from dcss_core.cases.order import Obligation
from dcss_core.cases.people.person import Person
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.obligations.charging import Charging, charge

PolicyOn: TypeAlias = Callable[[Assistance, date], DistributionPolicy | None]
"""The distribution policy in force for a kind of case on a day; None where no order is stated for it."""


@attrs.frozen
class CaseFile:
    """A case with its noncustodial parent, its obligations and its account."""

    case: Case
    noncustodial_parent: Person
    obligations: tuple[Obligation, ...]
    account: CaseAccount

    def charged(self, through: Month, *, policy_on: PolicyOn, at: datetime) -> Charging:
        """Charge the account through a month, each month by the policy in force on its first day."""
        return charge(
            self.account,
            self.obligations,
            through=through,
            policy_in=lambda month: policy_on(self.case.assistance, month.first_day),
            at=at,
        )

    def with_account(self, account: CaseAccount) -> "CaseFile":
        """The case after money was posted to it."""
        return attrs.evolve(self, account=account)
