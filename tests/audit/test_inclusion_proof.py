"""Inclusion proofs: made as RFC 9162 §2.1.3.1 says, checked as §2.1.3.2 says."""

import attrs
import pytest
from hypothesis import given, settings, strategies as st

from dcss_core.audit.inclusion_proof import InclusionProof, prove_inclusion
from dcss_core.audit.merkle_tree import leaf_hash, node_hash
from dcss_core.errors import InvalidInputError

sizes = st.integers(1, 300)


def flipped(value, bit):
    """A hash with one bit changed."""
    place = bit % (8 * len(value))
    return bytes(byte ^ (1 << place % 8 if at == place // 8 else 0) for at, byte in enumerate(value))


def test_the_example_of_the_rfc():
    # RFC 6962 §2.1.3 and RFC 9162 §2.1.5: seven leaves, nodes a to l by the RFC's own letters
    leaves = [leaf_hash(f"d{number}".encode()) for number in range(7)]
    a, b, c, d, e, f, j = leaves
    g, h, i = node_hash(a, b), node_hash(c, d), node_hash(e, f)
    k, l = node_hash(g, h), node_hash(i, j)  # noqa: E741
    root = node_hash(k, l)
    nodes = dict(enumerate(leaves)) | {(1, 0): g, (1, 1): h, (1, 2): i, (2, 0): k}

    def read(level, index):
        return nodes[(level, index) if level else index]

    proofs = {index: prove_inclusion(read, index, 7) for index in (0, 3, 4, 6)}
    assert {index: proof.path for index, proof in proofs.items()} == {
        0: (b, h, l),
        3: (c, g, l),
        4: (f, j, k),
        6: (i, k),
    }
    assert all(proof.proves(leaves[index], root) for index, proof in proofs.items())


@settings(max_examples=40, deadline=None)
@given(size=sizes)
def test_every_leaf_of_a_tree_is_proven_by_the_path_of_the_rfc(rfc, size):
    for index in range(size):
        proof = prove_inclusion(rfc.read, index, size)
        assert proof == InclusionProof(index, size, rfc.path(index, size))
        assert proof.proves(rfc.leaf_hash(index), rfc.root(size))


@settings(max_examples=100, deadline=None)
@given(size=sizes, data=st.data())
def test_any_changed_bit_fails(rfc, size, data):
    index = data.draw(st.integers(0, size - 1))
    bit = data.draw(st.integers(0, 255))
    proof, leaf, root = prove_inclusion(rfc.read, index, size), rfc.leaf_hash(index), rfc.root(size)
    assert not proof.proves(flipped(leaf, bit), root)
    assert not proof.proves(leaf, flipped(root, bit))
    for place, each in enumerate(proof.path):
        path = (*proof.path[:place], flipped(each, bit), *proof.path[place + 1 :])
        assert not attrs.evolve(proof, path=path).proves(leaf, root)
    for power in range(10):
        assert not attrs.evolve(proof, index=index ^ (1 << power)).proves(leaf, root)


@settings(max_examples=100, deadline=None)
@given(size=sizes, data=st.data())
def test_a_path_that_is_longer_or_shorter_fails(rfc, size, data):
    index = data.draw(st.integers(0, size - 1))
    proof, leaf, root = prove_inclusion(rfc.read, index, size), rfc.leaf_hash(index), rfc.root(size)
    assert not attrs.evolve(proof, path=(*proof.path, root)).proves(leaf, root)
    assert not attrs.evolve(proof, path=(root, *proof.path)).proves(leaf, root)
    if proof.path:
        assert not attrs.evolve(proof, path=proof.path[:-1]).proves(leaf, root)
        assert not attrs.evolve(proof, path=proof.path[1:]).proves(leaf, root)


def test_the_only_leaf_of_a_tree_is_its_root(rfc):
    proof = prove_inclusion(rfc.read, 0, 1)
    assert proof.path == ()
    assert proof.proves(rfc.leaf_hash(0), rfc.root(1))
    assert not proof.proves(rfc.leaf_hash(1), rfc.root(1))


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 1), (-1, 1), (5, 3), (0, -1)])
def test_a_leaf_beyond_the_tree_is_neither_proven_nor_believed(rfc, index, size):
    with pytest.raises(InvalidInputError, match="no such leaf"):
        prove_inclusion(rfc.read, index, size)
    assert not InclusionProof(index, size, ()).proves(rfc.root(0), rfc.root(0))


def test_a_node_does_not_pass_for_a_leaf(rfc):
    # the path of leaf 0 without its first step would prove "leaf" (1, 0) of a tree half the size
    path = prove_inclusion(rfc.read, 0, 8).path[1:]
    forged = rfc.read(0, 0) + rfc.read(0, 1)
    assert InclusionProof(0, 4, path).proves(rfc.read(1, 0), rfc.root(8))  # who has a node's hash can …
    assert not InclusionProof(0, 4, path).proves(leaf_hash(forged), rfc.root(8))  # … but no leaf has it


@pytest.mark.parametrize(
    ("index", "size", "named"),
    [
        (5, 3, "index: found 5, expected 0 to 2"),
        (1, 1, "index: found 1, expected 0 to 0"),
        (0, 0, "index: found 0, expected a tree with leaves"),
    ],
)
def test_the_place_that_can_not_be_is_named(rfc, index, size, named):
    with pytest.raises(InvalidInputError) as refused:
        prove_inclusion(rfc.read, index, size)
    assert [str(fault) for fault in refused.value.faults] == [named]


NO_HASHES = [b"", b"x", bytes(31), bytes(33), bytes(64)]


@pytest.mark.parametrize("value", NO_HASHES, ids=len)
def test_what_has_not_the_32_bytes_of_a_hash_is_neither_proven_nor_proves_anything(rfc, value):
    assert not InclusionProof(0, 1, ()).proves(value, value)
    proof = prove_inclusion(rfc.read, 2, 7)
    assert not proof.proves(value, rfc.root(7))
    assert not proof.proves(rfc.leaf_hash(2), value)
    with pytest.raises(InvalidInputError) as refused:
        InclusionProof(0, 8, (value, rfc.root(1), value))
    assert [str(fault) for fault in refused.value.faults] == [
        f"path, item {place}: found {len(value)} bytes, expected the 32 of a hash" for place in (1, 3)
    ]


def test_bytes_that_move_from_the_leaf_to_the_path_prove_nothing(rfc):
    # a node hashes left and right one after the other: cut elsewhere, they would give the same root
    left, right = rfc.leaf_hash(0), rfc.leaf_hash(1)
    assert InclusionProof(0, 2, (right,)).proves(left, rfc.root(2))
    with pytest.raises(InvalidInputError):
        InclusionProof(0, 2, (left[31:] + right,)).proves(left[:31], rfc.root(2))
