"""Pruning: what is erased of the audit log when its retention has ended.

Decides how far. Invariants: nothing younger than the retention is erased, whatever the clock said when it
was written; each step says in the log itself how far it went, in the transaction that erases; instants,
kinds and hashes stay, so every proof holds.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Final

import attrs

from dcss_core.agency.audit_reading import log_size, record_at
from dcss_core.agency.resources import Resources
from dcss_core.agency.staff_check import write_as
from dcss_core.agency.unit_of_work import AUDIT_LOG, UnitOfWork
from dcss_core.audit.actor import Actor, ActorKind
from dcss_core.audit.events import AuditLogPruned
from dcss_core.audit.record import PRUNED_FIELDS
from dcss_core.errors import RuleViolationError
from dcss_core.users.staff_member import StaffRole

RETENTION_YEARS: Final = "audit.retention_years"
_STEP: Final = 5_000  # entries in one transaction, so that others who write wait for a moment only
_PAGE: Final = 500


@attrs.frozen
class PruneReport:
    """How many entries lost their contents, and the last entry that has none now (0 for none)."""

    entries: int
    through: int


def prune(resources: Resources, before: date, by: Actor) -> PruneReport:
    """Erase the contents of every entry from before a day, which begins at midnight UTC."""
    _check_retention(resources, before)
    bound = datetime.combine(before, time(), UTC)
    entries = 0
    while True:
        step = _written(resources, by, lambda work: _prune_step(work, bound, by))
        entries += step.entries
        if step.entries < _STEP:
            return PruneReport(entries, step.through)


def _written(resources: Resources, by: Actor, step: Callable[[UnitOfWork], PruneReport]) -> PruneReport:
    # A job prunes as its operator has set it up; a person needs the role.
    if by.kind is ActorKind.SYSTEM:
        return resources.write(step)
    return write_as(resources, by, StaffRole.RECORDS_OFFICER, step)


def _check_retention(resources: Resources, before: date) -> None:
    kept = resources.rules().cited(RETENTION_YEARS)
    today = resources.now().date()
    first_kept = _years_before(today, resources.rules().integer(RETENTION_YEARS))
    if before > first_kept:
        raise RuleViolationError(
            f"entries of {first_kept} and later are to be kept, for {kept.value} years; nothing was erased. "
            f"Prune what is from before {first_kept}",
            citation=kept.citation,
        )


def _years_before(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February: a day earlier, so that nothing goes too soon
        return day.replace(year=day.year - years, day=28)


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
