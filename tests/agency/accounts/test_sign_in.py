"""`agency.accounts.sign_in`: one public answer to everything that goes wrong, at one price."""

import json
from datetime import timedelta

import pytest

from dcss_core import Actor, KeyRing, Secret
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher
from dcss_core.users import SignedIn, SignInRefused
from dcss_core.users.account import ChangeReason
from dcss_core.users.account_control import ControlReason
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

WRONG = Secret("not the password at all")
# The federal baseline: 3 failures within 120 minutes lock for 15; 100 in a row disable the password.
LIMIT = 3


GENEROUS = [
    {"flow": flow, "failures": 1000, "window_minutes": 60, "closed_minutes": 60}
    for flow in (
        "recovery_by_source",
        "registration_by_source",
        "sign_in_by_account_and_source",
        "sign_in_by_source",
    )
]


@pytest.fixture
def staff_of():
    """Somebody of the help desk of an agency that a test opened itself."""

    def first(agency):
        roles, email = [StaffRole.ACCOUNT_ADMINISTRATOR, StaffRole.HELP_DESK], Secret("w@dcss.example.gov")
        made = agency.staff.appoint("worker-1", email=email, roles=roles, by=Actor.system("set-up"))
        return Actor.staff(made.account_id)

    return first


@pytest.fixture
def cost(agency, hasher):
    """Signs in and gives the outcome with the number of runs of the slow hash it took."""

    def signed_in(user_id, password):
        before = hasher.runs
        outcome = agency.accounts.sign_in(
            user_id, password, source="203.0.113.7", banner=agency.accounts.banner().version
        )
        return outcome, hasher.runs - before

    return signed_in


def reasons(agency):
    entries = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "authn_login_fail"
    ]
    return [json.loads(entry.details)["reason"] for entry in entries]


def test_s21_the_right_password_opens_a_full_session(agency, janes_account, jane, cost):
    outcome, runs = cost("jroe88", jane.password)  # the user id in any case
    assert isinstance(outcome, SignedIn)
    assert outcome.session.scope is SessionScope.FULL
    assert runs == 1


def test_s21_whatever_is_wrong_looks_the_same_and_costs_one_run(
    agency, janes_account, jane, cost, reset, mail
):
    attempts = [
        ("nobody-here", jane.password),
        ("jroe88", WRONG),
        ("jroe88", Secret("")),
        ("jroe88", Secret("x" * 1_000_000)),
        ("jroe88", Secret("half a character \ud800")),
        ("not a user id!\r\n\x1b[31m", jane.password),
        ("half \ud800", jane.password),
        ("", jane.password),
        ("jroe88", WRONG),  # the third failure that counts: locked from here on
        ("jroe88", jane.password),
        ("jroe88", WRONG),
    ]
    for user_id, password in attempts:
        assert cost(user_id, password) == (SignInRefused(), 1), user_id
    assert reasons(agency) == [
        "unknown_user",
        "wrong_password",
        "wrong_password",
        "unknown_user",
        "unknown_user",
        "unknown_user",
        "unknown_user",
        "unknown_user",
        "wrong_password",
        "locked",
        "locked",
    ]


def test_s21_a_disabled_account_looks_and_costs_like_a_wrong_password(
    agency, janes_account, jane, cost, staff
):
    agency.oversight.disable(janes_account, by=staff(), reason=ControlReason.SUSPECTED_MISUSE)
    assert cost("jroe88", jane.password) == (SignInRefused(), 1)
    assert cost("jroe88", WRONG) == (SignInRefused(), 1)
    assert reasons(agency) == ["account_not_active"] * 2


def test_s21_an_expired_and_a_used_assigned_password_look_and_cost_the_same(
    agency, janes_account, jane, cost, reset, mail, clock
):
    reset(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.assigned_password()
    clock.move(hours=24)
    assert cost("jroe88", assigned) == (SignInRefused(), 1)
    reset(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert isinstance(cost("jroe88", mail.assigned_password())[0], SignedIn)
    assert cost("jroe88", mail.assigned_password()) == (SignInRefused(), 1)
    assert reasons(agency) == ["assigned_password_expired", "assigned_password_used"]


def test_a_password_that_is_too_long_is_never_cut_to_fit(agency, jane, opened_case, form_of, cost):
    longest = Secret("".join(f"{number} kettles, " for number in range(100))[:255] + "!")
    agency.accounts.register(form_of(agency, jane, password=longest))
    assert isinstance(cost("jroe88", longest)[0], SignedIn)
    assert cost("jroe88", Secret(longest.reveal() + "x"))[0] == SignInRefused()
    assert cost("jroe88", Secret(longest.reveal()[:-1]))[0] == SignInRefused()


def test_s21_three_failures_lock_for_fifteen_minutes_and_not_longer(agency, janes_account, jane, cost, clock):
    for _ in range(LIMIT):
        cost("jroe88", WRONG)
    clock.move(minutes=14, seconds=59)
    assert cost("jroe88", jane.password)[0] == SignInRefused()
    assert cost("jroe88", WRONG)[0] == SignInRefused()  # does not hold the lock open
    clock.move(seconds=1)
    assert isinstance(cost("jroe88", jane.password)[0], SignedIn)


def test_s21_staff_see_the_lock_in_the_audit_log(agency, janes_account, cost, clock):
    for _ in range(LIMIT):
        cost("jroe88", WRONG)
    [locked] = [
        entry
        for _, entry in agency.audit.about(f"account:{janes_account}", by=Actor.system("audit"))
        if entry.kind == "authn_login_lock"
    ]
    assert json.loads(locked.details)["until"] == (clock.now() + timedelta(minutes=15)).isoformat()
    assert locked.source == "203.0.113.7"


def test_s21_failures_outside_the_window_do_not_count(agency, janes_account, jane, cost, clock):
    cost("jroe88", WRONG)
    cost("jroe88", WRONG)
    clock.move(minutes=120)
    cost("jroe88", WRONG)
    assert isinstance(cost("jroe88", jane.password)[0], SignedIn)


def test_s21_success_sets_the_count_back(agency, janes_account, jane, cost):
    for _ in range(4):
        cost("jroe88", WRONG)
        cost("jroe88", WRONG)
        assert isinstance(cost("jroe88", jane.password)[0], SignedIn)


def test_s21_of_sixteen_racing_wrong_passwords_exactly_the_limit_counts(
    agency, janes_account, at_once, kinds, jane, clock
):
    outcomes = at_once(
        16, lambda: agency.accounts.sign_in("jroe88", WRONG, banner=agency.accounts.banner().version)
    )
    assert outcomes == [SignInRefused()] * 16
    assert sorted(reasons(agency)) == ["locked"] * (16 - LIMIT) + ["wrong_password"] * LIMIT
    assert kinds(agency).count("authn_login_lock") == 1
    clock.move(minutes=15)
    assert isinstance(
        agency.accounts.sign_in("jroe88", jane.password, banner=agency.accounts.banner().version), SignedIn
    )


def test_a_hundred_failures_in_a_row_disable_the_password_until_a_reset(
    agency, janes_account, jane, clock, kinds, reset, mail
):
    for _ in range(100):
        agency.accounts.sign_in("jroe88", WRONG, banner=agency.accounts.banner().version)
        clock.move(minutes=15)
    assert kinds(agency).count("authn_login_fail_max") == 1
    assert (
        agency.accounts.sign_in("jroe88", jane.password, banner=agency.accounts.banner().version)
        == SignInRefused()
    )
    assert reasons(agency)[-1] == "password_disabled"
    reset(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert isinstance(
        agency.accounts.sign_in("jroe88", mail.assigned_password(), banner=agency.accounts.banner().version),
        SignedIn,
    )


def test_a_clock_that_steps_back_does_not_unlock(agency, janes_account, jane, cost, clock):
    for _ in range(LIMIT):
        cost("jroe88", WRONG)
    clock.move(hours=-3)
    assert cost("jroe88", jane.password)[0] == SignInRefused()


def test_every_sign_in_gets_a_token_of_its_own(agency, janes_account, jane, sign_in):
    first, second = sign_in(agency, jane), sign_in(agency, jane)
    assert first != second
    assert first.session_id != second.session_id


# --- edges of the lock ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("microseconds", "opens"), [(-1, False), (0, True)])
def test_counter_races_a_lock_ends_at_its_microsecond(
    agency, janes_account, jane, cost, clock, microseconds, opens
):
    for _ in range(LIMIT):
        cost("jroe88", WRONG)
    clock.move(minutes=15, microseconds=microseconds)
    assert isinstance(cost("jroe88", jane.password)[0], SignedIn) is opens


@pytest.mark.parametrize(("microseconds", "locks"), [(-1, True), (0, False)])
def test_counter_races_a_failure_counts_until_the_microsecond_its_window_ends(
    agency, janes_account, cost, clock, kinds, microseconds, locks
):
    cost("jroe88", WRONG)
    clock.move(minutes=60)
    cost("jroe88", WRONG)
    clock.move(minutes=60, microseconds=microseconds)
    cost("jroe88", WRONG)
    assert ("authn_login_lock" in kinds(agency)) is locks


def test_counter_races_sixteen_wrong_passwords_at_once_count_sixteen_where_the_limit_is_higher(
    opener, storage_url, reform, case_application, intake, jane, register, attempt, at_once, staff_of
):
    changes = {"accounts.failure_limit": 50, "accounts.throttles": GENEROUS}
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=reform(changes))
    agency.cases.open(case_application, by=intake)
    account_id = register(agency, jane)
    at_once(16, lambda: attempt(agency, "jroe88", WRONG, source="203.0.113.7"))
    assert agency.oversight.status(account_id, by=staff_of(agency)).failures == 16
    assert reasons(agency) == ["wrong_password"] * 16


# --- rules that changed since ----------------------------------------------------------------------------


def test_rules_that_got_stricter_lock_nobody_out_and_ask_for_another_password(
    opener, sqlite_url, reform, case_application, intake, jane, register, attempt
):
    def opened(changes):
        return opener(sqlite_url, jurisdiction="US-GA-REFORM", plugins=reform(changes))

    before = opened({"accounts.banner": "You agree."})
    before.cases.open(case_application, by=intake)
    register(before, jane)
    stricter = {"accounts.password_min_length": 40}
    after = opened({"accounts.banner": "You agree."} | stricter)
    first = attempt(after, jane.user_id, jane.password)
    assert first.session.scope is SessionScope.CHANGE_PASSWORD_ONLY
    assert first.session.change_reason is ChangeReason.AGAINST_POLICY
    again = attempt(after, jane.user_id, jane.password)
    assert again.session.change_reason is ChangeReason.AGAINST_POLICY
    new = Secret("eleven copper kettles on a raft upon the water")
    changed = after.credentials.change_password(again.token, current=jane.password, new=new)
    assert after.accounts.display_name(changed.token) == "Jane Roe"


# --- a hash that is to be made anew --------------------------------------------------------------------


def test_a_right_password_is_hashed_anew_at_the_present_cost(
    opener, sqlite_url, case_application, intake, jane, register
):
    first = opener(sqlite_url)
    first.cases.open(case_application, by=intake)
    register(first, jane)
    later = FakeHasher(pepper_id="k2")
    second = opener(sqlite_url, hasher=later)
    assert isinstance(
        second.accounts.sign_in("jroe88", jane.password, banner=second.accounts.banner().version), SignedIn
    )
    assert later.runs == 2  # verified, and hashed anew
    assert isinstance(
        second.accounts.sign_in("jroe88", jane.password, banner=second.accounts.banner().version), SignedIn
    )
    assert later.runs == 3


def test_while_locked_the_right_password_costs_no_more_than_a_wrong_one(
    opener, sqlite_url, case_application, intake, jane, register
):
    first = opener(sqlite_url)
    first.cases.open(case_application, by=intake)
    register(first, jane)
    later = FakeHasher(pepper_id="k2")
    second = opener(sqlite_url, hasher=later)
    for _ in range(LIMIT):
        second.accounts.sign_in("jroe88", WRONG, banner=second.accounts.banner().version)
    before = later.runs
    second.accounts.sign_in("jroe88", jane.password, banner=second.accounts.banner().version)
    # Two runs here would tell the right password to somebody who may guess without being counted.
    assert later.runs - before == 1


def test_key_rotation_keeps_passwords_good(
    opener, sqlite_url, case_application, intake, jane, register, keys
):
    """With the real Argon2id, whose pepper comes from the ring."""
    first = opener(sqlite_url, hasher=None)
    first.cases.open(case_application, by=intake)
    register(first, jane)
    rotated = KeyRing((MasterKey("k2", Secret("2" * 64)), *keys.keys))
    second = opener(sqlite_url, hasher=None, keys=rotated)
    assert isinstance(
        second.accounts.sign_in("jroe88", jane.password, banner=second.accounts.banner().version), SignedIn
    )
    assert (
        second.accounts.sign_in("jroe88", WRONG, banner=second.accounts.banner().version) == SignInRefused()
    )


def test_a_lock_of_nobodys_user_id_writes_to_nobody(agency, attempt, mail):
    for _ in range(3):
        attempt(agency, "nobody", WRONG)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert mail.attempts == []
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 0
