"""HandedOut: which entries an export holds, in two values short enough for an entry of the log.

Decides them: how many entries, and SHA-256 over their numbers in order, a line for each, as `7` or, when
its contents were pruned by then, `7 pruned`. Invariant: an export from which entries were taken, into which
others were put, or in which one lost its contents, has other values.
"""

from hashlib import sha256
from typing import Any

import attrs


@attrs.define
class HandedOut:
    """Entries are added in the order in which they are handed out."""

    entries: int = 0
    _lines: Any = attrs.field(factory=sha256)

    def add(self, seq: int, *, is_pruned: bool) -> None:
        """Note one more entry by its number."""
        self.entries += 1
        self._lines.update(f"{seq} pruned\n".encode() if is_pruned else f"{seq}\n".encode())

    @property
    def digest(self) -> str:
        """The hash over the lines, in hexadecimal."""
        digest: str = self._lines.hexdigest()
        return digest
