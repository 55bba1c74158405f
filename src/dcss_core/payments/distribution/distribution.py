"""Distribution: which debts a collection satisfies, and who is paid.

Decides, step by step in the policy's order, how much of a collection goes to each debt, and says
why. Invariants: the lines sum to the collection exactly; no debt is overpaid; a later step gets
something only when every earlier bucket is satisfied; no debt is satisfied before the month in which
it falls due; each line carries rule, version, citation, inputs and the alternatives that were not taken, as
codes and figures.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Final

import attrs

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.base.records.invariants import check_invariants
from dcss_core.payments.distribution.policy import (
    ArrearsOrder,
    BetweenObligations,
    Bucket,
    DateOfCollection,
    DistributionPolicy,
    FutureSupport,
    Payee,
    Step,
)
from dcss_core.payments.distribution.reasons import Alternative, Input, InputName, NotTaken
from dcss_core.payments.ledger.case_account import CaseAccount, Debt, HeldSum
from dcss_core.payments.ledger.ledger import HoldReason, Movement, Place


@attrs.frozen
class DistributionLine:
    """So much of a receipt went toward one debt, or is held; with the reason.

    `on` is the day from which the debt counts as satisfied. `month` is the month whose support is
    paid; None for support of months to come. `from_held` says that the money, or the credit for it,
    had been set aside since its receipt and is applied now. `payee_id` is None when nobody is paid by
    this line: it is held, or the family has had the money since the receipt.
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
    not_taken: tuple[NotTaken, ...]

    def __attrs_post_init__(self) -> None:
        month = self.month
        is_to_come = month is None
        check_invariants(
            self,
            (self.amount.cents > 0, "its amount is more than zero"),
            (self.line >= 1, "lines are numbered from 1"),
            (is_to_come is (self.obligation_id is None), "a debt is an obligation and a month"),
            (
                not is_to_come or self.bucket is Bucket.FUTURE_SUPPORT,
                "without a debt it is for months to come",
            ),
            (not (is_to_come and self.from_held), "what was held is applied to a debt"),
            (self.payee_id is not None or is_to_come or self.from_held, "a debt paid at receipt has a payee"),
            (month is None or self.on >= month.first_day, "no debt is satisfied before its month begins"),
            (bool(self.inputs and self.not_taken), "it says from which figures and instead of what"),
        )


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
    not_taken: tuple[NotTaken, ...]


@attrs.frozen
class _Question:
    left: Money
    account: CaseAccount
    month: Month
    policy: DistributionPolicy


def collection_date(
    received_on: date, pay_date: date | None, account: CaseAccount, policy: DistributionPolicy
) -> date:
    """The day a collection counts from.

    The date of receipt in the state disbursement unit (45 CFR 302.51(a)(4)(i)). Where the state so
    deems, the date of withholding, if it lies in an earlier month whose support is still owed: current
    support withheld in the month when due (302.51(a)(4)(ii)).
    """
    deemed = policy.date_of_collection is DateOfCollection.WITHHOLDING
    if not deemed or pay_date is None:
        return received_on
    withheld_in = Month.of(pay_date)
    is_owed = any(debt.month == withheld_in for debt in account.debts)
    return pay_date if withheld_in < Month.of(received_on) and is_owed else received_on


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
    for step in policy.steps:
        parts = tuple(_TAKERS[step.bucket](_Question(left, account, month, policy)))
        made = [
            _line(part, step, receipt_id, number, collected_on, account, policy)
            for number, part in enumerate(parts, start=len(lines) + 1)
        ]
        lines += made
        left -= Money.total(part.amount for part in parts)
        account = _after(account, made)
    movements = [Movement(Place.UNDISTRIBUTED, -amount, receipt_id=receipt_id)]
    for line in lines:
        movements += movements_of(line)
    return Distribution(account, tuple(lines), tuple(movements))


def apply_held(account: CaseAccount, *, month: Month, policy: DistributionPolicy) -> Distribution:
    """Apply money set aside for months to come to the support that has fallen due for this month.

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
        made = [
            attrs.evolve(
                _line(part, current, held.receipt_id, number, month.first_day, account, policy),
                from_held=True,
                payee_id=None if held.is_sent else account.payee_id,
            )
            for number, part in enumerate(
                _fallen_due(_Question(held.amount, account, month, policy)), start=held.next_line
            )
        ]
        for line in made:
            movements += movements_of(line)
        lines += made
        rest = held.amount - Money.total(line.amount for line in made)
        if rest:
            still_held.append(attrs.evolve(held, amount=rest, next_line=held.next_line + len(made)))
        account = _after(account, made)
    return Distribution(attrs.evolve(account, held=tuple(still_held)), tuple(lines), tuple(movements))


def _current_support(question: _Question) -> Iterator[_Part]:
    yield from _oldest_first(question, _of_the_month(question), NotTaken(Alternative.ARREARS_FIRST))


def _fallen_due(question: _Question) -> Iterator[_Part]:
    yield from _oldest_first(question, _of_the_month(question), NotTaken(Alternative.KEPT_THOUGH_DUE))


def _of_the_month(question: _Question) -> list[Debt]:
    return [debt for debt in question.account.debts if debt.month == question.month]


def _arrears(question: _Question) -> Iterator[_Part]:
    debts = [debt for debt in question.account.debts if debt.month < question.month]
    cited = question.policy.arrears_citation
    if question.policy.arrears_order is ArrearsOrder.PRO_RATA:
        not_taken = NotTaken(Alternative.OLDEST_MONTHS_IN_FULL, cited)
        yield from _parts(question.left, debts, _pro_rata, (not_taken,))
        return
    yield from _oldest_first(question, debts, NotTaken(Alternative.PRO_RATA_OVER_MONTHS, cited))


def _future_support(question: _Question) -> Iterator[_Part]:
    left = question.left
    later = [debt for debt in question.account.debts if debt.month > question.month]
    for part in _oldest_first(question, later, NotTaken(Alternative.HELD_THOUGH_DUE)):
        left -= part.amount
        yield part
    if left:
        owed = question.account.owed - (question.left - left)
        not_taken = NotTaken(
            _INSTEAD_OF_FUTURE_SUPPORT[question.policy.future_support], question.policy.future_citation
        )
        inputs = (Input(InputName.OWED_AFTER_EARLIER_STEPS, owed), Input(InputName.LEFT_OVER, left))
        yield _Part(left, None, inputs, (not_taken,))


_INSTEAD_OF_FUTURE_SUPPORT: Final[Mapping[FutureSupport, Alternative]] = {
    FutureSupport.HOLD: Alternative.SENT_AHEAD,
    FutureSupport.DISBURSE: Alternative.HELD_FOR_MONTHS_TO_COME,
}


_TAKERS: Final[dict[Bucket, Callable[[_Question], Iterator[_Part]]]] = {
    Bucket.CURRENT_SUPPORT: _current_support,
    Bucket.NEVER_ASSIGNED_ARREARS: _arrears,
    Bucket.FUTURE_SUPPORT: _future_support,
}


def _oldest_first(question: _Question, debts: Sequence[Debt], not_taken: NotTaken) -> Iterator[_Part]:
    """Satisfy month by month; obligations of one month share as the state chose."""
    chosen = question.policy.between_obligations
    not_shared = NotTaken(_INSTEAD_OF_SHARING[chosen], question.policy.between_citation)
    left = question.left
    for _, of_month in groupby(debts, key=lambda debt: debt.month):
        together = list(of_month)
        instead = (not_taken, not_shared) if len(together) > 1 else (not_taken,)
        for part in _parts(left, together, _SPREADS[chosen], instead):
            left -= part.amount
            yield part


_Spread = Callable[[Money, Sequence[Debt]], Sequence[Money]]


def _parts(
    left: Money, debts: Sequence[Debt], spread: _Spread, not_taken: tuple[NotTaken, ...]
) -> list[_Part]:
    taken = min(left, Money.total(debt.owed for debt in debts))
    if not taken:
        return []
    return [
        _Part(share, debt, _inputs(left, debt, debts), not_taken)
        for debt, share in zip(debts, spread(taken, debts), strict=True)
        if share
    ]


def _pro_rata(taken: Money, debts: Sequence[Debt]) -> Sequence[Money]:
    return taken.split([debt.owed.cents for debt in debts])


def _equally(taken: Money, debts: Sequence[Debt]) -> Sequence[Money]:
    """Give each debt the same, none more than is owed; what the small ones leave is shared by the others."""
    shares = [Money.ZERO] * len(debts)
    for done, place in enumerate(sorted(range(len(debts)), key=lambda place: debts[place].owed)):
        even = Money.from_cents(taken.cents // (len(debts) - done))
        shares[place] = min(debts[place].owed, even)
        taken -= shares[place]
    return shares


_SPREADS: Final[Mapping[BetweenObligations, _Spread]] = {
    BetweenObligations.PRO_RATA: _pro_rata,
    BetweenObligations.EQUAL: _equally,
}


_INSTEAD_OF_SHARING: Final[Mapping[BetweenObligations, Alternative]] = {
    BetweenObligations.PRO_RATA: Alternative.EQUAL_BETWEEN_OBLIGATIONS,
    BetweenObligations.EQUAL: Alternative.PRO_RATA_BETWEEN_OBLIGATIONS,
}


def _inputs(left: Money, debt: Debt, together: Sequence[Debt]) -> tuple[Input, ...]:
    inputs = [
        Input(InputName.LEFT_TO_DISTRIBUTE, left),
        Input(InputName.OWED_FOR_MONTH, debt.owed, month=debt.month),
    ]
    if len(together) > 1:
        owed = Money.total(each.owed for each in together)
        inputs.append(Input(InputName.OWED_IN_ALL_THAT_SHARE, owed, debts=len(together)))
    return tuple(inputs)


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
        on=max(on, part.debt.month.first_day) if part.debt else on,
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
        not_taken=part.not_taken,
    )


def movements_of(line: DistributionLine) -> list[Movement]:
    """What a line moves in the books, besides taking the money out of what is not distributed yet."""
    if not line.from_held:
        return _movements(line)
    if line.payee_id is None:  # the family has had the money since the receipt
        return [_credit(Place.OWED, -line.amount, line), _credit(Place.PREPAID, line.amount, line)]
    return [_held(line.receipt_id, -line.amount), *_movements(line)]


def _movements(line: DistributionLine) -> list[Movement]:
    if line.payee_id is None:
        return [_held(line.receipt_id, line.amount)]
    payable = Movement(Place.PAYABLE, line.amount, line.receipt_id, payee_id=line.payee_id)
    come_from = Place.OWED if line.obligation_id is not None else Place.PREPAID
    return [payable, _credit(come_from, -line.amount, line), _credit(Place.SATISFIED, line.amount, line)]


def _credit(place: Place, amount: Money, line: DistributionLine) -> Movement:
    return Movement(place, amount, line.receipt_id, line.obligation_id, line.month, on=line.on)


def _held(receipt_id: str, amount: Money) -> Movement:
    return Movement(Place.HELD, amount, receipt_id=receipt_id, hold_reason=HoldReason.FUTURE_SUPPORT)


def _after(account: CaseAccount, lines: Sequence[DistributionLine]) -> CaseAccount:
    paid = {
        (line.obligation_id, line.month): line.amount
        for line in lines
        if line.obligation_id is not None and line.month is not None
    }
    account = account.satisfied(paid) if paid else account
    for line in lines:
        if line.month is None:
            is_sent = line.payee_id is not None
            account = account.holding(HeldSum(line.receipt_id, line.amount, line.line + 1, is_sent))
    return account
