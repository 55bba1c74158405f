"""InclusionProof: that a leaf stands at its place in a tree of which only the root is known.

Decides by RFC 9162, sections 2.1.3.1 (making) and 2.1.3.2 (checking). Invariant: with another leaf,
index, path or root a proof fails. Its size is only as good as the checkpoint the root was taken from, so
compare the two (`ProvenEntry.is_in` does).
"""

import attrs

from dcss_core.audit.merkle_tree import (
    NodeReader,
    check_hashes,
    is_hash,
    node_hash,
    split,
    subtree_hash,
)
from dcss_core.base.expected_types import check_fields
from dcss_core.errors import Fault, InvalidInputError


@attrs.frozen
class InclusionProof:
    """The hashes beside the way from a leaf up to the root of a tree.

    `index` counts leaves from 0, so entry 1 of the log is leaf 0. Raises InvalidInputError for a path in
    which something is no hash.
    """

    index: int
    size: int
    path: tuple[bytes, ...]

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        check_hashes("path", self.path)

    def proves(self, leaf: bytes, root: bytes) -> bool:
        """Whether the leaf with this hash is in the tree with this root. RFC 9162 §2.1.3.2."""
        if not (0 <= self.index < self.size and is_hash(leaf) and is_hash(root)):
            return False
        place, last = self.index, self.size - 1
        reached = leaf
        for beside in self.path:
            if last == 0:
                return False
            if place & 1 or place == last:
                reached = node_hash(beside, reached)
                while not place & 1 and place:
                    place, last = place >> 1, last >> 1
            else:
                reached = node_hash(reached, beside)
            place, last = place >> 1, last >> 1
        return last == 0 and reached == root


def prove_inclusion(read: NodeReader, index: int, size: int) -> InclusionProof:
    """Prove a leaf's place in the tree of the first `size` leaves.

    Raises InvalidInputError for a place that is not in that tree.
    """
    if not 0 <= index < size:
        fault = Fault("index", str(index), f"0 to {size - 1}" if size > 0 else "a tree with leaves")
        raise InvalidInputError("this tree has no such leaf", faults=[fault])
    return InclusionProof(index, size, tuple(_path(read, index, 0, size)))


def _path(read: NodeReader, index: int, start: int, end: int) -> list[bytes]:
    """PATH(m, D_n) of RFC 9162 §2.1.3.1, for the leaves from start up to end."""
    if end - start == 1:
        return []
    middle = start + split(end - start)
    if index < middle:
        return [*_path(read, index, start, middle), subtree_hash(read, middle, end)]
    return [*_path(read, index, middle, end), subtree_hash(read, start, middle)]
