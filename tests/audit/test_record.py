"""Records: the bytes that are hashed, and what can be erased of them."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.audit.entry import AuditEntry
from dcss_core.audit.merkle_tree import GrowingTree
from dcss_core.audit.record import PRUNED_FIELDS, contents_of, grown_by, leaf_of, tree_after
from dcss_core.errors import InvariantError

NOW = datetime(2026, 1, 7, 15, 0, 0, 1, tzinfo=UTC)
ENTRY = AuditEntry(NOW, "case_opened", "staff:w-17", "case:A1", None, '{"case_number":"A1","count":2}')
SALT = bytes(range(16))
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def entries(count):
    return [attrs.evolve(ENTRY, at=NOW + timedelta(seconds=number)) for number in range(count)]


def salts(count):
    return [bytes([number % 256]) * 16 for number in range(count)]


def test_a_leaf_commits_to_the_contents_and_names_its_number():
    [record] = grown_by(None, [ENTRY], [SALT])
    contents = (
        b'{"actor":"staff:w-17","details":{"case_number":"A1","count":2},'
        b'"salt":"000102030405060708090a0b0c0d0e0f","source":null,"subject":"case:A1"}'
    )
    commitment = sha256(contents).hexdigest()
    leaf = (
        f'{{"at":"2026-01-07T15:00:00.000001+00:00","commitment":"{commitment}",'
        '"kind":"case_opened","seq":1,"v":1}'
    )
    assert contents_of(ENTRY, SALT) == contents
    assert record.commitment.hex() == commitment
    assert record.leaf(1) == leaf.encode()
    # RFC 9162 §2.1.1: a leaf is hashed behind a zero byte; it is the whole tree
    assert record.nodes == sha256(b"\x00" + leaf.encode()).digest()
    assert record.peaks == b""


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
    [record] = grown_by(None, [entry], [SALT])
    leaf = record.leaf(1).decode()
    assert canonical(json.loads(leaf)) == leaf


def test_the_leaf_is_the_same_whatever_the_seed_of_the_hash():
    code = (
        "from datetime import UTC, datetime\n"
        "from dcss_core.audit.entry import AuditEntry, canonical_json\n"
        "from dcss_core.audit.record import grown_by\n"
        "details = canonical_json({name: [name, 1] for name in {'b', 'a', 'c', 'd'}})\n"
        "entry = AuditEntry(datetime(2026, 1, 7, tzinfo=UTC), 'k', 'a', 's', None, details)\n"
        "print(grown_by(None, [entry], [bytes(16)])[0].nodes.hex())"
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


def test_equal_entries_have_unequal_commitments():
    one, two = grown_by(None, [ENTRY, ENTRY], [SALT, bytes(16)])
    assert one.commitment != two.commitment


@pytest.mark.parametrize("groups", [[1] * 40, [40], [3, 1, 7, 13, 16], [8, 8, 8, 8, 8]])
def test_the_tree_is_the_same_however_entries_are_grouped(groups):
    whole = grown_by(None, entries(40), salts(40))
    last, begun, records = None, 0, []
    for group in groups:
        records += grown_by(last, entries(40)[begun : begun + group], salts(40)[begun : begun + group])
        begun += group
        last = (begun, records[-1])
    assert [each.nodes for each in records] == [each.nodes for each in whole]
    tree = GrowingTree()
    for record in whole:
        tree.add(record.node(0))
    assert tree_after(40, records[-1]).root() == tree.root()


def test_only_the_last_of_a_group_holds_what_the_log_goes_on_from():
    assert [each.peaks is None for each in grown_by(None, entries(5), salts(5))] == [True] * 4 + [False]


def test_every_perfect_subtree_stands_in_the_record_of_its_last_leaf():
    records = grown_by(None, entries(64), salts(64))
    tree = GrowingTree()
    for number, record in enumerate(records, start=1):
        assert record.nodes == tree.add(record.node(0))
        assert record.node((number & -number).bit_length() - 1) == record.nodes[-32:]


def test_pruning_leaves_a_leaf_as_it_was():
    [record] = grown_by(None, [ENTRY], [SALT])
    pruned = attrs.evolve(record, **dict.fromkeys(PRUNED_FIELDS))
    assert pruned.is_pruned
    assert pruned.leaf(1) == record.leaf(1)
    assert pruned.holds_what_it_commits_to()
    assert pruned.entry == AuditEntry(NOW, "case_opened", None, None, None, None)
    assert pruned.entry.is_pruned


@pytest.mark.parametrize("kept", PRUNED_FIELDS)
def test_a_record_that_lost_only_some_is_not_pruned_but_damaged(kept):
    [record] = grown_by(None, [attrs.evolve(ENTRY, source="203.0.113.7")], [SALT])
    assert record.holds_what_it_commits_to()
    others = [field for field in PRUNED_FIELDS if field != kept]
    for lost in (others, [kept]):
        damaged = attrs.evolve(record, **dict.fromkeys(lost))
        assert not damaged.is_pruned
        assert not damaged.holds_what_it_commits_to()


@pytest.mark.parametrize("peaks", [None, b"", bytes(31), bytes(32), bytes(96)])
def test_a_log_does_not_go_on_from_hashes_that_do_not_fit(peaks):
    last = grown_by(None, entries(7), salts(7))[-1]  # 7 = 4 + 2 + 1: three peaks, the last its own
    with pytest.raises(InvariantError, match="changed by hand"):
        grown_by((7, attrs.evolve(last, peaks=peaks)), [ENTRY], [SALT])


def test_a_node_that_a_record_does_not_hold_is_missed():
    [record] = grown_by(None, [ENTRY], [SALT])
    with pytest.raises(InvariantError, match="lacks hashes"):
        record.node(1)


def test_half_a_character_is_hashed_as_it_is_and_left_for_the_storage_to_refuse():
    # U+D800 in the generalised UTF-8 that RFC 3629 §3 forbids to store: ED A0 80
    half = attrs.evolve(ENTRY, actor="\ud800", kind="\ud800")
    assert b'"actor":"\xed\xa0\x80"' in contents_of(half, SALT)
    assert b'"kind":"\xed\xa0\x80"' in leaf_of(1, NOW, half.kind, bytes(32))


@pytest.mark.parametrize(("entry_count", "salt_count"), [(2, 1), (1, 2)])
def test_every_entry_has_a_salt_of_its_own(entry_count, salt_count):
    with pytest.raises(ValueError, match=r"shorter|longer"):
        grown_by(None, entries(entry_count), salts(salt_count))
