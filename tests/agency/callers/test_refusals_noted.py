"""What is refused stands in the audit log, whoever asked; nobody who holds a token fills the log with it.

OWASP ASVS 5.0.0, 16.3.2 and 16.3.3.
"""

import json

import pytest

from dcss_core import Actor, Secret
from dcss_core.errors import (
    ConflictError,
    InvalidInputError,
    NotFoundError,
    NotPermittedError,
    SessionEndedError,
)
from dcss_core.users import SessionToken
from dcss_core.users.account_control import ControlReason
from dcss_core.users.staff.member import StaffRole

PER_MINUTE = 10


@pytest.fixture
def noted(agency):
    """The entries since an instant: kind, actor and the details."""

    def found(since=0):
        entries = agency.audit.entries(after=since, by=Actor.system("audit"))
        return [(entry.kind, entry.actor, json.loads(entry.details)) for _, entry in entries]

    return found


def test_a_hundred_uses_of_an_ended_token_leave_as_many_entries_as_tell_of_it(
    agency, janes_account, jane, sign_in, noted, last_number, clock
):
    token = sign_in(agency, jane)
    agency.accounts.sign_out(token)
    before = last_number(agency)
    for _ in range(100):
        with pytest.raises(SessionEndedError):
            agency.sessions.check(token)
    kinds = [kind for kind, _, _ in noted(before)]
    assert kinds == ["authz_fail"] * PER_MINUTE + ["authz_fail_max"]
    clock.move(minutes=1)
    with pytest.raises(SessionEndedError):
        agency.accounts.display_name(token)
    assert [kind for kind, _, _ in noted(before)][PER_MINUTE + 1 :] == ["authz_fail"]


def test_a_code_that_comes_too_late_stands_in_the_log(
    agency, janes_account, jane, attempt, noted, last_number, clock
):
    token = attempt(agency, jane.user_id, jane.password).token
    clock.move(days=2)
    before = last_number(agency)
    with pytest.raises(SessionEndedError):
        agency.second_factors.give(token, Secret("123456"))
    [(kind, actor, details)] = noted(before)
    assert (kind, actor) == ("authz_fail", str(Actor.parent(janes_account)))
    assert details["wanted"] == "second_factors.give"


@pytest.mark.parametrize(
    ("act", "error", "verb"),
    [
        (lambda agency, token: agency.sessions.own(token, limit=0), InvalidInputError, "sessions.own"),
        (lambda agency, token: agency.sessions.end(token, "another's"), NotFoundError, "sessions.end"),
        (lambda agency, token: agency.cases.own(by=token, after=object()), InvalidInputError, "cases.own"),
    ],
    ids=["a bad number", "another's session", "another type"],
)
def test_what_a_parent_gives_that_cannot_be_done_is_an_entry_without_what_was_typed(
    agency, janes_account, jane, sign_in, noted, last_number, act, error, verb
):
    token = sign_in(agency, jane)
    before = last_number(agency)
    with pytest.raises(error) as raised:
        act(agency, token)
    assert noted(before) == [
        ("act_refused", str(Actor.parent(janes_account)), {"act": verb, "code": raised.value.code})
    ]


def test_a_step_out_of_its_order_is_an_entry(agency, janes_account, jane, sign_in, noted, last_number):
    token = sign_in(agency, jane)
    before = last_number(agency)
    with pytest.raises(NotPermittedError):
        agency.second_factors.give(token, Secret("123456"))  # no second factor is due
    assert [kind for kind, _, _ in noted(before)] == ["authz_fail"]


def test_what_staff_ask_for_and_do_not_get_is_an_entry_each_time(
    agency, janes_account, staff, noted, last_number
):
    staff()
    desk = staff(StaffRole.HELP_DESK)
    before = last_number(agency)
    for act, error in (
        (
            lambda: agency.oversight.lift_lock(janes_account, by=desk, reason=ControlReason.OWNER_ASKED),
            ConflictError,
        ),
        (lambda: agency.oversight.status("nobody", by=desk), NotFoundError),
        (lambda: agency.oversight.locked(by=desk, limit=0), InvalidInputError),
        (lambda: agency.oversight.status(7, by=desk), InvalidInputError),
    ):
        with pytest.raises(error):
            act()
    entries = noted(before)
    assert [actor for _, actor, _ in entries] == [str(desk)] * 4
    assert [kind for kind, _, _ in entries].count("staff_act_refused") == 3


def test_a_job_that_asks_for_what_cannot_be_done_is_a_fault_of_a_program_and_no_entry(
    agency, noted, last_number
):
    before = last_number(agency)
    with pytest.raises(InvalidInputError):
        agency.outbox.dispatch(by=Actor.system("dispatch"), limit=0)
    assert noted(before) == []


def test_a_token_that_is_nobodys_leaves_no_entry(agency, noted, last_number):
    before = last_number(agency)
    for _ in range(3):
        with pytest.raises(SessionEndedError):
            agency.sessions.check(SessionToken("nobody's"))
    assert noted(before) == []
