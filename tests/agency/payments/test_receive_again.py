"""S-36: one payment is one receipt, however often and in whatever file it is sent."""

import sys
from datetime import date

import pytest

from dcss_core import Actor, Money
from dcss_core.payments.ledger.ledger import HoldReason, Place

pytestmark = pytest.mark.on_every_storage


def test_s36_the_same_file_again_posts_nothing_and_gives_the_same_receipts(
    agency, opened_case, file_of, sent, books, kinds, last_number
):
    content = file_of(sent("150.00"), sent("0.00", ended=True), sent("7.00", case="0009999999"))
    first = agency.payments.receive(content, by=Actor.system("remittance"))
    after_first, number = books(agency), last_number(agency)
    again = agency.payments.receive(content, by=Actor.system("remittance"))
    assert again.already_received
    assert sorted(again.receipts, key=lambda each: each.receipt_id) == sorted(
        first.receipts, key=lambda each: each.receipt_id
    )
    assert again.employment_ends == first.employment_ends
    assert kinds(agency, after=number) == ["remittance_received_again"]
    assert books(agency) == after_first
    assert "received before, nothing was posted" in str(again)


def test_s36_the_same_file_again_is_answered_from_the_hash_of_its_bytes_and_not_read(
    agency, opened_case, file_of, sent
):
    """A large file takes seconds to read; that it came before is known at once."""
    content = file_of(sent("150.00"))

    def functions_called():
        called = set()
        sys.setprofile(lambda frame, event, _: called.add(frame.f_code.co_name) if event == "call" else None)
        try:
            agency.payments.receive(content, by=Actor.system("remittance"))
        finally:
            sys.setprofile(None)
        return called

    assert "check_file" in functions_called()
    assert "check_file" not in functions_called()


def test_s36_another_file_with_the_same_entries_posts_nothing(agency, opened_case, file_of, sent, books):
    entries = (sent("150.00"), sent("0.00", ended=True), sent("7.00", case="0009999999"))
    first = agency.payments.receive(file_of(*entries), by=Actor.system("remittance"))
    after_first = books(agency)
    again = agency.payments.receive(file_of(*entries, file_id_modifier="B"), by=Actor.system("remittance"))
    assert not again.already_received
    assert (again.receipts, again.employment_ends) == ((), ())
    assert again.seen_before == tuple(each.receipt_id for each in first.receipts)
    assert books(agency) == after_first
    assert "receipts that came before: 2" in str(again)


def test_s36_of_a_file_with_old_and_new_entries_only_the_new_are_posted(
    agency, opened_case, file_of, sent, told
):
    agency.payments.receive(file_of(sent("150.00")), by=Actor.system("remittance"))
    # the same first entry (the builder gives it the same trace number), and a new one
    batch = agency.payments.receive(
        file_of(sent("150.00"), sent("60.00"), file_id_modifier="B"), by=Actor.system("remittance")
    )
    (new,) = batch.receipts
    assert told(agency, new) == [
        ("current_support", "2026-01", "50.00"),
        ("never_assigned_arrears", "2025-11", "10.00"),
    ]
    assert len(batch.seen_before) == 1


def test_s36_an_entry_that_stands_twice_in_one_file_is_held_the_second_time(
    agency, opened_case, file_of, sent, books
):
    batch = agency.payments.receive(
        file_of(batches=((sent("150.00"),), (sent("150.00", trace="121042880000001"),))),
        by=Actor.system("remittance"),
    )
    first, second = batch.receipts
    assert (first.hold_reason, second.hold_reason) == (None, HoldReason.POSSIBLE_DUPLICATE)
    # nothing is dropped: both are in the books, one of them held
    assert books(agency)["balances"]["collected"] == "-300.00"
    assert books(agency)["balances"]["held"] == "150.00"


def test_s36_a_held_double_that_is_sent_again_stays_one_receipt(agency, opened_case, file_of, sent, books):
    double = ((sent("150.00"),), (sent("150.00", trace="121042880000001"),))
    agency.payments.receive(file_of(batches=double), by=Actor.system("remittance"))
    before = books(agency)
    agency.payments.receive(file_of(batches=double, file_id_modifier="B"), by=Actor.system("remittance"))
    assert books(agency) == before


def test_s36_the_next_payments_of_the_same_amount_are_new(agency, opened_case, file_of, sent):
    """Another pay date, or another trace number of the bank, makes another payment."""
    first = agency.payments.receive(file_of(sent("100.00")), by=Actor.system("remittance"))
    for entry in (sent("100.00", trace="121042880000077"),):
        (second,) = agency.payments.receive(file_of(entry), by=Actor.system("remittance")).receipts
        assert second.receipt_id != first.receipts[0].receipt_id
        assert second.hold_reason is None


def test_s36_an_entry_sent_again_under_another_effective_entry_date_is_held(
    agency, opened_case, file_of, sent, clerk, books
):
    """The bank's trace number, the amount, the case and the pay date agree: once paid is enough."""
    agency.payments.receive(file_of(sent("150.00")), by=Actor.system("remittance"))
    resent = file_of(sent("150.00"), effective=(date(2026, 1, 8),))
    (second,) = agency.payments.receive(resent, by=Actor.system("remittance")).receipts
    assert second.hold_reason is HoldReason.POSSIBLE_DUPLICATE
    assert (books(agency)["balances"]["payable"], books(agency)["balances"]["held"]) == ("150.00", "150.00")
    # the same again is the same receipt, and staff who know better can release it
    again = agency.payments.receive(
        file_of(sent("150.00"), effective=(date(2026, 1, 8),), file_id_modifier="B"),
        by=Actor.system("remittance"),
    )
    assert again.seen_before == (second.receipt_id,)
    agency.payments.identify(second.receipt_id, opened_case, by=clerk)
    # 150.00 + 150.00: 200.00 January, 50.00 November, 50.00 held for February
    assert agency.payments.balances(by=Actor.system("reconciliation"))[Place.PAYABLE] == Money("250.00")


def test_s36_two_effective_entry_dates_in_one_file_are_held_the_second_time(
    agency, opened_case, file_of, sent
):
    entry = sent("150.00", trace="121042880000001")
    content = file_of(batches=((entry,), (entry,)), effective=(date(2026, 1, 7), date(2026, 1, 8)))
    first, second = agency.payments.receive(content, by=Actor.system("remittance")).receipts
    assert (first.hold_reason, second.hold_reason) == (None, HoldReason.POSSIBLE_DUPLICATE)


@pytest.mark.parametrize(
    "changes",
    [
        {"pay_date": date(2026, 1, 12)},
        {"amount": "150.01"},
        {"trace": "121042880000002"},
    ],
)
def test_s36_what_differs_in_more_than_the_effective_entry_date_is_another_payment(
    agency, opened_case, file_of, sent, changes
):
    agency.payments.receive(file_of(sent("150.00")), by=Actor.system("remittance"))
    other = sent(**({"amount": "150.00"} | changes))
    (second,) = agency.payments.receive(
        file_of(other, effective=(date(2026, 1, 14),)), by=Actor.system("remittance")
    ).receipts
    assert second.hold_reason is None


def test_s36_a_deposit_for_two_cases_sent_again_under_another_date_is_held_in_both_parts(
    agency, family, intake, sample
):
    for number in (0, 1):
        agency.cases.open(family(f"000456789{number}", f"90001000{number + 1}"), by=intake)
    content = sample("ctx-one-deposit-for-two-cases")
    agency.payments.receive(content, by=Actor.system("remittance"))
    resent = content.replace(b"CHILD SUPP      260303", b"CHILD SUPP      260304", 1)
    assert resent != content
    assert [
        each.hold_reason for each in agency.payments.receive(resent, by=Actor.system("remittance")).receipts
    ] == [
        HoldReason.POSSIBLE_DUPLICATE,
        HoldReason.POSSIBLE_DUPLICATE,
    ]


def test_s36_what_was_identified_since_is_not_posted_again(agency, opened_case, file_of, sent, clerk, books):
    content = file_of(sent("80.00", case="0009999999"))
    (held,) = agency.payments.receive(content, by=Actor.system("remittance")).receipts
    released = agency.payments.identify(held.receipt_id, opened_case, by=clerk)
    before = books(agency)
    again = agency.payments.receive(content, by=Actor.system("remittance"))
    assert again.receipts == (released,)
    other = agency.payments.receive(
        file_of(sent("80.00", case="0009999999"), file_id_modifier="B"), by=Actor.system("remittance")
    )
    assert other.seen_before == (held.receipt_id,)
    assert books(agency) == before


@pytest.mark.parametrize("storage_url", ["sqlite"], indirect=True)
def test_s36_the_books_outlive_the_agency_that_was_open(
    opener, storage_url, case_application, intake, file_of, sent, books
):
    content = file_of(sent("150.00"))
    with opener(storage_url) as agency:
        agency.cases.open(case_application, by=intake)
        agency.payments.receive(content, by=Actor.system("remittance"))
        before = books(agency)
    with opener(storage_url) as agency:
        assert books(agency) == before
        assert agency.payments.receive(content, by=Actor.system("remittance")).already_received
