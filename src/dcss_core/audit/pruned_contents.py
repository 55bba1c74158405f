"""PrunedContents: what of a log is erased, and whether a pruning on record accounts for it.

Decides which prunings count: one that came after what it erased, that the retention in force on its day
permitted, counted as `retention` says, and whose own instant has come. Invariants: contents count as pruned
only if such a pruning went so far and they are from before its day; what is remembered grows with the days
that were pruned, not with the entries. It can't tell who erased contents that a pruning might have erased.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Final, TypeAlias

import attrs

from dcss_core.audit.events import AuditLogPruned
from dcss_core.audit.retention import counted_from, first_day_kept
from dcss_core.audit.written_entry import WrittenEntry

YearsKept: TypeAlias = Callable[[datetime], int | None]
"""The retention in force at an instant, in years; None where no rule says one."""

_CLOCKS_DIFFER: Final = timedelta(days=1)  # of two machines; less would call an honest pruning a forged one
_LATEST: Final = datetime.max.replace(tzinfo=UTC) - _CLOCKS_DIFFER


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
    """Whether a pruning that is entry `seq` of the log was permitted when it says it was done.

    The entry before it may have been written shortly before the one that was the newest then.
    """
    if pruning.through >= seq or at > now + _CLOCKS_DIFFER:
        return False
    newest = None if entry_before is None else min(entry_before, _LATEST) + _CLOCKS_DIFFER
    years = years_kept(at)
    return years is not None and pruning.before <= first_day_kept(counted_from(at, newest), years)


@attrs.frozen
class NotedPrunings:
    """What is known of it after a range of records, to be put together with the ranges beside it."""

    entries: int
    through: int
    days: tuple[PrunedDay, ...]
    through_by_day: tuple[tuple[date, int], ...]
    last_at: datetime | None


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
    _size: int = 0

    def add(self, seq: int, record: WrittenEntry) -> None:
        """Note a record that is whole."""
        if record.is_pruned:
            self._add_pruned(seq, record.at.date())
        else:
            self._add_pruning(seq, record)
        self._entry_before, self._size = record.at, seq

    def add_waiting(self, record: WrittenEntry) -> None:
        """Note an entry of the log about itself that waits for its number: it comes behind all others."""
        self._add_pruning(self._size + 1, record)

    def noted(self) -> NotedPrunings:
        """What is known so far."""
        reached = tuple(sorted(self._through_by_day.items()))
        return NotedPrunings(self.entries, self.through, tuple(self._days), reached, self._entry_before)

    def add_range(self, noted: NotedPrunings, last: int) -> None:
        """Note what is known of the records that follow, up to this one."""
        self.entries += noted.entries
        self.through = max(self.through, noted.through)
        self._days += noted.days
        for day, reached in noted.through_by_day:
            self._through_by_day[day] = max(self._through_by_day.get(day, 0), reached)
        self._entry_before, self._size = noted.last_at, last

    def _add_pruned(self, seq: int, day: date) -> None:
        self.entries += 1
        self.through = seq
        last = self._days[-1] if self._days else None
        if last is not None and (last.day, last.last) == (day, seq - 1):
            self._days[-1] = PrunedDay(day, last.first, seq)
        else:
            self._days.append(PrunedDay(day, seq, seq))

    def _add_pruning(self, seq: int, record: WrittenEntry) -> None:
        is_one = record.kind == AuditLogPruned.kind  # few are, and no entry is made of the others
        pruning = AuditLogPruned.told_by(record.entry) if is_one else None
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
