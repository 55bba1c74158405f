"""PrunedContents: what of a log is erased, and whether a pruning on record accounts for it.

Decides which prunings count: one that came after what it erased, that the retention in force on its day
permitted, counted as `retention` says, and whose own instant has come. Invariants: contents count as pruned
only if such a pruning went so far and they are from before its day; what is remembered grows with the days
that were pruned, not with the entries. It can't tell who erased contents that a pruning might have erased.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias

import attrs

from dcss_core.audit.events import AuditLogPruned
from dcss_core.audit.record import AuditRecord
from dcss_core.audit.retention import counted_from, first_day_kept

YearsKept: TypeAlias = Callable[[datetime], int | None]
"""The retention in force at an instant, in years; None where no rule says one."""

_CLOCKS_DIFFER: Final = timedelta(days=1)  # of two machines; less would call an honest pruning a forged one


@attrs.frozen
class PrunedDay:
    """Neighbours in the log, all of one day (in UTC), whose contents are gone."""

    day: date
    first: int
    last: int


def counts(
    pruning: AuditLogPruned,
    seq: int,
    at: datetime,
    entry_before: datetime | None,
    *,
    now: datetime,
    years_kept: YearsKept,
) -> bool:
    """Whether a pruning that is entry `seq` of the log was permitted when it says it was done."""
    if pruning.through >= seq or at > now + _CLOCKS_DIFFER:
        return False
    years = years_kept(at)
    return years is not None and pruning.before <= first_day_kept(counted_from(at, entry_before), years)


@attrs.define
class PrunedContents:
    """What is known of it after so many records, which are added in order."""

    as_of: datetime
    years_kept: YearsKept
    entries: int = 0
    through: int = 0
    _days: list[PrunedDay] = attrs.field(factory=list)
    _through_by_day: dict[date, int] = attrs.field(factory=dict)
    _entry_before: datetime | None = None

    def add(self, seq: int, record: AuditRecord) -> None:
        """Note a record that is whole."""
        if record.is_pruned:
            self._add_pruned(seq, record.at.date())
        else:
            self._add_pruning(seq, record)
        self._entry_before = record.at

    def _add_pruned(self, seq: int, day: date) -> None:
        self.entries += 1
        self.through = seq
        last = self._days[-1] if self._days else None
        if last is not None and (last.day, last.last) == (day, seq - 1):
            self._days[-1] = PrunedDay(day, last.first, seq)
        else:
            self._days.append(PrunedDay(day, seq, seq))

    def _add_pruning(self, seq: int, record: AuditRecord) -> None:
        pruning = AuditLogPruned.told_by(record.entry)
        if pruning is not None and counts(
            pruning, seq, record.at, self._entry_before, now=self.as_of, years_kept=self.years_kept
        ):
            reached = self._through_by_day.get(pruning.before, 0)
            self._through_by_day[pruning.before] = max(reached, pruning.through)

    def unaccounted(self) -> int | None:
        """The first record whose contents are gone though no pruning accounts for it."""
        for pruned in self._days:
            reached = max(
                (through for before, through in self._through_by_day.items() if pruned.day < before),
                default=0,
            )
            if reached < pruned.last:
                return max(pruned.first, reached + 1)
        return None
