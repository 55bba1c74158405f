"""Borne out: how late it is, as far as the clock and the audit log agree on it.

Decides by what was written over the last months, since what is erased for being old is gone for good. A clock
that jumps ahead, and the entries that are written by it, bear nothing out until it has gone on like that for
a month. Invariant: it is never later than the clock says.
"""

from datetime import UTC, datetime, timedelta
from typing import Final

from dcss_core.agency.work.trail.reading import log_size, records_at
from dcss_core.agency.work.unit_of_work import UnitOfWork

_A_MONTH: Final = timedelta(days=31)
"""Somebody notices a clock that is wrong for so long; an agency that works writes something in it."""
_NOTHING_IS_OLD: Final = datetime.min.replace(tzinfo=UTC)


def borne_out(work: UnitOfWork) -> datetime:
    """The latest instant that is believed, for deleting what is old.

    It is the clock's, but two months at most after the last entry that was a month old when the newest was
    written; before all time where nothing is numbered. Raises InvariantError for a log that can't be read.
    """
    size = log_size(work)
    if not size:
        return _NOTHING_IS_OLD
    before = _written_at(work, size) - _A_MONTH
    low, high = 1, size  # the clocks of writers differ by moments, so the log is sorted well enough
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _written_at(work, middle) <= before else (low, middle - 1)
    return min(work.now, _written_at(work, low) + 2 * _A_MONTH)


def _written_at(work: UnitOfWork, seq: int) -> datetime:
    [record] = records_at(work, [seq])
    assert record.written is not None  # records_at refuses a record without its entry
    return record.written.at
