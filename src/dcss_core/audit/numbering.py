"""Numbering: how entries that were written become the numbered leaves of one tree.

Decides which number and which hashes an entry gets. Invariants: the acts are numbered in the order in which
they are given and the entries of one act in their own, without a gap and each once; a numbered leaf holds the
hashes of all perfect subtrees that end with it, its own leaf's first: the subtree (level, index) stands at
number (index + 1)·2^level, from byte 32·level. The last leaf of each batch holds the other peaks as well, so
the log goes on from one leaf, and no second record could disagree with it.
"""

from collections.abc import Iterable
from typing import TypeAlias

import attrs

from dcss_core.audit.entry_id import ACT_BYTES
from dcss_core.audit.merkle_tree import HASH_BYTES, GrowingTree
from dcss_core.errors import InvariantError

Fields: TypeAlias = dict[str, bytes | int | None]


@attrs.frozen
class QueuedAct:
    """What waits for its numbers: the id of an act, and the hashes of its leaves in order."""

    act: bytes
    leaves: bytes


@attrs.frozen
class NumberedLeaf:
    """An entry's place in the tree: which entry it is, and the hashes that end there."""

    act: bytes
    line: int
    nodes: bytes
    peaks: bytes | None

    def node(self, level: int) -> bytes:
        """The hash of the perfect subtree of this level that ends with it.

        Raises InvariantError when it is not there: the log was changed by hand.
        """
        found = self.nodes[HASH_BYTES * level : HASH_BYTES * (level + 1)]
        if len(found) != HASH_BYTES:
            raise damaged("a record lacks hashes of its tree")
        return found


def numbered(last: tuple[int, NumberedLeaf] | None, acts: Iterable[tuple[bytes, bytes]]) -> list[Fields]:
    """The fields of the leaves of these acts, after the last leaf of the log and its number.

    Of each act its id is given and the hashes of its leaves. Raises InvariantError when one of them is none
    that was written, or when the last leaf can't be continued: the log was changed by hand.
    """
    # No record is made of them: each entry there is passes here.
    tree = GrowingTree() if last is None else tree_after(*last)
    add = tree.add
    fields: list[Fields] = []
    for act, leaves in acts:
        _check(act, leaves)
        for line, place in enumerate(range(0, len(leaves), HASH_BYTES), 1):
            nodes = add(leaves[place : place + HASH_BYTES])
            fields.append({"act": act, "line": line, "nodes": nodes, "peaks": None})
    if fields:
        fields[-1]["peaks"] = b"".join(tree.peaks[:-1])
    return fields


def _check(act: object, leaves: object) -> None:
    is_act = isinstance(act, bytes) and len(act) == ACT_BYTES
    if not (is_act and isinstance(leaves, bytes) and leaves and len(leaves) % HASH_BYTES == 0):
        raise damaged("an act that waits for its numbers is none that was written")


def tree_after(seq: int, last: NumberedLeaf) -> GrowingTree:
    """The tree that ends with the last leaf of a batch.

    Raises InvariantError when its hashes do not fit its number.
    """
    whole = b"" if last.peaks is None else last.peaks + last.nodes[-HASH_BYTES:]
    if len(whole) != HASH_BYTES * seq.bit_count():
        raise damaged(f"record {seq} does not hold the peaks of its tree")
    return GrowingTree(seq, [whole[place : place + HASH_BYTES] for place in range(0, len(whole), HASH_BYTES)])


def damaged(what: str) -> InvariantError:
    """The error for a log that can't be continued."""
    return InvariantError(
        f"the audit log was changed by hand: {what}; run agency.audit.verify(by=…) and keep the database "
        "as it is"
    )
