"""Whatever comes in whatever order, over the verbs: money and debts stay what plain arithmetic says."""

from datetime import UTC, date, datetime

import attrs
from hypothesis import settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from dcss_core import Actor, CaseNumber, KeyRing, Money, Month, Secret, open_agency
from dcss_core.cases import CaseApplication, NewObligation, NewParticipant, OpeningArrears, PersonName, Role
from dcss_core.payments.ledger.ledger import Place
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher, FrozenClock

CASES = ("0000000001", "0000000002")
NOBODYS = "0009999999"
MONTHLY = {"0000000001": 20_000, "0000000002": 3_333}
ARREARS_CENTS = 5_000


class Life(RuleBasedStateMachine):
    """Two cases of one agency in memory; what should be in the books is kept as plain numbers beside it."""

    # given by the test, since hypothesis makes the machine
    file_of = None
    sent = None
    clerk_of = None

    def __init__(self):
        super().__init__()
        self.clock = FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC))
        self.agency = open_agency(
            "memory:",
            jurisdiction="US-GA",
            keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
            clock=self.clock,
            hasher=FakeHasher(),
        )
        self.clerk = self.clerk_of(self.agency)
        self.files, self.waiting, self.explained = [], [], []
        self.credited = dict.fromkeys(CASES, 0)  # cents received toward each case
        self.unidentified = 0
        self.traces = 0

    @initialize()
    def open_the_cases(self):
        for number in CASES:
            self.agency.cases.open(application(number), by=self.clerk)

    @rule(
        parts=st.lists(
            st.tuples(st.sampled_from((*CASES, NOBODYS)), st.integers(1, 60_000)), min_size=1, max_size=4
        ),
        at_once=st.integers(1, 4),
    )
    def an_employer_pays(self, parts, at_once):
        entries = []
        for number, cents in parts:
            self.traces += 1
            trace = f"12104288{self.traces:07d}"
            entries.append(self.sent(str(Money.from_cents(cents)), case=number, trace=trace))
            if number == NOBODYS:
                self.unidentified += cents
            else:
                self.credited[number] += cents
        self.files.append(self.file_of(*entries))
        self.take(self.files[-1], at_once)

    @rule(data=st.data())
    def a_file_comes_again(self, data):
        if self.files:
            assert self.agency.payments.receive(
                data.draw(st.sampled_from(self.files)), by=Actor.system("remittance")
            ).already_received

    @rule(data=st.data(), number=st.sampled_from(CASES))
    def a_clerk_finds_the_case(self, data, number):
        if self.waiting:
            place = data.draw(st.integers(0, len(self.waiting) - 1))
            receipt = self.waiting.pop(place)
            self.agency.payments.identify(receipt.receipt_id, CaseNumber(number), by=self.clerk)
            self.unidentified -= receipt.amount.cents
            self.credited[number] += receipt.amount.cents
            self.explained.append(receipt)

    @rule(days=st.integers(1, 45))
    def time_passes(self, days):
        self.clock.move(days=days)

    @rule()
    def the_month_is_charged(self):
        today = self.clock.instant  # in the afternoon, so the same day in Atlanta
        self.agency.payments.charge(Month(today.year, today.month), by=Actor.system("charging"))
        balances = self.balances()
        months = month_number(self.clock.instant) - month_number(datetime(2026, 1, 1)) + 1
        due = {number: ARREARS_CENTS + months * MONTHLY[number] for number in CASES}
        paid = {number: min(due[number], self.credited[number]) for number in CASES}
        ahead = sum(self.credited[number] - paid[number] for number in CASES)
        assert balances[Place.OWED] == sum(due.values()) - sum(paid.values())
        assert balances[Place.PAYABLE] == sum(paid.values())
        assert balances[Place.HELD] == ahead + self.unidentified

    def teardown(self):
        if self.agency.cases.find(CaseNumber(CASES[1]), by=self.clerk):
            self.the_month_is_charged()
            verification = self.agency.payments.verify(by=Actor.system("audit"))
            assert verification.is_sound, str(verification)
        self.agency.close()

    def balances(self):
        return {
            place: amount.cents
            for place, amount in self.agency.payments.balances(by=Actor.system("reconciliation")).items()
        }

    def take(self, content, at_once):
        batch = self.agency.payments.receive(
            content, by=Actor.system("remittance"), entries_at_once=at_once, pause_seconds=0
        )
        for receipt in batch.receipts:
            (self.waiting if receipt.hold_reason else self.explained).append(receipt)

    @invariant()
    def every_cent_received_is_in_one_place(self):
        balances = self.balances()
        assert sum(balances.values()) == 0
        assert balances[Place.UNDISTRIBUTED] == 0
        assert balances[Place.PAYABLE] == balances[Place.SATISFIED]
        received = self.unidentified + sum(self.credited.values())
        assert balances[Place.HELD] + balances[Place.PAYABLE] == received == -balances[Place.COLLECTED]

    @invariant()
    def every_receipt_is_explained_to_the_cent(self):
        for receipt in self.explained[-2:]:
            told = self.agency.payments.explain(receipt, by=self.clerk)
            assert sum(line.amount.cents for line in told.at_receipt) == receipt.amount.cents

    @invariant()
    def what_waits_is_what_has_no_case(self):
        assert {each.receipt.receipt_id for each in self.agency.payments.held(by=self.clerk)} == {
            each.receipt_id for each in self.waiting
        }


def month_number(instant):
    return instant.year * 12 + instant.month


def application(number):
    person = NewParticipant(Role.NONCUSTODIAL_PARENT, PersonName("Al", "Hill"), date(1988, 7, 1))
    return CaseApplication(
        case_number=CaseNumber(number),
        opened_on=date(2026, 1, 2),
        participants=(
            person,
            attrs.evolve(person, role=Role.CUSTODIAL_PARENT),
            attrs.evolve(person, role=Role.CHILD, birth_date=date(2018, 5, 4)),
        ),
        order_issued_on=date(2024, 3, 1),
        issuing_state="13",
        obligations=(NewObligation(Money.from_cents(MONTHLY[number]), begins=date(2024, 4, 1)),),
        arrears=(OpeningArrears(Month(2025, 11), Money.from_cents(ARREARS_CENTS)),),
    )


def test_s36_whatever_comes_the_books_are_what_arithmetic_says(file_of, sent, clerk_of):
    Life.file_of, Life.sent, Life.clerk_of = staticmethod(file_of), sent, staticmethod(clerk_of)
    run_state_machine_as_test(Life, settings=settings(max_examples=60, stateful_step_count=25, deadline=None))
