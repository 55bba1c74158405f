"""Pruning: what is erased of the audit log when its retention has ended.

Decides how far, and whether what is gone was pruned rightly. Invariants: nothing younger than the retention
is erased, whatever the clock said when it was written; the retention ends by the clock and by the newest
entry both, so a clock that is ahead by itself erases nothing; each step says in the log itself how far it
went, in the transaction that erases; instants, kinds and hashes stay, so every proof holds.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Final

from dcss_core.agency.audit.reading import log_size, record_at
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.unit_of_work import AUDIT_LOG, Kept, UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.events import AuditLogPruned
from dcss_core.audit.prune_report import PruneReport
from dcss_core.audit.pruned_contents import YearsKept, counts
from dcss_core.audit.record import PRUNED_FIELDS, AuditRecord
from dcss_core.audit.retention import RETENTION_YEARS, counted_from, first_day_kept, years_to_keep
from dcss_core.errors import RuleNotInForceError, RuleViolationError

_STEP: Final = 5_000  # entries in one transaction, so that others who write wait for a moment only
_PAGE: Final = 500


def prune(door: Door, before: date, by: Caller) -> PruneReport:
    """Erase the contents of every entry from before a day, which begins at midnight UTC."""

    def prune_step(work: UnitOfWork, caller: Admitted) -> PruneReport:
        _check_retention(work, before)
        return _prune_step(work, datetime.combine(before, time(), UTC), caller.actor)

    entries = 0
    while True:
        step = door.write("audit.prune", by, prune_step)
        entries += step.entries
        if step.entries < _STEP:
            return PruneReport(entries, step.through)


def _check_retention(work: UnitOfWork, before: date) -> None:
    kept = work.rules.cited(RETENTION_YEARS)
    newest = work.last_entry(AUDIT_LOG)
    counted = counted_from(work.now, None if newest is None else newest.record.at)
    first_kept = first_day_kept(counted, years_to_keep(work.rules))
    if before > first_kept:
        raise RuleViolationError(
            f"entries of {first_kept} and later are to be kept, for {kept.value} years back from {counted}, "
            "the earlier of the clock and the newest entry; nothing was erased. Prune what is from before "
            f"{first_kept}",
            citation=kept.citation,
        )


def years_kept(resources: Resources) -> YearsKept:
    """The retention in force at an instant, to judge the prunings of the log by."""

    def years_at(instant: datetime) -> int | None:
        try:
            return years_to_keep(resources.jurisdiction.on(resources.day_of(instant)))
        except RuleNotInForceError:
            return None

    return years_at


def unproven_pruning(resources: Resources, work: UnitOfWork) -> str | None:
    """Why the log must not be signed: contents are gone that no permitted pruning on record accounts for.

    Looks at the last record without contents alone; `verify()` looks at each.
    """
    # only what is pruned has no subject; a descending index finds the last of them at once
    found = work.find(AUDIT_LOG, ("subject",), (None,), descending=True, limit=1)
    last = found[0] if found else None
    if last is None or any(_accounts_for(pruning, last) for pruning in _prunings(resources, work)):
        return None
    return (
        f"the contents of record {last.version} are gone, and no permitted pruning accounts for it; "
        "nothing was signed. Run agency.audit.verify() and keep the database as it is"
    )


def _prunings(resources: Resources, work: UnitOfWork) -> Iterator[AuditLogPruned]:
    """The prunings on record that count, last one first."""
    for each in work.from_the_end(AUDIT_LOG, ("kind",), (AuditLogPruned.kind,)):
        pruning = AuditLogPruned.told_by(each.record.entry)
        if pruning is not None:
            entry_before = record_at(work, each.version - 1).at if each.version > 1 else None
            if counts(
                pruning,
                each.version,
                each.record.at,
                entry_before,
                now=work.now,
                years_kept=years_kept(resources),
            ):
                yield pruning


def _accounts_for(pruning: AuditLogPruned, pruned: Kept[AuditRecord]) -> bool:
    record = pruned.record  # if it lost its subject alone, no pruning did that
    return record.is_pruned and pruned.version <= pruning.through and record.at.date() < pruning.before


def _prune_step(work: UnitOfWork, bound: datetime, by: Actor) -> PruneReport:
    size = log_size(work)
    begin = _first_whole(work, size)
    end = _first_to_keep(work, begin, min(begin + _STEP, size + 1), bound)
    if begin == end:
        return PruneReport(0, begin - 1)
    erased = work.transaction.redact(AUDIT_LOG.collection, PRUNED_FIELDS, up_to=end - 1)
    work.audit([AuditLogPruned(bound.date(), end - 1, erased)], by)
    return PruneReport(erased, end - 1)


def _first_whole(work: UnitOfWork, size: int) -> int:
    """The first entry that is not pruned; all before it are, for pruning begins at the first of all."""
    low, high = 1, size + 1
    while low < high:
        middle = (low + high) // 2
        if record_at(work, middle).is_pruned:
            low = middle + 1
        else:
            high = middle
    return low


def _first_to_keep(work: UnitOfWork, begin: int, end: int, bound: datetime) -> int:
    """The first entry from `begin` on that is not from before the bound, `end` at the latest."""
    while begin < end:
        page = work.entries_after(AUDIT_LOG, begin - 1, limit=min(_PAGE, end - begin))
        for kept in page:
            if kept.record.at >= bound:
                return kept.version
        begin = page[-1].version + 1 if page else end
    return end
