"""Reading everything that was made with a master key, page by page.

Invariant: no page holds others up, and what is in memory at once is one page.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final, TypeAlias

from dcss_core.agency.filing import accounts, cases, letters, payments, remitters, vouched
from dcss_core.agency.keys.places import is_settled, keys_at_work, needs_keys, to_be_settled
from dcss_core.agency.work.database_mark import AGENCY_IDENTITY
from dcss_core.agency.work.records import Records
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.keys.report import KeysReport, KeyStanding, report_of
from dcss_core.ports.keys import KeyRing
from dcss_core.ports.storage import Row, Scalar

Progress: TypeAlias = Callable[[int, int], None]
"""Told how many records were looked at, of how many."""

EVERY_RECORD: Final[tuple[Records[Any], ...]] = tuple(
    records
    for records in (
        *accounts.EVERY_RECORD,
        *cases.EVERY_RECORD,
        *payments.EVERY_RECORD,
        *remitters.EVERY_RECORD,
        *vouched.EVERY_RECORD,
        letters.OUTBOX,
        letters.OWED_LETTERS,
        AGENCY_IDENTITY,
    )
    if needs_keys(records)
)
"""The record classes of which something was made with a key."""

_PAGE: Final = 500


def report(resources: Resources, progress: Progress | None) -> KeysReport:
    """What each key of the ring, each retired one and each that is missing is needed for."""
    uses = (
        use
        for records, page in _pages(resources, EVERY_RECORD, progress)
        for row in page
        for use in keys_at_work(records, row)
    )
    return report_of(_standings(resources.sealer.ring), uses)


def stale_pages(
    resources: Resources, progress: Progress | None
) -> Iterator[tuple[Records[Any], list[Scalar]]]:
    """The keys of the records that are not settled under the ring, page by page."""
    ring = resources.sealer.ring
    for records, page in _pages(resources, to_be_settled(EVERY_RECORD), progress):
        stale = [row[records.collection.key] for row in page if not is_settled(records, row, ring)]
        if stale:
            yield records, stale


def _standings(ring: KeyRing) -> dict[str, KeyStanding]:
    standings = {key.key_id: KeyStanding.OPENS for key in ring.keys}
    standings[ring.current.key_id] = KeyStanding.CURRENT
    return standings | {key.key_id: KeyStanding.RETIRED for key in ring.retired}


def _pages(
    resources: Resources, classes: tuple[Records[Any], ...], progress: Progress | None
) -> Iterator[tuple[Records[Any], list[Row]]]:
    of_all, done = resources.read(partial(_count, classes=classes)), 0
    for records in classes:
        last: Row | None = None
        while page := resources.read(partial(_page, records=records, after=last)):
            yield records, page
            done, last = done + len(page), page[-1]
            if progress is not None:
                progress(done, max(done, of_all))


def _count(work: UnitOfWork, *, classes: tuple[Records[Any], ...]) -> int:
    return sum(work.count(records, (records.key_attribute,)) for records in classes)


def _page(work: UnitOfWork, *, records: Records[Any], after: Row | None) -> list[Row]:
    collection = records.collection
    return work.transaction.find(collection, collection.key_fields, after=after, limit=_PAGE)
