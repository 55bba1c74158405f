"""What deleting by the retention job costs, beside deleting the same rows raw.

Ours is `agency.retention.apply` on sessions that expired: each step finds and deletes 500 and writes an entry
of the audit log, in one durable transaction. The raw figure is `DELETE` in steps of as many rows, by the
same index, in a database of the same rows, durable as well.

    python benchmarks/retention.py [ROWS [ROUNDS]]
"""

import sqlite3
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from dcss_core import Actor, Agency, KeyRing, MasterKey, Secret, open_agency
from dcss_core.agency.filing.accounts import SESSIONS
from dcss_core.testing import FakeHasher, FrozenClock
from dcss_core.users.sign_in.session import Assurance, Session, SessionScope

NOW: Final = datetime(2026, 1, 7, 15, 0, tzinfo=UTC)
STEP: Final = 500
BATCH: Final = 5_000


def opened(url: str) -> Agency:
    """The agency, at an instant of its own."""
    ring = KeyRing((MasterKey("k1", Secret("1" * 64)),))
    return open_agency(
        url, jurisdiction="US-GA", keys=ring, channels=None, hasher=FakeHasher(), clock=FrozenClock(NOW)
    )


def session(number: int) -> Session:
    """A session that expired long ago."""
    began = NOW - timedelta(days=60, seconds=number)
    return Session(
        session_id=f"{number:064x}",
        account_id=f"{number % 1000:032x}",
        person_id=None,
        authenticated_at=began,
        scope=SessionScope.FULL,
        assurance=Assurance.AAL1,
        created_at=began,
        last_seen_at=began,
        expires_at=began + timedelta(days=1),
        idle_seconds=1_800,
        credential_version=1,
    )


def fill(agency: Agency, rows: int) -> None:
    """Store so many sessions."""
    resources = agency.audit._resources
    for start in range(0, rows, BATCH):
        batch = [session(number) for number in range(start, min(start + BATCH, rows))]
        resources.write(lambda work, batch=batch: work.insert(SESSIONS, batch))  # type: ignore[misc]


def applied(agency: Agency, rows: int) -> float:
    """Seconds of a run that deletes all of them."""
    begun = time.perf_counter()
    report = agency.retention.apply(by=Actor.system("retention"), at_most=rows + 1)
    seconds = time.perf_counter() - begun
    assert report.deleted == {"sessions": rows}, report
    return seconds


def deleted_raw(path: Path) -> float:
    """Seconds to delete the same rows by SQL alone."""
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous = FULL")
        begun = time.perf_counter()
        deleted = STEP
        while deleted:
            deleted = connection.execute(
                "DELETE FROM sessions WHERE session_id IN "
                "(SELECT session_id FROM sessions ORDER BY expires_at, session_id LIMIT ?)",
                (STEP,),
            ).rowcount
        return time.perf_counter() - begun


def measure(rows: int, rounds: int) -> None:
    """Print each figure, in rows a second, and how many times the raw work ours is."""
    found: list[tuple[float, float]] = []
    for turn in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            paths = [Path(folder, f"{name}-{turn}.db") for name in ("ours", "raw")]
            for path in paths:
                with opened(f"sqlite:///{path}") as agency:
                    fill(agency, rows)
            raw = deleted_raw(paths[1])
            with opened(f"sqlite:///{paths[0]}") as agency:
                found.append((applied(agency, rows), raw))
    ours, raw = (rows / statistics.median(each) for each in zip(*found, strict=True))
    ratio = statistics.median(mine / theirs for mine, theirs in found)
    print(f"{'rows a second, median':28}{'retention':>12}{'raw':>12}{'ratio':>8}")
    print(f"{'SQLite, durable':28}{ours:12,.0f}{raw:12,.0f}{ratio:8.1f}")


if __name__ == "__main__":
    measure(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000, int(sys.argv[2]) if len(sys.argv) > 2 else 3)
