"""A clock that was ahead, and is right again: what it set in motion keeps nobody out and nothing waiting."""

import pytest

from dcss_core import Actor, Secret
from dcss_core.plugins import DeliveryFailed
from dcss_core.users import AccountStatus, SignedIn, SignInRefused
from dcss_core.users.staff.member import StaffRole

WRONG = Secret("a wrong password for anybody")
HOME = "203.0.113.9"
DOWN = DeliveryFailed("the server is down", retryable=True)
DISPATCHER = Actor.system("dispatch")

pytestmark = pytest.mark.on_every_storage


@pytest.fixture
def ahead(clock):
    """Sets the clock ahead, gives what is done by it, and sets it back."""

    def done(act, **by):
        clock.move(**by)
        result = act()
        clock.move(**{unit: -count for unit, count in by.items()})
        return result

    return done


@pytest.mark.parametrize("days", [2, 31, 366])
def test_a_lock_of_a_clock_ahead_is_none(agency, janes_account, jane, attempt, ahead, desk, days):
    def locked():
        for _ in range(3):
            attempt(agency, jane.user_id, WRONG)
        return agency.oversight.status(janes_account, by=desk).locked_until

    assert ahead(locked, days=days) is not None
    assert agency.oversight.status(janes_account, by=desk).locked_until is None
    assert agency.oversight.locked(by=desk) == ()
    assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)


@pytest.mark.parametrize("hours", [1, 23])
def test_a_lock_of_a_clock_that_is_set_back_by_hours_does_not_end_early(
    agency, janes_account, jane, attempt, ahead, hours
):
    ahead(lambda: [attempt(agency, jane.user_id, WRONG) for _ in range(3)], hours=hours)
    assert attempt(agency, jane.user_id, jane.password) == SignInRefused()


def test_what_locks_now_is_told_beside_what_a_clock_ahead_has_locked(
    agency, janes_account, jane, attempt, ahead, administrator, desk, staff
):
    ahead(lambda: [attempt(agency, jane.user_id, WRONG) for _ in range(3)], days=366)
    other = staff(StaffRole.HELP_DESK, user_id="another-worker")
    for _ in range(3):
        attempt(agency, "another-worker", WRONG)
    locked = agency.oversight.locked(by=desk)
    assert [each.account_id for each in locked if isinstance(each, AccountStatus)] == [other.actor_id]


def test_failures_of_a_clock_ahead_count_no_more(agency, janes_account, jane, attempt, ahead):
    ahead(lambda: [attempt(agency, jane.user_id, WRONG) for _ in range(2)], days=366)
    attempt(agency, jane.user_id, WRONG)
    assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)


def test_a_source_that_a_clock_ahead_has_closed_is_open(agency, janes_account, jane, attempt, ahead):
    def closed():
        for number in range(51):
            attempt(agency, f"nobody-{number}", WRONG, source=HOME)
        return attempt(agency, jane.user_id, jane.password, source=HOME)

    assert ahead(closed, days=366) == SignInRefused()
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=HOME), SignedIn)


def test_a_session_of_a_clock_ahead_is_over(agency, janes_account, jane, sign_in, ahead):
    token = ahead(lambda: sign_in(agency, jane), days=366)
    with pytest.raises(Exception, match="sign in again"):
        agency.sessions.own(token)


def test_a_letter_of_a_clock_ahead_is_sent_at_once(agency, opened_case, jane, register, ahead, mail):
    ahead(lambda: register(agency, jane), days=366)
    agency.outbox.dispatch(by=DISPATCHER)
    assert agency.outbox.pending(by=DISPATCHER) == 0
    assert mail.delivered


@pytest.mark.parametrize("failures", [1, 6])
def test_a_letter_that_failed_by_a_clock_ahead_is_tried_at_once(
    agency, opened_case, jane, register, ahead, mail, clock, failures
):
    agency.outbox.dispatch(by=DISPATCHER)

    def failed():
        register(agency, jane)
        for _ in range(failures):
            mail.script = [DOWN]
            agency.outbox.dispatch(by=DISPATCHER)
            clock.move(days=2)
        clock.move(days=-2 * failures)

    ahead(failed, days=366)
    before = len(mail.delivered)
    agency.outbox.dispatch(by=DISPATCHER)
    assert len(mail.delivered) == before + 1


def test_a_letter_that_waits_for_its_next_attempt_goes_on_waiting(
    agency, opened_case, jane, register, mail, clock
):
    register(agency, jane)
    mail.script = [DOWN]
    agency.outbox.dispatch(by=DISPATCHER)
    assert agency.outbox.dispatch(by=DISPATCHER).delivered == 0
    assert agency.outbox.pending(by=DISPATCHER) == 1


def test_a_password_that_a_clock_ahead_has_assigned_is_good_no_longer(
    agency, administrator, staff, ahead, attempt, mail
):
    def assigned():
        staff(StaffRole.HELP_DESK, user_id="new-worker")
        agency.outbox.dispatch(by=DISPATCHER)

    ahead(assigned, days=366)
    password = mail.appointed_password("new-worker")
    assert attempt(agency, "new-worker", password) == SignInRefused()


def test_a_checkpoint_is_due_though_the_first_unsigned_entry_is_of_a_clock_ahead(
    opener, outside, storage_url, case_application, intake, clock
):
    sink = outside.sink()
    agency = opener(storage_url, checkpoint_sinks=["script:one"])
    clock.move(days=366)
    agency.cases.open(case_application, by=intake)
    clock.move(days=-366)
    agency.audit.publish_if_due(by=Actor.system("audit"))
    assert sink.kept
