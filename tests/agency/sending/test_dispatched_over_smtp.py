"""Dispatchers as threads and as processes, over a real mail server: every letter comes once and in order.

Run as a program, this file is one dispatcher: its arguments are the folder of the database, the port of the
mail server and an instant. It dispatches until nothing is due, and is killed in the middle where the test has
the mail server do so.
"""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import attrs
import pytest

from dcss_core import Actor, KeyRing, Secret, open_agency
from dcss_core.agency.filing.letters import OUTBOX
from dcss_core.letters.letter import Letter, Occasion
from dcss_core.letters.outgoing.outbox_message import write_message
from dcss_core.letters.recipient import Recipient
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher, FrozenClock

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="processes are killed by a signal")

DISPATCH = Actor.system("dispatch")
BEGIN = datetime(2026, 1, 7, 15, tzinfo=UTC)
PEOPLE, EACH = 40, 6


@attrs.define
class MailRoom:
    """What came, and who is killed once so many letters came, before they are told that it was taken."""

    came: list[tuple[str, str, str]] = attrs.field(factory=list)  # address, subject, id
    dies: dict[int, subprocess.Popen[bytes]] = attrs.field(factory=dict)

    async def handle_DATA(self, _server, _session, envelope):  # noqa: N802
        mail = message_from_bytes(envelope.content, policy=policy.default)
        self.came.append((mail["To"], mail["Subject"], mail["Message-ID"]))
        victim = self.dies.pop(len(self.came), None)
        if victim is not None:
            victim.kill()
            victim.wait()
        return "250 taken"


@pytest.fixture
def room():
    return MailRoom()


@pytest.fixture
def port(room):
    controller = pytest.importorskip("aiosmtpd.controller").Controller
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    server = controller(room, hostname="127.0.0.1", port=free)
    server.start()
    yield free
    server.stop()


def opened(folder, port, instant=BEGIN):
    return open_agency(
        f"sqlite:///{folder}/agency.db",
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        channels=[f"smtp://127.0.0.1:{port}?from=no-reply@agency.example"],
        clock=FrozenClock(instant),
        hasher=FakeHasher(),
    )


def written(agency, people=PEOPLE, each=EACH):
    """Writes letters to some people, a second apart and in turn; how many there are."""
    messages = [
        write_message(
            Letter(f"Letter {number}", Secret("Sign in to read it."), Occasion("x")),
            message_id=f"{person}/{each - number}",
            recipient=Recipient.person(f"p-{person}"),
            address=Secret(f"p-{person}@example.test"),
            now=BEGIN - timedelta(seconds=each - number),
        )
        for number in range(each)
        for person in range(people)
    ]
    agency._resources.write(lambda work: work.insert(OUTBOX, messages))
    return len(messages)


def subjects_by_address(room):
    found = defaultdict(list)
    for address, subject, _ in room.came:
        found[address].append(subject)
    return found


def in_order(people=PEOPLE, each=EACH):
    return {f"p-{person}@example.test": [f"Letter {n}" for n in range(each)] for person in range(people)}


def process(folder, port, instant=BEGIN):
    program = [sys.executable, __file__, str(folder), str(port), instant.isoformat()]
    return subprocess.Popen(program, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})


def test_four_threads_send_every_letter_once_and_in_order_to_each_recipient(tmp_path, room, port):
    with opened(tmp_path, port) as agency:
        letters = written(agency)
        with ThreadPoolExecutor(4) as threads:
            begin = threading.Barrier(4)

            def dispatched(_):
                begin.wait()
                return until_nothing_is_due(agency)

            delivered = list(threads.map(dispatched, range(4)))
        until_nothing_is_due(agency)
        assert agency.outbox.pending(by=DISPATCH) == 0
    assert len(room.came) == letters
    assert subjects_by_address(room) == in_order()
    assert sum(count > 0 for count in delivered) > 1


def test_four_processes_send_every_letter_once_and_in_order_to_each_recipient(tmp_path, room, port):
    with opened(tmp_path, port) as agency:
        letters = written(agency)
    dispatchers = [process(tmp_path, port) for _ in range(4)]
    assert [each.wait(timeout=120) for each in dispatchers] == [0] * 4
    with opened(tmp_path, port) as agency:
        until_nothing_is_due(agency)  # what the last one let go as the others ended
        assert agency.outbox.pending(by=DISPATCH) == 0
    assert len(room.came) == letters
    assert subjects_by_address(room) == in_order()


def test_a_letter_whose_dispatcher_was_killed_before_it_could_say_so_comes_again_under_its_id(
    tmp_path, room, port
):
    with opened(tmp_path, port) as agency:
        letters = written(agency, people=3, each=2)
    victim = process(tmp_path, port)
    room.dies[2] = victim
    assert victim.wait(timeout=60) == -signal.SIGKILL
    twice = room.came[1]
    assert process(tmp_path, port, BEGIN + timedelta(minutes=4)).wait(timeout=60) == 0
    assert twice not in room.came[2:]  # its lease is not over
    assert process(tmp_path, port, BEGIN + timedelta(minutes=5)).wait(timeout=60) == 0
    counts = Counter(room.came)
    assert counts.pop(twice) == 2
    assert set(counts.values()) == {1}
    assert len(counts) == letters - 1
    with opened(tmp_path, port) as agency:
        assert agency.outbox.pending(by=DISPATCH) == 0


def test_dispatchers_that_are_killed_again_and_again_lose_no_letter_and_keep_their_order(
    tmp_path, room, port
):
    with opened(tmp_path, port) as agency:
        letters = written(agency, people=6, each=4)
    instant, killed = BEGIN, []
    for number in range(1, 9):
        victim = process(tmp_path, port, instant)
        room.dies[len(room.came) + number % 3 + 1] = victim
        if victim.wait(timeout=60) == -signal.SIGKILL:
            killed.append(room.came[-1])
        room.dies.clear()
        instant += timedelta(minutes=5)
    assert process(tmp_path, port, instant).wait(timeout=60) == 0
    assert len(killed) == 8
    assert len(set(room.came)) == letters
    assert len(room.came) == letters + len(killed)
    firsts = defaultdict(list)
    for address, subject, _ in dict.fromkeys(room.came):
        firsts[address].append(subject)
    assert firsts == in_order(people=6, each=4)


# --- the program ----------------------------------------------------------------------------------------


def until_nothing_is_due(agency):
    delivered = 0
    while report := agency.outbox.dispatch(by=DISPATCH).delivered:
        delivered += report
    return delivered


if __name__ == "__main__":
    folder, port, instant = sys.argv[1:]
    with opened(Path(folder), port, datetime.fromisoformat(instant)) as agency:
        until_nothing_is_due(agency)
