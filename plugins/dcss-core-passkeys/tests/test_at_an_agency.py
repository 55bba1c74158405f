"""Passkeys at an open agency: set up, given after the password, refused and told of."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from dcss_core import Actor, KeyRing, MasterKey, Secret, errors, open_agency
from dcss_core.testing import (
    JANE_ROE,
    FakeHasher,
    SoftwareAuthenticator,
    case_application,
    registration_form,
    synthetic_state,
)
from dcss_core.users import EnrolmentAccepted, EnrolmentRefused, SecondFactorRefused, SignedIn

from .conftest import ORIGIN

URL = f"passkey:?rp_id=portal.example.gov&origin={ORIGIN}"
AUDITOR = Actor.system("audit")


@pytest.fixture(params=["memory", "sqlite"])
def agency(request, tmp_path, clock, scripted_plugin):
    opened = open_agency(
        "memory:" if request.param == "memory" else f"sqlite:///{tmp_path}/agency.db",
        jurisdiction="US-XX",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        plugins=[synthetic_state, scripted_plugin],
        second_factors=[URL, "totp:"],
        channels=["letters:mail"],
        hasher=FakeHasher(),
        clock=clock,
    )
    with opened:
        opened.cases.open(case_application(), by=Actor.system("intake"))
        opened.accounts.register(registration_form(opened, JANE_ROE))
        yield opened


@pytest.fixture
def enter(agency):
    banner = agency.accounts.banner().version
    return lambda: agency.accounts.sign_in(JANE_ROE.user_id, JANE_ROE.password, banner=banner).token


@pytest.fixture
def enrolled(agency, enter, authenticator):
    token = enter()
    begun = agency.second_factors.begin(token, JANE_ROE.password, name="blue key")
    outcome = agency.second_factors.confirm(token, authenticator.create(begun.shown))
    assert isinstance(outcome, EnrolmentAccepted)
    return outcome


def answer(agency, authenticator, due):
    [asked] = agency.second_factors.ask(due)
    return authenticator.get(asked.shown)


def kinds(agency):
    return [entry.kind for _, entry in agency.audit.entries(by=AUDITOR)]


def test_a_passkey_signs_in_after_the_password_again_and_again(agency, enter, enrolled, authenticator):
    for _ in range(3):
        due = enter()
        given = agency.second_factors.give(due, answer(agency, authenticator, due))
        assert isinstance(given, SignedIn)
        assert given.session.assurance.value == "aal2"


def test_an_answer_to_another_session_signs_nobody_in(agency, enter, enrolled, authenticator):
    due, other = enter(), enter()
    refused = agency.second_factors.give(due, answer(agency, authenticator, other))
    assert refused == SecondFactorRefused()


def test_a_page_of_somebody_else_gets_nobody_in(agency, enter, enrolled, authenticator):
    due = enter()
    authenticator.origin = "https://portal.example.org"
    assert agency.second_factors.give(due, answer(agency, authenticator, due)) == SecondFactorRefused()


def test_a_set_up_of_an_earlier_page_is_not_confirmed(agency, enter, authenticator):
    token = enter()
    first, second = (agency.second_factors.begin(token, JANE_ROE.password) for _ in range(2))
    made = authenticator.create(first.shown)
    assert agency.second_factors.confirm(token, made) == EnrolmentRefused(begin_again=False)
    made = SoftwareAuthenticator(ORIGIN).create(second.shown)
    assert isinstance(agency.second_factors.confirm(token, made), EnrolmentAccepted)


def test_a_copied_key_is_refused_counted_recorded_and_told(
    agency, enter, enrolled, authenticator, scripted_plugin
):
    due = enter()
    assert isinstance(agency.second_factors.give(due, answer(agency, authenticator, due)), SignedIn)
    authenticator.counter = 0  # a copy that was made before
    due = enter()
    assert agency.second_factors.give(due, answer(agency, authenticator, due)) == SecondFactorRefused()
    assert "authn_second_factor_copied" in kinds(agency)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    subjects = [each.subject for each in scripted_plugin.channel("mail").delivered]
    assert "Somebody may have a copy of your key" in subjects


def test_several_keys_each_sign_in_and_no_device_gets_two(agency, enter, enrolled, authenticator):
    second = SoftwareAuthenticator(ORIGIN, "EdDSA")
    begun = agency.second_factors.begin(enrolled.token, JANE_ROE.password, name="red key")
    with pytest.raises(errors.ConflictError):
        authenticator.create(begun.shown)
    both = agency.second_factors.confirm(enrolled.token, second.create(begun.shown))
    names = [each.name for each in agency.second_factors.standing(both.token).factors]
    assert names == ["blue key", "red key"]
    for key in (authenticator, second):
        due = enter()
        assert isinstance(agency.second_factors.give(due, answer(agency, key, due)), SignedIn)


def test_a_key_and_an_app_stand_beside_each_other_and_saved_codes_for_both(agency, enter, enrolled):
    due = enter()
    assert [each.method for each in agency.second_factors.ask(due)] == ["passkey"]
    assert isinstance(agency.second_factors.give(due, enrolled.saved_codes[0]), SignedIn)


@pytest.mark.parametrize(
    "text", ["", "{}", "null", "[" * 50_000, "x" * 1_000_000, '{"response":{}}'], ids=len
)
def test_whatever_comes_from_a_browser_is_one_refusal(agency, enter, enrolled, text):
    assert agency.second_factors.give(enter(), Secret(text)) == SecondFactorRefused()


def test_of_eight_that_give_one_answer_at_once_one_gets_in(agency, enter, enrolled, authenticator):
    due = enter()
    given = answer(agency, authenticator, due)

    def give(_):
        try:
            return agency.second_factors.give(due, given)
        except errors.NotPermittedError:  # the session has ended: somebody was faster
            return None

    with ThreadPoolExecutor(max_workers=8) as threads:
        outcomes = list(threads.map(give, range(8)))
    assert sum(isinstance(outcome, SignedIn) for outcome in outcomes) == 1
