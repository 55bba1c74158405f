"""Processes in which staff act on one account at the same instant."""

import json

import pytest

from dcss_core import Actor, Secret
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

ACCOUNT = "Your online account"
ROLES = [StaffRole.HELP_DESK, StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK, StaffRole.RECORDS_OFFICER]


@pytest.fixture
def office(course_of, jane, register):
    """A course on which Jane has an account, and two people administer accounts and appoint others."""

    def made():
        running = course_of()

        def appointed(user_id, by, *roles):
            email = Secret(f"{user_id}@dcss.example.gov")
            return running.agency.staff.appoint(user_id, email=email, roles=roles, by=by)

        administrators = [
            Actor.staff(
                appointed(
                    user_id,
                    Actor.system("set-up"),
                    StaffRole.ACCOUNT_ADMINISTRATOR,
                    StaffRole.HELP_DESK,
                ).account_id
            )
            for user_id in ("admin-1", "admin-2")
        ]

        def appoint(user_id, role):
            [_, done] = [appointed(user_id, by, role) for by in administrators]
            return done.account_id

        return running, register(running.agency, jane), appoint, *administrators

    return made


def details(agency, kind):
    entries = [entry for _, entry in agency.audit.entries(by=Actor.system("audit")) if entry.kind == kind]
    return [json.loads(entry.details) for entry in entries]


@pytest.mark.parametrize("acts", [["approve"], ["decline"], ["approve", "decline"]], ids="-".join)
def test_of_processes_that_decide_one_reset_exactly_one_decision_counts(office, course, acts):
    processes, rounds = course
    for _ in range(rounds):
        running, account_id, appoint, asking, _ = office()
        approvers = [appoint(f"approver-{each}", StaffRole.RESET_APPROVER) for each in range(processes)]
        resets = running.agency.staff_resets
        reset = resets.request(account_id, by=asking, reason=ControlReason.OWNER_ASKED)
        given = [
            {"act": acts[number % len(acts)], "by": by, "request_id": reset.request_id}
            for number, by in enumerate(approvers)
        ]
        counted, outcomes = running.race("decide", given)
        assert counted == {"StaffReset": 1, "ConflictError": processes - 1}
        [decided] = [each["state"] for each in outcomes if each["is"] == "StaffReset"]
        approved = details(running.agency, "staff_reset_approved")
        declined = details(running.agency, "staff_reset_declined")
        assert [len(approved), len(declined)] == [decided == "approved", decided == "declined"]
        assert len(details(running.agency, "staff_reset_refused")) == processes - 1
        assert running.letters("Your password was reset") == len(approved)


@pytest.mark.parametrize(
    ("acts", "left"),
    [(["disable"], "disabled"), (["close"], "closed"), (["disable", "close"], "closed")],
    ids=["disable", "close", "both"],
)
def test_of_processes_that_put_one_account_out_of_use_each_act_counts_once(office, course, acts, left):
    processes, rounds = course
    for _ in range(rounds):
        running, account_id, _, asking, approving = office()
        oversight = running.agency.oversight
        if "close" in acts:  # which takes two people; the others are the second
            oversight.close(account_id, by=asking, reason=ControlReason.SUSPECTED_MISUSE)
        given = [
            {"act": acts[number % len(acts)], "account_id": account_id, "by": approving.actor_id}
            for number in range(processes)
        ]
        before = running.letters(ACCOUNT)
        counted, _ = running.race("control", given)
        assert counted.keys() == {"NoneType", "ConflictError"}
        # what is closed is not disabled any more; the other way round it is
        assert counted["NoneType"] in range(1, len(acts) + 1)
        assert oversight.status(account_id, by=asking).state.value == left
        disabled, closed = (details(running.agency, f"user_{each}") for each in ("disabled", "deleted"))
        assert len(closed) == ("close" in acts)
        assert len(disabled) + len(closed) == counted["NoneType"]
        assert running.letters(ACCOUNT) - before == counted["NoneType"]


def test_of_processes_that_set_roles_the_last_ones_are_held_and_each_is_told_once(office, course):
    processes, rounds = course
    for _ in range(rounds):
        running, _, appoint, asking, approving = office()
        worker = appoint("worker", StaffRole.RESET_APPROVER)
        before = running.letters(ACCOUNT)
        for role in ROLES:
            running.agency.staff.set_roles(worker, [role], by=asking)
        given = [
            {"account_id": worker, "role": ROLES[number % len(ROLES)].value, "by": approving.actor_id}
            for number in range(processes)
        ]
        counted, _ = running.race("set_roles", given)
        # a further word for what a second one has been given to already is a first one again
        done = min(processes, len(ROLES))
        assert counted.pop("NoneType") == done
        assert counted == ({"ApprovalDue": processes - done} if processes > done else {})
        changes = details(running.agency, "authz_change")
        assert sorted(role for each in changes for role in each["roles"]) == sorted(
            {each["role"] for each in given}
        )
        held = running.agency.staff.roles(worker, by=asking)
        assert [each.value for each in held] == changes[-1]["roles"]
        assert running.letters(ACCOUNT) - before == done
