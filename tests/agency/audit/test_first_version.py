"""A log that was begun before entries had ids: it goes on, and its old proofs and exports hold."""

import json
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from dcss_core import Actor, CaseNumber
from dcss_core.agency.audit.log import AuditLog
from dcss_core.audit import DamageKind, ExportReason, ProvenEntry, VerifierKey, read_checkpoint, verify_export
from dcss_core.base.dates import DateRange
from dcss_core.users.staff.member import StaffRole

from .tampering import ENTRY, Statements, the_entry

AUDITOR = Actor.system("audit")
BEGUN = datetime(2026, 1, 5, 9, tzinfo=UTC)
HERE = Path(__file__).parent / "first_version"


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def largest_power_of_two_below(count):
    return next(1 << power for power in range(64) if (1 << power) < count <= (2 << power))


def mth(hashes):
    """MTH of RFC 9162 §2.1.1, of leaves that are hashed already."""
    if len(hashes) == 1:
        return hashes[0]
    k = largest_power_of_two_below(len(hashes))
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


class OldLog:
    """So many entries as the first version wrote them, each in a group of its own."""

    def __init__(self, entries):
        self.rows, self.leaves, hashes = [], [], []
        for seq in range(1, entries + 1):
            at, salt = BEGUN + timedelta(minutes=seq), bytes([seq]) * 16
            details = {"case_number": "0004567890", "view": f"vi\u00ebw {seq}"}
            contents = {
                "actor": "staff:worker-9",
                "details": details,
                "salt": salt.hex(),
                "source": "203.0.113.7",
                "subject": "case:0004567890",
            }
            commitment = sha256(canonical(contents).encode()).digest()
            leaf = {
                "at": at.isoformat(),
                "commitment": commitment.hex(),
                "kind": "sensitive_read",
                "seq": seq,
                "v": 1,
            }
            hashes.append(sha256(b"\x00" + canonical(leaf).encode()).digest())
            stored_at = at.strftime("%Y-%m-%d %H:%M:%S.%f")
            self.rows.append(
                [
                    self.act(seq),
                    stored_at,
                    "sensitive_read",
                    contents["actor"],
                    contents["subject"],
                    contents["source"],
                    canonical(details),
                    salt,
                    commitment,
                    1,
                    1,
                ]
            )
            subtrees = [mth(hashes[seq - (1 << level) : seq]) for level in range((seq & -seq).bit_length())]
            self.leaves.append([self.act(seq), 1, b"".join(subtrees), self.peaks(hashes), seq])

    @staticmethod
    def act(seq):
        return seq.to_bytes(24, "big")

    @staticmethod
    def peaks(hashes):
        """The roots of the perfect trees the log falls into, but for the last."""
        peaks, start = [], 0
        for level in reversed(range(len(hashes).bit_length())):
            if len(hashes) >> level & 1:
                peaks.append(mth(hashes[start : start + (1 << level)]))
                start += 1 << level
        return b"".join(peaks[:-1])


@pytest.fixture
def agency(opener, sqlite_url, case_application, long_appointed):
    """An agency whose log has eleven entries of the first version."""
    agency = opener(sqlite_url)
    sql = Statements(sqlite_url)
    old = OldLog(11)
    for row, leaf in zip(old.rows, old.leaves, strict=True):
        sql(
            (f"INSERT INTO audit_entries ({ENTRY}) VALUES ({', '.join('?' * len(row))})", row),
            ("INSERT INTO audit_log (act, line, nodes, peaks, seq) VALUES (?, ?, ?, ?, ?)", leaf),
        )
    return agency


@pytest.fixture
def officer(agency, long_appointed):
    return long_appointed(agency, "worker-17", StaffRole.CASE_WORKER, StaffRole.RECORDS_OFFICER)


@pytest.fixture
def gone_on(agency, officer, case_application, intake):
    """The log with six entries of today behind the eleven: a case opened, and looked at five times."""
    number = agency.cases.open(case_application, by=intake).case_number
    for _ in range(5):
        agency.cases.find(number, by=officer)
    return agency


def test_what_the_first_version_wrote_is_sound_and_is_read(agency):
    assert agency.audit.verify(by=AUDITOR).is_sound
    entries = list(agency.audit.entries(by=AUDITOR))
    assert [seq for seq, _ in entries] == list(range(1, 12))
    assert {entry.actor for _, entry in entries} == {"staff:worker-9"}


def test_the_log_goes_on_behind_it_and_is_one_tree(gone_on):
    before = AuditLog(gone_on.audit._resources, gone_on.audit._door).verify(by=AUDITOR)
    assert (before.is_sound, before.size) == (True, 17)
    note = gone_on.audit.publish(by=AUDITOR).checkpoint
    assert gone_on.audit.verify([note], by=AUDITOR).signed_size == 17


def test_a_checkpoint_of_the_old_log_is_continued_by_one_of_the_log_that_went_on(
    agency, officer, case_application, intake
):
    keys = [VerifierKey.parse(each) for each in agency.audit.verifier_keys(by=AUDITOR)]
    old = read_checkpoint(agency.audit.publish(by=AUDITOR).checkpoint, keys)
    agency.cases.open(case_application, by=intake)
    new = read_checkpoint(agency.audit.publish(by=AUDITOR).checkpoint, keys)
    assert (old.size, new.size) == (11, 12)
    assert old.is_continued_by(new, agency.audit.consistency_proof(11, 12, by=AUDITOR))


def test_entries_of_both_versions_are_proven(gone_on):
    keys = [VerifierKey.parse(each) for each in gone_on.audit.verifier_keys(by=AUDITOR)]
    checkpoint = read_checkpoint(gone_on.audit.publish(by=AUDITOR).checkpoint, keys)
    for seq in range(1, 18):
        line = gone_on.audit.inclusion_proof(seq, by=AUDITOR).to_json()
        assert ("id" in json.loads(line)) is (seq > 11)
        assert ProvenEntry.from_json(line).is_in(checkpoint)


def test_an_export_over_both_versions_verifies(gone_on, officer):
    lines = list(
        gone_on.audit.export(
            period=DateRange(date(2026, 1, 1)),
            reason=ExportReason.SUBPOENA,
            reference="26-1234",
            by=officer,
        )
    )
    assert [json.loads(line)["seq"] for line in lines[2:]] == list(range(1, 18))
    keys = gone_on.audit.verifier_keys(by=AUDITOR)
    assert verify_export(lines, keys).is_sound
    changed = [lines[2].replace("worker-9", "worker-8"), lines[14].replace("worker-17", "worker-8")]
    assert not verify_export([*lines[:2], changed[0], *lines[3:]], keys).is_sound
    assert not verify_export([*lines[:14], changed[1], *lines[15:]], keys).is_sound


def test_an_export_that_the_first_version_handed_out_still_verifies():
    key = (HERE / "verifier_key.txt").read_text(encoding="utf-8").strip()
    lines = (HERE / "export.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    report = verify_export(lines, [key])
    assert (report.is_sound, report.entries, report.size) == (True, 4, 6)
    for place in range(1, len(lines)):
        forged = lines[place].replace("staff:", "parent:").replace("system:", "parent:")
        assert forged != lines[place]
        assert not verify_export([*lines[:place], forged, *lines[place + 1 :]], [key]).is_sound
        assert ProvenEntry.from_json(lines[place]).to_json() == lines[place].removesuffix("\n")


@pytest.mark.usefixtures("believed_clock")
def test_what_the_first_version_wrote_is_pruned_as_everything_is(gone_on, clock, officer):
    clock.instant = datetime(2033, 1, 9, tzinfo=UTC)
    gone_on.cases.find(CaseNumber("0004567890"), by=officer)
    assert gone_on.audit.prune(before=date(2026, 1, 6), by=Actor.system("retention")).entries == 11
    report = gone_on.audit.verify(by=AUDITOR)
    assert (report.is_sound, report.pruned, report.pruned_through) == (True, 11, 11)


@pytest.mark.parametrize("column", ["kind", "actor", "subject", "source"])
def test_an_edit_is_found(gone_on, sqlite_url, column):
    gone_on.audit.sequence(by=AUDITOR)
    Statements(sqlite_url)(f"UPDATE audit_entries SET {column} = 'other' WHERE {the_entry(4)}")
    [damage] = gone_on.audit.verify(by=AUDITOR).damage
    assert (damage.kind, damage.seq) == (DamageKind.EDITED, 4)


@pytest.mark.parametrize("version", [0, 2, 3])
def test_another_version_of_its_leaf_is_found(gone_on, sqlite_url, version):
    """With it an entry would stand under its id instead of its number."""
    gone_on.audit.sequence(by=AUDITOR)
    Statements(sqlite_url)(f"UPDATE audit_entries SET leaf_version = {version} WHERE {the_entry(4)}")
    [damage] = gone_on.audit.verify(by=AUDITOR).damage
    assert (damage.kind, damage.seq) == (DamageKind.EDITED, 4)


@pytest.mark.parametrize(("one", "other"), [(3, 5), (4, 8), (1, 11)])
def test_two_records_that_changed_places_with_their_hashes_are_found_by_the_numbers_in_their_leaves(
    gone_on, sqlite_url, one, other
):
    gone_on.audit.sequence(by=AUDITOR)
    Statements(sqlite_url)(
        f"UPDATE audit_log SET seq = -1 WHERE seq = {one}",
        f"UPDATE audit_log SET seq = {one} WHERE seq = {other}",
        f"UPDATE audit_log SET seq = {other} WHERE seq = -1",
    )
    [damage] = gone_on.audit.verify(by=AUDITOR).damage
    assert (damage.kind, damage.seq) == (DamageKind.REORDERED, one)
    assert f"that of record {other} were exchanged" in damage.what


def test_an_entry_of_the_first_version_that_waits_is_no_entry_that_was_written(gone_on, sqlite_url):
    """Nobody writes such a leaf any more: it names a number that is not given yet."""
    gone_on.audit.sequence(by=AUDITOR)
    sql = Statements(sqlite_url)
    forged = bytes([7]) * 24
    others = "at, kind, actor, subject, source, details, salt, commitment, 1, seq"
    sql(
        (f"INSERT INTO audit_entries ({ENTRY}) SELECT ?, {others} FROM audit_entries WHERE act = ?",
         [forged, OldLog.act(4)]),
        ("INSERT INTO audit_queue (act, leaves, version) SELECT ?, substr(nodes, 1, 32), 1 FROM audit_log "
         "WHERE seq = 4", [forged]),
    )  # fmt: skip
    assert DamageKind.EDITED in [each.kind for each in gone_on.audit.verify(by=AUDITOR).damage]
