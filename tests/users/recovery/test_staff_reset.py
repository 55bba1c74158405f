from datetime import UTC, datetime, timedelta
from itertools import product

import attrs
import pytest

from dcss_core.errors import ConflictError, InvariantError, NotPermittedError
from dcss_core.users.account import AccountState
from dcss_core.users.account_control import ControlReason
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.events import StaffResetRefusal, StaffResetRequested
from dcss_core.users.recovery.staff_reset import (
    STAFF_RESET_STATES,
    Deciding,
    StaffResetAct,
    StaffResetState,
    approve_reset,
    can_be_approved,
    cancel_reset,
    decline_reset,
    error_of,
    refusal_of_approval,
    refusal_of_cancel,
    refusal_of_decline,
    refusal_of_request,
    request_reset,
)

ASKED = ControlReason.OWNER_ASKED
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture
def pending(account, recovery, now):
    reset, _ = request_reset(account, "r-1", by="asker", reason=ASKED, policy=recovery, now=now)
    return reset


@pytest.fixture
def approval_refusal(pending, account, now):
    def judged(reset=pending, account=account, *, by="approver", asker=True, address=True, at=now):
        deciding = Deciding(by, requester_is_entitled=asker)
        return refusal_of_approval(reset, account, deciding, has_address=address, now=at)

    return judged


def test_approval_abuse_requester_approver_and_owner_are_three_people(account, recovery, now):
    """OWASP ASVS 5.0.0, 2.3.5; IRS Pub. 1075, AC-5: every way to let one person be two of the three."""
    allowed = []
    for subject, requester, approver in product("abc", repeat=3):
        owner = attrs.evolve(account, account_id=subject)
        if requester == subject:
            own = refusal_of_request(owner, by=requester, has_address=True, is_pending=False)
            assert own is StaffResetRefusal.REQUESTER_IS_SUBJECT
            with pytest.raises(InvariantError, match="nobody asks for their own"):
                request_reset(owner, "r-1", by=requester, reason=ASKED, policy=recovery, now=now)
            continue
        reset, _ = request_reset(owner, "r-1", by=requester, reason=ASKED, policy=recovery, now=now)
        refusals = (
            refusal_of_request(owner, by=requester, has_address=True, is_pending=False),
            refusal_of_approval(
                reset,
                owner,
                Deciding(approver, requester_is_entitled=True),
                has_address=True,
                now=now,
            ),
        )
        if refusals == (None, None):
            allowed.append({subject, requester, approver})
    # 3 · 2 · 1 of the 27 ways leave three different people
    assert allowed == [{"a", "b", "c"}] * 6


def test_approval_abuse_each_reason_against_an_approval_is_found(
    approval_refusal, pending, account, recovery, now
):
    def request_refusal(by="asker", is_pending=False):
        return refusal_of_request(account, by=by, has_address=True, is_pending=is_pending)

    declined, _ = decline_reset(pending, by="approver", reason=ASKED, now=now)
    disabled = attrs.evolve(account, state=AccountState.DISABLED)
    found = {
        StaffResetRefusal.DECIDER_IS_REQUESTER: approval_refusal(by="asker"),
        StaffResetRefusal.DECIDER_IS_SUBJECT: approval_refusal(by="a-1"),
        StaffResetRefusal.REQUESTER_NOT_ENTITLED: approval_refusal(asker=False),
        StaffResetRefusal.DECIDED_ALREADY: approval_refusal(declined),
        StaffResetRefusal.EXPIRED: approval_refusal(at=now + timedelta(hours=24)),
        StaffResetRefusal.SUBJECT_NOT_ACTIVE: approval_refusal(account=disabled),
        StaffResetRefusal.PASSWORD_CHANGED: approval_refusal(
            account=attrs.evolve(account, credential_version=2)
        ),
        StaffResetRefusal.NO_ADDRESS: approval_refusal(address=False),
        StaffResetRefusal.REQUESTER_IS_SUBJECT: request_refusal(by="a-1"),
        StaffResetRefusal.PENDING_ALREADY: request_refusal(is_pending=True),
        StaffResetRefusal.NOT_THE_REQUESTER: refusal_of_cancel(pending, by="approver", now=now),
    }
    assert all(refusal is reason for reason, refusal in found.items())
    assert set(found) == set(StaffResetRefusal)
    assert approval_refusal() is None
    assert approval_refusal(at=now + timedelta(hours=24) - MICROSECOND) is None


def test_a_reset_of_an_account_that_can_not_be_reset_is_not_even_asked_for(account):
    def judged(account=account, *, has_address=True, is_pending=False):
        return refusal_of_request(account, by="asker", has_address=has_address, is_pending=is_pending)

    disabled = attrs.evolve(account, state=AccountState.DISABLED)
    assert judged() is None
    assert judged(disabled) is StaffResetRefusal.SUBJECT_NOT_ACTIVE
    assert judged(has_address=False) is StaffResetRefusal.NO_ADDRESS
    # the account comes before the request that waits: that one can't be approved either
    assert judged(disabled, is_pending=True) is StaffResetRefusal.SUBJECT_NOT_ACTIVE


def test_a_request_is_recorded_with_its_id_its_reason_and_its_end(account, recovery, now):
    reset, event = request_reset(account, "r-1", by="asker", reason=ASKED, policy=recovery, now=now)
    assert event == StaffResetRequested("a-1", "r-1", ASKED, now + timedelta(hours=24))
    assert (reset.account_id, reset.request_id, reset.requested_by) == ("a-1", "r-1", "asker")
    assert (reset.state, reset.requested_at, reset.reason) == (StaffResetState.PENDING, now, ASKED)


def test_a_request_can_be_approved_by_somebody_until_what_it_was_asked_for_has_changed(pending, account, now):
    def judged(account=account, at=now, *, asker=True, address=True):
        return can_be_approved(pending, account, requester_is_entitled=asker, has_address=address, now=at)

    assert judged()
    assert judged(at=now + timedelta(hours=24) - MICROSECOND)
    assert not judged(at=now + timedelta(hours=24))
    assert not judged(asker=False)
    assert not judged(address=False)
    assert not judged(attrs.evolve(account, state=AccountState.DISABLED))
    assert not judged(attrs.evolve(account, credential_version=2))


def test_a_clock_that_steps_back_behind_the_request_decides_nothing(approval_refusal, now):
    assert approval_refusal(at=now - MICROSECOND) is StaffResetRefusal.EXPIRED


def test_every_refusal_is_a_typed_error_that_says_what_to_do():
    for refusal in StaffResetRefusal:
        assert isinstance(error_of(refusal), NotPermittedError | ConflictError)
    assert isinstance(error_of(StaffResetRefusal.DECIDER_IS_REQUESTER), NotPermittedError)
    assert isinstance(error_of(StaffResetRefusal.DECIDED_ALREADY), ConflictError)


def test_an_approval_assigns_a_password_for_one_sign_in_and_ends_no_lock(pending, account, recovery, now):
    locked = attrs.evolve(account, locked_until=now + timedelta(minutes=15), failed_sign_ins=(now,))
    approval = approve_reset(
        pending,
        locked,
        by="approver",
        assigned_hash=PasswordHash("$assigned"),
        policy=recovery,
        history=3,
        now=now,
    )
    assert approval.account.password_hash == PasswordHash("$assigned")
    assert approval.account.assigned_until == approval.good_until == now + timedelta(hours=24)
    assert approval.account.credential_version == account.credential_version + 1
    assert approval.account.is_locked(now)
    assert approval.reset.state is StaffResetState.APPROVED
    assert (approval.reset.decided_by, approval.reset.decided_at) == ("approver", now)
    kinds = [event.kind for event in approval.events]
    assert kinds == ["staff_reset_approved", "authn_password_reset"]


def test_declining_needs_another_person_but_no_account_in_use(pending, now):
    def judged(by, asker=True):
        deciding = Deciding(by, requester_is_entitled=asker)
        return refusal_of_decline(pending, deciding, now=now)

    assert judged("approver", asker=False) is None
    assert judged("asker") is StaffResetRefusal.DECIDER_IS_REQUESTER
    assert judged("a-1") is StaffResetRefusal.DECIDER_IS_SUBJECT


def test_only_the_requester_takes_a_request_back_and_only_while_it_is_pending(pending, now):
    assert refusal_of_cancel(pending, by="approver", now=now) is StaffResetRefusal.NOT_THE_REQUESTER
    assert refusal_of_cancel(pending, by="a-1", now=now) is StaffResetRefusal.NOT_THE_REQUESTER
    assert refusal_of_cancel(pending, by="asker", now=now) is None
    cancelled, event = cancel_reset(pending, by="asker", now=now)
    assert event.kind == "staff_reset_cancelled"
    assert not cancelled.is_pending(now)
    assert refusal_of_cancel(cancelled, by="asker", now=now) is StaffResetRefusal.DECIDED_ALREADY


# --- the table, and requests that can't be -------------------------------------------------------------


@pytest.fixture
def in_every_state(pending, account, recovery, now):
    """What decides, and a request in each state with the instant at which it is in it."""

    def approve(reset, at):
        assigned = PasswordHash("$assigned")
        return approve_reset(
            reset, account, by="approver", assigned_hash=assigned, policy=recovery, history=3, now=at
        ).reset

    acts = {
        StaffResetAct.APPROVE: approve,
        StaffResetAct.DECLINE: lambda reset, at: decline_reset(reset, by="approver", reason=ASKED, now=at)[0],
        StaffResetAct.CANCEL: lambda reset, at: cancel_reset(reset, by="asker", now=at)[0],
    }
    decided = {reset.state: (reset, now) for reset in (act(pending, now) for act in acts.values())}
    waiting = {
        StaffResetState.PENDING: (pending, now),
        StaffResetState.EXPIRED: (pending, now + timedelta(hours=24)),
    }
    return acts, waiting | decided


def test_a_reset_is_decided_as_its_table_says_and_in_no_other_way(in_every_state, account):
    acts, found = in_every_state
    assert set(found) == set(StaffResetState)
    third = Deciding("approver", requester_is_entitled=True)
    refusals = {
        StaffResetAct.APPROVE: lambda reset, at: refusal_of_approval(
            reset, account, third, has_address=True, now=at
        ),
        StaffResetAct.DECLINE: lambda reset, at: refusal_of_decline(reset, third, now=at),
        StaffResetAct.CANCEL: lambda reset, at: refusal_of_cancel(reset, by="asker", now=at),
    }
    for (state, (reset, at)), act in product(found.items(), acts):
        assert reset.state_at(at) is state
        refusal = refusals[act](reset, at)
        if STAFF_RESET_STATES.allows(state, act):
            assert refusal is None
            assert acts[act](reset, at).state is STAFF_RESET_STATES.next_state(state, act)
        else:
            is_over = state is StaffResetState.EXPIRED
            assert refusal is (StaffResetRefusal.EXPIRED if is_over else StaffResetRefusal.DECIDED_ALREADY)
            with pytest.raises(ConflictError):
                acts[act](reset, at)


def test_only_a_reset_that_waits_expires(in_every_state, now):
    _, found = in_every_state
    long_after = now + timedelta(days=400)
    for state, (reset, _) in found.items():
        expires = state is StaffResetState.EXPIRED or STAFF_RESET_STATES.allows(state, StaffResetAct.EXPIRE)
        assert reset.state_at(long_after) is (StaffResetState.EXPIRED if expires else state)


@pytest.mark.parametrize(
    ("state", "changes"),
    [
        (StaffResetState.PENDING, {"requested_by": "a-1"}),
        (StaffResetState.PENDING, {"expires_at": datetime(2026, 11, 2, 14, 0, tzinfo=UTC)}),  # at once
        (StaffResetState.PENDING, {"decided_by": "approver"}),
        (StaffResetState.PENDING, {"decided_at": datetime(2026, 11, 2, 14, 0, tzinfo=UTC)}),
        (StaffResetState.PENDING, {"state": StaffResetState.EXPIRED}),
        (StaffResetState.PENDING, {"state": StaffResetState.APPROVED}),
        (StaffResetState.PENDING, {"credential_version": 0}),
        (StaffResetState.APPROVED, {"decided_by": "asker"}),
        (StaffResetState.APPROVED, {"decided_by": "a-1"}),
        (StaffResetState.APPROVED, {"state": StaffResetState.PENDING}),
        (StaffResetState.DECLINED, {"decided_by": "asker"}),
        (StaffResetState.DECLINED, {"state": StaffResetState.EXPIRED}),  # told by the clock, never stored
        (StaffResetState.DECLINED, {"decided_by": None}),
        (StaffResetState.DECLINED, {"decided_at": None}),
        (StaffResetState.CANCELLED, {"decided_by": "approver"}),
    ],
)
def test_a_reset_that_can_not_be_is_not_built(in_every_state, state, changes):
    _, found = in_every_state
    with pytest.raises(InvariantError, match="no StaffReset is like this"):
        attrs.evolve(found[state][0], **changes)
