"""ConsistencyProof: that a tree only grew, nothing in the earlier one was changed.

Decides by RFC 9162, sections 2.1.4.1 (making) and 2.1.4.2 (checking). The RFC leaves two cases to the
caller: a tree is consistent with itself, and every tree with the empty one, by an empty proof. The sizes
are only as good as the checkpoints the roots were taken from (`Checkpoint.is_continued_by` compares them).
"""

import attrs

from dcss_core.audit.merkle_tree import (
    EMPTY_ROOT,
    NodeReader,
    check_hashes,
    is_hash,
    node_hash,
    split,
    subtree_hash,
)
from dcss_core.base.expected_types import check_fields
from dcss_core.base.printable import shown_number
from dcss_core.errors import Fault, InvalidInputError


@attrs.frozen
class ConsistencyProof:
    """The hashes from which both the root of an earlier tree and that of a later one are computed.

    Raises InvalidInputError for a path in which something is no hash.
    """

    earlier_size: int
    later_size: int
    path: tuple[bytes, ...]

    def __attrs_post_init__(self) -> None:
        check_fields(self)
        check_hashes("path", self.path)

    def proves(self, earlier_root: bytes, later_root: bytes) -> bool:
        """Whether the later tree begins with the earlier one. RFC 9162 §2.1.4.2."""
        earlier, later, path = self.earlier_size, self.later_size, self.path
        if not (0 <= earlier <= later and is_hash(earlier_root) and is_hash(later_root)):
            return False
        if earlier == later:
            return not path and earlier_root == later_root and (earlier > 0 or earlier_root == EMPTY_ROOT)
        if earlier == 0:
            return not path and earlier_root == EMPTY_ROOT
        if not path:
            return False
        if earlier & (earlier - 1) == 0:  # a perfect tree is itself the first node of the path
            path = (earlier_root, *path)
        return _roots(earlier, later, path) == (earlier_root, later_root)


def _roots(earlier: int, later: int, path: tuple[bytes, ...]) -> tuple[bytes, bytes] | None:
    place, last = earlier - 1, later - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first, *others = path
    earlier_root = later_root = first
    for beside in others:
        if last == 0:
            return None
        if place & 1 or place == last:
            earlier_root, later_root = node_hash(beside, earlier_root), node_hash(beside, later_root)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            later_root = node_hash(later_root, beside)
        place, last = place >> 1, last >> 1
    return (earlier_root, later_root) if last == 0 else None


def prove_consistency(read: NodeReader, earlier_size: int, later_size: int) -> ConsistencyProof:
    """Prove that the tree of the first `later_size` leaves begins with the earlier one.

    Raises InvalidInputError when the earlier one is the larger.
    """
    if not 0 <= earlier_size <= later_size:
        fault = Fault("earlier_size", shown_number(earlier_size), f"0 to {later_size}")
        raise InvalidInputError("a log is consistent with a size it had before", faults=[fault])
    path: list[bytes] = []
    if 0 < earlier_size < later_size:
        path = _subproof(read, earlier_size, 0, later_size, is_whole=True)
    return ConsistencyProof(earlier_size, later_size, tuple(path))


def _subproof(read: NodeReader, size: int, start: int, end: int, *, is_whole: bool) -> list[bytes]:
    """SUBPROOF(m, D_n, b) of RFC 9162 §2.1.4.1, for the leaves from start up to end; m is size - start."""
    if size == end:
        return [] if is_whole else [subtree_hash(read, start, end)]
    middle = start + split(end - start)
    if size <= middle:
        return [
            *_subproof(read, size, start, middle, is_whole=is_whole),
            subtree_hash(read, middle, end),
        ]
    return [*_subproof(read, size, middle, end, is_whole=False), subtree_hash(read, start, middle)]
