"""Processes are killed while they work: what was acknowledged is there, and nothing is there twice."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from dcss_core import Actor, Agency, Money, Secret
from dcss_core.letters.outbox_message import LEASE
from dcss_core.payments import Place
from dcss_core.testing import FrozenClock
from dcss_core.users import SignedIn

from .seeds import LONG, seed_of
from .worker import AUDIT, DISPATCH, REMITTANCE, SENT, file_named, journal_of, opened
from .world import state_of

ONCE = {"case_opened", "remittance_posted", "receipt_identified"}
"""Of one thing there is only one such entry, however often it was begun."""
SHORT, LONG_ONE = (3, 2, 0.5), (8, 120, 1)
"""How many processes, for how many seconds, with how many seconds between two kills."""


def ran(folder: Path, course: tuple[float, ...], seed: str) -> dict[str, int]:
    """What the program did to an agency in this folder."""
    path = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    program = subprocess.run(
        [sys.executable, "-m", "campaigns.killing", str(folder), *map(str, course), seed],
        env=os.environ | {"PYTHONPATH": path},
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
def test_killed_processes_lose_nothing_that_was_acknowledged_and_double_nothing(course, tmp_path):
    begun, seed = time.monotonic(), seed_of(is_long=course is LONG_ONE)
    print(f"\n{course[0]} processes for {course[1]} s: CAMPAIGN_SEED={seed}", flush=True)
    did = ran(tmp_path, course, seed)
    acts = acts_of(tmp_path, did["workers"])
    files = sorted({act["about"] for act in acts if act["kind"] == "remittance_posted"})
    longest = max(map(float, (tmp_path / "waits").read_text().splitlines()[:-1]))
    with opened(tmp_path) as agency:
        finish(agency, tmp_path, files)
        assert lost_or_doubled(agency, acts) == []
        assert shut_out(agency, acts) == []
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
    assert -balances[Place.COLLECTED] == brought
    assert delay.is_kept
    assert longest <= delay.limit.total_seconds()
    assert {*delivered} >= written
    assert delivered.total() - len(delivered) <= did["kills"]  # delivered, and killed before that was noted
    assert did["failed"] == 0
    assert by_kind.total() > did["workers"]
