"""The notice of monitoring before sign-in: who has not agreed is refused before the password is looked at."""

import json

import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.accounts import ACCOUNTS, BANNER_ACCEPTANCES
from dcss_core.errors import InvalidInputError
from dcss_core.users import SignedIn, SignInRefused
from dcss_core.users.sign_in.banner import BannerNotAccepted

WRONG = Secret("not the password at all")
NOT_ACCEPTED = [None, "", "yes", "0" * 64, "half \ud800", "x" * 100_000]


def acceptances(agency, account_id):
    """What is kept of an account's agreements, in the order in which they were given."""
    index = ("account_id", "accepted_at")
    found = agency.accounts._resources.read(lambda work: work.find(BANNER_ACCEPTANCES, index, (account_id,)))
    return [kept.record for kept in found]


def stored_account(agency, account_id):
    return agency.accounts._resources.read(lambda work: work.get(ACCOUNTS, account_id))


def test_s13_the_notice_names_the_laws_under_which_misuse_is_prosecuted(agency):
    text = agency.accounts.banner().text
    for law in ("18 U.S.C. 1030", "26 U.S.C. 7213", "7213A", "7431"):
        assert law in text
    assert "authorized users only" in text


@pytest.mark.parametrize("given", NOT_ACCEPTED, ids=["none", "empty", "yes", "made up", "no text", "long"])
def test_s13_without_the_version_in_force_the_attempt_ends_and_the_notice_is_given(
    agency, janes_account, jane, attempt, given
):
    outcome = attempt(agency, jane.user_id, jane.password, banner=given)
    assert outcome == BannerNotAccepted(agency.accounts.banner())


def test_s13_whoever_gives_the_notice_itself_is_told_to_give_its_version(agency, janes_account, jane):
    with pytest.raises(
        InvalidInputError, match=r"found a Banner, .* or None; of a Banner give the \.version"
    ):
        agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner())


@pytest.mark.parametrize("typed", ["JRoe88", "nobody-here", "", "half \ud800"])
def test_s13_enumeration_by_time_a_refusal_of_the_notice_runs_no_hash_whoever_asks(
    agency, janes_account, jane, attempt, hasher, typed
):
    before = hasher.runs
    for password in (jane.password, WRONG):
        attempt(agency, typed, password, banner=None)
    assert hasher.runs - before == 0


def test_s13_refusing_the_notice_touches_no_account_and_counts_as_no_failure(
    agency, janes_account, jane, attempt
):
    before = stored_account(agency, janes_account)
    for _ in range(10):
        attempt(agency, jane.user_id, WRONG, banner=None, source="203.0.113.7")
    assert stored_account(agency, janes_account) == before
    assert isinstance(attempt(agency, jane.user_id, jane.password, source="203.0.113.7"), SignedIn)


def test_s13_a_refused_attempt_is_audited_and_names_no_account(
    agency, janes_account, jane, attempt, reasons, last_number
):
    before = last_number(agency)
    attempt(agency, jane.user_id, jane.password, banner=None, source="203.0.113.7")
    [(_, entry)] = agency.audit.entries(after=before, by=Actor.system("audit"))
    assert (entry.kind, entry.subject, entry.source) == ("authn_login_fail", "account:unknown", "203.0.113.7")
    assert reasons(agency) == ["banner_not_accepted"]


def test_s13_the_acceptance_is_stored_once_with_account_version_and_instant(
    agency, janes_account, jane, attempt, clock, kinds
):
    first = clock.now()
    for _ in range(3):
        assert isinstance(attempt(agency, jane.user_id, jane.password), SignedIn)
        clock.move(hours=1)
    [kept] = acceptances(agency, janes_account)
    assert (kept.account_id, kept.banner_version) == (janes_account, agency.accounts.banner().version)
    assert kept.accepted_at == first
    assert kinds(agency).count("banner_accepted") == 1


def test_s13_whoever_does_not_get_in_has_agreed_to_nothing(agency, janes_account, jane, attempt):
    assert attempt(agency, jane.user_id, WRONG) == SignInRefused()
    assert acceptances(agency, janes_account) == []


def test_s13_of_eight_sign_ins_at_once_each_gets_in_and_one_acceptance_is_stored(
    agency, janes_account, jane, attempt, at_once, kinds
):
    outcomes = at_once(8, lambda: attempt(agency, jane.user_id, jane.password))
    assert all(isinstance(outcome, SignedIn) for outcome in outcomes)
    assert len(acceptances(agency, janes_account)) == 1
    assert kinds(agency).count("banner_accepted") == 1


def test_s13_an_amended_text_is_asked_for_again_and_the_acceptance_of_the_old_one_is_kept(
    opener, sqlite_url, reform, case_application, intake, jane, register, attempt
):
    def opened(text):
        return opener(sqlite_url, jurisdiction="US-GA-REFORM", plugins=reform({"accounts.banner": text}))

    before = opened("You agree to be watched.")
    before.cases.open(case_application, by=intake)
    account_id = register(before, jane)
    old = before.accounts.banner().version
    assert isinstance(attempt(before, jane.user_id, jane.password), SignedIn)
    after = opened("You agree to be watched closely.")
    assert isinstance(attempt(after, jane.user_id, jane.password, banner=old), BannerNotAccepted)
    assert isinstance(attempt(after, jane.user_id, jane.password), SignedIn)
    versions = [kept.banner_version for kept in acceptances(after, account_id)]
    assert sorted(versions) == sorted([old, after.accounts.banner().version])


def test_s13_the_audit_log_says_which_version_was_accepted(agency, janes_account, jane, attempt):
    attempt(agency, jane.user_id, jane.password)
    [entry] = [
        each
        for _, each in agency.audit.about(f"account:{janes_account}", by=Actor.system("audit"))
        if each.kind == "banner_accepted"
    ]
    assert json.loads(entry.details)["version"] == agency.accounts.banner().version
