"""Processes that work on one agency at once; time and again one is killed, and another takes its place.

Run as a program, it does the killing. Its arguments are a folder, how many processes, for how many seconds,
how many seconds pass between two kills, and a seed. It prints what it did as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs

from dcss_core import Actor, Secret
from dcss_core.agency.work.shapes import written_collections
from dcss_core.users import StaffRole
from dcss_core_sql.opening import open_storage

from .worker import Journal, Worker, journal_of, opened

_LOOKED_EVERY_SECONDS: Final = 0.25
_TOLD_EVERY_SECONDS: Final = 10


def forked(work: Callable[[], object]) -> int:
    """A child that does this and ends; no database may be open here."""
    process = os.fork()
    if process:
        return process
    try:
        work()
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)
    os._exit(0)


def set_up(folder: Path) -> None:
    """An agency with an administrator, a clerk and a records officer."""
    (folder / "files").mkdir()
    with opened(folder) as agency:
        journal = Journal(folder, 0)

        def appointed(user_id: str, by: Actor, *roles: StaffRole) -> str:
            email = Secret(f"{user_id}@dcss.example.com")
            appoint = partial(agency.staff.appoint, user_id, email=email, roles=roles, by=by)
            return str(journal.run("user_created", "", appoint).account_id)

        set_up_job = Actor.system("set-up")
        admin = Actor.staff(appointed("admin", set_up_job, StaffRole.ACCOUNT_ADMINISTRATOR))
        clerk = appointed("clerk", admin, StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK)
        (folder / "staff").write_text(
            json.dumps([clerk, appointed("officer", admin, StaffRole.RECORDS_OFFICER)])
        )


def warm_up(folder: Path, seed: str) -> None:
    """Do everything once on another agency, so that workers begin with all modules imported."""
    folder.mkdir()
    set_up(folder)
    worker = Worker(folder, 0, seed)
    for verb in worker.verbs():
        verb()
    worker.agency.close()


def watch(folder: Path) -> None:
    """Note again and again for how long the act that waits longest has waited for its number."""
    storage, collections = open_storage(f"sqlite:///{folder}/agency.db"), written_collections()
    storage.prepare(tuple(collections.values()))
    with (folder / "waits").open("a") as noted:
        while True:
            with storage.transaction(writes=False) as transaction:
                first = transaction.find(collections["audit_queue"], ("act",), limit=1)
                entry: Any = first and transaction.get(collections["audit_entries"], (first[0]["act"], 1))
            noted.write(f"{max(time.time() - entry['at'].timestamp(), 0) if entry else 0}\n")
            noted.flush()
            time.sleep(_LOOKED_EVERY_SECONDS)


def left_open(folder: Path, number: int) -> list[str]:
    """The payment files that a worker began to receive, and was not answered."""
    acts = [each for each in journal_of(folder, number) if each["kind"] == "remittance_posted"]
    done = {each["about"] for each in acts if each["state"] == "done"}
    return [each["about"] for each in acts if each["state"] == "begun" and each["about"] not in done]


@attrs.define
class Killing:
    """Workers at work, by their process, and what has become of others."""

    folder: Path
    seed: str
    workers: dict[int, int] = attrs.field(factory=dict)
    started: int = 0
    kills: int = 0
    failed: int = 0

    def start(self, files: list[str]) -> None:
        self.started += 1
        number = self.started
        process = forked(lambda: Worker(self.folder, number, self.seed).work(files))
        self.workers[process] = number

    def kill(self, process: int) -> int:
        """Kill a worker; its number. One that had ended by itself failed."""
        number = self.workers.pop(process)
        os.kill(process, signal.SIGKILL)
        _, status = os.waitpid(process, 0)
        self.kills += 1
        self.failed += not os.WIFSIGNALED(status)
        return number

    def last(self, seconds: float, kill_every: float) -> None:
        """Kill one worker after the other, and put others in their places, until the time is over."""
        chance, begun = random.Random(self.seed), time.monotonic()
        told = begun
        while time.monotonic() - begun < seconds:
            time.sleep(kill_every)
            self.start(left_open(self.folder, self.kill(chance.choice([*self.workers]))))
            if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                told = time.monotonic()
                print(f"  {self.kills} kills after {told - begun:.0f} s", file=sys.stderr, flush=True)


def main(folder: Path, processes: int, seconds: float, kill_every: float, seed: str) -> None:
    warm_up(folder / "warm-up", seed)
    set_up(folder)
    killing = Killing(folder, seed)
    watcher = forked(lambda: watch(folder))
    for _ in range(processes):
        killing.start([])
    killing.last(seconds, kill_every)
    for process in [*killing.workers]:
        killing.kill(process)
    os.kill(watcher, signal.SIGKILL)
    _, status = os.waitpid(watcher, 0)
    killing.failed += not os.WIFSIGNALED(status)
    print(json.dumps({"kills": killing.kills, "workers": killing.started, "failed": killing.failed}))


if __name__ == "__main__":
    where, how_many, how_long, how_often, given = sys.argv[1:]
    main(Path(where), int(how_many), float(how_long), float(how_often), given)
