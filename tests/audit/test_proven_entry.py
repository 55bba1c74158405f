"""Entries as they are handed out: how they are written and read, and what proves them."""

import json
import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

import attrs
import pytest

from dcss_core.audit.checkpoint import Checkpoint
from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.inclusion_proof import prove_inclusion
from dcss_core.audit.numbering import NumberedLeaf, numbered
from dcss_core.audit.proven_entry import ProvenEntry
from dcss_core.audit.written_entry import PRUNED_FIELDS, WrittenEntry, written
from dcss_core.errors import InvalidInputError

NOW = datetime(2026, 1, 7, 15, 0, 0, 1, tzinfo=UTC)
SIZE = 5
NUMBERS = range(1, SIZE + 1)


def entry(number):
    at = NOW + timedelta(seconds=number)
    return AuditEntry(at, "case_opened", "staff:w-17", "case:Ö2", "203.0.113.7", '{"step":"größer"}')


def records(act, entries, salts):
    return [WrittenEntry(**fields) for fields in written(act, entries, salts).entries]


def an_act(first, entries):
    """So many entries of one act, the first of which has this number, each with its line."""
    numbers = range(first, first + entries)
    salts = b"".join(bytes([number]) * 16 for number in numbers)
    return list(zip(records(bytes([first]) * 24, list(map(entry, numbers)), salts), count(1)))


# A log that was begun before entries had ids: the leaves of 1 and 2 name their numbers.
OLD = [(attrs.evolve(each, leaf_version=1), line) for each, line in [*an_act(1, 1), *an_act(2, 1)]]
RECORDS = [*OLD, *an_act(3, 1), *an_act(4, 2)]
LEAVES = [each.leaf_hash(line, seq) for seq, (each, line) in enumerate(RECORDS, 1)]
NUMBERED = [NumberedLeaf(**fields) for fields in numbered(None, [(bytes(24), b"".join(LEAVES))])]


def both(left, right):
    return sha256(b"\x01" + left + right).digest()


# RFC 9162 §2.1.1 for five leaves: the first four are a perfect tree
SIGNED = Checkpoint("origin", SIZE, both(both(both(*LEAVES[:2]), both(*LEAVES[2:4])), LEAVES[4]))


def proof(number):
    return prove_inclusion(
        lambda level, index: NUMBERED[((index + 1) << level) - 1].node(level), number - 1, SIZE
    )


def proven(number):
    record, line = RECORDS[number - 1]
    return ProvenEntry.of(record, line, proof(number))


def pruned(number):
    record, line = RECORDS[number - 1]
    return ProvenEntry.of(attrs.evolve(record, **dict.fromkeys(PRUNED_FIELDS)), line, proof(number))


both_kinds = pytest.mark.parametrize("handed_out", [proven, pruned])


@both_kinds
def test_an_entry_is_read_as_it_was_written_and_proven_at_its_place(handed_out):
    for number in NUMBERS:
        read = ProvenEntry.from_json(handed_out(number).to_json())
        assert read == handed_out(number)
        assert read.is_in(SIGNED)


@both_kinds
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_line_may_end_in_a_line_break_or_not(handed_out, end):
    assert ProvenEntry.from_json(handed_out(2).to_json() + end) == handed_out(2)


RESPELLED = {
    "a key twice": ('{"seq"', '{"actor":"staff:FORGED","seq"'),
    "a key twice, the same both times": ('{"seq"', '{"actor":"staff:w-17","seq"'),
    "a key of the details twice": ('{"step"', '{"step":"FORGED","step"'),
    "a blank": ('"actor":', '"actor": '),
    "a blank in front": ('{"seq"', ' {"seq"'),
    "blanks in the salt": ('"salt":"', '"salt":" \\t'),
    "a blank in the commitment": ('"commitment":"', '"commitment":" '),
    "a blank in the path": ('"path":["', '"path":[" '),
    "Z": ("+00:00", "Z"),
    "a short instant": ("T15:00:03.000001", " 15:00:03.000001"),
    "an escape": ("ß", "\\u00df"),
    "an escape of a digit": ("203.0.113.7", "\\u003203.0.113.7"),
    "an accent of its own in the details": ("ö", "o\u0308"),
    "an accent of its own in the subject": ("Ö", "O\u0308"),
    "a text in place of the path": ("[", '"'),
    "another order": (
        '"kind":"case_opened","actor":"staff:w-17"',
        '"actor":"staff:w-17","kind":"case_opened"',
    ),
    "an id in capitals": (f"{'03' * 24}-1", f"{'0B' * 24}-1"),
    "a line of the act with a nought in front": ('03-1"', '03-01"'),
    "two line breaks": ("]}", "]}\n\n"),
    "a line break of Windows": ("]}", "]}\r\n"),
    "a number with an exponent": ('"size":5', '"size":5e0'),
    "a number with a fraction": ('"seq":3', '"seq":3.0'),
}


@pytest.mark.parametrize("how", RESPELLED)
def test_forged_export_a_line_spelled_otherwise_is_no_entry(how):
    """Another reader would see another thing in it, or could not tell that nothing was changed."""
    written, respelled = RESPELLED[how]
    line = proven(3).to_json()
    assert written in line
    with pytest.raises(InvalidInputError):
        ProvenEntry.from_json(line.replace(written, respelled, 1))


def test_an_accent_that_is_a_letter_of_its_own_is_composed_in_the_line_as_in_what_is_hashed():
    source = attrs.evolve(entry(3), source="Zoe\u0308")
    [record] = records(bytes(24), [source], bytes(16))
    root = record.leaf_hash(1, seq=1)
    line = ProvenEntry.of(record, 1, prove_inclusion(lambda level, index: root, 0, 1)).to_json()
    assert '"source":"Zo\u00eb"' in line
    assert ProvenEntry.from_json(line).is_in(Checkpoint("origin", 1, root))


@pytest.mark.parametrize("line", [None, 5, b"{}", proven(1).to_json().encode()])
def test_what_is_no_text_is_no_entry(line):
    with pytest.raises(InvalidInputError):
        ProvenEntry.from_json(line)


@pytest.mark.parametrize("field", ["kind", "actor", "subject", "source"])
@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "1", "true", "[]", "{}"])
def test_a_field_of_text_holds_text(field, value):
    line = re.sub(rf'"{field}":"[^"]*"', f'"{field}":{value}', proven(3).to_json())
    assert f'"{field}":{value},' in line
    with pytest.raises(InvalidInputError):
        ProvenEntry.from_json(line)


def test_an_entry_is_one_compact_line_in_which_letters_stand_as_people_read_them():
    line = proven(5).to_json()
    assert line.startswith(
        f'{{"seq":5,"id":"{"04" * 24}-2","at":"2026-01-07T15:00:05.000001+00:00","kind":"case_opened",'
    )
    assert '"subject":"case:Ö2","source":"203.0.113.7","details":{"step":"größer"},' in line
    assert "\n" not in line


def test_an_entry_from_before_entries_had_ids_is_the_line_it_was():
    """As it was handed out then, letter for letter."""
    line = proven(2).to_json()
    assert line.startswith('{"seq":2,"at":"2026-01-07T15:00:02.000001+00:00","kind":"case_opened",')
    assert proven(2).entry_id is None
    assert ProvenEntry.from_json(line).is_in(SIGNED)


@pytest.mark.parametrize(
    "entry_id", ["", "04", f"{'04' * 24}-0", f"{'04' * 24}-02", f"{'0A' * 24}-2", 5, None, ["04"]]
)
def test_what_is_no_id_is_no_entry(entry_id):
    line = json.loads(proven(5).to_json()) | {"id": entry_id}
    with pytest.raises(InvalidInputError):
        ProvenEntry.from_json(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


def test_an_entry_is_not_proven_under_the_id_of_another_or_none():
    assert not attrs.evolve(proven(5), entry_id=proven(4).entry_id).is_in(SIGNED)
    assert not attrs.evolve(proven(5), entry_id=None).is_in(SIGNED)
    assert not attrs.evolve(proven(2), entry_id=f"{'02' * 24}-1").is_in(SIGNED)


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize(
    ("written", "changed"),
    [
        ('"actor":"staff:w-17"', '"actor":"staff:w-18"'),
        ('"subject":"case:Ö2"', '"subject":"case:O2"'),
        ('"source":"203.0.113.7"', '"source":"203.0.113.8"'),
        ('"source":"203.0.113.7"', '"source":null'),
        ("größer", "kleiner"),
        ('"kind":"case_opened"', '"kind":"case_closed"'),
        ("15:00:0", "15:00:1"),
        ('"seq":', '"seq":1'),
        ('"size":5', '"size":6'),
        ('"salt":"0', '"salt":"1'),
    ],
)
def test_an_entry_with_any_field_changed_is_not_proven(number, written, changed):
    line = proven(number).to_json()
    assert written in line
    assert not ProvenEntry.from_json(line.replace(written, changed)).is_in(SIGNED)


@pytest.mark.parametrize("change", [{"size": SIZE - 1}, {"root": bytes(32)}])
def test_an_entry_is_not_proven_by_another_checkpoint(change):
    assert not proven(3).is_in(attrs.evolve(SIGNED, **change))


@both_kinds
@pytest.mark.parametrize("commitment", [b"", bytes(31), bytes(33)], ids=len)
def test_an_entry_whose_commitment_is_no_hash_is_not_proven(handed_out, commitment):
    assert not attrs.evolve(handed_out(3), commitment=commitment).is_in(SIGNED)


def test_an_entry_is_not_proven_by_the_proof_of_another():
    assert not attrs.evolve(proven(3), proof=proof(4)).is_in(SIGNED)


@pytest.mark.parametrize(
    ("field", "value"),
    [("actor", "staff:w-9"), ("subject", "case:Ö2"), ("source", "203.0.113.7"), ("details", {})],
)
def test_a_pruned_entry_can_be_given_no_contents_again(field, value):
    """Without the salt nothing would prove them."""
    line = json.loads(pruned(3).to_json()) | {field: value}
    with pytest.raises(InvalidInputError):
        ProvenEntry.from_json(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


def test_contents_without_their_salt_are_refused():
    line = json.loads(proven(3).to_json()) | {"salt": None}
    with pytest.raises(InvalidInputError):
        ProvenEntry.from_json(json.dumps(line, ensure_ascii=False, separators=(",", ":")))


@pytest.mark.parametrize(
    "line",
    [
        "",
        proven(1).to_json()[:-1],
        "{}",
        "5",
        "[" * 100_000,
        proven(1).to_json().replace("{", '{"more":1,', 1),
    ],
    ids=["nothing", "cut off", "another object", "a number", "a deep nest", "a field more"],
)
def test_any_other_text_is_no_entry(line):
    with pytest.raises(InvalidInputError) as refused:
        ProvenEntry.from_json(line)
    assert [(fault.where, fault.found) for fault in refused.value.faults] == [("line", "another text")]
