"""Who of the staff may do what to other people's accounts, and that nobody else may do anything."""

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import NotPermittedError
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

WHY = ControlReason.SUSPECTED_MISUSE
HOME = "203.0.113.7"
HELP_DESK, ADMINISTRATOR = StaffRole.HELP_DESK, StaffRole.ACCOUNT_ADMINISTRATOR


def calls(agency, account_id, jane):
    """Every verb of staff on accounts, with the role it needs."""
    oversight, staff, email = agency.oversight, agency.staff, Secret("w@dcss.example.gov")
    return {
        "find": (HELP_DESK, lambda by: oversight.find("jroe88", by=by)),
        "status": (HELP_DESK, lambda by: oversight.status(account_id, by=by)),
        "locked": (HELP_DESK, lambda by: oversight.locked(by=by)),
        "lift_lock": (HELP_DESK, lambda by: oversight.lift_lock(account_id, by=by, reason=WHY)),
        "demand": (HELP_DESK, lambda by: oversight.demand_password_change(account_id, by=by, reason=WHY)),
        "end_sessions": (HELP_DESK, lambda by: oversight.end_sessions(account_id, by=by)),
        "reopen_source": (HELP_DESK, lambda by: oversight.reopen_source(HOME, by=by)),
        "disclose": (HELP_DESK, lambda by: oversight.disclose_identifiers(jane.ssn, by=by, reason=WHY)),
        "disable": (ADMINISTRATOR, lambda by: oversight.disable(account_id, by=by, reason=WHY)),
        "enable": (ADMINISTRATOR, lambda by: oversight.enable(account_id, by=by, reason=WHY)),
        "close": (ADMINISTRATOR, lambda by: oversight.close(account_id, by=by, reason=WHY)),
        "appoint": (ADMINISTRATOR, lambda by: staff.appoint("new-id", email=email, roles=[HELP_DESK], by=by)),
        "appoint_shared": (ADMINISTRATOR, lambda by: staff.appoint_shared("new-id", email=email, by=by)),
        "set_roles": (ADMINISTRATOR, lambda by: staff.set_roles(account_id, [HELP_DESK], by=by)),
    }


def test_no_verb_of_oversight_is_passed_over_here(agency, jane):
    tried = {name if name != "disclose" else "disclose_identifiers" for name in calls(agency, "a", jane)}
    tried = {name if name != "demand" else "demand_password_change" for name in tried}
    verbs = {name for name in dir(agency.oversight) if not name.startswith("_")}
    assert verbs - tried == {"disable_idle"}  # a job's, and no staff's


def test_without_the_role_nobody_does_anything_whoever_they_are_and_the_attempt_is_audited(
    agency, janes_account, jane, staff, last_number
):
    administrator = staff()
    every_other_role = {role: staff(role) for role in StaffRole if role is not ADMINISTRATOR}
    every_other_role[ADMINISTRATOR] = administrator
    disabled = staff(HELP_DESK, ADMINISTRATOR)
    agency.oversight.disable(disabled.actor_id, by=administrator, reason=WHY)
    strangers = [
        Actor.parent(janes_account),
        Actor.staff(janes_account),  # a parent's account holds no role
        Actor.parent(administrator.actor_id),  # nor does a member of staff who acts as a parent
        Actor.public(),
        Actor.system("nightly"),
        Actor.staff("nobody"),
        disabled,
    ]
    before, waiting = last_number(agency), agency.outbox.pending(by=Actor.system("dispatch"))
    for name, (needed, call) in calls(agency, janes_account, jane).items():
        without = [actor for role, actor in every_other_role.items() if role is not needed]
        for by in (*strangers, *without):
            with pytest.raises(NotPermittedError):
                call(by)
            assert agency.outbox.pending(by=Actor.system("dispatch")) == waiting, (name, by)
    assert {entry.kind for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))} == {
        "authz_fail",
        "authz_fail_max",  # a parent's further ones within the minute
    }


def test_a_role_that_was_taken_away_counts_no_more_from_that_moment(agency, janes_account, desk, by_two):
    agency.oversight.status(janes_account, by=desk)
    by_two(lambda by: agency.staff.set_roles(desk.actor_id, [StaffRole.RECORDS_OFFICER], by=by))
    with pytest.raises(NotPermittedError):
        agency.oversight.status(janes_account, by=desk)
