"""Charging: support falls due, month by month.

Decides what is owed anew when a month begins, and applies money held for it. Invariants: a month is
charged once, in order, none skipped; the postings of an obligation and month have an id made of
both, so that charging twice can't be stored.
"""

from collections.abc import Sequence
from datetime import datetime

import attrs

from dcss_core.base.dates import Month
from dcss_core.cases.opening import OpeningArrears
from dcss_core.cases.order import Obligation
from dcss_core.payments.case_account import CaseAccount, Debt
from dcss_core.payments.distribution import DistributionLine, apply_held
from dcss_core.payments.distribution_policy import DistributionPolicy
from dcss_core.payments.ledger import Movement, Place, Posting, post


@attrs.frozen
class Charging:
    """The account after charging, the lines of held money that was applied, and the postings."""

    account: CaseAccount
    lines: tuple[DistributionLine, ...]
    postings: tuple[Posting, ...]


def open_account(
    account: CaseAccount, arrears: Sequence[OpeningArrears], obligation_id: str, *, at: datetime
) -> Charging:
    """Enter what was owed before the case was opened, month by month."""
    debts = tuple(Debt(obligation_id, each.month, each.amount) for each in arrears)
    postings = _charges(account, debts, "opening", at)
    return Charging(account.charged(debts, account.charged_through), (), postings)


def charge(
    account: CaseAccount,
    obligations: Sequence[Obligation],
    *,
    through: Month,
    policy: DistributionPolicy | None,
    at: datetime,
) -> Charging:
    """Charge every month after the last one charged, through this one.

    Effective on the first day of each month: a collection counts first toward the support required
    for the month in which it was collected (45 CFR 302.51(a)(1)), whatever the due day.
    """
    postings: list[Posting] = []
    lines: list[DistributionLine] = []
    while account.charged_through < through:
        month = account.charged_through.plus(1)
        debts = tuple(
            Debt(obligation.obligation_id, month, obligation.due_in(month))
            for obligation in obligations
            if obligation.due_in(month)
        )
        postings += _charges(account, debts, "charge", at)
        account = account.charged(debts, month)
        if policy is not None and account.held:
            applied = apply_held(account, month=month, policy=policy)
            postings += post(
                f"held/{account.case_number}/{month}",
                applied.movements,
                effective_date=month.first_day,
                recorded_at=at,
                case_number=account.case_number,
            )
            account = applied.account
            lines += applied.lines
    return Charging(account, tuple(lines), tuple(postings))


def _charges(account: CaseAccount, debts: Sequence[Debt], word: str, at: datetime) -> tuple[Posting, ...]:
    postings: list[Posting] = []
    for debt in debts:
        movements = [
            Movement(place, amount, obligation_id=debt.obligation_id, month=debt.month)
            for place, amount in ((Place.CHARGED, -debt.owed), (Place.OWED, debt.owed))
        ]
        postings += post(
            f"{word}/{debt.obligation_id}/{debt.month}",
            movements,
            effective_date=debt.month.first_day,
            recorded_at=at,
            case_number=account.case_number,
        )
    return tuple(postings)
