"""Processes: eight at once on one place, each with a storage of its own."""

import base64
import json
import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Final

import pytest

from dcss_core.testing.kits import storage_process
from dcss_core.testing.kits.storage_conformance.shelf import OnAShelf, Reopen, Shelf, person
from dcss_core.testing.kits.storage_process import Task

_SECONDS: Final = 60
_SEVERAL: Final = "whichever process writes beside it"
_PICKLED: Final = "`reopen` can't be pickled; functools.partial of a module's function can"


class Processes(OnAShelf):
    """What holds among processes; for a durable storage whose `reopen` can be pickled."""

    processes: ClassVar[int] = 8

    def test_eight_processes_at_once_work_as_one_after_the_other(
        self, shelf: Shelf, request: pytest.FixtureRequest
    ) -> None:
        """No update is lost, no unique key is taken twice, and the log has no gap."""
        opened, rounds = self._reopen(request), 3
        shelf.insert(person("shared"))
        tasks = [
            Task(number, opened, shelf.people.name, shelf.events.name, rounds)
            for number in range(self.processes)
        ]
        told = _carried_out(tasks)
        shared = shelf.get("shared")
        total = self.processes * rounds
        assert shared == {**person("shared", balance_cents=total), "version": total + 1}, (
            f"the port promises that no update is lost, {_SEVERAL}"
        )
        assert sorted(turn for each in told for turn in each["won"]) == [*range(rounds)], (
            f"the port promises that a unique key is never taken twice, {_SEVERAL}"
        )
        logged = shelf.logged()
        assert [number for number, _ in logged] == [*range(1, total + 1)], (
            f"the port promises that the numbers of a log have no gap, {_SEVERAL}"
        )
        expected = sorted((at, f"{number}") for number, each in enumerate(told) for at in each["numbers"])
        assert logged == expected, (
            f"the port promises that append returns the numbers of the entries, {_SEVERAL}"
        )

    def _reopen(self, request: pytest.FixtureRequest) -> Reopen:
        if not self.durable:
            pytest.skip("this backend does not say that it is durable")
        reopen: Reopen = request.getfixturevalue("reopen")
        try:
            pickle.dumps(reopen)
        except (pickle.PicklingError, AttributeError, TypeError):
            pytest.skip(_PICKLED)
        return reopen


def _carried_out(tasks: list[Task]) -> list[dict[str, Any]]:
    """What each process was told; all begin when all are ready."""
    with _started(len(tasks)) as processes:
        for process, task in zip(processes, tasks, strict=True):
            _say(process, base64.b64encode(pickle.dumps(task)).decode())
        for process in processes:
            _heard(process, lambda line: line == storage_process.READY)
        for process in processes:
            _say(process, "begin")
        return [json.loads(_heard(process, lambda line: line.startswith("{"))) for process in processes]


@contextmanager
def _started(number: int) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-m", storage_process.__name__]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    processes = [subprocess.Popen(command, env=environment, text=True, **pipes) for _ in range(number)]
    try:
        yield processes
        for process in processes:
            process.wait(_SECONDS)
    finally:
        for process in processes:
            process.kill()
            process.communicate()


def _say(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def _heard(process: subprocess.Popen[str], expected: Callable[[str], bool]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline().rstrip("\n")
    if not expected(line):
        _, complaint = process.communicate(timeout=_SECONDS)
        raise AssertionError(
            f"the port promises that several processes use one durable storage; one ended: {complaint}"
        )
    return line
