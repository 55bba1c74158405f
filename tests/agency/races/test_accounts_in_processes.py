"""Processes that register, sign in and recover one account at the same instant."""

import json
from collections import Counter

import pytest

from dcss_core import Actor, Secret
from dcss_core.users import SignedIn, SignInRefused

LIMIT = 3  # IRS Pub. 1075 AC-7: three failures lock
CHANGED = "Your password was changed"


def reasons(agency, kind="authn_login_fail"):
    entries = [entry for _, entry in agency.audit.entries(by=Actor.system("audit")) if entry.kind == kind]
    return Counter(json.loads(entry.details).get("reason") for entry in entries)


def entries(agency, kind):
    return sum(entry.kind == kind for _, entry in agency.audit.entries(by=Actor.system("audit")))


def test_of_processes_that_redeem_one_code_exactly_one_chooses_the_password(
    course_of, course, jane, register, attempt
):
    processes, rounds = course
    for _ in range(rounds):
        running = course_of()
        agency = running.agency
        register(agency, jane)
        agency.recovery.request_code(jane.user_id)
        running.dispatch()
        code = running.mail.issued_code().reveal()
        chosen = [f"eleven copper kettles number {number}" for number in range(processes)]
        given = [{"user_id": jane.user_id, "code": code, "new": new} for new in chosen]
        counted, outcomes = running.race("choose_password", given)
        assert counted == {"PasswordChosen": 1, "CodeRefused": processes - 1}
        let_in = [isinstance(attempt(agency, jane.user_id, Secret(new)), SignedIn) for new in chosen[:LIMIT]]
        won = [each["is"] == "PasswordChosen" for each in outcomes]
        assert let_in == won[:LIMIT] or not any(won[:LIMIT])
        assert running.letters(CHANGED) == 1


@pytest.mark.parametrize("has_account", [True, False], ids=["an account", "nobody"])
def test_s21_of_wrong_passwords_of_many_processes_exactly_the_limit_counts_and_nobody_gets_in(
    course_of, course, jane, register, attempt, has_account
):
    processes, rounds = course
    for _ in range(rounds):
        running = course_of()
        agency = running.agency
        if has_account:
            register(agency, jane)
        tried = [*["not her password at all"] * LIMIT, jane.password.reveal()]
        given = [{"user_id": jane.user_id, "passwords": tried}] * processes
        _, outcomes = running.race("sign_in", given)
        assert outcomes == [[{"is": "SignInRefused"}] * len(tried)] * processes
        attempts, counted = processes * len(tried), reasons(agency)
        assert counted.total() == attempts
        if has_account:
            assert counted["wrong_password"] == LIMIT
            assert counted["locked"] == attempts - LIMIT
        else:
            assert counted == {"unknown_user": attempts}
        assert entries(agency, "authn_login_lock") == has_account
        assert entries(agency, "authn_login_lock_unknown") == (not has_account)
        assert attempt(agency, jane.user_id, jane.password) == SignInRefused()
        assert running.letters("Sign-in was locked") == has_account


def test_of_processes_that_register_one_person_exactly_one_makes_an_account(course_of, course, jane, attempt):
    processes, rounds = course
    for _ in range(rounds):
        running = course_of()
        user_ids = [f"jane-{number}" for number in range(processes)]
        counted, outcomes = running.race("register", [{"user_id": each} for each in user_ids])
        assert counted == {"Registered": 1, "RegistrationRefused": processes - 1}
        won = [each["is"] == "Registered" for each in outcomes]
        let_in = [isinstance(attempt(running.agency, each, jane.password), SignedIn) for each in user_ids]
        assert let_in == won
        assert entries(running.agency, "user_created") == 1
        assert running.letters("Your online account") == 1
