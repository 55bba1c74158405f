"""OWASP ASVS 5.0.0, 2.3.5: what is of high value is done by two people, by the second one's word."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core import Actor, CaseNumber, KeyRing, Secret
from dcss_core.agency.filing.accounts import APPROVALS
from dcss_core.errors import ConflictError, DcssError, NotFoundError, NotPermittedError
from dcss_core.payments import Receipt
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import SentPayment, remittance_file
from dcss_core.users import Appointed, ApprovalDue, ControlReason, StaffRole
from dcss_core.users.approvals.policy import HIGH_VALUE

from ..accounts.authenticator_app import App
from ..office import Office

EMAIL = Secret("new.worker@dcss.example.gov")
WHY = ControlReason.SUSPECTED_MISUSE
HELP_DESK, ADMINISTRATOR = StaffRole.HELP_DESK, StaffRole.ACCOUNT_ADMINISTRATOR
CLERK, APPROVER = StaffRole.PAYMENT_CLERK, StaffRole.RESET_APPROVER
AUDIT, DISPATCH, SET_UP = Actor.system("audit"), Actor.system("dispatch"), Actor.system("set-up")
NEW_PASSWORD = Secret("eleven copper kettles at dawn")


def office_of(agency, hasher):
    """An office whose first member administers accounts and nothing else."""
    office = Office(agency, hasher)
    assert office.first
    return office


@pytest.fixture
def staff(agency, hasher):
    office = office_of(agency, hasher)
    assert office.colleague
    return office


@pytest.fixture
def held(agency):
    """Receives money of which nobody knows the case; gives the receipt."""

    def received(amount, trace="121042880000001"):
        content = remittance_file(SentPayment(amount, case="0009999999", trace=trace))
        [receipt] = agency.payments.receive(content, by=Actor.system("remittance")).receipts
        return receipt

    return received


@pytest.fixture
def acts(agency, staff, janes_account, jane, sign_in, opened_case, held, clock):
    """Every act that takes two people, ready to be done: the call, and what tells that it was done."""
    member, clerks = staff(HELP_DESK), (staff(CLERK), staff(CLERK))
    both, receipt = (staff.colleague, staff.first), held("1000.00")
    app = App(agency.second_factors.begin(sign_in(agency, jane), jane.password), clock)
    agency.second_factors.confirm(sign_in(agency, jane), app.code())
    return {
        "second_factors.remove_for": (
            both,
            lambda by: agency.second_factors.remove_for(janes_account, by=by, reason=WHY),
            "authn_second_factor_removed_by_staff",
        ),
        "oversight.close": (
            both,
            lambda by: agency.oversight.close(janes_account, by=by, reason=WHY),
            "user_deleted",
        ),
        "staff.appoint": (
            both,
            lambda by: agency.staff.appoint("new-one", email=EMAIL, roles=[HELP_DESK], by=by),
            "user_created",
        ),
        "staff.set_roles": (
            both,
            lambda by: agency.staff.set_roles(member.actor_id, [APPROVER, HELP_DESK], by=by),
            "authz_change",
        ),
        "payments.identify": (
            clerks,
            lambda by: agency.payments.identify(receipt.receipt_id, opened_case, by=by),
            "receipt_identified",
        ),
    }


VERBS = (
    "oversight.close",
    "payments.identify",
    "second_factors.remove_for",
    "staff.appoint",
    "staff.set_roles",
)
every_act = pytest.mark.parametrize("verb", VERBS)


def entries(agency, after=0):
    return [entry for _, entry in agency.audit.entries(after=after, by=AUDIT)]


def kinds_of(agency, after):
    return [entry.kind for entry in entries(agency, after)]


# --- two words -------------------------------------------------------------------------------------------


@every_act
def test_the_first_word_does_nothing_and_the_second_does_it_once(agency, acts, verb, last_number):
    (first, second), call, kind = acts[verb]
    before, letters = last_number(agency), agency.outbox.pending(by=DISPATCH)
    due = call(first)
    assert isinstance(due, ApprovalDue)
    assert (due.verb, due.good_until) == (verb, datetime(2026, 1, 8, 15, 0, tzinfo=UTC))  # a day later
    assert due.sentence == (
        "Waiting for a second person: somebody else with this right repeats it until 2026-01-08 10:00 EST."
    )
    assert kinds_of(agency, before) == ["approval_asked"]
    assert agency.outbox.pending(by=DISPATCH) == letters  # nothing was done that anybody is told of
    before = last_number(agency)
    done = call(second)
    assert not isinstance(done, ApprovalDue)
    kinds = kinds_of(agency, before)
    assert kinds[0] == "approval_given"
    assert kinds.count(kind) == 1


@every_act
def test_the_same_person_asks_again_and_is_answered_the_same(agency, acts, verb, clock, last_number):
    (first, second), call, _ = acts[verb]
    due, before = call(first), last_number(agency)
    clock.move(hours=1)
    assert call(first) == due
    assert kinds_of(agency, before) == []
    assert not isinstance(call(second), ApprovalDue)


@every_act
def test_both_people_stand_in_the_log_beside_the_act_under_what_it_acts_on(agency, acts, verb, last_number):
    (first, second), call, _ = acts[verb]
    before = last_number(agency)
    due = call(first)
    call(second)
    asked, given_, *_ = (each for each in entries(agency, before) if each.kind.startswith("approval_"))
    assert (asked.actor, given_.actor) == (str(first), str(second))
    assert asked.subject == given_.subject
    assert asked.subject.partition(":")[0] in ("account", "receipt")
    assert json.loads(asked.details)["verb"] == verb
    told = json.loads(given_.details)
    assert (told["asked_by"], told["approved_by"]) == (first.actor_id, second.actor_id)
    assert told["approval_id"] == due.approval_id


def signed_in(agency, mail, attempt, user_id):
    agency.outbox.dispatch(by=DISPATCH)
    assigned = mail.appointed_password(user_id)
    first = attempt(agency, user_id, assigned)
    return agency.credentials.change_password(first.token, current=assigned, new=NEW_PASSWORD).token


def test_approval_abuse_two_sessions_of_one_account_are_one_person(
    agency, janes_account, staff, mail, attempt
):
    administrator = staff.first
    first = signed_in(agency, mail, attempt, "worker-1")
    other = attempt(agency, "worker-1", NEW_PASSWORD).token
    asked = {agency.oversight.close(janes_account, by=by, reason=WHY) for by in (first, other, administrator)}
    assert len(asked) == 1
    assert isinstance(asked.pop(), ApprovalDue)
    assert agency.oversight.close(janes_account, by=staff.colleague, reason=WHY) is None


def test_approval_abuse_who_is_acted_upon_gives_neither_word(agency, staff, by_two):
    third = staff(ADMINISTRATOR, HELP_DESK)
    closing = agency.oversight.close(third.actor_id, by=staff.first, reason=WHY)
    changing = agency.staff.set_roles(third.actor_id, [HELP_DESK], by=staff.first)
    assert {type(closing), type(changing)} == {ApprovalDue}
    for act in (
        lambda: agency.oversight.close(third.actor_id, by=third, reason=WHY),
        lambda: agency.staff.set_roles(third.actor_id, [HELP_DESK], by=third),
        lambda: agency.approvals.withdraw(closing.approval_id, by=third),
        lambda: agency.approvals.withdraw(changing.approval_id, by=third),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert agency.approvals.waiting(by=third) == ()
    assert {each.approval_id for each in agency.approvals.waiting(by=staff.colleague)} == {
        closing.approval_id,
        changing.approval_id,
    }
    assert agency.oversight.close(third.actor_id, by=staff.colleague, reason=WHY) is None


# --- the same act ----------------------------------------------------------------------------------------


def test_roles_are_the_same_in_any_order_and_others_with_one_more_or_less(agency, staff):
    member, first, second = staff(HELP_DESK).actor_id, staff.colleague, staff.first
    agency.staff.set_roles(member, [HELP_DESK, APPROVER], by=first)
    for others in ([HELP_DESK], [HELP_DESK, APPROVER, CLERK], []):
        assert isinstance(agency.staff.set_roles(member, others, by=second), ApprovalDue)
    assert agency.staff.roles(member, by=first) == (HELP_DESK,)
    assert agency.staff.set_roles(member, [APPROVER, HELP_DESK, APPROVER], by=second) is None
    assert agency.staff.roles(member, by=first) == (HELP_DESK, APPROVER)


@pytest.mark.parametrize(
    "other",
    [
        {"user_id": "new-two"},
        {"email": Secret("somebody.else@dcss.example.gov")},
        {"roles": [HELP_DESK, ADMINISTRATOR]},
    ],
    ids=["user_id", "email", "roles"],
)
def test_an_appointment_that_differs_in_anything_is_another_one(agency, staff, other):
    said = {"user_id": "new-one", "email": EMAIL, "roles": [HELP_DESK]}
    first, second = staff.first, staff.colleague
    due = agency.staff.appoint(**said, by=first)
    others = agency.staff.appoint(**(said | other), by=second)
    assert isinstance(others, ApprovalDue)
    assert others.approval_id != due.approval_id
    assert isinstance(agency.staff.appoint(**said, by=second), Appointed)


def test_another_reason_is_another_act(agency, janes_account, staff):
    agency.oversight.close(janes_account, by=staff.first, reason=WHY)
    other = agency.oversight.close(janes_account, by=staff.colleague, reason=ControlReason.OWNER_ASKED)
    assert isinstance(other, ApprovalDue)


def test_money_goes_to_the_case_that_both_named(agency, staff, opened_case, case_application, held, intake):
    import attrs

    nobody = {"ssn": None, "irn": None, "client_id": None}
    people = tuple(attrs.evolve(each, **nobody) for each in case_application.participants)
    other = CaseNumber("0009999998")
    agency.cases.open(attrs.evolve(case_application, case_number=other, participants=people), by=intake)
    receipt, clerks = held("2500.00"), (staff(CLERK), staff(CLERK))
    assert isinstance(agency.payments.identify(receipt.receipt_id, other, by=clerks[0]), ApprovalDue)
    assert isinstance(agency.payments.identify(receipt.receipt_id, opened_case, by=clerks[1]), ApprovalDue)
    assert agency.payments.identify(receipt.receipt_id, opened_case, by=clerks[0]).case_number == opened_case
    with pytest.raises(ConflictError, match="not held"):  # what was asked for the other case is worth nothing
        agency.payments.identify(receipt.receipt_id, other, by=clerks[1])


def test_money_is_posted_by_one_below_the_amount_of_the_rules_and_by_two_from_it_on(
    agency, staff, opened_case, held
):
    clerk = staff(CLERK)
    below, at = held("999.99"), held("1000.00", "121042880000002")  # the federal baseline: 1,000.00
    assert isinstance(agency.payments.identify(below.receipt_id, opened_case, by=clerk), Receipt)
    assert isinstance(agency.payments.identify(at.receipt_id, opened_case, by=clerk), ApprovalDue)


# --- what counts for nothing -----------------------------------------------------------------------------


@pytest.mark.on_every_storage
@every_act
def test_an_approval_that_expired_approves_nothing_and_the_next_word_is_a_first_one(
    agency, acts, verb, clock, last_number
):
    (first, second), call, _ = acts[verb]
    due = call(first)
    clock.move(hours=24)
    before = last_number(agency)
    again = call(second)
    assert isinstance(again, ApprovalDue)
    assert again.approval_id != due.approval_id
    assert kinds_of(agency, before) == ["approval_lapsed", "approval_asked"]
    assert not isinstance(call(first), ApprovalDue)


def test_it_is_good_until_its_last_microsecond(agency, janes_account, staff, clock):
    agency.oversight.close(janes_account, by=staff.first, reason=WHY)
    clock.move(hours=24, microseconds=-1)
    assert agency.oversight.close(janes_account, by=staff.colleague, reason=WHY) is None


def disable(agency, staff, asker):
    agency.oversight.disable(asker.actor_id, by=staff.first, reason=WHY)


def take_the_role(agency, staff, asker):
    staff.by_two(lambda by: agency.staff.set_roles(asker.actor_id, [HELP_DESK], by=by))


@pytest.mark.parametrize("meanwhile", [disable, take_the_role])
def test_approval_abuse_the_word_of_somebody_who_may_not_any_more_counts_for_nothing(
    agency, janes_account, staff, meanwhile, last_number
):
    asker = staff(ADMINISTRATOR)
    due = agency.oversight.close(janes_account, by=asker, reason=WHY)
    meanwhile(agency, staff, asker)
    assert agency.approvals.waiting(by=staff.colleague) == ()
    before = last_number(agency)
    again = agency.oversight.close(janes_account, by=staff.colleague, reason=WHY)
    assert isinstance(again, ApprovalDue)
    assert again.approval_id != due.approval_id
    lapsed, _ = entries(agency, before)
    assert json.loads(lapsed.details)["reason"] == "asker_not_entitled"
    assert agency.oversight.close(janes_account, by=staff.first, reason=WHY) is None


def test_what_was_done_once_is_asked_for_anew(agency, staff):
    member = staff(HELP_DESK).actor_id
    for by in (staff.first, staff.colleague):
        agency.staff.set_roles(member, [APPROVER], by=by)
    assert isinstance(agency.staff.set_roles(member, [APPROVER], by=staff.first), ApprovalDue)


@pytest.mark.parametrize("withdrawer", ["asker", "colleague"])
def test_what_was_withdrawn_approves_nothing(agency, janes_account, staff, withdrawer, last_number):
    due = agency.oversight.close(janes_account, by=staff.first, reason=WHY)
    before, by = last_number(agency), staff.first if withdrawer == "asker" else staff.colleague
    agency.approvals.withdraw(due.approval_id, by=by)
    [entry] = entries(agency, before)
    assert (entry.kind, entry.actor, entry.subject) == (
        "approval_withdrawn",
        str(by),
        f"account:{janes_account}",
    )
    assert agency.approvals.waiting(by=by) == ()
    again = agency.oversight.close(janes_account, by=staff.colleague, reason=WHY)
    assert isinstance(again, ApprovalDue)
    assert again.approval_id != due.approval_id


def test_what_can_not_be_withdrawn_is_refused_and_each_try_is_in_the_log(
    agency, janes_account, staff, clock, last_number
):
    clerk, reasons = staff(CLERK), []

    def tried(approval_id, by, kind):
        before = last_number(agency)
        with pytest.raises(kind):
            agency.approvals.withdraw(approval_id, by=by)
        reasons.append([json.loads(entry.details).get("reason") for entry in entries(agency, before)])

    asked = agency.oversight.close(janes_account, by=staff.first, reason=WHY)
    tried(asked.approval_id, clerk, NotPermittedError)
    agency.approvals.withdraw(asked.approval_id, by=staff.first)
    tried(asked.approval_id, staff.first, ConflictError)
    late = agency.oversight.close(janes_account, by=staff.first, reason=WHY)
    clock.move(hours=24)
    tried(late.approval_id, staff.first, ConflictError)
    tried("no-such-approval", staff.first, NotFoundError)
    assert reasons == [["not_entitled"], ["decided_already"], ["lapsed"], [None]]


# --- the first word is no promise --------------------------------------------------------------------------


def test_what_could_not_be_done_is_refused_at_the_first_word(agency, janes_account, staff, opened_case, held):
    first, clerk, receipt = staff.first, staff(CLERK), held("1500.00")
    agency.staff.appoint_shared("taken", email=EMAIL, by=first)
    for call in (
        lambda: agency.staff.appoint("taken", email=EMAIL, roles=[HELP_DESK], by=first),
        lambda: agency.staff.appoint("_x", email=EMAIL, roles=[HELP_DESK], by=first),
        lambda: agency.staff.set_roles("nobody", [HELP_DESK], by=first),
        lambda: agency.staff.set_roles(first.actor_id, [HELP_DESK], by=first),
        lambda: agency.oversight.close("nobody", by=first, reason=WHY),
        lambda: agency.second_factors.remove_for("nobody", by=first, reason=WHY),
        lambda: agency.payments.identify("RNONE", opened_case, by=clerk),
        lambda: agency.payments.identify(receipt.receipt_id, CaseNumber("0001"), by=clerk),
    ):
        with pytest.raises(DcssError):
            call()
    assert not agency.second_factors.remove_for(janes_account, by=first, reason=WHY)  # there is none
    assert agency.approvals.waiting(by=first) == ()


def test_what_can_not_be_done_any_more_is_refused_at_the_second_word(agency, staff):
    said = {"user_id": "new-one", "email": EMAIL, "roles": [HELP_DESK]}
    due = agency.staff.appoint(**said, by=staff.first)
    agency.staff.appoint_shared("new-one", email=EMAIL, by=staff.first)
    with pytest.raises(ConflictError, match="taken"):
        agency.staff.appoint(**said, by=staff.colleague)
    assert [each.approval_id for each in agency.approvals.waiting(by=staff.first)] == [due.approval_id]


def test_an_administrator_who_is_alone_is_told_that_there_is_nobody_for_the_second_word(agency):
    made = agency.staff.appoint("alone", email=EMAIL, roles=[ADMINISTRATOR], by=SET_UP)
    alone = Actor.staff(made.account_id)
    due = agency.staff.appoint("new-one", email=EMAIL, roles=[HELP_DESK], by=alone)
    assert due.sentence == (
        "Waiting for a second person, and nobody else has this right now: give it to somebody, who repeats "
        "this until 2026-01-08 10:00 EST."
    )
    second = agency.staff.appoint("second", email=EMAIL, roles=[ADMINISTRATOR], by=SET_UP)
    by = Actor.staff(second.account_id)
    assert isinstance(agency.staff.appoint("new-one", email=EMAIL, roles=[HELP_DESK], by=by), Appointed)


def test_whoever_is_to_be_closed_is_nobody_for_the_second_word(agency, staff):
    due = agency.oversight.close(staff.colleague.actor_id, by=staff.first, reason=WHY)
    assert "nobody else has this right" in due.sentence


# --- what waits --------------------------------------------------------------------------------------------


def test_what_waits_is_shown_in_words_without_secrets_to_those_whom_it_concerns(agency, acts, staff):
    shown = {}
    for verb in VERBS:
        (first, second), call, _ = acts[verb]
        due = call(first)
        for by in (first, second):
            [waiting] = [
                each for each in agency.approvals.waiting(by=by) if each.approval_id == due.approval_id
            ]
            assert (waiting.verb, waiting.asked_by, waiting.good_until) == (
                verb,
                first.actor_id,
                due.good_until,
            )
        shown[verb] = waiting.words
    assert shown == {
        "oversight.close": "Close the account JRoe88 for good (suspected_misuse)",
        "payments.identify": "Post held money of 1000.00 to case 0004567890",
        "second_factors.remove_for": "Remove the second factor of JRoe88 (suspected_misuse)",
        "staff.appoint": "Make an account for staff, user ID new-one, roles: help_desk",
        "staff.set_roles": "Change the roles of worker-2 to: help_desk reset_approver",
    }
    administrators, clerks = acts["oversight.close"][0], acts["payments.identify"][0]
    assert {each.verb for each in agency.approvals.waiting(by=administrators[1])} == {*VERBS} - {
        "payments.identify"
    }
    assert {each.verb for each in agency.approvals.waiting(by=clerks[1])} == {"payments.identify"}


def test_no_address_and_nothing_it_could_be_guessed_by_is_stored(agency, staff):
    agency.staff.appoint("new-one", email=EMAIL, roles=[HELP_DESK], by=staff.first)

    def rows(work):
        return [dict(row) for row in work.transaction.find(APPROVALS.collection, ("approval_id",))]

    [row] = agency.cases._door._resources.read(rows)
    assert "dcss.example.gov" not in repr(row)
    import hashlib

    words = json.dumps(["staff.appoint", EMAIL.reveal()])
    assert hashlib.sha256(words.encode()).hexdigest() not in repr(row)
    assert row["waits_as"].startswith("k1:")  # keyed by the ring


def test_looking_at_what_waits_is_audited_and_read_in_pages(agency, staff, janes_account, clock, last_number):
    asked = []
    for reason in (WHY, ControlReason.OWNER_ASKED, ControlReason.COURT_ORDER):
        asked.append(agency.oversight.close(janes_account, by=staff.first, reason=reason).approval_id)
        clock.move(minutes=1)
    before = last_number(agency)
    first = agency.approvals.waiting(by=staff.colleague, limit=2)
    rest = agency.approvals.waiting(by=staff.colleague, after=first[-1].approval_id)
    assert [each.approval_id for each in (*first, *rest)] == asked  # the oldest first
    assert [(entry.kind, entry.actor) for entry in entries(agency, before)] == [
        ("sensitive_read", str(staff.colleague))
    ] * 2


# --- who needs no second -----------------------------------------------------------------------------------


def test_a_state_has_one_person_do_it_and_an_auditor_sees_that(opener, reform, federal_rows, hasher):
    rows = [row | ({"people": 1} if row["verb"] == "oversight.close" else {}) for row in federal_rows]
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"permissions.verbs": rows}))
    office = office_of(agency, hasher)
    member = office(HELP_DESK)
    assert agency.oversight.close(member.actor_id, by=office.first, reason=WHY) is None
    policies = agency.accounts.policies()
    assert "OWASP ASVS 5.0.0, 2.3.5 (by one person: oversight.close)" in policies.departs_from
    assert "oversight.close" not in policies.approvals.two_people


def test_the_federal_rules_depart_from_nothing_here(agency):
    policies = agency.accounts.policies()
    assert policies.approvals.two_people == HIGH_VALUE
    assert not any("2.3.5" in each for each in policies.departs_from)


def test_a_job_with_the_right_acts_alone(opener, reform, federal_rows, hasher, case_application, intake):
    rows = [
        row | ({"jobs": "matching"} if row["verb"] == "payments.identify" else {}) for row in federal_rows
    ]
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"permissions.verbs": rows}))
    case = agency.cases.open(case_application, by=intake).case_number
    content = remittance_file(SentPayment("5000.00", case="0009999999"))
    [receipt] = agency.payments.receive(content, by=Actor.system("remittance")).receipts
    posted = agency.payments.identify(receipt.receipt_id, case, by=Actor.system("matching"))
    assert posted.case_number == case


def test_a_state_says_for_how_long_a_first_word_is_good(opener, reform, hasher, clock):
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"permissions.approval_hours": 2}))
    office = office_of(agency, hasher)
    member = office(HELP_DESK).actor_id
    due = agency.oversight.close(member, by=office.first, reason=WHY)
    assert due.good_until == datetime(2026, 1, 7, 17, 0, tzinfo=UTC)
    clock.move(hours=2)
    assert isinstance(agency.oversight.close(member, by=office.colleague, reason=WHY), ApprovalDue)


# --- at once, and over time -------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["oversight.close", "payments.identify", "staff.appoint", "staff.set_roles"])
def test_of_eight_second_words_at_once_one_does_it(agency, acts, staff, verb, at_once, last_number):
    (first, second), call, kind = acts[verb]
    call(first)
    before = last_number(agency)

    def say():
        try:
            return call(second)
        except ConflictError as refused:
            return refused

    outcomes = at_once(8, say)
    done = [each for each in outcomes if not isinstance(each, ConflictError | ApprovalDue)]
    assert len(done) == 1
    kinds = kinds_of(agency, before)
    assert kinds.count("approval_given") == 1
    assert kinds.count(kind) == 1


def test_of_eight_first_words_of_two_people_at_once_it_is_done_once(
    agency, janes_account, staff, at_once, last_number
):
    people = [staff.first, staff.colleague] * 4
    before = last_number(agency)

    def say():
        try:
            return agency.oversight.close(janes_account, by=people.pop(), reason=WHY)
        except ConflictError as refused:
            return refused

    outcomes = at_once(8, say)
    assert sum(each is None for each in outcomes) == 1
    kinds = kinds_of(agency, before)
    assert (kinds.count("approval_asked"), kinds.count("approval_given")) == (1, 1)
    assert kinds.count("user_deleted") == 1


def test_a_first_word_under_an_older_key_is_still_known(opener, sqlite_url, keys, hasher):
    agency = opener(sqlite_url)
    office = office_of(agency, hasher)
    member, first, second = office(HELP_DESK).actor_id, office.colleague, office.first
    agency.oversight.close(member, by=first, reason=WHY)
    agency.close()
    newer = KeyRing((MasterKey("k2", Secret("2" * 64)), *keys.keys))
    assert opener(sqlite_url, keys=newer).oversight.close(member, by=second, reason=WHY) is None


SETS = ((HELP_DESK,), (APPROVER,), (HELP_DESK, APPROVER))
words = st.lists(
    st.one_of(
        st.tuples(st.integers(0, 2), st.sampled_from(SETS)),  # who says which roles
        st.tuples(st.just("wait"), st.integers(1, 30)),  # so many hours
    ),
    max_size=14,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(said=words)
def test_roles_change_exactly_when_two_different_people_said_the_same_within_the_hours(
    opener, hasher, clock, said
):
    """Against a model of its own: for each set of roles who said it first, and when."""
    agency = opener("memory:")
    office = office_of(agency, hasher)
    people = [office.first, office.colleague, office(ADMINISTRATOR)]
    member = office(StaffRole.CASE_WORKER).actor_id
    now, held, first_words = 0, (StaffRole.CASE_WORKER,), {}
    for who, what in said:
        if who == "wait":
            clock.move(hours=what)
            now += what
            continue
        outcome = agency.staff.set_roles(member, what, by=people[who])
        by, since = first_words.get(what, (who, now))
        if now - since >= 24:
            by, since = who, now
        if by == who:
            first_words[what] = (by, since)
            assert isinstance(outcome, ApprovalDue)
        else:
            del first_words[what]
            held = what
            assert outcome is None
        assert agency.staff.roles(member, by=people[0]) == held
