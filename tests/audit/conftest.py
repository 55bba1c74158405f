"""The tree of RFC 9162 by its own recursive definitions, to compare ours with."""

from functools import cache
from hashlib import sha256
from types import SimpleNamespace

import pytest

LONGEST = 300
LEAVES = [f"leaf {number}".encode() for number in range(LONGEST)]


def largest_power_of_two_below(count):
    return next(1 << power for power in range(64) if (1 << power) < count <= (2 << power))


@cache
def mth(start, end):
    """MTH(D[start:end]), §2.1.1."""
    if start == end:
        return sha256(b"").digest()
    if end - start == 1:
        return sha256(b"\x00" + LEAVES[start]).digest()
    k = largest_power_of_two_below(end - start)
    return sha256(b"\x01" + mth(start, start + k) + mth(start + k, end)).digest()


def path(m, start, end):
    """PATH(m, D[start:end]), §2.1.3.1."""
    if end - start == 1:
        return []
    k = largest_power_of_two_below(end - start)
    if m < k:
        return [*path(m, start, start + k), mth(start + k, end)]
    return [*path(m - k, start + k, end), mth(start, start + k)]


def subproof(m, start, end, b):
    """SUBPROOF(m, D[start:end], b), §2.1.4.1."""
    n = end - start
    if m == n:
        return [] if b else [mth(start, end)]
    k = largest_power_of_two_below(n)
    if m <= k:
        return [*subproof(m, start, start + k, b), mth(start + k, end)]
    return [*subproof(m - k, start + k, end, False), mth(start, start + k)]


@pytest.fixture(scope="session")
def rfc():
    return SimpleNamespace(
        longest=LONGEST,
        leaves=LEAVES,
        root=lambda size: mth(0, size),
        leaf_hash=lambda index: mth(index, index + 1),
        path=lambda index, size: tuple(path(index, 0, size)),
        proof=lambda earlier, later: tuple(subproof(earlier, 0, later, True)),
        # a perfect subtree is the tree of its own leaves
        read=lambda level, index: mth(index << level, (index + 1) << level),
    )
