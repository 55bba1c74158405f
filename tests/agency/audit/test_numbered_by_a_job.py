"""A log that a job numbers: what is seen before and after, and what comes of it in each verb."""

import json
from datetime import UTC, date, datetime

import pytest

from dcss_core import Actor
from dcss_core.agency.audit.log import AuditLog
from dcss_core.agency.work.turns import Turns
from dcss_core.audit import (
    ExportReason,
    PruneReport,
    PublishReport,
    VerifierKey,
    read_checkpoint,
    verify_export,
)
from dcss_core.base.dates import DateRange
from dcss_core.errors import InvalidInputError, NotFoundError, RuleViolationError
from dcss_core.users.staff.member import StaffRole

from .tampering import ListSink

AUDITOR = Actor.system("audit")
RETENTION = Actor.system("retention")
WHOLE = DateRange(date(2026, 1, 1))


@pytest.fixture(params=["memory:", "sqlite"])
def agency(request, by_job, sqlite_url, outside):
    url = sqlite_url if request.param == "sqlite" else request.param
    return by_job(url, subscribers=["script:one"])


@pytest.fixture
def log(agency):
    return agency.audit


@pytest.fixture
def officer(agency, long_appointed):
    """Somebody who looks at cases, and hands out what the log has."""
    return long_appointed(agency, "worker-17", StaffRole.CASE_WORKER, StaffRole.RECORDS_OFFICER)


@pytest.fixture
def look(agency, opened_case, officer):
    """Makes so many entries: somebody looks at a case. The opening of the case is the first entry."""

    def looked(times):
        for _ in range(times):
            agency.cases.find(opened_case, by=officer)

    return looked


@pytest.fixture
def subject(opened_case):
    return f"case:{opened_case}"


def numbers(entries):
    return [number for number, _ in entries]


def test_entries_are_those_that_are_numbered(log, look):
    look(2)
    assert list(log.entries(by=AUDITOR)) == []
    log.sequence(by=AUDITOR)
    look(1)
    assert numbers(log.entries(by=AUDITOR)) == [1, 2, 3]


def test_what_is_about_a_record_is_there_numbered_or_waiting(log, look, subject):
    look(2)
    log.sequence(by=AUDITOR)
    look(2)
    found = log.about(subject, by=AUDITOR)
    assert numbers(found) == [1, 2, 3, None, None]
    assert [entry.kind for _, entry in found] == ["case_opened"] + ["sensitive_read"] * 4
    log.sequence(by=AUDITOR)
    assert log.about(subject, by=AUDITOR) == tuple(
        (number, entry) for number, (_, entry) in enumerate(found, 1)
    )


@pytest.mark.parametrize("limit", [1, 2, 3, 5, 100])
def test_what_is_about_a_record_is_read_page_by_page_by_the_ids_of_entries(log, look, subject, limit):
    look(3)
    log.sequence(by=AUDITOR)
    look(3)
    whole = log.about(subject, by=AUDITOR)
    pages, last = [], None
    while page := log.about(subject, by=AUDITOR, after=last, limit=limit):
        assert len(page) <= limit
        pages += page
        last = page[-1][1].entry_id
    assert tuple(pages) == whole
    assert len({entry.entry_id for _, entry in whole}) == 7


def test_a_list_goes_on_behind_an_entry_though_it_is_numbered_meanwhile(log, look, subject):
    look(4)
    first = log.about(subject, by=AUDITOR, limit=2)
    log.sequence(by=AUDITOR)
    rest = log.about(subject, by=AUDITOR, after=first[-1][1].entry_id)
    assert (numbers(first), numbers(rest)) == ([None, None], [3, 4, 5])


@pytest.mark.parametrize("after", ["", "1", "00" * 24 + "-1", "00" * 24 + "-0", "\ud800"])
def test_a_list_does_not_go_on_behind_what_is_no_entry_of_it(log, look, subject, after):
    look(1)
    with pytest.raises(InvalidInputError):
        log.about(subject, by=AUDITOR, after=after)


def test_a_list_does_not_go_on_behind_an_entry_about_another_record(log, look, subject, agency, officer):
    look(1)
    agency.audit.export(period=WHOLE, reason=ExportReason.SUBPOENA, reference="26-1", by=officer)
    [(_, other)] = log.about("log:audit", by=AUDITOR)
    with pytest.raises(InvalidInputError):
        log.about(subject, by=AUDITOR, after=other.entry_id)


def test_what_is_not_numbered_is_not_signed_and_signed_once_it_is(agency, look):
    sink = ListSink()
    log = AuditLog(agency.audit._resources, agency.audit._door, {"one": sink})
    look(2)
    assert log.publish(by=AUDITOR) == PublishReport(None, 0)
    assert log.verifier_keys(by=AUDITOR) == ()
    log.sequence(by=AUDITOR)
    look(1)
    assert log.publish(by=AUDITOR).size == 3
    log.sequence(by=AUDITOR)
    assert log.publish(by=AUDITOR).size == 4
    report = log.verify(by=AUDITOR)
    assert (report.is_sound, report.checkpoints, report.signed_size) == (True, 2, 4)


def test_an_entry_is_proven_once_it_is_numbered(log, look):
    look(2)
    with pytest.raises(NotFoundError):
        log.inclusion_proof(1, by=AUDITOR)
    log.sequence(by=AUDITOR)
    keys = [VerifierKey.parse(key) for key in log.verifier_keys(by=AUDITOR)]
    checkpoint = read_checkpoint(log.publish(by=AUDITOR).checkpoint, keys)
    for seq, entry in log.entries(by=AUDITOR):
        proven = log.inclusion_proof(seq, by=AUDITOR)
        assert proven.is_in(checkpoint)
        assert proven.entry_id == entry.entry_id
    look(1)
    with pytest.raises(NotFoundError):
        log.inclusion_proof(4, by=AUDITOR)


def export(log, officer, **choice):
    lines = list(log.export(**choice, reason=ExportReason.SUBPOENA, reference="26-1234", by=officer))
    assert verify_export(lines, log.verifier_keys(by=AUDITOR)).is_sound
    return [json.loads(line)["seq"] for line in lines[1:]]


def test_an_export_numbers_its_own_entry_and_hands_out_what_was_numbered_before_it(
    log, look, officer, subject
):
    look(2)
    log.sequence(by=AUDITOR)
    look(3)
    # its own entry is number 7, behind the three that waited: they have their numbers now, and are not in it
    assert export(log, officer, period=WHOLE) == [7, 1, 2, 3]
    assert export(log, officer, subject=subject) == [8, 1, 2, 3, 4, 5, 6]


@pytest.mark.usefixtures("believed_clock")
def test_what_is_pruned_is_numbered(log, look, clock, subject):
    look(2)
    log.sequence(by=AUDITOR)
    look(2)
    clock.instant = datetime(2033, 1, 9, 15, tzinfo=UTC)
    look(1)
    # what has no number has no place behind which a pruning could say that it stops
    with pytest.raises(RuleViolationError):
        log.prune(before=date(2026, 1, 8), by=RETENTION)  # by the newest entry that is numbered it is 2026
    log.sequence(by=AUDITOR)
    assert log.prune(before=date(2026, 1, 8), by=RETENTION) == PruneReport(5, 5)
    assert log.verify(by=AUDITOR).is_sound  # though the pruning itself still waits for its number
    assert log.publish(by=AUDITOR).is_held
    assert numbers(log.about(subject, by=AUDITOR)) == [6]
    log.sequence(by=AUDITOR)
    report = log.verify(by=AUDITOR)
    assert (report.is_sound, report.pruned, report.pruned_through) == (True, 5, 5)


@pytest.mark.usefixtures("believed_clock")
def test_a_pruning_is_accounted_for_though_an_older_entry_is_numbered_between(
    agency, look, clock, note_down, opened_case
):
    look(1)
    clock.instant = datetime(2033, 1, 10, 0, 1, tzinfo=UTC)
    look(1)
    agency.audit.sequence(by=AUDITOR)
    clock.move(minutes=-7)  # a writer whose clock is behind, on the day before
    note_down(agency)
    clock.move(minutes=7)
    assert agency.audit.prune(before=date(2026, 1, 10), by=RETENTION).entries == 2
    agency.audit.sequence(by=AUDITOR)
    assert agency.audit.verify(by=AUDITOR).is_sound
    assert agency.audit.publish(by=AUDITOR).is_held


def test_a_verification_says_how_many_acts_it_could_not_look_at(agency, look):
    look(2)  # and the opening of the case
    for verified in (agency.audit.verify(by=AUDITOR), agency.payments.verify(by=AUDITOR)):
        assert verified.waiting == 3
        assert "3 acts wait for their numbers" in str(verified)
    agency.audit.sequence(by=AUDITOR)
    for verified in (agency.audit.verify(by=AUDITOR), agency.payments.verify(by=AUDITOR)):
        assert verified.waiting == 0
        assert "wait" not in str(verified)


def test_subscribers_follow_the_numbers(agency, look, outside):
    look(2)
    dispatch = Actor.system("dispatch")
    assert agency.subscriptions.dispatch(by=dispatch)[0].events == 0
    agency.audit.sequence(by=AUDITOR)
    look(1)
    assert agency.subscriptions.dispatch(by=dispatch)[0].events == 3
    agency.audit.sequence(by=AUDITOR)
    agency.subscriptions.dispatch(by=dispatch)
    assert [event.sequence for event in outside.subscriber("one").taken] == [1, 2, 3, 4]


def test_an_act_that_was_committed_late_reaches_subscribers_all_the_same(agency, look, outside, clock):
    """By its id it belongs before what they have had; by its number it comes after it."""
    dispatch = Actor.system("dispatch")
    look(1)
    agency.audit.sequence(by=AUDITOR)
    agency.subscriptions.dispatch(by=dispatch)
    agency.audit._resources._turns = Turns()  # the next act has an id from before all that there are
    clock.move(days=-30)
    look(1)
    agency.audit.sequence(by=AUDITOR)
    agency.subscriptions.dispatch(by=dispatch)
    taken = outside.subscriber("one").taken
    assert [event.sequence for event in taken] == [1, 2, 3]
    assert taken[2].at < taken[0].at
