"""How the database grows: bytes for each sign-in, failed sign-in, look and receipt, and what can be deleted.

A SQLite file of its own is grown by many of each kind; what waits for its number in the audit log is
numbered, the write-ahead log is brought into the file, and the pages in use are counted, those of indexes
among them. Then the clock goes on for two years, and `agency.retention.apply` deletes what may be deleted by
then.

From these measured bytes, and from how long the rules keep what is deleted in the end, the size after a year
of a million a day is computed: nobody has run that. With the job, of what it deletes only the last days are
there.

    python benchmarks/growth.py [HOW_MANY]
"""

import sqlite3
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Final

import attrs

import portal
from dcss_core import Actor, Agency, CaseNumber
from dcss_core.rules.retention_schedule import RetentionSchedule
from dcss_core.testing import JANE_ROE, FrozenClock, SentPayment, remittance_file
from dcss_core.users import SignedIn
from dcss_core.users.policies import AccountPolicies

A_DAY: Final = 1_000_000
DAYS: Final = 365
AT_ONCE: Final = 500
WARM: Final = 100
NOON: Final = datetime(2026, 1, 7, 17, tzinfo=UTC)
_TRACES: Final = count(1)
_USED: Final = (
    "SELECT name, SUM(pgsize) FROM dbstat WHERE name NOT LIKE 'sqlite_sch%' GROUP BY name"  # no free page
)
_OF_TABLE: Final = "SELECT name, tbl_name FROM sqlite_master"


@attrs.frozen
class Kind:
    """Something that happens, and after how many days the job deletes what it may of it."""

    name: str
    grow: Callable[[Agency, FrozenClock, int], None]
    kept_days: float = 0


@attrs.frozen
class Grown:
    """Bytes that one of a kind takes, by table, and those that are left once the job has deleted its part."""

    kind: Kind
    by_table: dict[str, float]
    left_by_table: dict[str, float]

    @property
    def each(self) -> float:
        """Bytes of one."""
        return sum(self.by_table.values())

    @property
    def left(self) -> float:
        """What is left of them for good."""
        return sum(self.left_by_table.values())

    @property
    def year_without(self) -> float:
        """Bytes after a year of a million a day when nothing is deleted."""
        return self.each * A_DAY * DAYS

    @property
    def year_with(self) -> float:
        """The same when the job runs once a day: what it deletes is there until then, and no longer."""
        days = min(self.kind.kept_days + 1, DAYS)
        return A_DAY * (self.left * DAYS + (self.each - self.left) * days)


# --- what happens -------------------------------------------------------------------------------------------


def sign_ins(agency: Agency, clock: FrozenClock, number: int) -> None:
    """Sign-ins that succeed, a second apart."""
    call = portal.sign_in(agency)
    for _ in range(number):
        clock.move(seconds=1)
        call()


def unknown_ids(agency: Agency, clock: FrozenClock, number: int) -> None:
    """Sign-ins that fail for an id that nobody has, each from another address."""
    agreed = agency.accounts.banner().version
    for each in range(number):
        clock.move(seconds=1)
        agency.accounts.sign_in(
            "nobody", portal.WRONG, banner=agreed, source=f"2001:db8::{number:x}:{each:x}"
        )


def wrong_passwords(agency: Agency, clock: FrozenClock, number: int) -> None:
    """Sign-ins that fail for somebody's id, each from another address, too far apart to lock the account.

    After a hundred the password is disabled, and as much is written for each as before.
    """
    call = portal.wrong_password(agency)
    for _ in range(number):
        clock.move(hours=2)
        call()


def looks(agency: Agency, clock: FrozenClock, number: int) -> None:
    """Looks of a parent at the history of their case, a second apart."""
    agreed = agency.accounts.banner().version
    outcome = agency.accounts.sign_in(JANE_ROE.user_id, JANE_ROE.password, banner=agreed)
    assert isinstance(outcome, SignedIn)
    for _ in range(number):
        clock.move(seconds=1)
        agency.payments.history(CaseNumber(portal.CASE), by=outcome.token)


def receipts(agency: Agency, clock: FrozenClock, number: int) -> None:
    """Receipts of one case, some hundred in each file; the bytes of the files are among them."""
    for first in range(0, number, AT_ONCE):
        clock.move(days=1)
        many = min(AT_ONCE, number - first)
        sent = [
            SentPayment("125.00", case=portal.CASE, trace=f"12104288{next(_TRACES):07d}") for _ in range(many)
        ]
        file = remittance_file(*sent, reference_code=f"{number % 100:02d}{first:06d}")
        batch = agency.payments.receive(file, by=Actor.system("remittance"), pause_seconds=0)
        assert batch.file.receipts == many, "a payment that was seen before takes no receipt"


# --- what it takes ------------------------------------------------------------------------------------------


def grown(directory: Path, kind: Kind, number: int) -> Grown:
    """Grow a database by so many of a kind, and have the job delete what it may."""
    database, clock = directory / f"{kind.grow.__name__}.db", FrozenClock(NOON)
    agency = portal.opened(f"sqlite:///{database}?synchronous=off", clock)
    kind.grow(agency, clock, WARM)
    before = bytes_in_use(agency, database)
    kind.grow(agency, clock, number)
    after = bytes_in_use(agency, database)
    clock.move(days=2 * DAYS)
    while not agency.retention.apply(by=Actor.system("retention")).is_complete:
        pass
    left = bytes_in_use(agency, database)
    agency.close()
    return Grown(kind, _per_one(before, after, number), _per_one(before, left, number))


def bytes_in_use(agency: Agency, database: Path) -> dict[str, int]:
    """The bytes of the pages in use, by table with its indexes."""
    agency.audit.sequence(by=Actor.system("audit"))
    with closing(sqlite3.connect(database)) as connection:
        [(is_busy, *_)] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        assert not is_busy
        table_of = dict(connection.execute(_OF_TABLE).fetchall())
        used: dict[str, int] = {}
        for name, size in connection.execute(_USED):
            used[table_of[name]] = used.get(table_of[name], 0) + size
    return used


def _per_one(before: dict[str, int], after: dict[str, int], number: int) -> dict[str, float]:
    return {table: max(0, size - before.get(table, 0)) / number for table, size in after.items()}


def kinds(agency: Agency) -> tuple[Kind, ...]:
    """What is measured, with what the rules in force say of how long it is kept."""
    rules = agency.audit._resources.jurisdiction.on(NOON.date())
    policies = AccountPolicies.from_rules(rules)
    session_days = policies.sessions.absolute.days + RetentionSchedule.from_rules(rules).sessions_days
    throttle_days = max(limit.window for limit in policies.throttles.limits.values()).days
    return (
        Kind("sign-in", sign_ins, session_days),
        Kind("failed sign-in, unknown id", unknown_ids, throttle_days),
        Kind("failed sign-in, known id", wrong_passwords, throttle_days),
        Kind("look at a history", looks),
        Kind("receipt", receipts),
    )


def show(each: Grown) -> None:
    """Print one kind, and the tables that take most of it."""
    without, with_job = each.year_without / 1e9, each.year_with / 1e9
    print(f"{each.kind.name:28}{each.each:9,.0f}{each.left:9,.0f}{without:14,.0f}{with_job:14,.0f}")
    largest = sorted(each.by_table.items(), key=lambda item: -item[1])
    parts = [f"{table} {size:,.0f}" for table, size in largest if size > each.each / 50]
    print(f"    {', '.join(parts)}")


def main(number: int) -> None:
    """Measure each kind and print."""
    print(f"bytes in use, over {number:,} of each; the year is computed from them: {A_DAY:,} a day")
    print(f"{'':28}{'each':>9}{'left':>9}{'GB a year':>14}{'with the job':>14}")
    with tempfile.TemporaryDirectory() as folder:
        measured = [grown(Path(folder), kind, number) for kind in kinds(portal.reopened("memory:"))]
    for each in measured:
        show(each)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
