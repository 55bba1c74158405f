"""Numbering: however acts come in batches, the tree over them is that of RFC 9162."""

from hashlib import sha256

import attrs
import pytest
from hypothesis import given, strategies as st

from dcss_core.audit import numbering
from dcss_core.audit.merkle_tree import GrowingTree
from dcss_core.audit.numbering import NumberedLeaf, tree_after
from dcss_core.errors import InvariantError


def act(number, entries):
    """An act with so many leaves, each of its own."""
    leaves = [sha256(f"{number}-{line}".encode()).digest() for line in range(1, entries + 1)]
    return number.to_bytes(24, "big"), b"".join(leaves)


def numbered(last, acts):
    return [NumberedLeaf(**fields) for fields in numbering.numbered(last, acts)]


def in_batches(batches):
    """The log that these batches of acts make."""
    log = []
    for acts in batches:
        log += numbered((len(log), log[-1]) if log else None, acts)
    return log


def largest_power_of_two_below(count):
    return next(1 << power for power in range(64) if (1 << power) < count <= (2 << power))


def mth(hashes):
    """MTH of RFC 9162 §2.1.1, of leaves that are hashed already."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    k = largest_power_of_two_below(len(hashes))
    return sha256(b"\x01" + mth(hashes[:k]) + mth(hashes[k:])).digest()


# the acts of each batch, by how many entries each has
BATCHES = st.lists(st.lists(st.integers(1, 9), max_size=5), max_size=12)


@given(BATCHES)
def test_the_root_is_that_of_rfc_9162_however_acts_come_in_batches(batches):
    number, made = 0, []
    for sizes in batches:
        made.append([act(number + place, entries) for place, entries in enumerate(sizes)])
        number += len(sizes)
    log = in_batches(made)
    hashes = [
        leaves[start : start + 32]
        for acts in made
        for _, leaves in acts
        for start in range(0, len(leaves), 32)
    ]
    assert [leaf.node(0) for leaf in log] == hashes
    assert not log or tree_after(len(log), log[-1]).root() == mth(hashes)
    # each perfect subtree stands, by its own definition, at the number of its last leaf
    for seq, leaf in enumerate(log, 1):
        levels = range((seq & -seq).bit_length())
        assert leaf.nodes == b"".join(mth(hashes[seq - (1 << level) : seq]) for level in levels)


@given(BATCHES)
def test_only_the_last_leaf_of_a_batch_holds_what_the_log_goes_on_from(batches):
    made = [[act(place, entries) for place, entries in enumerate(sizes)] for sizes in batches]
    log = in_batches(made)
    ends, reached = set(), 0
    for sizes in batches:
        reached += sum(sizes)
        ends.add(reached)
    assert {seq for seq, leaf in enumerate(log, 1) if leaf.peaks is not None} == ends - {0}


def test_acts_are_numbered_as_they_are_given_and_their_entries_in_their_own_order():
    leaves = numbered(None, [act(7, 2), act(3, 1), act(5, 3)])
    assert [(int.from_bytes(leaf.act, "big"), leaf.line) for leaf in leaves] == [
        (7, 1),
        (7, 2),
        (3, 1),
        (5, 1),
        (5, 2),
        (5, 3),
    ]


def test_nothing_is_numbered_where_nothing_waits():
    assert numbered(None, []) == []
    log = in_batches([[act(1, 3)]])
    assert numbered((3, log[-1]), []) == []


def test_an_act_with_a_thousand_entries_is_numbered_as_one():
    leaves = numbered(None, [act(1, 1_000)])
    assert [leaf.line for leaf in leaves] == list(range(1, 1_001))
    assert tree_after(1_000, leaves[-1]).root() == mth([leaf.node(0) for leaf in leaves])


@pytest.mark.parametrize("peaks", [None, b"", bytes(31), bytes(32), bytes(96)])
def test_a_log_does_not_go_on_from_hashes_that_do_not_fit(peaks):
    last = in_batches([[act(1, 7)]])[-1]  # 7 = 4 + 2 + 1: three peaks, the last its own
    with pytest.raises(InvariantError, match="changed by hand"):
        numbered((7, attrs.evolve(last, peaks=peaks)), [act(2, 1)])


@pytest.mark.parametrize("leaves", [b"", bytes(31), bytes(33), bytes(63), None, "x" * 32, 32])
def test_an_act_whose_hashes_were_cut_is_not_numbered(leaves):
    with pytest.raises(InvariantError, match="none that was written"):
        numbered(None, [(bytes(24), leaves)])


@pytest.mark.parametrize("name", [b"", bytes(23), bytes(25), None, "x" * 24, 24])
def test_an_act_whose_id_was_cut_is_not_numbered(name):
    with pytest.raises(InvariantError, match="none that was written"):
        numbered(None, [(name, bytes(32))])


def test_a_node_that_a_leaf_does_not_hold_is_missed():
    [leaf] = numbered(None, [act(1, 1)])
    with pytest.raises(InvariantError, match="lacks hashes"):
        leaf.node(1)


def test_a_tree_that_is_gone_on_with_is_the_one_that_was_never_left():
    whole = in_batches([[act(1, 40)]])
    tree = GrowingTree()
    for leaf in whole:
        assert leaf.nodes == tree.add(leaf.node(0))
    assert tree_after(40, whole[-1]).root() == tree.root()
