"""S-36 when the process dies: killed at many points of `receive`, and run again, nothing is lost or doubled.

The file is received one entry at a time, so that most deaths come when it is half done. Run as a program,
this file does the killing and writes what it found as JSON. Its argument is a folder with the database of an
agency before the file came, and the file.
"""

import json
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dcss_core import Actor, Agency, KeyRing, Secret, open_agency
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher, FrozenClock

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a program, it is in no package

from killing import KILLS_IN_COMMIT, Killed, as_program

ENTRIES = 4


@pytest.mark.parametrize("points", [12, pytest.param(50, marks=pytest.mark.campaign)])
def test_s36_a_process_killed_anywhere_leaves_whole_steps_and_the_next_one_goes_on(
    points, opener, tmp_path, family, intake, file_of, sent
):
    with opener(f"sqlite:///{tmp_path}/before.db", channels=[]) as agency:
        for number in (1, 2):
            agency.cases.open(family(f"000456789{number}", f"90001000{number}"), by=intake)
    ours = [
        sent("150.00", case="0004567891", ssn="900010001"),
        sent("260.00", case="0004567892", ssn="900010002"),
    ]
    others = [sent("7.00", case="0009999999"), sent("0.00", case="0004567891", ssn="900010001", ended=True)]
    (tmp_path / "remittance.ach").write_bytes(file_of(*ours, *others))
    runs = as_program(__file__, tmp_path, points)["runs"]
    assert len(runs) >= points + KILLS_IN_COMMIT
    steps = [*map(str, range(ENTRIES + 1))]
    assert all(run["before"] in steps for run in runs), runs
    assert all(run["after"] == str(ENTRIES) for run in runs), runs
    # the kills were real, and on both sides of each commit
    assert sum(run["killed"] for run in runs) >= points
    assert {run["before"] for run in runs} == {*steps}


# --- the program ---------------------------------------------------------------------------------------


def kill_at_every_point(folder: Path, points: int) -> dict[str, Any]:
    killed = Killed(folder, opened, lambda agency: receive(agency, folder), points)
    steps = [ledger(killed.copied("untouched"))]
    clean = killed.copied("clean")
    with opened(clean) as agency:  # warms every cache for the children
        receive(agency, folder, lambda done, of: steps.append(ledger(clean)))
    expected = {str(done): tables for done, tables in enumerate(steps)}
    runs = []
    for database, was_killed in killed.everywhere():
        before = name_of(ledger(database), expected)
        killed.done(database)
        runs.append({"before": before, "killed": was_killed, "after": name_of(ledger(database), expected)})
    return {"runs": runs}


def receive(agency: Agency, folder: Path, progress: Callable[[int, int], None] | None = None) -> None:
    agency.payments.receive(
        (folder / "remittance.ach").read_bytes(),
        by=Actor.system("remittance"),
        progress=progress,
        entries_at_once=1,
        pause_seconds=0,
    )


def opened(database: Path) -> Agency:
    return open_agency(
        f"sqlite:///{database}",
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        clock=FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)),
        hasher=FakeHasher(),
    )


def ledger(database: Path) -> dict[str, list[str]]:
    """Every row of every table but those that number the log, which is done between steps as well.

    Of what is sealed, with another nonce each time, and of what is random, only that it is there.
    """
    connection = sqlite3.connect(database)
    try:
        tables = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in ("audit_log", "audit_queue", "leases")
        ]
        return {
            table: sorted(
                repr(["sealed" if isinstance(value, bytes) else value for value in row])
                for row in connection.execute(f'SELECT * FROM "{table}"')
                if "remittance_received_again" not in row  # all that a second run may add
            )
            for table in tables
        }
    finally:
        connection.close()


def name_of(found: dict[str, list[str]], expected: dict[str, dict[str, list[str]]]) -> str:
    for name, tables in expected.items():
        if found == tables:
            return name
    whole = expected[str(ENTRIES)]
    return f"between two steps: {[table for table in whole if found.get(table) != whole[table]]}"


if __name__ == "__main__":
    sys.stdout.write(json.dumps(kill_at_every_point(Path(sys.argv[1]), int(sys.argv[2]))))
