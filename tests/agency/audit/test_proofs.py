"""Proofs: a stranger with a checkpoint and a verifier key checks them, without the agency."""

import json

import attrs
import pytest

from dcss_core import Actor
from dcss_core.agency.audit.log import AuditLog
from dcss_core.audit.checkpoint import read_checkpoint
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.signed_note import VerifierKey
from dcss_core.errors import DcssError, InvalidInputError, NotFoundError
from dcss_core.memory.transaction import MemoryTransaction

AUDITOR = Actor.system("audit")


@pytest.fixture
def log(agency, opened_case, clerk):
    """14 entries."""
    for _ in range(13):
        agency.cases.find(opened_case, by=clerk)
    return agency.audit


@pytest.fixture
def checkpoint(log):
    return believed(log, AuditLog(log._resources, log._door).publish(by=AUDITOR).checkpoint)


def believed(log, note):
    return read_checkpoint(note, [VerifierKey.parse(key) for key in log.verifier_keys(by=AUDITOR)])


def test_every_entry_is_proven_to_whoever_has_the_checkpoint(log, checkpoint):
    for (seq, entry), line in zip(log.entries(by=AUDITOR), range(1, 15), strict=True):
        handed_out = log.inclusion_proof(line, by=AUDITOR).to_json()
        proven = ProvenEntry.from_json(handed_out)
        assert (proven.seq, proven.entry) == (seq, entry)
        assert proven.is_in(checkpoint)


def test_an_entry_is_proven_in_the_log_as_it_was(log, checkpoint, agency, opened_case, clerk):
    agency.cases.find(opened_case, by=clerk)
    assert log.inclusion_proof(3, 14, by=AUDITOR).is_in(checkpoint)
    assert not log.inclusion_proof(3, by=AUDITOR).is_in(checkpoint)  # that is the log of 15 entries


def test_another_entry_number_size_salt_or_content_is_not_proven(log, checkpoint):
    proven = log.inclusion_proof(5, by=AUDITOR)
    other = log.inclusion_proof(6, by=AUDITOR)
    changes = [
        {"seq": 6},
        {"entry": other.entry, "salt": other.salt},
        {"entry": attrs.evolve(proven.entry, actor="staff:worker-18")},
        {"entry": attrs.evolve(proven.entry, at=proven.entry.at.replace(microsecond=1))},
        {"entry": attrs.evolve(proven.entry, kind="case_opened")},
        {"entry": attrs.evolve(proven.entry, details="{}")},
        {"salt": bytes(16)},
        {"commitment": other.commitment},
        {"proof": other.proof},
        {"proof": attrs.evolve(proven.proof, size=13)},
        {"proof": attrs.evolve(proven.proof, index=5), "seq": 6},
    ]
    assert proven.is_in(checkpoint)
    assert [change for change in changes if attrs.evolve(proven, **change).is_in(checkpoint)] == []


def test_what_is_handed_out_without_its_salt_can_not_say_anything(log):
    line = log.inclusion_proof(5, by=AUDITOR).to_json()
    salt = log.inclusion_proof(5, by=AUDITOR).salt.hex()
    with pytest.raises(InvalidInputError, match="no entry"):
        ProvenEntry.from_json(line.replace(f'"{salt}"', "null"))


@pytest.mark.parametrize(
    "line", ["", "null", "[]", "{}", '{"seq":1}', "[" * 100_000, '{"seq":"\ud800"}', "5", '"text"']
)
def test_what_is_no_line_of_an_export_is_refused(line):
    with pytest.raises(InvalidInputError):
        ProvenEntry.from_json(line)


def test_a_line_with_a_value_of_another_kind_proves_nothing(log, checkpoint):
    def written(line):
        return json.dumps(line, ensure_ascii=False, separators=(",", ":"))

    line = json.loads(log.inclusion_proof(5, by=AUDITOR).to_json())
    assert ProvenEntry.from_json(written(line)).is_in(checkpoint)
    for field in ("seq", "at", "kind", "details", "salt", "commitment", "size", "path"):
        for value in (7.5, "x", True, [None], {"a": [1.5]}, None):
            try:
                proven = ProvenEntry.from_json(written({**line, field: value}))
            except InvalidInputError:
                continue
            assert not proven.is_in(checkpoint)


@pytest.mark.parametrize("seq", [0, -1, 15, 2**62])
def test_an_entry_that_is_not_there_is_not_found(log, seq):
    with pytest.raises(NotFoundError, match="no such entry"):
        log.inclusion_proof(seq, by=AUDITOR)


@pytest.mark.parametrize(("seq", "size"), [(5, 4), (5, 15), (5, 0), (5, -1)])
def test_a_size_without_the_entry_is_refused(log, seq, size):
    with pytest.raises(InvalidInputError):
        log.inclusion_proof(seq, size, by=AUDITOR)


@pytest.mark.parametrize(("earlier", "later"), [(5, 4), (15, None), (-1, 3), (0, 15)])
def test_growth_is_proven_between_sizes_the_log_had(log, earlier, later):
    with pytest.raises(InvalidInputError):
        log.consistency_proof(earlier, later, by=AUDITOR)


def test_a_number_of_more_digits_than_python_writes_is_refused(log):
    huge = 10**5_000
    for call in (
        lambda: log.consistency_proof(huge, by=AUDITOR),
        lambda: log.consistency_proof(0, huge, by=AUDITOR),
        lambda: log.inclusion_proof(huge, by=AUDITOR),
        lambda: log.inclusion_proof(5, huge, by=AUDITOR),
    ):
        with pytest.raises(DcssError):
            call()


def test_the_empty_log_grew_to_any(log, checkpoint):
    assert log.consistency_proof(0, by=AUDITOR).path == ()


def test_a_proof_reads_few_rows_by_few_questions(fragile, case_application, clerk_of, monkeypatch):
    agency, storage = fragile
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    for _ in range(99):
        agency.cases.find(case_application.case_number, by=clerk)
    agency.audit.sequence(by=AUDITOR)
    get_each, rows = MemoryTransaction.get_each, []

    def counted(transaction, collection, keys):
        rows.append(len(keys))
        return get_each(transaction, collection, keys)

    monkeypatch.setattr(MemoryTransaction, "get_each", counted)
    for seq in range(1, 101):
        asked = []
        storage.called = lambda method, name, asked=asked: asked.append((method, name))
        rows.clear()
        agency.audit.inclusion_proof(seq, 100, by=AUDITOR)
        # the entry, its leaf, and for 100 = 64 + 32 + 4 at most six beside its way up through 64 leaves, with
        # the two other peaks
        assert sum(rows) <= 2 + 6 + 2
        # whether anything waits for its number, how long the log is, leaf and tree at once, and the entry
        assert [method for method, _ in asked] == ["find", "find", "get_each", "get_each"]


def test_what_a_verb_writes_down_asks_nothing_of_the_log_and_shares_no_row_of_it(
    fragile, case_application, clerk_of
):
    agency, storage = fragile
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    for _ in range(20):
        asked = []
        storage.called = lambda method, name, asked=asked: asked.append((method, name))
        agency.cases.find(case_application.case_number, by=clerk)
        about_the_log = [each for each in asked if each[1].startswith(("audit_", "sequencer_"))]
        assert about_the_log == [("append", "audit_entries"), ("insert", "audit_queue")]


def test_a_batch_is_numbered_with_one_look_at_the_log_and_one_writing(fragile, case_application, clerk_of):
    agency, storage = fragile
    clerk = clerk_of(agency)
    agency.cases.open(case_application, by=clerk)
    for _ in range(20):
        agency.cases.find(case_application.case_number, by=clerk)
    asked = []
    storage.called = lambda method, name: asked.append((method, name))
    agency.audit.publish(by=AUDITOR)
    assert [name for method, name in asked if method == "append"] == ["audit_log"]
    assert [name for method, name in asked if method == "delete"] == ["audit_queue"]
    numbering = asked[: asked.index(("delete", "audit_queue"))]
    assert [method for method, name in numbering if name == "audit_log"] == ["find", "append"]
