"""What each step of a recovery says in the audit log, whole, and what it stores and sends."""

from datetime import timedelta

import attrs
import pytest

from dcss_core.base.people.contact_kind import ContactKind
from dcss_core.base.secret import Secret
from dcss_core.users.account_control import ControlReason
from dcss_core.users.events import PasswordChanged, PasswordReset, RecoveryClosed
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import PasswordFault, PasswordViolation
from dcss_core.users.passwords.weighed import WeighedPassword
from dcss_core.users.recovery.events import (
    CodeRefusal,
    CodeRequestRefusal,
    PasswordChoiceFailed,
    RecoveryCodeExhausted,
    RecoveryCodeIssued,
    RecoveryCodeNotIssued,
    RecoveryCodeUsed,
    ReminderRefusal,
    StaffResetApproved,
    StaffResetCancelled,
    StaffResetDeclined,
    StaffResetRequested,
    UserIdAskedFor,
    UserIdNotSent,
    UserIdSent,
)
from dcss_core.users.recovery.issued_code import CodeNotice, IssuedCode, decide_code_request
from dcss_core.users.recovery.letter_count import RecoveryLetters
from dcss_core.users.recovery.password_choice import decide_password_choice
from dcss_core.users.recovery.staff_reset import (
    StaffReset,
    StaffResetState,
    approve_reset,
    cancel_reset,
    decline_reset,
    request_reset,
)
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.recovery.user_id_reminder import decide_user_id_letter, decide_user_id_request

CODE = IssuedCode.from_bytes(bytes(range(28)))
ADDRESS = Secret("jane@example.com")
NEW_HASH = PasswordHash("$new")
TOO_SHORT = PasswordViolation(PasswordFault.TOO_SHORT, "Use at least 15 characters.")


@pytest.fixture
def request_code(recovery, now):
    def requested(account, address=ADDRESS):
        return decide_code_request(
            account,
            RecoveryLetters("code/a-1"),
            code=CODE,
            way=ContactKind.EMAIL,
            address=address,
            requested_at=now,
            policy=recovery,
            now=now,
        )

    return requested


@pytest.fixture
def choose(recovery, request_code, account, now):
    def chosen(refusal=None, violations=(), failures=0):
        return decide_password_choice(
            account,
            attrs.evolve(request_code(account).outstanding, failures=failures),
            refusal=refusal,
            new=WeighedPassword(violations, None if violations else NEW_HASH),
            policy=recovery,
            history=1,
            now=now,
        )

    return chosen


def test_a_code_is_recorded_counted_as_a_letter_and_sent_until_when_it_is_good(request_code, account, now):
    decision = request_code(account)
    good_until = now + timedelta(minutes=10)
    assert decision.event == RecoveryCodeIssued("a-1", good_until, ContactKind.EMAIL)
    assert decision.notice == CodeNotice(CODE, good_until)
    assert decision.letters == RecoveryLetters("code/a-1", (now,))


def test_a_code_that_was_not_issued_is_recorded_under_the_account_there_is(request_code, account):
    assert request_code(account, address=None).event == RecoveryCodeNotIssued(
        "a-1", CodeRequestRefusal.NO_ADDRESS
    )
    assert request_code(None).event == RecoveryCodeNotIssued(None, CodeRequestRefusal.UNKNOWN_USER)


def test_a_password_chosen_with_a_code_is_recorded_and_kept_with_its_instant_and_history(
    choose, account, now
):
    decision = choose()
    assert decision.events == (RecoveryCodeUsed("a-1"), PasswordChanged("a-1", 2))
    assert decision.account.password_set_at == now
    assert decision.account.earlier_hashes == (account.password_hash,)


def test_a_refused_choice_is_recorded_with_its_reason_and_leaves_the_account(choose, account):
    wrong, unfit = choose(CodeRefusal.WRONG_CODE), choose(violations=(TOO_SHORT,))
    assert wrong.events == (PasswordChoiceFailed("a-1", CodeRefusal.WRONG_CODE),)
    assert unfit.events == (PasswordChoiceFailed("a-1", CodeRefusal.AGAINST_POLICY),)
    assert wrong.account == unfit.account == account


def test_the_wrong_code_that_ends_a_code_is_recorded_with_the_count(choose):
    assert choose(CodeRefusal.WRONG_CODE, failures=99).events == (
        PasswordChoiceFailed("a-1", CodeRefusal.WRONG_CODE),
        RecoveryCodeExhausted("a-1", 100),
    )


def test_a_request_for_a_user_id_is_recorded_under_the_account_there_is(participant, account, recovery, now):
    def recorded(participant, account, name="Jane O'Neil-Park", failures=()):
        throttle = ParticularsThrottle("index-1", failures)
        return decide_user_id_request(
            participant, account, throttle, full_name=name, policy=recovery, now=now
        ).events

    assert recorded(participant, account) == (UserIdAskedFor("a-1"),)
    assert recorded(participant, account, "Joan Roe", (now,) * 4) == (
        UserIdNotSent("a-1", ReminderRefusal.WRONG_NAME),
        RecoveryClosed("a-1", 5),
    )
    assert recorded(None, None) == (UserIdNotSent(None, ReminderRefusal.UNKNOWN_PERSON),)


def test_a_user_id_that_is_sent_is_recorded_under_the_account(account, recovery, now):
    def recorded(account, has_address=True):
        letters = RecoveryLetters("user_id/a-1")
        decision = decide_user_id_letter(account, letters, has_address=has_address, policy=recovery, now=now)
        return decision.event

    assert recorded(account) == UserIdSent("a-1")
    assert recorded(account, has_address=False) == UserIdNotSent("a-1", ReminderRefusal.NO_ADDRESS)
    assert recorded(None) == UserIdNotSent(None, ReminderRefusal.NO_ACCOUNT)


def test_a_name_is_read_up_to_four_hundred_characters(participant, account, recovery, now):
    for length, is_owed in ((400, True), (401, False)):
        decision = decide_user_id_request(
            participant,
            account,
            ParticularsThrottle("index-1"),
            full_name="Jane O'Neil-Park".ljust(length),
            policy=recovery,
            now=now,
        )
        assert decision.is_owed is is_owed


# --- resets by staff --------------------------------------------------------------------------------------


@pytest.fixture
def asked(account, recovery, now):
    return request_reset(
        account, "r-1", by="asker", reason=ControlReason.OWNER_ASKED, policy=recovery, now=now
    )


def test_a_request_of_staff_is_stored_and_recorded_with_who_why_and_until_when(asked, now):
    until = now + timedelta(hours=24)
    reset, event = asked
    assert reset == StaffReset("r-1", "a-1", 1, "asker", ControlReason.OWNER_ASKED, now, until)
    assert event == StaffResetRequested("a-1", "r-1", ControlReason.OWNER_ASKED, until)


def test_each_decision_of_staff_is_stored_and_recorded_with_who_and_when(asked, now):
    reset, later = asked[0], now + timedelta(hours=1)
    declined, decline = decline_reset(reset, by="decider", reason=ControlReason.MADE_IN_ERROR, now=later)
    cancelled, cancel = cancel_reset(reset, by="asker", now=later)
    assert declined == attrs.evolve(
        reset, state=StaffResetState.DECLINED, decided_by="decider", decided_at=later
    )
    assert decline == StaffResetDeclined("a-1", "r-1", "asker", ControlReason.MADE_IN_ERROR)
    assert cancelled == attrs.evolve(
        reset, state=StaffResetState.CANCELLED, decided_by="asker", decided_at=later
    )
    assert cancel == StaffResetCancelled("a-1", "r-1", "asker")


def test_an_approval_is_recorded_and_the_password_kept_with_its_instant_and_history(
    asked, account, recovery, now
):
    approval = approve_reset(
        asked[0], account, by="approver", assigned_hash=NEW_HASH, policy=recovery, history=1, now=now
    )
    assert approval.events == (
        StaffResetApproved("a-1", "r-1", "asker"),
        PasswordReset("a-1", now + timedelta(hours=24)),
    )
    assert approval.account.password_set_at == now
    assert approval.account.earlier_hashes == (account.password_hash,)
