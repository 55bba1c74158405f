"""The Merkle tree over the audit log: RFC 9162, section 2.1.1, with SHA-256.

Decides how leaves become one root. Invariants: a leaf is hashed behind 0x00 and a node behind 0x01, so
that no leaf can pose as a node; the hash of a perfect subtree, once all its leaves are there, never
changes, so a tree of n leaves is known from at most log2(n) + 1 of them (its peaks).

A perfect subtree is named by (level, index): it holds the leaves index·2^level up to (index + 1)·2^level,
counted from 0. Trees are read through a `NodeReader`, so that nothing needs to be in memory.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final, TypeAlias

import attrs

from dcss_core.errors import Fault, InvalidInputError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256(b"").digest()  # RFC 9162 §2.1.1: MTH({}) = HASH()

NodeReader: TypeAlias = Callable[[int, int], bytes]
"""Gives the hash of the perfect subtree with this level and index."""


def leaf_hash(leaf: bytes) -> bytes:
    """The hash of a leaf. RFC 9162 §2.1.1."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over two subtrees. RFC 9162 §2.1.1."""
    return sha256(b"\x01" + left + right).digest()


def is_hash(value: bytes) -> bool:
    """Whether bytes are as many as a hash has."""
    return len(value) == HASH_BYTES


def check_hashes(where: str, hashes: Sequence[bytes]) -> None:
    """Refuse bytes that are no hash; raises InvalidInputError, which names each by its place."""
    faults = [
        Fault(f"{where}, item {place}", f"{len(each)} bytes", f"the {HASH_BYTES} of a hash")
        for place, each in enumerate(hashes, 1)
        if not is_hash(each)
    ]
    if faults:
        raise InvalidInputError("a proof is made of SHA-256 hashes", faults=faults)


@attrs.define
class GrowingTree:
    """The peaks of a tree, left to right, to which leaves are added."""

    size: int = 0
    peaks: list[bytes] = attrs.field(factory=list)

    def add(self, leaf: bytes) -> bytes:
        """Add a leaf's hash; give the hashes of all perfect subtrees that end with it, smallest first."""
        node = completed = leaf
        odd, peaks = self.size, self.peaks
        while odd & 1:
            node = sha256(b"\x01" + peaks.pop() + node).digest()
            completed += node
            odd >>= 1
        peaks.append(node)
        self.size += 1
        return completed

    def root(self) -> bytes:
        """The root of the tree as it is."""
        return root_of_peaks(self.peaks)


def root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    """The root of the tree with these peaks."""
    if not peaks:
        return EMPTY_ROOT
    *others, root = peaks
    for peak in reversed(others):
        root = node_hash(peak, root)
    return root


def peaks_of(read: NodeReader, size: int) -> list[bytes]:
    """The peaks of the tree of the first so many leaves, left to right."""
    peaks, start = [], 0
    for level in reversed(range(size.bit_length())):
        if size >> level & 1:
            peaks.append(read(level, start >> level))
            start += 1 << level
    return peaks


def tree_hash(read: NodeReader, size: int) -> bytes:
    """The root of the first so many leaves; the reader is asked for its peaks alone."""
    return subtree_hash(read, 0, size) if size else EMPTY_ROOT


def subtree_hash(read: NodeReader, start: int, end: int) -> bytes:
    """MTH(D[start:end]) of RFC 9162 §2.1.1, for a range that its definition splits off."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, start >> level)
    middle = start + split(count)
    return node_hash(subtree_hash(read, start, middle), subtree_hash(read, middle, end))


def split(count: int) -> int:
    """k of RFC 9162 §2.1.1: the largest power of two smaller than a count of 2 or more."""
    return 1 << ((count - 1).bit_length() - 1)
