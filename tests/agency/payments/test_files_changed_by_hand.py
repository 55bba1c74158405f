"""What is stored of a payment file is compared with its bytes: nothing of it is left out unseen."""

import sqlite3
from contextlib import closing

import pytest

from dcss_core import Actor
from dcss_core.errors import InvariantError
from dcss_core.payments import FindingKind

REMITTANCE, AUDIT = Actor.system("remittance"), Actor.system("audit")


class StoppedError(Exception):
    """What stops a run between two steps."""


@pytest.fixture
def agency(opener, database):
    return opener(f"sqlite:///{database}")


@pytest.fixture
def content(agency, family, intake, file_of, sent):
    """Five entries: one is for a case that there is not, one reports that employment ended, one does both."""
    agency.cases.open(family("0004567890", "900010001"), by=intake)
    known = {"case": "0004567890", "ssn": "900010001"}
    return file_of(
        sent("100.00", **known),
        sent("7.00", case="0009999999"),
        sent("60.00", **known, ended=True),
        sent("0.00", **known, ended=True),
        sent("50.00", **known),
    )


@pytest.fixture
def receive(agency):
    """Receives a file one entry at a time; stops after so many."""

    def done(content, *, stop_after=None):
        def stop(entries, of):
            if entries == stop_after:
                raise StoppedError

        if stop_after is None:
            return agency.payments.receive(content, by=REMITTANCE, entries_at_once=1, pause_seconds=0)
        with pytest.raises(StoppedError):
            agency.payments.receive(content, by=REMITTANCE, progress=stop, entries_at_once=1, pause_seconds=0)
        return None

    return done


@pytest.fixture
def by_hand(database):
    """Changes the database, and looks at nothing."""

    def done(*changes):
        with closing(sqlite3.connect(database)) as connection, connection:
            for change in changes:
                assert connection.execute(change).rowcount > 0

    return done


@pytest.fixture
def kinds(changed):
    return lambda *changes: {each.kind for each in changed(*changes).findings}


# --- a file that is half received ----------------------------------------------------------------------


@pytest.mark.parametrize("stop_after", [1, 2, 3, 4])
def test_a_half_received_file_that_nobody_touched_is_sound_and_goes_on(agency, content, receive, stop_after):
    receive(content, stop_after=stop_after)
    verification = agency.payments.verify(by=AUDIT)
    assert (verification.findings, verification.unfinished) == ((), 1)
    assert receive(content).file.receipts == 4
    assert agency.payments.verify(by=AUDIT).findings == ()


@pytest.mark.parametrize("changed_to", ["done = 5, seen_before = 3", "done = 5", "done = 3", "done = 4"])
def test_entries_that_count_as_posted_and_were_not_are_not_passed_over(
    agency, content, receive, by_hand, changed_to
):
    receive(content, stop_after=2)
    by_hand(f"UPDATE remittance_files SET {changed_to}")
    with pytest.raises(InvariantError, match=r"count as posted, and have neither.*from a backup") as refused:
        receive(content)
    assert "payments.verify" in str(refused.value)
    [finding] = agency.payments.verify(by=AUDIT).findings
    assert finding.kind is FindingKind.FILE


def test_a_file_is_finished_once_its_record_is_put_back(agency, content, receive, by_hand):
    receive(content, stop_after=2)
    by_hand("UPDATE remittance_files SET done = 5, seen_before = 3")
    with pytest.raises(InvariantError):
        receive(content)
    by_hand("UPDATE remittance_files SET done = 2, seen_before = 0")
    assert receive(content).file.receipts == 4
    assert agency.payments.verify(by=AUDIT).findings == ()


def test_what_is_changed_while_a_file_is_received_is_not_passed_over(agency, content, by_hand):
    def change(done, of):
        if done == 2:
            by_hand("UPDATE remittance_files SET done = 4, seen_before = 2")

    with pytest.raises(InvariantError, match="count as posted"):
        agency.payments.receive(content, by=REMITTANCE, progress=change, entries_at_once=1, pause_seconds=0)


def test_a_record_that_can_not_be_finished_says_what_to_do(content, receive, by_hand):
    receive(content, stop_after=4)
    by_hand("UPDATE remittance_files SET received_cents = received_cents - 1")
    with pytest.raises(InvariantError, match=r"changed by hand and can't be finished.*from a backup"):
        receive(content)


def test_a_file_whose_record_is_gone_says_what_to_do(content, receive, by_hand):
    receive(content, stop_after=2)
    by_hand("DELETE FROM remittance_files")
    with pytest.raises(InvariantError, match=r"record is gone.*from a backup"):
        receive(content)


@pytest.mark.parametrize(
    "change",
    [
        "done = done + 1",
        "done = done - 1",
        "seen_before = seen_before + 1",
        "done = done + 1, seen_before = seen_before + 1",
        "entries = entries + 1",
        "receipts = receipts - 1",
        "held_cents = held_cents - 1",
        "received_cents = received_cents - 1",
        "total_cents = total_cents + 1",
        "employment_ends = employment_ends - 1",
    ],
)
def test_each_figure_of_a_half_received_file_is_compared_with_its_bytes(content, receive, kinds, change):
    receive(content, stop_after=4)
    assert FindingKind.FILE in kinds(f"UPDATE remittance_files SET {change}")


# --- a file that is received ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        ("UPDATE remittance_files SET seen_before = 1",),
        ("UPDATE remittance_files SET held_cents = 1",),
        (
            "UPDATE remittance_files SET employment_ends = 1",
            "DELETE FROM employment_end_reports WHERE report_id = "
            "(SELECT min(report_id) FROM employment_end_reports)",
        ),
        ("UPDATE remittance_files SET status = 'receiving'",),
        ("UPDATE remittance_files SET status = 'receiving', done = 4",),
    ],
)
def test_each_figure_of_a_received_file_is_compared(content, receive, kinds, changes):
    receive(content)
    assert {FindingKind.FILE, FindingKind.CHANGED} & kinds(*changes)


def test_what_came_before_by_another_file_is_counted(agency, content, receive, file_of, sent):
    """Entries of an earlier file and one of them a report without money, which counts as neither."""
    receive(content)
    known = {"case": "0004567890", "ssn": "900010001"}
    again = file_of(
        sent("100.00", **known),
        sent("7.00", case="0009999999"),
        sent("60.00", **known, ended=True),
        sent("0.00", **known, ended=True),
        sent("51.00", **known),
    )
    assert agency.payments.receive(again, by=REMITTANCE).file.seen_before == 3
    assert agency.payments.verify(by=AUDIT).findings == ()


def test_a_file_of_an_earlier_deposit_is_not_taken_for_its_own(agency, content, receive, kinds):
    receive(content)
    assert FindingKind.FILE in kinds(
        "UPDATE receipts SET file_id = 'x' WHERE receipt_id = (SELECT min(receipt_id) FROM receipts)",
        "UPDATE remittance_files SET seen_before = 1, receipts = 3",
    )


# --- its bytes ------------------------------------------------------------------------------------------


def test_bytes_that_are_gone_before_their_time_are_found(content, receive, kinds):
    receive(content)
    assert kinds("DELETE FROM remittance_parts") == {FindingKind.FILE}


def test_bytes_of_a_half_received_file_that_are_gone_are_found(content, receive, kinds):
    receive(content, stop_after=2)
    assert kinds("DELETE FROM remittance_parts") == {FindingKind.FILE}


def test_bytes_whose_time_is_over_may_be_gone(agency, content, receive, clock):
    receive(content)
    clock.move(days=3700)
    agency.retention.apply(by=Actor.system("retention"))
    assert agency.payments.verify(by=AUDIT).findings == ()


def test_a_file_that_brings_nothing_is_sound(agency, content, file_of, sent):
    agency.payments.receive(file_of(sent("0.00", case="0004567890", ssn="900010001")), by=REMITTANCE)
    assert agency.payments.verify(by=AUDIT).findings == ()
