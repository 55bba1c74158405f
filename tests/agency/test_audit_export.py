"""Exports: entries for law enforcement, logged before they are handed out, proven without the agency."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest

from dcss_core import Actor, Secret
from dcss_core.agency.account_filing import ACCOUNTS, STAFF_MEMBERS
from dcss_core.agency.audit_log import AuditLog
from dcss_core.audit.export import verify_export
from dcss_core.base.dates import DateRange
from dcss_core.errors import BackendError, InvalidInputError, NotPermittedError
from dcss_core.users.account import AccountKind
from dcss_core.users.appointment import appoint
from dcss_core.users.password_hash import PasswordHash
from dcss_core.users.staff_member import StaffRole
from dcss_core.users.user_id import UserId

WHOLE = DateRange(date(2026, 1, 1))


class ListSink:
    """A sink that keeps checkpoints in a list."""

    def __init__(self):
        self.kept = []

    def publish(self, checkpoint):
        self.kept.append(checkpoint)

    def published(self):
        return list(self.kept)

    def close(self):
        pass


def make_records_officer(agency, clerk):
    """Staff the agency has had for long, so that no entry of the log speaks of it."""
    made = appoint(
        clerk.actor_id,
        UserId("worker-17"),
        AccountKind.STAFF,
        roles=(StaffRole.RECORDS_OFFICER,),
        email=Secret("worker-17@dcss.example.gov"),
        assigned_hash=PasswordHash("$none"),
        good_until=datetime(2026, 1, 8, tzinfo=UTC),
        now=datetime(2026, 1, 7, tzinfo=UTC),
    )

    def save(work):
        work.insert(ACCOUNTS, [made.account])
        work.insert(STAFF_MEMBERS, [made.member])

    agency.audit._resources.write(save)


@pytest.fixture
def log(agency, opened_case, clerk, clock):
    """Three entries about a case on 7 January, two on the 8th, and two about a list on each day."""
    make_records_officer(agency, clerk)
    for day in (0, 1):
        clock.move(days=day)
        agency.payments.held(by=clerk)
        for _ in range(2):
            agency.cases.find(opened_case, by=clerk)
        agency.payments.held(by=clerk)
    return agency.audit


@pytest.fixture
def export(log, clerk):
    def exported(**changes):
        return list(log.export(**{"reason": "subpoena 26-1234", "by": clerk} | changes))

    return exported


def numbers(lines):
    return [json.loads(line)["seq"] for line in lines[1:-1]]


def test_everything_about_a_record_is_handed_out_with_the_export_itself(export, opened_case):
    lines = export(subject=f"case:{opened_case}")
    assert numbers(lines) == [1, 3, 4, 7, 8, 10]
    exported = json.loads(lines[-2])
    assert (exported["kind"], exported["actor"]) == ("sensitive_read", "staff:worker-17")
    assert exported["details"] == {
        "reason": "subpoena 26-1234",
        "about_record": f"case:{opened_case}",
        "first_day": None,
        "end_day": None,
        "log": "audit",
    }


def test_everything_of_a_period_is_handed_out(export):
    assert numbers(export(period=DateRange(date(2026, 1, 7), date(2026, 1, 8)))) == [1, 2, 3, 4, 5]
    assert numbers(export(period=DateRange(date(2026, 1, 8), date(2026, 1, 9)))) == list(range(6, 12))
    assert numbers(export(period=DateRange(date(2025, 1, 1), date(2026, 1, 1)))) == []


def test_a_day_is_a_day_at_the_agency(agency, log, export, clock, clerk):
    # 2026-02-01 04:59 UTC is 31 January, 23:59, in Atlanta (UTC-5); a minute later it is February there
    clock.instant = datetime(2026, 2, 1, 4, 59, tzinfo=UTC)
    agency.payments.held(by=clerk)
    clock.move(minutes=1)
    agency.payments.held(by=clerk)
    assert numbers(export(period=DateRange(date(2026, 1, 31), date(2026, 2, 1)))) == [10]


def test_a_record_in_a_period_is_both(export, opened_case):
    period = DateRange(date(2026, 1, 8), date(2026, 1, 9))
    assert numbers(export(subject=f"case:{opened_case}", period=period)) == [7, 8, 10]


def test_an_export_longer_than_a_page_is_whole(agency, log, export, opened_case, clerk, monkeypatch):
    monkeypatch.setattr("dcss_core.agency.audit_export._PAGE", 3)
    assert numbers(export(period=WHOLE)) == list(range(1, 11))
    assert numbers(export(subject=f"case:{opened_case}")) == [1, 3, 4, 7, 8, 11]


def test_an_export_is_on_record_before_its_first_line_is_read(agency, log, clerk):
    log.export(period=WHOLE, reason="subpoena 26-1234", by=clerk)
    *_, (_, entry) = log.entries()
    assert (entry.kind, entry.subject, entry.actor) == ("sensitive_read", "log:audit", "staff:worker-17")
    assert json.loads(entry.details)["reason"] == "subpoena 26-1234"


def test_what_is_written_after_the_export_is_not_in_it(agency, log, clerk):
    lines = log.export(period=WHOLE, reason="subpoena 26-1234", by=clerk)
    agency.payments.held(by=clerk)
    assert numbers(list(lines)) == list(range(1, 11))


def test_an_export_signs_the_log_and_tells_the_sinks(log, clerk):
    sink = ListSink()
    lines = AuditLog(log._resources, {"witness": sink}).export(period=WHOLE, reason="audit", by=clerk)
    assert sink.kept == [json.loads(next(lines))["checkpoint"]]


def test_an_export_that_cannot_be_audited_does_not_happen(fragile, case_application, clerk):
    agency, storage = fragile
    agency.cases.open(case_application, by=clerk)
    make_records_officer(agency, clerk)
    storage.fail_on = ("append", "audit_log")
    with pytest.raises(BackendError):
        agency.audit.export(period=WHOLE, reason="subpoena 26-1234", by=clerk)


@pytest.mark.parametrize(
    "by", [Actor.parent("account-1"), Actor.public(), Actor.system("job"), Actor.staff("worker-18")]
)
def test_only_a_records_officer_hands_out_the_log_and_another_attempt_is_in_it(log, by):
    size = len(list(log.entries()))
    with pytest.raises(NotPermittedError, match="records_officer"):
        log.export(period=WHOLE, reason="subpoena 26-1234", by=by)
    assert [entry.kind for _, entry in log.entries(after=size)] == ["authz_fail"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 201, "two\nlines"])
def test_an_export_has_a_reason_and_says_of_what_all_at_once(log, clerk, reason):
    with pytest.raises(InvalidInputError) as refusal:
        log.export(reason=reason, by=clerk)
    assert [fault.where for fault in refusal.value.faults] == ["reason", "subject, period"]


def test_a_pruned_entry_is_handed_out_as_what_is_left_of_it(log, export, clerk, clock):
    clock.instant = datetime(2033, 3, 1, tzinfo=UTC)
    log.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    lines = export(period=DateRange(date(2026, 1, 7), date(2026, 1, 9)))
    assert [json.loads(line)["actor"] is None for line in lines[1:-1]] == [True] * 5 + [False] * 4
    assert verify_export(lines, log.verifier_keys()).is_sound


# --- what a stranger finds out --------------------------------------------------------------------------


def test_an_export_is_verified_with_the_key_alone(export, log):
    report = verify_export(export(period=WHOLE), log.verifier_keys())
    assert (report.is_sound, report.entries, report.size, report.faults) == (True, 10, 10, ())
    assert report.origin == log.verifier_keys()[0].partition("+")[0]


def test_an_export_is_verified_from_a_file_by_another_process(export, log, tmp_path):
    file = tmp_path / "export.jsonl"
    file.write_text("".join(export(period=WHOLE)), encoding="utf-8")
    code = (
        "import sys; from dcss_core.audit.export import verify_export\n"
        "with open(sys.argv[1], encoding='utf-8') as lines: report = verify_export(lines, [sys.argv[2]])\n"
        "print(report.entries, report.is_sound, 'dcss_core.agency' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(file), log.verifier_keys()[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "10 True False\n"


def changed(lines, place, **values):
    line = json.loads(lines[place]) | values
    return [*lines[:place], json.dumps(line) + "\n", *lines[place + 1 :]]


CHANGES = {
    "another actor": lambda lines: changed(lines, 3, actor="staff:worker-18"),
    "another instant": lambda lines: changed(lines, 3, at="2026-01-07T15:00:00.000001+00:00"),
    "another kind": lambda lines: changed(lines, 3, kind="case_opened"),
    "other details": lambda lines: changed(lines, 3, details={}),
    "another number": lambda lines: changed(lines, 3, seq=7),
    "another salt": lambda lines: changed(lines, 3, salt="00" * 16),
    "another commitment": lambda lines: changed(lines, 3, commitment="00" * 32),
    "another path": lambda lines: changed(lines, 3, path=[]),
    "another size": lambda lines: changed(lines, 3, size=11),
    "erased contents": lambda lines: changed(
        lines, 3, actor=None, subject=None, source=None, details=None, salt=None, commitment="00" * 32
    ),
    "one more field": lambda lines: changed(lines, 3, note="innocent"),
    "a line less": lambda lines: [*lines[:3], *lines[4:]],
    "a line twice": lambda lines: [*lines[:3], lines[2], *lines[3:]],
    "two lines exchanged": lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]],
    "no end": lambda lines: lines[:-1],
    "an end of another count": lambda lines: [*lines[:-1], '{"entries": 9}\n'],
    "a line after the end": lambda lines: [*lines, lines[3]],
    "two ends": lambda lines: [*lines, lines[-1]],
    "a line that is none": lambda lines: [*lines[:3], "{}\n", *lines[3:]],
    "another checkpoint": lambda lines: changed(
        lines, 0, checkpoint=json.loads(lines[0])["checkpoint"].replace("\n10\n", "\n11\n")
    ),
    "no checkpoint": lambda lines: changed(lines, 0, checkpoint=None),
    "another format": lambda lines: changed(lines, 0, format="dcss-core audit export 2"),
    "another subject": lambda lines: changed(lines, 0, subject="case:0004567891"),
    "no header": lambda lines: lines[1:],
    "nothing": lambda lines: [],
}


@pytest.mark.parametrize("storage_url", ["memory"], indirect=True)
@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_export_is_found_out(export, log, change):
    lines = export(period=WHOLE)
    report = verify_export(CHANGES[change](lines), log.verifier_keys())
    assert not report.is_sound


def test_every_fault_is_named_at_once(export, log):
    lines = export(period=WHOLE)
    lines = changed(changed(lines, 3, actor="x"), 5, actor="y")[:-1]
    report = verify_export(lines, log.verifier_keys())
    assert [fault.where for fault in report.faults] == ["line 4", "line 6", "the end"]


def test_an_export_of_another_agency_is_found_out(export, opener, case_application, clerk):
    other = opener("memory:")
    other.cases.open(case_application, by=clerk)
    make_records_officer(other, clerk)
    report = verify_export(export(period=WHOLE), other.audit.verifier_keys())
    assert [fault.where for fault in report.faults] == ["checkpoint"]


def test_a_key_that_is_none_is_refused(export):
    with pytest.raises(InvalidInputError):
        verify_export(export(period=WHOLE), ["no key"])
