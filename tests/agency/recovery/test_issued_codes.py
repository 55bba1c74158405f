"""`agency.recovery`: a forgotten password, recovered by a code sent to the address on file."""

import base64
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import attrs
import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from dcss_core import Actor, Month, Secret
from dcss_core.agency.filing.accounts import OUTSTANDING_CODES
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.errors import BackendError, NotPermittedError
from dcss_core.users import SignedIn, SignInRefused
from dcss_core.users.account_control import ControlReason
from dcss_core.users.passwords.password import PasswordFault
from dcss_core.users.recovery.issued_code import CodeRequested
from dcss_core.users.recovery.password_choice import ChoiceRefused, CodeRefused, PasswordChosen
from dcss_core.users.sign_in.session import SessionScope, SessionToken
from dcss_core.users.sign_in.sign_in import SecondFactorDue

NEW = Secret("eleven copper kettles on a raft")
OTHER = Secret("twelve paper boats in the rain")
CODE_SUBJECT = "Your code for a new password"


def newest_code(mail):
    """The code that arrived last: the indented line of the letter."""
    body = mail.bodies(CODE_SUBJECT)[-1]
    return Secret(next(line.strip() for line in body.splitlines() if line.startswith("    ")))


def reasons(agency, kind):
    entries = [entry for _, entry in agency.audit.entries(by=Actor.system("audit")) if entry.kind == kind]
    return [json.loads(entry.details)["reason"] for entry in entries]


def enter(agency, user_id, password):
    return agency.accounts.sign_in(user_id, password, banner=agency.accounts.banner().version)


def move_address(agency, parent, address):
    """Put another address on file, or none."""

    def verb(work):
        [kept] = work.find(PEOPLE, ("irn",), (parent.irn,))
        work.replace(PEOPLE, kept, attrs.evolve(kept.record, email=address))

    agency.recovery._resources.write(verb)


@pytest.fixture
def ask(mail):
    """Asks for a code and gives it as it arrived."""

    def asked(agency, parent, **changes):
        assert agency.recovery.request_code(parent.user_id, **changes) == CodeRequested()
        agency.outbox.dispatch(by=Actor.system("dispatch"))
        return newest_code(mail)

    return asked


@pytest.fixture
def code(agency, janes_account, jane, ask):
    return ask(agency, jane)


# --- the way through -----------------------------------------------------------------------------------


def test_s22_a_forgotten_password_is_recovered_without_staff_and_without_waiting(
    agency, opened_case, jane, register, ask, sign_in, clock
):
    register(agency, jane)
    began = clock.now()
    code = ask(agency, jane)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == PasswordChosen()
    token = sign_in(agency, jane, NEW)
    # P10 of the IRS: a new password at once. It is the owner's own, so the session is full at once too.
    assert agency.sessions.check(token).scope is SessionScope.FULL
    assert agency.payments.statement(opened_case, first=Month(2026, 1), last=Month(2026, 1), by=token)
    assert clock.now() == began


def test_the_password_before_and_every_session_end_at_once(agency, code, jane, sign_in):
    token = sign_in(agency, jane)
    agency.recovery.choose_password(jane.user_id, code, NEW)
    assert enter(agency, jane.user_id, jane.password) == SignInRefused()
    with pytest.raises(NotPermittedError):
        agency.sessions.check(token)


def test_the_user_id_and_the_code_may_be_typed_in_capitals(agency, code, jane):
    typed = Secret(code.reveal().upper().replace("-", " "))
    assert agency.recovery.choose_password(jane.user_id.upper(), typed, NEW) == PasswordChosen()


def test_the_code_goes_to_the_address_on_file_and_the_owner_is_told_of_the_change(agency, code, jane, mail):
    agency.recovery.choose_password(jane.user_id, code, NEW)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    with_code = [each for each in mail.delivered if code.reveal() in each.body.reveal()]
    assert [each.address for each in with_code] == [jane.email]
    assert code.reveal() not in with_code[0].subject + with_code[0].message_id
    # NIST SP 800-63B-4 §4.2.3: every recovery notifies the subscriber
    [told] = [each for each in mail.delivered if each.subject == "Your password was changed"]
    assert told.address == jane.email
    assert "with a code" in told.body.reveal()


def test_the_letter_tells_the_limit_by_the_agencys_clock(agency, code, mail):
    """Asked for at 10:00 in Atlanta; good for 10 minutes."""
    assert "until 2026-01-07 10:10 EST" in mail.bodies(CODE_SUBJECT)[-1]


@pytest.mark.parametrize(
    ("by", "outcome"),
    [
        (timedelta(minutes=10) - timedelta(microseconds=1), PasswordChosen()),
        (timedelta(minutes=10), CodeRefused()),
    ],
)
def test_the_code_is_good_for_ten_minutes(agency, code, jane, clock, by, outcome):
    clock.instant += by
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == outcome


def test_a_new_code_replaces_the_one_before(agency, code, jane, ask):
    second = ask(agency, jane)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == CodeRefused()
    assert agency.recovery.choose_password(jane.user_id, second, NEW) == PasswordChosen()


# --- the new password -----------------------------------------------------------------------------------


def test_what_is_wrong_with_the_password_is_told_to_the_holder_of_a_good_code_and_costs_no_code(
    agency, code, jane
):
    bad = [
        (Secret("short"), PasswordFault.TOO_SHORT),
        (jane.password, PasswordFault.SAME_AS_CURRENT),
        (Secret(f"my own {jane.user_id} and more"), PasswordFault.CONTAINS_USER_ID),
        (code, PasswordFault.SAME_AS_ASSIGNED),
    ]
    for password, fault in bad:
        refused = agency.recovery.choose_password(jane.user_id, code, password)
        assert isinstance(refused, ChoiceRefused)
        assert fault in {each.fault for each in refused.violations}
    stranger = agency.recovery.choose_password(jane.user_id, Secret("wrong"), Secret("short"))
    assert stranger == CodeRefused()
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == PasswordChosen()


def test_an_earlier_password_does_not_come_back_through_a_recovery(agency, code, jane, ask):
    agency.recovery.choose_password(jane.user_id, code, NEW)
    refused = agency.recovery.choose_password(jane.user_id, ask(agency, jane), jane.password)
    assert [each.fault for each in refused.violations] == [PasswordFault.USED_BEFORE]


def test_a_minimum_age_of_passwords_keeps_nobody_from_a_recovery(
    opener, reform, case_application, intake, jane, register, ask
):
    """It is there against quick rounds through the history, and a forgotten password is none."""
    a_day = reform({"accounts.password_min_age_days": 1})
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=a_day)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    assert agency.recovery.choose_password(jane.user_id, ask(agency, jane), NEW) == PasswordChosen()


# --- enumeration ----------------------------------------------------------------------------------------


def test_enumeration_by_message_whoever_asks_is_told_the_same(
    agency, opened_case, jane, john, register, staff, kinds, mail
):
    admin = staff()
    register(agency, jane)
    johns_account = register(agency, john)
    move_address(agency, jane, None)
    agency.oversight.disable(johns_account, by=admin, reason=ControlReason.OWNER_ASKED)
    for user_id in ("nobody-here", "not a user id!", "", jane.user_id, john.user_id):
        assert agency.recovery.request_code(user_id) == CodeRequested()
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert sorted(reasons(agency, "authn_recovery_code_issue_fail")) == [
        "account_not_active",
        "no_address",
        *["unknown_user"] * 3,
    ]
    assert mail.bodies(CODE_SUBJECT) == []


def test_enumeration_by_time_no_slow_hash_runs_without_a_good_code(agency, code, jane, john, hasher):
    attempts = [
        (jane.user_id, Secret("wrong")),
        ("nobody-here", code),
        (john.user_id, code),
        (jane.user_id, Secret("x" * 1_000_000)),
        (jane.user_id, Secret("\ud800")),
    ]
    hasher.runs = 0
    for user_id, typed in attempts:
        assert agency.recovery.choose_password(user_id, typed, NEW) == CodeRefused()
    agency.recovery.request_code(jane.user_id)
    agency.recovery.request_code("nobody-here")
    assert hasher.runs == 0


def test_enumeration_by_time_a_good_code_costs_the_same_whether_or_not_the_password_will_do(
    agency, code, jane, ask, hasher
):
    agency.recovery.choose_password(jane.user_id, code, NEW)  # so that there is an earlier password
    code, costs = ask(agency, jane), []
    for password in (Secret("short"), NEW, jane.password, OTHER):
        hasher.runs = 0
        agency.recovery.choose_password(jane.user_id, code, password)
        costs.append(hasher.runs)
    # compared with the present and the one earlier password, and hashed
    assert costs == [3, 3, 3, 3]


def test_enumeration_by_side_effect_trouble_with_the_outbox_shows_to_nobody(
    fragile, case_application, intake, jane, register
):
    """CVE-2024-45231: a form that fails only where there is somebody to write to."""
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    storage.fail_on = ("insert", "outbox")
    known = agency.recovery.request_code(jane.user_id)
    assert known == agency.recovery.request_code("nobody-here") == CodeRequested()
    with pytest.raises(BackendError):
        agency.outbox.dispatch(by=Actor.system("dispatch"))
    storage.fail_on = ("append", "audit_entries")  # what can't be audited does not happen, for anybody
    for user_id in (jane.user_id, "nobody-here"):
        with pytest.raises(BackendError):
            agency.recovery.request_code(user_id)


def test_enumeration_by_side_effect_a_request_counts_against_its_source_whoever_it_names(
    agency, janes_account, jane, john, register, mail
):
    """If only requests for nobody counted, a letter to oneself afterwards would tell who is somebody."""
    register(agency, john)
    for number, user_id in enumerate((jane.user_id, "nobody-here")):
        source = f"203.0.113.{number}"
        for _ in range(19):
            agency.recovery.request_code("someone-else", source=source)
        agency.recovery.request_code(user_id, source=source)  # the twentieth closes it
        agency.recovery.request_code(john.user_id, source=source)
    assert reasons(agency, "authn_recovery_code_issue_fail").count("source_throttled") == 2


def test_a_channel_that_is_down_changes_nothing_for_whoever_asks(agency, janes_account, jane, mail):
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    mail.script = [RuntimeError("the mail server is on fire")]
    assert agency.recovery.request_code(jane.user_id) == CodeRequested()
    assert agency.outbox.dispatch(by=Actor.system("dispatch")).failed == 1
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1


# --- replay and races -----------------------------------------------------------------------------------


def test_reset_token_replay_a_code_works_once(agency, code, jane):
    agency.recovery.choose_password(jane.user_id, code, NEW)
    assert agency.recovery.choose_password(jane.user_id, code, OTHER) == CodeRefused()
    assert reasons(agency, "authn_password_change_fail") == ["used"]


def test_reset_token_replay_a_code_is_nothing_to_another_user(agency, code, jane, john, register, ask):
    register(agency, john)
    ask(agency, john)
    assert agency.recovery.choose_password(john.user_id, code, NEW) == CodeRefused()
    assert reasons(agency, "authn_password_change_fail") == ["wrong_code"]


def test_reset_token_replay_a_code_is_good_for_no_other_purpose_and_nothing_else_is_a_code(
    agency, code, jane, sign_in, reset, mail, ask
):
    token = sign_in(agency, jane)
    assert enter(agency, jane.user_id, code) == SignInRefused()
    with pytest.raises(NotPermittedError):
        agency.sessions.check(SessionToken(code.reveal()))
    for other in (Secret(token.reveal()), jane.password):
        assert agency.recovery.choose_password(jane.user_id, other, NEW) == CodeRefused()
    reset(agency, jane)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    ask(agency, jane)
    assigned = mail.assigned_password()
    assert agency.recovery.choose_password(jane.user_id, assigned, NEW) == CodeRefused()


def test_reset_token_replay_a_code_ends_with_a_change_of_the_password(agency, code, jane, sign_in):
    changed = agency.credentials.change_password(sign_in(agency, jane), current=jane.password, new=NEW)
    assert changed.session
    assert agency.recovery.choose_password(jane.user_id, code, OTHER) == CodeRefused()
    assert reasons(agency, "authn_password_change_fail") == ["password_changed"]


@pytest.mark.parametrize("address", [Secret("jane.roe@example.org"), None])
def test_reset_token_replay_a_code_ends_with_a_change_of_the_address_on_file(agency, code, jane, address):
    move_address(agency, jane, address)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == CodeRefused()
    assert reasons(agency, "authn_password_change_fail") == ["address_changed"]


def test_reset_token_race_of_sixteen_who_redeem_one_code_exactly_one_wins(agency, code, jane, at_once):
    passwords = iter([Secret(f"{number} copper kettles on a raft") for number in range(100, 116)])
    outcomes = at_once(16, lambda: agency.recovery.choose_password(jane.user_id, code, next(passwords)))
    assert outcomes.count(PasswordChosen()) == 1
    assert outcomes.count(CodeRefused()) == 15


def test_weak_tokens_a_code_is_stored_as_its_hash_alone(
    opener, sqlite_url, case_application, intake, jane, register, ask
):
    agency = opener(sqlite_url)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    code = ask(agency, jane)
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    stored = b"".join(each.read_bytes() for each in sorted(path.parent.glob(f"{path.name}*")))
    assert b"outstanding_codes" in stored  # the search does find what is there
    for spelling in (code.reveal(), code.reveal().replace("-", "")):
        assert spelling.encode() not in stored
    assert not any(code.reveal() in str(entry) for _, entry in agency.audit.entries(by=Actor.system("audit")))


# --- limits ---------------------------------------------------------------------------------------------


def test_wrong_codes_make_the_right_one_worthless_in_the_end(
    opener, storage_url, reform, case_application, intake, jane, register, ask, kinds
):
    three = reform({"accounts.issued_code_failure_limit": 3})
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=three)
    agency.cases.open(case_application, by=intake)
    register(agency, jane)
    code = ask(agency, jane)
    for _ in range(3):
        agency.recovery.choose_password(jane.user_id, Secret("wrong"), NEW)
    assert kinds(agency)[-1] == "excess_rate_limit_exceeded"
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == CodeRefused()
    assert agency.recovery.choose_password(jane.user_id, ask(agency, jane), NEW) == PasswordChosen()


def test_counter_races_sixteen_wrong_codes_at_once_count_sixteen(agency, code, jane, janes_account, at_once):
    at_once(16, lambda: agency.recovery.choose_password(jane.user_id, Secret("wrong"), NEW))
    kept = agency.recovery._resources.read(lambda work: work.get(OUTSTANDING_CODES, janes_account))
    assert kept.record.failures == 16


def test_too_many_wrong_codes_from_one_source_close_it_and_no_other(agency, code, jane):
    attempt = agency.recovery.choose_password
    for _ in range(19):  # asking for the code came from elsewhere
        attempt(jane.user_id, Secret("wrong"), NEW, source="203.0.113.7")
    attempt("nobody-here", Secret("wrong"), NEW, source="203.0.113.7")
    assert attempt(jane.user_id, code, NEW, source="203.0.113.7") == CodeRefused()
    assert reasons(agency, "authn_password_change_fail")[-1] == "source_throttled"
    assert attempt(jane.user_id, code, NEW, source="198.51.100.9") == PasswordChosen()


def test_nobodys_mailbox_is_flooded_and_the_last_code_stays_good(
    agency, janes_account, jane, ask, mail, clock
):
    for _ in range(5):
        code = ask(agency, jane)
    for _ in range(10):
        assert agency.recovery.request_code(jane.user_id) == CodeRequested()
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies(CODE_SUBJECT)) == 5
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == PasswordChosen()
    clock.move(hours=1)
    assert ask(agency, jane) != code


# --- locks ----------------------------------------------------------------------------------------------


def test_lock_bypass_by_reset_a_code_neither_unlocks_nor_signs_in(agency, code, jane, clock, kinds):
    for _ in range(3):
        enter(agency, jane.user_id, Secret("wrong"))
    assert "authn_login_lock" in kinds(agency)
    before = kinds(agency).count("session_created")
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == PasswordChosen()
    assert kinds(agency).count("session_created") == before
    assert enter(agency, jane.user_id, NEW) == SignInRefused()
    clock.move(minutes=15)
    assert isinstance(enter(agency, jane.user_id, NEW), SignedIn)


def test_lockout_dos_days_of_attacks_do_not_stop_the_holder_of_a_code(
    agency, janes_account, jane, reset, ask, clock
):
    for day in range(3):
        for hour in range(24):
            source = f"2001:db8::{day}:{hour}"
            for _ in range(4):  # enough to lock sign-in each time
                agency.accounts.sign_in(
                    jane.user_id, Secret("wrong"), banner=agency.accounts.banner().version, source=source
                )
            reset(agency, jane, full_name="Jane Row", source=source)  # closes recovery by questions
            agency.recovery.choose_password(jane.user_id, Secret("wrong"), NEW, source=source)
            clock.move(hours=1)
    code = ask(agency, jane, source="198.51.100.9")
    chosen = agency.recovery.choose_password(jane.user_id, code, NEW, source="198.51.100.9")
    assert chosen == PasswordChosen()
    assert isinstance(enter(agency, jane.user_id, NEW), SignedIn)  # the last lock ended by itself


# --- where no codes are issued --------------------------------------------------------------------------


def test_where_no_codes_are_issued_none_is_and_nothing_is_chosen_with_one(opener, reform):
    questions_only = reform({"accounts.recovery_methods": ["security_questions"]})
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=questions_only)
    with pytest.raises(NotPermittedError, match="another way"):
        agency.recovery.request_code("jroe")
    with pytest.raises(NotPermittedError, match="another way"):
        agency.recovery.choose_password("jroe", Secret("abcd"), NEW)


# --- a second factor ------------------------------------------------------------------------------------


def test_a_new_password_by_code_does_not_bypass_the_second_factor(
    agency, janes_account, jane, sign_in, ask, clock
):
    """OWASP ASVS 5.0.0, 6.4.3."""
    token = sign_in(agency, jane)
    begun = agency.second_factors.begin(token, jane.password)
    key = base64.b32decode(parse_qs(urlsplit(begun.shown.reveal()).query)["secret"][0])
    generator = TOTP(key, 6, SHA1(), 30, enforce_key_length=False)
    shown = generator.generate(int(clock.now().timestamp())).decode()
    agency.second_factors.confirm(token, Secret(shown))
    code = ask(agency, jane)
    assert agency.recovery.choose_password(jane.user_id, code, NEW) == PasswordChosen()
    due = enter(agency, jane.user_id, NEW)
    assert isinstance(due, SecondFactorDue)
    with pytest.raises(NotPermittedError, match="second factor"):
        agency.accounts.display_name(due.token)
