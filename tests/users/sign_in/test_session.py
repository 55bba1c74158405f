import base64
from datetime import UTC, datetime, timedelta
from itertools import product

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.errors import ConflictError, InvariantError, NotPermittedError, RulesError
from dcss_core.users.account import Account, AccountKind, AccountState, ChangeReason
from dcss_core.users.events import SessionEndReason
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.session import (
    SESSION_STATES,
    Assurance,
    FactorStanding,
    Session,
    SessionAct,
    SessionFault,
    SessionPolicy,
    SessionScope,
    SessionState,
    SessionToken,
    end_session,
    open_session,
    renew_session,
    session_fault,
    touch_session,
)

MICROSECOND = timedelta(microseconds=1)
MONTH = 30 * 24 * 60  # minutes; NIST SP 800-63B-4 §2.1.3
START = datetime(2026, 11, 2, tzinfo=UTC)
POLICY = SessionPolicy(
    timedelta(minutes=30), timedelta(hours=24), timedelta(minutes=5), timedelta(minutes=10)
)
ANYBODYS = Account(
    account_id="a-1",
    user_id="JDoe",
    user_key="jdoe",
    person_id="p-1",
    kind=AccountKind.PARENT,
    state=AccountState.ACTIVE,
    password_hash=PasswordHash("$"),
    created_at=START,
    password_set_at=START,
)


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


@given(st.binary(min_size=32, max_size=32))
def test_a_token_is_43_letters_without_padding_and_holds_every_byte(random):
    # RFC 4648 §5: 6 bits a letter, so 32 bytes are 43 letters, and one sign of padding that is left out
    written = SessionToken.from_bytes(random).reveal()
    assert len(written) == 43
    assert base64.urlsafe_b64decode(written + "=") == random


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
    start = START
    session, _ = open_session(ANYBODYS, SessionToken("t"), POLICY, start)
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
    assert (opened.scope, session.change_reason) == ("change_password_only", ChangeReason.ASSIGNED)
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
    ("shared", "idle", "absolute", "factor"),
    [
        (0, 30, 60, 10),
        (31, 30, 60, 10),
        (5, 61, 60, 10),
        (5, 30, MONTH + 1, 10),
        (5, 30, 60, 0),
        (5, 30, 60, 61),
    ],
    ids=["no idle", "shared > idle", "idle > all", "too long", "no time for a factor", "factor > all"],
)
def test_impossible_limits_are_refused(shared, idle, absolute, factor):
    with pytest.raises(RulesError) as refused:
        SessionPolicy(*(timedelta(minutes=each) for each in (idle, absolute, shared, factor)))
    assert len(refused.value.faults) == 1


def test_every_impossible_limit_is_told_at_once():
    nothing = timedelta(0)
    with pytest.raises(RulesError) as refused:
        SessionPolicy(nothing, nothing, nothing, nothing)
    assert [fault.where for fault in refused.value.faults] == ["session", "second_factor_minutes"]


# --- what is shown and noted ---------------------------------------------------------------------------


def test_a_session_on_a_shared_computer_rests_no_longer_than_it_may_there(account, token, sessions, now):
    session, _ = open_session(account, token, sessions, now, on_shared_computer=True)
    assert session_fault(session, account, now + timedelta(minutes=5) - MICROSECOND) is None
    assert session_fault(session, account, now + timedelta(minutes=5)) is SessionFault.IDLE
    assert session.expires_at == now + timedelta(hours=24)


@pytest.mark.parametrize(
    ("shared", "pause"),
    [(False, timedelta(minutes=1)), (True, timedelta(seconds=30))],
    ids=["own computer: a minute", "shared computer: a tenth of five minutes"],
)
def test_uses_closer_together_than_a_tenth_of_the_idle_limit_or_a_minute_are_not_noted(
    account, token, sessions, now, shared, pause
):
    session, _ = open_session(account, token, sessions, now, on_shared_computer=shared)
    assert touch_session(session, now + pause - MICROSECOND) is session
    assert touch_session(session, now + pause).last_seen_at == now + pause


# --- what a session owes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("factor", "due", "scope", "assurance"),
    [
        (FactorStanding.NOT_USED, None, SessionScope.FULL, Assurance.AAL1),
        (FactorStanding.GIVEN, None, SessionScope.FULL, Assurance.AAL2),
        (FactorStanding.TO_ENROL, None, SessionScope.ENROL_SECOND_FACTOR_ONLY, Assurance.AAL1),
        (FactorStanding.DUE, None, SessionScope.SECOND_FACTOR_ONLY, Assurance.AAL1),
        (FactorStanding.NOT_USED, ChangeReason.EXPIRED, SessionScope.CHANGE_PASSWORD_ONLY, Assurance.AAL1),
        (FactorStanding.GIVEN, ChangeReason.EXPIRED, SessionScope.CHANGE_PASSWORD_ONLY, Assurance.AAL2),
        (FactorStanding.TO_ENROL, ChangeReason.EXPIRED, SessionScope.CHANGE_PASSWORD_ONLY, Assurance.AAL1),
        (FactorStanding.DUE, ChangeReason.EXPIRED, SessionScope.SECOND_FACTOR_ONLY, Assurance.AAL1),
    ],
)
def test_what_a_session_owes_comes_before_everything_else(
    account, token, sessions, now, factor, due, scope, assurance
):
    session, event = open_session(attrs.evolve(account, change_due=due), token, sessions, now, factor=factor)
    assert (session.scope, session.assurance) == (scope, assurance)
    assert (event.scope, event.assurance) == (scope.value, assurance.value)
    assert session.change_reason is due


@pytest.mark.parametrize("scope", [each for each in SessionScope if each is not SessionScope.FULL])
def test_session_fixation_a_session_that_owes_something_opens_no_case_and_says_what_it_owes(session, scope):
    due = ChangeReason.EXPIRED if scope is SessionScope.CHANGE_PASSWORD_ONLY else None
    owing = attrs.evolve(session, scope=scope, change_reason=due)
    with pytest.raises(NotPermittedError, match=r"second factor|your own password"):
        owing.person_with_cases()
    with pytest.raises(NotPermittedError, match=r"second factor|your own password"):
        owing.require(SessionScope.FULL)
    owing.require(scope)


def test_a_full_session_owes_nothing_and_says_so(session):
    session.require(SessionScope.FULL)
    with pytest.raises(NotPermittedError, match="nothing to do"):
        session.require(SessionScope.CHANGE_PASSWORD_ONLY)


def test_what_needs_a_second_factor_is_refused_without_and_what_needs_none_is_not(session):
    session.require_assurance(Assurance.AAL1)
    with pytest.raises(NotPermittedError, match="second factor"):
        session.require_assurance(Assurance.AAL2)
    stronger = attrs.evolve(session, assurance=Assurance.AAL2)
    for needed in Assurance:
        stronger.require_assurance(needed)


def test_a_session_that_waits_for_the_second_factor_waits_ten_minutes_at_most(account, token, sessions, now):
    waiting, _ = open_session(account, token, sessions, now, factor=FactorStanding.DUE)
    assert waiting.expires_at == now + timedelta(minutes=10)


# --- another token -------------------------------------------------------------------------------------


def test_session_fixation_renewing_ends_the_old_token_and_gains_no_time(session, account, now):
    later = now + timedelta(minutes=20)
    another = SessionToken.from_bytes(b"n" * 32)
    ended, renewed, events = renew_session(session, another, later)
    assert session_fault(ended, account, later) is SessionFault.ENDED
    assert session_fault(renewed, account, later) is None
    assert renewed.session_id == another.session_id != session.session_id
    assert renewed.expires_at == session.expires_at
    assert (renewed.created_at, renewed.authenticated_at) == (now, later)
    assert [event.kind for event in events] == ["session_expired", "session_created"]
    assert events[0].reason is SessionEndReason.REPLACED


def test_renewing_keeps_scope_and_assurance_unless_they_are_given(session, now):
    another = SessionToken.from_bytes(b"n" * 32)
    _, same, _ = renew_session(session, another, now)
    assert (same.scope, same.assurance) == (session.scope, session.assurance)
    _, raised, _ = renew_session(session, another, now, assurance=Assurance.AAL2)
    assert (raised.scope, raised.assurance) == (session.scope, Assurance.AAL2)


def test_a_session_that_takes_anothers_place_was_used_just_now(session, now):
    later = now + timedelta(minutes=20)
    renewed = renew_session(session, SessionToken("second"), later)[1]
    assert (renewed.authenticated_at, renewed.last_seen_at) == (later, later)
    assert renewed.good_until == later + timedelta(minutes=30)


def test_a_refusal_says_in_a_word_what_was_asked_for(account, token, sessions, now):
    """For the audit log: whoever was refused stands in it with what they wanted."""
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=2))
    owing = open_session(assigned, token, sessions, now)[0]
    nobodys = open_session(
        attrs.evolve(account, kind=AccountKind.SHARED, person_id=None), token, sessions, now
    )[0]
    for wanted, ask in (
        ("full", lambda: owing.require(SessionScope.FULL)),
        ("full", owing.person_with_cases),
        ("aal2", lambda: nobodys.require_assurance(Assurance.AAL2)),
        ("cases", nobodys.person_with_cases),
    ):
        with pytest.raises(NotPermittedError) as refused:
            ask()
        assert refused.value.wanted == wanted


@pytest.mark.parametrize(
    ("back", "fault"),
    [(timedelta(minutes=1), None), (timedelta(minutes=1) + MICROSECOND, SessionFault.EXPIRED)],
)
def test_a_clock_may_be_a_minute_behind_the_last_use_and_no_more(session, account, now, back, fault):
    assert session_fault(session, account, now - back) is fault


# --- the table, and sessions that can't be -------------------------------------------------------------


def test_a_session_goes_where_its_table_says_and_nowhere_else(session, now):
    later = now + timedelta(minutes=5)
    acts = {
        SessionAct.TOUCH: lambda found: touch_session(found, later),
        SessionAct.RENEW: lambda found: renew_session(found, SessionToken("another"), later)[0],
        SessionAct.END: lambda found: end_session(found, later, reason=SessionEndReason.SIGNED_OUT)[0],
    }
    ended = end_session(session, now, reason=SessionEndReason.SIGNED_OUT)[0]
    assert set(acts) == set(SessionAct) - {SessionAct.OPEN}
    assert (session.state, ended.state) == tuple(SessionState)
    for found, (act, decide) in product((session, ended), acts.items()):
        if SESSION_STATES.allows(found.state, act):
            assert decide(found).state is SESSION_STATES.next_state(found.state, act)
        else:
            with pytest.raises(ConflictError):
                decide(found)


@pytest.mark.parametrize(
    "changes",
    [
        {"idle_seconds": 0},
        {"idle_seconds": 30 * 86_400 + 1},
        {"idle_seconds": 10**30},
        {"expires_at": datetime(2026, 11, 2, 14, tzinfo=UTC)},  # the instant at which it began
        {"expires_at": datetime(2026, 12, 2, 14, 0, 0, 1, tzinfo=UTC)},  # 30 days and a microsecond later
        {"scope": SessionScope.CHANGE_PASSWORD_ONLY},
        {"change_reason": ChangeReason.EXPIRED},
        {"scope": SessionScope.ENROL_SECOND_FACTOR_ONLY, "change_reason": ChangeReason.EXPIRED},
        {"scope": SessionScope.SECOND_FACTOR_ONLY, "assurance": Assurance.AAL2},
        {"scope": SessionScope.ENROL_SECOND_FACTOR_ONLY, "assurance": Assurance.AAL2},
        {"credential_version": 0},
    ],
    ids=str,
)
def test_a_session_that_can_not_be_is_not_built(session, changes):
    with pytest.raises(InvariantError, match="no Session is like this"):
        attrs.evolve(session, **changes)


@pytest.mark.parametrize("idle_seconds", [1, 30 * 86_400])
def test_when_a_session_ends_is_told_up_to_the_last_instant_there_is(session, idle_seconds):
    last = datetime.max.replace(tzinfo=UTC)
    made = attrs.evolve(
        session,
        created_at=last - timedelta(days=1),
        last_seen_at=last,
        expires_at=last,
        idle_seconds=idle_seconds,
    )
    assert made.good_until == last


def test_a_session_may_last_as_long_as_any_may(session, now):
    assert attrs.evolve(session, expires_at=now + timedelta(days=30)).state is SessionState.OPEN
