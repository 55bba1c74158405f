from datetime import timedelta

import attrs
import pytest

from dcss_core.base.secret import Secret
from dcss_core.users.account import AccountKind, AccountState
from dcss_core.users.events import ResetRefusal
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.passwords.password import Password
from dcss_core.users.recovery.answers import Answer, answers_secret
from dcss_core.users.recovery.by_questions import ResetConfirmed, ResetRefused, decide_reset
from dcss_core.users.recovery.policy import RecoveryMethod
from dcss_core.users.recovery.throttle import ParticularsThrottle
from dcss_core.users.sign_in.session import SessionFault, open_session, session_fault
from dcss_core.users.sign_in.sign_in import SignInRefused, SignInRequest, decide_sign_in

ASSIGNED = Password("abcd-efgh-ijkm-npqr-stuv")
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def reset(recovery, now):
    def attempt(account, throttle=None, *, match, at=now, address=True, policy=recovery, throttled=False):
        return decide_reset(
            account,
            throttle or ParticularsThrottle("index-1"),
            answers_match=match,
            has_address=address,
            assigned=ASSIGNED,
            assigned_hash=PasswordHash("$assigned"),
            policy=policy,
            history=3,
            now=at,
            is_throttled=throttled,
        )

    return attempt


def failing(reset, account, *instants):
    throttle = ParticularsThrottle("index-1")
    for instant in instants:
        throttle = reset(account, throttle, match=False, at=instant).throttle
    return throttle


def test_s23_the_right_answers_confirm_only_that_the_password_was_reset(reset, account, now):
    decision = reset(account, match=True)
    assert decision.outcome == ResetConfirmed()
    assert decision.outcome.sentence == "Your password has been reset."
    assert decision.notice.password == ASSIGNED
    assert decision.notice.good_until == now + timedelta(hours=24)
    assert [event.kind for event in decision.events] == ["authn_password_reset"]


def test_s23_each_failure_is_the_same_to_the_public_and_different_in_the_audit(reset, account, recovery, now):
    off = attrs.evolve(recovery, methods=(RecoveryMethod.ISSUED_CODE,))
    closed = ParticularsThrottle("index-1", (), now)
    cases = {
        ResetRefusal.NOT_OFFERED: reset(account, match=True, policy=off),
        ResetRefusal.SOURCE_THROTTLED: reset(account, match=True, throttled=True),
        ResetRefusal.CLOSED: reset(account, closed, match=True),
        ResetRefusal.UNKNOWN_PERSON: reset(None, match=False),
        ResetRefusal.WRONG_ANSWERS: reset(account, match=False),
        ResetRefusal.ACCOUNT_NOT_ACTIVE: reset(
            attrs.evolve(account, state=AccountState.DISABLED), match=True
        ),
        ResetRefusal.NO_ADDRESS: reset(account, match=True, address=False),
    }
    assert set(cases) == set(ResetRefusal)
    for reason, decision in cases.items():
        assert decision.outcome == ResetRefused(), reason
        assert decision.notice is None
        assert decision.events[0].reason is reason
        assert decision.account is None or decision.account.credential_version == 1


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("Joan O'Neil-Park", ("shakshuka", "red scooter", "Momo")),
        ("Jane O'Neil-Park", ("shakshuka!", "red scooter", "Momo")),
        ("Jane O'Neil-Park", ("shakshuka", "", "Momo")),
        ("Jane O'Neil-Park", ("red scooter", "shakshuka", "Momo")),
    ],
)
def test_s23_any_one_wrong_field_fails_with_the_one_message(reset, account, hasher, name, texts):
    def combined(full_name, given):
        ids = ("dish", "gift", "story")
        return answers_secret(
            full_name, [Answer(each, Secret(text)) for each, text in zip(ids, given, strict=True)]
        )

    enrolled = hasher.hash(combined("Jane O'Neil-Park", ("shakshuka", "red scooter", "Momo")), salt=bytes(16))
    right = hasher.verify(combined("JANE Q ONEIL PARK", ("Shakshuka", "red  scooter", "momo ")), enrolled)
    assert reset(account, match=right).outcome == ResetConfirmed()
    wrong = hasher.verify(combined(name, texts), enrolled)
    assert reset(account, match=wrong).outcome == ResetRefused()


def test_s23_the_fifth_failure_closes_recovery_until_staff_act(reset, account, now):
    four = failing(reset, account, *[now] * 4)
    assert four.closed_at is None
    fifth = reset(account, four, match=False)
    assert fifth.throttle.closed_at == now
    assert [event.kind for event in fifth.events] == [
        "authn_password_reset_fail",
        "excess_rate_limit_exceeded",
    ]
    years_later = reset(account, fifth.throttle, match=True, at=now + timedelta(days=999))
    assert years_later.outcome == ResetRefused()


def test_s23_failures_for_a_number_nobody_has_close_recovery_just_the_same(reset, account, now):
    assert failing(reset, None, *[now] * 5) == failing(reset, account, *[now] * 5)


@pytest.mark.parametrize(("later", "closes"), [(-MICROSECOND, True), (0 * MICROSECOND, False)])
def test_a_failure_counts_for_less_than_24_hours(reset, account, now, later, closes):
    day = now + timedelta(hours=24) + later
    throttle = failing(reset, account, now, *[now + timedelta(hours=1)] * 3, day)
    assert (throttle.closed_at is not None) is closes


def test_failures_while_closed_change_nothing(reset, account, now):
    closed = failing(reset, account, *[now] * 5)
    assert reset(account, closed, match=False, at=now + timedelta(days=1)).throttle == closed


def test_success_sets_the_failures_of_recovery_back(reset, account, now):
    four = failing(reset, account, *[now] * 4)
    assert reset(account, four, match=True).throttle.failures == ()


def test_failed_resets_do_not_touch_sign_in(reset, account):
    assert reset(account, match=False).account == account


def test_s24_the_old_password_stops_working_at_once_and_all_sessions_end(
    reset, account, sessions, token, now
):
    session, _ = open_session(account, token, sessions, now)
    renewed = reset(account, match=True).account
    assert renewed.password_hash == PasswordHash("$assigned")
    assert renewed.earlier_hashes[0] == account.password_hash
    assert session_fault(session, renewed, now) is SessionFault.SUPERSEDED


def test_s24_the_assigned_password_signs_in_once_and_expires(reset, account, sessions, lockout, token, now):
    renewed = reset(account, match=True).account

    def sign_in(tried, at):
        return decide_sign_in(
            tried,
            SignInRequest(token),
            password_matches=True,
            lockout=lockout,
            sessions=sessions,
            now=at,
        )

    first = sign_in(renewed, now + timedelta(hours=24) - MICROSECOND)
    assert first.session is not None
    assert sign_in(first.account, now + timedelta(hours=1)).outcome == SignInRefused()
    assert sign_in(renewed, now + timedelta(hours=24)).outcome == SignInRefused()


def test_a_reset_never_ends_a_lock(reset, account, lockout, sessions, token, now):
    locked = attrs.evolve(
        account, locked_until=now + timedelta(minutes=15), failed_sign_ins=(now,), consecutive_failures=3
    )
    renewed = reset(locked, match=True).account
    assert renewed.locked_until == locked.locked_until
    assert renewed.failed_sign_ins == locked.failed_sign_ins
    tried = decide_sign_in(
        renewed,
        SignInRequest(token),
        password_matches=True,
        lockout=lockout,
        sessions=sessions,
        now=now,
    )
    assert tried.outcome == SignInRefused()


def test_a_reset_binds_a_new_password_where_too_many_failures_disabled_the_old_one(reset, account, lockout):
    disabled = attrs.evolve(account, consecutive_failures=100)
    assert not lockout.has_disabled(reset(disabled, match=True).account)


def test_an_account_that_belongs_to_no_person_is_not_reset_by_questions(reset, account):
    shared = attrs.evolve(account, kind=AccountKind.SHARED, person_id=None)
    assert reset(shared, match=True).outcome == ResetRefused()


def test_the_history_keeps_as_many_passwords_as_the_policy_says(reset, account):
    earlier = tuple(PasswordHash(f"${number}") for number in range(3))
    renewed = reset(attrs.evolve(account, earlier_hashes=earlier), match=True).account
    assert renewed.earlier_hashes == (account.password_hash, *earlier[:2])


def test_an_attempt_from_a_throttled_source_counts_for_no_number(reset, account):
    assert reset(account, match=False, throttled=True).throttle == ParticularsThrottle("index-1")
