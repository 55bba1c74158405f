"""Sequencing: how many entries of the audit log one sequencer numbers in a second, on PostgreSQL.

Acts of one entry each are written first; then `audit.sequence` numbers them all, as the job does. What it
writes for each entry is one row of the log and one deletion from the queue. On SQLite entries are numbered
along with the writing, which `audit.py` measures.

    python benchmarks/sequencing.py [ENTRIES]
"""

import sys
import time
from datetime import UTC, datetime
from functools import partial

import portal
from dcss_core import Actor, Agency
from dcss_core.agency.work.unit_of_work import UnitOfWork
from dcss_core.audit.reads import NothingFound
from dcss_core.testing import FrozenClock
from dcss_core_sql.testing import running_server


def written_down(number: int, work: UnitOfWork) -> None:
    """An act of one entry."""
    work.audit([NothingFound(f"{number}")], Actor.system("intake"))


def numbered(agency: Agency, entries: int) -> float:
    """Seconds that it takes to number so many entries."""
    resources = agency.audit._resources
    for number in range(entries):
        resources.write(partial(written_down, number))
    began = time.perf_counter()
    agency.audit.sequence(by=Actor.system("audit"))
    return time.perf_counter() - began


def main(entries: int) -> None:
    """Measure and print."""
    with running_server(safe=True) as server, server.database() as url:
        agency = portal.reopened(url, FrozenClock(datetime(2026, 1, 7, 17, tzinfo=UTC)))
        seconds = numbered(agency, entries)
        print(f"{entries:,} entries in {seconds:.2f} s: {entries / seconds:,.0f} a second")
        agency.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
