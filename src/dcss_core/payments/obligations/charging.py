"""Charging: support falls due, month by month.

Decides what is owed anew when a month begins, and applies money held for it, by the policy in force
on the first day of that month. Invariants: a month is charged once, in order, none skipped; the
postings of an obligation and month have an id made of both, so that charging twice can't be stored.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import ClassVar, Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.events import Event
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.cases.opening import OpeningArrears, OwedBefore
from dcss_core.cases.order import Obligation
from dcss_core.payments.distribution.distribution import Distribution, DistributionLine, apply_held
from dcss_core.payments.distribution.policy import DistributionPolicy
from dcss_core.payments.distribution.posted_hash import hash_of
from dcss_core.payments.ledger.case_account import CaseAccount, Debt
from dcss_core.payments.ledger.ledger import Movement, Place, Posting, post

OPENING: Final = "opening"
"""How the journal entries begin of what was owed before a case was opened."""


@attrs.frozen
class SupportCharged(Event):
    """Support fell due in a case; `amount` is all of it, `from_held` what held money paid of it.

    `recorded` is the hash of all that was posted.
    """

    kind: ClassVar[str] = "support_charged"
    about: ClassVar[tuple[str, str]] = ("case", "case_number")
    case_number: CaseNumber
    first: Month
    through: Month
    amount: Money
    from_held: Money
    recorded: str


@attrs.frozen
class Charging:
    """The account after charging, the lines of held money that was applied, the postings and the event."""

    account: CaseAccount
    lines: tuple[DistributionLine, ...]
    postings: tuple[Posting, ...]
    events: tuple[Event, ...] = ()


def open_account(
    account: CaseAccount, arrears: Sequence[OpeningArrears], obligation_ids: Sequence[str], *, at: datetime
) -> Charging:
    """Enter what was owed before the case was opened, month by month, each to the obligation it names."""
    debts = tuple(Debt(obligation_ids[each.obligation - 1], each.month, each.amount) for each in arrears)
    postings = _charges(account.case_number, debts, OPENING, at)
    return Charging(account.charged(debts, account.charged_through), (), postings)


def entered_at_opening(
    case_number: CaseNumber, owed: Iterable[OwedBefore], *, at: datetime
) -> tuple[Posting, ...]:
    """The postings that enter what was owed before a case was opened."""
    debts = tuple(Debt(each.obligation_id, each.month, each.amount) for each in owed)
    return _charges(case_number, debts, OPENING, at)


def charge(
    account: CaseAccount,
    obligations: Sequence[Obligation],
    *,
    through: Month,
    policy_in: Callable[[Month], DistributionPolicy | None],
    at: datetime,
) -> Charging:
    """Charge every month after the last one charged, through this one.

    Effective on the first day of each month: a collection counts first toward the support required
    for the month in which it was collected (45 CFR 302.51(a)(1)), whatever the due day.
    """
    first = account.charged_through.plus(1)
    charged = Money.ZERO
    postings: list[Posting] = []
    lines: list[DistributionLine] = []
    while account.charged_through < through:
        month = account.charged_through.plus(1)
        debts = _due(obligations, month)
        charged += Money.total(debt.owed for debt in debts)
        postings += _charges(account.case_number, debts, "charge", at)
        account = account.charged(debts, month)
        policy = policy_in(month) if debts and account.held else None
        if policy is not None:
            applied = apply_held(account, month=month, policy=policy)
            postings += _applied(applied, month, at)
            account = applied.account
            lines += applied.lines
    events: tuple[Event, ...] = ()
    if charged:
        events = (_charged(account.case_number, first, through, charged, postings, lines),)
    return Charging(account, tuple(lines), tuple(postings), events)


def recorded(case_number: str, postings: Iterable[Posting], lines: Iterable[DistributionLine]) -> str:
    """The hash of what was posted in a case when support fell due."""
    return hash_of([case_number], postings, lines)


def _charged(
    case_number: CaseNumber,
    first: Month,
    through: Month,
    amount: Money,
    postings: Sequence[Posting],
    lines: Sequence[DistributionLine],
) -> SupportCharged:
    from_held = Money.total(line.amount for line in lines)
    return SupportCharged(
        case_number, first, through, amount, from_held, recorded(str(case_number), postings, lines)
    )


def _due(obligations: Sequence[Obligation], month: Month) -> tuple[Debt, ...]:
    owed = [(obligation.obligation_id, obligation.due_in(month)) for obligation in obligations]
    return tuple(Debt(obligation_id, month, amount) for obligation_id, amount in owed if amount)


def _applied(applied: Distribution, month: Month, at: datetime) -> tuple[Posting, ...]:
    return post(
        f"held/{applied.account.case_number}/{month}",
        applied.movements,
        effective_date=month.first_day,
        recorded_at=at,
        case_number=applied.account.case_number,
    )


def _charges(case_number: CaseNumber, debts: Sequence[Debt], word: str, at: datetime) -> tuple[Posting, ...]:
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
            case_number=case_number,
        )
    return tuple(postings)
