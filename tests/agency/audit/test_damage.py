"""`agency.audit.verify`: whatever is done to the log behind the agency's back is found and named."""

import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest

from dcss_core import Actor, KeyRing, Secret
from dcss_core.agency.audit.log import AuditLog
from dcss_core.audit.damage import DamageKind
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.events import AuditLogPruned
from dcss_core.audit.written_entry import WrittenEntry, written
from dcss_core.errors import BackendError
from dcss_core.ports.keys import MasterKey

from .tampering import (
    LEAF,
    WITHOUT_KEYS,
    ListSink,
    Statements,
    erase_through,
    forged,
    make_room,
    removal,
    restamp,
    the_entries,
    the_entry,
)

AUDITOR = Actor.system("audit")


@pytest.fixture
def sink():
    return ListSink()


@pytest.fixture
def agency(opener, sqlite_url):
    return opener(sqlite_url)


@pytest.fixture
def look(agency, opened_case, clerk):
    """Makes so many entries: somebody looks at a case."""

    def looked(times):
        for _ in range(times):
            agency.cases.find(opened_case, by=clerk)

    return looked


@pytest.fixture
def log(agency, look, sink):
    """24 entries, numbered in batches of 10, 5, 5 and 4, signed at 10 and at 20."""
    log = AuditLog(agency.audit._resources, agency.audit._door, {"witness": sink})
    look(9)  # and the opening of the case before
    log.publish(by=AUDITOR)
    look(5)
    log.sequence(by=AUDITOR)
    look(5)
    log.publish(by=AUDITOR)
    look(4)
    log.sequence(by=AUDITOR)
    return log


@pytest.fixture
def sql(log, sqlite_url):
    """Runs statements on the file, as somebody can who holds the database."""
    return Statements(sqlite_url)


def found(log):
    return [(each.kind, each.seq) for each in log.verify(by=AUDITOR).damage]


def test_a_log_nobody_touched_is_sound(log):
    report = log.verify(by=AUDITOR)
    assert report.is_sound
    assert (report.size, report.checkpoints, report.signed_size, report.unsigned_tail) == (24, 2, 20, 4)
    assert str(report).splitlines() == [
        "audit log of 24 records: sound",
        "  2 checkpoints agree, the last at 20; 4 records after it are not signed yet",
    ]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("at", "2026-01-07 15:00:00.000001"),
        ("at", "yesterday"),
        ("kind", "authn_login_success"),
        ("actor", "staff:worker-18"),
        ("actor", None),
        ("subject", "case:0004567891"),
        ("source", "203.0.113.7"),
        ("details", '{"case_number":"0004567890","view":"history"}'),
        ("details", "{"),
        ("details", None),
        ("salt", b"0" * 16),
        ("salt", None),
        ("salt", "text"),
        ("commitment", b"0" * 32),
        ("commitment", "text"),
        ("leaf_version", 1),
        ("leaf_version", 3),
        ("leaf_version", "text"),
    ],
)
def test_an_edited_column_of_an_entry_is_found(log, sql, column, value):
    sql((f"UPDATE audit_entries SET {column} = ? WHERE {the_entry(7)}", [value]))
    assert found(log) == [(DamageKind.EDITED, 7)]


@pytest.mark.parametrize("value", [b"0" * 32, b"", "text"])
def test_an_edited_hash_is_found(log, sql, value):
    sql(("UPDATE audit_log SET nodes = ? WHERE seq = 7", [value]))
    assert found(log) == [(DamageKind.EDITED, 7)]


@pytest.mark.parametrize(
    ("column", "value"), [("act", b"0" * 24), ("act", b""), ("act", "text"), ("line", 2), ("line", "text")]
)
def test_a_number_that_names_no_entry_is_found_with_the_entry_it_was_of(log, sql, column, value):
    [(act, line)] = sql("SELECT act, line FROM audit_log WHERE seq = 7")
    sql((f"UPDATE audit_log SET {column} = ? WHERE seq = 7", [value]))
    record, entry = log.verify(by=AUDITOR).damage
    assert record.seq == 7
    assert record.kind in (DamageKind.REMOVED, DamageKind.EDITED)  # EDITED for what can't be a name at all
    assert (entry.kind, entry.entry_id) == (DamageKind.NOT_NUMBERED, f"{act.hex()}-{line}")


def test_an_edited_column_of_the_last_record_is_found(log, sql):
    sql(f"UPDATE audit_entries SET at = 'yesterday' WHERE {the_entry(24)}")
    assert found(log) == [(DamageKind.EDITED, 24)]


@pytest.mark.parametrize(
    ("column", "value"),
    [("nodes", "nodes || x'00'"), ("nodes", "substr(nodes, 1, 32)"), ("peaks", "x''"), ("peaks", "x'00'")],
)
def test_a_changed_hash_beside_a_whole_entry_is_found(log, sql, column, value):
    # record 14 = 0b1110 completes a tree of two leaves, and no batch ends with it
    sql(f"UPDATE audit_log SET {column} = CAST({value} AS BLOB) WHERE seq = 14")
    assert found(log) == [(DamageKind.HASHES, 14)]


@pytest.mark.parametrize("value", ["x''", "x'00'", "CAST(peaks || x'00' AS BLOB)", "zeroblob(length(peaks))"])
def test_changed_peaks_are_found(log, sql, value):
    sql(f"UPDATE audit_log SET peaks = {value} WHERE seq = 15")
    assert found(log) == [(DamageKind.HASHES, 15)]


@pytest.mark.parametrize("value", ["'text'", "x'00'", "5", "1.5"])
@pytest.mark.parametrize("seq", [15, 24])
@pytest.mark.parametrize(
    "column", ["audit_log.nodes", "audit_log.peaks", "audit_entries.at", "audit_entries.kind"]
)
def test_a_value_of_another_type_is_damage_and_keeps_nobody_from_working(
    log, sql, agency, opened_case, clerk, look, column, value, seq
):
    table, name = column.split(".")
    where = f"seq = {seq}" if table == "audit_log" else the_entry(seq)
    sql(f"UPDATE {table} SET {name} = {value} WHERE {where}")
    stored = sql(f"SELECT typeof({name}) FROM {table} WHERE {where}")
    assert [each[1] for each in found(log)][:1] == [seq], stored
    look(70)  # more than are numbered along with the writing
    assert agency.cases.find(opened_case, by=clerk) is not None
    found(log)


@pytest.mark.parametrize(
    ("column", "value"),
    [("act", "'text'"), ("leaves", "5"), ("leaves", "'text'"), ("leaves", "x''"), ("version", "'text'")],
)
def test_a_row_of_the_queue_with_a_value_of_another_type_keeps_nobody_from_working(
    log, sql, agency, look, column, value
):
    agency.audit._resources._waiting = 0
    look(1)
    sql(f"UPDATE audit_queue SET {column} = {value}")
    look(70)
    assert not log.verify(by=AUDITOR).is_sound
    assert not log.merge_delay(by=AUDITOR).is_kept


def test_a_log_that_lost_what_it_goes_on_from_is_found_and_says_why_nothing_is_numbered(log, look, sql):
    sql("UPDATE audit_log SET peaks = NULL WHERE seq = 24")
    assert found(log) == [(DamageKind.HASHES, 24)]
    look(1)  # what people do is not stopped by it, and is written down
    delay = log.merge_delay(by=AUDITOR)
    assert (delay.waiting, delay.is_kept) == (1, False)
    assert "record 24 does not hold the peaks" in delay.failure
    assert found(log) == [(DamageKind.HASHES, 24)]
    assert max(number for number, _ in log.entries(by=AUDITOR)) == 24


def test_a_record_with_a_new_leaf_hash_does_not_fit_the_hashes_over_it(log, sql):
    columns = "act, seq, at, kind, actor, subject, source, details, salt"
    [(act, line, at, *contents, salt)] = sql(f"SELECT {columns} FROM audit_entries WHERE {the_entry(7)}")
    entry = AuditEntry(datetime.fromisoformat(at + "+00:00"), *contents)
    record = WrittenEntry(**written(act, [attrs.evolve(entry, actor="staff:worker-18")], salt).entries[0])
    sql(
        ("UPDATE audit_log SET nodes = ? WHERE seq = 7", [record.leaf_hash(line, seq=7)]),
        (
            f"UPDATE audit_entries SET actor = ?, commitment = ? WHERE {the_entry(7)}",
            [record.actor, record.commitment],
        ),
    )
    assert found(log) == [(DamageKind.HASHES, 8)]  # where records 7 and 8 have one hash over them


def test_missing_numbers_are_found_with_the_entries_that_lost_them(log, sql):
    sql("DELETE FROM audit_log WHERE seq IN (7, 8)")
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [
        (DamageKind.REMOVED, 7),
        (DamageKind.NOT_NUMBERED, None),
        (DamageKind.NOT_NUMBERED, None),
    ]
    assert "records 7 to 8 are missing" in str(report)


def test_a_missing_entry_is_found(log, sql):
    sql(f"DELETE FROM audit_entries WHERE {the_entry(7)}")
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.REMOVED, 7)]
    assert "the entry that stands here is gone" in str(report)


def test_missing_entries_and_their_numbers_are_found(log, sql):
    sql(*removal(7, 8))
    assert found(log) == [(DamageKind.REMOVED, 7)]


@pytest.mark.parametrize("gone", [1, 3])
def test_a_record_removed_and_the_rest_moved_up_is_found(log, sql, gone):
    sql(
        *removal(7, 6 + gone),
        "UPDATE audit_log SET seq = -seq WHERE seq > 7",
        f"UPDATE audit_log SET seq = -seq - {gone} WHERE seq < 0",
    )
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.REMOVED, 7)]
    assert f"record {7 + gone} stands at 7; {gone} before it are gone" in str(report)


def test_a_forged_record_put_between_is_found(log, sql):
    sql(*make_room(7), *forged(7, like=8))
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.INSERTED, 7)]
    assert "record 7 stands at 8; 1 were put in here or shortly before" in str(report)


def test_a_copy_of_an_older_record_put_between_is_found(log, sql):
    sql(
        *make_room(7),
        *WITHOUT_KEYS,
        f"INSERT INTO audit_log ({LEAF}, seq) SELECT {LEAF}, 7 FROM audit_log WHERE seq = 3",
    )
    inserted, twice = log.verify(by=AUDITOR).damage
    assert inserted.seq in (7, 8)  # the copy is whole; what it is over is not
    assert inserted.kind is DamageKind.INSERTED
    assert (twice.kind, twice.seq) == (DamageKind.NUMBERED_TWICE, 7)
    assert "it stands under 3 and 7" in str(twice)


@pytest.mark.parametrize(("one", "other"), [(7, 8), (7, 12), (1, 24)])
def test_two_entries_that_changed_places_are_found(log, sql, one, other):
    [a], [b] = (sql(f"SELECT act, line FROM audit_log WHERE seq = {seq}") for seq in (one, other))
    sql(
        f"UPDATE audit_log SET line = -1 WHERE seq = {one}",
        (f"UPDATE audit_log SET act = ?, line = ? WHERE seq = {other}", a),
        (f"UPDATE audit_log SET act = ?, line = ? WHERE seq = {one}", b),
    )
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.REORDERED, one)]
    assert f"its entry and that of record {other} were exchanged" in str(report)


@pytest.mark.parametrize(("one", "other", "found_at"), [(7, 8, 7), (7, 12, 7), (1, 24, 1), (9, 11, 10)])
def test_two_records_that_changed_places_with_their_hashes_are_found(log, sql, one, other, found_at):
    """No leaf names its number, so what is seen is that the hashes over them do not fit."""
    sql(
        f"UPDATE audit_log SET seq = -1 WHERE seq = {one}",
        f"UPDATE audit_log SET seq = {one} WHERE seq = {other}",
        f"UPDATE audit_log SET seq = {other} WHERE seq = -1",
    )
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.HASHES, found_at)]
    assert "or two were exchanged" in str(report)


def test_a_record_moved_to_the_end_is_found(log, sql):
    sql(
        "UPDATE audit_log SET seq = -seq WHERE seq > 3",
        "UPDATE audit_log SET seq = 24 WHERE seq = 3",
        "UPDATE audit_log SET seq = -seq - 1 WHERE seq < 0",
    )
    assert found(log) == [(DamageKind.REMOVED, 3)]  # which is what stands there: 4 where 3 was


@pytest.mark.parametrize(("left", "first"), [(19, 20), (15, 16), (0, 1)])
def test_a_log_cut_off_before_what_was_signed_is_found(log, sql, left, first):
    sql(*removal(left + 1, 24))
    report = log.verify(by=AUDITOR)
    assert (DamageKind.TRUNCATED, first) in [(each.kind, each.seq) for each in report.damage]
    assert f"the log ends at {left} and was signed with 20 records" in str(report)


def test_a_log_cut_off_whose_entries_were_left_is_found_twice(log, sql):
    sql("DELETE FROM audit_log WHERE seq > 15")
    assert found(log) == [(DamageKind.TRUNCATED, 16)] + [(DamageKind.NOT_NUMBERED, None)] * 9


def test_a_log_cut_off_within_a_batch_takes_no_more(log, sql, look):
    sql(*removal(20, 24))
    look(1)
    assert "record 19 does not hold the peaks" in log.merge_delay(by=AUDITOR).failure
    assert found(log) == [(DamageKind.HASHES, 19), (DamageKind.TRUNCATED, 20)]


@pytest.mark.parametrize("again", [9, 5, 30])
def test_a_log_cut_off_and_filled_up_again_is_found(log, sql, look, again):
    """The agency itself writes the new records, so every stored hash is right."""
    sql(*removal(16, 24))
    look(again)
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.REWRITTEN, 11)]
    assert "records 11 to 20 are not those that were signed" in str(report)


@pytest.mark.parametrize(("edited", "first"), [(5, 1), (12, 11)])
def test_a_log_whose_hashes_were_all_computed_anew_is_found(log, sql, edited, first):
    restamp(sql, edited)
    assert found(log) == [(DamageKind.REWRITTEN, first)]


def test_a_log_computed_anew_from_its_first_record_goes_by_another_name(log, sql):
    restamp(sql, 1)
    assert found(log) == [(DamageKind.REPLACED, 1)]


def test_without_checkpoints_a_log_computed_anew_looks_sound(log, sql):
    """This is what checkpoints are for; the report says what nobody vouches for."""
    restamp(sql, 5)
    report = AuditLog(log._resources, log._door).verify(by=AUDITOR)
    assert report.is_sound
    assert (report.signed_size, report.unsigned_tail) == (0, 24)


def test_what_no_checkpoint_vouches_for_yet_can_be_rewritten(log, sql):
    restamp(sql, 21)
    report = log.verify(by=AUDITOR)
    assert report.is_sound
    assert report.unsigned_tail == 4


def test_contents_erased_without_a_pruning_on_record_are_found(log, sql):
    fields = "actor = NULL, subject = NULL, source = NULL, details = NULL, salt = NULL"
    sql(f"UPDATE audit_entries SET {fields} WHERE {the_entries(3, 5)}")
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.ERASED, 3)]
    assert "contents up to record 5 are gone" in str(report)


def test_a_text_that_is_no_utf_8_is_damage_of_its_record_and_not_of_the_disk(log, sql):
    sql(f"UPDATE audit_entries SET kind = CAST(x'ff' AS TEXT) WHERE {the_entry(3)}")
    assert found(log) == [(DamageKind.EDITED, 3)]


@pytest.mark.parametrize("number", [0, -5, -(2**63)])
def test_a_record_under_a_number_no_record_has_is_found(log, sql, number):
    sql(*forged(number, like=7))
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.INSERTED, number)]
    assert "no record has such a number" in str(report)


@pytest.mark.parametrize("number", [2**62, 2**63 - 1])
def test_no_number_that_somebody_stores_makes_a_verification_endless(log, sql, number):
    """It would take centuries to look at each number up to that of the last record."""
    sql(f"UPDATE audit_entries SET kind = 'forged' WHERE {the_entry(3)}", *forged(number, like=7))
    assert found(log)[0] == (DamageKind.EDITED, 3)


def test_many_records_that_are_gone_are_counted_by_those_that_are_left(log, look, sql):
    look(1200)
    sql(*removal(7, 506), "UPDATE audit_log SET seq = seq - 500 WHERE seq > 506")
    report = AuditLog(log._resources, log._door).verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.REMOVED, 8)]
    assert "record 508 stands at 8; 500 before it are gone" in str(report)


def test_records_that_are_gone_are_missed_by_few_that_are_left(log, look, sql):
    """1,200 went, and the 24 left do not say by how far they were moved; only that they do not fit."""
    look(1200)
    log.sequence(by=AUDITOR)
    sql(*removal(7, 1206), "UPDATE audit_log SET seq = seq - 1200 WHERE seq > 1206")
    assert found(log) == [(DamageKind.HASHES, 8)]


# --- prunings ------------------------------------------------------------------------------------------


LATER = datetime(2033, 6, 1, 15, tzinfo=UTC)
JOB = Actor.system("retention")


@pytest.fixture
def erase(log):
    """Erases contents and writes a pruning about it, as whoever has this library and the database can."""

    def erased(up_to, *, before, through=None, at=None):
        def forge(work):
            erase_through(work, up_to)
            pruning = AuditLogPruned(before, through or up_to, up_to)
            work.note([AuditEntry.of(pruning, at=at or work.now, actor=JOB)])

        log.sequence(by=AUDITOR)
        log._resources.write(forge)

    return erased


@pytest.mark.parametrize(
    "forged",
    [
        {"before": date(2026, 1, 8)},  # within the retention: today is 2026-01-07
        {"before": date(2019, 1, 7)},  # permitted, and says nothing of entries of 2026
        {"before": date(2019, 1, 7), "through": 1000},
        {"before": date(2026, 1, 8), "at": LATER},  # an instant that has not come
        {"before": date(2026, 1, 8), "at": datetime(1990, 1, 1, tzinfo=UTC)},  # no rule was in force
        {"before": date(9999, 12, 31)},
    ],
)
def test_a_forged_pruning_accounts_for_nothing_and_is_not_signed(log, erase, sink, forged):
    erase(24, **forged)
    assert found(log) == [(DamageKind.ERASED, 1)]
    held = list(sink.kept)
    for sinks in ({}, {"witness": sink}):
        report = AuditLog(log._resources, log._door, sinks).publish(by=AUDITOR)
        assert (report.checkpoint, report.size, report.is_held) == (None, 25, False)
        assert "the contents of record 24 are gone" in report.refusal
        assert [each.failure for each in report.sinks] == [report.refusal] * len(sinks)
    assert sink.kept == held


@pytest.mark.usefixtures("believed_clock")
def test_a_pruning_accounts_for_nothing_that_is_not_from_before_its_day(log, look, erase, clock):
    clock.instant = LATER
    look(1)
    log.prune(before=date(2026, 1, 8), by=JOB)
    assert log.verify(by=AUDITOR).is_sound
    erase(26, before=date(2026, 6, 1))  # the 24 of 2026-01-07, the look and the pruning of 2033-06-01
    assert found(log) == [(DamageKind.ERASED, 25)]
    assert not log.publish(by=AUDITOR).is_held


def test_a_pruning_that_says_it_erased_itself_accounts_for_nothing(log, look, erase, clock):
    clock.instant = LATER
    look(1)
    erase(24, before=date(2026, 1, 8), through=26)
    assert found(log) == [(DamageKind.ERASED, 1)]


def test_a_pruning_accounts_for_nothing_beyond_the_record_it_names(log, look, erase, clock):
    clock.instant = LATER
    look(1)
    erase(24, before=date(2026, 1, 8), through=20)
    assert found(log) == [(DamageKind.ERASED, 21)]
    assert not log.publish(by=AUDITOR).is_held


def test_an_erasure_that_spares_the_subject_is_an_edit(log, sql):
    sql(f"UPDATE audit_entries SET actor = NULL, details = NULL, salt = NULL WHERE {the_entries(3, 5)}")
    assert found(log) == [(DamageKind.EDITED, 3)]


@pytest.mark.parametrize(
    "details",
    [
        "[]",
        "{}",
        '{"through":24}',
        '{"before":"2026-01-08","entries":24,"log":"audit","through":"24"}',
        '{"before":"20260108","entries":24,"log":"audit","through":24}',
        '{"before":20260108,"entries":24,"log":"audit","through":24}',
        '{"before":"2026-01-08","entries":24,"log":"audit","more":1,"through":24}',
        "[" * 100_000,
    ],
)
def test_an_entry_that_poses_as_a_pruning_is_none_and_stops_nothing(log, look, clock, details):
    clock.instant = LATER
    look(1)

    def forge(work):
        erase_through(work, 24)
        work.note([AuditEntry(work.now, "sensitive_delete", str(JOB), "log:audit", None, details)])

    log._resources.write(forge)
    assert found(log) == [(DamageKind.ERASED, 1)]
    assert not log.publish(by=AUDITOR).is_held


def test_what_whoever_holds_the_database_destroys_after_the_retention_looks_like_a_pruning(
    log, look, erase, clock
):
    """Nobody can tell; the retention is over, so the contents were owed to nobody any more."""
    clock.instant = LATER
    look(1)
    erase(24, before=date(2026, 1, 8))
    report = log.verify(by=AUDITOR)
    assert (report.is_sound, report.pruned, report.pruned_through) == (True, 24, 24)
    assert log.publish(by=AUDITOR).is_held


# --- checkpoints ---------------------------------------------------------------------------------------


def test_a_checkpoint_whose_text_was_changed_is_found(log, sink):
    sink.kept[0] = sink.kept[0].replace("\n10\n", "\n11\n")
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.BAD_SIGNATURE, None)]
    assert report.checkpoints == 1


@pytest.mark.parametrize(
    "note", ["", "not a checkpoint", "dcss-core/US-GA/x y\n1\nAA==\n\n— a b\n", "\ud800"]
)
def test_what_is_no_checkpoint_is_found(log, note):
    assert [each.kind for each in log.verify([note], by=AUDITOR).damage] == [DamageKind.BAD_SIGNATURE]


def test_a_checkpoint_that_another_key_signed_is_found(log):
    forged = AuditLog(
        attrs.evolve(log._resources, sealer=attrs.evolve(log._resources.sealer, ring=ring("9"))), log._door
    )
    note = forged.publish(by=AUDITOR).checkpoint
    report = log.verify([note], by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.BAD_SIGNATURE, None)]
    assert "no key that is trusted signed it" in str(report)


def ring(*digits):
    return KeyRing(tuple(MasterKey(f"k{digit}", Secret(digit * 64)) for digit in digits))


def test_a_checkpoint_of_another_jurisdiction_is_found(log, sink):
    sink.kept.append(sink.kept[0].replace("US-GA", "US-TX"))
    assert "it is not about a log of US-GA" in str(log.verify(by=AUDITOR))


def test_a_checkpoint_of_another_log_of_the_same_agency_is_found(log, opener, intake, case_application):
    other = opener("memory:")
    other.cases.open(case_application, by=intake)
    note = AuditLog(other.audit._resources, other.audit._door).publish(by=AUDITOR).checkpoint
    assert [(each.kind, each.seq) for each in log.verify([note], by=AUDITOR).damage] == [
        (DamageKind.REPLACED, 1)
    ]


def test_two_logs_that_went_apart_are_found_by_their_checkpoints(
    log, look, opener, clerk, opened_case, sqlite_url, tmp_path
):
    """A copy of the database that is used beside it: both are sound by themselves."""
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as database:
        database.execute("VACUUM INTO ?", [str(tmp_path / "copy.db")])
    (tmp_path / "copy.db").chmod(0o600)
    copy = opener(f"sqlite:///{tmp_path}/copy.db")
    copy.cases.find(opened_case, by=clerk)
    look(1)
    theirs = AuditLog(copy.audit._resources, copy.audit._door).publish(by=AUDITOR).checkpoint
    ours = log.publish(by=AUDITOR).checkpoint
    report = log.verify([theirs], by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.FORKED, None)]
    assert log.verify([ours], by=AUDITOR).is_sound
    assert [
        each.kind
        for each in AuditLog(copy.audit._resources, copy.audit._door).verify([ours], by=AUDITOR).damage
    ] == [DamageKind.REWRITTEN]


def test_a_sink_that_cannot_be_read_leaves_the_log_not_fully_checked(log, sink):
    sink.failure = BackendError("the line is down", retryable=True)
    report = log.verify(by=AUDITOR)
    assert not report.is_sound
    assert report.damage == ()
    assert "not fully checked" in str(report)
    assert "witness: the line is down" in str(report)
    assert log.verify(sink.kept, by=AUDITOR).signed_size == 20  # what was carried there by hand counts


@pytest.mark.parametrize("later", [timedelta(), timedelta(minutes=60)])
def test_a_sink_that_was_emptied_leaves_the_log_not_fully_checked(log, sink, clock, later):
    """At once where another sink was given checkpoints; by itself when the first is due, after an hour."""
    other = ListSink()
    other.kept, sink.kept = sink.kept, []
    clock.instant += later
    report = AuditLog(log._resources, log._door, {"witness": sink, "other": other}).verify(by=AUDITOR)
    assert (report.is_sound, report.damage, report.signed_size) == (False, (), 20)
    assert "nothing was compared with witness: it holds no checkpoint" in str(report)
    alone = log.verify(by=AUDITOR)
    assert alone.is_sound is (later == timedelta())
    assert AuditLog(log._resources, log._door).verify(by=AUDITOR).is_sound  # nobody was to keep any


def test_an_emptied_sink_is_named_though_the_first_record_cannot_be_read(log, sink, sql):
    sink.kept = []
    sql(f"UPDATE audit_entries SET at = 'yesterday' WHERE {the_entry(1)}")
    report = log.verify(by=AUDITOR)
    assert [(each.kind, each.seq) for each in report.damage] == [(DamageKind.EDITED, 1)]
    assert [each.partition(":")[0] for each in report.not_compared] == ["witness"]


def test_a_new_log_whose_first_checkpoint_is_not_due_yet_is_sound(opener, case_application, intake):
    agency = opener("memory:")
    log = AuditLog(agency.audit._resources, agency.audit._door, {"witness": ListSink()})
    assert log.verify(by=AUDITOR).is_sound
    agency.cases.open(case_application, by=intake)
    assert log.verify(by=AUDITOR).is_sound


def test_given_checkpoints_count_like_those_of_sinks(log, sink):
    report = AuditLog(log._resources, log._door).verify(sink.kept + sink.kept, by=AUDITOR)
    assert (report.is_sound, report.checkpoints, report.signed_size) == (True, 2, 20)


def test_progress_is_told_and_ends_with_the_whole(log):
    told = []
    log.verify(progress=lambda done, of: told.append((done, of)), by=AUDITOR)
    assert told[-1] == (24, 24)
