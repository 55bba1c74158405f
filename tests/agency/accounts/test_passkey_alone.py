"""A passkey alone, without user ID and password, where the jurisdiction lets it (NIST SP 800-63B-4 §2.2)."""

import json
from base64 import urlsafe_b64encode
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core import Actor, Secret
from dcss_core.errors import ConfigurationError, NotPermittedError
from dcss_core.testing import SoftwareAuthenticator
from dcss_core.users import (
    Assurance,
    BannerNotAccepted,
    EnrolmentAccepted,
    SecondFactorDue,
    SessionScope,
    SignedIn,
    SignInRefused,
)
from dcss_core.users.account_control import ControlReason

ORIGIN = "https://portal.example.gov"
URLS = [f"passkey:?rp_id=portal.example.gov&origin={ORIGIN}", "totp:"]
ALLOWED = {"accounts.passkey_sign_in": True}
WRONG = Secret("not her password at all")


@pytest.fixture
def allowing(opener, storage_url, reform, case_application, intake, jane, register):
    """Opens an agency that lets a passkey sign in alone; Jane has an account."""

    def opened(rules=MappingProxyType({})):
        agency = opener(
            storage_url,
            jurisdiction="US-GA-REFORM",
            plugins=reform(ALLOWED | rules),
            second_factors=URLS,
        )
        agency.cases.open(case_application, by=intake)
        register(agency, jane)
        return agency

    return opened


@pytest.fixture
def agency(allowing):
    return allowing()


@pytest.fixture
def key():
    return SoftwareAuthenticator(ORIGIN)


@pytest.fixture
def enter():
    def entered(agency, parent, password=None, **changes):
        banner = agency.accounts.banner().version
        return agency.accounts.sign_in(parent.user_id, password or parent.password, banner=banner, **changes)

    return entered


@pytest.fixture
def enrol(enter):
    def enrolled(agency, parent, key):
        token = enter(agency, parent).token
        begun = agency.second_factors.begin(token, parent.password)
        outcome = agency.second_factors.confirm(token, key.create(begun.shown))
        assert isinstance(outcome, EnrolmentAccepted), outcome
        return outcome

    return enrolled


@pytest.fixture
def enrolled(agency, jane, key, enrol):
    return enrol(agency, jane, key)


def alone(agency, key, *, asked=None, answer=None, **changes):
    asked = asked or agency.accounts.ask_for_passkey()
    answer = key.get(asked.shown) if answer is None else answer
    accepted = {"banner": agency.accounts.banner().version}
    return agency.accounts.sign_in_with_passkey(asked.challenge, answer, **(accepted | changes))


def changed(answer, **values):
    said = json.loads(answer.reveal())
    said["response"] |= values
    return Secret(json.dumps(said))


def reasons(agency):
    entries = agency.audit.entries(by=Actor.system("audit"))
    return [json.loads(entry.details)["reason"] for _, entry in entries if entry.kind == "authn_login_fail"]


# --- let in ------------------------------------------------------------------------------------------------


@pytest.mark.on_every_storage
def test_a_passkey_alone_signs_its_owner_in_at_aal2(agency, enrolled, key, kinds, last_number):
    before = last_number(agency)
    outcome = alone(agency, key, source="203.0.113.7", on_shared_computer=True)
    assert isinstance(outcome, SignedIn)
    assert (outcome.session.scope, outcome.session.assurance) == (SessionScope.FULL, Assurance.AAL2)
    assert (outcome.session.source, outcome.session.is_on_shared_computer) == ("203.0.113.7", True)
    assert agency.accounts.display_name(outcome.token) == "Jane Roe"
    assert kinds(agency, before) == ["authn_login_success", "session_created"]
    [factor] = agency.second_factors.standing(outcome.token).factors
    assert factor.last_used_at is not None


def test_the_notice_is_agreed_to_first(agency, enrolled, key):
    for version in (None, "another"):
        assert isinstance(alone(agency, key, banner=version), BannerNotAccepted)


def test_a_password_that_ran_out_stands_in_nobody_s_way(allowing, enter, enrol, jane, key, clock):
    agency = allowing(
        {
            "accounts.password_max_age_days": 60,
            "accounts.password_reminder_days": 5,
            "accounts.password_departs_from": (
                "NIST SP 800-63B-4 §3.1.1.2(6) (a test)",
                "OWASP ASVS 5.0.0, 6.2.10 (a test)",
            ),
        }
    )
    enrol(agency, jane, key)
    clock.move(days=61)
    assert isinstance(enter(agency, jane), SecondFactorDue)  # who finds that it has to be changed
    outcome = alone(agency, key)
    assert outcome.session.scope is SessionScope.FULL


def test_a_password_that_others_know_is_changed_first(agency, enrolled, key, desk, enter, jane):
    account_id = enrolled.session.account_id
    agency.oversight.demand_password_change(account_id, by=desk, reason=ControlReason.SUSPECTED_MISUSE)
    assert alone(agency, key).session.scope is SessionScope.CHANGE_PASSWORD_ONLY


# --- kept out ----------------------------------------------------------------------------------------------


def test_where_the_rules_do_not_let_it_nobody_is_asked(opener, storage_url, outside):
    agency = opener(storage_url, plugins=[outside], second_factors=URLS)
    for call in (
        agency.accounts.ask_for_passkey,
        lambda: agency.accounts.sign_in_with_passkey(Secret("c"), Secret("a"), banner=None),
    ):
        with pytest.raises(NotPermittedError, match="passkey alone"):
            call()


def test_an_agency_without_a_method_that_stands_alone_says_so(opener, storage_url, reform):
    agency = opener(storage_url, jurisdiction="US-GA-REFORM", plugins=reform(ALLOWED))
    with pytest.raises(ConfigurationError, match="without a method that can"):
        agency.accounts.ask_for_passkey()


def test_replay_an_answer_counts_once_and_none_that_was_asked_for_before_it(agency, enrolled, key):
    key.counts_by = 0  # as passkeys that are synchronised: the counter tells nothing
    earlier, asked = agency.accounts.ask_for_passkey(), agency.accounts.ask_for_passkey()
    answer = key.get(asked.shown)
    assert isinstance(alone(agency, key, asked=asked, answer=answer), SignedIn)
    assert alone(agency, key, asked=asked, answer=answer) == SignInRefused()
    assert alone(agency, key, asked=earlier) == SignInRefused()


def test_a_challenge_is_good_for_ten_minutes(agency, enrolled, key, clock):
    asked = agency.accounts.ask_for_passkey()
    clock.move(seconds=599)
    in_time = agency.accounts.ask_for_passkey()
    assert asked.good_until > clock.now()
    clock.move(seconds=1)
    assert alone(agency, key, asked=asked) == SignInRefused()
    assert isinstance(alone(agency, key, asked=in_time), SignedIn)


@pytest.mark.parametrize(
    "other",
    [
        lambda text: "",
        lambda text: "x" * 1_000_000,
        lambda text: "\ud800",
        lambda text: text[:-1],
        lambda text: "2027" + text[4:],
        lambda text: text.rpartition(" ")[0] + " " + "0" * 64,
        lambda text: " ",
    ],
    ids=["empty", "long", "half a character", "cut off", "another instant", "another digest", "blank"],
)
def test_a_challenge_that_the_agency_did_not_make_is_none(agency, enrolled, key, other):
    asked = agency.accounts.ask_for_passkey()
    answer = key.get(asked.shown)
    refused = agency.accounts.sign_in_with_passkey(
        Secret(other(asked.challenge.reveal())), answer, banner=agency.accounts.banner().version
    )
    assert refused == SignInRefused()


@pytest.mark.parametrize(
    "wrong",
    [
        {"origin": "https://portal.example.org"},
        {"rp_id": "example.gov"},
        {"verifies_user": False},
        {"is_present": False},
        {"is_in_a_frame": True},
    ],
    ids=str,
)
def test_an_answer_from_elsewhere_or_of_an_unverified_owner_is_refused(agency, enrolled, key, wrong):
    for name, value in wrong.items():
        setattr(key, name, value)
    assert alone(agency, key) == SignInRefused()
    assert reasons(agency)[-1] == "wrong_passkey"


@pytest.mark.parametrize(
    "text", ["", "null", "{}", "[" * 60_000, "0" * 1_000_000, '{"response":{}}'], ids=len
)
def test_whatever_comes_for_an_answer_is_one_refusal(agency, enrolled, key, text):
    asked = agency.accounts.ask_for_passkey()
    assert alone(agency, key, asked=asked, answer=Secret(text)) == SignInRefused()
    assert reasons(agency)[-1] == "unknown_user"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda of: st.lists(of) | st.dictionaries(st.text(), of),
)
DAMAGED = st.one_of(
    st.integers(0, 200).map(lambda kept: lambda text: text[:kept]),
    st.tuples(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]), JSON).map(
        lambda field: lambda text: changed(Secret(text), **dict([field])).reveal()
    ),
    JSON.map(lambda value: lambda text: json.dumps(value)),
    st.text().map(lambda other: lambda text: other),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(damage=DAMAGED)
def test_fuzz_a_damaged_answer_is_refused_and_never_an_error(agency, enrolled, key, clock, damage):
    clock.move(seconds=1)
    asked = agency.accounts.ask_for_passkey()
    answer = Secret(damage(key.get(asked.shown).reveal()))
    assert alone(agency, key, asked=asked, answer=answer) == SignInRefused()
    assert isinstance(alone(agency, key), SignedIn)  # so no lock was what refused it


def test_the_key_of_somebody_else_gets_nobody_in_under_another_handle(
    agency, enrolled, key, john, register, enrol
):
    register(agency, john)
    johns = SoftwareAuthenticator(ORIGIN)
    enrol(agency, john, johns)
    asked = agency.accounts.ask_for_passkey()
    janes_handle = json.loads(key.get(asked.shown).reveal())["response"]["userHandle"]
    stolen = changed(johns.get(asked.shown), userHandle=janes_handle)
    assert alone(agency, key, asked=asked, answer=stolen) == SignInRefused()
    nobodys = urlsafe_b64encode(b"x" * 43).decode()
    answer = changed(key.get(asked.shown), userHandle=nobodys)
    assert alone(agency, key, asked=asked, answer=answer) == SignInRefused()
    assert reasons(agency)[-2:] == ["wrong_passkey", "unknown_user"]


def test_a_lock_keeps_the_owner_out_here_too(agency, enrolled, key, enter, jane, clock):
    for _ in range(3):  # IRS Pub. 1075, AC-7
        enter(agency, jane, WRONG)
    assert alone(agency, key) == SignInRefused()
    assert reasons(agency)[-1] == "locked"
    clock.move(minutes=15)
    assert isinstance(alone(agency, key), SignedIn)


def test_wrong_answers_lock_like_wrong_passwords(agency, enrolled, key):
    key.verifies_user = False
    for _ in range(3):
        assert alone(agency, key) == SignInRefused()
    key.verifies_user = True
    assert alone(agency, key) == SignInRefused()
    assert reasons(agency)[-1] == "locked"


def test_a_disabled_account_is_not_signed_in_to(agency, enrolled, key, administrator):
    agency.oversight.disable(
        enrolled.session.account_id, by=administrator, reason=ControlReason.SUSPECTED_MISUSE
    )
    assert alone(agency, key) == SignInRefused()
    assert reasons(agency)[-1] == "account_not_active"


def test_credential_stuffing_a_source_that_fails_too_often_is_closed(agency, enrolled, key):
    for _ in range(50):  # in an hour (rule accounts.throttles)
        alone(agency, key, answer=Secret("{}"), source="203.0.113.7")
    assert alone(agency, key, source="203.0.113.7") == SignInRefused()
    assert reasons(agency)[-1] == "source_throttled"
    assert isinstance(alone(agency, key, source="198.51.100.9"), SignedIn)


def test_a_copied_key_is_recorded_and_told(agency, enrolled, key, mail, clock):
    assert isinstance(alone(agency, key), SignedIn)
    clock.move(seconds=1)
    key.counter = 0
    assert alone(agency, key) == SignInRefused()
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies("Somebody may have a copy of your key")) == 1


def test_a_removed_key_signs_nobody_in(agency, enrolled, key, jane):
    agency.second_factors.remove(enrolled.token, jane.password)
    assert alone(agency, key) == SignInRefused()


def test_of_eight_that_give_one_answer_at_once_exactly_one_gets_in(agency, enrolled, key, at_once):
    key.counts_by = 0
    asked = agency.accounts.ask_for_passkey()
    answer = key.get(asked.shown)
    outcomes = at_once(8, lambda: alone(agency, key, asked=asked, answer=answer))
    assert sum(isinstance(outcome, SignedIn) for outcome in outcomes) == 1


def test_of_eight_that_confirm_one_set_up_at_once_exactly_one_enrols_it(agency, jane, key, enter, at_once):
    token = enter(agency, jane).token
    made = key.create(agency.second_factors.begin(token, jane.password).shown)

    def confirmed():
        try:
            return agency.second_factors.confirm(token, made)
        except NotPermittedError as error:  # the session ended when the other one was accepted
            return error

    accepted = [each for each in at_once(8, confirmed) if isinstance(each, EnrolmentAccepted)]
    assert len(accepted) == 1
    assert len(agency.second_factors.standing(accepted[0].token).factors) == 1
    assert isinstance(alone(agency, key), SignedIn)


def test_nothing_secret_shows(agency, enrolled, key):
    asked = agency.accounts.ask_for_passkey()
    outcome = alone(agency, key, asked=asked)
    shown = repr([asked, outcome, agency.audit.entries(by=Actor.system("audit"))])
    assert asked.challenge.reveal() not in shown
    assert outcome.token.reveal() not in shown
