"""Under which id a letter goes out: how often there is one about the same thing."""

from datetime import UTC, date, datetime

from dcss_core.letters.about import letter_about
from dcss_core.letters.carried import ChosenWithCode
from dcss_core.letters.letter import Occasion, Recurrence, each_time
from dcss_core.letters.letterhead import Letterhead
from dcss_core.users.account_control import AccountDisabled, ControlReason
from dcss_core.users.events import AccountLocked, AccountRegistered, PasswordChanged

HEAD = Letterhead("Division of Child Support", "1-844-694-2347")
DAY = date(2026, 1, 7)


def no_id() -> str:
    raise AssertionError("no id is needed")


def message_id(event, carried=None, *, today=DAY, new_id=no_id):
    letter = letter_about(event, HEAD, carried)
    assert letter is not None
    return letter.occasion.message_id("a-1", today=today, new_id=new_id)


def test_a_lock_is_told_once_a_day():
    locked = AccountLocked("a-1", datetime(2026, 1, 7, 15, tzinfo=UTC))
    assert message_id(locked) == "account/a-1/locked/2026-01-07"
    assert message_id(locked, today=date(2026, 1, 8)) == "account/a-1/locked/2026-01-08"


def test_a_registration_is_told_once():
    assert message_id(AccountRegistered("a-1", "p-1")) == "account/a-1/registered"


def test_each_password_is_told_once_by_its_number():
    assert message_id(PasswordChanged("a-1", 3)) == "account/a-1/password-changed/3"
    assert message_id(PasswordChanged("a-1", 4), ChosenWithCode()) == "account/a-1/password-recovered/4"


def test_an_act_of_staff_is_told_each_time():
    disabled = AccountDisabled("a-1", ControlReason.OWNER_ASKED)
    ids = [message_id(disabled, new_id=lambda number=number: f"n-{number}") for number in (1, 2)]
    assert ids == ["account/a-1/user_disabled/n-1", "account/a-1/user_disabled/n-2"]


def test_what_is_told_once_a_day_may_be_told_already_and_nothing_else():
    told = {each: Occasion("something", each).may_be_told_already for each in Recurrence}
    assert told == {Recurrence.ONCE: False, Recurrence.ONCE_A_DAY: True, Recurrence.EACH_TIME: False}
    assert each_time("something") == Occasion("something", Recurrence.EACH_TIME)
