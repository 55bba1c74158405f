from datetime import timedelta

import attrs
import pytest

from dcss_core.users.account import AccountState
from dcss_core.users.recovery.events import ReminderRefusal, UserIdAskedFor, UserIdNotSent, UserIdSent
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.recovery.user_id_reminder import decide_user_id_letter, decide_user_id_request

OPEN = ParticularsThrottle("index-1")
NO_LETTERS = RecoveryLetters("user_id/a-1")


@pytest.fixture
def ask(recovery, now, participant, account):
    def asked(participant=participant, account=account, throttle=OPEN, *, name="Jane O'Neil-Park"):
        return decide_user_id_request(
            participant, account, throttle, full_name=name, policy=recovery, now=now
        )

    return asked


@pytest.fixture
def send(recovery, now, account):
    def sent(account=account, letters=NO_LETTERS, *, has_address=True):
        return decide_user_id_letter(account, letters, has_address=has_address, policy=recovery, now=now)

    return sent


def test_the_right_particulars_make_the_user_id_owed_and_then_sent(ask, send, now):
    decision = ask(name="JANE Q ONEIL PARK")
    assert decision.is_owed
    assert [event.kind for event in decision.events] == ["user_id_requested"]
    assert decision.throttle == OPEN
    letter = send()
    assert letter.letters.sent == (now,)
    assert letter.event.kind == "user_id_sent"


def test_each_reason_against_a_request_is_found_and_only_wrong_particulars_count(ask, now):
    cases = {
        ReminderRefusal.CLOSED: ask(throttle=ParticularsThrottle("index-1", (), now)),
        ReminderRefusal.UNKNOWN_PERSON: ask(None, None),
        ReminderRefusal.WRONG_NAME: ask(name="Joan O'Neil-Park"),
    }
    for reason, decision in cases.items():
        assert not decision.is_owed
        assert decision.events[0].reason is reason
    counted = {reason for reason, decision in cases.items() if decision.throttle.failures}
    assert counted == {ReminderRefusal.UNKNOWN_PERSON, ReminderRefusal.WRONG_NAME}


def test_a_request_is_recorded_as_about_the_account_whatever_stood_against_it(ask, send, now):
    closed = ParticularsThrottle("index-1", (), now)
    assert ask(throttle=closed).events == (UserIdNotSent("a-1", ReminderRefusal.CLOSED),)
    assert ask(None, None, closed).events == (UserIdNotSent(None, ReminderRefusal.CLOSED),)
    assert ask(name="Joan Roe").events == (UserIdNotSent("a-1", ReminderRefusal.WRONG_NAME),)
    assert ask().events == (UserIdAskedFor("a-1"),)
    assert send().event == UserIdSent("a-1")
    assert send(has_address=False).event == UserIdNotSent("a-1", ReminderRefusal.NO_ADDRESS)


def test_each_reason_against_the_letter_is_found(send, account, now):
    full = RecoveryLetters("user_id/a-1", (now,) * 5)
    cases = {
        ReminderRefusal.NO_ACCOUNT: send(None),
        ReminderRefusal.ACCOUNT_NOT_ACTIVE: send(attrs.evolve(account, state=AccountState.DISABLED)),
        ReminderRefusal.NO_ADDRESS: send(has_address=False),
        ReminderRefusal.TOO_MANY_LETTERS: send(letters=full),
    }
    for reason, decision in cases.items():
        assert decision.letters is None
        assert decision.event.reason is reason


def test_a_name_that_is_far_too_long_is_wrong(ask):
    assert ask(name="Jane O'Neil-Park" + " " * 400).events[0].reason is ReminderRefusal.WRONG_NAME


def test_the_fifth_wrong_name_closes_recovery_for_the_number(ask, now):
    throttle = OPEN
    for _ in range(5):
        decision = ask(throttle=throttle, name="Joan Roe")
        throttle = decision.throttle
    assert throttle.closed_at == now
    assert [event.kind for event in decision.events] == ["user_id_not_sent", "excess_rate_limit_exceeded"]
    assert ask(throttle=throttle).events[0].reason is ReminderRefusal.CLOSED


def test_letters_are_forgotten_once_the_last_is_as_old_as_the_window(recovery, now):
    letters = RecoveryLetters("user_id/a-1", (now - timedelta(minutes=59), now))
    assert not letters.is_forgotten(recovery, now + timedelta(minutes=60) - timedelta(microseconds=1))
    assert letters.is_forgotten(recovery, now + timedelta(minutes=60))
    assert NO_LETTERS.is_forgotten(recovery, now)


def test_letters_are_bounded_within_the_window_only(recovery, now):
    letters = RecoveryLetters("user_id/a-1")
    for _ in range(5):
        assert letters.may_send(recovery, now)
        letters = letters.after_letter(recovery, now)
    assert not letters.may_send(recovery, now + timedelta(minutes=60) - timedelta(microseconds=1))
    assert letters.may_send(recovery, now + timedelta(minutes=60))
