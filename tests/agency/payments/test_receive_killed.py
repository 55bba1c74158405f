"""S-36 when the process dies: killed at fifty points of `receive`, and run again, nothing is lost or doubled.

The file is received one entry at a time, so that most deaths come when it is half done. Run as a program,
this file does the killing and writes what it found as JSON. Its argument is a folder with the database of an
agency before the file came, and the file. For each point it forks a child that opens the agency on a copy,
counts its own calls (Python's and C's) and kills itself at the chosen one. Since no call is made while the
database commits, some children are killed from outside in that moment.
"""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from dcss_core import Actor, Agency, KeyRing, Secret, open_agency
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher, FrozenClock

POINTS, KILLS_IN_COMMIT = 50, 10
ENTRIES = 4
CALLS = ("call", "c_call", "c_return")
NEVER = -1


def test_s36_a_process_killed_anywhere_leaves_whole_steps_and_the_next_one_goes_on(
    opener, tmp_path, family, intake, file_of, sent
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
    program = subprocess.run(
        [sys.executable, __file__, str(tmp_path)], check=True, timeout=120, capture_output=True, text=True
    )
    found = json.loads(program.stdout)
    runs = found["runs"]
    assert len(runs) >= POINTS + KILLS_IN_COMMIT
    steps = [*map(str, range(ENTRIES + 1))]
    assert all(run["before"] in steps for run in runs), runs
    assert all(run["after"] == str(ENTRIES) for run in runs), runs
    # the kills were real, and on both sides of each commit
    assert sum(run["killed"] for run in runs) >= POINTS
    assert {run["before"] for run in runs} == {*steps}


# --- the program ---------------------------------------------------------------------------------------


def kill_at_every_point(folder: Path) -> dict[str, Any]:
    steps = [ledger(copied(folder, "untouched"))]
    clean = copied(folder, "clean")
    receive(clean, folder, lambda done, of: steps.append(ledger(clean)))  # warms every cache for the children
    expected = {str(done): tables for done, tables in enumerate(steps)}
    calls, commits = in_child(copied(folder, "counted"), folder, NEVER)
    # evenly spread, and each call around the commits of the database
    points = sorted({1 + place * calls // POINTS for place in range(POINTS)} | around(commits))
    runs = []

    def judge(name: str, live: Callable[[Path], object]) -> None:
        database = copied(folder, name)
        killed = live(database) is None
        before = name_of(ledger(database), expected)
        receive(database, folder)
        runs.append({"before": before, "killed": killed, "after": name_of(ledger(database), expected)})

    for point in points:
        judge(f"at-{point}", lambda database, point=point: in_child(database, folder, point))
    for turn in range(KILLS_IN_COMMIT):
        judge(
            f"in-commit-{turn}",
            lambda database, turn=turn: in_child(
                database, folder, NEVER, commits[turn % len(commits)] - 20, turn * 0.00005
            ),
        )
    return {"runs": runs}


def around(commits: list[int]) -> set[int]:
    return {point for commit in commits for point in (commit - 1, commit, commit + 1, commit + 2)}


def in_child(
    database: Path, folder: Path, point: int, reported: int = NEVER, seconds: float = 0.0
) -> tuple[int, list[int]] | None:
    """Receive the file in a child that kills itself at a call, or is killed so long after it reports one.

    None when it was killed, else how many calls there were, and which of them committed.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reader)
            counted = counting(database, folder, point, reported, writer)
            os.write(writer, json.dumps(counted).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        if reported != NEVER:
            pipe.read(1)
            until = time.perf_counter() + seconds
            while time.perf_counter() < until:
                pass
            os.kill(child, signal.SIGKILL)
        counted = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return None
    calls, commits = json.loads(counted)
    return calls, commits


def counting(database: Path, folder: Path, point: int, reported: int, writer: int) -> tuple[int, list[int]]:
    calls, commits = 0, []

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal calls
        if event in CALLS:
            calls += 1
            if event == "call" and frame.f_code.co_name == "commit":
                commits.append(calls)
            if calls == reported:
                os.write(writer, b".")
            if calls == point:
                os.kill(os.getpid(), signal.SIGKILL)

    content = (folder / "remittance.ach").read_bytes()
    with opened(database) as agency:
        sys.setprofile(count)
        agency.payments.receive(content, by=Actor.system("remittance"), entries_at_once=1, pause_seconds=0)
        sys.setprofile(None)
    return calls, commits


def receive(database: Path, folder: Path, progress: Callable[[int, int], None] | None = None) -> None:
    with opened(database) as agency:
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


def copied(folder: Path, name: str) -> Path:
    database = folder / name / "agency.db"
    database.parent.mkdir()
    shutil.copy(folder / "before.db", database)
    return database


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
    sys.stdout.write(json.dumps(kill_at_every_point(Path(sys.argv[1]))))
