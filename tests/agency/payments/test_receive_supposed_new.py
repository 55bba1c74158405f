"""What is received is supposed to be new; where a key is taken it is not, and is looked for."""

from datetime import date

import pytest

from dcss_core import Actor
from dcss_core.payments.ledger.ledger import HoldReason
from dcss_core.payments.nacha import StandardEntryClass

REMITTANCE, AUDIT = Actor.system("remittance"), Actor.system("audit")
TRACE = "121042887654321"
TRACE = "121042887654321"
LOOKED_FOR = {"receipts", "receipt_likenesses", "employment_end_reports", "remittance_parts", "outbox"}


@pytest.fixture
def receive(fragile, case_application, intake):
    """Receives a file; gives what came of it, and the collections in which something was looked for."""
    agency, storage = fragile
    agency.cases.open(case_application, by=intake)

    def received(content):
        asked = []
        storage.called = lambda method, name: asked.append((method, name))
        batch = agency.payments.receive(content, by=REMITTANCE)
        storage.called = lambda method, name: None
        assert agency.payments.verify(by=AUDIT).is_sound
        return batch, {name for method, name in asked if method in ("get", "get_each", "find", "count")}

    return received


def test_nothing_that_is_new_is_looked_for(receive, file_of, sent):
    batch, asked = receive(file_of(sent("100.00"), sent("50.00", ended=True)))
    assert len(batch.receipts) == 2
    assert asked & LOOKED_FOR == set()


def test_an_entry_of_another_file_is_found_and_posted_once(receive, file_of, sent):
    receive(file_of(sent("100.00")))
    batch, asked = receive(file_of(sent("100.00"), sent("60.00")))
    assert [(str(each.amount), each.hold_reason) for each in batch.receipts] == [("60.00", None)]
    assert len(batch.seen_before) == 1
    assert "receipts" in asked


def test_an_entry_like_one_of_another_file_is_found_and_held(receive, file_of, sent):
    receive(file_of(sent("100.00")))
    batch, asked = receive(file_of(sent("100.00"), effective=(date(2026, 1, 8),)))
    assert [each.hold_reason for each in batch.receipts] == [HoldReason.POSSIBLE_DUPLICATE]
    assert "receipt_likenesses" in asked


@pytest.fixture
def split(file_of, sent):
    """A deposit of two parts for one case; the first says that employment ended."""

    def built(amount, *, stated=None, ended=True, others=(), **header):
        parts = [sent(amount, stated=stated, ended=ended, trace=TRACE), sent("20.00", trace=TRACE)]
        return file_of(parts, *([each] for each in others), entry_class=StandardEntryClass.CTX, **header)

    return built


def test_an_end_of_employment_in_a_deposit_that_does_not_add_up_is_told_apart_from_money(
    receive, split, sent
):
    """Whether or not something else of the file came before, and whichever file comes first."""
    receive(split("10.00", ended=False))
    batch, _ = receive(split("9.00", stated="10.00", file_id_modifier="B"))
    assert (len(batch.receipts), len(batch.employment_ends), len(batch.seen_before)) == (1, 1, 0)
    again = split(
        "9.00", stated="10.00", others=[sent("7.00", trace="121042887654399")], file_id_modifier="C"
    )
    batch, _ = receive(again)
    assert (len(batch.receipts), len(batch.employment_ends), len(batch.seen_before)) == (1, 0, 1)


def test_a_deposit_that_is_put_right_is_sound_beside_the_wrong_one(receive, split):
    receive(split("9.00", stated="10.00"))
    batch, _ = receive(split("10.00", file_id_modifier="B"))
    assert [str(each.amount) for each in batch.receipts] == ["10.00", "20.00"]
    assert len(batch.employment_ends) == 1
