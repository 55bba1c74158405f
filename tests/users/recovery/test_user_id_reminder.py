from datetime import timedelta

import attrs
import pytest

from dcss_core.users.account import AccountState
from dcss_core.users.recovery.events import ReminderRefusal
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.recovery.user_id_reminder import ReminderSubject, decide_user_id_reminder

OPEN = ParticularsThrottle("index-1")


@pytest.fixture
def subject(account, participant):
    return ReminderSubject(participant, account, RecoveryLetters("user_id/a-1"), has_address=True)


@pytest.fixture
def remind(recovery, now, subject):
    def reminded(subject=subject, throttle=OPEN, *, name="Jane O'Neil-Park", throttled=False, can_write=True):
        return decide_user_id_reminder(
            subject,
            throttle,
            full_name=name,
            is_throttled=throttled,
            can_write=can_write,
            policy=recovery,
            now=now,
        )

    return reminded


def test_the_right_particulars_send_the_user_id(remind, now):
    decision = remind(name="JANE Q ONEIL PARK")
    assert decision.letters.sent == (now,)
    assert [event.kind for event in decision.events] == ["user_id_sent"]
    assert decision.throttle == OPEN


def test_each_reason_against_sending_is_found_and_only_wrong_particulars_count(remind, subject, account, now):
    full = RecoveryLetters("user_id/a-1", (now,) * 5)
    disabled = attrs.evolve(account, state=AccountState.DISABLED)
    cases = {
        ReminderRefusal.SOURCE_THROTTLED: remind(throttled=True, name="wrong"),
        ReminderRefusal.CLOSED: remind(throttle=ParticularsThrottle("index-1", (), now)),
        ReminderRefusal.UNKNOWN_PERSON: remind(ReminderSubject()),
        ReminderRefusal.WRONG_NAME: remind(name="Joan O'Neil-Park"),
        ReminderRefusal.NO_ACCOUNT: remind(attrs.evolve(subject, account=None, letters=None)),
        ReminderRefusal.ACCOUNT_NOT_ACTIVE: remind(attrs.evolve(subject, account=disabled)),
        ReminderRefusal.NO_ADDRESS: remind(attrs.evolve(subject, has_address=False)),
        ReminderRefusal.TOO_MANY_LETTERS: remind(attrs.evolve(subject, letters=full)),
        ReminderRefusal.LETTER_NOT_WRITTEN: remind(can_write=False),
    }
    assert set(cases) == set(ReminderRefusal)
    counted = set()
    for reason, decision in cases.items():
        assert decision.letters is None
        assert decision.events[0].reason is reason
        if decision.throttle.failures:
            counted.add(reason)
    assert counted == {ReminderRefusal.UNKNOWN_PERSON, ReminderRefusal.WRONG_NAME}


def test_a_name_that_is_far_too_long_is_wrong(remind):
    assert remind(name="Jane O'Neil-Park" + " " * 400).events[0].reason is ReminderRefusal.WRONG_NAME


def test_the_fifth_wrong_name_closes_recovery_for_the_number(remind, now):
    throttle = OPEN
    for _ in range(5):
        decision = remind(throttle=throttle, name="Joan Roe")
        throttle = decision.throttle
    assert throttle.closed_at == now
    assert [event.kind for event in decision.events] == ["user_id_not_sent", "excess_rate_limit_exceeded"]
    assert remind(throttle=throttle).events[0].reason is ReminderRefusal.CLOSED


def test_letters_are_bounded_within_the_window_only(recovery, now):
    letters = RecoveryLetters("user_id/a-1")
    for _ in range(5):
        assert letters.may_send(recovery, now)
        letters = letters.after_letter(recovery, now)
    assert not letters.may_send(recovery, now + timedelta(minutes=60) - timedelta(microseconds=1))
    assert letters.may_send(recovery, now + timedelta(minutes=60))
