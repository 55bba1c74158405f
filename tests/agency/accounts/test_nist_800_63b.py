"""What NIST SP 800-63B-4 forbids or bounds, tried through an open agency."""

import base64
import json
from datetime import timedelta
from importlib.resources import files

import attrs
import pytest

from dcss_core import Secret
from dcss_core.agency.filing.accounts import ACCOUNTS
from dcss_core.errors import NotPermittedError
from dcss_core.testing import registration_form
from dcss_core.users import RegistrationForm, SignedIn
from dcss_core.users.sign_in.session import Assurance, SessionScope

from .authenticator_app import App

MICROSECOND = timedelta(microseconds=1)
NEW = Secret("eleven copper kettles on a raft")


def test_nist_n6_nobody_can_leave_a_hint(agency, janes_account, jane, sign_in):
    """§3.1.1.2(7). Neither with a password, nor in any field that is stored."""
    token = sign_in(agency, jane)
    fields = attrs.asdict(registration_form(agency, jane), recurse=False)
    for attempt in (
        lambda: RegistrationForm(**fields, hint="the boat"),
        lambda: agency.credentials.change_password(token, current=jane.password, new=NEW, hint="the boat"),
        lambda: agency.recovery.choose_password(jane.user_id, Secret("a code"), NEW, hint="the boat"),
    ):
        with pytest.raises(TypeError, match="hint"):
            attempt()
    shapes = json.loads(files("dcss_core.agency.work").joinpath("shapes.json").read_text())
    assert "security_answers" in json.dumps(shapes)
    assert "hint" not in json.dumps(shapes)


def test_nist_n5_a_password_of_twenty_years_ago_opens_a_full_session(
    agency, janes_account, jane, attempt, clock
):
    """§3.1.1.2(6). Nobody is asked for another one by the calendar."""
    clock.move(days=20 * 365)
    assert attempt(agency, jane.user_id, jane.password).session.scope is SessionScope.FULL


def test_nist_n13_one_password_of_two_people_is_hashed_under_two_salts_of_128_bits(
    opener, case_application, intake, jane, john, register
):
    """§3.1.1.2: 32 bits at least, and no two alike; scheme and cost are stored with it."""
    agency = opener("memory:", hasher=None)
    agency.cases.open(case_application, by=intake)
    for parent in (jane, attrs.evolve(john, password=jane.password)):
        register(agency, parent)
    kept = agency.accounts._resources.read(lambda work: work.find(ACCOUNTS, ("user_key",)))
    stored = [each.record.password_hash.phc for each in kept]
    parts = [text.split("$") for text in stored]
    assert {(scheme, cost) for _, scheme, _, cost, _, _ in parts} == {("argon2id", "m=19456,t=2,p=1")}
    salts = {base64.b64decode(salt + "==") for *_, salt, _ in parts}
    assert [len(salt) for salt in salts] == [16, 16]
    assert len({tag for *_, tag in parts}) == 2


def test_nist_n24_a_session_of_two_factors_rests_half_an_hour_and_lasts_a_day(
    agency, janes_account, jane, sign_in, clock
):
    """§2.2.3: an hour of rest at most, and 24 hours in all, whoever keeps it busy."""
    token = sign_in(agency, jane)
    app = App(agency.second_factors.begin(token, jane.password), clock)
    held = agency.second_factors.confirm(token, app.code())
    assert held.session.assurance is Assurance.AAL2
    began = clock.instant
    while clock.instant < began + timedelta(hours=23, minutes=40):
        clock.move(minutes=20)
        assert agency.sessions.check(held.token) is not None
    clock.instant = began + timedelta(hours=24)
    with pytest.raises(NotPermittedError):
        agency.sessions.check(held.token)
    clock.move(seconds=30)
    due = agency.accounts.sign_in(jane.user_id, jane.password, banner=agency.accounts.banner().version)
    rests = agency.second_factors.give(due.token, app.code())
    assert isinstance(rests, SignedIn)
    clock.instant += timedelta(minutes=30)
    with pytest.raises(NotPermittedError):
        agency.sessions.check(rests.token)
