"""Killing a process at many points of an act, in a program of its own.

For each point a child is forked that opens the agency on a copy of the database, counts its own calls
(Python's and C's) and kills itself at the chosen one. Since no call is made while the database commits, some
children are killed from outside in that moment.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

from dcss_core import Agency

KILLS_IN_COMMIT = 10
CALLS = ("call", "c_call", "c_return")
NEVER = -1


def as_program(file: str, folder: Path, points: int) -> dict[str, Any]:
    """What a test's file finds when it is run as a program on a folder with `before.db`."""
    program = subprocess.run(
        [sys.executable, file, str(folder), str(points)],
        check=True,
        timeout=240,
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(program.stdout)
    return found


class Killed:
    """An act on an agency that is killed again and again."""

    def __init__(
        self, folder: Path, opened: Callable[[Path], Agency], act: Callable[[Agency], object], points: int
    ) -> None:
        self._folder, self._opened, self._act, self._points = folder, opened, act, points

    def copied(self, name: str) -> Path:
        """A copy of the database as it was before."""
        database = self._folder / name / "agency.db"
        database.parent.mkdir()
        shutil.copy(self._folder / "before.db", database)
        return database

    def done(self, database: Path) -> None:
        """Do the act to its end."""
        with self._opened(database) as agency:
            self._act(agency)

    def everywhere(self) -> Iterator[tuple[Path, bool]]:
        """Each database on which it was killed at another point, and whether it was."""
        calls, commits = self._lived(self.copied("counted"), NEVER) or (0, [])
        # evenly spread, and each call around as many commits of the database
        spread = {1 + place * calls // self._points for place in range(self._points)}
        points = sorted(spread | _around(commits[:: -(-len(commits) // self._points)]))
        for point in points:
            database = self.copied(f"at-{point}")
            yield database, self._lived(database, point) is None
        for turn in range(KILLS_IN_COMMIT):
            database = self.copied(f"in-commit-{turn}")
            reported = commits[turn % len(commits)] - 20
            yield database, self._lived(database, NEVER, reported, turn * 0.00005) is None

    def _lived(
        self, database: Path, point: int, reported: int = NEVER, seconds: float = 0.0
    ) -> tuple[int, list[int]] | None:
        """Act in a child that kills itself at a call, or is killed so long after it reports one.

        None when it was killed, else how many calls there were, and which of them committed.
        """
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.close(reader)
                counted = self._counting(database, point, reported, writer)
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
            said = pipe.read()
        _, status = os.waitpid(child, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            return None
        calls, commits = json.loads(said)
        return calls, commits

    def _counting(self, database: Path, point: int, reported: int, writer: int) -> tuple[int, list[int]]:
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

        with self._opened(database) as agency:
            sys.setprofile(count)
            self._act(agency)
            sys.setprofile(None)
        return calls, commits


def _around(commits: list[int]) -> set[int]:
    return {point for commit in commits for point in (commit - 1, commit, commit + 1, commit + 2)}
