"""Erasure: what was erased does not stay in the write-ahead log.

Decides when the log is emptied: at once after a redaction; after a deletion within a minute of writing, for
jobs delete small records all the time; both when the database is closed. Invariants: nobody is waited for; a
reader that still needs the log delays it, and it is tried again by a later writing transaction, at most once
a second.
"""

import sqlite3
from time import monotonic
from typing import Final

_DELETED_SECONDS: Final = 60.0
_AGAIN_SECONDS: Final = 1.0


class Erasure:
    """Whether the log holds something that was erased, and when to empty it next."""

    def __init__(self) -> None:
        self._due: float | None = None

    def owe(self, *, at_once: bool) -> None:
        """Note that something was erased: by a redaction, or else by a deletion."""
        due = monotonic() + (0 if at_once else _DELETED_SECONDS)
        self._due = due if self._due is None else min(due, self._due)

    def pay(self, using: sqlite3.Connection | sqlite3.Cursor, *, closing: bool = False) -> None:
        """Empty the log if that is owed and due, or when closing; between transactions only."""
        if self._due is None or not (closing or monotonic() >= self._due):
            return
        try:
            [(is_in_the_way, *_)] = using.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        except sqlite3.Error:
            is_in_the_way = True
        self._due = monotonic() + _AGAIN_SECONDS if is_in_the_way else None
