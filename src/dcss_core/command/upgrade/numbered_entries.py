"""NumberedEntries: the audit log of version 1 in the shape of the present one.

Decides the id of an entry that had none. Invariants: numbers, contents, leaves, hashes and peaks are as they
were, so what was signed of the log still holds; ids sort as the log did, whatever the clocks said.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import attrs

from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG
from dcss_core.audit.entry_id import RANDOM_BYTES, act_of, next_turn
from dcss_core.audit.written_entry import NUMBERED_LEAF_VERSION
from dcss_core.command.upgrade import version_1
from dcss_core.command.upgrade.conversion import PresentRows
from dcss_core.command.upgrade.shapes import FormerCollection
from dcss_core.errors import InvariantError
from dcss_core.ports.storage import SEQUENCE, Row, Scalar, Transaction

_CONTENTS: Final = ("at", "kind", "actor", "subject", "source", "details", "salt", "commitment")


@attrs.define
class NumberedEntries:
    """Entries that stood with their contents under their number, each of which becomes an act of its own.

    Its id is made of its instant and its number. An instant counts as the latest one before it, and none as
    later than the last one of the log, which is `latest`.
    """

    latest: datetime | None
    former: FormerCollection = version_1.AUDIT_LOG
    _turn: int = attrs.field(default=-1, init=False)

    def converted(self, page: Sequence[Row]) -> PresentRows:
        """The entries, and the leaves of the tree that is over them already."""
        acts = [self._act(row) for row in page]
        entries: list[dict[str, Scalar]] = [
            {"act": act, **{name: row[name] for name in _CONTENTS}, "leaf_version": NUMBERED_LEAF_VERSION}
            for act, row in zip(acts, page, strict=True)
        ]
        leaves: list[dict[str, Scalar]] = [
            {"act": act, "line": 1, "nodes": row["nodes"], "peaks": row["peaks"], SEQUENCE: row[SEQUENCE]}
            for act, row in zip(acts, page, strict=True)
        ]
        return [(AUDIT_ENTRIES, entries), (AUDIT_LOG, leaves)]

    def at_the_end(self) -> PresentRows:
        """Nothing more: every entry has its number."""
        return ()

    def _act(self, row: Row) -> bytes:
        at, number = row["at"], row[SEQUENCE]
        if not (isinstance(at, datetime) and isinstance(number, int)):
            raise InvariantError(
                "an entry of the audit log has no instant or no number; was it changed by hand?"
            )
        at = at if self.latest is None else min(at, self.latest)
        self._turn = max(self._turn, next_turn(-1, at))
        return act_of(self._turn, number.to_bytes(RANDOM_BYTES, "big"))


def numbered_entries(old: Transaction) -> NumberedEntries:
    """The conversion of the audit log of a database."""
    last = old.find(version_1.AUDIT_LOG.collection, (SEQUENCE,), descending=True, limit=1)
    latest = last[0]["at"] if last else None
    return NumberedEntries(latest if isinstance(latest, datetime) else None)
