"""Distribution: which debts a collection satisfies, and who is paid.

Decides, step by step in the policy's order, how much of a collection goes to each debt, and says
why. Invariants: the lines sum to the collection exactly; no debt is overpaid; a later step gets
something only when every earlier bucket is satisfied; each line carries rule, version, citation,
inputs and the alternative that was not taken.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.payments.case_account import CaseAccount, Debt, HeldSum
from dcss_core.payments.distribution_policy import (
    ArrearsOrder,
    Bucket,
    DateOfCollection,
    DistributionPolicy,
    FutureSupport,
    Payee,
    Step,
)
from dcss_core.payments.ledger import HoldReason, Movement, Place


@attrs.frozen
class Input:
    """A figure that went into a decision, by name."""

    name: str
    value: str


@attrs.frozen
class DistributionLine:
    """So much of a receipt went toward one debt, or is held; with the reason.

    `month` is the month whose support is paid; None for money held for months to come. `from_held`
    says that the money had been held since its receipt and is applied now.
    """

    receipt_id: str
    line: int
    case_number: CaseNumber
    on: date
    bucket: Bucket
    payee: Payee
    payee_id: str | None
    obligation_id: str | None
    month: Month | None
    amount: Money
    from_held: bool
    rule: str
    rules_version: str
    citation: str
    inputs: tuple[Input, ...]
    alternative: str


@attrs.frozen
class Distribution:
    """What became of one collection: the account after it, the lines, and the movements to post."""

    account: CaseAccount
    lines: tuple[DistributionLine, ...]
    movements: tuple[Movement, ...]


@attrs.frozen
class _Part:
    amount: Money
    debt: Debt | None
    inputs: tuple[Input, ...]
    alternative: str


@attrs.frozen
class _Question:
    left: Money
    account: CaseAccount
    month: Month
    policy: DistributionPolicy


def collection_date(received_on: date, pay_date: date | None, policy: DistributionPolicy) -> date:
    """The day a collection counts from.

    The date of receipt in the state disbursement unit (45 CFR 302.51(a)(4)(i)), or the date of
    withholding when the state so deems and it lies in an earlier month (302.51(a)(4)(ii)).
    """
    deemed = policy.date_of_collection is DateOfCollection.WITHHOLDING
    if deemed and pay_date is not None and Month.of(pay_date) < Month.of(received_on):
        return pay_date
    return received_on


def distribute(
    account: CaseAccount,
    amount: Money,
    *,
    receipt_id: str,
    collected_on: date,
    policy: DistributionPolicy,
) -> Distribution:
    """Distribute a collection over the debts of its case.

    Money is applied first to the support required for the month in which it was collected
    (45 CFR 302.51(a)(1)), then as the policy's steps say; what no step takes stays undistributed
    and so breaks the balance of its entry.
    """
    month, left = Month.of(collected_on), amount
    lines: list[DistributionLine] = []
    movements = [Movement(Place.UNDISTRIBUTED, -amount, receipt_id=receipt_id)]
    for step in policy.steps:
        question = _Question(left, account, month, policy)
        for part in _TAKERS[step.bucket](question):
            line = _line(part, step, receipt_id, len(lines) + 1, collected_on, account, policy)
            lines.append(line)
            movements += _movements(line)
            left -= part.amount
            account = _after(account, line)
    return Distribution(account, tuple(lines), tuple(movements))


def apply_held(account: CaseAccount, *, month: Month, policy: DistributionPolicy) -> Distribution:
    """Apply money held for months to come to the support that has fallen due for this month.

    The sum held longest is applied first; only the month's own support is satisfied, since every
    earlier debt was satisfied before money was held (45 CFR 302.51(b)).
    """
    current = next((step for step in policy.steps if step.bucket is Bucket.CURRENT_SUPPORT), None)
    if current is None:
        return Distribution(account, (), ())
    lines: list[DistributionLine] = []
    movements: list[Movement] = []
    still_held: list[HeldSum] = []
    for held in account.held:
        for part in _current_support(_Question(held.amount, account, month, policy)):
            line = _line(part, current, held.receipt_id, held.next_line, month.first_day, account, policy)
            lines.append(attrs.evolve(line, from_held=True))
            movements += [_held(held.receipt_id, -part.amount), *_movements(line)]
            held = attrs.evolve(held, amount=held.amount - part.amount, next_line=held.next_line + 1)
            account = _after(account, line)
        if held.amount:
            still_held.append(held)
    return Distribution(attrs.evolve(account, held=tuple(still_held)), tuple(lines), tuple(movements))


def _current_support(question: _Question) -> Iterator[_Part]:
    debts = [debt for debt in question.account.debts if debt.month == question.month]
    alternative = (
        "Current support comes before arrears; nothing went to arrears while support of "
        f"{question.month} was open."
    )
    yield from _pro_rata(question, debts, alternative)


def _arrears(question: _Question) -> Iterator[_Part]:
    debts = [debt for debt in question.account.debts if debt.month < question.month]
    if question.policy.arrears_order is ArrearsOrder.PRO_RATA:
        yield from _pro_rata(question, debts, "Oldest first would have paid the earliest months in full.")
        return
    yield from _in_order(question, debts, "Pro rata would have paid a part of every open month.")


def _future_support(question: _Question) -> Iterator[_Part]:
    later = [debt for debt in question.account.debts if debt.month > question.month]
    left = question.left
    for part in _in_order(question, later, "The month has fallen due, so the money is not held."):
        left -= part.amount
        yield part
    if left:
        owed = Money.total(debt.owed for debt in question.account.debts) - (question.left - left)
        choice = question.policy.future_support
        alternative = {
            FutureSupport.HOLD: "Sending it to the family now, which the state does not choose",
            FutureSupport.DISBURSE: "Holding it until the months fall due, which the state does not choose",
        }[choice]
        yield _Part(
            left,
            None,
            (Input("owed after the earlier steps", owed.display()), Input("left over", left.display())),
            f"{alternative} (distribution.future_support = {choice.value}, "
            f"{question.policy.future_citation}).",
        )


_TAKERS: Final[dict[Bucket, Callable[[_Question], Iterator[_Part]]]] = {
    Bucket.CURRENT_SUPPORT: _current_support,
    Bucket.NEVER_ASSIGNED_ARREARS: _arrears,
    Bucket.FUTURE_SUPPORT: _future_support,
}


def _pro_rata(question: _Question, debts: Sequence[Debt], alternative: str) -> Iterator[_Part]:
    owed = Money.total(debt.owed for debt in debts)
    taken = min(question.left, owed)
    if not taken:
        return
    shares = taken.split([debt.owed.cents for debt in debts])
    for debt, share in zip(debts, shares, strict=True):
        if share:
            yield _Part(share, debt, _inputs(question.left, debt), alternative)


def _in_order(question: _Question, debts: Sequence[Debt], alternative: str) -> Iterator[_Part]:
    left = question.left
    for debt in debts:
        taken = min(left, debt.owed)
        if not taken:
            return
        yield _Part(taken, debt, _inputs(left, debt), alternative)
        left -= taken


def _inputs(left: Money, debt: Debt) -> tuple[Input, ...]:
    return (
        Input("left to distribute", left.display()),
        Input(f"owed for {debt.month}", debt.owed.display()),
    )


def _line(
    part: _Part,
    step: Step,
    receipt_id: str,
    number: int,
    on: date,
    account: CaseAccount,
    policy: DistributionPolicy,
) -> DistributionLine:
    is_held = part.debt is None and policy.future_support is FutureSupport.HOLD
    return DistributionLine(
        receipt_id=receipt_id,
        line=number,
        case_number=account.case_number,
        on=on,
        bucket=step.bucket,
        payee=step.payee,
        payee_id=None if is_held else account.payee_id,
        obligation_id=part.debt.obligation_id if part.debt else None,
        month=part.debt.month if part.debt else None,
        amount=part.amount,
        from_held=False,
        rule=step.rule,
        rules_version=policy.version,
        citation=step.citation,
        inputs=part.inputs,
        alternative=part.alternative,
    )


def _movements(line: DistributionLine) -> list[Movement]:
    if line.payee_id is None:
        return [_held(line.receipt_id, line.amount)]
    movements = [Movement(Place.PAYABLE, line.amount, receipt_id=line.receipt_id, payee_id=line.payee_id)]
    if line.obligation_id is not None:
        for place, amount in ((Place.OWED, -line.amount), (Place.SATISFIED, line.amount)):
            movements.append(Movement(place, amount, line.receipt_id, line.obligation_id, line.month))
    return movements


def _held(receipt_id: str, amount: Money) -> Movement:
    return Movement(Place.HELD, amount, receipt_id=receipt_id, hold_reason=HoldReason.FUTURE_SUPPORT)


def _after(account: CaseAccount, line: DistributionLine) -> CaseAccount:
    if line.obligation_id is not None and line.month is not None:
        return account.satisfied({(line.obligation_id, line.month): line.amount})
    if line.payee_id is None:
        return account.holding(HeldSum(line.receipt_id, line.amount, next_line=line.line + 1))
    return account
