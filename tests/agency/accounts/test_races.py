"""The verdict of the slow hash counts only for the password it was given for.

The hash runs outside the writing transaction, so anything can happen meanwhile. Here it does: a hasher
that lets something happen in the middle of a verification.
"""

from datetime import UTC, datetime

import pytest

from dcss_core import Secret
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.errors import NotPermittedError
from dcss_core.testing import FakeHasher, FrozenClock
from dcss_core.users import PasswordChangeAccepted, Registered, ResetRefused, SignedIn, SignInRefused
from dcss_core.users.recovery.answers_change import AnswersChangeAccepted
from dcss_core.users.sign_in.sign_in import SecondFactorDue

from .authenticator_app import App

pytestmark = pytest.mark.on_every_storage

NEW = Secret("eleven copper kettles on a raft")


class InterruptedHasher(FakeHasher):
    """Does something else once, in the middle of its next verification."""

    meanwhile = None

    def verify(self, password, stored):
        matches = super().verify(password, stored)
        self._interrupt()
        return matches

    def spend(self, password):
        super().spend(password)
        self._interrupt()

    def _interrupt(self):
        meanwhile, self.meanwhile = self.meanwhile, None
        if meanwhile is not None:
            meanwhile()


@pytest.fixture
def hasher():
    return InterruptedHasher()


def test_a_password_reset_during_a_sign_in_is_not_let_in_with_the_old_one(
    agency, janes_account, jane, hasher, reset
):
    hasher.meanwhile = lambda: reset(agency, jane)
    assert (
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
        == SignInRefused()
    )


def test_an_account_made_during_a_sign_in_is_not_let_into_unverified(
    agency, opened_case, jane, hasher, form_of
):
    def meanwhile():
        assert isinstance(agency.accounts.register(form_of(agency, jane)), Registered)

    hasher.meanwhile = meanwhile
    assert (
        agency.accounts.sign_in(jane.user_id, Secret("any password"), banner=agency.accounts.banner().version)
        == SignInRefused()
    )


def test_a_password_changed_during_a_change_is_not_changed_back(agency, janes_account, jane, hasher, sign_in):
    first, second = sign_in(agency, jane), sign_in(agency, jane)

    def meanwhile():
        changed = agency.credentials.change_password(second, current=jane.password, new=NEW)
        assert isinstance(changed, PasswordChangeAccepted)

    hasher.meanwhile = meanwhile
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.credentials.change_password(first, current=jane.password, new=Secret("a thief's own password"))
    sign_in(agency, jane, NEW)


def test_answers_changed_during_a_reset_no_longer_open_it(
    agency, janes_account, jane, hasher, sign_in, reset
):
    token = sign_in(agency, jane)
    others = jane.answers(agency.accounts.policies().questions.catalogue[5:8])

    def meanwhile():
        changed = agency.credentials.change_answers(token, password=jane.password, answers=others)
        assert changed == AnswersChangeAccepted()

    hasher.meanwhile = meanwhile
    assert reset(agency, jane) == ResetRefused()
    sign_in(agency, jane)


def test_a_password_changed_during_a_change_of_answers_stops_it(
    agency, janes_account, jane, hasher, sign_in, reset
):
    token = sign_in(agency, jane)
    before = agency.recovery.questions(jane.ssn)
    others = jane.answers(agency.accounts.policies().questions.catalogue[5:8])
    hasher.meanwhile = lambda: reset(agency, jane)
    with pytest.raises(NotPermittedError, match="sign in again"):
        agency.credentials.change_answers(token, password=jane.password, answers=others)
    assert agency.recovery.questions(jane.ssn) == before


def test_a_second_factor_set_up_during_a_sign_in_is_asked_for(
    agency, janes_account, jane, hasher, sign_in, clock
):
    def meanwhile():
        token = sign_in(agency, jane)
        begun = agency.second_factors.begin(token, jane.password)
        agency.second_factors.confirm(token, App(begun, clock).code())

    hasher.meanwhile = meanwhile
    outcome = agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    assert isinstance(outcome, SecondFactorDue)


def test_an_address_that_was_closed_during_a_sign_in_lets_nobody_in(
    agency, janes_account, jane, hasher, attempt
):
    def meanwhile():
        for number in range(100):  # more than an address may fail with
            attempt(agency, f"nobody-{number}", NEW, source="203.0.113.7")

    hasher.meanwhile = meanwhile
    assert attempt(agency, jane.user_id, jane.password, source="203.0.113.7") == SignInRefused()
    assert isinstance(attempt(agency, jane.user_id, jane.password, source="203.0.113.8"), SignedIn)


def test_two_sign_ins_at_once_are_both_let_in_though_each_makes_the_hash_anew(
    opener, sqlite_url, case_application, intake, jane, register, sign_in
):
    first = opener(sqlite_url)
    first.cases.open(case_application, by=intake)
    register(first, jane)
    interrupted = InterruptedHasher(pepper_id="k2")
    second = opener(sqlite_url, hasher=interrupted)
    tokens = []
    interrupted.meanwhile = lambda: tokens.append(sign_in(second, jane))
    tokens.append(sign_in(second, jane))
    assert [second.accounts.display_name(token) for token in tokens] == ["Jane Roe", "Jane Roe"]


class TickingClock(FrozenClock):
    """Moves on by a microsecond each time it is read, once it runs."""

    runs = False

    def now(self):
        if self.runs:
            self.move(microseconds=1)
        return self.instant


@pytest.mark.parametrize("microseconds", range(1, 9))
def test_a_lock_that_ends_during_a_sign_in_lets_nobody_in_whose_password_was_not_judged(
    opener, case_application, intake, jane, register, attempt, microseconds
):
    clock = TickingClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC))
    agency = opener("memory:", clock=clock)
    agency.cases.open(case_application, by=intake)
    account_id = register(agency, jane)
    for _ in range(3):
        attempt(agency, jane.user_id, NEW)
    clock.move(minutes=15)
    clock.move(microseconds=-microseconds)
    clock.runs = True
    outcome = attempt(agency, jane.user_id, jane.password)
    kept = agency.accounts._resources.read(lambda work: work.get(ACCOUNTS, account_id))
    assert isinstance(outcome, SignedIn) is (kept.record.judged_under is not None)
