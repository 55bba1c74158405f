from datetime import UTC, datetime, timedelta

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dcss_core.errors import InvariantError, NotPermittedError, RulesError
from dcss_core.users.account import AccountKind, AccountState
from dcss_core.users.events import SessionEndReason
from dcss_core.users.session import (
    Session,
    SessionFault,
    SessionPolicy,
    SessionScope,
    SessionToken,
    end_session,
    open_session,
    session_fault,
    touch_session,
)

MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def session(account, token, sessions, now) -> Session:
    return open_session(account, token, sessions, now)[0]


def test_a_token_has_256_bits_is_safe_in_a_url_and_is_stored_only_as_its_hash(token, session):
    # SHA-256 of the URL-safe base64 of bytes 0..31, by `sha256sum`
    assert token.reveal() == "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
    assert session.session_id == token.session_id
    assert len(session.session_id) == 64
    assert token.reveal() not in repr(session)
    assert SessionToken(token.reveal()).session_id == token.session_id


def test_a_token_is_made_from_32_bytes_only():
    with pytest.raises(InvariantError):
        SessionToken.from_bytes(b"x" * 16)


def test_a_foreign_token_has_an_id_and_raises_nothing():
    assert SessionToken("\ud800").session_id != SessionToken("").session_id


def test_a_fresh_session_is_good(session, account, now):
    assert session_fault(session, account, now) is None


def test_idle_and_absolute_limits_end_a_session_at_their_instant(session, account, now):
    idle = now + timedelta(minutes=30)
    assert session_fault(session, account, idle - MICROSECOND) is None
    assert session_fault(session, account, idle) is SessionFault.IDLE
    busy = session
    for half_hours in range(1, 48):
        busy = touch_session(busy, now + timedelta(minutes=30 * half_hours) - MICROSECOND)
    end = now + timedelta(hours=24)
    assert session_fault(busy, account, end - 2 * MICROSECOND) is None
    assert session_fault(touch_session(busy, end - MICROSECOND), account, end) is SessionFault.EXPIRED


def test_a_changed_password_or_a_disabled_account_ends_every_session(session, account, now):
    changed = attrs.evolve(account, credential_version=2)
    assert session_fault(session, changed, now) is SessionFault.SUPERSEDED
    disabled = attrs.evolve(account, state=AccountState.DISABLED)
    assert session_fault(session, disabled, now) is SessionFault.ACCOUNT_NOT_ACTIVE


def test_ended_means_ended_and_ending_twice_changes_nothing(session, account, now):
    ended, events = end_session(session, now, reason=SessionEndReason.SIGNED_OUT)
    assert session_fault(ended, account, now) is SessionFault.ENDED
    assert [event.kind for event in events] == ["session_expired"]
    assert end_session(ended, now + MICROSECOND, reason=SessionEndReason.REPLACED) == (ended, ())


@given(steps=st.lists(st.integers(-7200, 1700), max_size=30))
def test_whatever_the_clock_does_a_session_never_outlives_its_limits(steps):
    start = datetime(2026, 11, 2, tzinfo=UTC)
    session = Session("s", "a", "p", SessionScope.FULL, 1, start, start, 1800, start + timedelta(hours=24))
    latest = at = start
    for step in steps:
        at += timedelta(seconds=step)
        latest = max(latest, at)
        session = touch_session(session, at)
        assert session.good_until <= min(start + timedelta(hours=24), latest + timedelta(minutes=30))
        assert session.expires_at == start + timedelta(hours=24)


def test_touching_with_a_clock_that_stepped_back_extends_nothing(session, now):
    assert touch_session(session, now - timedelta(hours=1)).good_until == session.good_until


def test_s25_a_session_with_an_assigned_password_opens_no_case(account, token, sessions, now):
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=2))
    session, opened = open_session(assigned, token, sessions, now)
    assert session.scope is SessionScope.CHANGE_PASSWORD_ONLY
    assert session.expires_at == now + timedelta(hours=2)
    assert opened.change_password_only
    with pytest.raises(NotPermittedError):
        session.person_with_cases()


@pytest.mark.parametrize("kind", [AccountKind.SHARED, AccountKind.STAFF])
def test_s28_a_session_of_a_shared_account_opens_no_case(account, token, sessions, now, kind):
    shared = attrs.evolve(account, kind=kind, person_id=None)
    session, _ = open_session(shared, token, sessions, now)
    with pytest.raises(NotPermittedError):
        session.person_with_cases()


def test_a_session_is_never_checked_against_another_account(session, account, now):
    with pytest.raises(InvariantError):
        session_fault(session, attrs.evolve(account, account_id="a-2"), now)


@pytest.mark.parametrize(
    ("idle", "absolute"),
    [(0, 60), (61, 60), (30, 30 * 24 * 60 + 1)],
    ids=["no idle", "idle > all", "too long"],
)
def test_impossible_limits_are_refused(idle, absolute):
    with pytest.raises(RulesError):
        SessionPolicy(timedelta(minutes=idle), timedelta(minutes=absolute))
