"""Exports: entries for law enforcement, logged before they are handed out, proven without the agency."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core import Actor
from dcss_core.agency.audit import exporting
from dcss_core.agency.audit.log import AuditLog
from dcss_core.audit import ExportReason, verify_export
from dcss_core.base.dates import DateRange
from dcss_core.errors import (
    BackendError,
    ConflictError,
    InvalidInputError,
    InvariantError,
    NotFoundError,
    NotPermittedError,
)
from dcss_core.users import ControlReason
from dcss_core.users.staff.member import StaffRole

from .tampering import ListSink, erase_through

AUDITOR = Actor.system("audit")

WHOLE = DateRange(date(2026, 1, 1))
SUBPOENA = {"reason": ExportReason.SUBPOENA, "reference": "26-1234"}


@pytest.fixture
def clerk_of(long_appointed):
    """Somebody who works on cases and payments, and hands out what the log has."""
    roles = (StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK, StaffRole.RECORDS_OFFICER)
    return lambda agency: long_appointed(agency, "worker-17", *roles)


@pytest.fixture
def log(agency, opened_case, clerk, clock):
    """Three entries about a case on 7 January, two on the 8th, and two about a list on each day."""
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
        return list(log.export(**SUBPOENA | {"by": clerk} | changes))

    return exported


@pytest.fixture
def export_and_keys(export, log):
    return export(period=WHOLE), log.verifier_keys(by=AUDITOR)


def numbers(lines):
    return [json.loads(line)["seq"] for line in lines[2:]]


def test_everything_about_a_record_is_handed_out_behind_the_entry_of_the_export(export, opened_case):
    header, own, *entries = map(json.loads, export(subject=f"case:{opened_case}"))
    assert set(header) == {"format", "checkpoint"}
    assert [each["seq"] for each in entries] == [1, 3, 4, 7, 8]
    assert (own["seq"], own["kind"], own["actor"]) == (10, "sensitive_read", "staff:worker-17")
    assert own["subject"] == f"case:{opened_case}"
    assert own["details"] == {
        "reason": "subpoena",
        "reference": "26-1234",
        "about_record": f"case:{opened_case}",
        "first_day": None,
        "end_day": None,
        "through": 9,
        "entries": 5,
        # printf '1\n3\n4\n7\n8\n' | sha256sum
        "digest": "09033db8288f17065d27339cb438d569cc4b4baa17d59b350b2c26e3e2d7c8da",
        "log": "audit",
    }


def test_everything_of_a_period_is_handed_out(export):
    assert numbers(export(period=DateRange(date(2026, 1, 7), date(2026, 1, 8)))) == [1, 2, 3, 4, 5]
    # 6 to 9 are of that day, and 10 is the export before this one
    assert numbers(export(period=DateRange(date(2026, 1, 8), date(2026, 1, 9)))) == list(range(6, 11))
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
    assert numbers(export(subject=f"case:{opened_case}", period=period)) == [7, 8]


def test_an_export_longer_than_a_page_is_whole(agency, log, export, opened_case, clerk, monkeypatch):
    monkeypatch.setattr("dcss_core.agency.audit.exporting._PAGE", 3)
    assert numbers(export(period=WHOLE)) == list(range(1, 10))
    assert numbers(export(subject=f"case:{opened_case}")) == [1, 3, 4, 7, 8]


@pytest.mark.on_every_storage
def test_an_officer_who_is_disabled_meanwhile_gets_no_further_page(
    agency, log, clerk, administrator, monkeypatch
):
    monkeypatch.setattr(exporting, "_PAGE", 2)
    lines = log.export(**SUBPOENA, period=WHOLE, by=clerk)
    begun = [next(lines) for _ in range(2 + 2)]  # the header, the export's own entry, a page of two
    agency.oversight.disable(clerk.actor_id, reason=ControlReason.SUSPECTED_MISUSE, by=administrator)
    with pytest.raises(NotPermittedError):
        next(lines)
    assert not verify_export(begun, log.verifier_keys(by=AUDITOR)).is_sound


@pytest.mark.on_every_storage
def test_an_auditor_who_is_disabled_meanwhile_reads_no_further_page_of_the_log(
    agency, log, administrator, staff
):
    auditor = staff(StaffRole.RECORDS_OFFICER)
    entries = log.entries(page=2, by=auditor)
    begun = [next(entries) for _ in range(2)]
    agency.oversight.disable(auditor.actor_id, reason=ControlReason.SUSPECTED_MISUSE, by=administrator)
    with pytest.raises(NotPermittedError):
        next(entries)
    assert len(begun) == 2


def test_an_export_is_on_record_before_its_first_line_is_read(agency, log, clerk):
    log.export(period=WHOLE, **SUBPOENA, by=clerk)
    *_, (_, entry) = log.entries(by=AUDITOR)
    assert (entry.kind, entry.subject, entry.actor) == ("sensitive_read", "log:audit", "staff:worker-17")
    assert json.loads(entry.details)["reference"] == "26-1234"


def test_what_is_written_after_the_export_is_not_in_it(agency, log, clerk):
    lines = log.export(period=WHOLE, **SUBPOENA, by=clerk)
    agency.payments.held(by=clerk)
    assert numbers(list(lines)) == list(range(1, 10))


def test_an_export_signs_the_log_and_tells_the_sinks(log, clerk):
    sink = ListSink()
    lines = AuditLog(log._resources, log._door, {"witness": sink}).export(period=WHOLE, **SUBPOENA, by=clerk)
    assert sink.kept == [json.loads(next(lines))["checkpoint"]]


def test_an_export_that_cannot_be_audited_does_not_happen(fragile, case_application, clerk_of):
    agency, storage = fragile
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    storage.fail_on = ("append", "audit_entries")
    with pytest.raises(BackendError):
        agency.audit.export(period=WHOLE, **SUBPOENA, by=clerk)


@pytest.mark.parametrize(
    "by", [Actor.parent("account-1"), Actor.public(), Actor.system("job"), Actor.staff("worker-18")]
)
def test_only_a_records_officer_hands_out_the_log_and_another_attempt_is_in_it(log, by):
    size = len(list(log.entries(by=AUDITOR)))
    with pytest.raises(NotPermittedError):
        log.export(period=WHOLE, **SUBPOENA, by=by)
    assert [entry.kind for _, entry in log.entries(after=size, by=AUDITOR)] == ["authz_fail"]


def refused(log, clerk, **request):
    size = len(list(log.entries(by=AUDITOR)))
    with pytest.raises(InvalidInputError) as refusal:
        log.export(**SUBPOENA | {"by": clerk} | request)
    [(_, entry)] = log.entries(after=size, by=AUDITOR)
    assert (entry.kind, entry.actor) == ("staff_act_refused", str(clerk))
    return refusal.value


@pytest.mark.parametrize(
    "reference",
    [
        "",
        " ",
        "-26",
        "26 1234",
        "two\nlines",
        "26-1234\n",
        "№26",
        "٢٦",
        "x" * 41,
        "half-\ud800",
        "900014321",
        "900-01-4321",
        "SSN-900-01-4321",
        "X900014321",
        "900.01.4321/Jane",
        "900--01--4321",
        "900-/01./4321",
        "JANE-ROE/1988",
        "1988/Roe-Jane",
        "26-Roewife-7",
        "ROE",
        "CV-DR",
        "x" * 40,
    ],
)
def test_a_reference_is_the_number_of_a_file_and_no_words_and_no_ssn(log, clerk, reference):
    error = refused(log, clerk, period=WHOLE, reference=reference)
    assert [fault.where for fault in error.faults] == ["reference"]
    assert not reference.strip() or reference not in str(error)


@pytest.mark.parametrize(
    "reference",
    ["2", "26-1234", "2026/CV.0017", "26CVD1234", "2" * 40, "2026001234", "2026-00123", "26000123"],
)
def test_the_number_of_a_file_is_a_reference(export, log, reference):
    report = verify_export(export(period=WHOLE, reference=reference), log.verifier_keys(by=AUDITOR))
    assert report.exported.reference == reference


@pytest.mark.parametrize("reason", list(ExportReason))
def test_an_export_has_one_of_the_reasons(export, log, reason):
    report = verify_export(export(period=WHOLE, reason=reason), log.verifier_keys(by=AUDITOR))
    assert report.exported.reason is reason


def test_a_text_is_no_reason_to_hand_out_the_log(log, clerk):
    error = refused(log, clerk, period=WHOLE, reason="SSN 900-01-4321 Jane Roe asks")
    assert [fault.where for fault in error.faults] == ["argument 'reason'"]
    assert "Jane" not in str(error)


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "receipt",
        "receipt:",
        ":1",
        "Jane Roe",
        "Receipt:1",
        "receipt:two\nlines",
        "receipt:half \ud800",
        "receipt:" + "x" * 113,
        "case: 1",
        "case:1 ",
        "case:Señora Peña",
    ],
)
def test_a_subject_is_a_records_sort_and_id(log, clerk, subject):
    error = refused(log, clerk, subject=subject)
    assert [fault.where for fault in error.faults] == ["subject"]
    assert not subject or subject not in str(error)


@pytest.mark.parametrize(
    "subject",
    [
        "note:Jane Roe, 900-01-4321, lives at 7 Elm Street",
        "account:900-01-4321",
        "case:Jane Roe",
        "person:jane.roe",
        "receipt:R1",
        "walrus:1",
    ],
)
def test_a_record_that_the_log_does_not_speak_of_is_not_named_in_it(log, clerk, opened_case, subject):
    size = len(list(log.entries(by=AUDITOR)))
    with pytest.raises(NotFoundError, match="nothing about such a record") as refusal:
        log.export(**SUBPOENA, subject=subject, by=clerk)
    assert subject not in str(refusal.value)
    [(_, left)] = log.entries(after=size, by=AUDITOR)
    assert (left.kind, left.subject) == ("sensitive_read", "search:audit_record")
    assert "Jane" not in left.details


def test_nothing_about_a_record_in_a_period_is_an_export_too(export, log, opened_case):
    subject = f"case:{opened_case}"
    before = DateRange(date(2025, 1, 1), date(2025, 2, 1))
    report = verify_export(export(subject=subject, period=before), log.verifier_keys(by=AUDITOR))
    assert (report.is_sound, report.entries, report.exported.about_record) == (True, 0, subject)


def test_what_is_wrong_with_a_request_is_said_at_once(log, clerk):
    error = refused(log, clerk, reference="")
    assert [fault.where for fault in error.faults] == ["reference", "subject, period"]


@pytest.mark.usefixtures("believed_clock")
def test_a_pruned_entry_is_handed_out_as_what_is_left_of_it(agency, log, export, clerk, clock):
    clock.instant = datetime(2033, 3, 1, tzinfo=UTC)
    agency.payments.held(by=clerk)
    log.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    lines = export(period=DateRange(date(2026, 1, 7), date(2026, 1, 9)))
    assert [json.loads(line)["actor"] is None for line in lines[2:]] == [True] * 5 + [False] * 4
    assert verify_export(lines, log.verifier_keys(by=AUDITOR)).is_sound


@pytest.mark.usefixtures("believed_clock")
def test_an_export_during_which_its_entries_are_pruned_says_so_and_does_not_verify(agency, log, clerk, clock):
    clock.instant = datetime(2033, 3, 1, tzinfo=UTC)
    agency.payments.held(by=clerk)
    lines = log.export(period=WHOLE, **SUBPOENA, by=clerk)
    log.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    taken = []
    with pytest.raises(ConflictError, match="pruned while"):
        taken.extend(lines)
    assert not verify_export(taken, log.verifier_keys(by=AUDITOR)).is_sound


def test_a_log_that_must_not_be_signed_is_not_handed_out(log, clerk):
    log.sequence(by=AUDITOR)
    log._resources.write(lambda work: erase_through(work, 3))
    with pytest.raises(
        InvariantError, match="nothing of the audit log is handed out: the contents of record 3"
    ):
        log.export(period=WHOLE, **SUBPOENA, by=clerk)


# --- what a stranger finds out --------------------------------------------------------------------------


def test_an_export_is_verified_with_the_key_alone(export, log):
    report = verify_export(export(period=WHOLE), log.verifier_keys(by=AUDITOR))
    assert (report.is_sound, report.entries, report.size, report.faults) == (True, 9, 10, ())
    assert (report.exported.reason, report.exported.first_day) == (ExportReason.SUBPOENA, date(2026, 1, 1))
    assert report.origin == log.verifier_keys(by=AUDITOR)[0].partition("+")[0]


def test_an_export_is_verified_from_a_file_by_another_process(export, log, tmp_path):
    file = tmp_path / "export.jsonl"
    file.write_text("".join(export(period=WHOLE)), encoding="utf-8")
    code = (
        "import sys; from dcss_core.audit.export import verify_export\n"
        "with open(sys.argv[1], encoding='utf-8') as lines: report = verify_export(lines, [sys.argv[2]])\n"
        "print(report.entries, report.is_sound, 'dcss_core.agency' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(file), log.verifier_keys(by=AUDITOR)[0]]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == "9 True False\n"


ON_THE_WAY = {
    "a line is missing": (lambda lines: lines[:1], "line 2", "no line"),
    "an empty line": (lambda lines: [*lines[:3], "\n", *lines[3:]], "line 4", "an empty line"),
    "a blank first line": (lambda lines: ["\r\n", *lines], "line 1", "an empty line"),
    "a mark before it": (lambda lines: ["\ufeff" + lines[0], *lines[1:]], "line 1", "a byte order mark"),
    "Windows": (lambda lines: [line.replace("\n", "\r\n") for line in lines], "line 1", "CR LF"),
    "Windows, from the second on": (
        lambda lines: [lines[0], *(line.replace("\n", "\r\n") for line in lines[1:])],
        "line 2",
        "CR LF",
    ),
    "split at its line feeds": (
        lambda lines: "".join(lines).replace("\n", "\r\n").split("\n")[:-1],
        "line 1",
        "CR LF",
    ),
    "another text": (lambda lines: ["hello\n", *lines], "line 1", "another line"),
}


@pytest.mark.parametrize("way", ON_THE_WAY)
def test_what_became_of_a_line_on_its_way_is_named(export, log, way):
    change, where, found = ON_THE_WAY[way]
    report = verify_export(change(export(period=WHOLE)), log.verifier_keys(by=AUDITOR))
    assert report.faults[0].where == where
    assert found in report.faults[0].found


def test_what_an_export_proves_is_told_in_lines(export, log):
    lines, keys = export(period=WHOLE), log.verifier_keys(by=AUDITOR)
    origin = keys[0].partition("+")[0]
    assert str(verify_export(lines, keys)) == f"export of 9 entries of {origin}, signed at 10 records: sound"
    assert str(verify_export([], keys)).splitlines() == [
        "export of 0 entries: NOT SOUND",
        "  line 1: found no line, expected the header of a 'dcss-core audit export 1'",
    ]


def respelled(line, **values):
    """A line with other values, written as the library writes it, so that its spelling gives nothing away."""
    parsed = json.loads(line)
    separators = (", ", ": ") if "format" in parsed else (",", ":")
    return json.dumps(parsed | values, ensure_ascii=False, separators=separators) + "\n"


def changed(lines, place, **values):
    return [*lines[:place], respelled(lines[place], **values), *lines[place + 1 :]]


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
    "the last line less": lambda lines: lines[:-1],
    "no entry": lambda lines: lines[:2],
    "an older line at the end": lambda lines: [*lines, lines[3]],
    "the last line twice": lambda lines: [*lines, lines[-1]],
    "a line less and the count lowered": lambda lines: changed(
        [*lines[:3], *lines[4:]], 1, details=json.loads(lines[1])["details"] | {"entries": 8}
    ),
    "another reason": lambda lines: changed(
        lines, 1, details=json.loads(lines[1])["details"] | {"reason": "internal_audit"}
    ),
    "another period": lambda lines: changed(
        lines, 1, details=json.loads(lines[1])["details"] | {"first_day": "2026-01-08"}
    ),
    "the contents of the export erased": lambda lines: changed(
        lines, 1, actor=None, subject=None, source=None, details=None, salt=None
    ),
    "the entry of the export gone": lambda lines: [lines[0], *lines[2:]],
    "contents taken off": lambda lines: changed(
        lines, 3, actor=None, subject=None, source=None, details=None, salt=None
    ),
    "a line that is none": lambda lines: [*lines[:3], "{}\n", *lines[3:]],
    "another checkpoint": lambda lines: changed(
        lines, 0, checkpoint=json.loads(lines[0])["checkpoint"].replace("\n10\n", "\n11\n")
    ),
    "no checkpoint": lambda lines: changed(lines, 0, checkpoint=None),
    "another format": lambda lines: changed(lines, 0, format="dcss-core audit export 2"),
    "more in the header": lambda lines: changed(lines, 0, subject="case:0004567891"),
    "no header": lambda lines: lines[1:],
    "nothing": lambda lines: [],
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_export_is_found_out(export, log, change):
    lines = export(period=WHOLE)
    report = verify_export(CHANGES[change](lines), log.verifier_keys(by=AUDITOR))
    assert not report.is_sound


FORGED_IN_FRONT = {
    "the entry of the export": (1, '{"seq"', '{"actor":"staff:FORGED","seq"'),
    "an entry": (
        2,
        '{"seq"',
        '{"actor":"staff:FORGED","kind":"case_closed","details":{"amount":"9.00"},"seq"',
    ),
    "the header": (0, "{", '{"checkpoint":"another log\\n1\\nAAAA\\n","format":"x",'),
    "a blank in the header": (0, "{", "{ "),
    "a salt": (2, '"salt":"', '"salt":" \\t'),
    "an instant": (2, "+00:00", "Z"),
    "line breaks of Windows": (2, "\n", "\r\n"),
    "a header with line breaks of Windows": (0, "}\n", "}\r\n"),
}


@pytest.mark.parametrize("forgery", FORGED_IN_FRONT)
def test_forged_export_a_line_in_which_two_readers_see_two_things_is_found_out(export, log, forgery):
    lines = export(period=WHOLE)
    place, written, forged = FORGED_IN_FRONT[forgery]
    assert written in lines[place]
    lines[place] = lines[place].replace(written, forged, 1)
    assert not verify_export(lines, log.verifier_keys(by=AUDITOR)).is_sound


def test_an_export_verifies_with_or_without_line_breaks_at_its_ends(export, log, tmp_path):
    lines, keys = export(period=WHOLE), log.verifier_keys(by=AUDITOR)
    assert verify_export([line.removesuffix("\n") for line in lines], keys).is_sound
    file = tmp_path / "export.jsonl"
    file.write_text("".join(lines), encoding="utf-8", newline="\r\n")
    with file.open(encoding="utf-8") as read:  # as Python reads text, each line break is one of its own
        assert verify_export(read, keys).is_sound


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2),
)
RAW = st.sampled_from(["NaN", "-Infinity", "1e999", "-1", "9" * 4_000, "9" * 5_000, '"\ud800"', "[" * 5_000])


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_any_field_of_an_export_is_a_fault_and_no_error(export_and_keys, data):
    lines, keys = export_and_keys
    place = data.draw(st.integers(0, len(lines) - 1))
    parsed = json.loads(lines[place])
    field = data.draw(st.sampled_from(sorted(parsed)))
    value = data.draw(PLAIN.map(json.dumps) | RAW)
    forged = respelled(lines[place], **{field: "@@"}).replace('"@@"', value)
    report = verify_export([*lines[:place], forged, *lines[place + 1 :]], keys)
    assert report.is_sound is (forged == lines[place])


@pytest.mark.parametrize("line", [None, 5, b"{}"])
def test_a_line_that_is_no_text_is_a_fault(export_and_keys, line):
    lines, keys = export_and_keys
    for place in range(3):
        forged = iter([*lines[:place], line, *lines[place + 1 :]])
        assert not verify_export(forged, keys).is_sound


def test_a_missing_end_is_told_by_the_count_of_the_log(export, log):
    [fault] = verify_export(export(period=WHOLE)[:-1], log.verifier_keys(by=AUDITOR)).faults
    assert str(fault) == "the end: found 8 entries, expected 9, as the log says"


def test_every_fault_is_named_at_once(export, log):
    lines = export(period=WHOLE)
    lines = changed(changed(lines, 3, actor="x"), 5, actor="y")[:-1]
    report = verify_export(lines, log.verifier_keys(by=AUDITOR))
    assert [fault.where for fault in report.faults] == ["line 4", "line 6", "the end"]


def test_one_export_does_not_stand_in_for_another(agency, log, export, opened_case, clerk):
    """Both are of the log, and each entry of the second is in it at the time of the first."""
    about_case, whole = export(subject=f"case:{opened_case}"), export(period=WHOLE)
    keys = log.verifier_keys(by=AUDITOR)
    later = export(period=WHOLE)
    of_first = next(line for line in later[2:] if json.loads(line)["seq"] == 10)
    mixed = [later[0], of_first, *later[2:]]
    assert verify_export(about_case, keys).is_sound
    assert verify_export(whole, keys).is_sound
    assert verify_export(mixed, keys).faults[-1].where == "the end"


def test_another_kind_of_entry_is_no_entry_of_an_export(export, log, opened_case):
    header, _, *entries = export(subject=f"case:{opened_case}")
    report = verify_export(
        [header, *entries], log.verifier_keys(by=AUDITOR)
    )  # the first is the opening of the case
    assert [fault.where for fault in report.faults] == ["line 2"]


def test_an_export_of_another_agency_is_found_out(export, opener, case_application, intake):
    other = opener("memory:")
    other.cases.open(case_application, by=intake)
    report = verify_export(export(period=WHOLE), other.audit.verifier_keys(by=AUDITOR))
    assert [fault.where for fault in report.faults] == ["checkpoint"]


def test_a_key_that_is_none_is_refused(export):
    with pytest.raises(InvalidInputError):
        verify_export(export(period=WHOLE), ["no key"])
