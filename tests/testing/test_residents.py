"""Who is there when a test with the fixtures begins, and what is said where the rules let nobody in."""

import attrs
import pytest

from dcss_core import KeyRing, MasterKey, Secret, open_agency
from dcss_core.errors import ConfigurationError
from dcss_core.testing import FakeHasher, synthetic_state
from dcss_core.testing.residents import Appointing, registered_parent, session_of
from dcss_core.users import StaffRole


@pytest.fixture
def agency():
    with open_agency(
        "memory:",
        jurisdiction="US-XX",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        channels=None,
        plugins=[synthetic_state],
        hasher=FakeHasher(),
    ) as opened:
        yield opened


def test_a_parent_comes_with_account_and_case(agency):
    parent = registered_parent(agency)
    (own,) = agency.cases.own(by=session_of(agency, parent))
    assert own.case_number == parent.case_number


def test_who_can_not_sign_in_so_is_told_which_fixture_to_write(agency):
    parent = attrs.evolve(registered_parent(agency), password=Secret("not hers"))
    with pytest.raises(ConfigurationError, match="write the fixture `signed_in` in your own conftest"):
        session_of(agency, parent)


def test_staff_hold_the_roles_they_were_given_and_no_others(agency):
    staff = Appointing(agency)
    desk, boss = staff(StaffRole.HELP_DESK), staff(user_id="boss")
    assert agency.staff.roles(desk.actor_id, by=boss) == (StaffRole.HELP_DESK,)
    assert agency.staff.roles(boss.actor_id, by=boss) == (StaffRole.ACCOUNT_ADMINISTRATOR,)
