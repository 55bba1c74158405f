"""Sequencers as processes: killed anywhere, or several at once, they lose no entry and number none twice.

Run as a program, this file does it and writes what it found as JSON. Its arguments are what to do and a
folder. Each child opens the agency for itself, by a clock that the parent chose.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dcss_core import Actor, KeyRing, Secret, open_agency
from dcss_core.agency.audit import sequencing as job
from dcss_core.audit.reads import NothingFound
from dcss_core.plugins import StorageBackend, hookimpl
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher, FrozenClock
from dcss_core_sql.sqlite.database import SqliteDatabase
from dcss_core_sql.sqlite.location import Location
from dcss_core_sql.storage import SqlStorage

BEGIN = datetime(2026, 1, 7, 15, tzinfo=UTC)
ROUNDS, WRITERS, ACTS = 24, 3, 24

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are forked and killed by a signal")


def found(what, folder):
    program = subprocess.run(
        [sys.executable, __file__, what, str(folder)], check=True, timeout=600, capture_output=True, text=True
    )
    return json.loads(program.stdout)


def test_a_sequencer_that_is_killed_again_and_again_loses_no_entry_and_numbers_none_twice(tmp_path):
    result = found("killed", tmp_path)
    assert result["killed"] >= ROUNDS // 2  # the others were done before
    assert result["halves"] >= 5  # and in some rounds it died when it had numbered a part
    assert sorted(result["numbered"]) == sorted(result["written"])
    assert len(set(result["numbered"])) == len(result["numbered"])
    assert result["is_sound"]


@pytest.mark.parametrize("what", ["by job", "along"])
def test_processes_that_number_one_log_at_once_lose_no_entry_and_number_none_twice(tmp_path, what):
    result = found(what, tmp_path)
    assert sorted(result["numbered"]) == sorted(result["written"])
    assert len(result["written"]) == WRITERS * ACTS * 2
    assert len(set(result["numbered"])) == len(result["numbered"])
    assert result["is_sound"]


# --- the program ---------------------------------------------------------------------------------------


class Plugin:
    """An in-process plugin: SQLite, as if its writers did not queue, so that a job numbers the log."""

    @hookimpl
    def dcss_storage_backends(self):
        def opened(url):
            location = Location.from_url(url.removeprefix("byjob-"))
            database = SqliteDatabase(location)
            return SqlStorage(database, busy_seconds=location.busy_seconds, writes_one_at_a_time=False)

        return [StorageBackend("byjob-sqlite", "SQLite, numbered by a job", opened)]


def opened(folder, now, scheme="byjob-sqlite"):
    return open_agency(
        f"{scheme}:///{folder}/agency.db",
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        channels=[],
        plugins=[Plugin()],
        clock=FrozenClock(now),
        hasher=FakeHasher(),
    )


def written_down(agency, entries):
    """The ids of so many entries, as one act."""
    made = []

    def act(work):
        made.append(work)
        work.audit([NothingFound(str(number)) for number in range(entries)], Actor.system("intake"))

    agency.audit._resources.write(act)
    return [f"{made[-1].trace.act.hex()}-{line}" for line in range(1, entries + 1)]


def writing(agency):
    """Acts of one, two and three entries."""
    return [each for place in range(ACTS) for each in written_down(agency, 1 + place % 3)]


def sequencing(agency):
    """Numbers until nothing waits, in small steps."""
    job.BATCH = 2
    while agency.audit.sequence(by=Actor.system("audit")).numbered:
        pass
    return []


def child(work, *opening):
    """Run work on an agency of its own in a child; the process and the pipe that says what came of it."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        try:
            os.close(reader)
            with opened(*opening) as agency:
                agency.audit.merge_delay(by=Actor.system("audit"))  # whatever is read first is read
                os.write(writer, b"begun ")
                answer = json.dumps(work(agency)).encode()
            with os.fdopen(writer, "wb") as pipe:
                pipe.write(answer)
        finally:
            os._exit(0)
    os.close(writer)
    return process, os.fdopen(reader, "rb")


def answer_of(process, pipe):
    """What a child said; None when it was killed."""
    with pipe:
        answer = pipe.read().removeprefix(b"begun ")
    _, status = os.waitpid(process, 0)
    return None if os.WIFSIGNALED(status) else json.loads(answer)


def result_of(folder, now, written, scheme="byjob-sqlite"):
    """What the log is in the end."""

    def look(agency):
        auditor = Actor.system("audit")
        agency.audit.sequence(by=auditor)
        numbered = [entry.entry_id for _, entry in agency.audit.entries(by=auditor)]
        return {"numbered": numbered, "is_sound": agency.audit.verify(by=auditor).is_sound}

    return {"written": written, **answer_of(*child(look, folder, now, scheme))}


def kill_again_and_again(folder):
    chance = random.Random(7)
    written, killed, halves, now, size = [], 0, 0, BEGIN, 0
    for _ in range(ROUNDS):
        now += timedelta(seconds=31)  # the lease of the one before has ended
        written += answer_of(*child(writing, folder, now))
        process, pipe = child(sequencing, folder, now)
        pipe.read(6)
        time.sleep(chance.random() * 0.05)
        os.kill(process, signal.SIGKILL)
        killed += answer_of(process, pipe) is None
        reached = answer_of(*child(size_of, folder, now))
        halves += size < reached < len(written)
        size = reached
    return {**result_of(folder, now + timedelta(seconds=31), written), "killed": killed, "halves": halves}


def size_of(agency):
    return len(list(agency.audit.entries(by=Actor.system("audit"))))


def at_once(folder, scheme):
    with opened(folder, BEGIN, scheme):
        pass  # the shapes are there
    writers = [child(writing, folder, BEGIN + timedelta(minutes=place), scheme) for place in range(WRITERS)]
    others = [child(sequencing, folder, BEGIN + timedelta(minutes=place), scheme) for place in range(3)]
    written = [each for process in writers for each in answer_of(*process)]
    for process in others:
        answer_of(*process)
    return result_of(folder, BEGIN + timedelta(minutes=9), written, scheme)


if __name__ == "__main__":
    what, place = sys.argv[1], Path(sys.argv[2])
    if what == "killed":
        print(json.dumps(kill_again_and_again(place)))
    else:
        print(json.dumps(at_once(place, "byjob-sqlite" if what == "by job" else "sqlite")))
