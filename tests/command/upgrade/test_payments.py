"""Files, receipts and postings of version 1 say the same in the shape of the present version."""

from datetime import UTC, date, datetime, timedelta
from hashlib import sha256

import pytest

from dcss_core.command.upgrade import version_1
from dcss_core.command.upgrade.payments import FilesInParts, PostingsInStreams, ReceiptsAlike
from dcss_core.errors import InvariantError
from dcss_core.memory import MemoryStorage
from dcss_core.ports.storage import SEQUENCE

AT, DAY = datetime(2026, 1, 7, 15, tzinfo=UTC), date(2026, 1, 7)


def receipt(number, cents, *, file_id="f", likeness=None, minutes=0):
    return {
        **dict.fromkeys(("case_as_sent", "pay_date", "case_number", "hold_reason", "send_by")),
        "receipt_id": f"R{number}",
        "likeness": likeness or f"L{number}",
        "file_id": file_id,
        "trace_number": "1",
        "remitter": "PEACH TREE PAY",
        "amount_cents": cents,
        "received_on": DAY,
        "collected_on": DAY,
        "recorded_at": AT + timedelta(minutes=minutes),
        "status": "held",
    }


def posting(number, place, cents, *, case=None, receipt_id=None):
    return {
        **dict.fromkeys(("obligation_id", "month", "payee_id", "hold_reason")),
        "entry_id": f"E{number}",
        "line": 1,
        "place": place,
        "amount_cents": cents,
        "effective_date": DAY,
        "recorded_at": AT,
        "case_number": case,
        "receipt_id": receipt_id,
    }


def report(number, *, file_id="f"):
    named = {"report_id": f"R{number}", "file_id": file_id, "received_on": DAY, "remitter": "P"}
    return named | dict.fromkeys(("case_as_sent", "case_number", "pay_date"))


def a_file(content="101", *, entries, cents, file_id="f"):
    received = {"received_at": AT, "received_on": DAY, "remitter": "PEACH TREE PAYROLL"}
    return received | {"file_id": file_id, "entries": entries, "total_cents": cents, "content": content}


@pytest.fixture
def old():
    """An old database in memory; gives a call that stores rows and reads them as one transaction does."""
    storage = MemoryStorage()
    storage.prepare([former.collection for former in version_1.EVERY_COLLECTION])

    def filled(*, receipts=(), postings=(), reports=()):
        with storage.transaction(writes=True) as transaction:
            transaction.insert(version_1.RECEIPTS.collection, receipts)
            transaction.insert(version_1.EMPLOYMENT_END_REPORTS.collection, reports)
            transaction.append(version_1.POSTINGS.collection, postings)
        return reading.__enter__()

    reading = storage.transaction(writes=False)
    yield filled
    reading.__exit__(None, None, None)


def converted(conversion, *rows):
    groups = [*conversion.converted(rows), *conversion.at_the_end()]
    made = {}
    for records, written in groups:
        made.setdefault(records.collection.name, []).extend(written)
    return made


# --- files -------------------------------------------------------------------------------------------------


def test_a_file_says_what_its_entries_came_to(old):
    transaction = old(
        receipts=[receipt(1, 100), receipt(2, 50), receipt(3, 7), receipt(9, 1000, file_id="another")],
        postings=[
            posting(1, "collected", -100, case="1", receipt_id="R1"),
            posting(2, "held", 50, receipt_id="R2"),
            posting(3, "held", 7, receipt_id="R3"),
            posting(4, "held", -7, case="1", receipt_id="R3"),  # identified since
        ],
        reports=[report(1), report(8)],
    )
    [file] = converted(FilesInParts(transaction), a_file(entries=4, cents=157))["remittance_files"]
    assert file == {
        "file_id": "f",
        "received_at": AT,
        "received_on": DAY,
        "remitter": "PEACH TREE PAYROLL",
        "size": 3,
        "entries": 4,
        "total_cents": 157,
        "status": "received",
        "done": 4,
        "receipts": 3,
        "received_cents": 157,
        "held_cents": 57,
        "employment_ends": 2,
        "seen_before": 0,
    }


def test_entries_that_another_file_had_brought_were_seen_before(old):
    transaction = old(receipts=[receipt(1, 100), receipt(2, 50, file_id="earlier")])
    [file] = converted(FilesInParts(transaction), a_file(entries=2, cents=150))["remittance_files"]
    assert (file["receipts"], file["received_cents"], file["seen_before"]) == (1, 100, 1)


@pytest.mark.parametrize(("size", "parts"), [(1, 1), (1 << 20, 1), ((1 << 20) + 1, 2), (5 << 19, 3)])
def test_the_parts_of_a_file_are_its_bytes(old, size, parts):
    content = "1234567890" * (size // 10 + 1)
    made = converted(FilesInParts(old()), a_file(content[:size], entries=0, cents=0))["remittance_parts"]
    assert [(each["part_id"], each["number"]) for each in made] == [
        (f"f/{number}", number) for number in range(1, parts + 1)
    ]
    together = "".join(each["content"] for each in made)
    assert sha256(together.encode()).digest() == sha256(content[:size].encode()).digest()


# --- receipts ----------------------------------------------------------------------------------------------


def test_the_first_receipt_of_each_likeness_is_kept_beside_them(old):
    receipts = [
        receipt(1, 100, likeness="same", minutes=5),
        receipt(2, 100, likeness="same", minutes=1),
        receipt(3, 100, likeness="same", minutes=9),
        receipt(4, 100),
    ]
    made = converted(ReceiptsAlike(old(receipts=receipts)), *receipts)
    assert made["receipts"] == [each | {"sent_as": None} for each in receipts]
    assert made["receipt_likenesses"] == [
        {"likeness": "same", "receipt_id": "R2"},
        {"likeness": "L4", "receipt_id": "R4"},
    ]


# --- postings ----------------------------------------------------------------------------------------------


def numbered(*postings):
    return [{**each, SEQUENCE: number} for number, each in enumerate(postings, 1)]


def test_a_posting_stands_in_the_stream_of_its_case_or_of_its_receipt():
    rows = numbered(
        posting(1, "collected", -5, receipt_id="R1"),
        posting(2, "held", 5, receipt_id="R1"),
        posting(3, "charged", -9, case="0004567890"),
        posting(4, "owed", 9, case="0004567890"),
    )
    made = converted(PostingsInStreams(), *rows)["postings"]
    assert [each["stream"] for each in made] == ["R1", "R1", "0004567890", "0004567890"]
    assert [each["amount_cents"] for each in made] == [-5, 5, -9, 9]
    assert all("case_number" not in each and SEQUENCE not in each for each in made)


def test_the_totals_are_what_the_postings_add_up_to():
    conversion = PostingsInStreams()
    assert [*conversion.converted(numbered(posting(1, "collected", -5, receipt_id="R1")))]
    rows = numbered(
        posting(2, "held", 5, receipt_id="R1"),
        posting(3, "charged", -9, case="0004567890"),
        posting(4, "owed", 9, case="0004567890"),
    )
    [totals] = converted(conversion, *rows)["book_totals"]
    nothing = dict.fromkeys(("undistributed", "payable", "satisfied", "prepaid"), 0)
    expected = {"collected": -5, "held": 5, "charged": -9, "owed": 9} | nothing
    assert totals == {"shard": 0} | {f"{place}_cents": cents for place, cents in expected.items()}


def test_books_that_do_not_balance_are_not_converted():
    conversion = PostingsInStreams()
    assert [*conversion.converted(numbered(posting(1, "collected", -5, receipt_id="R1")))]
    with pytest.raises(InvariantError, match="sums to zero"):
        [*conversion.at_the_end()]


def test_without_postings_there_are_no_totals():
    assert [*PostingsInStreams().at_the_end()] == []
