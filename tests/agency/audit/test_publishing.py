"""Checkpoints: when the log is signed, who gets it, and what is never signed."""

import attrs
import pytest

from dcss_core import Actor, KeyRing, Secret
from dcss_core.agency.audit.log import AuditLog
from dcss_core.agency.audit.publishing import PublishReport, SinkReport
from dcss_core.audit.checkpoint import Checkpoint, read_checkpoint
from dcss_core.audit.signed_note import VerifierKey
from dcss_core.errors import BackendError
from dcss_core.ports.keys import MasterKey

from .tampering import ListSink, Statements

AUDITOR = Actor.system("audit")


@pytest.fixture
def sinks():
    return {"one": ListSink(), "two": ListSink()}


@pytest.fixture
def log(agency, sinks):
    return AuditLog(agency.audit._resources, agency.audit._door, sinks)


@pytest.fixture
def look(agency, opened_case, clerk):
    """Makes so many entries: somebody looks at a case. The opening of the case is the first entry."""

    def looked(times):
        for _ in range(times):
            agency.cases.find(opened_case, by=clerk)

    return looked


def sizes(sink):
    return [int(note.split("\n")[1]) for note in sink.kept]


def test_a_checkpoint_is_read_with_the_printed_key_alone(log, look, sinks):
    look(6)
    report = log.publish(by=AUDITOR)
    [key] = log.verifier_keys(by=AUDITOR)
    checkpoint = read_checkpoint(report.checkpoint, [VerifierKey.parse(key)])
    assert isinstance(checkpoint, Checkpoint)
    assert checkpoint.size == report.size == 7
    assert checkpoint.origin.startswith("dcss-core/US-GA/")
    assert report.sinks == (SinkReport("one"), SinkReport("two"))
    assert report.is_held
    assert sinks["one"].kept == sinks["two"].kept == [report.checkpoint]


def test_an_empty_log_has_nothing_to_sign_and_no_name(log, sinks):
    assert log.publish(by=AUDITOR) == log.publish_if_due(by=AUDITOR) == PublishReport(None, 0)
    assert log.verifier_keys(by=AUDITOR) == ()
    assert sinks["one"].kept == []


def test_an_agency_without_sinks_signs_for_whoever_carries_it_away(agency, look):
    look(1)
    log = AuditLog(agency.audit._resources, agency.audit._door)
    report = log.publish(by=AUDITOR)
    assert (report.size, report.sinks) == (2, ())
    assert log.verify([report.checkpoint], by=AUDITOR).signed_size == 2


def test_a_failing_sink_stops_no_other_and_gets_the_next(log, look, sinks):
    look(1)
    sinks["one"].failure = BackendError("the line is down", retryable=True)
    report = log.publish(by=AUDITOR)
    assert report.sinks == (SinkReport("one", "the line is down"), SinkReport("two"))
    assert not report.is_held
    sinks["one"].failure = None
    look(1)
    assert log.publish(by=AUDITOR).is_held
    assert (sizes(sinks["one"]), sizes(sinks["two"])) == ([3], [2, 3])


def test_a_sink_that_holds_the_present_size_is_given_nothing(log, look, sinks):
    look(1)
    assert log.publish(by=AUDITOR).is_held
    assert log.publish(by=AUDITOR).is_held
    assert sizes(sinks["one"]) == [2]


def test_every_later_checkpoint_continues_every_earlier_one(log, look, sinks):
    for _ in range(5):
        look(3)
        log.publish(by=AUDITOR)
    keys = [VerifierKey.parse(key) for key in log.verifier_keys(by=AUDITOR)]
    checkpoints = [read_checkpoint(note, keys) for note in sinks["one"].kept]
    assert [each.size for each in checkpoints] == [4, 7, 10, 13, 16]
    for earlier in checkpoints:
        for later in checkpoints:
            if earlier.size <= later.size:
                proof = log.consistency_proof(earlier.size, later.size, by=AUDITOR)
                assert earlier.is_continued_by(later, proof)


# --- when it is due --------------------------------------------------------------------------------------


@pytest.fixture
def reformed(opener, reform, sinks):
    """A log that is signed after 5 entries or 60 minutes."""
    changes = {"audit.checkpoint_events": 5, "audit.checkpoint_minutes": 60}
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform(changes))
    return agency, AuditLog(agency.audit._resources, agency.audit._door, sinks)


def test_a_checkpoint_is_due_after_so_many_entries(reformed, case_application, clerk_of, sinks):
    agency, log = reformed
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    due = []
    for _ in range(11):
        agency.cases.find(case_application.case_number, by=clerk)
        due.append(log.publish_if_due(by=AUDITOR).size if log.publish_if_due(by=AUDITOR).checkpoint else 0)
    assert sizes(sinks["one"]) == [5, 10]


def test_a_checkpoint_is_due_when_an_entry_is_so_old(reformed, case_application, clerk_of, sinks, clock):
    agency, log = reformed
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    clock.move(minutes=59, seconds=59)
    agency.cases.find(case_application.case_number, by=clerk)
    assert log.publish_if_due(by=AUDITOR) == PublishReport(None, 2)
    clock.move(seconds=1)
    assert log.publish_if_due(by=AUDITOR).size == 2
    clock.move(days=30)
    assert log.publish_if_due(by=AUDITOR) == PublishReport(None, 2)  # nothing new happened
    assert sizes(sinks["one"]) == [2]


def test_only_the_sinks_that_are_behind_are_given_it(reformed, case_application, intake, sinks, clock):
    agency, log = reformed
    agency.cases.open(case_application, by=intake)
    clock.move(hours=1)
    sinks["one"].failure = BackendError("the line is down", retryable=True)
    log.publish_if_due(by=AUDITOR)
    sinks["one"].failure = None
    assert log.publish_if_due(by=AUDITOR).sinks == (SinkReport("one"),)
    assert (sizes(sinks["one"]), sizes(sinks["two"])) == ([1], [1])


# --- what is never signed --------------------------------------------------------------------------------


@pytest.fixture
def delete(sqlite_url):
    """Deletes from the log behind the agency's back."""
    sql = Statements(sqlite_url)

    def deleted(condition):
        sql(
            "DELETE FROM audit_entries WHERE (act, seq) IN "
            f"(SELECT act, line FROM audit_log WHERE {condition})",
            f"DELETE FROM audit_log WHERE {condition}",
        )

    return deleted


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("again", [0, 3, 9])
def test_a_log_that_contradicts_what_was_signed_is_not_signed(log, look, sinks, delete, again):
    look(9)
    log.publish(by=AUDITOR)
    delete("seq > 5")
    look(again)
    for report in (
        log.publish(by=AUDITOR),
        log.publish_if_due(by=AUDITOR) if again < 5 else log.publish(by=AUDITOR),
    ):
        assert [each.sink for each in report.sinks] == ["one", "two"]
        assert all("does not begin with the 10 records" in each.failure for each in report.sinks)
    assert sizes(sinks["one"]) == [10]


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
def test_a_log_that_lost_everything_is_not_signed(log, look, sinks, delete):
    look(1)
    log.publish(by=AUDITOR)
    delete("TRUE")
    report = log.publish(by=AUDITOR)
    assert (report.checkpoint, report.is_held) == (None, False)
    look(4)
    assert not log.publish(by=AUDITOR).is_held
    assert sizes(sinks["one"]) == [2]


def test_the_longest_checkpoint_counts_whatever_the_order(log, look, sinks):
    look(3)
    first = log.publish(by=AUDITOR).checkpoint
    look(3)
    log.publish(by=AUDITOR)
    sinks["one"].kept.append(first)  # another process was slower
    look(1)
    assert log.publish(by=AUDITOR).is_held
    assert sizes(sinks["one"]) == [4, 7, 4, 8]


@pytest.mark.parametrize("note", ["something else", "dcss-core/US-GA/0\n999\nAA==\n\n— a b\n", ""])
def test_what_cannot_be_believed_counts_for_nothing(log, look, sinks, note):
    look(1)
    log.publish(by=AUDITOR)
    sinks["one"].kept.append(note)
    look(1)
    assert log.publish(by=AUDITOR).is_held
    assert sinks["one"].kept[-1] == sinks["two"].kept[-1]


def test_a_sink_with_only_something_else_in_it_is_given_nothing(log, look, sinks):
    sinks["one"].kept.append("something else")
    look(1)
    report = log.publish(by=AUDITOR)
    assert [each.failure is None for each in report.sinks] == [False, True]
    assert "can be believed" in report.sinks[0].failure
    assert sinks["one"].kept == ["something else"]


def test_a_sink_that_cannot_be_read_is_given_nothing(log, look, sinks):
    class Unreadable(ListSink):
        def published(self):
            raise BackendError("the line is down", retryable=True)

    log = AuditLog(log._resources, log._door, {"deaf": Unreadable(), **sinks})
    look(1)
    for report in (log.publish(by=AUDITOR), log.publish_if_due(by=AUDITOR)):
        assert report.sinks[0] == SinkReport("deaf", "the line is down")
    assert sizes(sinks["two"]) == [2]


# --- keys ------------------------------------------------------------------------------------------------


def with_keys(log, *digits):
    ring = KeyRing(tuple(MasterKey(f"k{digit}", Secret(digit * 64)) for digit in digits))
    sealer = attrs.evolve(log._resources.sealer, ring=ring)
    return AuditLog(attrs.evolve(log._resources, sealer=sealer), log._door, log._sinks)


def test_checkpoints_of_an_older_key_stay_good_while_a_newer_one_signs(log, look):
    look(1)
    old_key = log.verifier_keys(by=AUDITOR)[0]
    log.publish(by=AUDITOR)
    rotated = with_keys(log, "2", "1")
    look(1)
    note = rotated.publish(by=AUDITOR).checkpoint
    new_key, listed = rotated.verifier_keys(by=AUDITOR)
    assert listed == old_key != new_key
    assert isinstance(read_checkpoint(note, [VerifierKey.parse(new_key)]), Checkpoint)
    assert not isinstance(read_checkpoint(note, [VerifierKey.parse(old_key)]), Checkpoint)
    report = rotated.verify(by=AUDITOR)
    assert (report.is_sound, report.checkpoints) == (True, 2)


def test_the_signing_key_is_none_of_the_other_keys(log, look, keys):
    look(1)
    [master] = keys.keys
    signing = log._resources.sealer.audit_signing_key()
    secret = signing.private_bytes_raw()
    assert secret != bytes.fromhex(master.key_hex.reveal())
    assert secret not in log._resources.sealer.peppers().values()


def test_no_key_is_in_what_leaves_the_agency(log, look, keys):
    look(1)
    report = log.publish(by=AUDITOR)
    signing = log._resources.sealer.audit_signing_key()
    shown = f"{report}{log.verifier_keys(by=AUDITOR)}{log!r}"
    for secret in (keys.keys[0].key_hex.reveal(), signing.private_bytes_raw().hex()):
        assert secret not in shown


def test_two_logs_under_the_same_keys_have_different_names(opener, case_application, intake):
    names = set()
    for _ in range(2):
        agency = opener("memory:")
        agency.cases.open(case_application, by=intake)
        names.add(
            AuditLog(agency.audit._resources, agency.audit._door)
            .verifier_keys(by=AUDITOR)[0]
            .partition("+")[0]
        )
    assert len(names) == 2


def test_what_was_not_published_before_a_crash_is_published_after(
    opener, sqlite_url, case_application, clerk_of
):
    sinks = {"one": ListSink()}
    crashed = opener(sqlite_url)
    clerk = clerk_of(crashed)
    crashed.cases.open(case_application, by=clerk)
    AuditLog(crashed.audit._resources, crashed.audit._door, sinks).publish(by=AUDITOR)
    crashed.cases.find(case_application.case_number, by=clerk)  # and here it crashed: nothing was closed
    again = opener(sqlite_url)
    log = AuditLog(again.audit._resources, again.audit._door, sinks)
    assert log.verify(by=AUDITOR).unsigned_tail == 1
    assert log.publish(by=AUDITOR).is_held
    report = log.verify(by=AUDITOR)
    assert (report.is_sound, report.checkpoints, report.unsigned_tail) == (True, 2, 0)
