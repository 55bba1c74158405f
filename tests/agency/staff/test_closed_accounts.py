"""What is left of an account that staff closed: its user id, and nothing that lets anybody in."""

import pytest

from dcss_core import Secret
from dcss_core.errors import ConflictError, NotPermittedError
from dcss_core.users import Registered, SignInRefused, UserIdTaken
from dcss_core.users.account import AccountState
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

WHY = ControlReason.SUSPECTED_MISUSE


@pytest.fixture
def closed(agency, janes_account, by_two):
    """Jane's account, closed."""
    by_two(lambda by: agency.oversight.close(janes_account, by=by, reason=ControlReason.OWNER_ASKED))
    return janes_account


def test_a_closed_account_signs_nobody_in_and_is_never_in_use_again(
    agency, closed, jane, attempt, administrator
):
    assert attempt(agency, jane.user_id, jane.password) == SignInRefused()
    for act in ("enable", "disable", "close"):
        with pytest.raises(ConflictError):
            getattr(agency.oversight, act)(closed, by=administrator, reason=WHY)


@pytest.mark.parametrize("variant", ["JRoe88", "jroe88", "JROE88"])
def test_identifier_reuse_the_user_id_of_a_closed_account_is_taken_for_ever(
    agency, closed, jane, john, form_of, variant
):
    for parent in (jane, john):
        assert agency.accounts.register(form_of(agency, parent, user_id=variant)) == UserIdTaken()


def test_identifier_reuse_no_member_of_staff_gets_the_user_id_of_a_closed_account(
    agency, closed, administrator
):
    with pytest.raises(ConflictError, match="taken, or was"):
        agency.staff.appoint(
            "jroe88", email=Secret("w@dcss.example.gov"), roles=[StaffRole.HELP_DESK], by=administrator
        )


def test_a_person_whose_account_was_closed_registers_anew_and_gets_an_account_of_their_own(
    agency, closed, jane, form_of, attempt, opened_case
):
    outcome = agency.accounts.register(form_of(agency, jane, user_id="jane-again"))
    assert isinstance(outcome, Registered)
    assert outcome.account_id != closed
    signed_in = attempt(agency, "jane-again", jane.password)
    assert agency.payments.history(opened_case, by=signed_in.token) == ()


def test_a_session_of_a_closed_account_opens_no_case_of_the_account_after_it(
    agency, janes_account, jane, sign_in, by_two, form_of, opened_case
):
    token = sign_in(agency, jane)
    by_two(lambda by: agency.oversight.close(janes_account, by=by, reason=WHY))
    agency.accounts.register(form_of(agency, jane, user_id="jane-again"))
    with pytest.raises(NotPermittedError):
        agency.payments.history(opened_case, by=token)


def test_a_closed_account_is_still_found_by_its_user_id_and_no_longer_by_its_person(
    agency, closed, jane, desk
):
    status = agency.oversight.find("jroe88", by=desk)
    assert status is not None
    assert (status.state, status.has_address) == (AccountState.CLOSED, False)
    assert agency.oversight.find(jane.irn, by=desk) is None
