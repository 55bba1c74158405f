"""The tree: RFC 9162 §2.1.1, in the RFC's own recursive definition and in published roots."""

import pytest

from dcss_core.audit.merkle_tree import (
    EMPTY_ROOT,
    GrowingTree,
    leaf_hash,
    node_hash,
    peaks_of,
    root_of_peaks,
    tree_hash,
)

# Certificate Transparency's reference vectors: eight leaves and the root after each
PUBLISHED = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]


def test_the_root_of_nothing_is_the_hash_of_nothing():
    # SHA-256 of the empty string, FIPS 180-4 example
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (EMPTY_ROOT.hex(), GrowingTree().root().hex()) == (empty, empty)


def test_published_roots_are_reached_leaf_by_leaf():
    tree, roots = GrowingTree(), []
    for leaf, _ in PUBLISHED:
        tree.add(leaf_hash(bytes.fromhex(leaf)))
        roots.append(tree.root().hex())
    assert roots == [root for _, root in PUBLISHED]


def test_the_growing_root_is_the_recursive_one_at_every_size(rfc):
    tree = GrowingTree()
    for size in range(1, rfc.longest + 1):
        tree.add(rfc.leaf_hash(size - 1))
        assert tree.root() == rfc.root(size)
        assert len(tree.peaks) == bin(size).count("1")


def test_a_leaf_completes_the_perfect_subtrees_that_end_with_it(rfc):
    tree = GrowingTree()
    for index in range(rfc.longest):
        completed = tree.add(rfc.leaf_hash(index))
        # those of 2, 4, 8 … leaves, as long as the number of the leaf is a multiple of that
        levels = [level for level in range(9) if (index + 1) % 2**level == 0]
        expected = [rfc.read(level, (index + 1) // 2**level - 1) for level in levels]
        assert completed == b"".join(expected)


@pytest.mark.parametrize("size", [0, 1, 2, 3, 7, 8, 100, 255, 256, 257, 300])
def test_a_root_is_read_from_the_peaks_alone(rfc, size):
    asked = []

    def read(level, index):
        asked.append((level, index))
        return rfc.read(level, index)

    assert tree_hash(read, size) == rfc.root(size)
    assert len(asked) == bin(size).count("1")


@pytest.mark.parametrize(
    ("size", "named"),
    [
        (0, []),
        (1, [(0, 0)]),
        (2, [(1, 0)]),
        (3, [(1, 0), (0, 2)]),
        (7, [(2, 0), (1, 2), (0, 6)]),
        (8, [(3, 0)]),
        (300, [(8, 0), (5, 8), (3, 36), (2, 74)]),  # 256 + 32 + 8 + 4
    ],
)
def test_the_peaks_of_a_tree_are_the_perfect_subtrees_its_size_is_made_of(rfc, size, named):
    """By level and index: each holds the leaves index · 2^level and so on, left to right."""
    asked = []

    def read(level, index):
        asked.append((level, index))
        return rfc.read(level, index)

    found = peaks_of(read, size)
    assert asked == named
    assert found == [rfc.read(*name) for name in named]
    assert root_of_peaks(found) == rfc.root(size)


def test_a_tree_goes_on_from_the_peaks_that_are_read(rfc):
    tree = GrowingTree()
    for size in range(rfc.longest):
        assert peaks_of(rfc.read, size) == tree.peaks
        tree.add(rfc.leaf_hash(size))


def test_a_leaf_that_looks_like_a_node_is_none():
    left, right = leaf_hash(b"left"), leaf_hash(b"right")
    assert leaf_hash(b"\x01" + left + right) != node_hash(left, right)
    assert leaf_hash(left + right) != node_hash(left, right)
