"""Pruning: what is erased of the audit log when its retention has ended.

Decides how far, and whether what is gone was pruned rightly. Invariants: nothing younger than the retention
is erased, whatever the clock said when it was written; the retention ends by what the clock, the newest
entry and the entries of the months before bear out, so a clock that jumps ahead erases nothing; each step
says in the log itself how far it went, in the transaction that erases; instants, kinds and hashes stay, so
every proof holds.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Final

from dcss_core.agency.audit.reading import entry_at
from dcss_core.agency.callers.caller import Caller
from dcss_core.agency.callers.door import Admitted, Door
from dcss_core.agency.work.resources import Resources
from dcss_core.agency.work.trail.act import AUDIT_ENTRIES
from dcss_core.agency.work.trail.borne_out import borne_out
from dcss_core.agency.work.trail.reading import log_size, numbers_of, records_after
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.actor import Actor
from dcss_core.audit.events import THE_LOG, AuditLogPruned
from dcss_core.audit.prune_report import PruneReport
from dcss_core.audit.pruned_contents import YearsKept, counts
from dcss_core.audit.retention import RETENTION_YEARS, counted_from, first_day_kept, years_to_keep
from dcss_core.audit.written_entry import PRUNED_FIELDS, WrittenEntry
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
    size = log_size(work)
    newest = entry_at(work, size).at if size else None
    counted = counted_from(borne_out(work) if size else work.now, newest)
    first_kept = first_day_kept(counted, years_to_keep(work.rules))
    if before > first_kept:
        raise RuleViolationError(
            f"entries of {first_kept} and later are to be kept, for {kept.value} years back from {counted}, "
            "as far as the clock, the newest entry and the entries of the months before agree; nothing was "
            f"erased. Prune what is from before {first_kept}",
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

    Looks at the last entry without contents alone; `verify()` looks at each.
    """
    # only what is pruned has no subject; a descending index finds the last of them at once
    found = work.find(AUDIT_ENTRIES, ("subject",), (None,), descending=True, limit=1)
    last = found[0] if found else None
    [number] = [None] if last is None else numbers_of(work, [last])
    if last is None or any(
        _accounts_for(pruning, last.record, number) for pruning in _prunings(resources, work)
    ):
        return None
    where = "an entry that waits for its number" if number is None else f"record {number}"
    return (
        f"the contents of {where} are gone, and no permitted pruning accounts for it; "
        "nothing was signed. Run agency.audit.verify(by=…) and keep the database as it is"
    )


def told_later(resources: Resources, size: int) -> list[WrittenEntry]:
    """What the log says of itself in entries that are not among the first so many, or wait."""

    def told(work: UnitOfWork) -> list[WrittenEntry]:
        about_itself = list(work.from_the_end(AUDIT_ENTRIES, ("subject",), (THE_LOG,)))
        numbers = numbers_of(work, about_itself)
        return [
            kept.record
            for kept, number in zip(about_itself, numbers, strict=True)
            if number is None or number > size
        ]

    return resources.read(told)


def _prunings(resources: Resources, work: UnitOfWork) -> Iterator[AuditLogPruned]:
    """The prunings on record that count, last one first; one that waits stands behind the numbered log."""
    size = log_size(work)
    for each in work.from_the_end(AUDIT_ENTRIES, ("subject",), (THE_LOG,)):
        pruning = AuditLogPruned.told_by(each.record.entry)
        if pruning is not None:
            number = numbers_of(work, [each])[0] or size + 1
            entry_before = entry_at(work, number - 1).at if number > 1 else None
            if counts(
                pruning,
                number,
                each.record.at,
                entry_before,
                now=work.now,
                years_kept=years_kept(resources),
            ):
                yield pruning


def _accounts_for(pruning: AuditLogPruned, pruned: WrittenEntry, number: int | None) -> bool:
    # if it lost its subject alone, no pruning did that
    is_reached = number is not None and number <= pruning.through
    return is_reached and pruned.is_pruned and pruned.at.date() < pruning.before


def _prune_step(work: UnitOfWork, bound: datetime, by: Actor) -> PruneReport:
    size = log_size(work)
    begin = _first_whole(work, size)
    end, last_lines = _to_prune(work, begin, min(begin + _STEP, size + 1), bound)
    if begin == end:
        return PruneReport(0, begin - 1)
    erased = sum(
        work.transaction.redact(AUDIT_ENTRIES.collection, PRUNED_FIELDS, up_to=line, stream=act)
        for act, line in last_lines.items()
    )
    work.audit([AuditLogPruned(bound.date(), end - 1, erased)], by)
    return PruneReport(erased, end - 1)


def _first_whole(work: UnitOfWork, size: int) -> int:
    """The first entry that is not pruned; all before it are, for pruning begins at the first of all."""
    low, high = 1, size + 1
    while low < high:
        middle = (low + high) // 2
        if entry_at(work, middle).is_pruned:
            low = middle + 1
        else:
            high = middle
    return low


def _to_prune(work: UnitOfWork, begin: int, end: int, bound: datetime) -> tuple[int, dict[bytes, int]]:
    """The first entry from `begin` on that is kept, `end` at the latest, and each act's last line before."""
    lines: dict[bytes, int] = {}
    while begin < end:
        page = records_after(work, begin - 1, limit=min(_PAGE, end - begin))
        for record in page:
            if record.written is None or record.leaf is None or record.written.at >= bound:
                return record.seq, lines
            lines[record.leaf.act] = record.leaf.line
        begin = page[-1].seq + 1 if page else end
    return end, lines
