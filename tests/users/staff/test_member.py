from dcss_core.base.secret import Secret
from dcss_core.users.staff.member import StaffMember, StaffRole


def test_asking_for_a_reset_and_deciding_on_one_are_two_roles():
    assert len({StaffRole.HELP_DESK, StaffRole.RESET_APPROVER}) == 2


def test_a_member_of_staff_does_not_show_the_address():
    member = StaffMember("a-7", (StaffRole.HELP_DESK,), Secret("worker@dcss.example.gov"))
    assert "worker" not in repr(member)
