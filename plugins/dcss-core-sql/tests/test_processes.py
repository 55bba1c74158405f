"""Several processes on one file, and one that is killed. Run as a program, this file is such a process."""

import signal
import subprocess
import sys
from pathlib import Path

from dcss_core.errors import DuplicateKeyError
from dcss_core.plugins import SEQUENCE, Collection, Field, FieldKind
from dcss_core_sql.opening import open_storage
from dcss_core_sql.storage import SqlStorage

PEOPLE = Collection(
    "people",
    (Field("person_id", FieldKind.TEXT), Field("email", FieldKind.TEXT)),
    key="person_id",
    unique=(("email",),),
)
EVENTS = Collection("events", (Field("subject", FieldKind.TEXT),), log=True)
ROUNDS = 50


def opened(url: str) -> SqlStorage:
    storage = open_storage(url)
    storage.prepare([PEOPLE, EVENTS])
    return storage


def take_what_you_can(url: str, name: str) -> None:
    storage = opened(url)
    _wait_for_the_others()
    won = 0
    for turn in range(ROUNDS):
        try:
            with storage.transaction(writes=True) as transaction:
                transaction.append(EVENTS, [{"subject": name}])
                transaction.insert(PEOPLE, [{"person_id": f"{name}{turn}", "email": f"{turn}@example.org"}])
            won += 1
        except DuplicateKeyError:
            continue
    sys.stdout.write(f"{won}\n")


def write_and_never_commit(url: str, _name: str) -> None:
    storage = opened(url)
    with storage.transaction(writes=True) as transaction:
        transaction.append(EVENTS, [{"subject": "kept"}])
        transaction.insert(PEOPLE, [{"person_id": "kept", "email": "kept@example.org"}])
    with storage.transaction(writes=True) as transaction:
        transaction.append(EVENTS, [{"subject": "lost"}])
        # 5 MB are more than SQLite's page cache holds (2 MB), so part of it is in the log on disk already
        rows = [{"person_id": str(n), "email": f"{n}@{'x' * 5_000}"} for n in range(1_000)]
        transaction.insert(PEOPLE, rows)
        _wait_for_the_others()


def open_at_once(url: str, _name: str) -> None:
    _wait_for_the_others()
    opened(url).close()
    sys.stdout.write("opened\n")


def _wait_for_the_others() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()


def started(role: str, url: str, name: str = "") -> subprocess.Popen[str]:
    command = [sys.executable, __file__, role, url, name]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finished(processes: list[subprocess.Popen[str]]) -> list[str]:
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=60)[0].strip() for process in processes]


def test_two_processes_take_each_unique_key_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/agency.db"
    won = finished([started("take_what_you_can", url, name) for name in ("a", "b")])
    assert sum(map(int, won)) == ROUNDS
    storage = opened(url)
    with storage.transaction(writes=False) as transaction:
        takers = [str(row["person_id"])[0] for row in transaction.find(PEOPLE, ("person_id",))]
        numbers = [row[SEQUENCE] for row in transaction.find(EVENTS, (SEQUENCE,))]
    storage.close()
    assert [takers.count("a"), takers.count("b")] == [int(each) for each in won]
    assert numbers == list(range(1, ROUNDS + 1))


def test_nothing_of_a_killed_transaction_is_there_afterwards(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/agency.db"
    process = started("write_and_never_commit", url)
    assert (tmp_path / "agency.db-wal").stat().st_size > 1_000_000
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    storage = opened(url)
    with storage.transaction(writes=True) as transaction:
        people = [row["person_id"] for row in transaction.find(PEOPLE, ("person_id",))]
        events = [row["subject"] for row in transaction.find(EVENTS, (SEQUENCE,))]
        numbers = transaction.append(EVENTS, [{"subject": "next"}])
    storage.close()
    assert process.returncode == -signal.SIGKILL
    assert people == ["kept"]
    assert events == ["kept"]
    assert numbers == [2]


def test_processes_that_start_together_all_open_a_new_file(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/agency.db"
    assert finished([started("open_at_once", url) for _ in range(6)]) == ["opened"] * 6


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])
