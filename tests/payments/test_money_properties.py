"""What holds of any obligations, arrears, months and receipts, in any order they come."""

from collections import defaultdict
from datetime import UTC, date, datetime

import attrs
from hypothesis import given, settings, strategies as st

from dcss_core.base.dates import Month
from dcss_core.base.identifiers import CaseNumber
from dcss_core.base.money import Money
from dcss_core.cases.case import Assistance
from dcss_core.cases.opening import OpeningArrears
from dcss_core.cases.order import Obligation, ObligationKind
from dcss_core.payments.collection.receipt import hold, receive, release
from dcss_core.payments.collection.remittance_entry import RemittanceEntry
from dcss_core.payments.distribution.distribution import distribute
from dcss_core.payments.distribution.policy import (
    ArrearsOrder,
    BetweenObligations,
    Bucket,
    DateOfCollection,
    DistributionPolicy,
    FutureSupport,
)
from dcss_core.payments.ledger.case_account import CaseAccount
from dcss_core.payments.ledger.ledger import Book, HoldReason, Place
from dcss_core.payments.obligations.charging import charge, open_account
from dcss_core.payments.views.statement import statement_of
from dcss_core.rules.federal import baseline

CASE = CaseNumber("0004567890")
OPENED = Month(2026, 1)
NOW = datetime(2026, 6, 30, tzinfo=UTC)
_FEDERAL = DistributionPolicy.from_rules(baseline().on(date(2026, 1, 7)), Assistance.NEVER)
assert _FEDERAL is not None

policies = st.builds(
    attrs.evolve,
    st.just(_FEDERAL),
    arrears_order=st.sampled_from(ArrearsOrder),
    between_obligations=st.sampled_from(BetweenObligations),
    future_support=st.sampled_from(FutureSupport),
    date_of_collection=st.sampled_from(DateOfCollection),
)
amounts = st.integers(1, 60_000).map(Money.from_cents)
days = st.dates(date(2026, 1, 1), date(2026, 6, 30))
months_before = st.integers(1, 8).map(lambda count: OPENED.plus(-count))
arrears = st.dictionaries(months_before, amounts, max_size=4)
obligations = st.lists(
    st.builds(
        lambda amount, begins, days_long, due_day: (amount, begins, days_long, due_day),
        amounts,
        st.dates(date(2025, 6, 1), date(2026, 5, 31)),
        st.none() | st.integers(1, 200),
        st.integers(1, 31),
    ),
    max_size=3,
)


@attrs.frozen
class Received:
    """A receipt of a day: its amount, the pay date, and after how many days it was identified, if late."""

    amount: Money
    on: date
    pay_date: date | None
    held_days: int | None


receipts = st.lists(
    st.builds(
        Received,
        amount=amounts,
        on=days,
        pay_date=st.none() | st.dates(date(2025, 10, 1), date(2026, 6, 30)),
        held_days=st.none() | st.integers(0, 90),
    ),
    max_size=8,
)


class Life:
    """A case and everything that was posted to it."""

    def __init__(self, owed, orders, policy):
        empty = CaseAccount(CASE, "person-cp", OPENED.plus(-1))
        opened = open_account(
            empty, [OpeningArrears(month, amount) for month, amount in owed.items()], [f"{CASE}/1"], at=NOW
        )
        self.policy = policy
        self.account, self.postings, self.lines = opened.account, [*opened.postings], []
        self.receipts, self.waiting = [], []
        self.obligations = [
            Obligation(
                f"{CASE}/{number}",
                f"{CASE}/order/1",
                CASE,
                ObligationKind.CHILD_SUPPORT,
                amount,
                begins,
                date.fromordinal(begins.toordinal() + long) if long else None,
                due_day,
            )
            for number, (amount, begins, long, due_day) in enumerate(orders, start=1)
        ]

    def live(self, received):
        """Receive everything on its day; identify what was held as many days later."""
        events = [(each.on, number, each, False) for number, each in enumerate(received)]
        events += [
            (date.fromordinal(each.on.toordinal() + each.held_days), number, each, True)
            for number, each in enumerate(received)
            if each.held_days is not None
        ]
        held = {}
        for day, number, each, is_release in sorted(events, key=lambda event: (event[0], event[3], event[1])):
            self.charge(Month.of(day))
            if is_release:
                self.keep(release(held[number], self.account, self.policy, send_by=None, at=NOW))
            elif each.held_days is not None:
                entry = self.entry(each, number)
                done = hold(entry, HoldReason.CASE_UNKNOWN, file_id="f", received_on=day, at=NOW)
                held[number] = done.receipt
                self.postings += done.postings
            else:
                entry = self.entry(each, number)
                self.keep(
                    receive(
                        entry, self.account, self.policy, file_id="f", received_on=day, send_by=None, at=NOW
                    )
                )
        self.charge(Month(2026, 9))
        return self

    def entry(self, received, number):
        return RemittanceEntry(
            f"payment {number}",
            f"undated payment {number}",
            1,
            "1",
            "ACME",
            received.amount,
            str(CASE),
            received.pay_date,
        )

    def charge(self, through):
        done = charge(
            self.account, self.obligations, through=through, policy_in=lambda _: self.policy, at=NOW
        )
        self.account = done.account
        self.postings += done.postings
        self.lines += done.lines

    def keep(self, posted):
        self.account = posted.account
        self.receipts.append(posted.receipt)
        self.postings += posted.postings
        self.lines += posted.lines


lives = st.builds(
    lambda owed, orders, policy, received: Life(owed, orders, policy).live(received),
    arrears,
    obligations,
    policies,
    receipts,
)


@settings(max_examples=100, deadline=None)
@given(lives)
def test_each_book_sums_to_zero_on_every_day(life):
    per_day = defaultdict(int)
    for posting in life.postings:
        per_day[posting.place.book, posting.effective_date] += posting.amount.cents
    assert not any(per_day.values())


@settings(max_examples=100, deadline=None)
@given(lives)
def test_on_no_day_is_a_place_overdrawn(life):
    """As of any day, no cent was paid before it came, and nobody owed less than nothing."""
    filled = (Place.UNDISTRIBUTED, Place.HELD, Place.PAYABLE, Place.OWED, Place.SATISFIED)
    in_place = defaultdict(int)
    for day in sorted({posting.effective_date for posting in life.postings}):
        for posting in life.postings:
            if posting.effective_date == day:
                in_place[posting.place] += posting.amount.cents
        assert all(in_place[place] >= 0 for place in filled), (day, in_place)
        assert in_place[Place.UNDISTRIBUTED] == 0
        assert in_place[Place.PREPAID] <= 0


@settings(max_examples=100, deadline=None)
@given(lives)
def test_the_lines_of_each_receipt_sum_to_it_and_are_numbered_without_a_gap(life):
    for receipt in life.receipts:
        lines = [line for line in life.lines if line.receipt_id == receipt.receipt_id]
        assert sorted(line.line for line in lines) == list(range(1, len(lines) + 1))
        at_receipt = Money.total(line.amount for line in lines if not line.from_held)
        assert at_receipt == receipt.amount
        assert all(line.amount > Money.ZERO for line in lines)


@settings(max_examples=100, deadline=None)
@given(lives)
def test_no_debt_is_paid_more_than_fell_due(life):
    due, paid = defaultdict(int), defaultdict(int)
    for posting in life.postings:
        if posting.place is Place.CHARGED:
            due[posting.obligation_id, posting.month] -= posting.amount.cents
    for line in life.lines:
        if line.month is not None:
            paid[line.obligation_id, line.month] += line.amount.cents
    assert all(cents <= due[debt] for debt, cents in paid.items())


@settings(max_examples=100, deadline=None)
@given(lives)
def test_the_account_is_what_the_postings_add_up_to(life):
    owed, held, ahead = defaultdict(int), defaultdict(int), defaultdict(int)
    for posting in life.postings:
        cents = posting.amount.cents
        if posting.place is Place.OWED:
            owed[posting.obligation_id, posting.month] += cents
        elif posting.place is Place.HELD and posting.hold_reason is HoldReason.FUTURE_SUPPORT:
            held[posting.receipt_id] += cents
        elif posting.place is Place.PREPAID:
            ahead[posting.receipt_id] -= cents
    account = life.account
    assert {(each.obligation_id, each.month): each.owed.cents for each in account.debts} == nonzero(owed)
    assert {each.receipt_id: each.amount.cents for each in account.held if not each.is_sent} == nonzero(held)
    assert {each.receipt_id: each.amount.cents for each in account.held if each.is_sent} == nonzero(ahead)


def nonzero(sums):
    return {key: cents for key, cents in sums.items() if cents}


@settings(max_examples=100, deadline=None)
@given(lives)
def test_nothing_is_set_aside_while_anything_is_owed(life):
    assert not (life.account.held and life.account.debts)


@settings(max_examples=100, deadline=None)
@given(lives, st.integers(-10, 6), st.integers(0, 14))
def test_a_statement_adds_up_and_joins_the_next_one(life, before, length):
    first = OPENED.plus(before)
    last = first.plus(length)
    charged = life.account.charged_through
    statement = statement_of(CASE, life.postings, first=first, last=last, charged_through=charged)
    owed = statement.owed_before
    for month in statement.months:
        owed = owed + month.charged - month.paid
        assert month.owed_at_end == owed >= Money.ZERO
        assert month.paid >= Money.ZERO
    assert statement.owed == owed
    after = last.plus(1)
    following = statement_of(CASE, life.postings, first=after, last=after, charged_through=charged)
    assert following.owed_before == owed
    first, last = Month(2020, 1), Month(2030, 1)
    everything = statement_of(CASE, life.postings, first=first, last=last, charged_through=charged)
    assert everything.owed == life.account.owed


@settings(max_examples=100, deadline=None)
@given(arrears, obligations, policies, amounts, st.data())
def test_a_payment_in_two_parts_on_one_day_ends_in_the_same_debts_as_in_one(
    owed, orders, policy, amount, data
):
    """To the cent for each month; between obligations of one month, rounding twice may move a cent a part."""
    life = Life(owed, orders, policy)
    life.charge(Month(2026, 3))
    first = Money.from_cents(data.draw(st.integers(0, amount.cents)))
    whole = paid(life.account, policy, amount)
    parts = paid(paid(life.account, policy, first), policy, amount - first)
    spread = policy.arrears_order is ArrearsOrder.PRO_RATA
    assert Money.total(each.amount for each in whole.held) == Money.total(each.amount for each in parts.held)
    assert whole.owed == parts.owed
    for month, cents in by_month(whole).items():
        assert abs(by_month(parts).get(month, 0) - cents) <= (2 if spread else 0)
    ours, theirs = by_debt(whole), by_debt(parts)
    assert all(abs(ours.get(debt, 0) - theirs.get(debt, 0)) <= 2 for debt in ours.keys() | theirs.keys())


def paid(account, policy, amount):
    if not amount:
        return account
    return distribute(
        account, amount, receipt_id=f"R{amount}", collected_on=date(2026, 3, 5), policy=policy
    ).account


def by_month(account):
    sums = defaultdict(int)
    for debt in account.debts:
        sums[debt.month] += debt.owed.cents
    return sums


def by_debt(account):
    return {(debt.obligation_id, debt.month): debt.owed.cents for debt in account.debts}


@settings(max_examples=100, deadline=None)
@given(arrears, obligations, policies, amounts, st.permutations(list(Bucket)[:2]))
def test_a_later_step_gets_something_only_when_every_earlier_bucket_is_empty(
    owed, orders, policy, amount, order
):
    by_bucket = {step.bucket: step for step in policy.steps}
    steps = tuple(by_bucket[bucket] for bucket in (*order, Bucket.FUTURE_SUPPORT))
    policy = attrs.evolve(policy, steps=steps)
    life = Life(owed, orders, policy)
    life.charge(Month(2026, 3))
    month = Month(2026, 2)  # so that March has fallen due since
    done = distribute(life.account, amount, receipt_id="R1", collected_on=month.first_day, policy=policy)
    buckets = {
        Bucket.CURRENT_SUPPORT: [debt for debt in done.account.debts if debt.month == month],
        Bucket.NEVER_ASSIGNED_ARREARS: [debt for debt in done.account.debts if debt.month < month],
    }
    reached = [step.bucket for step in steps if any(line.bucket is step.bucket for line in done.lines)]
    for bucket in reached:
        earlier = [step.bucket for step in steps][: [step.bucket for step in steps].index(bucket)]
        assert not any(buckets[each] for each in earlier)


@settings(max_examples=100, deadline=None)
@given(arrears, obligations, policies, amounts)
def test_oldest_first_leaves_no_open_month_before_a_paid_one(owed, orders, policy, amount):
    policy = attrs.evolve(policy, arrears_order=ArrearsOrder.OLDEST_FIRST)
    life = Life(owed, orders, policy)
    life.charge(Month(2026, 3))
    done = distribute(life.account, amount, receipt_id="R1", collected_on=date(2026, 3, 5), policy=policy)
    touched = [line.month for line in done.lines if line.bucket is Bucket.NEVER_ASSIGNED_ARREARS]
    still_open = [debt.month for debt in done.account.debts if debt.month < Month(2026, 3)]
    assert not touched or not still_open or max(touched) <= min(still_open)


def test_the_two_books_are_the_only_ones():
    assert {place.book for place in Place} == set(Book)
