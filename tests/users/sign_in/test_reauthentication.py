from datetime import timedelta

import attrs
import pytest

from dcss_core.errors import NotPermittedError
from dcss_core.users.account import AccountState, ChangeReason
from dcss_core.users.events import ChangeRefusal
from dcss_core.users.sign_in.reauthentication import (
    ReauthenticationAccepted,
    ReauthenticationRefused,
    decide_reauthentication,
    reauthenticate as judge,
)
from dcss_core.users.sign_in.session import (
    FactorStanding,
    SessionFault,
    SessionToken,
    open_session,
    session_fault,
)

NEXT_TOKEN = SessionToken.from_bytes(b"n" * 32)


@pytest.fixture
def session(account, token, sessions, now):
    return open_session(account, token, sessions, now)[0]


@pytest.fixture
def reauthenticate(session, lockout, now):
    def attempt(account, *, right=True, session=session, at=now):
        checked = judge(account, password_matches=right, lockout=lockout, now=at)
        return decide_reauthentication(account, session, checked=checked, token=NEXT_TOKEN, now=at)

    return attempt


def test_session_fixation_the_right_password_gives_another_token_and_ends_the_old_one(
    reauthenticate, account, session, now
):
    later = now + timedelta(minutes=10)
    decision = reauthenticate(account, at=later)
    assert decision.outcome == ReauthenticationAccepted(decision.opened, NEXT_TOKEN)
    assert session_fault(decision.session, account, later) is SessionFault.ENDED
    assert session_fault(decision.opened, account, later) is None
    assert decision.opened.session_id == NEXT_TOKEN.session_id != session.session_id
    assert decision.opened.authenticated_at == later
    assert decision.opened.expires_at == session.expires_at
    assert [event.kind for event in decision.events] == [
        "authn_reauthenticated",
        "session_expired",
        "session_created",
    ]


def test_a_wrong_password_leaves_the_session_as_it_was_and_counts(reauthenticate, account, session):
    decision = reauthenticate(account, right=False)
    assert decision.outcome == ReauthenticationRefused()
    assert (decision.session, decision.opened) == (session, None)
    assert decision.account.consecutive_failures == 1
    assert [event.reason for event in decision.events] == [ChangeRefusal.WRONG_PASSWORD]


def test_an_open_session_is_no_way_around_the_lock(reauthenticate, account, now):
    for _ in range(3):
        decision = reauthenticate(account, right=False)
        account = decision.account
    assert account.is_locked(now)
    assert decision.events[-1].kind == "authn_login_lock"
    locked = reauthenticate(account)
    assert locked.outcome == ReauthenticationRefused()
    assert locked.account == account
    assert [event.reason for event in locked.events] == [ChangeRefusal.NOT_USABLE]


def test_the_right_password_sets_the_counts_back(reauthenticate, account):
    tried = reauthenticate(account, right=False).account
    assert reauthenticate(tried).account.consecutive_failures == 0


@pytest.mark.parametrize(
    "unusable",
    [
        {"state": AccountState.DISABLED},
        {"state": AccountState.CLOSED, "person_id": None},
        {"consecutive_failures": 100},
    ],
    ids=["disabled", "closed", "password disabled"],
)
@pytest.mark.parametrize("right", [True, False])
def test_a_password_that_could_not_sign_in_is_not_believed_here_either(
    reauthenticate, account, unusable, right
):
    decision = reauthenticate(attrs.evolve(account, **unusable), right=right)
    assert decision.outcome == ReauthenticationRefused()
    assert decision.account == attrs.evolve(account, **unusable)


def test_a_session_that_owes_something_owes_that_first(reauthenticate, account, token, sessions, now):
    due = attrs.evolve(account, change_due=ChangeReason.EXPIRED)
    for owing, factor in ((due, FactorStanding.NOT_USED), (account, FactorStanding.DUE)):
        session, _ = open_session(owing, token, sessions, now, factor=factor)
        for right in (True, False):
            with pytest.raises(NotPermittedError):
                reauthenticate(owing, session=session, right=right)
