"""Tally: how many rows there are of each collection, and what they say, in a few bytes.

Invariant: two tallies are equal only if the same rows were added, in whatever order (a sum of SHA-256, modulo
2^256); a row of a log counts with its number, and a sealed value as what it says.
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import attrs

from dcss_core.ports.storage import VERSION, Row

_MODULUS: Final = 1 << 256


@attrs.define
class Tally:
    """Rows of one collection."""

    rows: int = 0
    _sum: int = attrs.field(default=0, repr=False)

    def add(self, rows: Iterable[Row]) -> None:
        """Add rows whose sealed values are open; the version of a record does not count."""
        for row in rows:
            text = repr([each for each in sorted(row.items()) if each[0] != VERSION])
            self._sum = (
                self._sum + int.from_bytes(sha256(text.encode("utf-8", "surrogatepass")).digest())
            ) % _MODULUS
            self.rows += 1
