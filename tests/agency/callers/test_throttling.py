"""Failures counted against where they come from. Limits are this library's own, in the federal rules:

50 failed sign-ins from a source within 60 minutes close it for 15; 10 against one account from a source
within 24 hours close that account to it for 60; 20 registrations within 60 minutes close it for 60.
"""

import json
from collections import Counter

import pytest

from dcss_core import Actor, Secret
from dcss_core.users import RegistrationRefused, SignedIn, SignInRefused

WRONG = Secret("not the password at all")
HOME = "203.0.113.7"
ELSEWHERE = "198.51.100.23"
PER_SOURCE, PER_ACCOUNT_AND_SOURCE, PER_REGISTRATION_SOURCE = 50, 10, 20
LOCK_AT = 3  # IRS Pub. 1075, AC-7


@pytest.fixture
def guess(agency, attempt):
    """Tries user ids one after another with a wrong password, from a source."""

    def guessed(user_ids, source=HOME):
        return [attempt(agency, user_id, WRONG, source=source) for user_id in user_ids]

    return guessed


def throttled(agency):
    return [
        json.loads(entry.details) | {"source": entry.source}
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "excess_rate_limit_exceeded"
    ]


def user_ids(count):
    return [f"user-{number}" for number in range(count)]


# --- one source, many accounts --------------------------------------------------------------------------


def test_credential_stuffing_one_password_over_a_thousand_accounts_trips_the_source_and_no_account(
    agency, janes_account, jane, guess, attempt, reasons, hasher
):
    before = hasher.runs
    tried = guess([*user_ids(500), jane.user_id, *user_ids(499)])
    assert tried == [SignInRefused()] * 1000
    assert hasher.runs - before == PER_SOURCE  # a source that is closed is turned away before hashing
    # as many more entries as closed it, and then none: nobody fills the log
    assert Counter(reasons(agency)) == {"unknown_user": PER_SOURCE, "source_throttled": PER_SOURCE}
    assert attempt(agency, jane.user_id, jane.password, source=HOME) == SignInRefused()
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=ELSEWHERE), SignedIn)


def test_credential_stuffing_a_good_account_of_ones_own_buys_no_guesses_at_others(
    agency, janes_account, jane, guess, attempt
):
    guess(user_ids(PER_SOURCE - 1))
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=HOME), SignedIn)
    guess(["one-more"])
    assert attempt(agency, jane.user_id, jane.password, source=HOME) == SignInRefused()


def test_counter_races_a_closed_source_opens_at_its_instant_and_not_a_microsecond_earlier(
    agency, janes_account, jane, guess, attempt, clock
):
    guess(user_ids(PER_SOURCE))
    clock.move(minutes=15, microseconds=-1)
    assert attempt(agency, jane.user_id, jane.password, source=HOME) == SignInRefused()
    clock.move(microseconds=1)
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=HOME), SignedIn)


@pytest.mark.parametrize(("microseconds", "closes"), [(-1, True), (0, False)])
def test_counter_races_a_failure_counts_until_the_microsecond_its_window_ends(
    agency, guess, clock, microseconds, closes
):
    guess(["first"])
    clock.move(minutes=30)
    guess(user_ids(PER_SOURCE - 2))
    clock.move(minutes=30, microseconds=microseconds)
    guess(["last"])
    assert bool(throttled(agency)) is closes


def test_lockout_dos_failures_while_a_source_is_closed_do_not_hold_it_closed(
    agency, janes_account, jane, guess, attempt, clock
):
    guess(user_ids(PER_SOURCE))
    for _ in range(14):
        clock.move(minutes=1)
        guess(user_ids(10))
    clock.move(minutes=1)
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=HOME), SignedIn)


def test_clock_tricks_a_clock_that_steps_back_opens_no_source(
    agency, janes_account, jane, guess, attempt, clock
):
    guess(user_ids(PER_SOURCE))
    clock.move(hours=-5)
    assert attempt(agency, jane.user_id, jane.password, source=HOME) == SignInRefused()


def test_counter_races_of_sixteen_guesses_at_once_exactly_the_limit_is_counted(
    opener, storage_url, reform, attempt, at_once, reasons
):
    rows = [
        {"flow": flow, "failures": 5, "window_minutes": 60, "closed_minutes": 60}
        for flow in (
            "recovery_by_source",
            "registration_by_source",
            "sign_in_by_account_and_source",
            "sign_in_by_source",
        )
    ]
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=reform({"accounts.throttles": rows}))
    outcomes = at_once(16, lambda: attempt(agency, "nobody-here", WRONG, source=HOME))
    assert outcomes == [SignInRefused()] * 16
    # of the eleven that came too late as many are noted as closed it, and those that were at work by then
    counted = Counter(reasons(agency))
    assert counted["unknown_user"] == 5
    assert 5 <= counted["source_throttled"] <= 11
    assert [(each["flow"], each["failures"]) for each in throttled(agency)] == [
        ("sign_in_by_source", 5),
        ("sign_in_by_account_and_source", 5),
    ]


def test_what_closed_a_source_is_audited_with_the_source_and_until_when(agency, guess, clock):
    guess(user_ids(PER_SOURCE))
    [closed] = throttled(agency)
    assert (closed["flow"], closed["failures"], closed["source"]) == ("sign_in_by_source", PER_SOURCE, HOME)
    assert closed["until"] == "2026-01-07T15:15:00+00:00"  # the clock's instant and 15 minutes


# --- one account, many sources --------------------------------------------------------------------------


def test_credential_stuffing_one_account_from_a_thousand_sources_trips_the_account_and_no_source(
    agency, janes_account, jane, attempt, reasons
):
    sources = [f"198.51.{number // 250}.{number % 250}" for number in range(1000)]
    outcomes = [attempt(agency, jane.user_id, WRONG, source=source) for source in sources]
    assert outcomes == [SignInRefused()] * 1000
    assert Counter(reasons(agency)) == {"wrong_password": LOCK_AT, "locked": 1000 - LOCK_AT}
    assert throttled(agency) == []


# --- one account, one source ----------------------------------------------------------------------------


def test_lockout_dos_a_source_that_goes_on_against_one_account_is_closed_to_it_and_the_owner_gets_in(
    agency, janes_account, jane, guess, attempt, clock
):
    guess([jane.user_id] * PER_ACCOUNT_AND_SOURCE)
    [closed] = throttled(agency)
    assert (closed["flow"], closed["source"]) == ("sign_in_by_account_and_source", HOME)
    clock.move(minutes=15)  # the lock of the account is over, the source is closed for 45 minutes more
    guess([jane.user_id] * 20)
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=ELSEWHERE), SignedIn)
    assert attempt(agency, jane.user_id, jane.password, source=HOME) == SignInRefused()


def test_lockout_dos_a_source_closed_to_one_account_is_open_to_another(
    agency, janes_account, jane, john, register, guess, attempt
):
    register(agency, john)
    guess([jane.user_id] * PER_ACCOUNT_AND_SOURCE)
    assert isinstance(attempt(agency, john.user_id, john.password, source=HOME), SignedIn)


def test_lockout_dos_a_day_of_guesses_each_minute_never_keeps_the_owner_out_for_more_than_an_hour(
    agency, janes_account, jane, guess, attempt, clock
):
    kept_out = longest = 0
    for minute in range(24 * 60):
        guess([jane.user_id])
        if minute % 5 == 0:
            is_in = isinstance(attempt(agency, jane.user_id, jane.password, source=ELSEWHERE), SignedIn)
            kept_out = 0 if is_in else kept_out + 5
            longest = max(longest, kept_out)
        clock.move(minutes=1)
    assert longest <= 60  # the owner, who tries every five minutes, counts against their own source


# --- where it comes from -------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [None, "", "  "])
def test_without_a_source_nothing_is_throttled_and_the_lock_of_the_account_stays(
    agency, janes_account, jane, attempt, source
):
    for _ in range(PER_SOURCE + 1):
        attempt(agency, "nobody-here", WRONG, source=source)
    assert isinstance(attempt(agency, jane.user_id, jane.password, source=source), SignedIn)
    for _ in range(LOCK_AT):
        attempt(agency, jane.user_id, WRONG, source=source)
    assert attempt(agency, jane.user_id, jane.password, source=source) == SignInRefused()


def test_log_injection_a_source_that_breaks_lines_stays_one_entry_and_is_counted(agency, attempt):
    forged = "203.0.113.7\r\n2026-01-07 authn_login_success\x1b[31m admin\u2028"
    attempt(agency, "nobody-here", WRONG, source=forged)
    [entry] = [entry for _, entry in agency.audit.entries(by=Actor.system("audit"))]
    assert entry.source is not None
    assert entry.source.isprintable()
    assert entry.source.startswith("203.0.113.7\ufffd\ufffd2026")


def test_log_injection_guesses_from_a_source_that_is_no_text_are_counted_all_the_same(agency, guess, reasons):
    assert guess(user_ids(PER_SOURCE + 1), source="half \ud800") == [SignInRefused()] * (PER_SOURCE + 1)
    assert reasons(agency)[-1] == "source_throttled"
    assert (
        agency.audit.about("flow:sign_in_by_source", by=Actor.system("audit"))[0][1].source == "half \ufffd"
    )


def test_a_source_of_any_length_is_kept_short(agency, attempt):
    attempt(agency, "nobody-here", WRONG, source="x" * 1_000_000)
    [entry] = [entry for _, entry in agency.audit.entries(by=Actor.system("audit"))]
    assert entry.source == "x" * 200


# --- registration ------------------------------------------------------------------------------------------


def test_s18_a_source_of_many_failed_registrations_is_closed_and_costs_and_reads_the_same(
    agency, opened_case, jane, john, form_of, hasher, reasons
):
    for number in range(PER_REGISTRATION_SOURCE):
        agency.accounts.register(form_of(agency, john, irn=f"NCP9{number:05}"), source=HOME)
    before = hasher.runs
    assert agency.accounts.register(form_of(agency, jane), source=HOME) == RegistrationRefused()
    assert hasher.runs - before == 0  # turned away before anything is hashed
    assert reasons(agency, "user_create_fail")[-1] == "source_throttled"
    assert agency.accounts.register(form_of(agency, jane), source=ELSEWHERE) != RegistrationRefused()


def test_a_taken_user_id_and_an_incomplete_form_count_against_no_source(
    agency, janes_account, jane, john, form_of
):
    for _ in range(PER_REGISTRATION_SOURCE + 1):
        agency.accounts.register(form_of(agency, john, user_id=jane.user_id), source=HOME)
        agency.accounts.register(form_of(agency, john, user_id=""), source=HOME)
    assert agency.accounts.register(form_of(agency, john), source=HOME) != RegistrationRefused()
