"""Written entries: the bytes that are hashed, and what can be erased of them."""

import json
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.entry_id import EntryId
from dcss_core.audit.written_entry import (
    PRUNED_FIELDS,
    SALT_BYTES,
    WrittenEntry,
    contents_of,
    leaf_of,
    numbered_leaf_of,
    written,
)
from dcss_core.errors import InvariantError

NOW = datetime(2026, 1, 7, 15, 0, 0, 1, tzinfo=UTC)
ENTRY = AuditEntry(NOW, "case_opened", "staff:w-17", "case:A1", None, '{"case_number":"A1","count":2}')
SALT = bytes(range(16))
ACT = bytes(range(100, 124))
NAME = "6465666768696a6b6c6d6e6f707172737475767778797a7b"  # 100 to 123, in hexadecimal
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def records(entries, salts=SALT):
    """The entries of an act, as records."""
    return [WrittenEntry(**fields) for fields in written(ACT, entries, salts).entries]


def hashed(leaf):
    """RFC 9162 §2.1.1: a leaf is hashed behind a zero byte."""
    return sha256(b"\x00" + leaf.encode()).digest()


def test_a_leaf_commits_to_the_contents_and_names_the_entrys_own_id():
    [record] = records([ENTRY])
    contents = (
        b'{"actor":"staff:w-17","details":{"case_number":"A1","count":2},'
        b'"salt":"000102030405060708090a0b0c0d0e0f","source":null,"subject":"case:A1"}'
    )
    commitment = sha256(contents).hexdigest()
    leaf = (
        f'{{"at":"2026-01-07T15:00:00.000001+00:00","commitment":"{commitment}",'
        f'"id":"{NAME}-1","kind":"case_opened","v":2}}'
    )
    assert contents_of(ENTRY, SALT) == contents
    assert record.commitment.hex() == commitment
    assert leaf_of(EntryId(ACT, 1), NOW, "case_opened", record.commitment) == leaf.encode()
    assert record.leaf_hash(1, seq=5) == hashed(leaf)


def test_a_leaf_of_the_first_version_names_its_number():
    [record] = records([ENTRY])
    first = attrs.evolve(record, leaf_version=1)
    leaf = (
        f'{{"at":"2026-01-07T15:00:00.000001+00:00","commitment":"{record.commitment.hex()}",'
        '"kind":"case_opened","seq":5,"v":1}'
    )
    assert first.names_its_number
    assert numbered_leaf_of(5, NOW, "case_opened", record.commitment) == leaf.encode()
    assert first.leaf_hash(1, seq=5) == hashed(leaf)


@pytest.mark.parametrize("version", [0, 1, 3, 2**62])
def test_no_two_versions_have_one_leaf(version):
    [record] = records([ENTRY])
    assert attrs.evolve(record, leaf_version=version).leaf_hash(1, seq=5) != record.leaf_hash(1, seq=5)


def test_an_entry_is_read_with_its_id_as_a_line_of_its_act():
    record, second = records([ENTRY, ENTRY], SALT * 2)
    assert record.read_as(1) == ENTRY
    assert (record.read_as(1).entry_id, second.read_as(2).entry_id) == (f"{NAME}-1", f"{NAME}-2")
    assert record.entry.entry_id is None


def test_no_two_entries_of_any_acts_have_one_leaf():
    record, twin = records([ENTRY, ENTRY], SALT * 2)
    assert record.commitment == twin.commitment
    elsewhere = attrs.evolve(record, act=bytes(24))
    leaves = {record.leaf_hash(1, seq=0), twin.leaf_hash(2, seq=0), elsewhere.leaf_hash(1, seq=0)}
    assert len(leaves) == 3


@given(texts, texts, texts | st.none(), st.dictionaries(texts, texts | st.integers() | st.none()))
def test_what_is_hashed_is_canonical_json_whatever_the_entry_says(actor, subject, source, details):
    def canonical(value):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    entry = AuditEntry(NOW, "kind", actor, subject, source, canonical(details))
    contents = json.loads(contents_of(entry, SALT))
    assert contents["details"] == details
    rebuilt = {**contents, "details": details}
    # NFC is applied to what an event says; json itself leaves code points as they are
    assert json.loads(canonical(rebuilt)) == contents
    [record] = records([entry])
    leaf = leaf_of(EntryId(ACT, 1), record.at, record.kind, record.commitment).decode()
    assert canonical(json.loads(leaf)) == leaf
    assert record.leaf_hash(1, seq=0) == hashed(leaf)


def test_the_leaf_is_the_same_whatever_the_seed_of_the_hash():
    code = (
        "from datetime import UTC, datetime\n"
        "from dcss_core.audit.entry import AuditEntry, canonical_json\n"
        "from dcss_core.audit.written_entry import written\n"
        "details = canonical_json({name: [name, 1] for name in {'b', 'a', 'c', 'd'}})\n"
        "entry = AuditEntry(datetime(2026, 1, 7, tzinfo=UTC), 'k', 'a', 's', None, details)\n"
        "print(written(bytes(24), [entry], bytes(16)).leaves.hex())"
    )
    hashes = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(hashes) == 1


entries = st.builds(
    AuditEntry,
    st.datetimes(timezones=st.just(UTC)),
    texts,
    texts,
    texts | st.none(),
    texts | st.none(),
    texts,
)


@given(st.lists(entries, min_size=1, max_size=5), st.data())
def test_an_act_is_written_as_each_of_its_entries_is(many, data):
    salts = data.draw(st.binary(min_size=16 * len(many), max_size=16 * len(many)))
    act = written(ACT, many, salts)
    made = [WrittenEntry(**fields) for fields in act.entries]
    assert [each.entry for each in made] == many
    assert b"".join(each.salt for each in made) == salts
    assert all(each.holds_what_it_commits_to() for each in made)
    leaves = [each.leaf_hash(line, seq=0) for line, each in enumerate(made, 1)]
    assert act.leaves == b"".join(leaves)


def test_equal_entries_have_unequal_commitments():
    one, two = records([ENTRY, ENTRY], SALT + bytes(16))
    assert (one.salt, two.salt) == (SALT, bytes(16))
    assert one.commitment != two.commitment


@pytest.mark.parametrize(("entry_count", "salt_count"), [(2, 1), (1, 2), (1, 0)])
def test_every_entry_has_a_salt_of_its_own(entry_count, salt_count):
    with pytest.raises(InvariantError, match="a salt of its own"):
        written(ACT, [ENTRY] * entry_count, bytes(SALT_BYTES * salt_count))


def test_pruning_leaves_a_leaf_as_it_was():
    [record] = records([ENTRY])
    pruned = attrs.evolve(record, **dict.fromkeys(PRUNED_FIELDS))
    assert pruned.is_pruned
    assert pruned.leaf_hash(1, seq=0) == record.leaf_hash(1, seq=0)
    assert pruned.holds_what_it_commits_to()
    assert pruned.entry == AuditEntry(NOW, "case_opened", None, None, None, None)
    assert pruned.entry.is_pruned


@pytest.mark.parametrize("kept", PRUNED_FIELDS)
def test_a_record_that_lost_only_some_is_not_pruned_but_damaged(kept):
    [record] = records([attrs.evolve(ENTRY, source="203.0.113.7")])
    assert record.holds_what_it_commits_to()
    others = [field for field in PRUNED_FIELDS if field != kept]
    for lost in (others, [kept]):
        damaged = attrs.evolve(record, **dict.fromkeys(lost))
        assert not damaged.is_pruned
        assert not damaged.holds_what_it_commits_to()


def test_half_a_character_is_hashed_as_it_is_and_left_for_the_storage_to_refuse():
    # U+D800 in the generalised UTF-8 that RFC 3629 §3 forbids to store: ED A0 80
    half = attrs.evolve(ENTRY, actor="\ud800", kind="\ud800")
    assert b'"actor":"\xed\xa0\x80"' in contents_of(half, SALT)
    assert b'"kind":"\xed\xa0\x80"' in leaf_of(EntryId(ACT, 1), NOW, half.kind, bytes(32))
    assert b'"kind":"\xed\xa0\x80"' in numbered_leaf_of(1, NOW, half.kind, bytes(32))
