"""A file is received step by step: what is done stays done, and whoever comes next goes on with the rest."""

import json

import pytest

from dcss_core import Actor, errors
from dcss_core.payments import frame
from dcss_core.payments.ledger.ledger import HoldReason, Place

pytestmark = pytest.mark.on_every_storage

REMITTANCE, BOOKS = Actor.system("remittance"), Actor.system("reconciliation")


class StoppedError(Exception):
    """What stops a run between two steps."""


@pytest.fixture
def content(file_of, sent):
    """Five entries: four are for John's case, one for a case that there is not."""
    amounts = ("100.00", "50.00", "7.00", "60.00", "0.00")
    return file_of(
        *(
            sent(amount, case="0009999999" if amount == "7.00" else "0004567890", ended=amount == "0.00")
            for amount in amounts
        )
    )


@pytest.fixture
def receive(agency):
    """Receives a file one entry at a time; stops after so many."""

    def done(content, *, stop_after=None, **pace):
        def stop(entries, of):
            if entries == stop_after:
                raise StoppedError

        pace = {"entries_at_once": 1, "pause_seconds": 0} | pace
        return agency.payments.receive(content, by=REMITTANCE, progress=stop, **pace)

    return done


@pytest.fixture
def stopped(receive, content):
    """Receives the first entries of the file, and no more."""

    def after(entries):
        with pytest.raises(StoppedError):
            receive(content, stop_after=entries)

    return after


@pytest.fixture
def collected(agency):
    return lambda: str(agency.payments.balances(by=BOOKS)[Place.COLLECTED])


def test_what_was_posted_before_a_run_stopped_stays_posted(agency, opened_case, stopped, collected, clerk):
    stopped(2)
    assert collected() == "-150.00"
    assert [str(line.amount) for line in agency.payments.history(opened_case, by=clerk)].count("100.00") == 1


@pytest.mark.parametrize("entries", [1, 2, 3, 4])
def test_a_run_that_stopped_is_gone_on_with_by_receiving_the_file_again(
    agency, opened_case, receive, content, stopped, books, entries
):
    stopped(entries)
    batch = receive(content, entries_at_once=2)
    assert not batch.already_received
    assert (batch.file.receipts, batch.file.employment_ends, batch.file.seen_before) == (4, 1, 0)
    assert batch.is_whole
    assert sorted(str(each.amount) for each in batch.receipts) == ["100.00", "50.00", "60.00", "7.00"]
    # 100.00 + 50.00 + 50.00 of 60.00 for January, 10.00 for November; 7.00 is held
    assert books(agency)["balances"] == {
        "collected": "-217.00",
        "undistributed": "0.00",
        "held": "7.00",
        "payable": "210.00",
        "charged": "-250.00",
        "owed": "40.00",
        "satisfied": "210.00",
        "prepaid": "0.00",
    }
    assert receive(content).already_received


def test_an_interrupt_between_two_steps_loses_nothing(
    agency, opened_case, receive, content, collected, monkeypatch
):
    def interrupt(seconds):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(agency.payments._resources, "pause", interrupt)
        with pytest.raises(KeyboardInterrupt):
            receive(content)
    assert collected() == "-100.00"
    assert receive(content).file.receipts == 4
    assert collected() == "-217.00"


def test_progress_goes_on_where_it_stopped(agency, opened_case, content, stopped):
    stopped(3)
    told = []
    agency.payments.receive(
        content,
        by=REMITTANCE,
        progress=lambda done, of: told.append((done, of)),
        entries_at_once=1,
        pause_seconds=0,
    )
    assert told == [(4, 5), (5, 5)]


def test_a_file_counts_from_the_day_it_came_however_late_it_is_finished(
    agency, opened_case, receive, content, stopped, clock
):
    stopped(1)
    clock.move(days=31)  # 7 February
    batch = receive(content)
    assert {str(each.received_on) for each in batch.receipts} == {"2026-01-07"}
    assert {str(each.send_by) for each in batch.receipts if each.send_by} == {"2026-01-09"}
    assert str(batch.file.received_on) == "2026-01-07"
    # January's support is all that money of January fell due for
    assert str(agency.payments.balances(by=BOOKS)[Place.CHARGED]) == "-250.00"


def test_a_family_that_is_paid_in_two_steps_is_told_once(agency, opened_case, receive, content, stopped):
    stopped(1)
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1
    receive(content)
    assert agency.outbox.pending(by=Actor.system("dispatch")) == 1


def test_each_step_writes_what_it_did_and_the_last_that_all_is_done(
    agency, opened_case, receive, content, stopped, kinds, last_number
):
    before = last_number(agency)
    stopped(2)
    first = kinds(agency, after=before)
    assert first == ["remittance_received", "support_charged", "receipt_posted", "receipt_posted"]
    receive(content, entries_at_once=100)
    assert kinds(agency, after=before)[len(first) :] == [
        "receipt_held",
        "receipt_posted",
        "employment_end_reported",
        "remittance_posted",
    ]


def test_the_log_says_what_the_file_holds_and_what_it_brought(
    agency, opened_case, receive, content, file_of, sent, last_number
):
    receive(file_of(sent("50.00", trace="121042880000002")))
    before = last_number(agency)
    receive(content)
    entries = [entry for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))]
    told = {entry.kind: json.loads(entry.details) for entry in entries if entry.kind.startswith("remittance")}
    assert (told["remittance_received"]["entries"], told["remittance_received"]["total"]) == (5, "217.00")
    figures = {name: told["remittance_posted"][name] for name in ("receipts", "received", "held")}
    assert figures == {"receipts": 3, "received": "167.00", "held": "7.00"}
    assert told["remittance_posted"]["seen_before"] == 1


def test_two_files_with_the_same_entries_half_done_both_post_each_entry_once(
    agency, opened_case, receive, content, stopped, collected, file_of, sent
):
    other = file_of(
        *(sent(amount, case="0004567890") for amount in ("100.00", "50.00")), file_id_modifier="B"
    )
    stopped(1)
    batch = receive(other)
    assert (batch.file.receipts, batch.file.seen_before) == (1, 1)
    assert len(batch.seen_before) == 1
    # the entry that the second file brought is passed over by the first
    rest = receive(content)
    assert (rest.file.receipts, rest.file.seen_before) == (3, 1)
    assert collected() == "-217.00"


def test_an_entry_like_one_of_an_earlier_step_is_held(agency, opened_case, receive, file_of, sent):
    double = file_of(batches=((sent("150.00"),), (sent("150.00", trace="121042880000001"),)))
    first, second = receive(double).receipts
    assert (first.hold_reason, second.hold_reason) == (None, HoldReason.POSSIBLE_DUPLICATE)


def test_the_third_entry_alike_is_counted_over_all_steps(agency, opened_case, receive, file_of, sent):
    """Each is a receipt of its own, else the third would pass for the second that came before."""
    same = (sent("150.00", trace="121042880000001"),)
    batch = receive(file_of(batches=(same, same, same)))
    assert len({each.receipt_id for each in batch.receipts}) == 3


def test_the_books_balance_after_each_step(agency, opened_case, content):
    sums = []

    def add_up(done, of):
        balances = agency.payments.balances(by=BOOKS)
        sums.append(
            {
                book: sum(a.cents for p, a in balances.items() if p.book is book)
                for book in {place.book for place in Place}
            }
        )

    agency.payments.receive(content, by=REMITTANCE, progress=add_up, entries_at_once=1, pause_seconds=0)
    assert len(sums) == 5
    assert all(not any(each.values()) for each in sums)


def test_others_have_a_pause_between_two_steps(agency, opened_case, receive, content, monkeypatch):
    pauses = []
    monkeypatch.setattr(agency.payments._resources, "pause", pauses.append)
    receive(content, entries_at_once=2, pause_seconds=0.5)
    assert pauses == [0.5, 0.5]  # none after the last


@pytest.mark.parametrize(
    ("pace", "faults"),
    [
        ({"entries_at_once": 0}, ["entries_at_once"]),
        ({"entries_at_once": 1001}, ["entries_at_once"]),
        ({"pause_seconds": -0.01}, ["pause_seconds"]),
        ({"pause_seconds": 10.01}, ["pause_seconds"]),
        ({"pause_seconds": float("nan")}, ["pause_seconds"]),
        ({"entries_at_once": 0, "pause_seconds": float("inf")}, ["entries_at_once", "pause_seconds"]),
    ],
)
def test_a_pace_that_can_not_be_is_refused_with_every_fault(
    agency, receive, content, pace, faults, collected
):
    with pytest.raises(errors.InvalidInputError) as refused:
        receive(content, **pace)
    assert [fault.where for fault in refused.value.faults] == faults
    assert collected() == "0.00"


@pytest.mark.parametrize("pace", [{"entries_at_once": 1000, "pause_seconds": 0}, {"pause_seconds": 0.0}])
def test_the_limits_themselves_are_a_pace(agency, opened_case, receive, content, pace):
    assert receive(content, **pace).file.receipts == 4


# --- files larger than one part or one page -------------------------------------------------------------


@pytest.fixture
def small_parts(monkeypatch):
    """As if a part of a file were a thousand bytes, so that a small one has several."""
    from dcss_core.payments.collection import remittance_file

    monkeypatch.setattr(remittance_file, "PART_BYTES", 1000)


@pytest.mark.parametrize("stop_after", [None, 1])
def test_a_file_of_several_parts_is_kept_whole(
    agency, opened_case, receive, content, small_parts, stop_after
):
    from dcss_core.agency.filing.payments import REMITTANCE_FILES, REMITTANCE_PARTS
    from dcss_core.payments.collection.remittance_file import content_of

    if stop_after:
        with pytest.raises(StoppedError):
            receive(content, stop_after=stop_after)
    file_id = receive(content).file.file_id
    read = agency.payments._resources.read
    file = read(lambda work: work.get(REMITTANCE_FILES, file_id)).record
    parts = [
        kept.record
        for kept in read(lambda work: work.find(REMITTANCE_PARTS, ("file_id", "number"), (file_id,)))
    ]
    assert len(parts) == file.parts == -(-len(content) // 1000) > 1
    assert "".join(part.content.reveal() for part in parts).encode() == content
    assert content_of(file, parts) == content
    assert content_of(file, parts[1:]) is None


def test_a_large_file_is_handed_out_page_by_page(agency, opened_case, file_of, sent, clerk):
    content = file_of(*(sent("0.01", case="0009999999") for _ in range(1203)))
    batch = agency.payments.receive(content, by=REMITTANCE, entries_at_once=1000, pause_seconds=0)
    assert not batch.is_whole
    assert (len(batch.receipts), batch.file.receipts, str(batch.file.held)) == (1000, 1203, "12.03")
    rest = agency.payments.of_file(batch.file.file_id, by=clerk, after=batch.receipts[-1].receipt_id)
    assert len({each.receipt_id for each in (*batch.receipts, *rest)}) == 1203
    with pytest.raises(errors.InvalidInputError, match="of_file"):
        frame(batch)


# --- the receipts of a file -----------------------------------------------------------------------------


def test_the_receipts_of_a_file_follow_page_by_page_and_the_look_is_audited(
    agency, opened_case, receive, content, clerk, last_number
):
    batch = receive(content)
    before = last_number(agency)
    first = agency.payments.of_file(batch.file.file_id, by=clerk, limit=3)
    rest = agency.payments.of_file(batch.file.file_id, by=clerk, limit=3, after=first[-1].receipt_id)
    assert sorted(batch.receipts, key=lambda each: each.receipt_id) == [*first, *rest]
    looks = [entry for _, entry in agency.audit.entries(after=before, by=Actor.system("audit"))]
    assert [(entry.subject, json.loads(entry.details)["count"]) for entry in looks] == [
        ("list:receipts_of_file", 3),
        ("list:receipts_of_file", 1),
    ]


def test_a_file_that_never_came_is_not_found(agency, clerk):
    with pytest.raises(errors.NotFoundError):
        agency.payments.of_file("0" * 64, by=clerk)


def test_the_list_of_a_file_does_not_go_on_from_a_receipt_of_another(
    agency, opened_case, receive, content, file_of, sent, clerk
):
    batch = receive(content)
    (other,) = receive(file_of(sent("9.00", trace="121042880000099"))).receipts
    with pytest.raises(errors.InvalidInputError, match="an id of another list"):
        agency.payments.of_file(batch.file.file_id, by=clerk, after=other.receipt_id)
