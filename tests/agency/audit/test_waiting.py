"""What waits for its number: whatever is done to it before it has one is found and named."""

from datetime import timedelta

import pytest

from dcss_core import Actor
from dcss_core.audit import DamageKind
from dcss_core.audit.numbering import numbered
from dcss_core.errors import ConflictError

from .tampering import ENTRY, WITHOUT_KEYS, Statements, act_named

AUDITOR = Actor.system("audit")


@pytest.fixture
def agency(by_job, sqlite_url):
    """An agency in a file whose log a job numbers, and no job is there."""
    return by_job(sqlite_url)


@pytest.fixture
def log(agency):
    return agency.audit


@pytest.fixture
def sql(agency, sqlite_url):
    """Runs statements on the file, as somebody can who holds the database."""
    return Statements(sqlite_url)


@pytest.fixture
def acts(agency, note_down):
    """Three acts of one, three and one entries that wait for their numbers, behind two that have theirs."""
    for entries in (1, 2):
        note_down(agency, entries)
    agency.audit.sequence(by=AUDITOR)
    return [note_down(agency, entries) for entries in (1, 3, 1)]


def found(log):
    return [(each.kind, each.seq, each.entry_id) for each in log.verify(by=AUDITOR).damage]


def waiting(act, line=1, kind=DamageKind.QUEUE):
    return (kind, None, f"{act.hex()}-{line}")


def test_what_waits_and_not_for_too_long_is_sound(log, acts):
    report = log.verify(by=AUDITOR)
    assert (report.is_sound, report.size) == (True, 3)


def test_an_act_that_was_lost_before_it_was_numbered_is_found_with_each_entry(log, acts, sql):
    sql(("DELETE FROM audit_queue WHERE act = ?", [acts[1]]))
    lost = [waiting(acts[1], line, DamageKind.NOT_NUMBERED) for line in (1, 2, 3)]
    assert found(log) == lost
    log.sequence(by=AUDITOR)  # which does not hide it
    assert found(log) == lost


def test_an_entry_that_is_gone_before_it_was_numbered_is_found(log, acts, sql):
    sql(("DELETE FROM audit_entries WHERE act = ?", [acts[0]]))
    assert found(log) == [waiting(acts[0])]
    assert "nothing was written under this id" in str(log.verify(by=AUDITOR))


@pytest.mark.parametrize("line", [1, 2, 3])
def test_one_of_the_entries_of_an_act_that_is_gone_is_found(log, acts, sql, line):
    sql(("DELETE FROM audit_entries WHERE act = ? AND seq = ?", [acts[1], line]))
    assert found(log) == [waiting(acts[1])]
    log.sequence(by=AUDITOR)
    assert (DamageKind.REMOVED, 4 + line) in [(kind, seq) for kind, seq, _ in found(log)]


def test_an_entry_and_its_place_in_the_queue_that_are_both_gone_leave_nothing(log, acts, sql):
    """Nobody vouches for it yet: whoever holds the database can take back what no checkpoint covers."""
    sql(
        ("DELETE FROM audit_entries WHERE act = ?", [acts[0]]),
        ("DELETE FROM audit_queue WHERE act = ?", [acts[0]]),
    )
    assert found(log) == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("kind", "authn_login_success"),
        ("at", "2026-01-07 15:00:00.000001"),
        ("actor", "staff:worker-18"),
        ("subject", "case:1"),
        ("source", "203.0.113.7"),
        ("details", "{}"),
        ("salt", b"0" * 16),
        ("salt", None),
        ("commitment", b"0" * 32),
        ("leaf_version", 1),
        ("leaf_version", 3),
    ],
)
def test_an_entry_that_is_edited_while_it_waits_is_found_before_and_after(log, acts, sql, column, value):
    sql((f"UPDATE audit_entries SET {column} = ? WHERE act = ?", [value, acts[0]]))
    assert found(log) == [waiting(acts[0])]
    log.sequence(by=AUDITOR)
    assert found(log) == [(DamageKind.EDITED, 4, None)]


@pytest.mark.parametrize(
    "leaves", ["zeroblob(96)", "substr(leaves, 1, 64)", "CAST(leaves || zeroblob(32) AS BLOB)"]
)
def test_changed_hashes_in_the_queue_are_found_before_and_after(log, acts, sql, leaves):
    sql((f"UPDATE audit_queue SET leaves = {leaves} WHERE act = ?", [acts[1]]))
    assert found(log) == [waiting(acts[1])]
    log.sequence(by=AUDITOR)
    assert found(log)


@pytest.mark.parametrize("leaves", ["x''", "x'00'", "'text'"])
def test_hashes_in_the_queue_that_are_none_are_found_and_stop_the_numbering(log, acts, sql, leaves):
    sql((f"UPDATE audit_queue SET leaves = {leaves} WHERE act = ?", [acts[1]]))
    assert [kind for kind, _, _ in found(log)] == [DamageKind.QUEUE]


@pytest.mark.parametrize("act", [b"0" * 23, b"", "text"])
def test_an_id_in_the_queue_that_is_none_is_found(log, acts, sql, act):
    sql(("UPDATE audit_queue SET act = ? WHERE act = ?", [act, acts[0]]))
    assert DamageKind.QUEUE in [kind for kind, _, _ in found(log)]


def test_a_copy_in_the_queue_under_another_id_is_found_before_and_after(log, acts, sql):
    copy = act_named(7)
    sql(("INSERT INTO audit_queue (act, leaves, version) SELECT ?, leaves, 1 FROM audit_queue WHERE act = ?",
         [copy, acts[0]]))  # fmt: skip
    assert found(log) == [waiting(copy)]
    log.sequence(by=AUDITOR)
    assert [(kind, seq) for kind, seq, _ in found(log)] == [(DamageKind.REMOVED, 9)]


def test_an_act_that_is_put_under_another_id_with_its_entry_is_found(log, acts, sql):
    sql(
        ("UPDATE audit_queue SET act = ? WHERE act = ?", [act_named(7), acts[0]]),
        ("UPDATE audit_entries SET act = ? WHERE act = ?", [act_named(7), acts[0]]),
    )
    assert found(log) == [waiting(act_named(7))]


def test_an_entry_that_nobody_queued_is_found(log, acts, sql):
    copy = act_named(7)
    sql((f"INSERT INTO audit_entries ({ENTRY}) SELECT ?, {ENTRY.partition(', ')[2]} FROM audit_entries "
         "WHERE act = ?", [copy, acts[0]]))  # fmt: skip
    assert found(log) == [waiting(copy, kind=DamageKind.NOT_NUMBERED)]


def test_an_act_that_is_put_back_into_the_queue_is_found_and_numbered_no_second_time(log, acts, sql):
    log.sequence(by=AUDITOR)
    [(leaf,)] = sql(("SELECT substr(nodes, 1, 32) FROM audit_log WHERE act = ?", [acts[0]]))
    sql(("INSERT INTO audit_queue (act, leaves, version) VALUES (?, ?, 1)", [acts[0], leaf]))
    assert found(log) == [waiting(acts[0])]
    assert "it waits though it is numbered" in str(log.verify(by=AUDITOR))
    with pytest.raises(ConflictError):
        log.sequence(by=AUDITOR)
    assert [seq for seq, _ in log.entries(by=AUDITOR)] == list(range(1, 9))


def test_an_entry_that_was_numbered_twice_is_found_though_every_hash_is_right(log, acts, sql):
    log.sequence(by=AUDITOR)
    rows = sql("SELECT act, line, substr(nodes, 1, 32) FROM audit_log ORDER BY seq")
    leaves = numbered(None, [(act, leaf) for act, _, leaf in [*rows, rows[4]]])
    sql(
        *WITHOUT_KEYS,
        ("INSERT INTO audit_log (act, line, nodes, peaks, seq) VALUES (?, ?, ?, ?, 9)",
         [*rows[4][:2], leaves[-1]["nodes"], leaves[-1]["peaks"]]),
    )  # fmt: skip
    assert found(log) == [(DamageKind.NUMBERED_TWICE, 9, f"{acts[1].hex()}-1")]
    assert "it stands under 5 and 9" in str(log.verify(by=AUDITOR))


def test_many_lost_entries_are_named_up_to_twenty(agency, note_down, log, sql):
    acts = [note_down(agency, 5) for _ in range(6)]
    sql("DELETE FROM audit_queue")
    assert found(log) == [
        waiting(act, line, DamageKind.NOT_NUMBERED) for act in acts[:4] for line in (1, 2, 3, 4, 5)
    ]


# --- the merge delay ------------------------------------------------------------------------------------


def test_what_waits_longer_than_the_merge_delay_is_damage_and_an_alarm(agency, note_down, log, clock):
    act = note_down(agency)
    delay = log.merge_delay(by=AUDITOR)
    assert (delay.waiting, delay.oldest, delay.limit) == (1, clock.now(), timedelta(seconds=60))
    clock.move(seconds=60)
    assert log.merge_delay(by=AUDITOR).is_kept
    assert log.verify(by=AUDITOR).is_sound
    clock.instant += timedelta(microseconds=1)
    assert not log.merge_delay(by=AUDITOR).is_kept
    [late] = log.verify(by=AUDITOR).damage
    assert (late.kind, late.entry_id) == (DamageKind.LATE, f"{act.hex()}-1")
    assert str(late).startswith(f"entry {act.hex()}-1: late; written 2026-01-07T15:00:00+00:00")


def test_whoever_looks_after_the_job_ends_the_alarm(agency, note_down, log, clock):
    note_down(agency)
    clock.move(hours=1)
    assert log.sequence(by=AUDITOR).numbered == 1
    assert log.merge_delay(by=AUDITOR).is_kept
    assert log.merge_delay(by=AUDITOR).waiting == 0
    assert log.verify(by=AUDITOR).is_sound


def test_the_merge_delay_is_the_rule_in_force(by_job, reform, note_down, clock):
    changed = reform({"audit.merge_delay_seconds": 5})
    agency = by_job(jurisdiction="US-GA-REFORM", plugins=changed)
    note_down(agency)
    clock.move(seconds=6)
    assert not agency.audit.merge_delay(by=AUDITOR).is_kept


@pytest.mark.parametrize(("behind", "late"), [(timedelta(seconds=50), False), (timedelta(minutes=5), True)])
def test_a_writer_whose_clock_is_behind_by_more_than_the_delay_is_an_alarm(
    agency, note_down, log, clock, behind, late
):
    """Its entries look as old as that until they are numbered, and then nothing is late."""
    clock.instant -= behind
    note_down(agency)
    clock.instant += behind
    assert log.merge_delay(by=AUDITOR).is_kept is not late
    log.sequence(by=AUDITOR)
    assert log.verify(by=AUDITOR).is_sound


def test_a_writer_whose_clock_is_ahead_is_no_alarm(agency, note_down, log, clock):
    clock.move(minutes=5)
    note_down(agency)
    clock.move(minutes=-5)
    assert log.merge_delay(by=AUDITOR).is_kept
    assert log.verify(by=AUDITOR).is_sound


def test_whatever_was_done_to_what_waits_the_log_that_is_numbered_can_be_read(log, acts, sql):
    sql(
        "UPDATE audit_queue SET leaves = x'00'",
        "DELETE FROM audit_entries WHERE act NOT IN (SELECT act FROM audit_log)",
    )
    assert [seq for seq, _ in log.entries(by=AUDITOR)] == [1, 2, 3]
    assert log.publish(by=AUDITOR).size == 3
