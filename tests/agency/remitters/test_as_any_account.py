"""Somebody of a remitter has an account like any other: factors, staff's acts, idleness."""

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import InvalidInputError, NotPermittedError, SessionEndedError
from dcss_core.users import (
    AccountKind,
    ControlReason,
    EnrolmentAccepted,
    RemitterRights,
    SignInRefused,
    StaffRole,
)

from ..accounts.authenticator_app import App
from .conftest import COLLEAGUE, PASSWORD

WHY = ControlReason.SUSPECTED_MISUSE


def test_a_second_factor_in_force_is_asked_before_people_are_invited(
    agency, peachtree, clock, enter, attempt
):
    begun = agency.second_factors.begin(peachtree.token, PASSWORD)
    app = App(begun, clock)
    outcome = agency.second_factors.confirm(peachtree.token, app.code())
    assert isinstance(outcome, EnrolmentAccepted)
    half = attempt(agency, "peachtree", PASSWORD).token
    with pytest.raises(NotPermittedError):
        agency.members.invite(half, PASSWORD, COLLEAGUE, RemitterRights())
    with pytest.raises(NotPermittedError):
        agency.members.sent(half)


def test_staff_see_disable_and_close_it_as_any_other(agency, staff, by_two, peachtree, colleague, attempt):
    desk = staff(StaffRole.HELP_DESK)
    account_id = colleague[0]
    assert agency.oversight.find("peach-clerk", by=desk) is not None
    status = agency.oversight.status(account_id, by=desk)
    assert status.kind is AccountKind.REMITTER
    agency.oversight.disable(account_id, by=staff.first, reason=WHY)
    assert isinstance(attempt(agency, "peach-clerk", PASSWORD), SignInRefused)
    with pytest.raises(SessionEndedError):
        agency.members.sent(colleague[1])
    by_two(lambda by: agency.oversight.close(account_id, by=by, reason=WHY))
    assert len(agency.members.people(peachtree.token).members) == 1


def test_an_account_that_nobody_uses_is_disabled_as_any_other(
    agency, peachtree, clock, attempt, believed_clock
):
    idleness = Actor.system("idleness")
    agency.oversight.disable_idle(by=idleness)
    for _ in range(5):
        clock.move(days=40)
        agency.oversight.disable_idle(by=idleness)
    assert isinstance(attempt(agency, "peachtree", PASSWORD), SignInRefused)


def test_a_shared_or_staff_account_is_of_no_remitter(agency, staff, mail, delivered, enter):
    staff(StaffRole.CASE_WORKER, user_id="case-worker")
    delivered()
    assigned = mail.appointed_password("case-worker")
    token = enter("case-worker", assigned)
    for call in (agency.members.own, agency.members.sent, agency.members.people):
        with pytest.raises(NotPermittedError):
            call(token)


def test_what_was_typed_as_a_name_or_an_address_stands_in_no_error(agency, staff):
    secret = "walrus 900-01-4321"
    with pytest.raises(InvalidInputError) as refused:
        agency.remitters.open(secret * 10, sends_as=[secret], administrator=Secret(secret), by=staff.first)
    assert "walrus" not in str(refused.value)
