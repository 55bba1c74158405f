"""Consistency proofs: made as RFC 9162 §2.1.4.1 says, checked as §2.1.4.2 says."""

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from dcss_core.audit.checkpoint import Checkpoint
from dcss_core.audit.consistency_proof import ConsistencyProof, prove_consistency
from dcss_core.audit.merkle_tree import EMPTY_ROOT, leaf_hash, node_hash
from dcss_core.errors import InvalidInputError


def flipped(value, bit):
    """A hash with one bit changed."""
    place = bit % (8 * len(value))
    return bytes(byte ^ (1 << place % 8 if at == place // 8 else 0) for at, byte in enumerate(value))


def test_the_example_of_the_rfc():
    # RFC 6962 §2.1.3 and RFC 9162 §2.1.5: how the trees of 3, 4 and 6 leaves grew to 7
    a, b, c, d, e, f, j = leaves = [leaf_hash(f"d{number}".encode()) for number in range(7)]
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741
    nodes = dict(enumerate(leaves)) | {(1, 0): g, (1, 1): h, (1, 2): i, (2, 0): k}

    def read(level, index):
        return nodes[(level, index) if level else index]

    proofs = [prove_consistency(read, size, 7) for size in (3, 4, 6)]
    assert [proof.path for proof in proofs] == [(c, d, g, l), (l,), (i, j, k)]
    roots = [node_hash(g, c), k, node_hash(k, i)]
    assert all(proof.proves(root, node_hash(k, l)) for proof, root in zip(proofs, roots, strict=True))


@settings(max_examples=40, deadline=None)
@given(later=st.integers(1, 300))
def test_every_earlier_tree_is_proven_by_the_path_of_the_rfc(rfc, later):
    for earlier in range(1, later + 1):
        proof = prove_consistency(rfc.read, earlier, later)
        assert proof == ConsistencyProof(earlier, later, rfc.proof(earlier, later))
        assert proof.proves(rfc.root(earlier), rfc.root(later))


@settings(max_examples=100, deadline=None)
@given(later=st.integers(2, 300), data=st.data())
def test_any_changed_bit_fails(rfc, later, data):
    earlier = data.draw(st.integers(1, later - 1))
    bit = data.draw(st.integers(0, 255))
    proof, was, now = prove_consistency(rfc.read, earlier, later), rfc.root(earlier), rfc.root(later)
    assert not proof.proves(flipped(was, bit), now)
    assert not proof.proves(was, flipped(now, bit))
    assert not proof.proves(now, was)
    for place, each in enumerate(proof.path):
        path = (*proof.path[:place], flipped(each, bit), *proof.path[place + 1 :])
        assert not attrs.evolve(proof, path=path).proves(was, now)


@settings(max_examples=100, deadline=None)
@given(later=st.integers(2, 300), data=st.data())
def test_a_path_that_is_longer_or_shorter_fails(rfc, later, data):
    earlier = data.draw(st.integers(1, later - 1))
    proof, was, now = prove_consistency(rfc.read, earlier, later), rfc.root(earlier), rfc.root(later)
    for path in ((*proof.path, now), (was, *proof.path), proof.path[:-1], proof.path[1:], ()):
        assert not attrs.evolve(proof, path=path).proves(was, now)


@pytest.mark.parametrize("claimed", [9, 16, 100, 2**40])
def test_a_path_too_short_for_the_size_it_claims_fails(rfc, claimed):
    proof = prove_consistency(rfc.read, 4, 7)  # one hash; from 4 to more than 8 it takes more
    assert proof.proves(rfc.root(4), rfc.root(7))
    assert not attrs.evolve(proof, later_size=claimed).proves(rfc.root(4), rfc.root(7))


@pytest.mark.parametrize("size", [1, 2, 7, 8])
def test_a_tree_is_consistent_with_itself_by_an_empty_proof(rfc, size):
    proof = prove_consistency(rfc.read, size, size)
    assert proof.path == ()
    assert proof.proves(rfc.root(size), rfc.root(size))
    assert not proof.proves(rfc.root(size), rfc.root(size + 1))
    assert not attrs.evolve(proof, path=(rfc.root(size),)).proves(rfc.root(size), rfc.root(size))


@pytest.mark.parametrize("later", [0, 1, 5])
def test_every_tree_is_consistent_with_the_empty_one(rfc, later):
    proof = prove_consistency(rfc.read, 0, later)
    assert proof.path == ()
    assert proof.proves(EMPTY_ROOT, rfc.root(later))
    assert not proof.proves(rfc.root(1), rfc.root(later))
    assert not attrs.evolve(proof, path=(EMPTY_ROOT,)).proves(EMPTY_ROOT, rfc.root(later))


@pytest.mark.parametrize(("earlier", "later"), [(2, 1), (-1, 1), (1, 0)])
def test_a_tree_that_shrank_is_neither_proven_nor_believed(rfc, earlier, later):
    with pytest.raises(InvalidInputError, match="had before"):
        prove_consistency(rfc.read, earlier, later)
    assert not ConsistencyProof(earlier, later, ()).proves(EMPTY_ROOT, EMPTY_ROOT)


def test_checkpoints_bind_the_sizes_and_the_log(rfc):
    proof = prove_consistency(rfc.read, 6, 8)
    earlier, later = (Checkpoint("a.example/log", size, rfc.root(size)) for size in (6, 8))
    assert earlier.is_continued_by(later, proof)
    assert not later.is_continued_by(earlier, proof)
    assert not earlier.is_continued_by(attrs.evolve(later, origin="b.example/log"), proof)
    for size in (5, 7, 9):
        assert not attrs.evolve(earlier, size=size).is_continued_by(later, proof)
        assert not earlier.is_continued_by(attrs.evolve(later, size=size), proof)


def test_two_empty_trees_have_the_root_of_the_empty_tree(rfc):
    assert ConsistencyProof(0, 0, ()).proves(EMPTY_ROOT, EMPTY_ROOT)
    assert not ConsistencyProof(0, 0, ()).proves(rfc.root(1), rfc.root(1))


def test_the_size_that_can_not_be_is_named(rfc):
    with pytest.raises(InvalidInputError) as refused:
        prove_consistency(rfc.read, 3, 2)
    assert [str(fault) for fault in refused.value.faults] == ["earlier_size: found 3, expected 0 to 2"]


@pytest.mark.parametrize("value", [b"", b"x", bytes(31), bytes(33), bytes(64)], ids=len)
def test_what_has_not_the_32_bytes_of_a_hash_proves_nothing(rfc, value):
    assert not ConsistencyProof(1, 1, ()).proves(value, value)
    proof = prove_consistency(rfc.read, 3, 7)
    assert not proof.proves(value, rfc.root(7))
    assert not proof.proves(rfc.root(3), value)
    with pytest.raises(InvalidInputError) as refused:
        ConsistencyProof(3, 7, (rfc.root(1), value))
    assert [str(fault) for fault in refused.value.faults] == [
        f"path, item 2: found {len(value)} bytes, expected the 32 of a hash"
    ]


@pytest.mark.parametrize("root", [b"", bytes(31), bytes(33)], ids=len)
def test_bytes_that_are_no_hash_are_no_root_however_well_they_hash(root):
    """A perfect earlier tree is itself hashed to the later root, so any bytes there would make some root."""
    beside = bytes(range(32))
    assert not ConsistencyProof(1, 2, (beside,)).proves(root, node_hash(root, beside))
    assert not ConsistencyProof(1, 1, ()).proves(root, root)
    assert ConsistencyProof(1, 2, (beside,)).proves(beside, node_hash(beside, beside))


def test_a_tree_is_consistent_with_itself_by_an_empty_proof_for_which_nothing_is_read():
    def read(level, index):
        raise AssertionError

    for size in (0, 1, 7, 8):
        assert prove_consistency(read, size, size) == ConsistencyProof(size, size, ())
    assert prove_consistency(read, 0, 7) == ConsistencyProof(0, 7, ())
