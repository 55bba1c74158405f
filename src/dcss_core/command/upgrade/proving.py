"""Proving: the new database says what the old one said, and the present version can read all of it.

Decides by reading everything back. Invariants: each sealed value is opened and each record built as a verb
would have it; the audit log is hashed anew from its entries, so that its root owes nothing to what was
copied. What a pruning may have erased is for `agency.audit.verify` to judge, which knows the retention.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final, Protocol

import attrs

from dcss_core.agency.work.records import Records
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_LOG
from dcss_core.audit.damage import Damage, DamageKind
from dcss_core.audit.log_record import LogRecord
from dcss_core.audit.merkle_tree import HASH_BYTES, root_of_peaks
from dcss_core.audit.verification import verify_log
from dcss_core.command.upgrade.seals import Seals
from dcss_core.command.upgrade.shapes import MOST_AT_ONCE
from dcss_core.command.upgrade.tally import Tally
from dcss_core.moving.paging import pages
from dcss_core.ports.storage import SEQUENCE, Row, Transaction

_NO_PRUNING_COUNTS: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Steps(Protocol):
    """Told that so many more rows of something are done."""

    def __call__(self, what: str, rows: int) -> None:
        """Take note."""
        ...


@attrs.frozen
class LogProof:
    """How an audit log was found: how many entries, over which root, and its first damage."""

    entries: int
    root: bytes
    damage: tuple[Damage, ...]


def tally_of(
    transaction: Transaction, records: Records[Any], seals: Seals, at_once: int, steps: Steps
) -> Tally:
    """What a collection of the present version says, each of its records built.

    Raises BackendError for a sealed value that does not open, InvariantError for a record that can't be read.
    """
    tally = Tally()
    for page in pages(transaction, records.collection, at_once):
        for row in page:
            records.from_row(row, seals.sealer)
        tally.add(seals.open_again(records, row) for row in page)
        steps(f"reading {records.collection.name} back", len(page))
    return tally


def prove_log(transaction: Transaction, seals: Seals, jurisdiction: str, steps: Steps) -> LogProof:
    """Read the audit log of the present version and hash it anew."""
    size = transaction.count(AUDIT_LOG.collection, (SEQUENCE,))
    found = verify_log(
        _log_records(transaction, seals, steps),
        (),
        jurisdiction=jurisdiction,
        size=size,
        now=_NO_PRUNING_COUNTS,
        years_kept=lambda _: None,
    )
    damage = tuple(each for each in found.damage if each.kind is not DamageKind.ERASED)
    return LogProof(found.size, found.root, damage)


def root_of(last: Row | None) -> bytes | None:
    """The root that a log of version 1 has by its last record; None where that does not hold the peaks."""
    if last is None:
        return root_of_peaks(())
    nodes, peaks = last["nodes"], last["peaks"]
    if not (isinstance(nodes, bytes) and isinstance(peaks, bytes)):
        return None
    whole = peaks + nodes[-HASH_BYTES:]
    return root_of_peaks([whole[place : place + HASH_BYTES] for place in range(0, len(whole), HASH_BYTES)])


def _log_records(transaction: Transaction, seals: Seals, steps: Steps) -> Iterator[LogRecord]:
    for page in pages(transaction, AUDIT_LOG.collection, MOST_AT_ONCE):
        leaves = [AUDIT_LOG.from_row(row, seals.sealer) for row in page]
        keys = [(leaf.act, leaf.line) for leaf in leaves]
        found: Sequence[Row | None] = transaction.get_each(AUDIT_ENTRIES.collection, keys)
        for row, leaf, entry in zip(page, leaves, found, strict=True):
            number = row[SEQUENCE]
            assert isinstance(number, int)
            written = None if entry is None else AUDIT_ENTRIES.from_row(entry, seals.sealer)
            yield LogRecord(number, leaf, written)
        steps("hashing the audit log", len(page))
