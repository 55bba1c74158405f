"""Processes that work on one agency at once; time and again one is killed, and another takes its place.

Run as a program, it does the killing. Its arguments are a folder, a place, how many processes, how many
kills, how many seconds pass between two of them, every which of them hits the server, and a seed. A place is
`sqlite`, or the URL of a database of a PostgreSQL server of one's own, whose folder `CAMPAIGN_SERVER` names;
it starts again on the same files. What was done is printed as JSON.
"""

import json
import os
import random
import signal
import sys
import time
from collections.abc import Callable, Mapping
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from dcss_core import Actor, Secret
from dcss_core.agency.work.shapes import written_collections
from dcss_core.errors import BackendError
from dcss_core.ports.storage import Collection, Storage
from dcss_core.users import StaffRole
from dcss_core_sql.opening import open_storage

from .worker import Journal, Worker, journal_of, opened

if TYPE_CHECKING:
    from dcss_core_sql.testing import Server

_LOOKED_EVERY_SECONDS: Final = 0.25
_TOLD_EVERY_SECONDS: Final = 10
_PATIENCE: Final = "busy_seconds=30"


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


def set_up(folder: Path, place: str) -> None:
    """An agency with an administrator, a clerk and a records officer."""
    (folder / "url").write_text(url_in(place, folder))
    (folder / "files").mkdir()
    with opened(folder) as agency:
        journal = Journal(folder, 0)

        def appointed(user_id: str, by: Actor, *roles: StaffRole, asker: Actor | None = None) -> str:
            email = Secret(f"{user_id}@dcss.example.com")
            appoint = partial(agency.staff.appoint, user_id, email=email, roles=roles)
            if asker is not None:
                appoint(by=asker)
            return str(journal.run("user_created", "", partial(appoint, by=by)).account_id)

        set_up_job, only = Actor.system("set-up"), StaffRole.ACCOUNT_ADMINISTRATOR
        admin, asker = (Actor.staff(appointed(name, set_up_job, only)) for name in ("admin", "colleague"))
        clerk = appointed("clerk", admin, StaffRole.CASE_WORKER, StaffRole.PAYMENT_CLERK, asker=asker)
        officer = appointed("officer", admin, StaffRole.RECORDS_OFFICER, asker=asker)
        (folder / "staff").write_text(json.dumps([clerk, officer]))


def warm_up(folder: Path, place: str, seed: str) -> None:
    """Do everything once on another agency, so that workers begin with all modules imported."""
    folder.mkdir()
    set_up(folder, place)
    worker = Worker(folder, 0, seed)
    for verb in worker.verbs():
        verb()
    worker.agency.close()


def watch(folder: Path) -> None:
    """Note again and again for how long the act that waits longest has waited for its number."""
    storage, collections = open_storage((folder / "url").read_text()), written_collections()
    storage.prepare(tuple(collections.values()))
    with (folder / "waits").open("a") as noted:
        while True:
            try:
                noted.write(f"{_longest_wait(storage, collections)}\n")
                noted.flush()
            except BackendError as error:  # the server was killed
                if not error.retryable:
                    raise
            time.sleep(_LOOKED_EVERY_SECONDS)


def _longest_wait(storage: Storage, collections: Mapping[str, Collection]) -> float:
    with storage.transaction(writes=False) as transaction:
        first = transaction.find(collections["audit_queue"], ("act",), limit=1)
        entry: Any = first and transaction.get(collections["audit_entries"], (first[0]["act"], 1))
    return max(time.time() - entry["at"].timestamp(), 0) if entry else 0


def url_in(place: str, folder: Path) -> str:
    """The URL of a new agency's storage."""
    if place == "sqlite":
        return f"sqlite:///{folder}/agency.db?{_PATIENCE}"
    from dcss_core_sql.testing import fresh_schema

    return f"{fresh_schema(place)}&{_PATIENCE}"


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
    server_kills: int = 0
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

    def last(self, kills: int, kill_every: float, server_every: int, server: "Server | None") -> None:
        """So many times kill a worker, and put another in its place, or kill the server they all work on."""
        chance, begun = random.Random(self.seed), time.monotonic()
        told, how = begun, cycle((signal.SIGQUIT, signal.SIGKILL))
        while self.kills + self.server_kills < kills:
            time.sleep(kill_every * chance.uniform(0.5, 1.5))
            if server is not None and (self.kills + self.server_kills) % server_every == server_every - 1:
                server.stop(how=next(how))
                server.start()
                self.server_kills += 1
            else:
                self.start(left_open(self.folder, self.kill(chance.choice([*self.workers]))))
            if time.monotonic() - told > _TOLD_EVERY_SECONDS:
                told = time.monotonic()
                print(
                    f"  {self.kills} and {self.server_kills} kills after {told - begun:.0f} s",
                    file=sys.stderr,
                    flush=True,
                )


def main(folder: Path, place: str, processes: int, course: tuple[int, float, int], seed: str) -> None:
    kills, kill_every, server_every = course
    warm_up(folder / "warm-up", place, seed)
    set_up(folder, place)
    killing = Killing(folder, seed)
    watcher = forked(lambda: watch(folder))
    for _ in range(processes):
        killing.start([])
    killing.last(kills, kill_every, server_every, server_of(place))
    for process in [*killing.workers]:
        killing.kill(process)
    os.kill(watcher, signal.SIGKILL)
    _, status = os.waitpid(watcher, 0)
    killing.failed += not os.WIFSIGNALED(status)
    did = {"kills": killing.kills, "server_kills": killing.server_kills}
    print(json.dumps({**did, "workers": killing.started, "failed": killing.failed}))


def server_of(place: str) -> "Server | None":
    """The server of one's own that a place is on."""
    if place == "sqlite":
        return None
    from dcss_core_sql.testing import Server

    return Server(place, Path(os.environ["CAMPAIGN_SERVER"]))


if __name__ == "__main__":
    where, what, how_many, kills, pause, every, given = sys.argv[1:]
    main(Path(where), what, int(how_many), (int(kills), float(pause), int(every)), given)
