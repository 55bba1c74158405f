from datetime import timedelta

import pytest

from dcss_core.base.secret import Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users.account import AccountKind, ChangeReason
from dcss_core.users.events import SignInRefusal
from dcss_core.users.hashing.password_hash import PasswordHash
from dcss_core.users.sign_in.session import SessionScope, open_session
from dcss_core.users.sign_in.sign_in import SignInRequest, decide_sign_in
from dcss_core.users.staff.appointment import appoint, change_roles, names, ordered
from dcss_core.users.staff.member import StaffRole
from dcss_core.users.user_id import UserId

ASSIGNED = PasswordHash("$assigned")
EMAIL = Secret("worker@dcss.example.gov")


@pytest.fixture
def made(now):
    def make(kind=AccountKind.STAFF, roles=(StaffRole.HELP_DESK,)):
        return appoint(
            "a-7",
            UserId("Worker7"),
            kind,
            roles=roles,
            email=EMAIL,
            assigned_hash=ASSIGNED,
            good_until=now + timedelta(hours=24),
            now=now,
        )

    return make


def test_an_appointed_account_is_of_nobodys_person_and_has_its_user_id(made):
    account = made().account
    assert (account.user_id, account.user_key, account.person_id) == ("Worker7", "worker7", None)
    assert account.kind is AccountKind.STAFF


def test_default_accounts_an_appointed_account_begins_with_an_assigned_password_that_ends(made, now):
    account = made().account
    assert account.password_hash == ASSIGNED
    assert account.assigned_until == now + timedelta(hours=24)
    assert account.change_reason is ChangeReason.ASSIGNED


def test_default_accounts_after_its_hours_the_assigned_password_of_an_appointment_is_good_for_nothing(
    made, token, lockout, sessions, now
):
    decision = decide_sign_in(
        made().account,
        SignInRequest(token),
        password_matches=True,
        lockout=lockout,
        sessions=sessions,
        now=now + timedelta(hours=24),
    )
    assert decision.session is None
    assert decision.events[0].reason is SignInRefusal.ASSIGNED_PASSWORD_EXPIRED


def test_the_appointment_is_told_with_its_kind_and_roles(made):
    [event] = made(roles=(StaffRole.RESET_APPROVER, StaffRole.HELP_DESK)).events
    assert (event.kind, event.subject) == ("user_created", "account:a-7")
    assert event.details() == {
        "account_id": "a-7",
        "account_kind": "staff",
        "roles": ["help_desk", "reset_approver"],
    }


def test_stale_sessions_other_roles_end_every_session_and_are_told(made):
    account, member = made().account, made().member
    change = change_roles(
        account, member, roles=(StaffRole.PAYMENT_CLERK, StaffRole.CASE_WORKER), by="administrator"
    )
    assert change.member.roles == ordered((StaffRole.PAYMENT_CLERK, StaffRole.CASE_WORKER))
    assert change.member.email == member.email
    assert change.account.credential_version == account.credential_version + 1
    [event] = change.events
    assert (event.kind, event.subject) == ("authz_change", f"account:{account.account_id}")


def test_nobody_changes_their_own_roles(made):
    account = made().account
    with pytest.raises(NotPermittedError, match="their own roles"):
        change_roles(account, made().member, roles=(), by=account.account_id)


def test_roles_are_held_once_each_and_in_one_order():
    held = ordered((StaffRole.RECORDS_OFFICER, StaffRole.HELP_DESK, StaffRole.RECORDS_OFFICER))
    assert held == (StaffRole.HELP_DESK, StaffRole.RECORDS_OFFICER)
    assert names(held) == ("help_desk", "records_officer")


def test_s28_a_shared_account_is_flagged_holds_no_role_and_opens_no_case(made, token, sessions, now):
    shared = made(kind=AccountKind.SHARED, roles=())
    assert shared.account.kind is AccountKind.SHARED
    assert shared.member.roles == ()
    chosen = shared.account.with_password(PasswordHash("$chosen"), history=3, now=now)
    session, _ = open_session(chosen, token, sessions, now)
    assert session.scope is SessionScope.FULL
    with pytest.raises(NotPermittedError, match="no participant"):
        session.person_with_cases()


def test_an_appointment_shows_neither_the_address_nor_the_hash(made):
    assert "example.gov" not in repr(made())
    assert "assigned" not in repr(made().account.password_hash)


def test_an_appointment_is_of_one_account_made_now_and_of_whoever_answers_for_it(made, now):
    appointment = made()
    account, member = appointment.account, appointment.member
    assert (account.account_id, account.created_at, account.password_set_at) == ("a-7", now, now)
    assert (member.account_id, member.roles, member.email) == ("a-7", (StaffRole.HELP_DESK,), EMAIL)
