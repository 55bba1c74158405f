"""Pruning: contents go when their retention has ended, and nothing else does."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import pytest

from dcss_core import Actor
from dcss_core.agency.audit import pruning
from dcss_core.agency.audit.log import AuditLog
from dcss_core.agency.audit.pruning import PruneReport
from dcss_core.audit.checkpoint import read_checkpoint
from dcss_core.audit.damage import DamageKind
from dcss_core.audit.signed_note import VerifierKey
from dcss_core.errors import BackendError, NotPermittedError, RuleViolationError
from dcss_core.users.staff.member import StaffRole

pytestmark = [pytest.mark.on_every_storage, pytest.mark.usefixtures("believed_clock")]

AUDITOR = Actor.system("audit")


@pytest.fixture
def look(agency, opened_case, clerk):
    """Makes so many entries: somebody looks at a case. The opening of the case is the first entry."""

    def looked(times):
        for _ in range(times):
            agency.cases.find(opened_case, by=clerk)

    return looked


@pytest.fixture
def seven_years_later(look, clock):
    """Five entries of 2026-01-07, three of the day after; seven years and a day later there is one more."""
    look(4)
    clock.move(days=1)
    look(3)
    clock.instant = datetime(2033, 1, 9, 15, tzinfo=UTC)
    look(1)


def contents(agency):
    return [
        (entry.actor, entry.subject, entry.source, entry.details)
        for _, entry in agency.audit.entries(by=AUDITOR)
    ]


def test_contents_from_before_the_day_are_gone_and_the_rest_stays(agency, seven_years_later, clerk):
    before = list(agency.audit.entries(by=AUDITOR))
    assert agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention")) == PruneReport(5, 5)
    after = list(agency.audit.entries(by=AUDITOR))
    assert contents(agency)[:5] == [(None, None, None, None)] * 5
    assert after[5:9] == before[5:]
    kept = [(seq, entry.at, entry.kind) for seq, entry in after]
    assert kept[:9] == [(seq, entry.at, entry.kind) for seq, entry in before]
    assert [entry.is_pruned for _, entry in after] == [True] * 5 + [False] * 5


def test_the_log_says_that_it_was_pruned_how_far_and_by_whom(agency, seven_years_later):
    agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    *_, (_, entry) = agency.audit.entries(by=AUDITOR)
    assert (entry.kind, entry.actor, entry.subject) == ("sensitive_delete", "system:retention", "log:audit")
    assert json.loads(entry.details) == {
        "before": "2026-01-08",
        "through": 5,
        "entries": 5,
        "log": "audit",
    }


def test_every_proof_holds_after_a_pruning(agency, seven_years_later, clerk):
    log = agency.audit
    note = AuditLog(log._resources, log._door).publish(by=AUDITOR).checkpoint
    checkpoint = read_checkpoint(note, [VerifierKey.parse(key) for key in log.verifier_keys(by=AUDITOR)])
    log.prune(before=date(2026, 1, 9), by=Actor.system("retention"))
    for seq in range(1, 10):
        assert log.inclusion_proof(seq, 9, by=AUDITOR).is_in(checkpoint)
    later = AuditLog(log._resources, log._door).publish(by=AUDITOR).checkpoint
    report = log.verify([note, later], by=AUDITOR)
    assert (report.is_sound, report.checkpoints) == (True, 2)
    assert (report.pruned, report.pruned_through) == (8, 8)
    assert "the contents of 8 records, up to 8, are pruned" in str(report)


def test_what_stays_of_a_pruned_entry_is_still_vouched_for(
    sqlite_url, opener, case_application, clerk_of, clock
):
    agency = opener(sqlite_url)
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    clock.move(days=3000)
    agency.cases.find(case_application.case_number, by=clerk)
    agency.audit.prune(before=date(2027, 1, 1), by=Actor.system("retention"))
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute("UPDATE audit_entries SET kind = 'session_created' WHERE kind = 'case_opened'")
        database.commit()
    assert [str(each) for each in agency.audit.verify(by=AUDITOR).damage] == [
        "record 1: edited; it does not say what was written"
    ]


def test_a_pruned_entry_is_not_found_by_its_subject(agency, seven_years_later, opened_case, clerk):
    subject = f"case:{opened_case}"
    assert len(agency.audit.about(subject, by=AUDITOR)) == 9
    agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    assert len(agency.audit.about(subject, by=AUDITOR)) == 4


def test_a_second_round_goes_on_where_the_first_ended(agency, seven_years_later, clerk):
    reports = [
        agency.audit.prune(before=day, by=Actor.system("retention"))
        for day in (date(2026, 1, 7), date(2026, 1, 8), date(2026, 1, 8), date(2026, 1, 9), date(2026, 1, 9))
    ]
    assert reports == [
        PruneReport(0, 0),
        PruneReport(5, 5),
        PruneReport(0, 5),
        PruneReport(3, 8),
        PruneReport(0, 8),
    ]
    # only what erased something is an entry
    kinds = [entry.kind for _, entry in agency.audit.entries(after=9, by=AUDITOR)]
    assert kinds == ["sensitive_delete", "sensitive_delete"]


def test_a_long_log_is_pruned_in_steps_each_of_which_is_on_record(
    agency, seven_years_later, clerk, monkeypatch
):
    monkeypatch.setattr(pruning, "_STEP", 2)
    assert agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention")) == PruneReport(5, 5)
    through = [json.loads(entry.details)["through"] for _, entry in agency.audit.entries(after=9, by=AUDITOR)]
    assert through == [2, 4, 5]
    assert agency.audit.verify(by=AUDITOR).is_sound


# --- the retention --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("now", "before", "allowed"),
    [
        # IRS Pub. 1075 AU-11: seven years. An entry of 6 January 2026 is seven years old on 6 January 2033
        (datetime(2033, 1, 7, 0, 0, tzinfo=UTC), date(2026, 1, 7), True),
        (datetime(2033, 1, 6, 23, 59, tzinfo=UTC), date(2026, 1, 7), False),
        (datetime(2033, 1, 7, 23, 59, tzinfo=UTC), date(2026, 1, 8), False),
        # on 29 February the day seven years before is taken as the 28th, a day on the safe side
        (datetime(2032, 2, 29, 12, 0, tzinfo=UTC), date(2025, 2, 28), True),
        (datetime(2032, 2, 29, 12, 0, tzinfo=UTC), date(2025, 3, 1), False),
    ],
)
def test_nothing_within_the_retention_is_pruned(agency, clock, clerk, now, before, allowed):
    clock.instant = now
    if allowed:
        assert agency.audit.prune(before=before, by=Actor.system("retention")) == PruneReport(0, 0)
        return
    with pytest.raises(RuleViolationError, match="7 years") as refusal:
        agency.audit.prune(before=before, by=Actor.system("retention"))
    assert refusal.value.citation == "IRS Pub. 1075 (Rev. 11-2021), AU-11"
    assert list(agency.audit.entries(by=AUDITOR)) == []


def test_the_retention_is_the_rule_in_force(opener, reform, case_application, intake, clock):
    agency = opener("memory:", jurisdiction="US-GA-REFORM", plugins=reform({"audit.retention_years": 10}))
    agency.cases.open(case_application, by=intake)
    clock.instant = datetime(2033, 6, 1, tzinfo=UTC)
    with pytest.raises(RuleViolationError, match="10 years"):
        agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))


def test_what_a_wrong_clock_wrote_is_kept_with_all_that_follows(agency, look, clock, clerk):
    look(2)
    clock.move(days=2)
    look(1)  # entry 4, by a clock that went ahead
    clock.move(days=-2)
    look(2)
    clock.instant = datetime(2033, 1, 9, tzinfo=UTC)
    look(1)
    assert agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention")) == PruneReport(3, 3)
    assert agency.audit.verify(by=AUDITOR).is_sound


def test_a_day_begins_at_midnight_utc(agency, look, clock, clerk):
    clock.instant = datetime(2026, 1, 7, 23, 59, 59, 999_999, tzinfo=UTC)
    look(1)
    clock.instant = datetime(2026, 1, 8, tzinfo=UTC)
    look(1)
    clock.instant = datetime(2033, 1, 9, tzinfo=UTC)
    look(1)
    # the opening of the case, and what was the last microsecond of the 7th
    assert agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention")) == PruneReport(2, 2)


def test_a_clock_that_is_ahead_by_itself_erases_nothing(agency, look, clock):
    """Seven years ahead, while the newest entry is of 2026-01-07: the retention counts from that."""
    look(4)
    clock.instant = datetime(2033, 6, 1, tzinfo=UTC)
    with pytest.raises(RuleViolationError, match="back from 2026-01-07"):
        agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    assert not any(entry.is_pruned for _, entry in agency.audit.entries(by=AUDITOR))


def test_what_a_clock_pruned_that_was_ahead_is_found_once_it_is_set_back(agency, look, clock):
    """Ahead for so long that the log got entries of 2033, so pruning believed it."""
    look(4)
    clock.instant = datetime(2033, 6, 1, tzinfo=UTC)
    look(1)
    agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    clock.instant = datetime(2026, 1, 9, tzinfo=UTC)
    assert [(each.kind, each.seq) for each in agency.audit.verify(by=AUDITOR).damage] == [
        (DamageKind.ERASED, 1)
    ]
    report = agency.audit.publish(by=AUDITOR)
    assert (report.checkpoint, report.is_held) == (None, False)


@pytest.mark.parametrize(
    ("behind", "sound"), [(timedelta(days=1), True), (timedelta(days=1, seconds=1), False)]
)
def test_the_clock_of_whoever_verifies_may_be_a_day_behind(agency, seven_years_later, clock, behind, sound):
    agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    clock.instant -= behind
    assert agency.audit.verify(by=AUDITOR).is_sound is sound


@pytest.mark.parametrize("by", [Actor.parent("account-1"), Actor.public(), Actor.staff("worker-17")])
def test_nobody_without_the_role_of_a_records_officer_prunes(agency, seven_years_later, by):
    with pytest.raises(NotPermittedError):
        agency.audit.prune(before=date(2026, 1, 8), by=by)
    assert not any(entry.is_pruned for _, entry in agency.audit.entries(by=AUDITOR))


def test_a_records_officer_may_prune(agency, seven_years_later, staff):
    officer = staff(StaffRole.RECORDS_OFFICER)
    assert agency.audit.prune(before=date(2026, 1, 8), by=officer).entries == 5


def test_a_job_may_prune(agency, seven_years_later):
    assert agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention")).entries == 5


def test_a_pruning_that_cannot_be_audited_does_not_happen(fragile, case_application, clerk_of, clock):
    agency, storage = fragile
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    clock.move(days=3000)
    agency.cases.find(case_application.case_number, by=clerk)
    storage.fail_on = ("append", "audit_entries")
    with pytest.raises(BackendError):
        agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    storage.fail_on = None
    assert not any(entry.is_pruned for _, entry in agency.audit.entries(by=AUDITOR))


def test_nobody_can_confirm_a_guess_at_what_was_erased(agency, seven_years_later, clerk):
    """The salt goes with the contents: the same entry twice has two commitments."""
    proofs = [agency.audit.inclusion_proof(seq, by=AUDITOR) for seq in (2, 3)]
    assert proofs[0].entry == proofs[1].entry
    assert proofs[0].commitment != proofs[1].commitment
    agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    assert agency.audit.inclusion_proof(2, by=AUDITOR).salt is None


def test_a_subscriber_is_told_what_is_left(opener, outside, sqlite_url, case_application, clerk_of, clock):
    agency = opener(sqlite_url, subscribers=["script:one"])
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    clock.instant += timedelta(days=3000)
    agency.cases.find(case_application.case_number, by=clerk)
    agency.audit.prune(before=date(2026, 1, 8), by=Actor.system("retention"))
    agency.subscriptions.dispatch(by=Actor.system("dispatch"))
    assert [event.sequence for event in outside.subscriber("one").taken] == [2, 3]
    assert agency.subscriptions.dispatch(by=Actor.system("dispatch"))[0].events == 0
