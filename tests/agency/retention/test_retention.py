"""The retention job: what nobody needs any more is deleted, in steps, and what counts still is kept."""

import json
from datetime import timedelta

import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.filing.accounts import APPROVALS, SESSIONS, THROTTLES
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.errors import InvalidInputError, NotPermittedError
from dcss_core.plugins import DeliveryFailed
from dcss_core.testing import SentPayment, remittance_file
from dcss_core.users.account_control import ControlReason
from dcss_core.users.sign_in.throttle import ThrottledFlow

pytestmark = pytest.mark.on_every_storage

JOB = Actor.system("retention")
DISPATCH = Actor.system("dispatch")


def stored(agency, records):
    index = (records.key_attribute,)
    return agency.audit._resources.read(lambda work: work.count(records, index))


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
