"""S-36 under concurrency: threads and processes that receive the same file together post it once.

Run as a program, this file is one of the processes: it opens the agency, says that it is ready, waits
for a line and receives the file.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dcss_core import Actor, KeyRing, Secret, open_agency
from dcss_core.payments.ledger.ledger import Place
from dcss_core.ports.keys import MasterKey
from dcss_core.testing import FakeHasher, FrozenClock

PROCESSES, THREADS = 2, 8


@pytest.fixture
def content(file_of, sent):
    return file_of(sent("150.00"), sent("110.00"), sent("7.00", case="0009999999"), sent("0.00", ended=True))


def assert_posted_once(agency):
    balances = agency.payments.balances(by=Actor.system("reconciliation"))
    assert str(balances[Place.COLLECTED]) == "-267.00"  # 150.00 + 110.00 + 7.00
    assert str(balances[Place.PAYABLE]) == "250.00"  # 200.00 January, 50.00 November
    assert str(balances[Place.HELD]) == "17.00"  # 10.00 for months to come, 7.00 for a case unknown
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1


def test_s36_threads_that_receive_one_file_together_post_each_entry_once(
    agency, opened_case, content, at_once
):
    batches = at_once(THREADS, lambda: agency.payments.receive(content, by=Actor.system("remittance")))
    assert sum(not batch.already_received for batch in batches) == 1
    assert len({frozenset(each.receipt_id for each in batch.receipts) for batch in batches}) == 1
    assert_posted_once(agency)


def test_s36_threads_that_receive_one_file_one_entry_at_a_time_post_each_once(
    agency, opened_case, content, at_once
):
    batches = at_once(
        THREADS,
        lambda: agency.payments.receive(
            content, by=Actor.system("remittance"), entries_at_once=1, pause_seconds=0
        ),
    )
    assert any(not batch.already_received for batch in batches)
    assert len({frozenset(each.receipt_id for each in batch.receipts) for batch in batches}) == 1
    assert {(batch.file.receipts, batch.file.employment_ends) for batch in batches} == {(3, 1)}
    assert_posted_once(agency)


def test_s36_threads_that_receive_different_files_with_the_same_entries_post_each_once(
    agency, opened_case, file_of, sent, at_once
):
    modifiers = iter("ABCDEFGH")
    files = [
        file_of(sent("150.00"), sent("110.00"), file_id_modifier=next(modifiers)) for _ in range(THREADS)
    ]
    batches = at_once(THREADS, lambda: agency.payments.receive(files.pop(), by=Actor.system("remittance")))
    assert sum(len(batch.receipts) for batch in batches) == 2
    assert sum(len(batch.seen_before) for batch in batches) == 2 * (THREADS - 1)
    assert str(agency.payments.balances(by=Actor.system("reconciliation"))[Place.PAYABLE]) == "250.00"


@pytest.mark.parametrize("entries_at_once", [100, 1])
def test_s36_processes_that_receive_one_file_together_post_each_entry_once(
    opener, sqlite_url, case_application, intake, content, tmp_path, entries_at_once
):
    """In one step or in four, which the two then take by turns, each entry is posted by one of them."""
    with opener(sqlite_url) as agency:
        agency.cases.open(case_application, by=intake)
    path = tmp_path / "remittance.ach"
    path.write_bytes(content)
    running = [
        subprocess.Popen(
            [sys.executable, __file__, sqlite_url, str(path), str(entries_at_once)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    try:
        assert [process.stdout.readline() for process in running] == ["ready\n"] * PROCESSES
        for process in running:
            process.stdin.write("now\n")
            process.stdin.flush()
        outcomes = [json.loads(process.communicate(timeout=60)[0]) for process in running]
    finally:
        for process in running:
            process.kill()
            process.communicate()
    posted = sum(not outcome["already_received"] for outcome in outcomes)
    assert posted == 1 if entries_at_once == 100 else posted >= 1
    assert outcomes[0]["receipts"] == outcomes[1]["receipts"]
    with opener(sqlite_url) as agency:
        assert_posted_once(agency)


def receive(url: str, path: str, entries_at_once: str) -> None:
    with open_agency(
        url,
        jurisdiction="US-GA",
        keys=KeyRing((MasterKey("k1", Secret("1" * 64)),)),
        clock=FrozenClock(datetime(2026, 1, 7, 15, 0, tzinfo=UTC)),
        hasher=FakeHasher(),
    ) as agency:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        sys.stdin.readline()
        batch = agency.payments.receive(
            Path(path).read_bytes(),
            by=Actor.system("remittance"),
            entries_at_once=int(entries_at_once),
            pause_seconds=0.001,
        )
    receipts = sorted(receipt.receipt_id for receipt in batch.receipts)
    sys.stdout.write(json.dumps({"already_received": batch.already_received, "receipts": receipts}))


if __name__ == "__main__":
    receive(*sys.argv[1:])
