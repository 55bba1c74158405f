"""`agency.credentials.change_password`: another password of one's own."""

import json
from itertools import pairwise

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users import PasswordChangeAccepted, PasswordChangeRefused, SignedIn, SignInRefused
from dcss_core.users.passwords.password import PasswordFault
from dcss_core.users.sign_in.reauthentication import ReauthenticationAccepted, ReauthenticationRefused

NEW = Secret("eleven copper kettles on a raft")
WRONG = Secret("not the password at all")


@pytest.fixture
def token(agency, janes_account, jane, sign_in):
    return sign_in(agency, jane)


def faults(refused):
    assert isinstance(refused, PasswordChangeRefused), refused
    return [violation.fault for violation in refused.violations]


def reasons(agency):
    entries = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "authn_password_change_fail"
    ]
    return [json.loads(entry.details)["reason"] for entry in entries]


def test_the_new_password_is_in_force_and_the_old_one_is_not(agency, token, jane):
    assert isinstance(
        agency.credentials.change_password(token, current=jane.password, new=NEW), PasswordChangeAccepted
    )
    assert (
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
        == SignInRefused()
    )
    assert isinstance(
        agency.accounts.sign_in(jane.user_id, NEW, banner=agency.accounts.banner().version), SignedIn
    )


def test_the_caller_goes_on_with_a_new_token_and_every_other_session_ends(agency, token, jane, sign_in):
    elsewhere = sign_in(agency, jane)
    changed = agency.credentials.change_password(token, current=jane.password, new=NEW)
    assert changed.token not in (token, elsewhere)
    assert agency.accounts.display_name(changed.token) == "Jane Roe"
    for ended in (token, elsewhere):
        with pytest.raises(NotPermittedError, match="sign in again"):
            agency.accounts.display_name(ended)


def test_s24_none_of_the_last_24_passwords_comes_back_and_the_25th_does(agency, token, jane):
    # The federal baseline remembers 24.
    passwords = [jane.password, *(Secret(f"copper kettle raft number {number}") for number in range(25))]
    for current, new in pairwise(passwords):
        token = agency.credentials.change_password(token, current=current, new=new).token
    refused = agency.credentials.change_password(token, current=passwords[-1], new=passwords[1])
    assert faults(refused) == [PasswordFault.USED_BEFORE]
    again = agency.credentials.change_password(token, current=passwords[-1], new=passwords[0])
    assert isinstance(again, PasswordChangeAccepted)


def test_the_current_password_is_no_new_one(agency, token, jane):
    refused = agency.credentials.change_password(token, current=jane.password, new=jane.password)
    assert faults(refused) == [PasswordFault.SAME_AS_CURRENT]
    assert refused.current_accepted


def test_everything_wrong_with_the_new_password_is_said_at_once(agency, token, jane):
    refused = agency.credentials.change_password(token, current=jane.password, new=Secret("Roe jroe88"))
    assert faults(refused) == [
        PasswordFault.TOO_SHORT,
        PasswordFault.CONTAINS_USER_ID,
        PasswordFault.CONTAINS_NAME,
    ]
    named = agency.credentials.change_password(token, current=jane.password, new=Secret("JaneJane"))
    assert faults(named) == [PasswordFault.TOO_SHORT, PasswordFault.CONTAINS_NAME, PasswordFault.REPETITION]
    assert reasons(agency) == ["against_policy"] * 2


def test_a_wrong_current_password_and_a_bad_new_one_are_both_said(agency, token):
    refused = agency.credentials.change_password(token, current=WRONG, new=Secret("short"))
    assert faults(refused) == [PasswordFault.TOO_SHORT]
    assert not refused.current_accepted


@pytest.mark.parametrize("new", ["seven green kites over savannah", "another one altogether, unused"])
def test_without_the_current_password_nothing_tells_what_it_is(agency, token, hasher, new):
    before = hasher.runs
    refused = agency.credentials.change_password(token, current=WRONG, new=Secret(new))
    assert refused == PasswordChangeRefused(current_accepted=False, violations=())
    # the current one verified, and the new one neither compared with any nor hashed
    assert hasher.runs - before == 1


def test_wrong_current_passwords_cost_one_run_each_however_many_came_before_and_none_while_locked(
    agency, token, jane, hasher
):
    current = jane.password
    for number in range(5):  # a history to compare with
        chosen = Secret(f"{number} green kites over savannah")
        token = agency.credentials.change_password(token, current=current, new=chosen).token
        current = chosen
    runs = []
    for typed in (WRONG, WRONG, WRONG, WRONG, current):  # the third locks
        hasher.runs = 0
        agency.credentials.change_password(token, current=typed, new=NEW)
        runs.append(hasher.runs)
    assert runs == [1, 1, 1, 0, 0]


def test_credential_stuffing_a_wrong_password_in_a_session_counts_against_its_source(
    agency, token, jane, hasher, attempt, clock
):
    """50 failures within 60 minutes close a source for 15 (accounts.throttles)."""
    for number in range(49):
        attempt(agency, f"user-{number}", WRONG, source="203.0.113.7")
    agency.sessions.reauthenticate(token, password=WRONG, source="203.0.113.7")
    hasher.runs = 0
    refused = agency.sessions.reauthenticate(token, password=jane.password, source="203.0.113.7")
    assert refused == ReauthenticationRefused()
    assert hasher.runs == 0
    assert isinstance(
        agency.sessions.reauthenticate(token, password=jane.password, source="198.51.100.9"),
        ReauthenticationAccepted,
    )


def test_a_password_that_was_not_looked_at_counts_towards_no_lock(agency, token, jane, attempt):
    for number in range(50):
        attempt(agency, f"user-{number}", WRONG, source="203.0.113.7")
    for _ in range(5):
        agency.sessions.reauthenticate(token, password=WRONG, source="203.0.113.7")
    accepted = agency.sessions.reauthenticate(token, password=jane.password, source="198.51.100.9")
    assert isinstance(accepted, ReauthenticationAccepted)


def test_wrong_current_passwords_count_towards_the_lock(agency, token, jane, kinds):
    for _ in range(3):
        agency.credentials.change_password(token, current=WRONG, new=NEW)
    assert "authn_login_lock" in kinds(agency)
    locked = agency.credentials.change_password(token, current=jane.password, new=NEW)
    assert locked == PasswordChangeRefused(current_accepted=False, violations=())
    assert reasons(agency) == ["wrong_password"] * 3 + ["not_usable"]


def test_a_million_characters_are_refused_before_any_of_them_is_hashed(agency, token, jane, hasher):
    before = hasher.runs
    refused = agency.credentials.change_password(token, current=jane.password, new=Secret("x" * 1_000_000))
    assert faults(refused) == [PasswordFault.TOO_LONG]
    assert hasher.runs - before == 1  # the current one


def test_of_eight_changes_at_once_one_is_made(agency, token, jane, at_once):
    def change():
        try:
            return agency.credentials.change_password(token, current=jane.password, new=NEW)
        except NotPermittedError as ended:
            return ended

    outcomes = at_once(8, change)
    assert sum(isinstance(outcome, PasswordChangeAccepted) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NotPermittedError) for outcome in outcomes) == 7


def test_the_holder_is_told_that_the_password_was_changed(agency, token, jane, mail):
    agency.credentials.change_password(token, current=jane.password, new=NEW)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    [letter] = mail.bodies("Your password was changed")
    assert NEW.reveal() not in letter


def test_each_change_is_audited_with_its_end_of_session(agency, token, jane, kinds, last_number):
    before = last_number(agency)
    agency.credentials.change_password(token, current=jane.password, new=NEW)
    assert kinds(agency, before) == ["authn_password_change", "session_expired", "session_created"]
