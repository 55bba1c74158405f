"""Sequencing as a job: everything that waits is numbered, by one at a time.

Invariant: a run ends with what waited when it began, so it does not run for ever beside busy writers.
"""

from datetime import datetime

import attrs

from dcss_core.agency.audit.waiting import acts_waiting
from dcss_core.agency.work.lease import new_holder
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES, AUDIT_QUEUE
from dcss_core.agency.work.trail.reading import log_size
from dcss_core.agency.work.trail.sequencing import BATCH, NUMBERING, number_batch
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.merge_delay import MergeDelay, longest_merge_delay
from dcss_core.audit.sequence_report import SequenceReport
from dcss_core.errors import InvariantError


def sequence(resources: Resources) -> SequenceReport:
    """Number what waits, under a lease that keeps other sequencers from the same work."""
    holder = new_holder(resources.randomness)
    waiting = resources.read(acts_waiting)
    numbered, is_last, is_leased = 0, waiting == 0, False
    while not (is_last or is_leased):
        batch = resources.write(lambda work: number_batch(work, most=BATCH, holder=holder))
        numbered, waiting = numbered + batch.numbered, waiting - batch.acts
        is_last, is_leased = batch.is_last or waiting <= 0, batch.is_leased
    resources.write(lambda work: NUMBERING.give_back(work, holder))
    return SequenceReport(numbered, resources.read(log_size), is_leased)


def merge_delay(resources: Resources) -> MergeDelay:
    """How many acts wait for their numbers, and since when; or why that can't be read."""
    try:
        return resources.read(lambda work: _delay(work, _waiting_since(work)))
    except InvariantError as unreadable:
        failure = str(unreadable)
        return resources.read(lambda work: attrs.evolve(_delay(work, None), failure=failure))


def _delay(work: UnitOfWork, since: datetime | None) -> MergeDelay:
    return MergeDelay(acts_waiting(work), since, longest_merge_delay(work.rules), work.now)


def _waiting_since(work: UnitOfWork) -> datetime | None:
    first = work.find(AUDIT_QUEUE, ("act",), limit=1)
    entry = work.get(AUDIT_ENTRIES, (first[0].record.act, 1)) if first else None
    return entry.record.at if entry is not None else None
