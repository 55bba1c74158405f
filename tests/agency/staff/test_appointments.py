"""`agency.staff`: accounts that people don't register themselves, and who may do what."""

import json
import re
from pathlib import Path

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import ConflictError, InvalidInputError, NotFoundError, NotPermittedError
from dcss_core.opening.machine import SystemRandomness
from dcss_core.users import SignedIn, SignInRefused
from dcss_core.users.account import AccountKind, ChangeReason
from dcss_core.users.account_control import ControlReason
from dcss_core.users.hashing.argon2id import Argon2idHasher
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

REPOSITORY = Path(__file__).parents[3]
EMAIL = Secret("worker@dcss.example.gov")
NEW = Secret("eleven copper kettles on a raft")
SET_UP = Actor.system("set-up")
HELP_DESK, ADMINISTRATOR = StaffRole.HELP_DESK, StaffRole.ACCOUNT_ADMINISTRATOR


@pytest.fixture
def appointed(agency, by_two, mail, attempt):
    """Appoints somebody of the help desk, who signs in and chooses a password; gives actor and token."""

    def made(user_id="worker-9", roles=(HELP_DESK,)):
        account_id = by_two(
            lambda by: agency.staff.appoint(user_id, email=EMAIL, roles=roles, by=by)
        ).account_id
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        assigned = mail.appointed_password(user_id)
        first = attempt(agency, user_id, assigned)
        changed = agency.credentials.change_password(first.token, current=assigned, new=NEW)
        return Actor.staff(account_id), changed.token

    return made


# --- the first administrator ----------------------------------------------------------------------------


def test_a_set_up_job_appoints_two_administrators_and_nobody_else(agency):
    """Two, for what takes two people can't be done by one (OWASP ASVS 5.0.0, 2.3.5)."""
    for name in ("first-admin", "second-admin"):
        made = agency.staff.appoint(name, email=EMAIL, roles=[ADMINISTRATOR], by=SET_UP)
        assert agency.staff.roles(made.account_id, by=Actor.staff(made.account_id)) == (ADMINISTRATOR,)
    for roles in ([ADMINISTRATOR], [HELP_DESK], [HELP_DESK, ADMINISTRATOR]):
        with pytest.raises(NotPermittedError):
            agency.staff.appoint("third-admin", email=EMAIL, roles=roles, by=SET_UP)


@pytest.mark.parametrize("roles", [[HELP_DESK], [StaffRole.RESET_APPROVER, StaffRole.RECORDS_OFFICER]])
def test_before_there_is_an_administrator_a_set_up_job_appoints_nobody_else(agency, roles, kinds):
    with pytest.raises(NotPermittedError, match="first account administrator"):
        agency.staff.appoint("worker-1", email=EMAIL, roles=roles, by=SET_UP)
    with pytest.raises(NotPermittedError, match="you may not do this"):
        agency.staff.appoint_shared("front-desk", email=EMAIL, by=SET_UP)
    assert set(kinds(agency)) == {"authz_fail"}


def test_of_eight_set_up_jobs_at_once_two_appoint_an_administrator(agency, at_once, kinds):
    names = [f"admin-{number}" for number in range(8)]

    def appoint():
        try:
            return agency.staff.appoint(names.pop(), email=EMAIL, roles=[ADMINISTRATOR], by=SET_UP)
        except NotPermittedError as refused:
            return refused

    outcomes = at_once(8, appoint)
    assert sum(not isinstance(outcome, NotPermittedError) for outcome in outcomes) == 2
    assert sorted(kinds(agency)) == ["authz_fail"] * 6 + ["user_created"] * 2


def test_where_fewer_than_two_administrators_are_left_in_use_a_set_up_job_appoints_one_again(agency, staff):
    agency.oversight.disable(staff.colleague.actor_id, by=staff.first, reason=ControlReason.STAFF_CHANGE)
    again = agency.staff.appoint("next-admin", email=EMAIL, roles=[ADMINISTRATOR], by=SET_UP)
    assert agency.staff.roles(again.account_id, by=Actor.staff(again.account_id)) == (ADMINISTRATOR,)
    with pytest.raises(NotPermittedError, match="two account administrators are in use"):
        agency.staff.appoint("one-more", email=EMAIL, roles=[ADMINISTRATOR], by=SET_UP)


@pytest.mark.parametrize("by", [Actor.public(), Actor.parent("a-1"), Actor.staff("a-1")], ids=str)
def test_nobody_but_a_set_up_job_appoints_the_first(agency, by):
    with pytest.raises(NotPermittedError):
        agency.staff.appoint("first-admin", email=EMAIL, roles=[ADMINISTRATOR], by=by)


# --- what is appointed ------------------------------------------------------------------------------------


def test_an_appointment_is_audited_with_its_kind_and_roles_and_without_its_user_id(
    agency, administrator, by_two
):
    made = by_two(lambda by: agency.staff.appoint("worker-9", email=EMAIL, roles=[HELP_DESK], by=by))
    [(_, entry)] = agency.audit.about(f"account:{made.account_id}", by=Actor.system("audit"))
    assert (entry.kind, entry.actor) == ("user_created", str(administrator))
    assert json.loads(entry.details) == {
        "account_id": made.account_id,
        "account_kind": "staff",
        "roles": ["help_desk"],
    }


def test_everything_wrong_with_an_appointment_is_said_at_once(agency, administrator):
    with pytest.raises(InvalidInputError) as refused:
        agency.staff.appoint("_x", email=Secret("no address"), roles=[HELP_DESK], by=administrator)
    assert {fault.where for fault in refused.value.faults} == {"email", "user_id"}
    assert "no address" not in str(refused.value)


def test_a_member_of_staff_is_appointed_with_a_role(agency, administrator):
    with pytest.raises(InvalidInputError, match="help_desk, reset_approver"):
        agency.staff.appoint("worker-9", email=EMAIL, roles=[], by=administrator)


@pytest.mark.parametrize("variant", ["worker-9", "WORKER-9", "Worker-9"])
def test_identifier_reuse_a_user_id_is_appointed_once_in_any_case(agency, administrator, by_two, variant):
    by_two(lambda by: agency.staff.appoint("worker-9", email=EMAIL, roles=[HELP_DESK], by=by))
    with pytest.raises(ConflictError, match="taken, or was"):
        agency.staff.appoint(variant, email=EMAIL, roles=[HELP_DESK], by=administrator)
    with pytest.raises(ConflictError, match="taken, or was"):
        agency.staff.appoint_shared(variant, email=EMAIL, by=administrator)


def test_of_eight_appointments_to_one_user_id_at_once_one_is_made(agency, administrator, at_once, kinds):
    def appoint():
        try:
            return agency.staff.appoint_shared("worker-9", email=EMAIL, by=administrator)
        except ConflictError as taken:
            return taken

    assert sum(not isinstance(outcome, ConflictError) for outcome in at_once(8, appoint)) == 1
    assert kinds(agency).count("user_created") == 2  # with the administrator


@pytest.mark.parametrize("lookalike", ["аdmin", "ａｄｍｉｎ", "admin\u200b", "admin\r\n\x1b[31m"])
def test_homograph_ids_a_user_id_that_only_reads_like_one_is_not_appointed(agency, administrator, lookalike):
    with pytest.raises(InvalidInputError) as refused:
        agency.staff.appoint(lookalike, email=EMAIL, roles=[HELP_DESK], by=administrator)
    assert lookalike not in str(refused.value)


@pytest.mark.parametrize("smuggled", ["state", "password", "password_hash", "kind", "account_id", "approved"])
def test_mass_assignment_an_appointment_takes_nothing_but_what_it_asks_for(agency, administrator, smuggled):
    with pytest.raises(TypeError):
        agency.staff.appoint(
            "worker-9", email=EMAIL, roles=[HELP_DESK], by=administrator, **{smuggled: "active"}
        )


# --- no default credential ------------------------------------------------------------------------------


def test_default_accounts_a_new_agency_has_no_account_at_all(agency, attempt, reasons):
    for name in ("admin", "administrator", "root", "support", "guest", "test", "dcss"):
        for password in (name, "password", "changeme", ""):
            assert attempt(agency, name, Secret(password)) == SignInRefused()
    assert set(reasons(agency)) == {"unknown_user"}


def test_default_accounts_an_appointed_account_opens_with_its_assigned_password_only(
    agency, by_two, mail, attempt, clock
):
    by_two(lambda by: agency.staff.appoint("support", email=EMAIL, roles=[HELP_DESK], by=by))
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    for guess in ("support", "Support", "", "password", "changeme", EMAIL.reveal()):
        assert attempt(agency, "support", Secret(guess)) == SignInRefused()
        clock.move(minutes=15)
    outcome = attempt(agency, "support", mail.appointed_password("support"))
    assert isinstance(outcome, SignedIn)
    assert outcome.session.scope is SessionScope.CHANGE_PASSWORD_ONLY
    assert outcome.session.change_reason is ChangeReason.ASSIGNED


def test_default_accounts_an_assigned_password_opens_one_session_and_none_after_its_hours(
    agency, by_two, mail, attempt, clock
):
    made, late = (
        by_two(lambda by, name=name: agency.staff.appoint(name, email=EMAIL, roles=[HELP_DESK], by=by))
        for name in ("worker-9", "worker-8")
    )
    assert (made.good_until - clock.now()).total_seconds() == 24 * 3600
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert isinstance(attempt(agency, "worker-9", mail.appointed_password("worker-9")), SignedIn)
    assert attempt(agency, "worker-9", mail.appointed_password("worker-9")) == SignInRefused()
    clock.instant = late.good_until
    assert attempt(agency, "worker-8", mail.appointed_password("worker-8")) == SignInRefused()


def test_default_accounts_no_two_accounts_are_assigned_one_password(agency, staff, mail):
    for number in range(10):
        staff(HELP_DESK, user_id=f"clerk-{number}")
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len({mail.appointed_password(f"clerk-{number}").reveal() for number in range(10)}) == 10


# A hash in the PHC string format, or one of bcrypt: scheme, cost, salt and digest, all of them.
A_HASH = re.compile(
    r"\$(argon2(id|i|d)|pbkdf2(-sha\d+)?|scrypt)\$[^\s'\"]*\$?[A-Za-z0-9+/.]{11,}\$[A-Za-z0-9+/.]{20,}"
    r"|\$2[abxy]\$\d\d\$[./A-Za-z0-9]{53}"
)
SHIPPED = ("src", "examples", "benchmarks", "plugins")


def test_default_accounts_no_shipped_file_holds_the_hash_of_a_password():
    made = Argon2idHasher({"k1": b"pepper"}, "k1").hash(
        Secret("any"), salt=SystemRandomness().token_bytes(16)
    )
    assert A_HASH.search(made.phc)  # so that finding none means something
    files = [
        file
        for folder in SHIPPED
        for file in (REPOSITORY / folder).rglob("*")
        if file.is_file() and "tests" not in file.parts and "__pycache__" not in file.parts
    ]
    assert len(files) > 100
    found = [file for file in files if A_HASH.search(file.read_text("utf-8", errors="replace"))]
    assert found == []


# --- roles ------------------------------------------------------------------------------------------


def test_roles_are_held_once_each_and_none_is_allowed(agency, administrator, staff, by_two):
    desk = staff(HELP_DESK)
    twice = [StaffRole.RECORDS_OFFICER, HELP_DESK, HELP_DESK]
    by_two(lambda by: agency.staff.set_roles(desk.actor_id, twice, by=by))
    assert agency.staff.roles(desk.actor_id, by=administrator) == (HELP_DESK, StaffRole.RECORDS_OFFICER)
    by_two(lambda by: agency.staff.set_roles(desk.actor_id, [], by=by))
    assert agency.staff.roles(desk.actor_id, by=administrator) == ()


def test_stale_sessions_other_roles_end_every_session_of_theirs_at_once(agency, appointed, by_two, attempt):
    worker, token = appointed()
    elsewhere = attempt(agency, "worker-9", NEW).token
    by_two(lambda by: agency.staff.set_roles(worker.actor_id, [StaffRole.RESET_APPROVER], by=by))
    for ended in (token, elsewhere):
        with pytest.raises(NotPermittedError, match="sign in again"):
            agency.sessions.check(ended)
    assert isinstance(attempt(agency, "worker-9", NEW), SignedIn)


def test_other_roles_are_audited_with_who_gave_them(agency, administrator, staff, by_two):
    desk = staff(HELP_DESK)
    by_two(lambda by: agency.staff.set_roles(desk.actor_id, [StaffRole.RESET_APPROVER], by=by))
    _, entry = agency.audit.about(f"account:{desk.actor_id}", by=Actor.system("audit"))[-1]
    assert (entry.kind, entry.actor) == ("authz_change", str(administrator))
    assert json.loads(entry.details)["roles"] == ["reset_approver"]


def test_nobody_changes_their_own_roles(agency, administrator):
    for roles in ([], [HELP_DESK, ADMINISTRATOR]):
        with pytest.raises(NotPermittedError, match="their own roles"):
            agency.staff.set_roles(administrator.actor_id, roles, by=administrator)
    assert agency.staff.roles(administrator.actor_id, by=administrator) == (ADMINISTRATOR,)


def test_two_administrators_change_the_roles_of_a_third(agency, administrator, staff, by_two):
    third = staff(ADMINISTRATOR)
    by_two(lambda by: agency.staff.set_roles(third.actor_id, [HELP_DESK], by=by))
    with pytest.raises(NotPermittedError, match="you may not do this"):
        agency.staff.set_roles(administrator.actor_id, [], by=third)


def test_an_account_of_somebody_else_than_staff_gets_no_role(agency, administrator, janes_account):
    shared = agency.staff.appoint_shared("front-desk", email=EMAIL, by=administrator)
    for account_id in (janes_account, shared.account_id, "none"):
        with pytest.raises(NotFoundError, match="no member of staff"):
            agency.staff.set_roles(account_id, [HELP_DESK], by=administrator)
    assert agency.staff.roles(shared.account_id, by=administrator) == ()
    for account_id in (janes_account, "none"):
        with pytest.raises(NotFoundError, match="no member of staff"):
            agency.staff.roles(account_id, by=administrator)


# --- a shared account ------------------------------------------------------------------------------------


def test_s28_a_shared_account_is_flagged_and_opens_no_case(
    agency, administrator, janes_account, opened_case, mail, attempt, staff
):
    shared = agency.staff.appoint_shared("front-desk", email=EMAIL, by=administrator)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.appointed_password("front-desk")
    first = attempt(agency, "front-desk", assigned)
    token = agency.credentials.change_password(first.token, current=assigned, new=NEW).token
    assert agency.sessions.check(token).person_id is None
    for call in (
        lambda: agency.cases.own(token),
        lambda: agency.payments.history(opened_case, by=token),
    ):
        with pytest.raises(NotPermittedError, match="you may not do this"):
            call()
    with pytest.raises(NotPermittedError, match="no participant"):
        agency.accounts.display_name(token)
    desk = staff(HELP_DESK)
    assert agency.oversight.status(shared.account_id, by=desk).kind is AccountKind.SHARED
    with pytest.raises(NotPermittedError):
        agency.oversight.locked(by=Actor.staff(shared.account_id))


@pytest.mark.parametrize(
    "new", ["front-desk", "Front-Desk", "front-desk-front-desk", "ksed-tnorf-ksed-tnorf"]
)
def test_s28_the_password_of_a_shared_account_is_not_its_user_id(agency, administrator, mail, attempt, new):
    agency.staff.appoint_shared("front-desk", email=EMAIL, by=administrator)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.appointed_password("front-desk")
    token = attempt(agency, "front-desk", assigned).token
    refused = agency.credentials.change_password(token, current=assigned, new=Secret(new))
    assert refused.violations
    assert not isinstance(attempt(agency, "front-desk", Secret(new)), SignedIn)
