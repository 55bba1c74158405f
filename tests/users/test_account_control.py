from datetime import UTC, datetime, timedelta
from itertools import product

import attrs
import pytest

from dcss_core.errors import ConflictError, InvariantError
from dcss_core.users.account import ACCOUNT_STATES, AccountAct, AccountKind, AccountState, ChangeReason
from dcss_core.users.account_control import (
    ControlReason,
    close,
    demand_password_change,
    disable,
    enable,
    forget,
    lift_lock,
)
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.lockout import LockoutPolicy
from dcss_core.users.sign_in.session import SessionFault, open_session, session_fault

WHY = ControlReason.SUSPECTED_MISUSE
NOW = datetime(2026, 3, 1, tzinfo=UTC)
LOCKOUT = LockoutPolicy(3, timedelta(minutes=120), timedelta(minutes=15), 100)


NOTHING = PasswordHash("$v=19$nothing")


def closed_by_staff(account, reason):
    """Close an account; a hash that fits nothing takes the place of its own."""
    return close(account, reason, fits_nothing=NOTHING, now=NOW)


def enabled_by_staff(account, reason):
    """Put an account into use again."""
    return enable(account, reason, NOW)


def forgotten(account, reason):
    """Forget an account, for which nobody needs a reason."""
    return forget(account)


def lift_throttled(account, reason):
    """Lift what a throttle of a source is to an account."""
    return lift_lock(account, reason, lockout=LOCKOUT, was_throttled=True)


@pytest.fixture
def disabled(account):
    return disable(account, WHY)[0]


@pytest.fixture
def closed(account):
    return closed_by_staff(account, WHY)[0]


@pytest.mark.parametrize(
    ("act", "kind"),
    [
        (lift_throttled, "authn_login_unlock"),
        (disable, "user_disabled"),
        (closed_by_staff, "user_deleted"),
        (demand_password_change, "authn_password_change_demanded"),
    ],
)
def test_an_act_is_told_by_account_and_reason_and_in_no_other_words(account, act, kind):
    event = act(account, WHY)[1]
    assert (event.kind, event.subject) == (kind, "account:a-1")
    assert event.details() == {"account_id": "a-1", "reason": "suspected_misuse"}


def test_s21_lifting_a_lock_ends_it_and_counting_towards_the_next_begins_anew(account, lockout, now):
    for _ in range(3):
        account, _ = lockout.after_failure(account, now)
    assert account.is_locked(now)
    open_again, _ = lift_lock(account, WHY, lockout=lockout)
    assert not open_again.is_locked(now)
    assert open_again.failed_sign_ins == ()


def test_lifting_a_lock_does_not_set_back_the_failures_in_a_row(account, lockout, now):
    """NIST SP 800-63B-4 §3.2.2: at most 100 in a row, which only the right password ends."""
    for _ in range(3):
        account, _ = lockout.after_failure(account, now)
    assert lift_lock(account, WHY, lockout=lockout)[0].consecutive_failures == 3


def test_a_password_that_too_many_failures_disabled_comes_back_by_no_lifting(account, lockout, now):
    tried = attrs.evolve(account, consecutive_failures=100, locked_until=now)
    assert lockout.has_disabled(tried)
    with pytest.raises(ConflictError, match="recover it, or ask for a reset"):
        lift_lock(tried, WHY, lockout=lockout, was_throttled=True)


def test_lifting_a_lock_ends_no_session_and_changes_no_password(account, lockout, now):
    failed = attrs.evolve(account, failed_sign_ins=(now,))
    assert lift_lock(failed, WHY, lockout=lockout)[0] == account


def test_where_nothing_keeps_the_owner_out_there_is_nothing_to_lift(account, lockout):
    with pytest.raises(ConflictError, match="not locked"):
        lift_lock(account, WHY, lockout=lockout)
    assert lift_lock(account, WHY, lockout=lockout, was_throttled=True)[0] == account


@pytest.mark.parametrize("act", [disable, closed_by_staff, demand_password_change])
def test_stale_sessions_whatever_takes_access_away_ends_every_session_at_once(
    account, token, sessions, now, act
):
    session, _ = open_session(account, token, sessions, now)
    assert session_fault(session, act(account, WHY)[0], now) is not None


def test_stale_sessions_enabling_an_account_brings_none_of_its_sessions_back(
    account, disabled, token, sessions, now
):
    session, _ = open_session(account, token, sessions, now)
    enabled, event = enabled_by_staff(disabled, WHY)
    assert event.kind == "user_enabled"
    assert session_fault(session, enabled, now) is SessionFault.SUPERSEDED


def test_an_account_is_disabled_once_enabled_once_and_closed_once(account, disabled, closed):
    for act, state in (
        (disable, disabled),
        (disable, closed),
        (enabled_by_staff, account),
        (enabled_by_staff, closed),
    ):
        with pytest.raises(ConflictError, match="nothing was changed"):
            act(state, WHY)
    with pytest.raises(ConflictError, match="closed already"):
        closed_by_staff(closed, WHY)
    assert enabled_by_staff(disabled, WHY)[0].state is AccountState.ACTIVE
    assert closed_by_staff(disabled, WHY)[0].state is AccountState.CLOSED


def test_identifier_reuse_closing_frees_the_person_and_never_the_user_id(account, closed):
    assert (closed.person_id, closed.closed_person_id) == (None, "p-1")
    assert (closed.user_id, closed.user_key) == (account.user_id, account.user_key)


def test_a_closed_account_keeps_no_earlier_password(account, now):
    changed = account.with_password(PasswordHash("$new"), history=3, now=now)
    assert changed.earlier_hashes
    assert closed_by_staff(changed, WHY)[0].earlier_hashes == ()


def test_a_closed_account_keeps_nothing_that_it_was_opened_with(account, now):
    tried = attrs.evolve(
        account,
        failed_sign_ins=(now,),
        consecutive_failures=3,
        locked_until=now,
        assigned_until=now,
        judged_under="some policy",
        idle_since=now,
        idle_warned_at=now,
    )
    left = closed_by_staff(tried, WHY)[0]
    assert left.password_hash == NOTHING
    assert left.closed_at == NOW
    emptied = (left.failed_sign_ins, left.consecutive_failures, left.locked_until, left.assigned_until)
    assert emptied == ((), 0, None, None)
    assert (left.judged_under, left.idle_since, left.idle_warned_at) == (None, None, None)


def test_of_a_forgotten_account_the_user_id_is_left_and_not_whose_it_was(account, closed):
    left, event = forget(attrs.evolve(closed, accepted_banner="v1"))
    assert (left.user_id, left.user_key) == (account.user_id, account.user_key)
    assert (left.person_id, left.closed_person_id, left.accepted_banner) == (None, None, None)
    assert (event.kind, event.subject) == ("user_forgotten", "account:a-1")


def test_a_password_that_others_may_know_has_to_be_changed_and_an_assigned_one_has_to_anyway(account, now):
    assert demand_password_change(account, WHY)[0].change_reason is ChangeReason.COMPROMISED
    assigned = attrs.evolve(account, assigned_until=now + timedelta(hours=1))
    assert demand_password_change(assigned, WHY)[0].change_reason is ChangeReason.ASSIGNED


def test_of_an_account_that_is_not_in_use_no_change_of_password_is_demanded(disabled, closed):
    for account in (disabled, closed):
        with pytest.raises(ConflictError, match="nothing was changed"):
            demand_password_change(account, WHY)


# --- the table, and accounts that can't be -------------------------------------------------------------


def test_an_account_goes_where_its_table_says_and_nowhere_else(account, disabled, closed):
    acts = {
        AccountAct.DEMAND_PASSWORD_CHANGE: demand_password_change,
        AccountAct.DISABLE: disable,
        AccountAct.ENABLE: enabled_by_staff,
        AccountAct.CLOSE: closed_by_staff,
        AccountAct.FORGET: forgotten,
    }
    accounts = {each.state: each for each in (account, disabled, closed, forget(closed)[0])}
    assert set(accounts) == set(AccountState)
    assert set(acts) == set(AccountAct) - {AccountAct.REGISTER, AccountAct.APPOINT}
    for (state, found), (act, decide) in product(accounts.items(), acts.items()):
        if ACCOUNT_STATES.allows(state, act):
            assert decide(found, WHY)[0].state is ACCOUNT_STATES.next_state(state, act)
        else:
            with pytest.raises(ConflictError, match=f"{state.value} already, nothing was changed"):
                decide(found, WHY)


@pytest.mark.parametrize(
    "changes",
    [
        {"closed_person_id": "p-1"},
        {"credential_version": 0},
        {"consecutive_failures": -1},
        {"state": AccountState.CLOSED, "person_id": None, "earlier_hashes": (PasswordHash("$old"),)},
        {"kind": AccountKind.STAFF, "person_id": None, "closed_person_id": "p-1"},
        {"closed_at": NOW},
        {"state": AccountState.FORGOTTEN, "person_id": None, "closed_person_id": "p-1"},
    ],
    ids=str,
)
def test_an_account_that_can_not_be_is_not_built(account, changes):
    with pytest.raises(InvariantError, match="no Account is like this"):
        attrs.evolve(account, **changes)
