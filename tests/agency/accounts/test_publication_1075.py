"""A portal audited against IRS Publication 1075, on the layer `US-IRS-1075`, and tried to be got around.

Figures of Rev. 11-2021: IA-5(1) h1, h2, h5 and h6, AC-7, AC-12, IA-2 (CE-1, CE-2).
"""

from datetime import date, timedelta

import attrs
import pytest

from dcss_core import Actor, Secret
from dcss_core.base.dates import DateRange
from dcss_core.errors import NotPermittedError
from dcss_core.plugins import JurisdictionRules, RuleBook, hookimpl
from dcss_core.rules.book import Confidence, WrittenValue
from dcss_core.testing import registration_form
from dcss_core.users import PasswordChangeRefused, RegistrationIncomplete, SignedIn, SignInRefused
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

from .authenticator_app import App

MICROSECOND = timedelta(microseconds=1)
FIRST = Secret("Otter canoe marble 7!")
NEXT = Secret("Eleven copper kettles 9?")
OFFICE = {
    "agency.name": "Example State Office of Child Support",
    "agency.contact_telephone": "1-800-555-0142",
    "agency.time_zone": "America/Chicago",
}


class Audited:
    """An in-process plugin: `US-XY`, a state that extends `US-IRS-1075` and changes nothing of it."""

    @hookimpl
    def dcss_jurisdictions(self):
        days = DateRange(date(2025, 8, 1))
        values = tuple(WrittenValue(*each, days, "a test", Confidence.CERTAIN) for each in OFFICE.items())
        book = RuleBook("a test's state", values=values)
        return [JurisdictionRules("US-XY", "Example State", lambda: book, extends="US-IRS-1075")]


@pytest.fixture
def audited(opener, outside, case_application, intake):
    """Such an agency, with one case."""
    agency = opener("memory:", jurisdiction="US-XY", plugins=[outside, Audited()])
    agency.cases.open(case_application, by=intake)
    return agency


@pytest.fixture
def jane(jane):
    return attrs.evolve(jane, password=FIRST)


@pytest.fixture
def held(audited, jane, register, attempt, clock):
    """Jane's account with a second factor: her app, and the token of a full session."""
    register(audited, jane)
    token = attempt(audited, jane.user_id, FIRST).token
    app = App(audited.second_factors.begin(token, FIRST), clock)
    return app, audited.second_factors.confirm(token, app.code()).token


@pytest.fixture
def enter(audited, jane, attempt, clock):
    """Signs Jane in with password and code."""

    def entered(app, password=FIRST):
        clock.move(seconds=30)  # the code before is used up
        due = attempt(audited, jane.user_id, password)
        return audited.second_factors.give(due.token, app.code())

    return entered


@pytest.mark.parametrize(
    ("password", "faults"),
    [
        ("Otter canoe 7!", []),  # 14 characters
        ("Otter cano 7!", ["too_short"]),
        ("otter canoe marble 7!", ["missing_class"]),
        ("OTTER CANOE MARBLE 7!", ["missing_class"]),
        ("Otter canoe marble !!", ["missing_class"]),
        ("Otter canoe marble 7", ["missing_class"]),  # a blank is no sign
        ("otter canoe", ["too_short", "missing_class", "missing_class", "missing_class"]),
        ("Otter canoe marble 7! " * 11, []),  # a long phrase with blanks: IA-5(1) f
    ],
)
def test_pub_1075_p4_p5_p12_who_registers_needs_14_characters_of_four_sorts_and_may_take_a_long_phrase(
    audited, jane, password, faults
):
    outcome = audited.accounts.register(registration_form(audited, jane, password=Secret(password)))
    assert isinstance(outcome, RegistrationIncomplete) is bool(faults)
    assert [each.fault.value for each in getattr(outcome, "password_violations", ())] == faults


def test_pub_1075_p7_before_a_day_is_over_nobody_changes_their_password_again(audited, held, jane, clock):
    _, token = held
    clock.move(minutes=5)
    refused = audited.credentials.change_password(token, current=FIRST, new=NEXT)
    assert isinstance(refused, PasswordChangeRefused)
    assert [each.fault.value for each in refused.violations] == ["too_soon"]


def test_pub_1075_p7_from_the_ninetieth_day_on_a_password_opens_nothing_but_its_change(
    audited, held, enter, attempt, jane, case_application, clock
):
    app, _ = held
    registered = clock.instant
    clock.instant = registered + timedelta(days=90) - MICROSECOND - timedelta(seconds=30)
    assert enter(app).session.scope is SessionScope.FULL
    clock.instant = registered + timedelta(days=90)
    expired = enter(app)
    assert expired.session.scope is SessionScope.CHANGE_PASSWORD_ONLY
    with pytest.raises(NotPermittedError):
        audited.payments.history(case_application.case_number, by=expired.token)
    again = audited.credentials.change_password(expired.token, current=FIRST, new=FIRST)
    assert [each.fault.value for each in again.violations] == ["same_as_current"]  # P6
    changed = audited.credentials.change_password(expired.token, current=FIRST, new=NEXT)
    assert audited.payments.history(case_application.case_number, by=changed.token) is not None


def test_pub_1075_p2_staff_do_nothing_with_their_role_before_they_have_given_a_second_factor(
    audited, attempt, mail, clock
):
    audited.staff.appoint(
        "worker-1",
        email=Secret("worker-1@dcss.example.gov"),
        roles=[StaffRole.ACCOUNT_ADMINISTRATOR, StaffRole.HELP_DESK],
        by=Actor.system("set-up"),
    )
    audited.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.appointed_password("worker-1")

    def is_refused(token):
        with pytest.raises(NotPermittedError):
            audited.oversight.locked(by=token)

    first = attempt(audited, "worker-1", assigned)
    is_refused(first.token)
    chosen = audited.credentials.change_password(first.token, current=assigned, new=NEXT)
    is_refused(chosen.token)
    anew = attempt(audited, "worker-1", NEXT)  # whoever sets none up and comes again
    is_refused(anew.token)
    app = App(audited.second_factors.begin(anew.token, NEXT), clock)
    inside = audited.second_factors.confirm(anew.token, app.code())
    assert audited.oversight.locked(by=inside.token) == ()
    clock.move(seconds=30)
    due = attempt(audited, "worker-1", NEXT)
    is_refused(due.token)
    assert audited.oversight.locked(by=audited.second_factors.give(due.token, app.code()).token) == ()


def test_pub_1075_p3_three_failures_lock_for_fifteen_minutes_and_the_code_does_not_open_before(
    audited, held, enter, attempt, jane, clock
):
    app, _ = held
    for _ in range(3):
        assert attempt(audited, jane.user_id, NEXT) == SignInRefused()
    clock.move(minutes=15, seconds=-1)
    assert attempt(audited, jane.user_id, FIRST) == SignInRefused()
    clock.move(seconds=1)
    assert isinstance(enter(app), SignedIn)


def test_pub_1075_p16_after_thirty_minutes_of_rest_a_session_with_both_factors_is_over(
    audited, held, case_application, clock
):
    _, token = held
    number = case_application.case_number
    clock.instant += timedelta(minutes=30) - MICROSECOND
    assert audited.payments.history(number, by=token) is not None
    clock.instant += timedelta(minutes=30)
    with pytest.raises(NotPermittedError):
        audited.payments.history(number, by=token)
