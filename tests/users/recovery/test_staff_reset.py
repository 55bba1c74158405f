from datetime import timedelta
from itertools import product

import attrs
import pytest

from dcss_core.errors import ConflictError, NotPermittedError
from dcss_core.users.account import AccountState
from dcss_core.users.account_control import ControlReason
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.recovery.events import StaffResetRefusal
from dcss_core.users.recovery.staff_reset import (
    Deciding,
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

    own = attrs.evolve(pending, requested_by="a-1", account_id="a-1")
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
        StaffResetRefusal.NOT_THE_REQUESTER: refusal_of_cancel(own, by="approver", now=now),
    }
    assert all(refusal is reason for reason, refusal in found.items())
    assert set(found) == set(StaffResetRefusal)
    assert approval_refusal() is None
    assert approval_refusal(at=now + timedelta(hours=24) - MICROSECOND) is None


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
    assert refusal_of_cancel(pending, by="asker", now=now) is None
    cancelled, event = cancel_reset(pending, by="asker", now=now)
    assert event.kind == "staff_reset_cancelled"
    assert not cancelled.is_pending(now)
    assert refusal_of_cancel(cancelled, by="asker", now=now) is StaffResetRefusal.DECIDED_ALREADY
