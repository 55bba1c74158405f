"""`agency.staff_resets`: what the help desk sees of a recovery, and a reset that two of them agree on."""

import json
from datetime import timedelta
from itertools import product

import attrs
import pytest

from dcss_core import Actor, Irn, Secret, Ssn
from dcss_core.agency.filing.cases import PEOPLE
from dcss_core.errors import ConflictError, DcssError, NotFoundError, NotPermittedError
from dcss_core.users import SignedIn, SignInRefused
from dcss_core.users.account_control import ControlReason
from dcss_core.users.recovery.password_choice import CodeRefused
from dcss_core.users.recovery.policy import RecoveryMethod
from dcss_core.users.recovery.progress import StepState
from dcss_core.users.recovery.staff_reset import StaffReset, StaffResetState
from dcss_core.users.sign_in.session import SessionScope
from dcss_core.users.staff.member import StaffRole

NEW = Secret("eleven copper kettles on a raft")
ASKED, CONFIRMED = ControlReason.OWNER_ASKED, ControlReason.IDENTITY_CONFIRMED
HELP_DESK, APPROVER = StaffRole.HELP_DESK, StaffRole.RESET_APPROVER
RESET = "Your password was reset"


@pytest.fixture
def admin(staff):
    return staff()


@pytest.fixture
def agent(admin, staff):
    return staff(HELP_DESK)


@pytest.fixture
def approver(admin, staff):
    return staff(APPROVER)


@pytest.fixture
def request_id(agency, janes_account, agent):
    """The id of a reset that was asked for Jane."""
    return agency.staff_resets.request(janes_account, by=agent, reason=ASKED).request_id


def enter(agency, user_id, password):
    return agency.accounts.sign_in(user_id, password, banner=agency.accounts.banner().version)


def refusals(agency):
    entries = [
        entry
        for _, entry in agency.audit.entries(by=Actor.system("audit"))
        if entry.kind == "staff_reset_refused"
    ]
    return [json.loads(entry.details)["reason"] for entry in entries]


def states(progress, method):
    [flow] = [flow for flow in progress.flows if flow.method is method]
    return [step.state for step in flow.steps]


def newest_code(mail):
    body = mail.bodies("Your code for a new password")[-1]
    return Secret(next(line.strip() for line in body.splitlines() if line.startswith("    ")))


# --- what the help desk sees ----------------------------------------------------------------------------


def test_s27_the_agent_follows_the_caller_from_step_to_step(
    agency, janes_account, jane, agent, mail, sign_in
):
    def by_code():
        return states(agency.staff_resets.progress(jane.ssn, by=agent), RecoveryMethod.ISSUED_CODE)

    done, now, later = StepState.DONE, StepState.NEXT, StepState.LATER
    assert by_code() == [done, now, later, later]
    agency.recovery.request_code(jane.user_id)
    assert by_code() == [done, now, later, later]  # nothing is issued until the next round of letters
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert by_code() == [done, done, now, later]
    agency.recovery.choose_password(jane.user_id, newest_code(mail), NEW)
    assert by_code() == [done, done, done, now]
    sign_in(agency, jane, NEW)


def test_s27_the_agent_follows_a_reset_by_questions(agency, janes_account, jane, agent, mail, reset, sign_in):
    def seen():
        return agency.staff_resets.progress(janes_account, by=agent)

    def by_questions():
        return states(seen(), RecoveryMethod.SECURITY_QUESTIONS)

    done, now, later = StepState.DONE, StepState.NEXT, StepState.LATER
    assert by_questions() == [done, now, later, later]
    reset(agency, jane)
    assert by_questions() == [done, done, now, later]
    assert not seen().is_assigned_used
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.assigned_password()
    token = sign_in(agency, jane, assigned)
    assert by_questions() == [done, done, done, now]
    assert seen().is_assigned_used
    agency.credentials.change_password(token, current=assigned, new=NEW)
    assert seen().assigned_until is None


def test_s27_failures_closure_lock_and_pending_reset_are_shown(
    agency, janes_account, jane, agent, reset, clock
):
    for _ in range(3):
        reset(agency, jane, full_name="Jane Row")
        enter(agency, jane.user_id, Secret("wrong"))
    agency.staff_resets.request(janes_account, by=agent, reason=ASKED)
    seen = agency.staff_resets.progress(jane.ssn, by=agent)
    assert (seen.failures_left, seen.is_closed) == (2, False)
    assert seen.locked_until == clock.now() + timedelta(minutes=15)
    assert seen.staff_reset_until == clock.now() + timedelta(hours=24)
    for _ in range(2):
        reset(agency, jane, full_name="Jane Row")
    seen = agency.staff_resets.progress(jane.ssn, by=agent)
    assert (seen.failures_left, seen.is_closed) == (0, True)


def test_s27_the_agent_never_sees_an_answer_a_code_a_password_a_user_id_or_an_address(
    agency, janes_account, jane, agent, mail, reset
):
    asked = agency.recovery.questions(jane.ssn)
    reset(agency, jane)
    agency.recovery.request_code(jane.user_id)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    shown = repr(agency.staff_resets.progress(jane.ssn, by=agent))
    secrets = [
        jane.password,
        jane.ssn,
        jane.email,
        Secret(jane.user_id),
        mail.assigned_password(),
        newest_code(mail),
        *(answer.text for answer in jane.answers(asked)),
    ]
    assert [secret for secret in secrets if secret.reveal() in shown] == []
    assert "has_address=True" in shown


def test_s27_somebody_without_an_account_is_told_to_register(agency, opened_case, john, agent):
    for ssn in (john.ssn, Ssn("904-05-1000", accept_never_issued=True)):
        seen = agency.staff_resets.progress(ssn, by=agent)
        assert seen.account_id is None
        assert "register first" in seen.flows[0].steps[0].sentence
        assert seen.failures_left == 5


def test_s27_an_account_of_staff_has_no_ssn_and_so_no_failures(agency, agent, approver):
    seen = agency.staff_resets.progress(approver.actor_id, by=agent)
    assert (seen.failures_left, seen.is_closed, seen.has_address) == (None, None, True)


def test_s27_looking_is_a_sensitive_read_for_the_help_desk_alone(
    agency, janes_account, jane, agent, approver, clerk
):
    agency.staff_resets.progress(jane.ssn, by=agent)
    [entry] = [
        each for _, each in agency.audit.entries(by=Actor.system("audit")) if each.kind == "sensitive_read"
    ]
    assert (entry.actor, entry.subject) == (str(agent), f"account:{janes_account}")
    for by in (approver, clerk, Actor.parent(janes_account), Actor.public()):
        with pytest.raises(NotPermittedError, match="you may not do this"):
            agency.staff_resets.progress(jane.ssn, by=by)
    with pytest.raises(NotFoundError):
        agency.staff_resets.progress("no-such-account", by=agent)


def test_s27_whatever_staff_get_back_can_not_finish_a_recovery(
    agency, janes_account, jane, agent, approver, request_id
):
    approved = agency.staff_resets.approve(request_id, by=approver)
    texts = [value for value in attrs.asdict(approved).values() if isinstance(value, str)]
    assert texts
    for text in texts:
        assert agency.recovery.choose_password(jane.user_id, Secret(text), NEW) == CodeRefused()
    assert enter(agency, jane.user_id, Secret(request_id)) == SignInRefused()


# --- the way through ------------------------------------------------------------------------------------


def test_s24_s25_a_reset_that_two_agree_on_assigns_a_password_for_one_sign_in(
    agency, janes_account, jane, agent, approver, mail, sign_in
):
    session = sign_in(agency, jane)
    asked = agency.staff_resets.request(janes_account, by=agent, reason=CONFIRMED)
    assert agency.staff_resets.pending(by=approver) == (asked,)
    approved = agency.staff_resets.approve(asked.request_id, by=approver)
    assert approved.state is StaffResetState.APPROVED
    assert (approved.requested_by, approved.decided_by) == (agent.actor_id, approver.actor_id)
    assert agency.staff_resets.pending(by=approver) == ()
    with pytest.raises(NotPermittedError):
        agency.sessions.check(session)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.assigned_password()
    token = sign_in(agency, jane, assigned)
    assert agency.sessions.check(token).scope is SessionScope.CHANGE_PASSWORD_ONLY
    changed = agency.credentials.change_password(token, current=assigned, new=NEW)
    assert changed.session.scope is SessionScope.FULL


def test_approval_abuse_the_secret_goes_to_the_address_on_file_and_to_nobody_of_the_staff(
    agency, jane, agent, approver, request_id, mail
):
    approved = agency.staff_resets.approve(request_id, by=approver)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assigned = mail.assigned_password().reveal()
    with_it = [each for each in mail.delivered if assigned in each.body.reveal()]
    assert [each.address for each in with_it] == [jane.email]
    assert assigned not in repr(approved)
    assert not any(assigned in str(entry) for _, entry in agency.audit.entries(by=Actor.system("audit")))


def test_approval_abuse_every_step_is_audited_with_who_and_why(
    agency, janes_account, agent, approver, last_number
):
    before = last_number(agency)
    resets = agency.staff_resets
    first = resets.request(janes_account, by=agent, reason=ASKED)
    with pytest.raises(NotPermittedError):
        resets.approve(first.request_id, by=agent)
    resets.decline(first.request_id, by=approver, reason=ControlReason.SUSPECTED_MISUSE)
    second = resets.request(janes_account, by=agent, reason=CONFIRMED)
    resets.cancel(second.request_id, by=agent)
    third = resets.request(janes_account, by=agent, reason=CONFIRMED)
    resets.pending(by=approver)
    resets.approve(third.request_id, by=approver)
    entries = [entry for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))]
    assert [(entry.kind, entry.actor) for entry in entries] == [
        ("staff_reset_requested", str(agent)),
        ("authz_fail", str(agent)),
        ("staff_reset_declined", str(approver)),
        ("staff_reset_requested", str(agent)),
        ("staff_reset_cancelled", str(agent)),
        ("staff_reset_requested", str(agent)),
        ("sensitive_read", str(approver)),
        ("staff_reset_approved", str(approver)),
        ("authn_password_reset", str(approver)),
    ]
    assert json.loads(entries[0].details)["reason"] == "owner_asked"
    assert json.loads(entries[2].details)["reason"] == "suspected_misuse"


# --- approval abuse -------------------------------------------------------------------------------------


def test_approval_abuse_requester_approver_and_owner_are_three_people(agency, staff):
    """OWASP ASVS 5.0.0, 2.3.5: of 27 ways to put three people into three places, 6 have three different ones.

    Each of them holds both roles, so that only who they are can stand in the way.
    """
    people = [staff(HELP_DESK, APPROVER) for _ in range(3)]
    approved = []
    for owner, requester, decider in product(people, repeat=3):
        try:
            asked = agency.staff_resets.request(owner.actor_id, by=requester, reason=ASKED)
        except NotPermittedError:
            assert owner == requester
            continue
        try:
            agency.staff_resets.approve(asked.request_id, by=decider)
        except NotPermittedError:
            assert decider in (owner, requester)
            agency.staff_resets.cancel(asked.request_id, by=requester)
            continue
        approved.append((owner, requester, decider))
    assert [len(set(three)) for three in approved] == [3] * 6
    assert len(set(approved)) == 6


def test_approval_abuse_the_approvers_role_counts_at_the_moment_of_decision(
    agency, by_two, approver, request_id
):
    by_two(lambda by: agency.staff.set_roles(approver.actor_id, [HELP_DESK], by=by))
    with pytest.raises(NotPermittedError, match="you may not do this"):
        agency.staff_resets.approve(request_id, by=approver)
    by_two(lambda by: agency.staff.set_roles(approver.actor_id, [APPROVER], by=by))
    assert agency.staff_resets.approve(request_id, by=approver).state is StaffResetState.APPROVED


def test_approval_abuse_nobody_outside_the_staff_decides(
    agency, janes_account, request_id, clerk, agent, kinds, last_number
):
    before = last_number(agency)
    strangers = (clerk, Actor.parent(janes_account), Actor.public(), Actor.system("a job"))
    for by in strangers:
        with pytest.raises(NotPermittedError):
            agency.staff_resets.approve(request_id, by=by)
        with pytest.raises(NotPermittedError):
            agency.staff_resets.decline(request_id, by=by, reason=ASKED)
    assert kinds(agency, before) == ["authz_fail"] * 8


def test_approval_abuse_a_parent_is_not_taken_for_staff_by_the_same_id(agency, request_id, approver):
    with pytest.raises(NotPermittedError):
        agency.staff_resets.approve(request_id, by=Actor.parent(approver.actor_id))


def disable_requester(agency, office, agent, subject):
    agency.oversight.disable(agent.actor_id, by=office.first, reason=ControlReason.STAFF_CHANGE)


def take_role_from_requester(agency, office, agent, subject):
    office.by_two(lambda by: agency.staff.set_roles(agent.actor_id, [APPROVER], by=by))


def disable_subject(agency, office, agent, subject):
    agency.oversight.disable(subject, by=office.first, reason=ControlReason.SUSPECTED_MISUSE)


def close_subject(agency, office, agent, subject):
    office.by_two(lambda by: agency.oversight.close(subject, by=by, reason=ControlReason.OWNER_ASKED))


def take_address_off(agency, office, agent, subject):
    def verb(work):
        [kept] = work.find(PEOPLE, ("irn",), (Irn("CP100200"),))
        work.replace(PEOPLE, kept, attrs.evolve(kept.record, email=None))

    agency.recovery._resources.write(verb)


@pytest.mark.parametrize(
    ("meanwhile", "error", "reason"),
    [
        (disable_requester, NotPermittedError, "requester_not_entitled"),
        (take_role_from_requester, NotPermittedError, "requester_not_entitled"),
        (disable_subject, ConflictError, "subject_not_active"),
        (close_subject, ConflictError, "subject_not_active"),
        (take_address_off, ConflictError, "no_address"),
    ],
)
def test_approval_abuse_what_changed_meanwhile_counts(
    agency, janes_account, jane, staff, agent, approver, request_id, mail, meanwhile, error, reason
):
    meanwhile(agency, staff, agent, janes_account)
    with pytest.raises(error):
        agency.staff_resets.approve(request_id, by=approver)
    assert refusals(agency) == [reason]
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert mail.bodies(RESET) == []


def test_approval_abuse_a_reset_is_void_once_the_owner_recovered_alone(
    agency, jane, approver, request_id, reset, mail
):
    reset(agency, jane)
    with pytest.raises(ConflictError, match="changed since"):
        agency.staff_resets.approve(request_id, by=approver)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert isinstance(enter(agency, jane.user_id, mail.assigned_password()), SignedIn)


def test_approval_abuse_a_request_expires_at_its_instant(agency, request_id, approver, clock):
    """24 hours after it was asked for."""
    clock.instant += timedelta(hours=24)
    assert agency.staff_resets.pending(by=approver) == ()
    for decide in (
        lambda: agency.staff_resets.approve(request_id, by=approver),
        lambda: agency.staff_resets.decline(request_id, by=approver, reason=ASKED),
    ):
        with pytest.raises(ConflictError, match="in time"):
            decide()
    clock.instant -= timedelta(microseconds=1)
    assert agency.staff_resets.approve(request_id, by=approver).state is StaffResetState.APPROVED


@pytest.mark.parametrize("first", ["approve", "decline", "cancel"])
def test_approval_abuse_what_was_decided_is_not_decided_again(agency, request_id, agent, approver, first):
    decisions = {
        "approve": lambda: agency.staff_resets.approve(request_id, by=approver),
        "decline": lambda: agency.staff_resets.decline(request_id, by=approver, reason=ASKED),
        "cancel": lambda: agency.staff_resets.cancel(request_id, by=agent),
    }
    decisions[first]()
    for decide in decisions.values():
        with pytest.raises(ConflictError, match="already"):
            decide()


def test_approval_abuse_of_sixteen_decisions_at_once_one_counts(
    agency, request_id, staff, approver, at_once, mail
):
    others = iter([staff(APPROVER) for _ in range(16)])

    def decide():
        by = next(others)
        try:
            return agency.staff_resets.approve(request_id, by=by)
        except DcssError as refused:
            return refused

    outcomes = at_once(16, decide)
    assert sum(isinstance(outcome, StaffReset) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, ConflictError) for outcome in outcomes) == 15
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert len(mail.bodies(RESET)) == 1


def test_approval_abuse_only_the_requester_cancels(agency, request_id, approver, staff):
    with pytest.raises(NotPermittedError, match="you may not do this"):
        agency.staff_resets.cancel(request_id, by=approver)
    with pytest.raises(NotPermittedError, match="decline"):
        agency.staff_resets.cancel(request_id, by=staff(HELP_DESK))
    assert refusals(agency) == ["not_the_requester"]


def test_nothing_is_asked_for_that_can_not_be_done(agency, janes_account, staff, agent, approver, clerk):
    ask = agency.staff_resets.request
    for by in (approver, clerk, Actor.parent(janes_account)):
        with pytest.raises(NotPermittedError, match="you may not do this"):
            ask(janes_account, by=by, reason=ASKED)
    with pytest.raises(NotFoundError):
        ask("no-such-account", by=agent, reason=ASKED)
    take_address_off(agency, staff, agent, janes_account)
    with pytest.raises(ConflictError, match="no address"):
        ask(janes_account, by=agent, reason=ASKED)
    disable_subject(agency, staff, agent, janes_account)
    with pytest.raises(ConflictError, match="not in use"):
        ask(janes_account, by=agent, reason=ASKED)
    with pytest.raises(NotFoundError):
        agency.staff_resets.approve("no-such-request", by=approver)
    with pytest.raises(NotPermittedError, match="you may not do this"):
        agency.staff_resets.pending(by=agent)


def test_exhaustion_nothing_is_hashed_for_whoever_may_not_approve(
    agency, request_id, agent, clerk, approver, hasher, kinds, last_number
):
    hasher.runs, before = 0, last_number(agency)
    for by in (clerk, agent, Actor.public()):
        with pytest.raises(NotPermittedError):
            agency.staff_resets.approve(request_id, by=by)
    assert hasher.runs == 0
    assert kinds(agency, before) == ["authz_fail"] * 3
    agency.staff_resets.approve(request_id, by=approver)
    assert hasher.runs == 1


def test_whether_a_request_exists_is_told_to_approvers_alone(agency, agent, approver, clerk):
    for by in (clerk, agent):
        for decide in (
            lambda by=by: agency.staff_resets.approve("no-such-request", by=by),
            lambda by=by: agency.staff_resets.decline("no-such-request", by=by, reason=ASKED),
        ):
            with pytest.raises(NotPermittedError, match="you may not do this"):
                decide()
    with pytest.raises(NotFoundError):
        agency.staff_resets.decline("no-such-request", by=approver, reason=ASKED)


def test_who_named_what_there_is_not_is_audited_without_what_was_typed(agency, agent, approver, last_number):
    before, resets = last_number(agency), agency.staff_resets
    for verb in (
        lambda: resets.progress("a-neighbour", by=agent),
        lambda: resets.request("a-neighbour", by=agent, reason=ASKED),
        lambda: resets.cancel("a-neighbour", by=agent),
        lambda: resets.approve("a-neighbour", by=approver),
        lambda: resets.decline("a-neighbour", by=approver, reason=ASKED),
    ):
        with pytest.raises(NotFoundError):
            verb()
    entries = [entry for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))]
    assert {entry.kind for entry in entries} == {"sensitive_read"}
    assert [entry.subject for entry in entries] == ["search:account"] * 2 + ["search:staff reset"] * 3
    assert [entry.actor for entry in entries] == [str(agent)] * 3 + [str(approver)] * 2
    assert not any("neighbour" in str(entry) for entry in entries)


def test_approval_abuse_one_request_waits_for_an_account_at_a_time(
    agency, janes_account, request_id, agent, approver, staff, clock
):
    for by in (agent, staff(HELP_DESK)):
        with pytest.raises(ConflictError, match="waits for a decision already"):
            agency.staff_resets.request(janes_account, by=by, reason=ASKED)
    assert refusals(agency) == ["pending_already"] * 2
    assert [each.request_id for each in agency.staff_resets.pending(by=approver)] == [request_id]
    clock.move(hours=24)
    agency.staff_resets.request(janes_account, by=agent, reason=ASKED)  # the first has expired


@pytest.mark.parametrize("meanwhile", [disable_requester, take_role_from_requester, take_address_off])
def test_a_request_that_can_not_be_approved_any_more_is_not_listed(
    agency, janes_account, staff, agent, approver, request_id, meanwhile
):
    meanwhile(agency, staff, agent, janes_account)
    assert agency.staff_resets.pending(by=approver) == ()


def test_a_request_that_is_void_is_neither_listed_nor_shown_and_another_can_be_asked_for(
    agency, janes_account, jane, agent, approver, request_id, reset
):
    reset(agency, jane)
    assert agency.staff_resets.pending(by=approver) == ()
    assert agency.staff_resets.progress(jane.ssn, by=agent).staff_reset_until is None
    asked = agency.staff_resets.request(janes_account, by=agent, reason=ASKED)
    assert agency.staff_resets.pending(by=approver) == (asked,)


def test_lock_bypass_by_reset_an_approval_ends_no_lock(agency, jane, approver, request_id, mail, clock):
    for _ in range(3):
        enter(agency, jane.user_id, Secret("wrong"))
    agency.staff_resets.approve(request_id, by=approver)
    agency.outbox.dispatch(by=Actor.system("dispatch"))
    assert enter(agency, jane.user_id, mail.assigned_password()) == SignInRefused()
    clock.move(minutes=15)
    assert isinstance(enter(agency, jane.user_id, mail.assigned_password()), SignedIn)


def test_a_reset_that_staff_start_is_possible_where_recovery_is_closed(
    agency, janes_account, jane, agent, approver, reset
):
    """Recovery by questions is closed for Jane's number."""
    for _ in range(5):
        reset(agency, jane, full_name="Jane Row")
    asked = agency.staff_resets.request(janes_account, by=agent, reason=ASKED)
    assert agency.staff_resets.approve(asked.request_id, by=approver).state is StaffResetState.APPROVED
