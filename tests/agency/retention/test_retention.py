"""The retention job: what nobody needs any more is deleted, in steps, and what counts still is kept."""

import json
from datetime import timedelta

import attrs
import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.accounts import (
    ACCOUNTS,
    APPROVALS,
    BANNER_ACCEPTANCES,
    OUTSTANDING_CODES,
    SECURITY_ANSWERS,
    SESSIONS,
    STAFF_MEMBERS,
    STAFF_RESETS,
    THROTTLES,
)
from dcss_core.agency.filing.cases import CONTACT_POINTS
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.cases import ContactKind
from dcss_core.errors import InvalidInputError, NotPermittedError, RulesError
from dcss_core.plugins import DeliveryFailed
from dcss_core.testing import SentPayment, remittance_file
from dcss_core.users import UserIdTaken
from dcss_core.users.account import AccountState
from dcss_core.users.account_control import ControlReason
from dcss_core.users.sign_in.throttle import ThrottledFlow
from dcss_core.users.staff.member import StaffRole

pytestmark = pytest.mark.on_every_storage

JOB = Actor.system("retention")
DISPATCH = Actor.system("dispatch")


def stored(agency, records):
    index = (records.key_attribute,)
    return agency.audit._resources.read(lambda work: work.count(records, index))


def account_of(agency, account_id):
    return agency.audit._resources.read(lambda work: work.get(ACCOUNTS, account_id).record)


def test_a_session_is_kept_for_thirty_days_after_it_expired(agency, janes_account, jane, sign_in, clock):
    token = sign_in(agency, jane)
    expires = agency.sessions.check(token).expires_at
    clock.move(seconds=(expires - clock.now() + timedelta(days=30, seconds=-1)).total_seconds())
    agency.retention.apply(by=JOB)
    assert stored(agency, SESSIONS) == 1
    clock.move(seconds=1)
    report = agency.retention.apply(by=JOB)
    assert report.deleted == {"sessions": 1}
    assert report.is_complete
    assert stored(agency, SESSIONS) == 0


def test_a_count_of_failures_is_deleted_when_it_counts_for_nothing(
    agency, janes_account, jane, attempt, clock
):
    attempt(agency, jane.user_id, Secret("wrong"), source="203.0.113.7")
    assert stored(agency, THROTTLES) == 2
    agency.retention.apply(by=JOB)
    assert stored(agency, THROTTLES) == 2
    clock.move(seconds=timedelta(days=2).total_seconds())
    assert agency.retention.apply(by=JOB).deleted["throttles"] == 2
    assert stored(agency, THROTTLES) == 0


def test_what_closes_a_way_in_is_kept_while_it_is_closed(agency, attempt, jane, clock, reasons):
    limit = agency.accounts.policies().throttles.limits[ThrottledFlow.SIGN_IN_BY_SOURCE]
    for _ in range(limit.failures):
        attempt(agency, "nobody-here", jane.password, source="203.0.113.7")
    clock.move(seconds=limit.closed_for.total_seconds() - 1)
    agency.retention.apply(by=JOB)
    attempt(agency, "nobody-here", jane.password, source="203.0.113.7")
    assert reasons(agency)[-1] == "source_throttled"


def test_a_delivered_message_goes_after_ninety_days_and_a_waiting_one_stays(
    agency, janes_account, jane, mail, clock
):
    agency.outbox.dispatch(by=DISPATCH)
    agency.recovery.request_code(jane.user_id)
    mail.script = [DeliveryFailed("no connection", retryable=True)]
    agency.outbox.dispatch(by=DISPATCH)
    waiting = agency.outbox.pending(by=DISPATCH)
    before = stored(agency, OUTBOX)
    assert before > waiting == 1
    clock.move(seconds=timedelta(days=91).total_seconds())
    agency.retention.apply(by=JOB)
    assert stored(agency, OUTBOX) == waiting


def test_what_waited_for_a_second_person_goes_ninety_days_after_it_was_asked_for(
    agency, janes_account, staff, clock
):
    def close(by):
        return agency.oversight.close(janes_account, by=by, reason=ControlReason.OWNER_ASKED)

    first, second = staff.first, staff.colleague
    close(first)
    clock.move(seconds=timedelta(hours=25).total_seconds())
    assert close(second) is not None  # the first word is over, and this is one again
    assert close(first) is None
    assert stored(agency, APPROVALS) == 2
    clock.move(seconds=timedelta(days=90, hours=-25, seconds=-1).total_seconds())
    assert "approvals" not in agency.retention.apply(by=JOB).deleted
    clock.move(seconds=1)
    assert agency.retention.apply(by=JOB).deleted["approvals"] == 1
    clock.move(seconds=timedelta(hours=25).total_seconds())
    assert agency.retention.apply(by=JOB).deleted["approvals"] == 1
    assert stored(agency, APPROVALS) == 0


@pytest.mark.usefixtures("believed_clock")
def test_the_bytes_of_a_file_go_after_four_years_and_its_receipts_stay(agency, opened_case, clock):
    employer, books = Actor.system("remittance"), Actor.system("reconciliation")
    content = remittance_file(SentPayment())
    batch = agency.payments.receive(content, by=employer)
    clock.move(seconds=timedelta(days=4 * 366, seconds=-1).total_seconds())
    assert "remittance_parts" not in agency.retention.apply(by=JOB).deleted
    clock.move(seconds=1)
    assert agency.retention.apply(by=JOB).deleted["remittance_parts"] == 1
    assert agency.payments.verify(by=books).is_sound
    assert agency.payments.receive(content, by=employer).already_received
    assert batch.receipts == agency.payments.of_file(batch.file.file_id, by=employer)


def test_a_run_deletes_so_many_and_the_next_one_goes_on(agency, janes_account, jane, sign_in, clock):
    for _ in range(5):
        sign_in(agency, jane)
    clock.move(seconds=timedelta(days=60).total_seconds())
    first = agency.retention.apply(by=JOB, at_most=3)
    assert (first.deleted, first.is_complete) == ({"sessions": 3}, False)
    second = agency.retention.apply(by=JOB)
    assert (second.deleted["sessions"], second.is_complete) == (2, True)
    assert agency.retention.apply(by=JOB).deleted == {}


def test_each_step_is_an_entry_of_the_audit_log(agency, janes_account, jane, sign_in, clock):
    sign_in(agency, jane)
    clock.move(seconds=timedelta(days=60).total_seconds())
    agency.retention.apply(by=JOB)
    [(_, entry)] = agency.audit.about("records:sessions", by=Actor.system("audit"))
    assert (entry.kind, entry.actor) == ("sensitive_delete", "system:retention")
    assert json.loads(entry.details) == {"collection": "sessions", "count": 1}
    assert agency.audit.verify(by=Actor.system("audit")).is_sound


@pytest.mark.parametrize("at_most", [0, -1, 1_000_001])
def test_a_run_of_no_bounded_number_is_refused(agency, at_most):
    with pytest.raises(InvalidInputError, match="1 to 1000000"):
        agency.retention.apply(by=JOB, at_most=at_most)


def test_only_the_retention_job_and_a_records_officer_may(agency, clerk):
    with pytest.raises(NotPermittedError):
        agency.retention.apply(by=clerk)


@pytest.mark.usefixtures("believed_clock")
def test_of_a_closed_account_the_user_id_alone_is_left_after_seven_years(
    agency, janes_account, jane, sign_in, form_of, clock
):
    agency.accounts.close(sign_in(agency, jane), jane.password)
    clock.move(seconds=timedelta(days=7 * 366, seconds=-1).total_seconds())
    agency.retention.apply(by=JOB)
    assert account_of(agency, janes_account).closed_person_id is not None
    assert stored(agency, BANNER_ACCEPTANCES) == 1
    clock.move(seconds=1)
    assert agency.retention.apply(by=JOB).deleted == {"accounts": 1}
    left = account_of(agency, janes_account)
    assert (left.state, left.user_id, left.closed_person_id) == (AccountState.FORGOTTEN, jane.user_id, None)
    assert left.accepted_banner is None
    assert stored(agency, BANNER_ACCEPTANCES) == 0
    assert agency.retention.apply(by=JOB).deleted == {}
    assert agency.accounts.register(form_of(agency, jane)) == UserIdTaken()


@pytest.mark.usefixtures("believed_clock")
def test_of_a_member_of_staff_who_was_closed_the_address_goes_too(agency, staff, by_two, clock):
    assert staff.first
    gone = staff(StaffRole.CASE_WORKER).actor_id
    by_two(lambda by: agency.oversight.close(gone, by=by, reason=ControlReason.STAFF_CHANGE))
    before = stored(agency, STAFF_MEMBERS)
    clock.move(days=7 * 366)
    agency.retention.apply(by=JOB)
    assert stored(agency, STAFF_MEMBERS) == before - 1
    assert account_of(agency, gone).state is AccountState.FORGOTTEN


def test_an_account_closed_before_this_was_counted_is_emptied_at_once_and_its_years_begin(
    agency, janes_account, clock
):
    """As the version before left it: answers and password of it are still there."""

    def close_as_before(work):
        kept = work.get(ACCOUNTS, janes_account)
        person = kept.record.person_id
        changed = {"state": AccountState.CLOSED, "person_id": None, "closed_person_id": person}
        work.replace(ACCOUNTS, kept, attrs.evolve(kept.record, **changed))

    before = account_of(agency, janes_account).password_hash
    agency.audit._resources.write(close_as_before)
    assert stored(agency, SECURITY_ANSWERS) == 1
    assert agency.retention.apply(by=JOB).deleted["accounts"] == 1
    left = account_of(agency, janes_account)
    assert (left.state, left.closed_at) == (AccountState.CLOSED, clock.now())
    assert left.password_hash != before
    assert stored(agency, SECURITY_ANSWERS) == 0
    assert agency.retention.apply(by=JOB).deleted == {}


def test_a_code_for_recovery_goes_thirty_days_after_it_expired(agency, janes_account, jane, clock):
    agency.recovery.request_code(jane.user_id)
    agency.outbox.dispatch(by=DISPATCH)  # when it is issued
    [code] = agency.audit._resources.read(lambda work: work.find(OUTSTANDING_CODES, ("account_id",)))
    left = code.record.expires_at - clock.now()
    clock.move(seconds=(left + timedelta(days=30, seconds=-1)).total_seconds())
    agency.retention.apply(by=JOB)
    assert stored(agency, OUTSTANDING_CODES) == 1
    clock.move(seconds=1)
    assert agency.retention.apply(by=JOB).deleted["outstanding_codes"] == 1


def test_a_reset_by_staff_goes_ninety_days_after_it_was_asked_for(agency, janes_account, desk, clock):
    agency.staff_resets.request(janes_account, by=desk, reason=ControlReason.OWNER_ASKED)
    clock.move(seconds=timedelta(days=90, seconds=-1).total_seconds())
    agency.retention.apply(by=JOB)
    assert stored(agency, STAFF_RESETS) == 1
    clock.move(seconds=1)
    assert agency.retention.apply(by=JOB).deleted["staff_resets"] == 1


def test_files_are_kept_for_as_long_as_the_law_says(opener, reform):
    """45 CFR 75.361: three years."""
    short = reform({"retention.file_contents_years": 2})
    with pytest.raises(RulesError, match=r"retention\.file_contents_years.*expected 3 or more"):
        opener("memory:", jurisdiction="US-GA-REFORM", plugins=short)
    long_enough = reform({"retention.file_contents_years": 3})
    opener("memory:", jurisdiction="US-GA-REFORM", plugins=long_enough)


def test_an_address_that_nobody_confirmed_goes_after_a_month_and_one_in_force_stays(
    agency, janes_account, jane, sign_in, mail, clock
):
    """A stranger's, it may be: one that was dropped for another, one whose code nobody typed."""
    token = sign_in(agency, jane)
    for number in range(3):
        value = Secret(f"jane{number}@example.org")
        agency.contacts.change(token, jane.password, ContactKind.EMAIL, value)
    agency.outbox.dispatch(by=DISPATCH)
    body = mail.letters_to(value)[-1].body.reveal()
    code = Secret(next(line.strip() for line in body.splitlines() if line.startswith("    ")))
    agency.contacts.confirm(token, ContactKind.EMAIL, code)
    agency.contacts.change(token, jane.password, ContactKind.EMAIL, Secret("jane9@example.org"))
    clock.move(seconds=timedelta(days=30, seconds=-1).total_seconds())
    agency.retention.apply(by=JOB)
    assert stored(agency, CONTACT_POINTS) == 5  # two dropped, one in force, one from the case, one that waits
    clock.move(seconds=1)
    assert agency.retention.apply(by=JOB).deleted["contact_points"] == 3
    assert stored(agency, CONTACT_POINTS) == 2
