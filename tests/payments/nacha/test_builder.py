"""Building: every number that follows from the entries is computed."""

from datetime import time

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from dcss_core.base.money import Money
from dcss_core.base.routing_number import RoutingNumber
from dcss_core.base.secret import Secret
from dcss_core.payments.nacha import (
    FileLayout,
    ServiceClass,
    TransactionCode,
    build_file,
    read_file,
    write_file,
)


def test_the_employers_sample_is_built_again_byte_for_byte(
    employer_file, file_header, batch_header, make_entry
):
    header = attrs.evolve(
        file_header,
        creation_time=time(9, 15),
        destination_name="STATE SDU BANK",
        origin_name="ACME PAYROLL INC",
    )
    remittances = [
        ("243.69", "DED*CS*0004567890*260105*24369*987654320*N*DOE,JOH*2000000\\"),
        ("150.00", "DED*CS*0004567891*260105*15000*987654321*Y*MONTGOMAL*2000000\\"),
        ("50.77", "DED*CS*0004567892*260105*5077*987654322*W\\"),
        ("0.00", "DED*CS*0004567893*260105*0*987654323*N*LEE,BO*2000000*Y\\"),
    ]
    entries = [
        make_entry(
            amount,
            remittance,
            account_number=Secret("000123456789"),
            identification_number="123456789",
            transaction_code=TransactionCode("22" if amount != "0.00" else "24"),
        )
        for amount, remittance in remittances
    ]
    assert write_file(build_file(header, [(batch_header, entries)])) == employer_file


def test_the_hash_sums_bank_numbers_without_their_check_digits(file_header, batch_header, make_entry):
    # Nacha's own example: 05600507 + 05140225 + 11400065 = 22140797; check digits by weights 3 7 1:
    # 0+35+6+0+0+5+0+49=95 -> 5; 0+35+1+12+0+2+6+35=91 -> 9; 3+7+4+0+0+0+18+35=67 -> 3
    banks = ["056005075", "051402259", "114000653"]
    entries = [make_entry(receiving_bank=RoutingNumber(bank)) for bank in banks]
    file = build_file(file_header, [(batch_header, entries)])
    assert file.batches[0].control.entry_hash == 22140797
    assert file.control.entry_hash == 22140797


def test_the_hash_keeps_the_rightmost_ten_digits(file_header, batch_header, make_entry):
    # 99999999 x 101 = 10099999899, eleven digits; check digit: 9 x (3+7+1+3+7+1+3+7) = 288 -> 2
    entries = [make_entry(receiving_bank=RoutingNumber("999999992"))] * 101
    file = build_file(file_header, [(batch_header, entries)])
    assert file.control.entry_hash == 99999899
    assert read_file(write_file(file)) == file


def test_debits_and_credits_are_summed_apart(file_header, batch_header, make_entry):
    header = attrs.evolve(batch_header, service_class=ServiceClass.MIXED)
    debit = make_entry("10.00", transaction_code=TransactionCode.SAVINGS_DEBIT)
    file = build_file(file_header, [(header, [make_entry("5.00"), debit]), (header, [make_entry("2.50")])])
    assert (file.batches[0].control.total_debit, file.batches[0].control.total_credit) == (
        Money("10.00"),
        Money("5.00"),
    )
    assert (file.control.total_debit, file.control.total_credit) == (Money("10.00"), Money("7.50"))
    assert (file.control.batch_count, file.control.entry_addenda_count) == (2, 3)


def test_batches_and_entries_are_numbered_through_the_file(file_header, batch_header, make_entry):
    file = build_file(file_header, [(batch_header, [make_entry()] * 2), (batch_header, [make_entry()])])
    assert [batch.header.batch_number for batch in file.batches] == [1, 2]
    traces = [entry.trace_number for batch in file.batches for entry in batch.entries]
    assert traces == ["121042880000001", "121042880000002", "121042880000003"]


@pytest.mark.parametrize(
    ("entries", "blocks"),
    [(1, 1), (6, 1), (7, 2), (16, 2), (17, 3)],  # records: 4 and the entries
)
def test_blocks_of_ten_records_are_counted_and_filled(file_header, batch_header, make_entry, entries, blocks):
    file = build_file(file_header, [(batch_header, [make_entry()] * entries)])
    assert file.control.block_count == blocks
    assert write_file(file).count(b"\n") == blocks * 10


amounts = st.integers(0, 10**10 - 1).map(Money.from_cents)
layouts = st.builds(
    FileLayout,
    separator=st.sampled_from(["\n", "\r\n", ""]),
    ending=st.sampled_from(["", "\n", "\r\n"]),
    is_filled=st.booleans(),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(amounts, min_size=1, max_size=4), min_size=1, max_size=4), layout=layouts)
def test_what_is_built_is_read_back_equal(file_header, batch_header, make_entry, batches, layout):
    entries = [(batch_header, [make_entry(str(amount)) for amount in batch]) for batch in batches]
    file = build_file(file_header, entries, layout=layout)
    read = read_file(write_file(file))
    assert (read.header, read.batches, read.control) == (file.header, file.batches, file.control)
    assert write_file(read) == write_file(file)
