"""Wherever a password is chosen, breached ones are refused, and a rule says what the list's silence means."""

import json

import pytest

from dcss_core import Actor, Secret
from dcss_core.plugins import BreachCheckUnavailable, PasswordBreachCheck, SeenInBreaches, hookimpl
from dcss_core.users import PasswordChangeAccepted, PasswordChangeRefused, Registered, RegistrationIncomplete
from dcss_core.users.passwords.password import PasswordFault
from dcss_core.users.recovery.password_choice import ChoiceRefused, PasswordChosen

LEAKED = Secret("purple elephants dance slowly")
NEW = Secret("eleven copper kettles on a raft")


class Leaks:
    """An in-process plugin: the list `leaks:`, which holds one password, or is down."""

    def __init__(self):
        self.is_down = False
        self.asked = 0

    def look_up(self, password):
        self.asked += 1
        if self.is_down:
            return BreachCheckUnavailable("unreachable")
        return SeenInBreaches(int(password.reveal() == LEAKED.reveal()))

    def close(self):
        pass

    @hookimpl
    def dcss_breach_checks(self):
        return [PasswordBreachCheck("leaks", "One password that is known", factory=lambda url: self)]


@pytest.fixture
def leaks():
    return Leaks()


@pytest.fixture
def checking(opener, storage_url, outside, leaks, case_application, intake):
    """An agency that asks the list, with Jane on file."""
    agency = opener(storage_url, plugins=[outside, leaks], breach_check="leaks:")
    agency.cases.open(case_application, by=intake)
    return agency


def faults(violations):
    return [violation.fault for violation in violations]


def not_answered(agency):
    entries = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "breach_list_unavailable"
    ]
    return [json.loads(entry.details)["reason"] for entry in entries]


def test_nobody_registers_with_a_breached_password(checking, jane, form_of):
    refused = checking.accounts.register(form_of(checking, jane, password=LEAKED))
    assert isinstance(refused, RegistrationIncomplete)
    assert faults(refused.password_violations) == [PasswordFault.BREACHED]
    assert isinstance(checking.accounts.register(form_of(checking, jane)), Registered)


def test_nobody_changes_to_a_breached_password(checking, jane, register, sign_in):
    register(checking, jane)
    change, token = checking.credentials.change_password, sign_in(checking, jane)
    refused = change(token, current=jane.password, new=LEAKED)
    assert isinstance(refused, PasswordChangeRefused)
    assert faults(refused.violations) == [PasswordFault.BREACHED]
    assert isinstance(change(token, current=jane.password, new=NEW), PasswordChangeAccepted)


@pytest.mark.parametrize("guess", [LEAKED, NEW, "her own"])
def test_without_the_current_password_the_list_is_not_asked_whatever_is_guessed(
    checking, leaks, jane, register, sign_in, guess
):
    """Else whether it was asked would say that the guess is not the current password."""
    register(checking, jane)
    token, asked = sign_in(checking, jane), leaks.asked
    new = jane.password if guess == "her own" else guess
    refused = checking.credentials.change_password(token, current=Secret("not it"), new=new)
    assert refused == PasswordChangeRefused(current_accepted=False, violations=())
    assert leaks.asked == asked


def test_while_locked_the_list_is_not_asked_even_with_the_right_password(
    checking, leaks, jane, register, sign_in
):
    register(checking, jane)
    token = sign_in(checking, jane)
    for _ in range(3):
        checking.credentials.change_password(token, current=Secret("not it"), new=NEW)
    asked = leaks.asked
    for current in (jane.password, Secret("not it")):
        refused = checking.credentials.change_password(token, current=current, new=LEAKED)
        assert refused == PasswordChangeRefused(current_accepted=False, violations=())
    assert leaks.asked == asked


def test_nobody_recovers_with_a_breached_password(checking, jane, register, mail):
    register(checking, jane)
    checking.recovery.request_code(jane.user_id)
    checking.outbox.dispatch(by=Actor.system("dispatch"))
    letter = mail.bodies("Your code for a new password")[-1]
    code = Secret(next(line.strip() for line in letter.splitlines() if line.startswith("    ")))
    refused = checking.recovery.choose_password(jane.user_id, code, LEAKED)
    assert isinstance(refused, ChoiceRefused)
    assert faults(refused.violations) == [PasswordFault.BREACHED]
    assert isinstance(checking.recovery.choose_password(jane.user_id, code, NEW), PasswordChosen)


def test_while_the_list_is_down_a_password_is_taken_and_the_log_says_so(checking, jane, form_of, leaks):
    leaks.is_down = True
    assert isinstance(checking.accounts.register(form_of(checking, jane, password=LEAKED)), Registered)
    assert not_answered(checking) == ["unreachable"]


def test_where_the_jurisdiction_says_so_no_password_is_taken_while_the_list_is_down(
    opener, storage_url, reform, leaks, case_application, intake, jane, form_of
):
    plugins = [*reform({"accounts.password_breach_check": "fail_closed"}), leaks]
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=plugins, breach_check="leaks:")
    agency.cases.open(case_application, by=intake)
    leaks.is_down = True
    refused = agency.accounts.register(form_of(agency, jane))
    assert isinstance(refused, RegistrationIncomplete)
    assert faults(refused.password_violations) == [PasswordFault.BREACH_CHECK_UNAVAILABLE]
    assert not_answered(agency) == ["unreachable"]
